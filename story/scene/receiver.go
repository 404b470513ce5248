package scene

import (
	"cmp"
	"slices"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
)

// sample goes through the samples: it finds those with which an end came into
// another state, and which segments came behind a hole and were kept there.
func (s *Scene) sample() {
	n := 2 * len(s.tr.Conns)
	streams := make([]int32, len(s.tr.Samples)) // by row
	turned := newBits(len(streams))
	was := make([]trace.State, n)
	for i := range s.tr.Samples {
		x := &s.tr.Samples[i]
		st := trace.StreamOf(x.Conn, int(x.End))
		streams[i] = int32(st)
		if x.State != was[st] {
			was[st] = x.State
			turned.add(int32(i))
		}
	}
	s.turns = group(n, upTo(len(streams)), func(row int32) int {
		if !turned.has(row) {
			return -1
		}
		return int(streams[row])
	})
	samples := group(n, upTo(len(streams)), func(row int32) int { return int(streams[row]) })
	s.kept = newBits(len(s.tr.Packets))
	for st := range trace.Stream(n) {
		if !s.isUDP(st) {
			s.keep(st, samples.of(int(st^1)))
		}
	}
}

// keep finds out which segments of a stream, whose receiver has these samples,
// came behind a hole and were kept there. One that is kept is answered at once
// (RFC 5681 section 4.2), and with SACK the answer names it. Without, it is seen
// later: whether the bytes were there when the hole was filled. One that still
// waited when the run ended is taken to have been kept.
func (s *Scene) keep(st trace.Stream, samples []int32) {
	var came []int32
	for _, row := range s.sent.of(int(st) + 1) {
		if p := &s.tr.Packets[row]; p.Fate == trace.Delivered && !p.Span.Empty() && s.final(p) {
			came = append(came, row)
		}
	}
	slices.SortFunc(came, func(a, b int32) int { return cmp.Compare(s.tr.Packets[a].Landed, s.tr.Packets[b].Landed) })
	next := 0
	var waiting []int32
	for _, row := range came {
		p := &s.tr.Packets[row]
		for next < len(samples) && s.tr.Samples[samples[next]].Step < p.Landed {
			next++
		}
		if next == 0 {
			continue
		}
		last := &s.tr.Samples[samples[next-1]]
		before := unwrap(last.RcvNxt, p.Span.Lo+1)
		after := before
		if next < len(samples) && s.tr.Samples[samples[next]].Step == p.Landed {
			after = unwrap(s.tr.Samples[samples[next]].RcvNxt, p.Span.Lo+1)
		}
		// Number n of a span is sequence number n+1.
		switch {
		case last.State == trace.Closed || last.State == trace.SynSent:
		case p.Span.Lo+1 > before && after == before:
			answered, named := s.answered(p)
			if named || answered && !s.sacks.has(p.Conn()) {
				s.kept.add(row)
				waiting = append(waiting, row)
			}
		case after != before:
			waiting = s.settle(waiting, p.Span, after)
		}
	}
}

// answered says whether the receiver of p, a segment behind a hole, sends
// something in the step in which it lands, and whether that names its bytes in a
// SACK block: RFC 2018 section 4 has it name first what made it send.
func (s *Scene) answered(p *trace.Packet) (answered, named bool) {
	st := p.Span.Stream
	answers := s.sent.of(int(st^1) + 1)
	i, _ := slices.BinarySearchFunc(answers, p.Landed, func(row int32, step uint32) int {
		return cmp.Compare(s.tr.Packets[row].Step, step)
	})
	base := s.tr.Conns[p.Conn()].ISN[st.End()] + 1
	d := s.data(p)
	for _, row := range answers[i:] {
		q := &s.tr.Packets[row]
		if q.Step != p.Landed {
			break
		}
		if !own(q) {
			continue
		}
		answered = true
		for left, right := range packets.SACKBlocks(s.tr.Bytes(q)) {
			if lo, hi := unwrap(left-base, d.Lo), unwrap(right-base, d.Hi); lo <= d.Lo && d.Hi <= hi && !d.Empty() {
				return true, true
			}
		}
	}
	return answered, false
}

// settle decides on the rows that wait behind a hole which a segment has filled,
// after which number wanted is wanted, and returns those that wait on.
func (s *Scene) settle(rows []int32, in trace.Span, wanted int64) []int32 {
	rest := rows[:0]
	for _, row := range rows {
		switch first := s.tr.Packets[row].Span.Lo + 1; {
		case wanted < first:
			rest = append(rest, row)
		case wanted == first && !in.Contains(first-1):
			s.kept.drop(row)
		}
	}
	return rest
}

