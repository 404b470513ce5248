package story_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
)

// One packet of each kind, laid open.
func TestOpen(t *testing.T) {
	isTCP := func(flags packets.Flags, data bool) func(packets.Headers) bool {
		return func(h packets.Headers) bool {
			return h.Proto == packets.ProtocolTCP && h.Flags == flags && (h.Len > 0) == data
		}
	}
	for _, c := range []struct {
		name string
		run  func(*testing.T) *trace.Trace
		is   func(packets.Headers) bool
		skip int
	}{
		{"open-syn", exchange("message=hello"), isTCP(packets.SYN, false), 0},
		{"open-data", exchange("message=hello"), isTCP(packets.ACK|packets.PSH, true), 0},
		{"open-sack", exchange("size=9kB", "reply=none", "drop=client:4"), isTCP(packets.ACK, false), 2},
		{"open-fin", exchange("message=hello"), isTCP(packets.ACK|packets.FIN, false), 0},
		{"open-arp", exchange("message=hello", "cold=true"), func(h packets.Headers) bool { return h.EtherType == packets.EtherTypeARP }, 0},
		{"open-udp", datagrams, func(h packets.Headers) bool { return h.Proto == packets.ProtocolUDP }, 0},
	} {
		tr := c.run(t)
		row := slices.IndexFunc(tr.Packets, func(p trace.Packet) bool {
			if !c.is(packets.Scan(tr.Bytes(&p))) {
				return false
			}
			c.skip--
			return c.skip < 0
		})
		if row < 0 {
			t.Fatalf("%s: no such packet", c.name)
		}
		var b strings.Builder
		if err := story.Open(&b, tr, row); err != nil {
			t.Fatal(err)
		}
		golden(t, c.name, b.String())
	}
}

func TestPlainShowsTheZoomsAskedFor(t *testing.T) {
	tr := exchange("message=hi")(t)
	events := story.Tell(tr)
	var b strings.Builder
	if err := story.Plain(&b, tr, events, 0, story.Messages); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); !strings.Contains(s, "messages: ") || strings.Contains(s, "SYN") || strings.Contains(s, "connect") {
		t.Errorf("the messages are\n%s", s)
	}
	for _, z := range story.Zooms() {
		if n := len(story.Only(events, z)); n == 0 || n == len(events) {
			t.Errorf("%s: %d of %d events", z, n, len(events))
		}
	}
}

// With several connections each line says which one it is about.
func TestLinesNameTheirConnection(t *testing.T) {
	tr := exchange("message=hi")(t)
	e := story.Event{Conn: 1, Who: "client", Text: "receives SYN"}
	if s := story.Line(tr, &e, 6); strings.Contains(s, "#") {
		t.Errorf("one connection, and yet %q", s)
	}
	tr.Conns = append(tr.Conns, tr.Conns[0])
	if s := story.Line(tr, &e, 6); !strings.Contains(s, "client  #2 receives SYN") {
		t.Errorf("two connections, and yet %q", s)
	}
}

// Every line of the JSON form is an object of a known type, and says what the
// trace does.
func TestJSON(t *testing.T) {
	tr := exchange("size=5kB", "loss=5%", "seed=4")(t)
	tr.Messages[0].Text = "a\u202eb\x7f\U000e0041\"é"
	events := story.Tell(tr)
	var b bytes.Buffer
	if err := story.JSON(&b, tr, events, story.Zooms()...); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for line := range strings.Lines(b.String()) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		kind := o["type"].(string)
		n := counts[kind]
		counts[kind]++
		switch kind {
		case "packet":
			p := &tr.Packets[n]
			if o["n"] != float64(n+1) || o["sent_ns"] != float64(p.Sent) || o["again"] != p.Again || o["fate"] != p.Fate.String() {
				t.Errorf("packet %d is %s", n+1, line)
			}
			if (o["arrived_ns"] == nil) != (p.Arrived == trace.Never) {
				t.Errorf("packet %d arrived at %v", n+1, o["arrived_ns"])
			}
			if o["text"] == "" || o["tcp"] == nil {
				t.Errorf("packet %d says nothing: %s", n+1, line)
			}
		case "message":
			if o["text"] != tr.Messages[n].Text {
				t.Errorf("message %d says %q, not %q", n, o["text"], tr.Messages[n].Text)
			}
		}
	}
	want := map[string]int{"scenario": 1, "call": len(tr.Calls), "message": len(tr.Messages), "packet": len(tr.Packets),
		"sample": len(tr.Samples), "summary": 1}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("lines %v, want %v", counts, want)
	}
	b.Reset()
	if err := story.JSON(&b, tr, events, story.Messages); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, `"type":"packet"`) || !strings.Contains(s, `"type":"summary"`) {
		t.Errorf("only the messages were asked for: %s", s)
	}
}

// A pipe that breaks ends the writing with its error.
func TestErrorsOfTheWriter(t *testing.T) {
	tr := exchange("size=20kB")(t)
	events := story.Tell(tr)
	for room := 0; room < 100_000; room += 5_000 {
		broken := errors.New("broken pipe")
		if err := story.JSON(&narrow{room, broken}, tr, events, story.Zooms()...); err != nil && !errors.Is(err, broken) || err == nil && room < 5_000 {
			t.Errorf("JSON into %d bytes: %v", room, err)
		}
		if err := story.Plain(&narrow{room, broken}, tr, events, 0, story.Zooms()...); err != nil && !errors.Is(err, broken) || err == nil && room < 5_000 {
			t.Errorf("Plain into %d bytes: %v", room, err)
		}
	}
}

type narrow struct {
	room int
	err  error
}

func (n *narrow) Write(b []byte) (int, error) {
	if len(b) > n.room {
		return 0, n.err
	}
	n.room -= len(b)
	return len(b), nil
}

func TestNumbersAndTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.000 ms", 1499: "0.001 ms", 40_118_400: "40.118 ms", 12345 * time.Second: "12,345,000.000 ms", -1500: "-0.002 ms",
	} {
		if got := story.Milliseconds(d); got != want {
			t.Errorf("%d ns is %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 ns", 999: "999 ns", 1000: "1 us", 1500 * time.Microsecond: "1.5 ms", 2 * time.Second: "2 s", 1300 * time.Millisecond: "1.3 s",
	} {
		if got := story.Shorter(d); got != want {
			t.Errorf("%d ns is %q, want %q", d, got, want)
		}
	}
}

func BenchmarkTell(b *testing.B) {
	tr, _ := big(b)
	for b.Loop() {
		story.Tell(tr)
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)*100_000/float64(len(tr.Packets)), "ms/100k-packets")
}

func BenchmarkPlain(b *testing.B) {
	tr, events := big(b)
	for b.Loop() {
		if err := story.Plain(io.Discard, tr, events, 0, story.Packets); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	tr, events := big(b)
	for b.Loop() {
		if err := story.JSON(io.Discard, tr, events, story.Zooms()...); err != nil {
			b.Fatal(err)
		}
	}
}

// big is a run of about 100,000 packets with many messages and some loss.
func big(b *testing.B) (*trace.Trace, []story.Event) {
	b.Helper()
	tr, err := runExchange("size=3kB", "count=12000", "reply=none", "rate=100mbit", "delay=2ms", "loss=0.5%")
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d packets, %d calls, %d messages, %d samples", len(tr.Packets), len(tr.Calls), len(tr.Messages), len(tr.Samples))
	return tr, story.Tell(tr)
}
