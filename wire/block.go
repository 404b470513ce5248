package wire

import (
	"wirelab/packets"
	"wirelab/trace"
)

// A Block is a kind of packet that a filter on the way throws away without a
// word, as many firewalls do.
type Block struct {
	Proto uint8  // an IP protocol
	Port  uint16 // from or to which; 0: any
}

// blocked is a filter.
type blocked []Block

func (c blocked) strike(p *passage) {
	for _, b := range c {
		if p.h.IPLen > 0 && p.h.Proto == b.Proto && (b.Port == 0 || p.h.SrcPort == b.Port || p.h.DstPort == b.Port) {
			p.fate = trace.LostBlocked
			return
		}
	}
}

// BlockNames are the protocols that a Block can name.
func BlockNames() map[string]uint8 {
	return map[string]uint8{"tcp": packets.ProtocolTCP, "udp": packets.ProtocolUDP, "icmp": packets.ProtocolICMP}
}
