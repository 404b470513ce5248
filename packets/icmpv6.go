package packets

import "fmt"

// ICMPv6 types (RFC 4443, RFC 4861, RFC 2710, RFC 3810).
const (
	icmp6Unreachable  = 1
	icmp6TooBig       = 2
	icmp6TimeExceeded = 3
	icmp6Parameter    = 4
	icmp6Echo         = 128
	icmp6EchoReply    = 129

	ndRouterSolicit   = 133
	ndRouterAdvert    = 134
	ndNeighborSolicit = 135
	ndNeighborAdvert  = 136
	ndRedirect        = 137
)

var icmpv6 = protocol{
	key:   "icmpv6",
	name:  "ICMPv6",
	title: "Internet Control Message Protocol for IPv6",
	rfc:   "RFC 4443",
	about: "Tells a host what became of a packet, whether another host is there, and who its neighbors are.",
	lay:   layICMPv6,
	sum:   sumICMPv6,
	fields: []*field{
		{
			key: "icmpv6.type", name: "type", bit: 0, bits: 8,
			about: "What kind of message it is; from 128 on it reports no error.", rfc: "RFC 4443 section 2.1",
			value: func(r reading) string { return number(r) + ", " + icmp6TypeName(uint8(r.raw)) },
			say:   sayICMPv6Type,
		},
		{
			key: "icmpv6.code", name: "code", bit: 8, bits: 8,
			about: "The reason, or the variant, of the type.", rfc: "RFC 4443 section 2.1",
			value: func(r reading) string {
				if name := icmp6ReasonOf(r.u8(0), uint8(r.raw)).name; name != "" {
					return number(r) + ", " + name
				}
				return number(r)
			},
			say: func(r reading) string { return sayReason(icmp6ReasonOf(r.u8(0), uint8(r.raw)), r.raw) },
		},
		{
			key: "icmpv6.checksum", name: "checksum", bit: 16, bits: 16,
			about: "Protects the message and the IPv6 addresses.", rfc: "RFC 4443 section 2.3",
			value: func(r reading) string { return r.checkTransport(2, ProtocolICMPv6).value() },
			say: func(r reading) string {
				return r.checkTransport(2, ProtocolICMPv6).say(r.part, "the message and the IPv6 addresses", "A receiver throws the message away."+offload)
			},
		},
		{
			key: "icmpv6.echo.identifier", name: "identifier", bit: 32, bits: 16,
			about: "Tells one program's questions from another's.", rfc: "RFC 4443 section 4.1", when: icmp6Is(icmp6Echo, icmp6EchoReply),
			value: number,
			say: func(r reading) string {
				return fmt.Sprintf("Questions and answers of one program carry the same identifier, here %d.", r.raw)
			},
		},
		{
			key: "icmpv6.echo.sequence_number", name: "sequence number", bit: 48, bits: 16,
			about: "Tells one question of a program from the next.", rfc: "RFC 4443 section 4.1", when: icmp6Is(icmp6Echo, icmp6EchoReply),
			say: func(r reading) string {
				if r.u8(0) == icmp6EchoReply {
					return "This answers the question with number " + group(r.raw) + "."
				}
				return "The question's number is " + group(r.raw) + "; the answer repeats it."
			},
		},
		{
			key: "icmpv6.length", name: "length", bit: 32, bits: 8,
			about: "How many words of 8 bytes are quoted, if extensions follow.", rfc: "RFC 4884 section 4", when: icmp6Is(icmp6Unreachable, icmp6TimeExceeded),
			value: func(r reading) string { return fmt.Sprintf("%d x 8 = %s bytes", r.raw, group(r.raw*8)) },
			say: func(r reading) string {
				if r.raw == 0 {
					return "0: the quote runs to the end of the message, and no extensions follow."
				}
				return "The quote below takes " + group(r.raw*8) + " bytes; extensions follow it."
			},
		},
		icmp6Reserved("icmpv6.unused", "unused", 40, 24, "RFC 4443 section 3.1", icmp6Is(icmp6Unreachable, icmp6TimeExceeded)),
		{
			key: "icmpv6.mtu", name: "MTU", bit: 32, bits: 32,
			about: "How big a packet the next link takes.", rfc: "RFC 4443 section 3.2", when: icmp6Is(icmp6TooBig),
			value: func(r reading) string { return bytesOf(r.raw) },
			say: func(r reading) string {
				return "\"The next link takes packets of at most " + bytesOf(r.raw) + ": send smaller ones.\""
			},
		},
		{
			key: "icmpv6.pointer", name: "pointer", bit: 32, bits: 32,
			about: "Which byte of the quoted packet the problem is at.", rfc: "RFC 4443 section 3.4", when: icmp6Is(icmp6Parameter),
			say: func(r reading) string {
				return "The problem is at byte " + group(r.raw) + " of the packet quoted below, counted from 0."
			},
		},
		icmp6Reserved("icmpv6.reserved", "reserved", 32, 32, "RFC 4861 section 4.1", icmp6Is(ndRouterSolicit, ndNeighborSolicit, ndRedirect)),
		ndHopLimit, ndRouterFlags, ndRouterLifetime, ndReachableTime, ndRetransTimer,
		ndNeighborFlags, ndSolicitTarget, ndAdvertTarget, ndRedirectTarget, ndRedirectDestination,
		ndOptions,
	},
}

// icmp6Is says whether the message is of one of these types.
func icmp6Is(types ...uint8) func(*part) bool {
	return func(p *part) bool {
		for _, t := range types {
			if p.avail() > 0 && p.u8(0) == t {
				return true
			}
		}
		return false
	}
}

func icmp6Reserved(key, name string, bit, bits int, rfc string, when func(*part) bool) *field {
	f := ip6Reserved(key, bit, bits, rfc)
	f.name, f.when = name, when
	return f
}

func layICMPv6(p *part) {
	switch t := p.u8(0); {
	case t >= ndRouterSolicit && t <= ndRedirect:
		layNeighbor(p, ndFixed(t))
	case t >= icmp6Unreachable && t <= icmp6Parameter:
		p.header(8)
		p.next = carried{key: "ipv6"}
		if t == icmp6Unreachable || t == icmp6TimeExceeded { // then extensions may follow the quote
			p.limit = int(p.u8(4)) * 8
		}
	case t == icmp6Echo || t == icmp6EchoReply:
		p.header(8)
		p.next = opaque
	default:
		p.header(4)
		p.next = opaque
	}
}

func sumICMPv6(p *part, _ Context) string {
	t := p.u8(0)
	s := icmp6TypeName(t)
	if name := icmp6ReasonOf(t, p.u8(1)).name; name != "" && p.whole(2) {
		s += ": " + name
	}
	if !p.whole(8) {
		return s
	}
	switch t {
	case icmp6Echo, icmp6EchoReply:
		s += fmt.Sprintf(", id %d, seq %d", p.u16(4), p.u16(6))
	case icmp6TooBig:
		s += ", the next link takes " + bytesOf(p.u32(4))
	}
	if p.whole(ndFixed(t)) {
		s += sumNeighbor(p)
	}
	return s
}
