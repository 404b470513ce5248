package tcp

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
)

// run runs the TCP exchange with these lines of a Scenario.
func run(t *testing.T, lines ...string) *trace.Trace {
	t.Helper()
	s := read(t, lines...)
	tr, err := scenario.Run(t.Context(), Exchange{}, s)
	if err != nil {
		t.Fatalf("%v: %v", lines, err)
	}
	return tr
}

func read(t *testing.T, lines ...string) scenario.Scenario {
	t.Helper()
	s, err := parse(lines...)
	if err != nil {
		t.Fatalf("%v: %v", lines, err)
	}
	return s
}

func parse(lines ...string) (scenario.Scenario, error) {
	text := "exchange: tcp\n" + strings.Join(lines, "\n")
	s, _, err := scenario.Parse(text, func(string) (scenario.Exchange, []string) { return Exchange{}, nil })
	return s, err
}

// The two directions of the only connection.
var (
	up   = trace.StreamOf(0, 0)
	down = trace.StreamOf(0, 1)
)

// segments are the data packets of a stream, as "1 to 1420", numbered as the
// story numbers bytes; those sent again have a * behind.
func segments(tr *trace.Trace, s trace.Stream) (list []string) {
	for i := range tr.Packets {
		p := &tr.Packets[i]
		h := packets.Scan(tr.Bytes(p))
		if p.Span.Stream != s || h.Len == 0 {
			continue
		}
		word := fmt.Sprintf("%d to %d", p.Span.Lo+1, p.Span.Lo+int64(h.Len))
		if p.Again {
			word += "*"
		}
		list = append(list, word)
	}
	return list
}

// content puts together what the packets that arrived carried on a stream. A
// byte that came twice must be the same both times, and none may be missing.
func content(t *testing.T, tr *trace.Trace, s trace.Stream) []byte {
	t.Helper()
	var b []byte
	var have []bool
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Span.Stream != s || p.Fate != trace.Delivered {
			continue
		}
		frame := tr.Bytes(p)
		h := packets.Scan(frame)
		for k, v := range frame[h.Off : h.Off+h.Len] {
			at := int(p.Span.Lo) + k
			for len(b) <= at {
				b, have = append(b, 0), append(have, false)
			}
			if have[at] && b[at] != v {
				t.Fatalf("byte %d was sent as %#x and again as %#x", at, b[at], v)
			}
			b[at], have[at] = v, true
		}
	}
	if i := slices.Index(have, false); i >= 0 {
		t.Fatalf("byte %d of stream %d never arrived", i, s)
	}
	return b
}

