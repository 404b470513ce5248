package wire

import "time"

// Overtaking: a frame that is overtaken waits at the end of the wire until so
// many of the frames behind it have arrived, but not for ever.
const (
	mostBehind = 3 // by how many frames chance lets one be overtaken
	patience   = 50 * time.Millisecond
)

// reordering lets a frame be overtaken by one to three that are sent later.
type reordering struct {
	p            float64
	roll, behind dice
}

func (c reordering) strike(p *passage) {
	if c.roll(p.n) < c.p {
		p.behind = 1 + int(c.behind(p.n)*mostBehind)
	}
}
