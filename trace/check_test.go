package trace

import (
	"strings"
	"testing"
)

// sound is a small trace with something in every table.
func sound(t *testing.T) *Trace {
	t.Helper()
	b := newBench()
	for _, f := range []struct {
		from  uint16
		frame []byte
	}{
		{0, segment(0, syn, 1000, 0, 0)}, {1, segment(1, synACK, 5000, 1001, 0)},
		{0, segment(0, ack, 1001, 5001, 10)}, {0, segment(0, ack, 1001, 5001, 10)},
	} {
		p := b.send(f.from, f.frame)
		p.Left, p.Arrived, p.Landed, p.Fate = p.Sent, p.Sent+ms, p.Step+1, Delivered
	}
	p := &b.Packets[2]
	p.Fate, p.Arrived, p.Landed = LostRandom, Never, 0
	b.End = 10 * ms
	on := Span{Lo: 0, Hi: 10}
	b.Calls = []Call{
		{Parent: -1, Conn: -1, What: "get", Start: 0, End: 9 * ms, Ended: 9},
		{Parent: 0, What: "write", Span: Span{Lo: 0, Hi: 6}, Start: ms, End: ms, Began: 1, Ended: 1},
		{Parent: 0, What: "write", Span: Span{Lo: 6, Hi: 10}, Start: 2 * ms, End: 2 * ms, Began: 2, Ended: 2},
		{Parent: -1, Host: 1, What: "read", Span: on, Start: 2 * ms, End: 5 * ms, Began: 2, Ended: 5},
	}
	b.Messages = []Message{{Parent: -1, To: 1, Spans: []Span{on}}, {Parent: 0, To: 1, Spans: []Span{{Lo: 6, Hi: 10}}}}
	b.TimeMessages()
	b.Samples = []Sample{
		{At: 0, State: SynSent, SndNxt: 1}, {At: ms, Step: 1, End: 1, State: SynReceived, SndNxt: 1, RcvNxt: 1},
		{At: 2 * ms, Step: 2, State: Established, SndUna: 1, SndNxt: 11, RcvNxt: 1},
	}
	b.Marks = []Mark{{At: ms}, {At: 2 * ms}}
	b.Waiting = []Waiting{{Conn: 0, Since: ms}}
	return b.Trace
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	if err := sound(t).Check(); err != nil {
		t.Fatalf("a sound trace: %v", err)
	}
	for _, c := range []struct {
		words string
		spoil func(t *Trace)
	}{
		{"packet 3: sent", func(t *Trace) { t.Packets[3].Sent = 0 }},
		{"packet 1: delivered", func(t *Trace) { t.Packets[1].Arrived = 0 }},
		{"packet 1: delivered", func(t *Trace) { t.Packets[1].Landed = 0 }},
		{"packet 2: lost", func(t *Trace) { t.Packets[2].Arrived = 9 * ms }},
		{"packet 0: from host", func(t *Trace) { t.Packets[0].To = 7 }},
		{"packet 2: IP packet", func(t *Trace) { t.Packets[2].Nth = 9 }},
		{"packet 3: again", func(t *Trace) { t.Packets[3].Again = false }},
		{"packet 2: again", func(t *Trace) { t.Packets[2].Again = true }},
		{"packet 2: span", func(t *Trace) { t.Packets[2].Span.Hi++ }},
		{"packet 2: span", func(t *Trace) { t.Packets[2].Span.Lo++; t.Packets[2].Span.Hi++ }},
		{"packet 2: span", func(t *Trace) { t.Packets[2].Span.Stream = 9 }},
		{"packet 0: a piece", func(t *Trace) { t.Packets[0].Piece = 2 }},
		{"call 3 began", func(t *Trace) { t.Calls[3].Start = 0 }},
		{"call 3: from", func(t *Trace) { t.Calls[3].End = ms }},
		{"call 3 never ended", func(t *Trace) { t.Calls[3].End = Never }},
		{"call 2: write", func(t *Trace) { t.Calls[2].Span.Lo = 5 }},
		{"call 2: write", func(t *Trace) { t.Calls[2].Span.Lo = 7 }},
		{"not inside its parent", func(t *Trace) { t.Calls[0].End = ms }},
		{"call 3: host", func(t *Trace) { t.Calls[3].Conn = 4 }},
		{"message 1: parent", func(t *Trace) { t.Messages[1].Parent = 1 }},
		{"message 0: sent", func(t *Trace) { t.Messages[0].Arrived = 0 }},
		{"message 1 is before", func(t *Trace) { t.Messages[1].Sent = 0 }},
		{"sample 2: SND.UNA", func(t *Trace) { t.Samples[2].SndUna = 12 }},
		{"sample 2: RCV.NXT", func(t *Trace) { t.Samples[2].RcvNxt = 2 }},
		{"sample 2: from", func(t *Trace) { t.Samples[2].State = Listen }},
		{"sample 1: at", func(t *Trace) { t.Samples[0].At = 5 * ms }},
		{"mark 1", func(t *Trace) { t.Marks[1].At = 0 }},
		{"waiting 0", func(t *Trace) { t.Waiting[0].Since = 11 * ms }},
	} {
		tr := sound(t)
		c.spoil(tr)
		err := tr.Check()
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("want %q, got %v", c.words, err)
		}
	}
}
