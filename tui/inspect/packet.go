package inspect

import (
	"fmt"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
	"wirelab/tui/paint"
)

// A Packet is what is laid open.
type Packet struct {
	Number, Of int // the third of 24; Of is 0 if that is not known

	From, To         string
	FromRole, ToRole paint.Role
	When             string // "sent at 40.118 ms, arrived at 61.360 ms"

	Frame  []byte
	Layers []packets.Layer // of Frame; nothing of either may change while it is shown
}

// Sent is the packet in a row of a trace, as its host sent it. role tells the
// hosts' colours.
func Sent(tr *trace.Trace, row int, role func(host uint16) paint.Role) Packet {
	p := &tr.Packets[row]
	return Packet{
		Number: row + 1, Of: len(tr.Packets),
		From: tr.Name(p.From), To: tr.Name(p.To), FromRole: role(p.From), ToRole: role(p.To),
		When: story.Times(p), Frame: tr.Bytes(p), Layers: tr.Layers(p),
	}
}

// Arrived is the same packet as it came out of the wire: not what was sent, if
// one of its bits was inverted on the way.
func Arrived(tr *trace.Trace, row int, role func(host uint16) paint.Role) Packet {
	open, p := Sent(tr, row, role), &tr.Packets[row]
	if p.Flip >= 0 {
		open.Frame = tr.Received(p)
		open.Layers = packets.Decode(open.Frame, packets.LinkEthernet, tr.Context(p))
		open.When += fmt.Sprintf(", frame byte %d, bit %d inverted on the way", p.Flip/8, p.Flip%8)
	}
	return open
}
