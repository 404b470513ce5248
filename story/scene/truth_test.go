package scene_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

var (
	truthFrom = flag.Uint64("truth.from", 1, "first seed of the truth tests")
	truthRuns = flag.Int("truth.runs", 200, "how many random Scenarios the truth tests run")
)

// A model follows the events of a trace from the start, byte by byte, and knows
// nothing of how the scene finds its answers.
type model struct {
	tr      *trace.Trace
	t       *story.Teller
	done    int
	sent    map[int]bool // packets
	landed  map[int]bool
	ended   map[int]bool // calls
	streams []bytes
}

// bytes is what has happened to each byte of a stream.
type bytes struct {
	times []int  // sent by its sender
	here  []bool // came to the receiver, intact
	read  int64  // how many of them calls that returned have given
}

func newModel(t *story.Teller) *model {
	tr := t.Trace()
	m := &model{tr: tr, t: t, sent: map[int]bool{}, landed: map[int]bool{}, ended: map[int]bool{}, streams: make([]bytes, 2*len(tr.Conns))}
	for s := range m.streams {
		n := t.Total(trace.Stream(s))
		m.streams[s] = bytes{times: make([]int, n), here: make([]bool, n)}
	}
	return m
}

// follow goes on to a moment.
func (m *model) follow(to story.Moment) {
	for ; m.done < to.Done; m.done++ {
		e := m.t.Place(m.done)
		switch e.Kind {
		case story.Sent:
			m.sent[e.Row] = true
			p := &m.tr.Packets[e.Row]
			if m.tcp(p) && !p.Hop && !p.Copy {
				for n := range m.numbers(p) {
					m.streams[p.Span.Stream].times[n]++
				}
			}
		case story.Arrived:
			m.landed[e.Row] = true
			p := &m.tr.Packets[e.Row]
			if m.tcp(p) && m.atTheEnd(p) && p.Fate == trace.Delivered {
				for n := range m.numbers(p) {
					m.streams[p.Span.Stream].here[n] = true
				}
			}
		case story.Ended:
			m.ended[e.Row] = true
			if c := &m.tr.Calls[e.Row]; c.What == "read" && !c.Span.Empty() {
				m.streams[c.Span.Stream].read = c.Span.Hi
			}
		}
	}
}

func (m *model) tcp(p *trace.Packet) bool {
	return p.Conn() >= 0 && m.tr.Conns[p.Conn()].Proto == packets.ProtocolTCP
}

func (m *model) atTheEnd(p *trace.Packet) bool {
	return m.tr.Conns[p.Conn()].Ends[1-p.Span.Stream.End()].Host == p.To
}

// numbers yields the bytes of data that p carries.
func (m *model) numbers(p *trace.Packet) func(yield func(int64) bool) {
	h := packets.Scan(m.tr.Bytes(p))
	lo := p.Span.Lo
	if h.Flags.Has(packets.SYN) {
		lo++
	}
	return func(yield func(int64) bool) {
		for n := max(lo, 0); n < lo+int64(h.Len) && yield(n); n++ {
		}
	}
}

// wanted is how many bytes the end of a stream has in order, by its RCV.NXT.
func (m *model) wanted(s trace.Stream, at story.Moment) int64 {
	if x := m.t.State(s^1, at); x != nil {
		return max(min(int64(x.RcvNxt)-1, m.t.Total(s)), 0)
	}
	return 0
}

// runs is in how many pieces, with holes between, bytes from n on have come.
func (m *model) runs(s trace.Stream, n int64) (runs int) {
	here := m.streams[s].here
	for n = max(n, 0); n < int64(len(here)); n++ {
		if here[n] && (n == 0 || !here[n-1]) {
			runs++
		}
	}
	return runs
}

// acked is how many bytes its sender knows to have arrived, by its SND.UNA.
func (m *model) acked(s trace.Stream, at story.Moment) int64 {
	if x := m.t.State(s, at); x != nil {
		return max(min(int64(x.SndUna)-1, m.t.Total(s)), 0)
	}
	return 0
}

// A checker compares a scene with its model.
type checker struct {
	*testing.T
	*model
	s     *scene.Scene
	seen  map[string]int
	parts map[int]float64 // how far each packet had come
	mixed bool            // a datagram was put together of pieces of two
}

func newChecker(t *testing.T, s *scene.Scene, seen map[string]int) *checker {
	return &checker{T: t, model: newModel(s.Teller()), s: s, seen: seen, parts: map[int]float64{}}
}

