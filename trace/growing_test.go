package trace

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"wirelab/packets"
)

// all is all that a reader can see of a trace.
func (t *Trace) all() string {
	h := sha256.New()
	for i := range t.Packets {
		p := &t.Packets[i]
		fmt.Fprintln(h, *p, t.Bytes(p))
	}
	fmt.Fprintln(h, t.Hosts, t.Conns, t.Calls, t.Messages, t.Samples, t.Marks, t.End, t.Dropped)
	return fmt.Sprintf("%x", h.Sum(nil))
}

// A grower plays a connection into a growing trace: each round a call writes a
// message of ten bytes, a packet carries it, is acknowledged, and is read; in
// the round after.
type grower struct {
	rec   *Recorder
	now   time.Duration
	step  uint32
	round int
	flies []int   // rows of packets on their way
	opens []int32 // and of calls that have not returned
}

func newGrower(b Bound) *grower {
	g := &grower{rec: NewGrowing(&Trace{Origin: Live}, b)}
	g.rec.Host(Host{Name: "a", Addr: addrA})
	g.rec.Host(Host{Name: "b", Addr: addrB})
	g.send(0, segment(0, syn, 1000, 0, 0))
	g.send(1, segment(1, synACK, 5000, 1001, 0))
	g.land()
	return g
}

func (g *grower) tick() { g.now += ms; g.step++ }

func (g *grower) send(from uint16, frame []byte) {
	g.tick()
	row, _ := g.rec.Packet(Packet{From: from, To: 1 - from, Sent: g.now, Step: g.step}, frame)
	g.flies = append(g.flies, row)
}

func (g *grower) land() {
	for _, row := range g.flies {
		g.tick()
		p := g.rec.At(row)
		p.Left, p.Arrived, p.Landed, p.Fate = p.Sent, g.now, g.step, Delivered
	}
	g.flies = g.flies[:0]
}

// play is n rounds. What begins in one ends in the next.
func (g *grower) play(n int) {
	for range n {
		lo := int64(10 * g.round)
		on := Span{Lo: lo, Hi: lo + 10}
		g.land()
		for i, row := range g.opens {
			g.tick()
			g.rec.Return(row, func(c *Call) {
				c.End, c.Ended, c.Note = g.now, g.step, "done"
				c.Span = Span{Lo: lo - 10, Hi: lo}
				if i == 2 {
					c.Span = Span{}
				}
			})
		}
		g.opens = g.opens[:0]
		if g.round%2 == 0 { // every other message is told of before it is written
			g.rec.Message(Message{Parent: -1, To: 1, Spans: []Span{on}, Text: "ten bytes"}, g.now)
			g.rec.Message(Message{Parent: -1, To: 1, Spans: []Span{{Lo: lo, Hi: lo + 4}}}, g.now)
		}
		for _, what := range []string{"write", "read", "think"} {
			g.tick()
			g.opens = append(g.opens, g.rec.Begin(Call{Parent: -1, Conn: 0, What: what, Host: uint16(min(len(g.opens), 1)), Start: g.now, Began: g.step, End: Never}))
		}
		if g.round%2 == 1 { // and the others when the one before is read
			g.rec.Message(Message{Parent: -1, To: 1, Spans: []Span{{Lo: lo - 10, Hi: lo}}}, g.now)
		}
		g.send(0, segment(0, ack, uint32(1001+lo), 5001, 10))
		g.rec.Sample(Sample{At: g.now, Step: g.step, State: Established, SndNxt: uint32(lo + 11), SndUna: uint32(lo + 1)}, -1)
		g.send(1, segment(1, ack, 5001, uint32(1011+lo), 0))
		g.round++
	}
}

func TestSnapshotNeverChanges(t *testing.T) {
	g := newGrower(Bound{})
	type kept struct {
		s    *Snapshot
		tr   *Trace
		want string
	}
	var all []kept
	for range 20 {
		g.play(20)
		s := g.rec.Freeze(g.now)
		tr := s.Trace()
		if err := tr.Check(); err != nil {
			t.Fatalf("round %d: %v", g.round, err)
		}
		if last := tr.Packets[len(tr.Packets)-1]; last.Fate != UnderWay {
			t.Fatalf("round %d: the last packet is %v", g.round, last.Fate)
		}
		all = append(all, kept{s, tr, tr.all()})
	}
	for i, k := range all {
		if k.tr.all() != k.want {
			t.Errorf("the trace of snapshot %d has changed", i)
		}
		if k.s.Trace().all() != k.want {
			t.Errorf("snapshot %d has changed", i)
		}
	}
	// The last one has it all: what was under way in the one before has landed.
	tr := all[len(all)-1].tr
	if len(tr.Packets) != 2+2*g.round || len(tr.Calls) != 3*g.round || len(tr.Messages) != g.round+g.round/2 || len(tr.Samples) != g.round {
		t.Errorf("after %d rounds there are %d packets, %d calls, %d messages, %d samples", g.round, len(tr.Packets), len(tr.Calls), len(tr.Messages), len(tr.Samples))
	}
	for i := range tr.Packets[:len(tr.Packets)-2] {
		if p := &tr.Packets[i]; p.Fate != Delivered {
			t.Errorf("packet %d is %v", i, p.Fate)
		}
	}
	for i, m := range tr.Messages[:len(tr.Messages)-1] {
		if m.Sent == Never || m.Arrived <= m.Sent {
			t.Errorf("message %d: sent %v, arrived %v", i, m.Sent, m.Arrived)
		}
	}
}

