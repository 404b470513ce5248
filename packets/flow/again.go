package flow

import (
	"time"

	"wirelab/packets"
)

// again takes a segment whose numbers were seen before, the first of them in
// p: a copy that the network made, what was sent first and comes last, or a
// retransmission.
func (a *Analyser) again(f *Flow, end int, g *segment, p *piece) {
	s := &f.Sides[end]
	if p.probe && g.hi > p.hi { // there is room for what the probe tried, and more
		a.repeat(s, g)
		return
	}
	if sure, ok := f.copies(end, g, p); ok {
		p.copied = true
		a.find(Finding{Packet: g.number, Label: Copy, Sure: sure, Proof: [4]uint32{p.last}})
		return
	}
	w, sure := s.order(&g.stamp, &p.stamp)
	if w == unknown && p.lost && p.guessed {
		w, sure = before, Possible
	}
	if w == before {
		a.late(s, g, sure)
		return
	}
	label := Retransmission
	if g.has(packets.SYN) {
		label = SYNRetransmission
	}
	if w == after || f.near(end, p) {
		sure = Certain
	} else {
		sure = Likely // or it is the copy of one, or late: it says nothing of its time
	}
	a.find(Finding{Packet: g.number, Label: label, Sure: sure, Proof: [4]uint32{p.first}})
	if p.held != 0 {
		a.find(Finding{Packet: g.number, Label: Spurious, Sure: Certain, Proof: [4]uint32{p.held, p.first}})
	}
	a.trigger(f, end, g, p)
	a.fill(s, g, true, false, Likely)
	a.repeat(s, g)
}

// copies says whether g is a copy of what last brought p: the same in all, so
// that nothing in it shows that its sender sent two. Without an IP
// identification or a timestamp, which a second one would have changed, it must
// have come sooner than its sender could have had an answer; and a card beside
// the sender sees no copies.
func (f *Flow) copies(end int, g *segment, p *piece) (Sure, bool) {
	if g.stamp != p.lastStamp || g.lo > p.lo || g.hi < p.hi {
		return Possible, false
	}
	if g.stamp.id != 0 {
		return Certain, true
	}
	trip, age := f.roundTrip(), g.at-p.lastAt
	ticks := g.stamp.ts != 0
	switch {
	case f.beside(end):
		return Possible, false
	case g.has(packets.SYN): // it is sent again as it was, and not soon
		return Possible, age < shortestTimeout
	case trip == 0:
		return Possible, ticks || age < unaided
	case age < trip*3/4 || ticks && trip > f.Sides[end].period()*3/2:
		return Likely, true
	}
	return Possible, ticks
}

// late takes a segment that was sent before what had already brought the same
// numbers: it was overtaken by its own repetition, which was not needed.
func (a *Analyser) late(s *Side, g *segment, sure Sure) {
	ps := &s.sent
	for i := ps.find(g.lo); i < len(ps.all) && ps.all[i].lo < g.hi; i++ {
		p := &ps.all[i]
		if p.hole() {
			continue
		}
		if i == 0 || ps.all[i-1].first != p.first {
			a.find(Finding{Packet: p.first, Label: Retransmission, Sure: sure, Proof: [4]uint32{g.number}})
			a.find(Finding{Packet: p.first, Label: Spurious, Sure: sure, Proof: [4]uint32{g.number}})
		}
		p.stamp = g.stamp
		if p.lost && s.before(g, p.opener) {
			p.lost = false
			a.resolve(ps, i, sure)
		}
	}
	a.find(Finding{Packet: g.number, Label: OutOfOrder, Sure: sure, Proof: [4]uint32{s.number}})
	a.fill(s, g, false, false, sure)
}

// before says whether g was not sent after the packet that opened a gap.
func (s *Side) before(g *segment, opener uint32) bool {
	for i := range s.gaps {
		if s.gaps[i].opener == opener {
			w, _ := s.order(&g.stamp, &s.gaps[i].stamp)
			return w != after
		}
	}
	return false
}

// repeat notes on the pieces in the numbers of g that it has brought them again.
func (a *Analyser) repeat(s *Side, g *segment) {
	ps := &s.sent
	for i := ps.find(g.lo); i < len(ps.all) && ps.all[i].lo < g.hi; i++ {
		p := &ps.all[i]
		p.last, p.lastAt, p.lastStamp = g.number, g.at, g.stamp
		p.times += min(1, 255-p.times)
	}
}

// forgotten takes a segment of numbers that were sent so long ago that they are
// remembered no longer, or before the capture began.
func (a *Analyser) forgotten(f *Flow, end int, g *segment) {
	s := &f.Sides[end]
	if w, sure := s.order(&g.stamp, &s.stamp); w == before {
		a.find(Finding{Packet: g.number, Label: OutOfOrder, Sure: sure, Proof: [4]uint32{s.number}})
		return
	}
	a.find(Finding{Packet: g.number, Label: Retransmission, Sure: Likely})
	if g.hi <= s.una {
		a.find(Finding{Packet: g.number, Label: Spurious, Sure: Likely, Proof: [4]uint32{s.unaBy}})
	}
}

// asks looks whether g is a keep-alive (RFC 9293 section 3.8.4) or a window
// probe (section 3.8.6.1): at most one byte, and it is acknowledged already, or
// there is no room for it.
func (a *Analyser) asks(f *Flow, end int, g *segment) bool {
	s, o := &f.Sides[end], &f.Sides[1-end]
	if g.h.Len > 1 || g.any(packets.SYN|packets.FIN) || g.lo < s.una-1 || g.lo > s.una || s.number == 0 {
		return false
	}
	if w, _ := s.order(&g.stamp, &s.stamp); w == before {
		return false
	}
	full := o.zeroBy != 0
	label, sure, proof := KeepAlive, Likely, s.unaBy
	switch {
	case g.lo == s.una && !(full && g.h.Len == 1):
		return false
	case full:
		label, sure, proof = WindowProbe, Certain, o.zeroBy
	case o.openedBy != 0 && s.sentAt <= o.openedAt: // it has not heard yet
		label, proof = WindowProbe, o.openedBy
	case s.una != s.nxt || g.at-s.at < max(f.roundTrip(), soonest):
		return false
	}
	a.find(Finding{Packet: g.number, Label: label, Sure: sure, Proof: [4]uint32{proof}})
	o.asked, o.askedBy = label, g.number
	if label == WindowProbe && s.una < s.nxt { // it is the retransmission timer that sends probes
		s.enter(timedOut, g)
	}
	if g.lo == s.una && g.hi > s.nxt {
		s.sent.add(g.piece(s.nxt, g.hi), &a.spare).probe = true
		s.nxt = g.hi
	}
	return true
}

// soonest is how long a connection must have been silent at least for a
// keep-alive to be one. (RFC 9293 asks for two hours; no program wants it
// within a tenth of a second.)
const soonest = 100 * time.Millisecond