func TestStripsOfTCPAreTrue(t *testing.T) {
	seen := map[string]int{}
	runs := *truthRuns
	if testing.Short() {
		runs = min(runs, 30)
	}
	for i := range runs {
		seed := *truthFrom + uint64(i)
		lines := anyTCP(seed)
		c := newChecker(t, scene.New(story.NewTeller(run(t, lines...))), seen)
		c.all(rand.New(rand.NewPCG(seed, 9)))
		if t.Failed() {
			t.Fatalf("seed %d\n%s", seed, strings.Join(lines, "\n"))
		}
	}
	for _, what := range []string{"not written yet", "not sent yet", "no ack yet", "acknowledged", "not yet", "wanted next", "kept", "delivered", "read",
		"lost", "sent again", "SACK", "SACK of all", "left sum", "right sum", "waiting", "cable lost", "kept in all"} {
		if seen[what] == 0 {
			t.Errorf("no run had %q, so nothing was checked", what)
		}
	}
	t.Log(seen)
}

// all checks a whole trace.
func (c *checker) all(r *rand.Rand) {
	for _, m := range moments(c.s, r, 150) {
		c.follow(m)
		c.cable(m)
		for range min(len(c.tr.Messages), 3) {
			of := trace.Ref{Table: trace.Messages, Row: r.IntN(len(c.tr.Messages))}
			c.strip(of, m, 1<<20)
			if r.IntN(4) == 0 {
				c.strip(of, m, 1+r.IntN(12))
			}
		}
		for range min(len(c.tr.Conns), 3) {
			c.ends(r.Int32N(int32(len(c.tr.Conns))), m)
		}
		if c.Failed() {
			return
		}
	}
	c.sacks()
	if c.tr.Err != "" {
		return
	}
	last := c.t.At(c.tr.End)
	for row := range c.tr.Messages {
		for _, p := range c.s.Strip(trace.Ref{Table: trace.Messages, Row: row}, last, 1<<20).Pieces {
			if p.Sent != scene.Acknowledged || p.Got != scene.Read || p.Lost {
				c.Errorf("at the end of a run without an error message %d has %+v", row, p)
			}
		}
	}
}

func (c *checker) strip(of trace.Ref, m story.Moment, most int) {
	v := c.s.Strip(of, m, most)
	fail := func(format string, args ...any) {
		c.Helper()
		c.Errorf("at %+v, message %d in %d pieces: %s", m, of.Row, most, fmt.Sprintf(format, args...))
	}
	if len(v.Pieces) > most {
		fail("it has %d", len(v.Pieces))
	}
	if v.Left.Pieces > 0 {
		c.seen["left sum"]++
	}
	if v.Right.Pieces > 0 {
		c.seen["right sum"]++
	}
	x := v.Spans[0]
	at := x.Lo + v.Left.Bytes
	have := c.streams[x.Stream]
	acked, wanted, read := c.model.acked(x.Stream, m), c.wanted(x.Stream, m), have.read
	for _, p := range v.Pieces {
		lo, hi := p.Span.Lo, p.Span.Hi
		if lo != at || hi <= lo || p.Span.Stream != x.Stream {
			fail("piece %+v does not begin at %d", p, at)
			return
		}
		at = hi
		up := func(n int64) int64 { return min(max(n-lo, 0), hi-lo) }
		if p.Acked != up(acked) || p.Delivered != up(wanted) || p.Read != up(read) {
			fail("%+v; acknowledged up to %d, in order up to %d, read up to %d", p, acked, wanted, read)
		}
		// Each side's word is about its first byte that is not at its end.
		first := lo + p.Acked
		times := 0
		if n := min(first, hi-1); n < int64(len(have.times)) {
			times = have.times[n]
		}
		var sent scene.Sending
		switch {
		case first == hi:
			sent = scene.Acknowledged
		case times > 0:
			sent = scene.NoAck
		default:
			sent = p.Sent // see written
			if p.Sent > scene.Unsent || (p.Sent == scene.Unsent) != c.written(x.Stream, first, m) {
				fail("%+v was not sent", p)
			}
		}
		if p.Sent != sent || p.Times != times {
			fail("%+v: want %v, sent %d times", p, sent, times)
		}
		c.seen[p.Sent.String()]++
		if times > 1 {
			c.seen["sent again"]++
		}
		if p.Acked > 0 && p.Acked < hi-lo {
			c.seen["partly acknowledged"]++
		}
		if p.Delivered > 0 && p.Delivered < hi-lo {
			c.seen["partly delivered"]++
		}
		c.having(p, wanted, m, fail)
	}
	if at+v.Right.Bytes != x.Hi || v.Size != x.Len() {
		fail("it ends at %d with %d more, the message at %d", at, v.Right.Bytes, x.Hi)
	}
	c.sums(of, v, m, fail)
}

