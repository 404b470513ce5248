package wire

import "time"

// jitter lets a frame take up to so much longer, every length as likely. Frames
// stay in order, as in a queue somewhere on the way; reordering is a condition
// of its own.
type jitter struct {
	most time.Duration
	roll dice
	last time.Duration // arrival of the frame before
}

func (c *jitter) strike(p *passage) {
	p.arrives += time.Duration(c.roll(p.n) * float64(c.most))
	p.arrives = max(p.arrives, c.last)
	c.last = p.arrives
}
