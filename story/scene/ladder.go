package scene

import (
	"slices"
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

// latest yields the packets of w that were sent by m, the last one first.
func (s *Scene) latest(w Which, m story.Moment) func(yield func(int32) bool) {
	if w.kind != ofConn {
		return func(yield func(int32) bool) {
			for i := s.sentBy(m) - 1; i >= 0; i-- {
				if row := s.at(i); w.has(&s.tr.Packets[row]) && !yield(row) {
					return
				}
			}
		}
	}
	if w.conn < 0 {
		return func(yield func(int32) bool) {
			rows := s.sent.of(0)
			for i := count(rows, func(row int32) bool { return s.left(row, m) }) - 1; i >= 0; i-- {
				if !yield(rows[i]) {
					return
				}
			}
		}
	}
	a, b := s.sent.of(int(trace.StreamOf(w.conn, 0))+1), s.sent.of(int(trace.StreamOf(w.conn, 1))+1)
	return func(yield func(int32) bool) {
		left := func(row int32) bool { return s.left(row, m) }
		i, k := count(a, left)-1, count(b, left)-1
		for i >= 0 || k >= 0 {
			var row int32
			if k < 0 || i >= 0 && s.later(a[i], b[k]) {
				row, i = a[i], i-1
			} else {
				row, k = b[k], k-1
			}
			if !yield(row) {
				return
			}
		}
	}
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
