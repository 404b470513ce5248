package story_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
)

// A bench records frames that were made by hand, a millisecond apart.
type bench struct {
	tr  trace.Trace
	rec *trace.Recorder
}

func newBench() *bench {
	b := &bench{}
	b.rec = trace.NewRecorder(&b.tr)
	for i, name := range []string{"client", "server"} {
		b.rec.Host(trace.Host{Name: name, Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), MAC: [6]byte{2, 0, 0, 0, 0, byte(i + 1)}})
	}
	return b
}

// frame records a frame that arrives half a millisecond after it was sent.
func (b *bench) frame(from uint16, cause trace.Cause, f []byte) {
	n := len(b.tr.Packets)
	row, _ := b.rec.Packet(trace.Packet{From: from, To: 1 - from, Sent: time.Duration(n) * time.Millisecond, Step: uint32(2*n + 1), Cause: cause}, f)
	p := &b.tr.Packets[row]
	p.Arrived, p.Landed, p.Fate = p.Sent+time.Millisecond/2, p.Step+1, trace.Delivered
}

// segment is a TCP segment between port 1000 of the client and 80 of the server.
func segment(from uint16, seq, ack uint32, flags packets.Flags, options, data []byte) []byte {
	ends, ports := [2]byte{1, 2}, [2]uint16{1000, 80}
	for len(options)%4 != 0 {
		options = append(options, 1)
	}
	f := []byte{2, 0, 0, 0, 0, ends[1-from], 2, 0, 0, 0, 0, ends[from], 8, 0}
	f = append(f, 0x45, 0)
	f = binary.BigEndian.AppendUint16(f, uint16(40+len(options)+len(data)))
	f = append(f, 0, 0, 0x40, 0, 64, packets.ProtocolTCP, 0, 0, 10, 0, 0, ends[from], 10, 0, 0, ends[1-from])
	f = binary.BigEndian.AppendUint16(f, ports[from])
	f = binary.BigEndian.AppendUint16(f, ports[1-from])
	f = binary.BigEndian.AppendUint32(f, seq)
	f = binary.BigEndian.AppendUint32(f, ack)
	f = append(f, byte((20+len(options))/4)<<4, byte(flags), 0x10, 0, 0, 0, 0, 0)
	return append(append(f, options...), data...)
}

// last is what is told of the last frame.
func (b *bench) last(kind story.Kind) (e story.Event) {
	for _, f := range story.Tell(&b.tr) {
		if f.Kind == kind && f.Row == len(b.tr.Packets)-1 {
			e = f
		}
	}
	return e
}

// opened is a bench with a connection on which the client sent 5 bytes and the
// server acknowledged them; initial numbers are 100 and 500.
func opened() *bench {
	b := newBench()
	b.frame(0, trace.AtSend, segment(0, 100, 0, packets.SYN, nil, nil))
	b.frame(1, trace.AtReceive, segment(1, 500, 101, packets.SYN|packets.ACK, nil, nil))
	b.frame(0, trace.AtReceive, segment(0, 101, 501, packets.ACK, nil, nil))
	b.frame(0, trace.AtSend, segment(0, 101, 501, packets.ACK|packets.PSH, nil, []byte("hello")))
	b.frame(1, trace.AtReceive, segment(1, 501, 106, packets.ACK, nil, nil))
	return b
}

