package flow

import "wirelab/packets"

// place finds out what the numbers of g, sent by end, are: new, behind a gap,
// out of order, or sent again. twin says that g is the packet before of its end
// once more.
func (a *Analyser) place(f *Flow, end int, g *segment, twin bool) {
	s := &f.Sides[end]
	idle := s.una == s.nxt
	switch {
	case a.asks(f, end, g):
		return
	case g.takes() == 0:
		a.bare(f, end, g, twin)
		return
	case g.lo >= s.nxt:
		a.fresh(f, end, g)
	default:
		a.overlap(f, end, g)
	}
	s.sentAt = g.at
	if idle {
		s.busyAt = g.at
	}
	if g.has(packets.FIN) {
		s.fin = g.hi - 1
	}
}

// bare takes a segment that takes no numbers. Two of them may well be the same
// in all but the IP identification; so only that one shows a copy.
func (a *Analyser) bare(f *Flow, end int, g *segment, twin bool) {
	s := &f.Sides[end]
	switch {
	case s.number == 0:
	case twin && g.stamp.id != 0:
		a.find(Finding{Packet: g.number, Label: Copy, Sure: Certain, Proof: [4]uint32{s.number}})
	case g.lo > s.nxt:
		a.gap(f, end, g)
	default:
		if w, sure := s.order(&g.stamp, &s.stamp); w == before {
			a.find(Finding{Packet: g.number, Label: OutOfOrder, Sure: sure, Proof: [4]uint32{s.number}})
		}
	}
}

// gap notes that numbers before g were not seen, and what its sender's clocks
// showed in g.
func (a *Analyser) gap(f *Flow, end int, g *segment) {
	s, o := &f.Sides[end], &f.Sides[1-end]
	a.find(Finding{Packet: g.number, Label: Gap, Sure: Certain, Proof: [4]uint32{s.number}})
	s.sent.add(piece{lo: s.nxt, hi: g.lo, at: g.at, lastAt: g.at, opener: g.number, stamp: g.stamp, lastStamp: o.stamp}, &a.spare)
	s.nxt = g.lo
	if len(s.gaps) == mostGaps {
		s.gaps = s.gaps[:copy(s.gaps, s.gaps[mostGaps/2:])]
	}
	s.gaps = append(s.gaps, gap{g.number, g.stamp})
}

// mostGaps is of how many gaps the stamps are remembered.
const mostGaps = 16

// fresh takes a segment of numbers that were not seen before.
func (a *Analyser) fresh(f *Flow, end int, g *segment) {
	s, room := &f.Sides[end], &f.Sides[1-end].window
	if g.lo > s.nxt {
		a.gap(f, end, g)
	}
	s.sent.add(g.piece(s.nxt, g.hi), &a.spare)
	s.nxt = g.hi
	if g.hi == room.right && room.zeroBy == 0 && f.Sides[1-end].ISNKnown && s.ISNKnown && !g.has(packets.SYN) {
		a.find(Finding{Packet: g.number, Label: WindowFull, Sure: Certain, Proof: [4]uint32{room.rightBy}})
	}
}

// piece is the part of g from lo to hi as a piece that was seen once.
func (g *segment) piece(lo, hi int64) piece {
	return piece{lo: lo, hi: hi, first: g.number, last: g.number, at: g.at, lastAt: g.at, stamp: g.stamp, lastStamp: g.stamp, times: 1}
}

// overlap takes a segment some of whose numbers lie below the highest seen.
func (a *Analyser) overlap(f *Flow, end int, g *segment) {
	s := &f.Sides[end]
	ps := &s.sent
	ps.reserve(3, &a.spare) // two holes cut in two, and what is new
	hole, seen := ps.within(g.lo, g.hi)
	switch {
	case seen >= 0:
		a.again(f, end, g, &ps.all[seen])
	case hole < 0:
		a.forgotten(f, end, g)
	default:
		a.fills(f, end, g, &ps.all[hole])
	}
	if g.hi > s.nxt {
		ps.add(g.piece(s.nxt, g.hi), &a.spare)
		s.nxt = g.hi
	}
}

