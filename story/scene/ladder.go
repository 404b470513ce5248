package scene

import (
	"slices"
	"sort"
	"time"

	"wirelab/story"
	"wirelab/trace"
)

// A Rung is a packet in the ladder that every textbook draws.
type Rung struct {
	Flight
	FromLane, ToLane int    // which of the lanes; -1: it is on none of them
	Label            string // what it is, in a few words

	// When its first bit left, and when it lands: where it is drawn as a line
	// that slopes, these are its ends. Of one that never arrives Lands is when it
	// would have.
	Sent, Starts, Lands time.Duration

	Landed bool // it has arrived
	SentOn bool // its sender sent it on for another host
	Copy   bool // the wire made it
	Again  bool // some byte of it was sent before
}

// Ladder are the last packets of those that were sent by m, at most so many, in
// the order of their sending, and the hosts between which they go, from left to
// right. A packet that is lost says so from when it is.
func (s *Scene) Ladder(w Which, m story.Moment, most int) (rungs []Rung, lanes []uint16) {
	lanes = s.Lanes(w)
	for row := range s.latest(w, m) {
		if len(rungs) >= most {
			break
		}
		rungs = append(rungs, s.rung(row, m, lanes))
	}
	slices.Reverse(rungs)
	return rungs, lanes
}

// Rung is the packet in a row, which was sent by m, in the ladder of w.
func (s *Scene) Rung(w Which, m story.Moment, row int) Rung {
	return s.rung(int32(row), m, s.Lanes(w))
}

// rung is the packet in a row, which was sent by m.
func (s *Scene) rung(row int32, m story.Moment, lanes []uint16) Rung {
	p := &s.tr.Packets[row]
	w := s.passage(row)
	f, there := s.flight(row, m)
	r := Rung{Flight: f, FromLane: slices.Index(lanes, p.From), ToLane: slices.Index(lanes, p.To), Label: s.t.Arrow(int(row)),
		Sent: p.Sent, Starts: w.starts, Lands: w.lands, Landed: s.landed(row, m), SentOn: p.Hop, Copy: p.Copy, Again: p.Again}
	if !there { // it has come to its end, one way or the other
		r.Part, r.Lost, r.Fate = 1, w.stops != forever, p.Fate
		if r.Lost {
			r.Part = w.part
		}
	}
	return r
}

// Beside is the packet before (d -1) or behind (d 1) the one in a row, of those
// of w in the order of their sending. ok is false if there is none, or if it was
// not sent by m.
func (s *Scene) Beside(w Which, m story.Moment, row, d int) (beside int, ok bool) {
	if d < 0 {
		for r := range s.back(w, func(r int32) bool { return s.later(int32(row), r) }) {
			return int(r), s.left(r, m)
		}
		return 0, false
	}
	next := int32(-1)
	upTo := func(r int32) bool { return !s.later(r, int32(row)) }
	lists := s.lists(w)
	for _, l := range lists {
		if n := count(l, upTo); n < len(l) && (next < 0 || s.later(next, l[n])) {
			next = l[n]
		}
	}
	if lists == nil {
		n := len(s.tr.Packets)
		i := sort.Search(n, func(i int) bool { return !upTo(s.at(i)) })
		for i < n && !w.has(&s.tr.Packets[s.at(i)]) {
			i++
		}
		if i < n {
			next = s.at(i)
		}
	}
	return int(next), next >= 0 && s.left(next, m)
}

// latest yields the packets of w that were sent by m, the last one first.
func (s *Scene) latest(w Which, m story.Moment) func(yield func(int32) bool) {
	return s.back(w, func(row int32) bool { return s.left(row, m) })
}

// Latest is the packet of w that was sent last by m. ok is false if there is none.
func (s *Scene) Latest(w Which, m story.Moment) (row int, ok bool) {
	for r := range s.latest(w, m) {
		return int(r), true
	}
	return 0, false
}

// back yields the packets of w for which so holds, the last one first: it holds
// up to some place in the order of their sending.
func (s *Scene) back(w Which, so func(row int32) bool) func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		lists := s.lists(w)
		if lists == nil {
			n := sort.Search(len(s.tr.Packets), func(i int) bool { return !so(s.at(i)) })
			for i := n - 1; i >= 0; i-- {
				if row := s.at(i); w.has(&s.tr.Packets[row]) && !yield(row) {
					return
				}
			}
			return
		}
		for i := range lists {
			lists[i] = lists[i][:count(lists[i], so)]
		}
		for {
			last := -1
			for i, l := range lists {
				if n := len(l); n > 0 && (last < 0 || s.later(l[n-1], lists[last][len(lists[last])-1])) {
					last = i
				}
			}
			if last < 0 {
				return
			}
			n := len(lists[last]) - 1
			row := lists[last][n]
			lists[last] = lists[last][:n]
			if !yield(row) {
				return
			}
		}
	}
}

// lists are the packets of w, as far as they are kept together: each list is in
// the order of their sending.
func (s *Scene) lists(w Which) [][]int32 {
	stream := func(st trace.Stream) []int32 { return s.sent.of(int(st) + 1) }
	switch {
	case w.kind == ofConn && w.conn < 0:
		return [][]int32{stream(-1)}
	case w.kind == ofConn:
		return [][]int32{stream(trace.StreamOf(w.conn, 0)), stream(trace.StreamOf(w.conn, 1))}
	case w.kind == with:
		return [][]int32{stream(trace.StreamOf(w.conn, 0)), stream(trace.StreamOf(w.conn, 1)), stream(-1)}
	}
	return nil
}

// later says whether packet a was sent after packet b.
func (s *Scene) later(a, b int32) bool {
	x, y := &s.tr.Packets[a], &s.tr.Packets[b]
	switch {
	case x.Sent != y.Sent:
		return x.Sent > y.Sent
	case x.Step != y.Step:
		return x.Step > y.Step
	}
	return a > b
}
