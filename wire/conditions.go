package wire

import (
	"errors"
	"fmt"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// MinDelay is the least time that a frame takes from one end of a cable to the
// other. A wire that takes no time would let two stacks talk for ever within
// one instant.
const MinDelay = time.Microsecond

// Conditions are what one direction of a cable does to the frames on it. The
// zero value is as fast as a wire can be and loses nothing. Probabilities are
// of each frame, from 0 to 1.
type Conditions struct {
	Delay     time.Duration   // one way; at least MinDelay
	Jitter    time.Duration   // up to so much longer, drawn for each frame; their order stays
	Rate      int64           // bit/s, counting the bytes of frames with their Ethernet header; 0: no limit
	Queue     Queue           // before the wire, while it is busy
	Loss      float64         // a frame is lost on the way
	Burst     Burst           // frames are lost in bursts
	Duplicate float64         // a frame arrives twice
	Reorder   float64         // a frame is overtaken by up to three others
	Corrupt   float64         // one bit of an IP packet is inverted
	Cut       []time.Duration // moments at which the cable is cut
	Restore   []time.Duration // and mended again, one for each cut; the last may be missing
	Block     []Block         // what a filter does not let pass
}

// Check says what in c contradicts itself.
func (c *Conditions) Check() error {
	if most := c.Burst.Most(); c.Burst.Share > most+1e-9 {
		return fmt.Errorf("burst loss: bursts of %g frames lose at most %.1f %% of all, and not %.1f %%; make them longer", max(c.Burst.Length, 1), 100*most, 100*c.Burst.Share)
	}
	if len(c.Restore) > len(c.Cut) {
		return errors.New("restore: there is no cut before it; give a cut for each restore")
	}
	if len(c.Cut) > len(c.Restore)+1 {
		return errors.New("cut: the cable is cut twice without a restore between")
	}
	for i, cut := range c.Cut {
		if i > 0 && cut <= c.Restore[i-1] {
			return fmt.Errorf("cut: %v is not after the restore at %v", cut, c.Restore[i-1])
		}
		if i < len(c.Restore) && c.Restore[i] <= cut {
			return fmt.Errorf("restore: %v is not after the cut at %v", c.Restore[i], cut)
		}
	}
	return nil
}

// A passage is a frame on its way in one direction, as the conditions make it.
type passage struct {
	n       uint64 // which frame of this direction it is, counted from 1
	h       packets.Headers
	starts  time.Duration // its first bit leaves
	left    time.Duration // its last bit has left
	arrives time.Duration
	fate    trace.Fate    // a loss, or UnderWay
	twice   bool          // a copy of it follows
	flip    int           // bit of the frame to invert, counted from its first; -1: none
	behind  int           // how many frames that are sent later overtake it
	held    time.Duration // so much longer it takes, and may be overtaken
}

// A condition is one thing that may happen to frames on their way. Each is a
// small type in a file of its own; what it remembers is of its direction alone.
type condition interface {
	strike(p *passage)
}

// dice returns the chance of one purpose for the frames of a direction.
type dice func(n uint64) float64

// build returns the conditions of c, in the order in which they strike: what
// keeps a frame from arriving comes first, what changes when comes last. A cut
// is not among them: it must know how long a frame is really under way.
func (c *Conditions) build(roll func(purpose) dice) []condition {
	var cs []condition
	if len(c.Block) > 0 {
		cs = append(cs, blocked(c.Block))
	}
	if c.Loss > 0 {
		cs = append(cs, loss{c.Loss, roll(chanceLoss)})
	}
	if c.Burst.Share > 0 {
		cs = append(cs, newBursts(c.Burst, roll(chanceBurst), roll(chanceBurstEnd)))
	}
	if c.Corrupt > 0 {
		cs = append(cs, corruption{c.Corrupt, roll(chanceCorrupt), roll(chanceBit)})
	}
	if c.Duplicate > 0 {
		cs = append(cs, duplication{c.Duplicate, roll(chanceDuplicate)})
	}
	if c.Reorder > 0 {
		cs = append(cs, reordering{c.Reorder, roll(chanceReorder), roll(chanceBehind)})
	}
	if c.Jitter > 0 {
		cs = append(cs, &jitter{most: c.Jitter, roll: roll(chanceJitter)})
	}
	return cs
}
