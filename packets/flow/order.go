package flow

import "time"

// When a packet was sent, against another of the same end.
type when uint8

const (
	unknown when = iota
	before
	after
)

// order says whether a packet stamped g was sent before or after one stamped r.
func (c *clock) order(g, r *stamp) (when, Sure) {
	switch {
	case g.ts != r.ts && g.ts != 0 && r.ts != 0: // RFC 7323 section 5.3
		return sign(int64(int32(g.ts - r.ts))), Certain
	case g.ecr != r.ecr && g.ecr != 0 && r.ecr != 0: // RFC 7323 section 4.3
		return sign(int64(int32(g.ecr - r.ecr))), Certain
	case g.ack != r.ack && g.ack != 0 && r.ack != 0: // an acknowledgment is never taken back
		return sign(int64(int32(g.ack - r.ack))), Certain
	case c.steps >= trusted && g.id != r.id && g.id != 0 && r.id != 0:
		return sign(int64(int16(g.id - r.id))), Likely
	}
	return unknown, Possible
}

func sign(n int64) when {
	if n < 0 {
		return before
	}
	return after
}

// orderByTime says the same of a packet that fills a hole, where the stamps of
// the two are the same or there are none. Its sender cannot know of the hole
// before signs of it have come, and then it echoes what the other end's clock
// showed at the time: after three signs it may act at once, else not before a
// quarter of a round trip has passed (RFC 8985 section 6.2). And its own clock
// ticks meanwhile, if a round trip is longer than a tick.
func (f *Flow) orderByTime(end int, g *segment, hole *piece) (when, Sure) {
	s := &f.Sides[end]
	if w, _ := s.order(&g.stamp, &s.stamp); w == before {
		return before, Likely // than something that was captured before it
	}
	trip, age := f.roundTrip(), g.at-hole.at
	stamped := g.stamp.ts != 0 && hole.stamp.ts != 0
	acts := hole.at + trip/4
	if s.evident {
		acts = max(hole.at, s.evidentAt)
	}
	switch {
	case stamped && hole.lastStamp.ts != 0 && int32(g.stamp.ecr-hole.lastStamp.ts) < 0:
		return before, Likely
	case trip == 0 && (stamped || age < unaided):
		return before, Possible
	case trip == 0:
		return after, Possible
	case stamped && trip > s.period()*3/2, g.at-acts < trip*3/4:
		return before, Likely
	case g.at-acts < trip, stamped:
		return before, Possible
	}
	return after, Likely
}

// unaided is the age up to which a packet is taken for overtaken where nothing
// else is known: networks seldom hold packets up longer, and few round trips
// are shorter.
const unaided = 3 * time.Millisecond

// How IP identifications are trusted: each of the last ones must have counted
// up by little. A sender may also leave them constant or random (RFC 6864
// section 4.1).
const (
	trusted   = 4
	mostSteps = 8
	smallStep = 64
)

// tick takes note of g's clocks.
func (s *Side) tick(g *segment) {
	c := &s.clock
	if g.stamp.id != 0 && c.stamp.id != 0 {
		switch d := int16(g.stamp.id - c.stamp.id); {
		case d > 0 && d <= smallStep:
			c.steps = min(c.steps+1, mostSteps)
		case d < -smallStep || d > smallStep:
			c.steps = max(c.steps-2, -mostSteps)
		} // a small step back is what reordering makes
	}
	if g.stamp.ts != 0 {
		if !c.timed {
			c.timed, c.firstTS, c.firstAt = true, g.stamp.ts, g.at
		}
		c.learn(g.stamp.ts, g.at)
	}
	c.at, c.number, c.stamp, c.seq, c.length, c.flags = g.at, g.number, g.stamp, g.lo, g.h.Len, g.h.Flags
}

// period is how long the timestamp clock of c stands still between two values:
// what was seen, or the millisecond that is usual (RFC 7323 section 5.4: from 1
// ms to 1 s).
func (c *clock) period() time.Duration {
	if c.ticks > 0 {
		return c.ticks
	}
	return time.Millisecond
}

// learn measures the period over some ticks at least. What waits in a queue
// makes it look longer, so the shortest counts.
func (c *clock) learn(ts uint32, at time.Duration) {
	if n := int64(int32(ts - c.firstTS)); n >= fewTicks {
		t := max((at-c.firstAt)/time.Duration(n), time.Millisecond)
		if c.ticks == 0 || t < c.ticks {
			c.ticks = t
		}
	}
}

// fewTicks is over how many ticks a period is measured at least.
const fewTicks = 16

// identical says whether g is the packet before of the same end once more.
func (c *clock) identical(g *segment) bool {
	return c.number != 0 && g.stamp == c.stamp && g.lo == c.seq && g.h.Len == c.length && g.h.Flags == c.flags
}
