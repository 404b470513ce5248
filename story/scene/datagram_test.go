package scene_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

func TestDatagramsAreCountedTruly(t *testing.T) {
	seen := map[string]int{}
	runs := *truthRuns
	if testing.Short() {
		runs = min(runs, 30)
	}
	for i := range runs {
		seed := *truthFrom + uint64(i)
		lines := anyUDP(seed)
		c := newChecker(t, scene.New(story.NewTeller(run(t, lines...))), seen)
		if c.mixed = c.mixes(); c.mixed {
			seen["mixed"]++
		}
		r := rand.New(rand.NewPCG(seed, 9))
		for _, m := range moments(c.s, r, 300) {
			c.follow(m)
			c.cable(m)
			for row := range c.tr.Messages {
				c.fragments(row, m)
			}
			for conn := range c.tr.Conns {
				c.datagrams(int32(conn), m)
			}
			if t.Failed() {
				break
			}
		}
		c.inbox()
		if t.Failed() {
			t.Fatalf("seed %d\n%s", seed, strings.Join(lines, "\n"))
		}
	}
	for _, what := range []string{"not yet", "kept", "delivered", "read", "thrown away", "lost", "fragment lost", "waiting in the socket", "cut off",
		"came twice", "not written yet", "no ack yet"} {
		if seen[what] == 0 {
			t.Errorf("no run had %q, so nothing was checked", what)
		}
	}
	t.Log(seen)
}

// What is left of a datagram waits for half a minute: a piece that comes later makes
// nothing whole any more.
func TestFragmentsDoNotWaitForEver(t *testing.T) {
	for held, want := range map[string]scene.Having{"29s": scene.Read, "31s": scene.Kept} {
		tr := run(t, "exchange: udp", "size: 4000", "reply: none", "hold: client:2="+held)
		s := scene.New(story.NewTeller(tr))
		v := s.Strip(trace.Ref{Table: trace.Messages, Row: 0}, s.Teller().At(tr.End), 10)
		if got := v.Pieces[2].Got; got != want {
			t.Errorf("held for %s: the last piece is %v, want %v", held, got, want)
		}
		if e := s.Ends(0, s.Teller().At(tr.End))[1].UDP; (e.Read > 0) != (want == scene.Read) {
			t.Errorf("held for %s: %+v", held, e)
		}
	}
}

// Of the one the second piece is lost, of the other the first.
func TestPiecesOfTwoDatagramsMakeNone(t *testing.T) {
	tr := run(t, "exchange: udp", "size: 4000", "count: 2", "reply: none", "interval: 1s", "drop: client:2,client:4")
	s := scene.New(story.NewTeller(tr))
	for row, lost := range []int{1, 0} {
		v := s.Strip(trace.Ref{Table: trace.Messages, Row: row}, s.Teller().At(tr.End), 10)
		for i, p := range v.Pieces {
			if want := i != lost; (p.Got == scene.Kept) != want || p.Lost == want {
				t.Errorf("datagram %d, piece %d: %v, lost %v", row+1, i+1, p.Got, p.Lost)
			}
		}
	}
	if e := s.Ends(0, s.Teller().At(tr.End))[1].UDP; e.Arrived > 0 {
		t.Errorf("%+v", e)
	}
}

// A unit is a datagram.
type unit struct {
	stream trace.Stream
	n      int32
}

// A fate is what has become of a datagram by now, by its packets.
type fate struct {
	size   int64
	pieces map[int64]int64 // first byte and how many, of the fragments as they were sent
	sent   bool
	coming map[int64]bool // by first byte: a packet with the fragment may yet come
	here   map[int64]bool // one has come
	full   bool           // the socket had no room when it was whole
}

func (c *checker) fates() map[unit]*fate {
	all := map[unit]*fate{}
	for i := range c.tr.Packets {
		p := &c.tr.Packets[i]
		if p.Span.Stream < 0 {
			continue
		}
		u := unit{p.Span.Stream, p.Span.Unit}
		f := all[u]
		if f == nil {
			f = &fate{pieces: map[int64]int64{}, coming: map[int64]bool{}, here: map[int64]bool{}}
			all[u] = f
		}
		if !p.Copy {
			f.size += p.Span.Len()
			f.pieces[p.Span.Lo] = p.Span.Len()
		}
	}
	return all
}

