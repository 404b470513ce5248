package scene

import (
	"cmp"
	"slices"

	"wirelab/story"
	"wirelab/trace"
)

// arrivals is how many datagrams have come by m.
func (s *Scene) arrivals(box *inbox, m story.Moment) int {
	return count(box.rows, func(row int32) bool { return s.landed(row, m) })
}

// placeOf is the place in the inbox of what the packet in a row completes at the
// end of its stream, or false.
func (s *Scene) placeOf(row int32) (place int, ok bool) {
	box := &s.inboxes[s.tr.Packets[row].Span.Stream]
	return slices.BinarySearchFunc(box.rows, s.tr.Packets[row].Landed, func(row int32, step uint32) int {
		return cmp.Compare(s.tr.Packets[row].Landed, step)
	})
}

// fragmented fills in the pieces of a datagram.
func (s *Scene) fragmented(v *Strip, m story.Moment, most int) {
	x := v.Spans[0]
	firsts := s.firsts.of(int(x.Stream))
	wrote := count(s.writes.of(int(x.Stream)), func(row int32) bool { return s.began(row, m) }) >= int(x.Unit)
	if int(x.Unit) > len(firsts) || x.Unit < 1 {
		p := Piece{Row: -1, Span: x}
		if wrote {
			p.Sent = Unsent
		}
		v.add(p, most)
		return
	}
	done := s.fate(x.Stream, x.Unit, m)
	first := firsts[x.Unit-1]
	for row := range s.fragments(x.Stream, x.Unit) {
		p := &s.tr.Packets[row]
		if row != first && (!own(p) || int(p.Piece) != s.tr.Dropped.Packets+int(first)) {
			continue
		}
		piece := Piece{Name: s.t.Name(int(row)), Row: int(row), Span: p.Span}
		switch {
		case s.left(row, m):
			piece.Sent, piece.Times = NoAck, 1
		case wrote:
			piece.Sent = Unsent
		}
		piece.Got = done
		if done == NotHere {
			here, coming := false, false
			for other := range s.fragments(x.Stream, x.Unit) {
				if q := &s.tr.Packets[other]; q.Span == p.Span {
					here = here || s.landed(other, m) && s.final(q) && q.Fate == trace.Delivered
					coming = coming || s.coming(other, m)
				}
			}
			if here {
				piece.Got = Kept
			}
			piece.Lost = !here && !coming && piece.Sent == NoAck
		}
		piece.count()
		v.add(piece, most)
	}
}

// count fills in the bytes of a fragment, which are all in one state.
func (p *Piece) count() {
	switch p.Got {
	case Read:
		p.Read, p.Delivered = p.Span.Len(), p.Span.Len()
	case InOrder:
		p.Delivered = p.Span.Len()
	case Kept:
		p.Kept = p.Span.Len()
	}
}

// add adds a fragment, if there is room for it: those of a datagram are few.
func (v *Strip) add(p Piece, most int) {
	if len(v.Pieces) < most {
		v.Pieces = append(v.Pieces, p)
		return
	}
	v.Right.Pieces++
	v.Right.Bytes += p.Span.Len()
	for _, so := range []struct {
		is bool
		n  *int
	}{{p.Sent >= NoAck, &v.Right.Sent}, {p.Got == InOrder || p.Got == Read, &v.Right.Delivered}, {p.Got == Read, &v.Right.Read}} {
		if so.is {
			*so.n++
		}
	}
}

// fate is what has become of a whole datagram by m: NotHere if it is not whole.
func (s *Scene) fate(st trace.Stream, n int32, m story.Moment) Having {
	box := &s.inboxes[st]
	best := NotHere
	for row := range s.fragments(st, n) {
		p := &s.tr.Packets[row]
		if !s.landed(row, m) || !s.final(p) {
			continue
		}
		place, ok := s.placeOf(row)
		switch {
		case !ok || box.rows[place] != row:
		case !s.taken(box, place):
			if best == NotHere {
				best = ThrownOut
			}
		case s.readBy(st, place, m):
			return Read
		default:
			best = InOrder
		}
	}
	return best
}

// readBy says whether the datagram at a place of the inbox was read by m: they
// are read in the order in which they came.
func (s *Scene) readBy(st trace.Stream, place int, m story.Moment) bool {
	reads := s.reads.of(int(st))
	i := s.inboxes[st].sizes.upTo(place).many
	return i < len(reads) && s.ended(reads[i], m)
}

// datagrams are those of the end that sends on st.
func (s *Scene) datagrams(st trace.Stream, m story.Moment) *UDP {
	v := &UDP{}
	out, in := &s.inboxes[st], &s.inboxes[st^1]
	v.Sent = int64(count(s.firsts.of(int(st)), func(row int32) bool { return s.left(row, m) }))
	v.SentBytes = out.given.upTo(int(v.Sent)).n

	came := in.sizes.upTo(s.arrivals(in, m))
	v.Arrived, v.ArrivedBytes = int64(came.many), came.n
	v.Read = int64(count(s.reads.of(int(st^1)), func(row int32) bool { return s.ended(row, m) }))
	v.ReadBytes = in.read.upTo(int(v.Read)).n
	v.Waiting, v.WaitingBytes = v.Arrived-v.Read, came.n-in.passed.upTo(int(v.Read)).n
	v.Lost = v.Sent - int64(out.once.upTo(s.arrivals(out, m)).many) - s.stillComing(st, m)
	return v
}

// stillComing is how many datagrams of a stream were sent, have not come into a
// socket, and may yet.
func (s *Scene) stillComing(st trace.Stream, m story.Moment) (n int64) {
	seen := map[int32]bool{}
	for _, f := range s.UnderWay(OfConn(st.Conn()), m) {
		p := &s.tr.Packets[f.Row]
		if p.Span.Stream != st || f.Lost || seen[p.Span.Unit] {
			continue
		}
		seen[p.Span.Unit] = true
		if s.mayBeWhole(st, p.Span.Unit, m) {
			n++
		}
	}
	return n
}

// mayBeWhole says whether a datagram that has not come into a socket may yet:
// each of its pieces is there, or on its way, or was not sent yet.
func (s *Scene) mayBeWhole(st trace.Stream, unit int32, m story.Moment) bool {
	if had := s.fate(st, unit, m); had == InOrder || had == Read {
		return false
	}
	var there []interval
	for row := range s.fragments(st, unit) {
		p := &s.tr.Packets[row]
		if !s.left(row, m) || s.coming(row, m) || s.landed(row, m) && s.final(p) && p.Fate == trace.Delivered {
			there = append(there, interval{p.Span.Lo, max(p.Span.Hi, p.Span.Lo+1)})
		}
	}
	size := s.size(st, unit)
	return within(joined(there), 0, size) == size
}