// behind are the bytes of a TCP stream from lo up to hi that have come behind a
// hole, by m, and are kept there: intervals in order, none of which touch.
func (s *Scene) behind(st trace.Stream, lo, hi int64, m story.Moment) []interval {
	var got []interval
	take := func(row int32) {
		if s.kept.has(row) && s.landed(row, m) {
			d := s.data(&s.tr.Packets[row])
			if d.Lo, d.Hi = max(d.Lo, lo), min(d.Hi, hi); d.Lo < d.Hi {
				got = append(got, interval{d.Lo, d.Hi})
			}
		}
	}
	far := int64(s.longest[st])
	firsts := s.firsts.of(int(st))
	for i := s.pieceOf(st, lo); i < len(firsts) && s.end(st, i-1) < hi+far; i++ {
		if !s.left(firsts[i], m) {
			break
		}
		take(firsts[i])
	}
	rows := s.repeats.of(int(st))
	from, _ := slices.BinarySearchFunc(rows, lo-far, func(row int32, n int64) int { return cmp.Compare(s.tr.Packets[row].Span.Lo, n) })
	for _, row := range rows[from:] {
		if s.tr.Packets[row].Span.Lo >= hi {
			break
		}
		take(row)
	}
	return joined(got)
}

// An interval is of the bytes [lo, hi) of a stream.
type interval struct{ lo, hi int64 }

// joined puts intervals in order and those that touch together.
func joined(in []interval) []interval {
	slices.SortFunc(in, func(a, b interval) int { return cmp.Compare(a.lo, b.lo) })
	out := in[:0]
	for _, v := range in {
		if n := len(out); n > 0 && v.lo <= out[n-1].hi {
			out[n-1].hi = max(out[n-1].hi, v.hi)
			continue
		}
		out = append(out, v)
	}
	return out
}

// within is how many bytes from lo up to hi lie in one of them.
func within(in []interval, lo, hi int64) (n int64) {
	for _, v := range in {
		n += max(min(v.hi, hi)-max(v.lo, lo), 0)
	}
	return n
}

// covers says whether byte n lies in one of them.
func covers(in []interval, n int64) bool { return within(in, n, n+1) > 0 }

// A progress is how far a TCP stream has come at a moment, in the numbers of a
// Span: each is one beyond the last byte that is so.
type progress struct {
	written   int64 // handed to the stack by the program, or about to be
	sent      int64
	acked     int64 // as the sender knows
	delivered int64 // in order, at the receiver
	read      int64 // given to its program
	heard     bool  // the receiver has a state: it knows of the connection
}

// progress is that of a TCP stream.
func (s *Scene) progress(st trace.Stream, m story.Moment) progress {
	total := s.t.Total(st)
	g := progress{sent: s.top(st, m)}
	g.written = max(g.sent, s.reach(s.writes.of(int(st)), func(row int32) bool { return s.began(row, m) }))
	g.read = s.reach(s.reads.of(int(st)), func(row int32) bool { return s.ended(row, m) })
	if own := s.t.State(st, m); own != nil {
		g.acked = min(max(unwrap(own.SndUna, g.sent+1)-1, 0), total)
	}
	if peer := s.t.State(st^1, m); peer != nil && peer.RcvNxt > 0 {
		g.delivered = min(max(unwrap(peer.RcvNxt, g.sent+1)-1, 0), total)
		g.heard = true
	}
	return g
}

// reach is how far the first calls of rows have come that are so.
func (s *Scene) reach(rows []int32, so func(row int32) bool) int64 {
	if n := count(rows, so); n > 0 {
		return s.tr.Calls[rows[n-1]].Span.Hi
	}
	return 0
}

// call puts the reads and writes of each stream together.
func (s *Scene) call() {
	what := func(what string) func(row int32) int {
		return func(row int32) int {
			c := &s.tr.Calls[row]
			if c.What != what || c.Span.Empty() && c.Span.Unit == 0 {
				return -1
			}
			return int(c.Span.Stream)
		}
	}
	s.reads = group(2*len(s.tr.Conns), upTo(len(s.tr.Calls)), what("read"))
	s.writes = group(2*len(s.tr.Conns), upTo(len(s.tr.Calls)), what("write"))
	for i := range s.tr.Calls {
		if s.tr.Calls[i].What == "listen" {
			s.listeners = append(s.listeners, int32(i))
		}
	}
	s.talks = newBits(len(s.tr.Conns))
	for i := range s.tr.Messages {
		if x := &s.tr.Messages[i]; x.Conn >= 0 && x.Sent != trace.Never && len(x.Spans) > 0 {
			s.talks.add(x.Conn)
		}
	}
}
