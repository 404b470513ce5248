package wire

import "wirelab/trace"

// A Burst is loss that comes in bursts, as on radio: a chain of two states,
// good and bad, after Gilbert and Elliott, in which the good one loses nothing
// and the bad one everything.
type Burst struct {
	Share  float64 // of all frames that are lost, in the long run
	Length float64 // of a burst, in frames, on average; at least 1
}

// Most is the largest share of frames that bursts of b's length can lose: at least
// one frame parts two of them.
func (b Burst) Most() float64 { return max(b.Length, 1) / (max(b.Length, 1) + 1) }

// bursts steps its chain once a frame.
type bursts struct {
	enter, leave float64 // probabilities, a frame, of the good and of the bad state
	rollEnter    dice
	rollLeave    dice
	bad          bool
}

// newBursts finds the chain's probabilities: a bad state is left with 1/Length,
// and entered so often that a share of the frames finds it bad. A large share
// cannot be had in short bursts, because at least one frame lies between two of
// them: the share counts, and bursts are then longer.
func newBursts(b Burst, enter, leave dice) *bursts {
	out := 1 / max(b.Length, 1)
	in := out * b.Share / (1 - b.Share)
	if b.Share >= 1 || in > 1 {
		in, out = 1, max(1-b.Share, 0)/b.Share
	}
	return &bursts{enter: in, leave: out, rollEnter: enter, rollLeave: leave}
}

func (c *bursts) strike(p *passage) {
	if c.bad {
		c.bad = c.rollLeave(p.n) >= c.leave
	} else {
		c.bad = c.rollEnter(p.n) < c.enter
	}
	if c.bad && p.fate == trace.UnderWay {
		p.fate = trace.LostRandom
	}
}