// within returns the first hole and the first piece that was seen between two
// numbers; -1 where there is none.
func (ps *pieces) within(lo, hi int64) (hole, seen int) {
	hole, seen = -1, -1
	for i := ps.find(lo); i < len(ps.all) && ps.all[i].lo < hi; i++ {
		switch {
		case !ps.all[i].hole():
			return hole, i
		case hole < 0:
			hole = i
		}
	}
	return hole, seen
}

// fills takes a segment of which nothing was seen before: it comes late, or
// what it repeats was lost before it came here.
func (a *Analyser) fills(f *Flow, end int, g *segment, hole *piece) {
	s := &f.Sides[end]
	w, sure := s.order(&g.stamp, &hole.stamp)
	guessed := w == unknown
	if guessed {
		w, sure = f.orderByTime(end, g, hole)
	}
	opener, held := hole.opener, hole.held
	if w == before {
		a.find(Finding{Packet: g.number, Label: OutOfOrder, Sure: sure, Proof: [4]uint32{opener}})
		a.fill(s, g, false, guessed, sure)
		return
	}
	a.find(Finding{Packet: g.number, Label: Retransmission, Sure: sure, Proof: [4]uint32{opener}})
	if held != 0 {
		a.find(Finding{Packet: g.number, Label: Spurious, Sure: Certain, Proof: [4]uint32{held}})
	}
	a.trigger(f, end, g, hole)
	a.fill(s, g, true, guessed, min(sure, Likely))
}

// fill marks the holes in the numbers of g as brought by it.
func (a *Analyser) fill(s *Side, g *segment, lost, guessed bool, sure Sure) {
	ps := &s.sent
	for i := ps.find(g.lo); i < len(ps.all) && ps.all[i].lo < g.hi; i++ {
		if !ps.all[i].hole() {
			continue
		}
		if ps.all[i].lo < g.lo {
			s.split(i, g.lo)
			continue // with the part that g fills
		}
		if ps.all[i].hi > g.hi {
			s.split(i, g.hi)
		}
		p := &ps.all[i]
		opener, held, sacked := p.opener, p.held, p.sacked
		*p = g.piece(p.lo, p.hi)
		p.opener, p.held, p.sacked, p.lost, p.guessed = opener, held, sacked, lost, guessed
		if held == 0 || !lost {
			a.resolve(ps, i, sure)
		}
	}
	a.settle(s, g)
}

// settle counts the pieces that are acknowledged as a whole since a hole was
// cut, of which the acknowledgment covered a part only.
func (a *Analyser) settle(s *Side, g *segment) {
	ps := &s.sent
	for ; ps.acked < len(ps.all) && ps.all[ps.acked].hi <= s.una; ps.acked++ {
		p := &ps.all[ps.acked]
		if p.hole() {
			a.missed(p, g)
		}
		if p.sacked {
			p.sacked = false
			s.sacked--
		}
	}
}

// split cuts piece i at number n.
func (s *Side) split(i int, n int64) {
	s.sent.split(i, n)
	if s.sent.all[i].sacked {
		s.sacked++
	}
}

// resolve says what became of the gap that piece i is a part of, once all of
// it has come.
func (a *Analyser) resolve(ps *pieces, i int, sure Sure) {
	opener := ps.all[i].opener
	if opener == 0 {
		return
	}
	lo, hi := i, i
	for lo > 0 && ps.all[lo-1].opener == opener {
		lo--
	}
	for hi+1 < len(ps.all) && ps.all[hi+1].opener == opener {
		hi++
	}
	f := Finding{Packet: opener, Label: GapReordered, Sure: sure, Proof: [4]uint32{ps.all[i].last}}
	for _, p := range ps.all[lo : hi+1] {
		if p.hole() {
			return
		}
		if p.lost {
			f.Label, f.Proof[0] = GapLost, p.first
		}
	}
	a.find(f)
}
