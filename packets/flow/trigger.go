package flow

import (
	"time"

	"wirelab/packets"
)

// recovery is what a sender seems to be doing about a loss.
type recovery struct {
	mode       mode
	until      int64         // it ends when numbers up to here are acknowledged
	began      time.Duration // when the mode did
	probed     int64         // nxt when a tail loss probe was sent; 0: none since the last news
	progressAt time.Duration // when the acknowledgment number last went on
	delivered  time.Duration // when what has arrived was sent, the latest of it
	evident    bool          // the other end has given enough signs of a loss
	evidentAt  time.Duration // since then
}

type mode uint8

const (
	calm     mode = iota
	fast          // signs of a loss came from the other end
	timedOut      // none came in time
)

// progress notes that everything before una is acknowledged.
func (s *Side) progress(g *segment) {
	s.progressAt = g.at
	s.newsAt, s.newsBy = g.at, g.number
	s.evident = s.sacked >= threshold
	s.evidentAt = g.at
	if s.sacked == 0 {
		s.sackBy = [2]uint32{}
	}
	if s.mode != calm && s.una >= s.until {
		s.mode = calm
	}
	if s.una >= s.probed {
		s.probed = 0
	}
}

// sign notes a sign that something behind a hole arrived.
func (s *Side) sign(g *segment) {
	s.newsAt, s.newsBy = g.at, g.number
	if !s.evident && (s.sacked >= threshold || s.dups >= threshold) {
		s.evident, s.evidentAt = true, g.at
	}
}

// enter begins a recovery, of all that is under way now.
func (s *Side) enter(m mode, g *segment) {
	s.mode, s.until, s.began, s.probed = m, s.nxt, g.at, 0
}

// trigger finds out what made end send g, which repeats p.
func (a *Analyser) trigger(f *Flow, end int, g *segment, p *piece) {
	s := &f.Sides[end]
	label, sure := NoLabel, Possible
	switch {
	case g.has(packets.SYN):
		label, sure = f.synTrigger(end, g)
	case f.near(end, p):
		label, sure = f.nearTrigger(end, g, p)
	default:
		label, sure = f.farTrigger(end, g)
	}
	if label == NoLabel {
		return
	}
	proof := [4]uint32{s.unaBy, p.last}
	switch {
	case label == Fast && s.dups >= threshold:
		proof = [4]uint32{s.unaBy, s.dup[0], s.dup[1], s.dup[2]}
	case label == Fast || label == SACKRecovery:
		proof = [4]uint32{s.unaBy, s.sackBy[0], s.sackBy[1]}
	}
	a.find(Finding{Packet: g.number, Label: label, Sure: sure, Proof: proof})
}

// synTrigger tells a SYN's timer from the answer to a SYN that came again.
func (f *Flow) synTrigger(end int, g *segment) (Label, Sure) {
	if o := &f.Sides[1-end]; g.has(packets.ACK) && o.number == f.SYN && f.SYN > f.Sides[end].number && g.at-o.at <= f.reach(end) {
		return AnswersTheSYN, Likely
	}
	return Timeout, Likely
}

// near says whether the capture was made so close to end that what it receives
// and what it sends because of that stand close together. p is what it repeats:
// where no times tell, that p was seen means that it was not lost on the way
// here.
func (f *Flow) near(end int, p *piece) bool {
	if f.Sides[1-end].rtt.n == 0 {
		return !p.hole()
	}
	return f.beside(end)
}

// beside says whether times tell that the capture was made close to end.
func (f *Flow) beside(end int) bool {
	turn, trip := &f.Sides[1-end].rtt, f.roundTrip()
	return turn.n > 0 && (turn.shortest <= atOnce && trip == 0 || trip > 0 && turn.shortest*4 <= trip)
}

// reach is how long after a packet that reaches end its answer may pass here,
// if it answers at once.
func (f *Flow) reach(end int) time.Duration {
	s, o := &f.Sides[end], &f.Sides[1-end]
	turn := o.rtt.shortest
	slack := max(4*turn, promptly)
	if s.rtt.n > 0 {
		slack = min(slack, s.rtt.shortest/8) // a reordering timer may run that soon
	}
	return turn + slack
}

// promptly is how long a host takes at most to answer a segment, if nothing
// keeps it busy.
const promptly = 100 * time.Microsecond

// atOnce is a time in which no segment goes to another host and back.
const atOnce = 20 * time.Microsecond

// SACK says whether both ends agreed on selective acknowledgments (RFC 2018
// section 2). Where the SYNs were not captured, a SACK that was seen says it.
func (f *Flow) SACK(end int) bool {
	s, o := &f.Sides[end], &f.Sides[1-end]
	return s.SACKPermitted && o.SACKPermitted || s.agreed
}

// nearTrigger tells by what came just before: if nothing did, a timer ran out.
func (f *Flow) nearTrigger(end int, g *segment, p *piece) (Label, Sure) {
	s, o := &f.Sides[end], &f.Sides[1-end]
	news := s.newsAt
	if s.mode != calm && o.number != 0 {
		news = o.at // in recovery any segment may give leave to go on
	}
	// What is all that is under way, and was repeated since the last news, no
	// answer asks for: it only comes at the same time.
	alone := g.lo == s.una && g.hi >= s.nxt && s.sacked == 0 && s.mode == timedOut && p.lastAt >= max(s.began, s.newsAt)
	if s.newsBy == 0 || g.at-news > f.reach(end) || alone {
		return f.timer(end, g, p)
	}
	return f.answer(end, g, p)
}

