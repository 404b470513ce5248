package websocket_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	frames "wirelab/packets/websocket"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/websocket"
)

const ms = time.Millisecond

// talk runs the exchange with some words set.
func talk(t *testing.T, set ...string) *trace.Trace {
	t.Helper()
	tr, err := tryToTalk(t, set...)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func tryToTalk(t *testing.T, set ...string) (*trace.Trace, error) {
	t.Helper()
	ex := websocket.Exchange{}
	s := scenario.Default(ex)
	words := scenario.Words(ex)
	for _, w := range set {
		name, value, _ := strings.Cut(w, ": ")
		at := slices.IndexFunc(words, func(w scenario.Word) bool { return w.Name == name })
		if at < 0 {
			t.Fatalf("there is no word %q", name)
		}
		if err := words[at].Set(&s, value); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := scenario.Run(context.Background(), ex, s)
	if tr != nil {
		if wrong := tr.Check(); wrong != nil {
			t.Errorf("the trace is not sound: %v", wrong)
		}
	}
	return tr, err
}

// calls are those of a host with that name.
func calls(tr *trace.Trace, host, what string) (list []trace.Call) {
	for _, c := range tr.Calls {
		if c.What == what && tr.Name(c.Host) == host {
			list = append(list, c)
		}
	}
	return list
}

// notes are what came of the calls of a host with that name.
func notes(tr *trace.Trace, host, what string) (list []string) {
	for _, c := range calls(tr, host, what) {
		note := c.Note
		if c.Result != "" {
			note = c.Result
		}
		list = append(list, note)
	}
	return list
}

// A frame as it crossed the wire.
type frame struct {
	frames.Header
	from string
	data []byte
}

// framesOf reads the frames of every connection from the bytes that were
// delivered, after the head of HTTP.
func framesOf(t *testing.T, tr *trace.Trace) (list []frame) {
	t.Helper()
	for conn := range tr.Conns {
		for end, name := range []string{"client", "server"} {
			bytes := stream(tr, trace.StreamOf(int32(conn), end))
			_, rest, ok := strings.Cut(string(bytes), "\r\n\r\n")
			if !ok {
				continue
			}
			r, b := frames.NewReader(name == "client", strings.Contains(string(bytes), "permessage-deflate")), []byte(rest)
			var data []byte
			for {
				n, part, d := r.Next(b)
				b = b[n:]
				if part == frames.Data {
					data = append(data, d...)
				}
				if part == frames.End {
					list = append(list, frame{r.Frame(), name, data})
					data = nil
				}
				if part == frames.More || part == frames.Bad {
					break
				}
			}
		}
	}
	return list
}

// stream is what was written to a stream, put together from packets.
func stream(tr *trace.Trace, s trace.Stream) (b []byte) {
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Span.Stream != s || p.Span.Lo < 0 {
			continue
		}
		raw := tr.Bytes(p)
		h := packets.Scan(raw)
		if h.Len == 0 {
			continue
		}
		if end := int(p.Span.Lo) + h.Len; end > len(b) {
			b = append(b, make([]byte, end-len(b))...)
		}
		copy(b[p.Span.Lo:], raw[h.Off:h.Off+h.Len])
	}
	return b
}

// ipBytes are those of the packets that left in [from, to).
func ipBytes(tr *trace.Trace, from, to time.Duration) (n int) {
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Sent >= from && p.Sent < to {
			h := packets.Scan(tr.Bytes(p))
			n += h.IPLen
		}
	}
	return n
}

// Row 11 of the ground truth: on a wire that takes no time for bits, opening
// takes a round trip for TCP and one for the request, and each message its way
// there and back.
func TestOpeningTakesTwoRoundTripsAndAMessageOne(t *testing.T) {
	for _, delay := range []time.Duration{5 * ms, 20 * ms, 50 * ms} {
		tr := talk(t, "rate: none", "count: 3", "delay: "+delay.String())
		roundTrip := 2 * delay
		if dial := calls(tr, "client", "dial")[0]; dial.End-dial.Start != 2*roundTrip {
			t.Errorf("delay %v: opening took %v, want %v", delay, dial.End-dial.Start, 2*roundTrip)
		}
		sent, came := calls(tr, "client", "send"), calls(tr, "client", "on message")
		for i := range sent {
			if took := came[i].Start - sent[i].Start; took != roundTrip {
				t.Errorf("delay %v: message %d took %v, want %v", delay, i+1, took, roundTrip)
			}
		}
		if len(sent) != 3 || len(came) != 3 {
			t.Errorf("%d messages were sent and %d came", len(sent), len(came))
		}
	}
}