// What this program's own stacks do not do, others may.
func TestFramesOfOtherStacks(t *testing.T) {
	sack := func(blocks ...uint32) []byte {
		o := []byte{5, byte(2 + 4*len(blocks))}
		for _, n := range blocks {
			o = binary.BigEndian.AppendUint32(o, n)
		}
		return o
	}
	for _, c := range []struct {
		name  string
		from  uint16
		cause trace.Cause
		frame []byte
		text  string
		rfc   string
	}{
		{"a keep-alive without data", 0, trace.AtTimer, segment(0, 105, 501, packets.ACK, nil, nil), "ack 1 again, keep-alive", "RFC 9293 section 3.8.4"},
		{"a FIN with data", 0, trace.AtSend, segment(0, 106, 501, packets.ACK|packets.FIN, nil, []byte("bye")), "B, bytes 6 to 8, and FIN", "RFC 9293 section 3.7"},
		{"a segment with old and new bytes", 0, trace.AtSend, segment(0, 104, 501, packets.ACK, nil, []byte("loxy")), "A-B again, bytes 4 to 7", "RFC 9293 section 3.8.1"},
		{"a part of one", 0, trace.AtSend, segment(0, 103, 501, packets.ACK, nil, []byte("ll")), "part of A again, bytes 3 to 4", "RFC 9293 section 3.8.1"},
		{"bytes from before the first", 0, trace.AtSend, segment(0, 99, 501, packets.ACK, nil, []byte("x")), "1 byte of data again, seq -1", "RFC 9293 section 3.8.1"},
		{"a duplicate SACK", 1, trace.AtReceive, segment(1, 501, 106, packets.ACK, sack(101, 106), nil), "ack 6 again; bytes 1 to 5 came twice", "RFC 9293 section 3.4, RFC 2883 section 4"},
		{"SACK of two stretches", 1, trace.AtReceive, segment(1, 501, 106, packets.ACK, sack(110, 111, 120, 130), nil), "ack 6 again; has also bytes 10 and 20 to 29", "RFC 9293 section 3.4, RFC 2018 section 3"},
		{"a RST in the middle", 1, trace.AtSend, segment(1, 501, 0, packets.RST, nil, nil), "RST, seq 1", "RFC 9293 section 3.5.2"},
	} {
		b := opened()
		b.frame(c.from, c.cause, c.frame)
		if e := b.last(story.Sent); e.Text != c.text || e.RFC != c.rfc {
			t.Errorf("%s: %q (%s), want %q (%s)", c.name, e.Text, e.RFC, c.text, c.rfc)
		}
	}
}

