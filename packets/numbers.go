package packets

import (
	"fmt"

	"github.com/gopacket/gopacket/layers"
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
	}
	if p := layers.IPProtocol(n); p.LayerType() != 0 {
		return p.String()
	}
	return fmt.Sprintf("protocol %d", n)
}