// Row 14: an echo of 64 bytes is four packets, because this stack acknowledges
// each segment at once; a frame adds 2 bytes, and 4 if it is masked.
func TestIPBytesOfAnEcho(t *testing.T) {
	const (
		payload    = 64
		ipv4       = 20
		tcp        = 20 + 12 // with the timestamps option
		segments   = 4
		frame      = 2
		mask       = 4
		echoTCP    = segments*(ipv4+tcp) + 2*payload
		echoFrames = echoTCP + frame + mask + frame
	)
	if echoTCP != 336 || echoFrames != echoTCP+8 {
		t.Fatalf("the constants give %d and %d", echoTCP, echoFrames)
	}
	tr := talk(t, "size: 64", "idle: 1s")
	sent := calls(tr, "client", "send")[0].Start
	if got := ipBytes(tr, sent+1, sent+ms*500) + segment(tr, sent); got != echoFrames {
		t.Errorf("an echo took %d IP bytes, want %d", got, echoFrames)
	}
}

// segment is the IP bytes of the packets with data that left at a moment: beside
// them there may be the acknowledgement of what came before.
func segment(tr *trace.Trace, at time.Duration) (n int) {
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if h := packets.Scan(tr.Bytes(p)); p.Sent == at && h.Len > 0 {
			n += h.IPLen
		}
	}
	return n
}

func TestTheAcceptIsThatOfTheKey(t *testing.T) {
	tr := talk(t)
	request := string(stream(tr, 0))
	key, _, _ := strings.Cut(after(request, "Sec-WebSocket-Key: "), "\r\n")
	accept, _, _ := strings.Cut(after(string(stream(tr, 1)), "Sec-WebSocket-Accept: "), "\r\n")
	if len(key) != 24 || frames.Accept(key) != accept {
		t.Errorf("key %q was answered with %q, want %q", key, accept, frames.Accept(key))
	}
	if got := notes(tr, "server", "upgrade"); !slices.Equal(got, []string{"101; key " + key + ", accept " + accept}) {
		t.Errorf("the server says %q", got)
	}
	if len(tr.Conns) != 1 {
		t.Errorf("%d connections; the upgrade takes place on the one there is", len(tr.Conns))
	}
}

func after(s, mark string) string {
	_, s, _ = strings.Cut(s, mark)
	return s
}

func TestOnlyTheClientMasks(t *testing.T) {
	for size, header := range map[int]int{5: 2, 125: 2, 126: 4, 65535: 4, 65536: 10, 70_000: 10} {
		tr := talk(t, fmt.Sprintf("size: %d", size))
		seen := 0
		for _, f := range framesOf(t, tr) {
			if f.Opcode != frames.Text {
				continue
			}
			seen++
			want := header
			if f.from == "client" {
				want += 4
			}
			if f.Masked != (f.from == "client") || f.Size != want || !slices.Equal(f.data, scenario.Ruler(size)) || !f.Fin {
				t.Errorf("%d bytes from the %s: masked %v, a header of %d bytes, want %d", size, f.from, f.Masked, f.Size, want)
			}
		}
		if seen != 2 {
			t.Errorf("%d bytes: %d frames of text, want one each way", size, seen)
		}
	}
}

func TestAMessageInFragments(t *testing.T) {
	tr := talk(t, "size: 70kB", "fragment: 4096")
	count := map[string]int{}
	for _, f := range framesOf(t, tr) {
		if f.Opcode.Control() {
			continue
		}
		i := count[f.from]
		count[f.from]++
		wantOp, wantLen := frames.Continuation, 4096
		if i == 0 {
			wantOp = frames.Text
		}
		if i == 17 {
			wantLen = 70_000 - 17*4096
		}
		if f.Opcode != wantOp || int(f.Len) != wantLen || f.Fin != (i == 17) {
			t.Errorf("frame %d from the %s is %v of %d bytes, last %v", i+1, f.from, f.Opcode, f.Len, f.Fin)
		}
	}
	if count["client"] != 18 || count["server"] != 18 {
		t.Errorf("the frames are %v, want 18 each way", count)
	}
	if got := notes(tr, "client", "send")[0]; !strings.HasSuffix(got, ", in 18 frames") {
		t.Errorf("the client says %q", got)
	}
}