func TestMessagesOfAGrowingTraceAreTimedAsAtTheEnd(t *testing.T) {
	g := newGrower(Bound{})
	g.play(100)
	tr := g.rec.Freeze(g.now).Trace()
	again := *tr
	again.Messages = slices.Clone(tr.Messages)
	again.TimeMessages()
	times := func(ms []Message) (lines []string) {
		for _, m := range ms {
			lines = append(lines, fmt.Sprint(m.Spans, m.Sent, m.Arrived))
		}
		slices.Sort(lines)
		return lines
	}
	if !slices.Equal(times(tr.Messages), times(again.Messages)) {
		t.Error("they have other times than TimeMessages gives them")
	}
}

func TestBoundKeepsTheNewest(t *testing.T) {
	for _, bound := range []Bound{{Packets: 100}, {Packets: 256}, {Packets: 1000}, {Bytes: 50_000}, {Packets: 1}} {
		whole, g := newGrower(Bound{}), newGrower(bound)
		whole.play(1000)
		g.play(1000)
		want, got := whole.rec.Freeze(g.now).Trace(), g.rec.Freeze(g.now).Trace()
		if err := got.Check(); err != nil {
			t.Errorf("%+v: %v", bound, err)
		}
		if bound.Packets > 0 && len(got.Packets) != bound.Packets {
			t.Errorf("%+v: %d packets are kept", bound, len(got.Packets))
		}
		if bound.Bytes > 0 && (g.rec.g.size > bound.Bytes || g.rec.g.size < bound.Bytes/2) {
			t.Errorf("%+v: %d bytes are kept", bound, g.rec.g.size)
		}
		// It is the end of the other, row by row.
		d := got.Dropped
		if !slices.Equal(got.Calls, want.Calls[d.Calls:]) || !slices.Equal(got.Samples, want.Samples[d.Samples:]) || len(got.Messages) != len(want.Messages)-d.Messages {
			t.Errorf("%+v: what is kept is not the end of what there was; dropped are %+v", bound, d)
		}
		var bytes int64
		for i := range want.Packets {
			p := want.Packets[i]
			if i < d.Packets {
				bytes += int64(p.Len())
				continue
			}
			q := got.Packets[i-d.Packets]
			if got.Number(i-d.Packets) != want.Number(i) || !slices.Equal(want.Bytes(&p), got.Bytes(&q)) {
				t.Fatalf("%+v: packet %d is another one", bound, i+1)
			}
			if p.ref, q.ref = (ref{}), (ref{}); p != q {
				t.Errorf("%+v: packet %d is %+v, want %+v", bound, i+1, q, p)
			}
		}
		if bytes != d.Bytes {
			t.Errorf("%+v: %d bytes were dropped, stated are %d", bound, bytes, d.Bytes)
		}
		for i, m := range got.Messages {
			w := want.Messages[i+d.Messages]
			if m.Arrived != w.Arrived || m.Sent != w.Sent {
				t.Errorf("%+v: message %d was sent %v, arrived %v; want %v, %v", bound, i, m.Sent, m.Arrived, w.Sent, w.Arrived)
			}
		}
		// Nothing that was dropped is older than what is kept, in any table.
		for _, c := range got.Calls {
			if c.Start < want.Packets[max(d.Packets-1, 0)].Sent {
				t.Errorf("%+v: a call from %v is kept", bound, c.Start)
			}
		}
	}
}

func TestLatestIsTheEndOfTheWhole(t *testing.T) {
	g := newGrower(Bound{Packets: 700})
	g.play(1000)
	s := g.rec.Freeze(g.now)
	whole := s.Trace()
	for _, n := range []int{-1, 0, 1, 2, 255, 256, 257, 699, 700, 5000} {
		tr := s.Latest(n)
		if err := tr.Check(); err != nil {
			t.Errorf("latest %d: %v", n, err)
		}
		if len(tr.Packets) != min(max(n, 0), 700) || tr.Dropped.Packets+len(tr.Packets) != s.Packets() {
			t.Errorf("latest %d: %d packets, %+v", n, len(tr.Packets), tr.Dropped)
		}
		if !slices.Equal(tr.Packets, whole.Packets[tr.Dropped.Packets-whole.Dropped.Packets:]) ||
			!slices.Equal(tr.Calls, whole.Calls[tr.Dropped.Calls-whole.Dropped.Calls:]) ||
			!slices.Equal(tr.Samples, whole.Samples[tr.Dropped.Samples-whole.Dropped.Samples:]) {
			t.Errorf("latest %d is not the end of the whole", n)
		}
		if n >= 700 && tr.all() != whole.all() {
			t.Errorf("latest %d is not all there is", n)
		}
	}
}

