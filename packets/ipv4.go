package packets

import "fmt"

// ipv4Fixed is the length in bytes of an IPv4 header without options.
const ipv4Fixed = 20

var ipv4 = protocol{
	key:   "ipv4",
	name:  "IPv4",
	title: "Internet Protocol version 4",
	rfc:   "RFC 791",
	about: "Carries a packet from host to host across networks, without promising that it arrives.",
	lay:   layIPv4,
	sum:   sumIPv4,
	fields: []*field{
		{
			key: "ip.version", name: "version", bit: 0, bits: 4,
			about: "Which version of IP the header is.", rfc: "RFC 791 section 3.1",
			say: func(r reading) string {
				if r.raw == 4 {
					return "4: read what follows as an IPv4 header."
				}
				return group(r.raw) + " is not 4: a receiver throws the packet away."
			},
		},
		{
			key: "ip.hdr_len", name: "internet header length", bit: 4, bits: 4,
			about: "Length of the header in words of 4 bytes; at least 5.", rfc: "RFC 791 section 3.1",
			value: headerWords,
			say:   sayHeaderWords("The payload"),
		},
		diffserv("ip.dsfield", "differentiated services field", 8, "RFC 2474 section 3"),
		{
			key: "ip.len", name: "total length", bit: 16, bits: 16,
			about: "Bytes of the packet, header and payload.", rfc: "RFC 791 section 3.1",
			value: func(r reading) string { return bytesOf(r.raw) },
			say:   sayTotalLength,
		},
		{
			key: "ip.id", name: "identification", bit: 32, bits: 16,
			about: "Marks the pieces of one datagram as belonging together.", rfc: "RFC 6864 section 4",
			value: func(r reading) string { return fmt.Sprintf("0x%04x", r.raw) },
			say: func(r reading) string {
				switch {
				case !r.whole(8):
					return "Whether it counts, the flags behind it say, which are not here."
				case isFragment(r.part):
					return fmt.Sprintf("Every piece of this datagram carries 0x%04x, so that the receiver knows which belong together.", r.raw)
				case r.u8(6)&0x40 != 0:
					return "The packet is whole and may not be cut, so this number means nothing (RFC 6864)."
				}
				return fmt.Sprintf("If a router cuts this packet, every piece will carry 0x%04x, so that the receiver can join them.", r.raw)
			},
		},
		{
			key: "ip.flags", name: "flags", bit: 48, bits: 3,
			about: "May a router cut the packet, and do more pieces follow?", rfc: "RFC 791 section 3.1",
			value: ipFlags,
			say: func(r reading) string {
				switch r.raw & 3 {
				case 0:
					return "A router may cut the packet, and no piece comes behind this one."
				case 1:
					return "This is a piece of a datagram, and more pieces come behind it."
				case 2:
					return "No router may cut the packet, and no piece comes behind this one."
				}
				return "More pieces come behind this one, yet it may not be cut further."
			},
			kids: []*field{
				{
					key: "ip.flags.rb", name: "reserved", bit: 0, bits: 1,
					about: "Must be zero.", rfc: "RFC 791 section 3.1", value: setOrNot,
					say: bit01("Set, although it must be zero.", "Reserved, and zero as it must be."),
				},
				{
					key: "ip.flags.df", name: "don't fragment", bit: 1, bits: 1,
					about: "Forbids routers to cut the packet.", rfc: "RFC 791 section 3.1", value: setOrNot,
					say: bit01("To routers: do not cut this packet. If it is too big for a link, drop it and tell me (ICMP \"fragmentation needed\").",
						"To routers: if this packet is too big for a link, you may cut it."),
				},
				{
					key: "ip.flags.mf", name: "more fragments", bit: 2, bits: 1,
					about: "More pieces of the same datagram come behind this one.", rfc: "RFC 791 section 3.1", value: setOrNot,
					say: bit01("To the receiver: this is not the end of the datagram; wait for more pieces.",
						"To the receiver: nothing of the datagram comes behind this."),
				},
			},
		},
		{
			key: "ip.frag_offset", name: "fragment offset", bit: 51, bits: 13,
			about: "Where a piece belongs in its datagram, in units of 8 bytes.", rfc: "RFC 791 section 3.1",
			value: func(r reading) string {
				if r.raw == 0 {
					return "0"
				}
				return fmt.Sprintf("%s x 8 = %s", group(r.raw), group(r.raw*8))
			},
			say: sayFragmentOffset,
		},
		{
			key: "ip.ttl", name: "time to live", bit: 64, bits: 8,
			about: "How many more hops the packet may make before it is thrown away.", rfc: "RFC 791 section 3.1",
			say: sayHops,
		},
		{
			key: "ip.proto", name: "protocol", bit: 72, bits: 8,
			about: "Which protocol the payload is for.", rfc: "RFC 791 section 3.1",
			value: func(r reading) string { return number(r) + ", " + ipProtocolName(uint8(r.raw)) },
			say: func(r reading) string {
				return "The receiver is to hand the payload to its " + ipProtocolName(uint8(r.raw)) + "."
			},
		},
		{
			key: "ip.checksum", name: "header checksum", bit: 80, bits: 16,
			about: "Protects the header, not the payload; every router computes it anew.", rfc: "RFC 791 section 3.1",
			value: func(r reading) string { return checkIPv4(r.part).value() },
			say: func(r reading) string {
				return checkIPv4(r.part).say(r.part, "the header", "A receiver drops the packet without a word."+offload)
			},
		},
		ipAddr("ip.src", "source address", 96, "The host that the packet comes from.", saySource),
		ipAddr("ip.dst", "destination address", 128, "The host that the packet is for.", sayDestination),
		ipOptions,
	},
}