func TestBothSidesSpeakAtTheSameMoment(t *testing.T) {
	tr := talk(t, "size: 70kB", "push: 1", "push-size: 70kB")
	busy := func(host string) (from, to time.Duration) {
		from = trace.Never
		for i := range tr.Packets {
			if p := &tr.Packets[i]; tr.Name(p.From) == host && packets.Scan(tr.Bytes(p)).Len > 1000 {
				from, to = min(from, p.Sent), max(to, p.Arrived)
			}
		}
		return from, to
	}
	clientFrom, clientTo := busy("client")
	serverFrom, serverTo := busy("server")
	if clientFrom >= serverTo || serverFrom >= clientTo {
		t.Errorf("the client sends from %v to %v, the server from %v to %v", clientFrom, clientTo, serverFrom, serverTo)
	}
	if got := notes(tr, "client", "on message"); len(got) != 2 || !strings.HasSuffix(got[0], ", unasked") {
		t.Errorf("the client hears %q", got)
	}
}

func TestTheServerPushesAtItsOwnTimes(t *testing.T) {
	tr := talk(t, "push: 4", "every: 30ms", "count: 0")
	sent := calls(tr, "server", "send")
	for i := range sent {
		if i > 0 && sent[i].Start-sent[i-1].Start != 30*ms {
			t.Errorf("push %d left %v after the one before", i+1, sent[i].Start-sent[i-1].Start)
		}
	}
	if got := notes(tr, "client", "on message"); len(got) != 4 || got[3] != `text of 11 bytes "push 4 of 4", unasked` {
		t.Errorf("the client hears %q", got)
	}
}

func TestPingsAreAnswered(t *testing.T) {
	tr := talk(t, "rate: none", "ping-interval: 1s", "idle: 3s", "delay: 30ms")
	pings, pongs := calls(tr, "server", "ping"), calls(tr, "server", "on pong")
	if len(pings) != 3 || len(pongs) != 3 {
		t.Fatalf("%d pings and %d answers in 3 s", len(pings), len(pongs))
	}
	for i := range pings {
		if pongs[i].Start-pings[i].Start != 60*ms || pongs[i].Note != fmt.Sprintf("ping %d was answered after 60.000 ms", i+1) {
			t.Errorf("ping %d at %v, its answer at %v: %s", i+1, pings[i].Start, pongs[i].Start, pongs[i].Note)
		}
		if i > 0 && pings[i].Start-pings[i-1].Start != time.Second {
			t.Errorf("ping %d came %v after the one before", i+1, pings[i].Start-pings[i-1].Start)
		}
	}
}

// The server gives a client up that cannot be reached, when the second ping
// would be due.
func TestAPingWithoutAnswer(t *testing.T) {
	tr, err := tryToTalk(t, "ping-interval: 1s", "idle: 10s", "cut: 1500ms", "limit-time: 1m")
	if err == nil {
		t.Error("the client closed a connection over a wire that is cut")
	}
	gave := calls(tr, "server", "give up")
	pings := calls(tr, "server", "ping")
	if len(gave) != 1 || len(pings) != 2 || gave[0].Start-pings[1].Start != time.Second {
		t.Errorf("%d pings; given up: %+v", len(pings), gave)
	}
}

func TestClosingInGoodOrder(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string
	}{
		{nil, "1000 normal closure"},
		{[]string{"close: 1001", "reason: bye"}, `1001 going away: "bye"`},
		{[]string{"close: 4001", "reason: grüße"}, `4001 a code that the two programs have agreed on: "grüße"`},
	} {
		tr := talk(t, c.words...)
		if got := notes(tr, "client", "close"); got[0] != c.want {
			t.Errorf("%v: the client closes with %q", c.words, got)
		}
		if got := notes(tr, "server", "on close"); !slices.Equal(got, []string{c.want + ", and answers with the same"}) {
			t.Errorf("%v: the server hears %q", c.words, got)
		}
		// The server ends the TCP connection, and so waits in TIME-WAIT (RFC 6455
		// section 7.1.1).
		var linger []string
		for _, w := range tr.Waiting {
			if strings.HasPrefix(w.What, "TIME-WAIT") {
				linger = append(linger, tr.Name(w.Host))
			}
		}
		if !slices.Equal(linger, []string{"server"}) {
			t.Errorf("%v: who lingers: %v", c.words, linger)
		}
	}
}

