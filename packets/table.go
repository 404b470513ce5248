package packets

import (
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// protocol is a header described once. It is never written to.
type protocol struct {
	key   string // Layer.Protocol, and the key into package osi: "tcp"
	name  string // as people write it: "TCP"
	title string // in full: "Transmission Control Protocol"
	rfc   string // what defines it
	about string // what it is for, in one sentence

	// lay looks at the bytes and says how long the header is, where what it
	// carries ends, what that is, and what is wrong.
	lay func(p *part)

	// sum is the layer's line in a tree.
	sum func(p *part, ctx Context) string

	fields []*field
}

// field is one field of a header. It is never written to.
type field struct {
	key   string // "tcp.window_size_value"
	name  string // in the RFC's words: "window"
	bit   int    // from the start of the header; for a kid, of its parent
	bits  int    // 0: as long as its place says
	about string // what it is for, of no packet in particular: for reference pages
	rfc   string // "RFC 9293 section 3.1"

	when  func(p *part) bool            // nil: always there
	place func(p *part) (bit, bits int) // nil: at bit, bits
	value func(r reading) string        // nil: the number itself
	say   func(r reading) string        // the sentence about this very value

	kids []*field               // its parts; all that it can have if find is set
	find func(r reading) []spot // nil: all kids, where their table says
}

// found says whether the field has no place of its own: it is where a packet
// has it, as an option is.
func (f *field) found() bool { return f.bit == 0 && f.bits == 0 && f.place == nil }

// spot is a kid that was found in a packet: an option. Its place is counted
// from its parent.
type spot struct {
	field     *field
	bit, bits int
}

// tables lists every protocol that has a table, lowest layer first.
func tables() []*protocol {
	return []*protocol{
		&ethernet, &padding, &arp,
		&ipv4, &ipv6, &hopByHop, &routing, &fragment, &destination, &authentication, &icmp, &icmpv6,
		&tcp, &udp, &dns, &data, &foreign, &cut,
	}
}

// table finds a protocol's table by its key.
func table(key string) *protocol {
	switch key {
	case ethernet.key:
		return &ethernet
	case arp.key:
		return &arp
	case ipv4.key:
		return &ipv4
	case ipv6.key:
		return &ipv6
	case hopByHop.key:
		return &hopByHop
	case routing.key:
		return &routing
	case fragment.key:
		return &fragment
	case destination.key:
		return &destination
	case authentication.key:
		return &authentication
	case icmp.key:
		return &icmp
	case icmpv6.key:
		return &icmpv6
	case tcp.key:
		return &tcp
	case udp.key:
		return &udp
	case dns.key:
		return &dns
	default:
		return &data
	}
}

// carried names what a header carries: the key of a table, or gopacket's
// layer type of a protocol without one. The zero value is: nothing.
type carried struct {
	key     string
	foreign gopacket.LayerType
}

// opaque is bytes that no protocol of ours claims.
var opaque = carried{key: "data"}

// carriedByEtherType is what an Ethernet type announces (IEEE 802 numbers).
func carriedByEtherType(t uint16) carried {
	switch t {
	case EtherTypeIPv4:
		return carried{key: "ipv4"}
	case EtherTypeARP:
		return carried{key: "arp"}
	case EtherTypeIPv6:
		return carried{key: "ipv6"}
	}
	return carriedForeign(layers.EthernetType(t).LayerType())
}

// carriedByIPProtocol is what an IP protocol number announces (IANA protocol numbers).
func carriedByIPProtocol(n uint8) carried {
	switch n {
	case ProtocolICMP:
		return carried{key: "icmp"}
	case ProtocolTCP:
		return carried{key: "tcp"}
	case ProtocolUDP:
		return carried{key: "udp"}
	case ProtocolICMPv6:
		return carried{key: "icmpv6"}
	case protocolHopByHop:
		return carried{key: "ipv6.hopopts"}
	case protocolRouting:
		return carried{key: "ipv6.routing"}
	case protocolFragment:
		return carried{key: "ipv6.fraghdr"}
	case protocolAH:
		return carried{key: "ah"}
	case protocolNoNext:
		return opaque
	case protocolDestination:
		return carried{key: "ipv6.dstopts"}
	}
	return carriedForeign(layers.IPProtocol(n).LayerType())
}

// carriedForeign is what gopacket calls t: our own table where there is one.
func carriedForeign(t gopacket.LayerType) carried {
	switch t {
	case layers.LayerTypeEthernet:
		return carried{key: "ethernet"}
	case layers.LayerTypeARP:
		return carried{key: "arp"}
	case layers.LayerTypeIPv4:
		return carried{key: "ipv4"}
	case layers.LayerTypeIPv6:
		return carried{key: "ipv6"}
	case layers.LayerTypeIPv6HopByHop:
		return carried{key: "ipv6.hopopts"}
	case layers.LayerTypeIPv6Routing:
		return carried{key: "ipv6.routing"}
	case layers.LayerTypeIPv6Fragment:
		return carried{key: "ipv6.fraghdr"}
	case layers.LayerTypeIPv6Destination:
		return carried{key: "ipv6.dstopts"}
	case layers.LayerTypeIPSecAH:
		return carried{key: "ah"}
	case layers.LayerTypeICMPv6:
		return carried{key: "icmpv6"}
	case layers.LayerTypeICMPv4:
		return carried{key: "icmp"}
	case layers.LayerTypeTCP:
		return carried{key: "tcp"}
	case layers.LayerTypeUDP:
		return carried{key: "udp"}
	case gopacket.LayerTypeZero, gopacket.LayerTypePayload, gopacket.LayerTypeFragment, gopacket.LayerTypeDecodeFailure:
		return opaque
	}
	return carried{foreign: t}
}