func equal[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestAMessageIsCutIntoSegments(t *testing.T) {
	tr := run(t)
	// This stack keeps 40 of 1,460 bytes for the options that may come.
	want := []string{"1 to 1420", "1421 to 2840", "2841 to 4260", "4261 to 4380"}
	equal(t, "request", segments(tr, up), want)
	equal(t, "answer", segments(tr, down), want)
}

func TestTheMTUSetsTheSegments(t *testing.T) {
	tr := run(t, "mtu: 576", "size: 1000", "reply: none")
	equal(t, "segments", segments(tr, up), []string{"1 to 496", "497 to 992", "993 to 1000"})
	for i := range tr.Packets {
		if n := tr.Packets[i].Len(); n > 576+14 {
			t.Errorf("packet %d has a frame of %d bytes", i+1, n)
		}
	}
}

func TestFiveSmallWritesAreFivePackets(t *testing.T) {
	tr := run(t, "size: 100", "count: 5", "reply: none")
	equal(t, "segments", segments(tr, up), []string{"1 to 100", "101 to 200", "201 to 300", "301 to 400", "401 to 500"})
	equal(t, "answers", segments(tr, down), nil)
}

func TestWithNagleFiveSmallWritesAreTwoPackets(t *testing.T) {
	tr := run(t, "size: 100", "count: 5", "reply: none", "nagle: true")
	equal(t, "segments", segments(tr, up), []string{"1 to 100", "101 to 500"})
}

func TestASegmentMayHoldSeveralMessages(t *testing.T) {
	tr := run(t, "size: 500", "count: 5", "reply: none", "nagle: true")
	equal(t, "segments", segments(tr, up), []string{"1 to 500", "501 to 1500", "1501 to 2500"})
	if len(tr.Messages) != 5 {
		t.Errorf("there are %d messages, want 5", len(tr.Messages))
	}
}

func TestTheAnswer(t *testing.T) {
	message := []byte("hello, wörld")
	for reply, want := range map[string][]byte{"none": nil, "echo": message, "3": scenario.Ruler(3), "30kB": scenario.Ruler(30_000)} {
		tr := run(t, "message: "+string(message), "count: 3", "reply: "+reply)
		if got := content(t, tr, up); !bytes.Equal(got, bytes.Repeat(message, 3)) {
			t.Errorf("reply %s: the client sent %q", reply, got)
		}
		if got := content(t, tr, down); !bytes.Equal(got, bytes.Repeat(want, 3)) {
			t.Errorf("reply %s: the server sent %d bytes, want %d", reply, len(got), 3*len(want))
		}
	}
}

// With nothing else on the wire every time follows from the sizes of frames:
// 10 Mbit/s is 800 ns a byte.
func TestMessagesGoAtExactTimes(t *testing.T) {
	const (
		way  = 20 * time.Millisecond
		byte = 800 * time.Nanosecond
		syn  = 74 * byte // frames with the headers and options of this stack
		ack  = 66 * byte
		data = 166 * byte
	)
	connected := syn + way + syn + way
	t.Run("without an answer the pauses alone part them", func(t *testing.T) {
		tr := run(t, "size: 100", "count: 3", "interval: 100ms", "reply: none")
		sent := []time.Duration{connected, connected + 100*time.Millisecond, connected + 200*time.Millisecond}
		// The first one waits for the acknowledgement of the handshake to leave.
		arrived := []time.Duration{sent[0] + ack + data + way, sent[1] + data + way, sent[2] + data + way}
		for i, m := range tr.Messages {
			if m.Sent != sent[i] || m.Arrived != arrived[i] {
				t.Errorf("message %d was sent at %v and arrived at %v, want %v and %v", i, m.Sent, m.Arrived, sent[i], arrived[i])
			}
		}
	})
	t.Run("with answers they take turns", func(t *testing.T) {
		tr := run(t, "size: 100", "count: 2", "interval: 100ms", "reply: echo")
		there := connected + ack + data + way
		back := there + ack + data + way // the server acknowledges, then answers
		next := back + 100*time.Millisecond
		want := []string{
			fmt.Sprint("message ", connected, " ", there), fmt.Sprint("reply ", there, " ", back),
			fmt.Sprint("message ", next, " ", next+data+way), fmt.Sprint("reply ", next+data+way, " ", next+data+way+ack+data+way),
		}
		var got []string
		for _, m := range tr.Messages {
			got = append(got, fmt.Sprint(m.Kind, " ", m.Sent, " ", m.Arrived))
		}
		equal(t, "messages", got, want)
	})
}

// The rows of the messages lie one behind the other on their stream, without a
// gap, and their times are those of the calls that carried them.
func TestMessagesTileTheStream(t *testing.T) {
	for _, lines := range [][]string{
		{"count: 7", "size: 1000"},
		{"count: 3", "size: 30kB", "reply: 100", "loss: 5%"},
		{"count: 20", "size: 1", "reply: 3000", "nagle: true"},
		{"count: 5", "size: 5000", "reply: none", "interval: 1ms", "drop: client:2,client:4"},
	} {
		tr := run(t, lines...)
		next := map[trace.Stream]int64{}
		for i, m := range tr.Messages {
			span := m.Spans[0]
			if len(m.Spans) != 1 || span.Lo != next[span.Stream] || span.Len() != int64(m.Size) {
				t.Fatalf("%v: message %d of %d bytes lies at %v, want it at %d", lines, i, m.Size, m.Spans, next[span.Stream])
			}
			next[span.Stream] = span.Hi
			if m.Sent == trace.Never || m.Arrived == trace.Never {
				t.Fatalf("%v: message %d was sent at %v and arrived at %v", lines, i, m.Sent, m.Arrived)
			}
			writes, reads := tr.CallsOn(span, "write"), tr.CallsOn(span, "read")
			if first, last := tr.Calls[writes[0]], tr.Calls[reads[len(reads)-1]]; m.Sent != first.Start || m.Arrived != last.End {
				t.Fatalf("%v: message %d lies from %v to %v, its calls from %v to %v", lines, i, m.Sent, m.Arrived, first.Start, last.End)
			}
		}
		for s, n := range next {
			if got := len(content(t, tr, s)); int64(got) != n {
				t.Errorf("%v: stream %d carried %d bytes, its messages have %d", lines, s, got, n)
			}
		}
	}
}

// Whatever the wire does, the bytes arrive once, whole and in order.
func TestEverythingArrivesWhateverIsLost(t *testing.T) {
	for seed := range 20 {
		tr := run(t, "size: 40kB", "loss: 5%", "seed: "+strconv.Itoa(seed))
		want := scenario.Ruler(40_000)
		if !bytes.Equal(content(t, tr, up), want) || !bytes.Equal(content(t, tr, down), want) {
			t.Errorf("seed %d: other bytes arrived than were sent", seed)
		}
	}
}

func TestALostSYNIsSentAgainAfterASecond(t *testing.T) {
	tr := run(t, "drop: client:1")
	first, second := tr.Packets[0], tr.Packets[1]
	if first.Fate != trace.LostByHand || !second.Again || second.Sent != time.Second {
		t.Errorf("the first is %v, the second was sent at %v", first.Fate, second.Sent)
	}
	if !bytes.Equal(content(t, tr, down), scenario.Ruler(DefaultSize)) {
		t.Error("the answer did not come whole")
	}
}

func TestALostSegmentIsSentAgainAlone(t *testing.T) {
	// The client's packets are: SYN, ack, then the data.
	tr := run(t, "size: 14200", "reply: none", "drop: client:4")
	var again []string
	for _, s := range segments(tr, up) {
		if strings.HasSuffix(s, "*") {
			again = append(again, s)
		}
	}
	equal(t, "sent again", again, []string{"1421 to 2840*"})
}

func TestBothSidesClose(t *testing.T) {
	tr := run(t)
	var fins []string
	for i := range tr.Packets {
		if p := &tr.Packets[i]; packets.Scan(tr.Bytes(p)).Flags.Has(packets.FIN) {
			fins = append(fins, fmt.Sprint(tr.Name(p.From), " ", p.Span.Hi-1))
		}
	}
	equal(t, "FINs", fins, []string{"client 4380", "server 4380"})
	for _, c := range tr.Calls {
		if c.End == trace.Never {
			t.Errorf("%s of %s never returned", c.What, tr.Name(c.Host))
		}
	}
}

func TestThePortIsTheServers(t *testing.T) {
	tr := run(t, "port: 8080")
	if got := tr.Conns[0].Ends[1].String(); got != "10.0.0.2:8080" {
		t.Errorf("the server is %s", got)
	}
}

func TestAFileIsSentAsItIs(t *testing.T) {
	b := make([]byte, 10_000)
	for i := range b {
		b[i] = byte(rand.N(256))
	}
	path := filepath.Join(t.TempDir(), "any thing.bin")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := read(t, "file: "+path)
	if got, want := s.Args["file-sha256"], fmt.Sprintf("%x", sha256.Sum256(b)); got != want {
		t.Errorf("its hash is noted as %q, want %q", got, want)
	}
	if got := s.Text(Exchange{}); strings.Contains(got, "size") || !strings.Contains(got, "file-sha256: ") {
		t.Errorf("the text says\n%s", got)
	}
	tr, err := scenario.Run(t.Context(), Exchange{}, s)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(content(t, tr, up), b) || !bytes.Equal(content(t, tr, down), b) {
		t.Error("other bytes were sent")
	}
	if tr.Scenario != s.Text(Exchange{}) {
		t.Errorf("the trace has the Scenario\n%s", tr.Scenario)
	}

	if err := os.WriteFile(path, append(b, '!'), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = scenario.Run(t.Context(), Exchange{}, s)
	if err == nil || !strings.Contains(err.Error(), "has changed since this Scenario was made") || !errors.As(err, new(scenario.InputError)) {
		t.Errorf("with the file changed it gives %v", err)
	}
}

func TestRunLeavesTheScenarioOfItsCallerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := scenario.Default(Exchange{})
	s.Args["file"] = path
	if _, err := scenario.Run(t.Context(), Exchange{}, s); err != nil {
		t.Fatal(err)
	}
	if s.Args["file-sha256"] != "" || s.Args["size"] == "" {
		t.Errorf("its arguments are now %v", s.Args)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const one = "message, size and file each say what to send; give one of them"
	for _, c := range []struct {
		lines string
		want  string
		input bool
	}{
		{"message: a\nsize: 5", one, false},
		{"message: a\nfile: " + empty, one, false},
		{"size: 5\nfile: " + empty, one, false},
		{"size: 0", "size: 0 cannot be; a message has from 1 byte to 1GiB", false},
		{"size: 2GiB", "size: 2GiB cannot be; a message has from 1 byte to 1GiB", false},
		{"size: 1MiB\ncount: 2000", "2000 messages of 1048576 bytes are more than the 1GiB that a run may send", false},
		{"reply: 0", "reply: 0 cannot be; an answer has from 1 byte to 1GiB", false},
		{"reply: 2GiB", "reply: 2GiB cannot be; an answer has from 1 byte to 1GiB", false},
		{"file: " + filepath.Join(dir, "none"), "file: stat " + filepath.Join(dir, "none"), true},
		{"file: " + dir, "file: " + dir + " is not a regular file", true},
		{"file: " + empty, "file: " + empty + " has 0 bytes; a message has from 1 byte to 1GiB", true},
	} {
		_, err := parse(c.lines)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q gives %v, want %s", c.lines, err, c.want)
		}
		if input := errors.As(err, new(scenario.InputError)); input != c.input {
			t.Errorf("%q: that it is the input's fault is %v", c.lines, input)
		}
	}
}

// The default size gives way to a message or a file, and is not written down
// beside it.
func TestTheTextSaysOneThingToSend(t *testing.T) {
	s := read(t, "message: hello")
	if text := s.Text(Exchange{}); strings.Contains(text, "size") {
		t.Errorf("the text says\n%s", text)
	}
	if err := s.Validate(Exchange{}); err != nil {
		t.Errorf("the second time: %v", err)
	}
	s = read(t, "size: 4380")
	if text := s.Text(Exchange{}); !strings.Contains(text, "size: 4380\n") {
		t.Errorf("the text says\n%s", text)
	}
}

func TestARulerSaysWhereItsBytesAre(t *testing.T) {
	if got, want := string(scenario.Ruler(35)), "--------10--------20--------30-----"; got != want {
		t.Errorf("it begins %q, want %q", got, want)
	}
	b := scenario.Ruler(2_000_000)
	for at := 10; at <= len(b); at += 10 {
		if n := strconv.Itoa(at); string(b[at-len(n):at]) != n {
			t.Fatalf("at %d it says %q", at, b[at-10:at])
		}
	}
}
