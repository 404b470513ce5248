package packets

import (
	"fmt"

	"github.com/gopacket/gopacket/layers"
)

// The extension headers of IPv6, by their protocol numbers (RFC 8200 section 4).
const (
	protocolHopByHop    = 0
	protocolRouting     = 43
	protocolFragment    = 44
	protocolAH          = 51 // RFC 4302
	protocolNoNext      = 59
	protocolDestination = 60
)

// carriedLLC is what an IEEE 802.3 frame with a length carries.
var carriedLLC = carried{foreign: layers.LayerTypeLLC}

// etherTypeName names what an Ethernet type announces (IEEE 802 numbers).
func etherTypeName(t uint16) string {
	switch t {
	case EtherTypeIPv4:
		return "IPv4"
	case EtherTypeARP:
		return "ARP"
	case EtherTypeIPv6:
		return "IPv6"
	}
	if e := layers.EthernetType(t); e.LayerType() != 0 {
		return e.String()
	}
	return fmt.Sprintf("protocol 0x%04x", t)
}

// ipProtocolName names an IP protocol number (IANA protocol numbers).
func ipProtocolName(n uint8) string {
	switch n {
	case ProtocolICMP:
		return "ICMP"
	case ProtocolTCP:
		return "TCP"
	case ProtocolUDP:
		return "UDP"
	case ProtocolICMPv6:
		return "ICMPv6"
	case protocolHopByHop:
		return "hop-by-hop options"
	case protocolRouting:
		return "routing header"
	case protocolFragment:
		return "fragment header"
	case protocolAH:
		return "authentication header"
	case protocolNoNext:
		return "no next header"
	case protocolDestination:
		return "destination options"
	}
	if p := layers.IPProtocol(n); p.LayerType() != 0 {
		return p.String()
	}
	return fmt.Sprintf("protocol %d", n)
}