func TestNoGoodbye(t *testing.T) {
	tr := talk(t, "close: none")
	for _, f := range framesOf(t, tr) {
		if f.Opcode == frames.Close {
			t.Errorf("the %s sent a close frame", f.from)
		}
	}
	if got := notes(tr, "server", "on close"); !slices.Equal(got, []string{"TCP has ended and no close frame came: 1006"}) {
		t.Errorf("the server says %q", got)
	}
}

func TestCompressed(t *testing.T) {
	plain, packed := talk(t, "size: 10kB"), talk(t, "size: 10kB", "compress: true")
	if a, b := ipBytes(plain, 0, time.Hour), ipBytes(packed, 0, time.Hour); b*3 > a {
		t.Errorf("%d IP bytes compressed and %d plain", b, a)
	}
	for _, f := range framesOf(t, packed) {
		if f.Opcode == frames.Text && f.RSV != frames.RSV1 {
			t.Errorf("a message from the %s is not compressed", f.from)
		}
	}
	if got := notes(packed, "server", "on message"); !strings.HasPrefix(got[0], "text of 10,000 bytes") {
		t.Errorf("the server hears %q", got)
	}
}

func TestWhyThereIsNoWebSocket(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"answer: 200", "no WebSocket: 200 OK, an ordinary page"},
		{"middlebox: strip:Upgrade", "no WebSocket: 426 Upgrade Required, because no Upgrade came to the server"},
		{"origin: http://evil.test", "no WebSocket: 403 Forbidden, because of the page's origin"},
	} {
		tr := talk(t, c.word)
		if got := notes(tr, "client", "dial"); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: the client says %q, want %q", c.word, got, c.want)
		}
	}
	if got := notes(talk(t, "origin: http://server"), "client", "dial"); !strings.HasPrefix(got[0], "101; ") {
		t.Errorf("a page of the server itself: %q", got)
	}
}

func TestTheServersLimits(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"size: 2kB", "max-message: 1kB"}, `1009 message too big: "a message may have at most 1,000 bytes"`},
		{[]string{"size: 2kB", "max-message: 1kB", "fragment: 300"}, `1009 message too big: "a message may have at most 1,000 bytes"`},
		{[]string{"size: 20kB", "max-message: 10kB", "compress: true"}, `1009 message too big: "a message may have at most 10,000 bytes"`},
		{[]string{"takes: binary"}, `1003 unsupported data: "only binary messages are taken here"`},
		{[]string{"takes: text", "binary: true"}, `1003 unsupported data: "only text messages are taken here"`},
	} {
		tr := talk(t, append(c.words, "count: 3")...)
		if got := notes(tr, "server", "close"); got[0] != c.want {
			t.Errorf("%v: the server closes with %q, want %q", c.words, got, c.want)
		}
		if got := notes(tr, "client", "on close"); !slices.Equal(got, []string{c.want + ", and answers with the same"}) {
			t.Errorf("%v: the client hears %q", c.words, got)
		}
		if got := notes(tr, "server", "on message"); len(got) != 0 {
			t.Errorf("%v: the server took %q", c.words, got)
		}
	}
	if got := notes(talk(t, "size: 1kB", "max-message: 1kB"), "server", "on message"); len(got) != 1 {
		t.Errorf("a message of exactly the length that it takes: %q", got)
	}
}

func TestWhatCannotBe(t *testing.T) {
	for word, want := range map[string]string{
		"close: 1006":         "no frame may carry the code 1006",
		"path: chat":          "begins with a slash",
		"reason: \xff":        "no UTF-8",
		"ping-interval: 10us": "too short",
		"reply: 100MB":        "a message has from 1 byte to",
		"origin: a b":         "cannot stand in a request",
	} {
		if _, err := tryToTalk(t, word); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", word, err)
		}
	}
}