func layIPv4(p *part) {
	if !p.whole(ipv4Fixed) {
		p.header(ipv4Fixed)
		return
	}
	n, total := int(p.u8(0)&15)*4, int(p.u16(2))
	if v := p.u8(0) >> 4; v != 4 {
		p.harm("the version is %d, not 4", v)
	}
	if n < ipv4Fixed {
		p.harm("the header length is %d, less than the %d bytes that it must have", n, ipv4Fixed)
		n = ipv4Fixed
	}
	switch {
	case total == 0:
		// A sender's own capture shows this when the card is left to cut a big
		// segment into packets; the frame's end is then all there is to go by.
	case total < n:
		p.harm("the total length is %d, less than its header", total)
	case total <= p.avail():
		p.end, p.missing = p.off+total, 0
	default:
		p.missing = total - p.avail()
		if !p.quoted {
			p.harm("the total length is %s, only %s are here", bytesOf(total), group(p.avail()))
		}
	}
	p.header(n)
	p.src, p.dst = p.addr4(12), p.addr4(16)
	p.fragment = isFragment(p)
	ipOptionList.harm(p, ipv4Fixed, n)
	p.next = carriedByIPProtocol(p.u8(9))
	if fragmentOffset(p) > 0 { // only the first piece begins with the next header
		p.next = opaque
	}
}

// isFragment says whether the packet is a piece of a larger datagram.
func isFragment(p *part) bool { return p.u16(6)&0x3fff != 0 }

// fragmentOffset is where in its datagram's payload a piece belongs, in bytes.
func fragmentOffset(p *part) int { return int(p.u16(6)&0x1fff) * 8 }

func checkIPv4(p *part) check {
	if n := max(ipv4Fixed, int(p.u8(0)&15)*4); p.whole(n) {
		return checkOver(p.here()[:n], 10, 0)
	}
	return check{got: p.u16(10), why: "the header is not whole"}
}

func sumIPv4(p *part, _ Context) string {
	if !p.whole(ipv4Fixed) {
		return bytesOf(p.size)
	}
	s := fmt.Sprintf("%s to %s, ttl %d", p.src, p.dst, p.u8(8))
	if isFragment(p) && p.promised() > 0 {
		at := fragmentOffset(p)
		s += fmt.Sprintf(", piece %s to %s", group(at), group(at+p.promised()-1))
	}
	return s
}
