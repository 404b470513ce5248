package wire

import (
	"time"

	"wirelab/trace"
)

// A Touch is what one's own hand does to one packet on its way.
type Touch uint8

// The touches.
const (
	Drop      Touch = iota // it is lost
	Duplicate              // it arrives twice
	Flip                   // one bit in its middle is inverted
	Hold                   // it takes longer, and may be overtaken
	Swap                   // the next packet overtakes it
)

// touch is a touch with what it needs.
type touch struct {
	do   Touch
	hold time.Duration
}

// Touch does something to the n-th IP packet that h sends, counted from 1. Hold
// lets it take so much longer; the other touches take no time.
func (h *Host) Touch(n int, do Touch, hold time.Duration) {
	h.l.mu.Lock()
	defer h.l.mu.Unlock()
	h.touches[uint32(n)] = append(h.touches[uint32(n)], &touch{do: do, hold: hold})
}

// by is what the hand does to a passage. It comes after chance, so that it is
// the hand's word that counts.
func (t *touch) by(p *passage) {
	switch t.do {
	case Drop:
		p.fate = trace.LostByHand
	case Duplicate:
		p.twice = true
	case Flip:
		p.flip = flipAt(&p.h, 0.5)
	case Hold:
		p.held = t.hold
	case Swap:
		p.behind = 1
	}
}