// having checks what the receiver has of a piece.
func (c *checker) having(p scene.Piece, wanted int64, m story.Moment, fail func(string, ...any)) {
	have := c.streams[p.Span.Stream]
	missing := p.Span.Lo + p.Delivered
	var here int64
	for n := missing; n < p.Span.Hi && n < int64(len(have.here)); n++ {
		if have.here[n] {
			here++
		}
	}
	if p.Kept > here {
		fail("%+v: only %d bytes have come", p, here)
	}
	var got scene.Having
	switch {
	case p.Read == p.Span.Len():
		got = scene.Read
	case p.Delivered == p.Span.Len():
		got = scene.InOrder
	case p.Kept == p.Span.Hi-missing:
		got = scene.Kept
	case missing == wanted && c.t.State(p.Span.Stream^1, m) != nil && c.t.State(p.Span.Stream^1, m).RcvNxt > 0:
		got = scene.Wanted
	}
	if p.Got != got {
		fail("%+v: want %v", p, got)
	}
	c.seen[p.Got.String()]++
	if p.Got == scene.Kept && missing == wanted {
		fail("%+v: it is what is wanted next, and would not be kept", p)
	}
	if p.Lost {
		c.seen["lost"]++
		if p.Sent < scene.NoAck || p.Kept == p.Span.Hi-missing {
			fail("%+v is not lost", p)
		}
	}
	// With nothing kept of it the first missing byte is the one that counts.
	if p.Kept > 0 || missing == p.Span.Hi || missing >= int64(len(have.times)) || have.times[missing] == 0 {
		return
	}
	coming := false
	for _, f := range c.s.UnderWay(scene.OfConn(p.Span.Stream.Conn()), m) {
		q := &c.tr.Packets[f.Row]
		coming = coming || !f.Lost && q.Span.Stream == p.Span.Stream && q.Span.Contains(missing)
	}
	if c.atRouter(p.Span.Stream, missing) {
		return
	}
	if p.Lost == coming {
		fail("%+v: a packet with byte %d is on its way: %v", p, missing, coming)
	}
}

// atRouter says whether a packet with byte n has come to something between the
// hosts. It may go on.
func (c *checker) atRouter(s trace.Stream, n int64) bool {
	for row := range c.landed {
		if p := &c.tr.Packets[row]; p.Span.Stream == s && p.Span.Contains(n) && !c.atTheEnd(p) {
			return true
		}
	}
	return false
}

// written says whether a write call that began by m has byte n.
func (c *checker) written(s trace.Stream, n int64, m story.Moment) bool {
	for i := range c.tr.Calls {
		x := &c.tr.Calls[i]
		if x.What != "write" || x.Span.Stream != s || !x.Span.Contains(n) {
			continue
		}
		if x.Start != m.At {
			return x.Start < m.At
		}
		// All that happens in its step, or in a later one, happens with it begun.
		for i := m.Done; i < c.t.Len() && c.t.Place(i).At == m.At; i++ {
			return m.Done > 0 && c.t.Place(m.Done-1).Step >= x.Began
		}
		return true
	}
	return false
}

// sums compares what is summed up with the same pieces one by one.
func (c *checker) sums(of trace.Ref, v scene.Strip, m story.Moment, fail func(string, ...any)) {
	if v.Left.Pieces+v.Right.Pieces == 0 {
		return
	}
	whole := c.s.Strip(of, m, 1<<20).Pieces
	if n := v.Left.Pieces + len(v.Pieces) + v.Right.Pieces; n != len(whole) {
		fail("%d pieces, want %d", n, len(whole))
		return
	}
	if !slices.Equal(v.Pieces, whole[v.Left.Pieces:][:len(v.Pieces)]) {
		fail("other pieces than in the whole")
	}
	for side, of := range map[*scene.Sum][]scene.Piece{&v.Left: whole[:v.Left.Pieces], &v.Right: whole[len(whole)-v.Right.Pieces:]} {
		var want scene.Sum
		for _, p := range of {
			want.Bytes += p.Span.Len()
			want.Pieces++
			for n, so := range map[*int]bool{&want.Acknowledged: p.Sent == scene.Acknowledged, &want.Sent: p.Sent >= scene.NoAck,
				&want.Delivered: p.Got == scene.InOrder || p.Got == scene.Read, &want.Read: p.Got == scene.Read} {
				if so {
					*n++
				}
			}
		}
		if *side != want {
			fail("summed up %+v, want %+v", *side, want)
		}
	}
}

