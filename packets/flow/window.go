package flow

import (
	"time"

	"wirelab/packets"
)

// window is the room that one end announces.
type window struct {
	raw      uint16 // as it stood in its last acknowledgment, an overtaken one too
	room     int64  // scaled
	right    int64  // the other end may send the numbers before it
	rightBy  uint32 // the packet that said so
	zeroBy   uint32 // the packet that said that there is no room; 0: there is
	openedBy uint32 // the packet that said so no longer
	openedAt time.Duration
	asked    Label // KeepAlive or WindowProbe, while an answer to one is due
	askedBy  uint32
}

// announce takes the window of g, sent by end. One that an acknowledgment
// brings which was overtaken does not count (RFC 9293 section 3.10.7.4: SND.WL1
// and SND.WL2 are there for this).
func (a *Analyser) announce(f *Flow, end int, g *segment) {
	s, d := &f.Sides[end], &f.Sides[1-end]
	w := &s.window
	if !g.acks {
		return
	}
	w.raw = g.h.Window
	if g.ack < d.una {
		return
	}
	w.asked = NoLabel
	switch {
	case g.room == 0 && !g.any(packets.SYN|packets.FIN):
		a.find(Finding{Packet: g.number, Label: ZeroWindow, Sure: Certain})
		w.zeroBy = g.number
	case g.room > 0 && w.zeroBy != 0:
		w.zeroBy, w.openedBy, w.openedAt = 0, g.number, g.at
	}
	w.room = g.room
	if right := g.ack + g.room; right != w.right {
		w.right, w.rightBy = right, g.number
	}
}