// A piece keeps its name however it is cut when it comes again.
func TestNamesOfPieces(t *testing.T) {
	b := opened()
	var texts []string
	for _, s := range []struct {
		seq  uint32
		data string
	}{{104, "loxy"}, {106, "xy"}, {106, "x"}, {108, "z"}, {101, "hello"}, {101, "helloxyz"}} {
		b.frame(0, trace.AtSend, segment(0, s.seq, 501, packets.ACK, nil, []byte(s.data)))
		text, _, _ := strings.Cut(b.last(story.Sent).Text, ",")
		texts = append(texts, text)
	}
	if got, want := strings.Join(texts, ", "), "A-B again, B again, part of B again, C, A again, A-C again"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// No segment is called as if it were another: the 765th of an end would be
// "ACK", and its 4,304th "FIN".
func TestNamesAreNoFlags(t *testing.T) {
	tr, err := runExchange("size=500kB", "count=16", "reply=none", "mtu=1500", "rate=none", "delay=1us")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range story.Tell(tr) {
		if name, _, ok := strings.Cut(e.Text, ", bytes"); ok && e.Kind == story.Sent {
			seen[name] = true
		}
	}
	for _, name := range []string{"ACK", "FIN"} {
		if seen[name] {
			t.Errorf("a segment is called %s", name)
		}
	}
	if !seen["ACJ"] || !seen["ACL"] || !seen["FIM"] || !seen["FIO"] {
		t.Error("the names do not reach so far")
	}
}

// A message counts the packets that carry a byte of it, and no others.
func TestPacketsOfAMessage(t *testing.T) {
	b := opened()
	for _, s := range []struct {
		seq uint32
		n   int
	}{{106, 20}, {108, 2}, {126, 5}, {110, 4}, {106, 2}, {131, 0}} {
		b.frame(0, trace.AtSend, segment(0, s.seq, 501, packets.ACK, nil, make([]byte, s.n)))
	}
	span := func(lo, hi int64) trace.Span { return trace.Span{Stream: 0, Lo: lo, Hi: hi} }
	for _, c := range []struct {
		spans []trace.Span
		want  string
	}{
		{[]trace.Span{span(5, 7)}, "in 2 packets, 1 of them sent again"},
		{[]trace.Span{span(7, 9)}, "in 2 packets, 1 of them sent again"},
		{[]trace.Span{span(20, 25)}, "in 1 packet"},
		{[]trace.Span{span(24, 26)}, "in 2 packets"},
		{[]trace.Span{span(6, 8), span(10, 12)}, "in 4 packets, 3 of them sent again"},
	} {
		b.tr.Messages = []trace.Message{{Parent: -1, Kind: "message", To: 1, Spans: c.spans, Arrived: 1}}
		for _, e := range story.Tell(&b.tr) {
			if e.Kind == story.MessageArrived && e.Text != "has the whole message, one way 0.000 ms, "+c.want {
				t.Errorf("%v: %q, want %q", c.spans, e.Text, c.want)
			}
		}
	}
}

// What the wire of this program does not do yet, or not often.
func TestRareArrivals(t *testing.T) {
	for _, c := range []struct {
		name   string
		frame  []byte // from the server
		fate   trace.Fate
		before trace.Sample // of the client
		after  trace.Sample
		text   string
	}{
		{"damage", segment(1, 501, 106, packets.ACK, nil, nil), trace.BadChecksum, trace.Sample{}, trace.Sample{},
			"receives ack 6 damaged: its checksum is wrong, so it is thrown away"},
		{"an old ack", segment(1, 501, 101, packets.ACK, nil, nil), trace.Delivered, trace.Sample{SndUna: 6, SndNxt: 6, RcvNxt: 1}, trace.Sample{},
			"receives ack 1: old news, it knows of more"},
		{"nothing new", segment(1, 501, 106, packets.ACK, nil, nil), trace.Delivered, trace.Sample{SndUna: 6, SndNxt: 6, RcvNxt: 1, SndWnd: 9}, trace.Sample{},
			"receives ack 6 again: nothing new"},
		{"a RST with a wrong number", segment(1, 600, 0, packets.RST, nil, nil), trace.Delivered, trace.Sample{SndUna: 6, SndNxt: 6, RcvNxt: 1}, trace.Sample{},
			"receives RST, and takes no notice"},
		{"a segment for a connection that is gone", segment(1, 501, 106, packets.ACK, nil, nil), trace.Delivered, trace.Sample{State: trace.Closed, SndUna: 6}, trace.Sample{},
			"receives ack 6: there is no such connection any more"},
		{"the first byte and an ack", segment(1, 501, 106, packets.ACK, nil, []byte("x")), trace.Delivered,
			trace.Sample{SndUna: 1, SndNxt: 6, RcvNxt: 1, SndWnd: 9}, trace.Sample{SndUna: 6, SndNxt: 6, RcvNxt: 2, SndWnd: 9},
			"receives a: in order; its bytes 1 to 5 have arrived"},
		{"all but one byte", segment(1, 502, 106, packets.ACK, nil, []byte("x")), trace.Delivered,
			trace.Sample{SndUna: 6, SndNxt: 6, RcvNxt: 1, SndWnd: 9}, trace.Sample{},
			"receives a: out of order; byte 1 is wanted first"},
		{"a window that is shut", segment(1, 501, 106, packets.ACK, nil, []byte("x")), trace.Delivered,
			trace.Sample{SndUna: 6, SndNxt: 6, RcvNxt: 1}, trace.Sample{SndUna: 6, SndNxt: 6, RcvNxt: 1},
			"receives a: no room for it, so it is thrown away"},
	} {
		b := opened()
		b.frame(1, trace.AtReceive, c.frame)
		p := &b.tr.Packets[len(b.tr.Packets)-1]
		p.Fate = c.fate
		for i, s := range []*trace.Sample{&c.before, &c.after} {
			if *s == (trace.Sample{}) {
				continue
			}
			if s.SndNxt > 0 {
				s.State = trace.Established
			}
			s.Step = p.Landed - 1 + uint32(i)
			b.tr.Samples = append(b.tr.Samples, *s)
		}
		if e := b.last(story.Arrived); e.Text != c.text {
			t.Errorf("%s: %q, want %q", c.name, e.Text, c.text)
		}
	}
}

// What became of a packet stands in the line of its sending.
func TestFates(t *testing.T) {
	for fate, want := range map[trace.Fate]string{
		trace.UnderWay: "ack 6; still under way when the run ended", trace.LostRandom: "ack 6; lost on the way",
		trace.LostQueue: "ack 6; lost, the queue was full", trace.LostCut: "ack 6; lost, the cable was cut",
		trace.LostByHand: "ack 6; lost by your hand", trace.LostBlocked: "ack 6; blocked on the way", trace.UnknownAfter: "ack 6",
	} {
		b := opened()
		p := &b.tr.Packets[len(b.tr.Packets)-1]
		p.Fate, p.Arrived, p.Landed = fate, trace.Never, 0
		if e := b.last(story.Sent); e.Text != want {
			t.Errorf("%v: %q, want %q", fate, e.Text, want)
		}
		if e := b.last(story.Arrived); e.Text != "" {
			t.Errorf("%v: it arrives: %q", fate, e.Text)
		}
	}
}

// Whatever the bytes, the story is told, and no line holds what a terminal
// would obey.
func TestHostileFrames(t *testing.T) {
	evil := "\x1b]0;x\a\x00\x7f\u0085\u202e\xff\xfe\r\n\u2066"
	seeds := [][]byte{
		segment(0, 100, 0, packets.SYN, nil, []byte(evil)),
		segment(0, 101, 501, packets.ACK, []byte{5, 10, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, []byte(evil)),
		segment(1, 501, 106, packets.ACK|packets.FIN|packets.SYN|packets.RST, nil, nil),
		segment(1, 501, 106, packets.FIN, nil, nil),
		segment(0, 100, 0, 0, nil, nil),
	}
	b := udpFrames(t)
	seeds = append(seeds, b...)
	r := rand.New(rand.NewPCG(1, 1))
	for round := range 60 {
		b := newBench()
		if round%2 == 0 {
			b = opened()
		}
		for range 40 {
			f := bytes.Clone(seeds[r.IntN(len(seeds))])
			for range r.IntN(4) {
				f[r.IntN(len(f))] = byte(r.Uint32())
			}
			if r.IntN(8) == 0 {
				f = f[:r.IntN(len(f))]
			}
			b.frame(uint16(r.IntN(2)), trace.Cause(r.IntN(3)), f)
		}
		b.tr.Messages = []trace.Message{{Parent: -1, Kind: "message", To: 1, Spans: []trace.Span{{Hi: 20}}, Size: 20, Text: evil, Arrived: 1}}
		b.tr.Calls = []trace.Call{{Parent: -1, Conn: -1, What: "emit", End: 1, Result: evil}, {Parent: -1, Conn: -1, What: "emit", End: 1, Note: evil}}
		b.tr.Marks = []trace.Mark{{Name: evil}}
		harmless(t, &b.tr)
		if t.Failed() {
			t.FailNow()
		}
	}
}

// harmless checks that every view of a trace is safe on a terminal.
func harmless(t *testing.T, tr *trace.Trace) {
	t.Helper()
	events := story.Tell(tr)
	views := map[string]func(io.Writer) error{
		"plain": func(w io.Writer) error { return story.Plain(w, tr, events, 0, story.Zooms()...) },
		"json":  func(w io.Writer) error { return story.JSON(w, tr, events, story.Zooms()...) },
	}
	for row := range tr.Packets {
		views["open "+string(rune('0'+row))] = func(w io.Writer) error { return story.Open(w, tr, row) }
	}
	for name, view := range views {
		var out bytes.Buffer
		if err := view(&out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s := out.String(); !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return c != '\n' && !unicode.IsPrint(c) }) {
			t.Errorf("%s holds what is not safe: %q", name, s)
		}
	}
	for _, e := range events {
		if s := e.Text + e.Why + e.RFC + e.Who; strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Errorf("an event holds what is not safe: %q", s)
		}
	}
}

// udpFrames are the frames of the runs with UDP, ICMP, fragments and ARP.
func udpFrames(t *testing.T) (frames [][]byte) {
	for _, run := range []func(*testing.T) *trace.Trace{datagrams, fragments, nobodyListens, exchange("message=hi", "cold=true")} {
		tr := run(t)
		for i := range tr.Packets {
			frames = append(frames, bytes.Clone(tr.Bytes(&tr.Packets[i])))
		}
	}
	return frames
}