// answer tells what in the acknowledgments made end repeat p.
func (f *Flow) answer(end int, g *segment, p *piece) (Label, Sure) {
	s := &f.Sides[end]
	selective := f.SACK(end)
	again := p.lastAt >= s.began // it was repeated already in this recovery
	switch {
	case s.mode == timedOut && !again:
		return AfterTimeout, Likely
	case s.mode == timedOut && s.dups < threshold && !selective:
		return AfterTimeout, Possible
	case s.mode != calm && selective:
		return SACKRecovery, Likely
	case s.mode == fast && s.dups == 0:
		return PartialACK, Likely
	case s.dups >= threshold || selective && s.sacked > 0:
		direct := s.dups >= threshold && s.newsBy == s.dup[threshold-1]
		if s.mode != timedOut {
			s.enter(fast, g)
		}
		if direct {
			return Fast, Certain
		}
		return Fast, Likely
	case selective: // it was sent before something that has arrived (RFC 8985)
		s.enter(fast, g)
		return Fast, Possible
	}
	return UnknownTrigger, Possible
}

// timer tells which of a sender's timers ran out.
func (f *Flow) timer(end int, g *segment, p *piece) (Label, Sure) {
	s := &f.Sides[end]
	trip := max(s.rtt.smoothed+f.Sides[1-end].rtt.shortest, shortestTrip)
	if s.rtt.smoothed == 0 {
		trip = firstTimeout
	}
	running := max(s.progressAt, s.busyAt) // since then the retransmission timer runs (RFC 6298 section 5)
	if s.mode == timedOut {
		running = max(running, s.began) // it began anew when it ran out, and with no other repetition
	}
	timeout := max(trip+4*s.rtt.variation, shortestTimeout) // RFC 6298 section 2
	progress := g.at - running
	idle := g.at - max(s.sentAt, s.progressAt)
	quiet := min(idle, g.at-f.Sides[1-end].at) // some start the probe's timer anew with every segment
	selective := f.SACK(end)
	switch {
	case f.reorders(end, g, p, trip) && (g.lo > s.una || s.mode == calm || s.mode == fast && progress < timeout || progress < trip):
		// It is not the oldest, or it is before the reordering timer has begun a
		// recovery, or too soon for the retransmission timer.
		if s.mode == calm {
			s.enter(fast, g)
		}
		return SACKRecovery, Likely
	case s.mode == timedOut && p.lastAt < s.began && idle < shortestTimeout:
		return AfterTimeout, Possible
	case selective && s.sacked == 0 && s.mode == calm && s.probed == 0 && g.hi >= s.nxt && (g.lo > s.una || quiet <= 6*trip+lateACK):
		// The probe goes after two round trips, as the sender counts them (section
		// 7.2): to it they may be longer, with a SYN that waited before it passed here.
		s.probed = s.nxt
		switch {
		case g.lo > s.una: // the retransmission timer would repeat the oldest
			return TailLossProbe, Certain
		case quiet <= 3*trip+lateACK:
			return TailLossProbe, Likely
		}
		return TailLossProbe, Possible
	case s.newsBy != 0 && progress < min(trip, shortestTimeout):
		label, sure := f.answer(end, g, p) // too soon for a timer: a slow host
		return label, min(sure, Likely)
	}
	s.enter(timedOut, g)
	if g.lo == s.una && min(idle, g.at-s.newsAt) >= shortestTimeout && (s.nxt > g.hi || !selective) {
		return Timeout, Certain
	}
	return Timeout, Likely
}

// reorders says whether a reordering timer of end's may have run out for p, which g
// repeats: something arrived that was sent no sooner than it, not long ago, for
// that timer waits at most a round trip longer than one (RFC 8985 section 6.2);
// and when the news came it was not lost at once, because it was not so old.
func (f *Flow) reorders(end int, g *segment, p *piece, trip time.Duration) bool {
	s := &f.Sides[end]
	age := s.newsAt - p.lastAt
	return f.SACK(end) && s.delivered >= p.lastAt && g.at-s.newsAt < trip*3/2 && age >= 0 && age < 2*trip
}

// Times that stacks use.
const (
	shortestTrip    = time.Millisecond       // that a sender's timers reckon with
	firstTimeout    = time.Second            // before any measurement (RFC 6298 section 2.1)
	shortestTimeout = 200 * time.Millisecond // of Linux and others; RFC 6298 section 2.4 asks for a second
	lateACK         = 250 * time.Millisecond // what a tail loss probe allows for a delayed ACK, and a little (RFC 8985 section 7.2)
)

// farTrigger tells by the time since signs of the loss passed on their way to
// end. Whether a timer was the probe's or the retransmission's cannot be told
// from here.
func (f *Flow) farTrigger(end int, g *segment) (Label, Sure) {
	s, turn := &f.Sides[end], &f.Sides[1-end].rtt
	if turn.n == 0 {
		return NoLabel, Possible
	}
	selective := f.SACK(end)
	since := g.at - s.evidentAt
	switch {
	case s.mode == fast && selective && g.at-s.newsAt < shortestTimeout:
		return SACKRecovery, Possible
	case s.mode == fast && s.dups < threshold && g.at-s.newsAt < shortestTimeout:
		return PartialACK, Possible
	case s.evident && since >= turn.shortest*3/4 && since <= max(turn.smoothed, turn.shortest)*3/2+time.Millisecond:
		s.enter(fast, g)
		return Fast, Likely
	case g.at-max(s.sentAt, s.progressAt) >= max(shortestTimeout, f.roundTrip()):
		s.enter(timedOut, g)
		return Timeout, Possible
	}
	return NoLabel, Possible
}