// A bounded trace that goes on for ever takes no more and no more memory.
func TestWhatIsDroppedIsForgotten(t *testing.T) {
	g := newGrower(Bound{Packets: 50})
	units := func(n int) {
		for i := range n {
			g.send(0, ipv4(0, packets.ProtocolUDP, uint16(i), 0, false, datagramOf(0, 100, 100)))
			g.send(0, ipv4(0, packets.ProtocolUDP, uint16(i), 0, true, datagramOf(0, 100, 40)))
			g.send(0, ipv4(0, packets.ProtocolUDP, uint16(i), 48, false, make([]byte, 60)))
			g.land()
		}
	}
	g.play(1000)
	units(1000)
	r, t2 := g.rec, g.rec.t
	if n := len(r.units) + len(r.pieces); n > 2*50 {
		t.Errorf("%d datagrams are remembered, of 50 packets", n)
	}
	if n := len(r.g.touched) + len(r.g.awaited); n != 0 {
		t.Errorf("%d calls and messages are remembered", n)
	}
	if n := len(r.g.packets.pages); n > 2 {
		t.Errorf("50 packets take %d pages", n)
	}
	if n := r.g.packets.len() + r.g.calls.len() + r.g.messages.len() + len(t2.Samples); n != 50 {
		t.Errorf("%d rows are kept", n)
	}
	for range 20 {
		g.send(0, ipv4(0, packets.ProtocolUDP, 1, 0, false, make([]byte, 60_000)))
	}
	units(1000)
	if n := len(t2.arena.chunks); n > 2 {
		t.Errorf("%d pieces of memory hold 50 small frames", n)
	}
	if err := r.Freeze(g.now).Trace().Check(); err != nil {
		t.Error(err)
	}
}

// What is still to be written about a packet, or a call, that was dropped goes
// nowhere.
func TestLateNewsOfWhatWasDropped(t *testing.T) {
	g := newGrower(Bound{Packets: 3})
	g.send(0, segment(0, ack, 1001, 5001, 10))
	row := g.flies[0]
	call := g.rec.Begin(Call{Parent: -1, What: "read", Start: g.now, Began: g.step, End: Never})
	g.play(20)
	p := g.rec.At(row)
	p.Fate, p.Arrived = LostQueue, 1
	if p := g.rec.At(row); p.Fate != UnderWay || p.Arrived != Never {
		t.Errorf("two that were dropped are one: %+v", p)
	}
	g.rec.Arrive(row)
	g.rec.Return(call, func(*Call) { t.Error("a call returned that was dropped") })
	if err := g.rec.Freeze(g.now).Trace().Check(); err != nil {
		t.Error(err)
	}
}

// A connection that a reader has is not changed under it.
func TestSnapshotKeepsItsConnections(t *testing.T) {
	r := NewGrowing(&Trace{}, Bound{})
	r.Host(Host{Name: "a", Addr: addrA})
	r.Host(Host{Name: "b", Addr: addrB})
	r.Packet(Packet{}, segment(0, syn, 1000, 0, 0))
	before := r.Freeze(0).Trace()
	r.Packet(Packet{From: 1, Sent: 1, Step: 1}, segment(1, synACK, 5000, 1001, 0))
	after := r.Freeze(1).Trace()
	if before.Conns[0].Known != [2]bool{true, false} || after.Conns[0].Known != [2]bool{true, true} {
		t.Errorf("known is %v before, %v after the second packet", before.Conns[0].Known, after.Conns[0].Known)
	}
}

// Segments with new data are counted, whoever sends them again.
func TestFreshSegmentsAreCounted(t *testing.T) {
	b := newBench()
	for _, s := range []struct {
		from  uint16
		frame []byte
		want  uint32
	}{
		{0, segment(0, syn, 1000, 0, 0), 0}, {1, segment(1, synACK, 5000, 1001, 0), 0},
		{0, segment(0, ack, 1001, 5001, 10), 1}, {0, segment(0, ack, 1011, 5001, 10), 2},
		{0, segment(0, ack, 1011, 5001, 10), 0}, {0, segment(0, ack, 1001, 5001, 30), 3},
		{1, segment(1, ack, 5001, 1031, 0), 0}, {1, segment(1, ack, 5001, 1031, 5), 1},
		{0, segment(0, finACK, 1031, 5001, 0), 0}, {1, segment(1, finACK, 5006, 1032, 5), 2},
	} {
		if got := b.send(s.from, s.frame).Fresh; got != s.want {
			t.Errorf("packet %d is fresh segment %d, want %d", len(b.Packets), got, s.want)
		}
	}
}
