package packets

import "fmt"

var authentication = protocol{
	key:   "ah",
	name:  "AH",
	title: "IP Authentication Header",
	rfc:   "RFC 4302",
	about: "Proves who sent a packet and that nobody changed it; it hides nothing.",
	lay: func(p *part) {
		n := 12
		if p.whole(2) {
			n = 4 * (2 + int(p.u8(1)))
		}
		if n < 12 {
			p.harm("the length is %d bytes, less than the 12 that the header must have", n)
			n = 12
		}
		p.header(n)
		if p.whole(n) {
			p.next = carriedByIPProtocol(p.u8(0))
		}
	},
	sum: func(p *part, _ Context) string {
		if !p.whole(12) {
			return bytesOf(p.size)
		}
		return fmt.Sprintf("SPI 0x%08x, number %s, then %s", p.u32(4), group(p.u32(8)), ipProtocolName(p.u8(0)))
	},
	fields: []*field{
		nextHeader("ah.next_header", 0, "RFC 4302 section 2.1"),
		{
			key: "ah.length", name: "payload length", bit: 8, bits: 8,
			about: "Length of this header in words of 4 bytes, less 2.", rfc: "RFC 4302 section 2.2",
			value: func(r reading) string { return fmt.Sprintf("(%d + 2) x 4 = %s bytes", r.raw, group((r.raw+2)*4)) },
			say: func(r reading) string {
				return "The next header begins " + group((r.raw+2)*4) + " bytes after this one."
			},
		},
		ip6Reserved("ah.reserved", 16, 16, "RFC 4302 section 2.3"),
		{
			key: "ah.spi", name: "security parameters index", bit: 32, bits: 32,
			about: "Names the keys that sender and receiver have agreed on.", rfc: "RFC 4302 section 2.4",
			value: func(r reading) string { return fmt.Sprintf("0x%08x", r.raw) },
			say: func(r reading) string {
				return fmt.Sprintf("The receiver finds the key that it needs under 0x%08x.", r.raw)
			},
		},
		{
			key: "ah.sequence", name: "sequence number", bit: 64, bits: 32,
			about: "Counts packets, so that none can be sent a second time by somebody else.", rfc: "RFC 4302 section 2.5",
			say: func(r reading) string {
				return "Packet " + group(r.raw) + " under this key; a receiver that has seen the number refuses the packet."
			},
		},
		{
			key: "ah.icv", name: "integrity check value", rfc: "RFC 4302 section 2.6",
			about: "The proof: what comes out of the packet and the key.",
			place: func(p *part) (int, int) { return 96, max(0, p.size-12) * 8 },
			value: hexBytes,
			say: func(r reading) string {
				return "Computed from the packet and the key: who has not got the key can neither make it nor check it."
			},
		},
	},
}