// cable checks that the packets on it are exactly those that were sent and have
// not arrived, and that they go one way.
func (c *checker) cable(m story.Moment) {
	at := map[int]scene.Flight{}
	last := -1
	for _, f := range c.s.UnderWay(scene.All(), m) {
		if _, twice := at[f.Row]; twice || !c.sent[f.Row] {
			c.Errorf("at %+v: %+v", m, f)
		}
		at[f.Row] = f
		if last >= 0 && c.tr.Packets[last].Sent > c.tr.Packets[f.Row].Sent {
			c.Errorf("at %+v: %d stands before %d", m, last, f.Row)
		}
		last = f.Row
		if f.Part < c.parts[f.Row] || f.Part > 1 || f.Waiting && f.Part > 0 {
			c.Errorf("at %+v: %+v, and before it was at %v", m, f, c.parts[f.Row])
		}
		c.parts[f.Row] = f.Part
		p := &c.tr.Packets[f.Row]
		if f.Waiting {
			c.seen["waiting"]++
		}
		if !f.Lost {
			continue
		}
		c.seen["cable lost"]++
		arrived := p.Fate == trace.BadChecksum || p.Fate == trace.SocketFull || p.Fate == trace.LostBlocked && p.Arrived != trace.Never
		want := map[trace.Fate]float64{trace.LostRandom: 0.5, trace.LostCut: 0.5, trace.BadChecksum: 1, trace.SocketFull: 1}[p.Fate]
		if arrived {
			want = 1
		}
		if f.Fate != p.Fate || f.Part != want || !arrived && !p.Fate.Lost() || arrived && !c.landed[f.Row] {
			c.Errorf("at %+v: %+v, and it is %v", m, f, p.Fate)
		}
	}
	for row := range c.sent {
		p := &c.tr.Packets[row]
		if p.Fate.Lost() && p.Arrived == trace.Never {
			continue
		}
		f, there := at[row]
		if flying := !c.landed[row]; flying != (there && !f.Lost) {
			c.Errorf("at %+v: packet %d: on the cable %v %+v, want %v", m, row, there, f, flying)
		}
	}
}

// ends checks the numbers of both ends.
func (c *checker) ends(conn int32, m story.Moment) {
	for i, e := range c.s.Ends(conn, m) {
		out, in := trace.StreamOf(conn, i), trace.StreamOf(conn, 1-i)
		x := c.t.State(out, m)
		if e.TCP == nil || e.TCP.Known != (x != nil) || e.TCP.Given != c.streams[in].read {
			c.Errorf("at %+v: %+v, state %+v, given %d", m, e.TCP, x, c.streams[in].read)
			continue
		}
		if x == nil {
			continue
		}
		if e.TCP.Unacked != int64(x.SndUna) || e.TCP.Next != int64(x.SndNxt) || e.TCP.Wanted != int64(x.RcvNxt) || e.TCP.State != x.State {
			c.Errorf("at %+v: %+v, want %+v", m, e.TCP, x)
		}
		var here int64
		for n := c.wanted(in, m); n < int64(len(c.streams[in].here)); n++ {
			if c.streams[in].here[n] {
				here++
			}
		}
		if e.TCP.Kept > here {
			c.Errorf("at %+v: kept %d, and only %d have come", m, e.TCP.Kept, here)
		}
		if e.TCP.Kept > 0 {
			c.seen["kept in all"]++
		}
	}
}

// sacks compares what the scene says is kept behind a hole with what the
// receivers themselves say in their acknowledgements (RFC 2018): a segment names
// up to three intervals, and all if they are fewer.
func (c *checker) sacks() {
	now := newModel(c.t)
	forgets := map[trace.Stream]bool{}
	for row := range c.tr.Packets {
		p := &c.tr.Packets[row]
		if !c.tcp(p) || p.Hop || p.Copy {
			continue
		}
		h := packets.Scan(c.tr.Bytes(p))
		if h.Flags.Has(packets.RST) {
			continue
		}
		conn, in := &c.tr.Conns[p.Conn()], p.Span.Stream^1
		wanted := int64(h.Ack-conn.ISN[in.End()]) - 1
		i, _ := c.t.Find(story.Sent, row)
		m := c.t.After(i)
		now.follow(m)
		// This stack remembers six blocks; of more it forgets the oldest, and
		// does not name that again.
		forgets[in] = forgets[in] || now.runs(in, wanted) > 6
		x := c.t.State(p.Span.Stream, m)
		if x == nil || int64(x.RcvNxt)-1 != wanted {
			continue // an earlier word, or a later state
		}
		var said int64
		blocks := 0
		for left, right := range packets.SACKBlocks(c.tr.Bytes(p)) {
			if int32(left-h.Ack) < 0 {
				blocks = 3 // what came twice; the others may not all have room
				continue
			}
			blocks++
			said += int64(right - left)
			if right-conn.ISN[in.End()]-1 > uint32(c.t.Total(in)) {
				said-- // the FIN
			}
		}
		if blocks == 0 {
			continue
		}
		c.seen["SACK"]++
		kept := c.s.Ends(p.Conn(), m)[p.Span.Stream.End()].TCP.Kept
		if blocks < 3 && !forgets[in] {
			c.seen["SACK of all"]++
		}
		if said > kept || blocks < 3 && !forgets[in] && said != kept {
			c.Errorf("at %+v: packet %d says that %d bytes are kept behind %d, in %d blocks; %d are", m, row, said, wanted, blocks, kept)
		}
	}
}
