package story

import "wirelab/trace"

// A Landmark is a kind of event that one wants to come to, or several of them.
type Landmark uint8

// The landmarks.
const (
	Loss     Landmark = 1 << iota // of a packet that is of no use: where it is last seen
	Again                         // the sending of something that was sent before
	Change                        // an end of a connection changes its state
	CallMark                      // a program calls, or a call returns
)

// landmarks are which an event is.
func (t *Teller) landmarks(p place) Landmark {
	switch p.kind {
	case Sent:
		q := &t.tr.Packets[p.row]
		var is Landmark
		if q.Fate.Lost() && q.Arrived == trace.Never {
			is = Loss
		}
		if q.Again && own(q) {
			is |= Again
		}
		return is
	case Arrived:
		switch q := &t.tr.Packets[p.row]; {
		case q.Fate.Lost(), q.Fate == trace.BadChecksum, q.Fate == trace.SocketFull:
			return Loss
		}
	case State:
		return Change
	case Began, Ended:
		return CallMark
	}
	return 0
}

// Next is the next event behind event from (dir 1), or before it (dir -1), that
// is one of those in what. from may be -1 or Len.
func (t *Teller) Next(from, dir int, what Landmark) (i int, ok bool) {
	for i = from + dir; i >= 0 && i < len(t.places); i += dir {
		if t.places[i].is&what != 0 {
			return i, true
		}
	}
	return 0, false
}
