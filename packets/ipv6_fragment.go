package packets

import "fmt"

var fragment = protocol{
	key:   "ipv6.fraghdr",
	name:  "Fragment",
	title: "IPv6 Fragment header",
	rfc:   "RFC 8200 section 4.5",
	about: "Says which piece of a larger datagram the packet is. In IPv6 only the sender cuts, no router.",
	lay:   layFragment,
	sum: func(p *part, _ Context) string {
		if !p.whole(8) {
			return bytesOf(p.size)
		}
		s := fmt.Sprintf("datagram 0x%08x", p.u32(4))
		if at := fragmentOffset6(p); p.fragment && p.promised() > 0 {
			s += fmt.Sprintf(", piece %s to %s", group(at), group(at+p.promised()-1))
		}
		return s
	},
	fields: []*field{
		nextHeader("ipv6.fraghdr.nxt", 0, "RFC 8200 section 4.5"),
		ip6Reserved("ipv6.fraghdr.reserved_octet", 8, 8, "RFC 8200 section 4.5"),
		{
			key: "ipv6.fraghdr.offset", name: "fragment offset", bit: 16, bits: 13,
			about: "Where a piece belongs in its datagram, in units of 8 bytes.", rfc: "RFC 8200 section 4.5",
			value: func(r reading) string {
				if r.raw == 0 {
					return "0"
				}
				return fmt.Sprintf("%s x 8 = %s", group(r.raw), group(r.raw*8))
			},
			say: sayFragmentOffset6,
		},
		ip6Reserved("ipv6.fraghdr.reserved_bits", 29, 2, "RFC 8200 section 4.5"),
		{
			key: "ipv6.fraghdr.more", name: "M flag", bit: 31, bits: 1,
			about: "More pieces of the same datagram come behind this one.", rfc: "RFC 8200 section 4.5", value: setOrNot,
			say: bit01("To the receiver: this is not the end of the datagram; wait for more pieces.",
				"To the receiver: nothing of the datagram comes behind this."),
		},
		{
			key: "ipv6.fraghdr.ident", name: "identification", bit: 32, bits: 32,
			about: "Marks the pieces of one datagram as belonging together.", rfc: "RFC 8200 section 4.5",
			value: func(r reading) string { return fmt.Sprintf("0x%08x", r.raw) },
			say: func(r reading) string {
				return fmt.Sprintf("Every piece of this datagram carries 0x%08x, so that the receiver knows which belong together.", r.raw)
			},
		},
	},
}

func layFragment(p *part) {
	p.header(8)
	if !p.whole(8) {
		return
	}
	p.fragment = p.u16(2)&0xfff9 != 0
	p.next = carriedByIPProtocol(p.u8(0))
	if fragmentOffset6(p) > 0 { // only the first piece begins with the next header
		p.next = opaque
	}
	if p.u16(2)&1 == 1 && p.promised()%8 != 0 {
		p.harm("a piece that others follow must be a multiple of 8 bytes long, and this one has %s", group(p.promised()))
	}
}

// fragmentOffset6 is where in its datagram a piece belongs, in bytes.
func fragmentOffset6(p *part) int { return int(p.u16(2) & 0xfff8) }

func sayFragmentOffset6(r reading) string {
	n, at := r.promised(), int(r.raw)*8
	switch {
	case !r.whole(8):
		return "It counts in units of 8 bytes; the rest of this header is not here."
	case !r.fragment:
		return "The packet is whole, not a piece: a fragment header on its own only gives it an identification (RFC 6946)."
	case n <= 0:
		return "A piece of a datagram, but it carries nothing."
	case at == 0:
		return fmt.Sprintf("The first piece: it carries bytes 0 to %s of what was cut.", group(n-1))
	}
	return fmt.Sprintf("This piece carries bytes %s to %s of what was cut.", group(at), group(at+n-1))
}

// ip6Reserved is a run of bits that are sent as zero and not looked at.
func ip6Reserved(key string, bit, bits int, rfc string) *field {
	return &field{
		key: key, name: "reserved", bit: bit, bits: bits, rfc: rfc,
		about: "Sent as zero, and not looked at.",
		say: bit01("Not zero, although nothing is defined here; a receiver takes no notice.",
			"Reserved, and zero."),
	}
}
