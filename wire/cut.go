package wire

import (
	"time"

	"wirelab/trace"
)

// outages lose every frame that is on the cable while it is cut: those that are
// sent then, and those that were under way. They strike after everything else,
// the touches included, because a frame that is held is longer on the cable.
type outages struct{ cut, restored []time.Duration }

func (c outages) strike(p *passage) {
	if p.fate != trace.UnderWay {
		return
	}
	for i, from := range c.cut {
		forGood := i >= len(c.restored)
		if p.arrives+p.held >= from && (forGood || p.starts < c.restored[i]) {
			p.fate = trace.LostCut
			return
		}
	}
}
