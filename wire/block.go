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
		if p.h.IPLen > 0 && b.names(&p.h) && (b.Port == 0 || p.h.SrcPort == b.Port || p.h.DstPort == b.Port) {
			p.fate = trace.LostBlocked
			return
		}
	}
}

// names says whether b's protocol is that of a packet. ICMP is that of either
// version of IP, but for neighbour discovery, which alone has a hop limit of 255
// (RFC 4861 section 7.1) and without which nothing would come through (RFC 4890
// section 4.4.1).
func (b Block) names(h *packets.Headers) bool {
	if b.Proto == packets.ProtocolICMP && h.Proto == packets.ProtocolICMPv6 {
		return h.TTL != 255
	}
	return h.Proto == b.Proto
}

// BlockNames are the protocols that a Block can name.
func BlockNames() map[string]uint8 {
	return map[string]uint8{"tcp": packets.ProtocolTCP, "udp": packets.ProtocolUDP, "icmp": packets.ProtocolICMP}
}