// datagrams checks the numbers of both ends of a connection.
func (c *checker) datagrams(conn int32, m story.Moment) {
	all := c.fates()
	lost := map[int]bool{} // packets that have met their fate
	there := map[int]bool{}
	for _, f := range c.s.UnderWay(scene.All(), m) {
		there[f.Row], lost[f.Row] = true, f.Lost
	}
	for i := range c.tr.Packets {
		p := &c.tr.Packets[i]
		f := all[unit{p.Span.Stream, p.Span.Unit}]
		switch {
		case p.Span.Stream < 0:
		case !c.sent[i]:
			f.coming[p.Span.Lo] = true
		case c.landed[i]:
			f.sent = true
			f.here[p.Span.Lo] = f.here[p.Span.Lo] || p.Fate == trace.Delivered
			f.full = f.full || p.Fate == trace.SocketFull
		default:
			f.sent = true
			f.coming[p.Span.Lo] = f.coming[p.Span.Lo] || there[i] && !lost[i]
		}
	}
	for i, e := range c.s.Ends(conn, m) {
		out := trace.StreamOf(conn, i)
		var want scene.UDP
		for u, f := range all {
			if u.stream != out || !f.sent {
				continue
			}
			want.Sent++
			want.SentBytes += f.size
			possible := true
			for lo := range f.pieces {
				possible = possible && (f.here[lo] || f.coming[lo])
			}
			if !possible {
				want.Lost++
			}
		}
		for i := range c.tr.Calls {
			x := &c.tr.Calls[i]
			if x.What == "read" && x.Span.Unit > 0 && x.Span.Stream == out^1 && c.ended[i] {
				want.Read++
				want.ReadBytes += x.Span.Len()
				if x.Span.Len() < all[unit{x.Span.Stream, x.Span.Unit}].size {
					c.seen["cut off"]++
				}
			}
		}
		got := e.UDP
		if got == nil || got.Sent != want.Sent || got.SentBytes != want.SentBytes || got.Read != want.Read || got.ReadBytes != want.ReadBytes {
			c.Errorf("at %+v: %+v, want %+v", m, got, want)
			return
		}
		// What the socket had no room for is lost too, and what came to a port
		// that no program had.
		full := false
		for row := range c.tr.Packets {
			full = full || strings.Contains(c.t.Label(row), "unreachable")
		}
		for u, f := range all {
			full = full || u.stream == out && f.full
		}
		if !c.mixed && got.Lost != want.Lost && (!full || got.Lost < want.Lost) {
			c.Errorf("at %+v: %+v, want %d lost", m, got, want.Lost)
		}
		if got.Waiting != got.Arrived-got.Read || got.Waiting < 0 || got.WaitingBytes < 0 || (got.Waiting == 0) != (got.WaitingBytes == 0) {
			c.Errorf("at %+v: %+v waits in the socket", m, got)
		}
		if got.Waiting > 0 {
			c.seen["waiting in the socket"]++
		}
	}
}

// fragments checks the strip of a datagram.
func (c *checker) fragments(row int, m story.Moment) {
	v := c.s.Strip(trace.Ref{Table: trace.Messages, Row: row}, m, 1<<10)
	x := v.Spans[0]
	at := x.Lo
	for _, p := range v.Pieces {
		if p.Span.Lo != at || p.Span.Unit != x.Unit {
			c.Errorf("at %+v: piece %+v does not begin at %d", m, p, at)
		}
		at = p.Span.Hi
		c.seen[p.Got.String()]++
		c.seen[p.Sent.String()]++
		if p.Lost {
			c.seen["lost"]++
			if len(v.Pieces) > 1 {
				c.seen["fragment lost"]++
			}
		}
		if p.Row >= 0 && (p.Sent == scene.NoAck) != c.sent[p.Row] {
			c.Errorf("at %+v: %+v, and it was sent: %v", m, p, c.sent[p.Row])
		}
		if want := c.readUnit(x); (p.Got == scene.Read) != want {
			c.Errorf("at %+v: %+v, and it was read: %v", m, p, want)
		}
		if c.mixed {
			continue
		}
		here, may := c.came(p.Span), false
		for _, f := range c.s.UnderWay(scene.All(), m) {
			may = may || c.tr.Packets[f.Row].Span == p.Span && !f.Lost
		}
		if (p.Got == scene.NotHere) == here && p.Got != scene.ThrownOut {
			c.Errorf("at %+v: %+v, and it has come: %v", m, p, here)
		}
		if p.Lost != (p.Sent == scene.NoAck && p.Got == scene.NotHere && !may) {
			c.Errorf("at %+v: %+v, and it may come: %v", m, p, may)
		}
	}
	if at != x.Hi || v.Size != x.Len() {
		c.Errorf("at %+v: the pieces of %+v end at %d", m, x, at)
	}
}

// mixes says whether a fragment was damaged: it may bear the identification of
// another datagram now, or spoil the whole, and nobody can tell by spans what came.
func (c *checker) mixes() bool {
	return slices.ContainsFunc(c.tr.Packets, func(p trace.Packet) bool { return p.Piece >= 0 && p.Flip >= 0 })
}

// came says whether a fragment has come intact.
func (c *checker) came(s trace.Span) bool {
	for i := range c.landed {
		if c.tr.Packets[i].Span == s && c.tr.Packets[i].Fate == trace.Delivered {
			return true
		}
	}
	return false
}

// readUnit says whether a call that returned has given a datagram.
func (c *checker) readUnit(s trace.Span) bool {
	for i := range c.ended {
		if x := &c.tr.Calls[i]; x.What == "read" && x.Span.Stream == s.Stream && x.Span.Unit == s.Unit {
			return true
		}
	}
	return false
}

// inbox checks that at the end no more was read than came, and that all that
// came to a program that reads until the end was read.
func (c *checker) inbox() {
	for conn := range c.tr.Conns {
		if c.tr.Conns[conn].Proto != packets.ProtocolUDP {
			continue
		}
		for _, e := range c.s.Ends(int32(conn), c.t.At(c.tr.End)) {
			if e.UDP.Arrived > e.UDP.Sent {
				c.seen["came twice"]++
			}
		}
	}
}
