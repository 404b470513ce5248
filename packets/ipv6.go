package packets

import "fmt"

// ipv6Fixed is the length in bytes of an IPv6 header. It has no options:
// extension headers behind it do their work.
const ipv6Fixed = 40

var ipv6 = protocol{
	key:   "ipv6",
	name:  "IPv6",
	title: "Internet Protocol version 6",
	rfc:   "RFC 8200",
	about: "Carries a packet from host to host across networks, without promising that it arrives.",
	lay:   layIPv6,
	sum: func(p *part, _ Context) string {
		if !p.whole(ipv6Fixed) {
			return bytesOf(p.size)
		}
		return fmt.Sprintf("%s to %s, hop limit %d", p.addr6(8), p.addr6(24), p.u8(7))
	},
	fields: []*field{
		{
			key: "ipv6.version", name: "version", bit: 0, bits: 4,
			about: "Which version of IP the header is.", rfc: "RFC 8200 section 3",
			say: func(r reading) string {
				if r.raw == 6 {
					return "6: read what follows as an IPv6 header."
				}
				return group(r.raw) + " is not 6: a receiver throws the packet away."
			},
		},
		diffserv("ipv6.tclass", "traffic class", 4, "RFC 8200 section 7"),
		{
			key: "ipv6.flow", name: "flow label", bit: 12, bits: 20,
			about: "Marks the packets of one flow, so that a router need not look for ports.", rfc: "RFC 8200 section 6",
			value: func(r reading) string { return fmt.Sprintf("0x%05x", r.raw) },
			say: func(r reading) string {
				if r.raw == 0 {
					return "0: the sender does not mark the packets of a flow."
				}
				return fmt.Sprintf("Packets of one flow carry the same label, here 0x%05x: a router that spreads traffic over several ways keeps them on one, without looking for ports (RFC 6437).", r.raw)
			},
		},
		{
			key: "ipv6.plen", name: "payload length", bit: 32, bits: 16,
			about: "Bytes behind this header, extension headers included.", rfc: "RFC 8200 section 3",
			value: func(r reading) string { return bytesOf(r.raw) },
			say:   sayPayloadLength,
		},
		nextHeader("ipv6.nxt", 48, "RFC 8200 section 3"),
		{
			key: "ipv6.hlim", name: "hop limit", bit: 56, bits: 8,
			about: "How many more hops the packet may make before it is thrown away.", rfc: "RFC 8200 section 3",
			say: sayHops,
		},
		ip6Addr("ipv6.src", "source address", 64, "The host that the packet comes from.", "RFC 8200 section 3", saySource6),
		ip6Addr("ipv6.dst", "destination address", 192, "The host that the packet is for, or the next one that a routing header names.", "RFC 8200 section 3", sayDestination6),
	},
}

func layIPv6(p *part) {
	p.header(ipv6Fixed)
	if !p.whole(ipv6Fixed) {
		return
	}
	if v := p.u8(0) >> 4; v != 6 {
		p.harm("the version is %d, not 6", v)
	}
	p.src, p.dst = p.addr6(8), p.addr6(24)
	p.fragment = false
	switch total := ipv6Fixed + int(p.u16(4)); {
	case unsaidLength(p):
		// The frame's end is all there is to go by.
	case total <= p.avail():
		p.end, p.missing = p.off+total, 0
	default:
		p.missing = total - p.avail()
		if !p.quoted {
			p.harm("the payload length is %s, only %s are here", bytesOf(total-ipv6Fixed), group(p.avail()-ipv6Fixed))
		}
	}
	p.next = carriedByIPProtocol(p.u8(6))
}

// unsaidLength says whether the payload length is 0 although something
// follows: a jumbogram gives its length in an option (RFC 2675 section 3), and
// a sender's own capture shows 0 where the card is left to cut a big segment.
func unsaidLength(p *part) bool { return p.u16(4) == 0 && p.u8(6) != protocolNoNext }

func sayPayloadLength(r reading) string {
	switch {
	case r.raw > 0:
		return fmt.Sprintf("%s follow this header, extension headers counted. What a frame has behind that is not part of the packet.", capital(bytesOf(r.raw)))
	case !r.whole(ipv6Fixed):
		return "0: what that means, the next header says, which is not here."
	case r.u8(6) == protocolHopByHop:
		return "0: nothing follows, or more than 65,535 bytes, which a jumbo payload option then counts (RFC 2675)."
	case r.u8(6) == protocolNoNext:
		return "0: the packet is its header and nothing else."
	}
	return "0, although a header follows: a sender's own capture shows it when the network card is left to cut a big segment into packets."
}

// nextHeader is the field that says what follows an IPv6 header or one of its
// extension headers.
func nextHeader(key string, bit int, rfc string) *field {
	return &field{
		key: key, name: "next header", bit: bit, bits: 8,
		about: "Which header follows: an extension header of IPv6, or that of the protocol it carries.", rfc: rfc,
		value: func(r reading) string { return number(r) + ", " + ipProtocolName(uint8(r.raw)) },
		say:   sayNextHeader,
	}
}

func sayNextHeader(r reading) string {
	switch n := uint8(r.raw); n {
	case protocolHopByHop:
		return "What follows is for every router on the way: hop-by-hop options."
	case protocolRouting:
		return "What follows is a routing header: places that the packet visits on its way."
	case protocolFragment:
		return "What follows is a fragment header: the packet is a piece of a larger one, or was made ready to be."
	case protocolAH:
		return "What follows is an authentication header: proof of who sent the packet."
	case protocolDestination:
		return "What follows is for the destination only: destination options."
	case protocolNoNext:
		return "Nothing follows."
	default:
		if r.proto.key == "ipv6.fraghdr" && fragmentOffset6(r.part) > 0 {
			return "The datagram that this is a piece of carries " + ipProtocolName(n) + "."
		}
		return "The receiver is to hand what follows to its " + ipProtocolName(n) + "."
	}
}
