package flow

import "wirelab/packets"

// reopened says whether h, sent by end, begins another connection on the same
// addresses and ports: a SYN with a number that is not the one of this flow
// (RFC 9293 section 3.6.1; the first SYN of the other end is a simultaneous
// open, section 3.5).
func (f *Flow) reopened(end int, h *packets.Headers) bool {
	if !h.Flags.Has(packets.SYN) || h.Flags&(packets.ACK|packets.RST) != 0 {
		return false
	}
	s := &f.Sides[end]
	if s.ISNKnown {
		return s.ISN != h.Seq
	}
	return s.seen || f.Sides[1-end].seen && f.SYN == 0 || f.ResetBy != 0
}

// meet takes the first packet of an end, and every SYN.
func (f *Flow) meet(end int, g *segment) {
	s, h := &f.Sides[end], g.h
	if !g.has(packets.SYN) {
		if !s.started {
			s.start(h.Seq-1, 1)
		} else if n := s.rel(h.Seq); n > s.nxt && !far(n-s.nxt) {
			s.nxt = n // what was sent before the capture began is no gap
		}
		s.seen = true
		return
	}
	if !s.ISNKnown || s.ISN != h.Seq && f.Sides[end].una <= 1 {
		s.start(h.Seq, 0)
		s.ISNKnown = true
	}
	s.seen = true
	s.MSS, s.Scale = g.opt.mss, g.opt.scale
	s.SACKPermitted, s.Timestamps = g.opt.sackPermitted, g.opt.hasTS
	if g.has(packets.ACK) {
		f.SYNACK, f.Client = g.number, 1-end
	} else {
		f.SYN = g.number
		if f.Client < 0 {
			f.Client = end
		}
	}
}

// start begins to count from an initial sequence number; next is the number
// that is expected now.
func (s *Side) start(isn uint32, next int64) {
	s.ISN, s.started = isn, true
	s.sender = sender{started: true, nxt: next, una: next}
}

// far says that a number is further away than any window reaches (RFC 7323
// section 2.3: less than 2^30), so that no receiver would take it.
func far(distance int64) bool { return distance > 1<<30 || distance < -1<<30 }

// patience is after how many segments in a row that do not fit the stream it is
// believed that a large part of it was not captured.
const patience = 8

// moved says whether the stream has gone on at seq, after a part that was not
// captured.
func (s *Side) moved(seq uint32) bool {
	s.strange++
	if s.strange < patience {
		return false
	}
	s.ISN = seq - uint32(s.nxt)
	s.una = s.nxt
	s.sent = pieces{}
	return true
}
