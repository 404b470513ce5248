package packets

import "fmt"

// udpHeaderLen is the length in bytes of a UDP header.
const udpHeaderLen = 8

var udp = protocol{
	key:   "udp",
	name:  "UDP",
	title: "User Datagram Protocol",
	rfc:   "RFC 768",
	about: "Adds ports, a length and a checksum to IP, and promises nothing more.",
	lay:   layUDP,
	sum: func(p *part, _ Context) string {
		if !p.whole(udpHeaderLen) {
			return bytesOf(p.size)
		}
		return fmt.Sprintf("%d to %d, %s", p.u16(0), p.u16(2), bytesOf(max(0, int(p.u16(4))-udpHeaderLen)))
	},
	fields: []*field{
		portField("udp.srcport", "source port", 0, "The sender's port; 0 if no answer is wanted.", "RFC 768",
			func(r reading) string {
				if r.raw == 0 {
					return "0: no answer is wanted."
				}
				return "An answer goes to port " + number(r) + " of " + r.from() + "."
			}),
		portField("udp.dstport", "destination port", 16, "The port that the program listens on.", "RFC 768", sayDstPort),
		{
			key: "udp.length", name: "length", bit: 32, bits: 16,
			about: "Bytes of the datagram, header and data.", rfc: "RFC 768",
			value: func(r reading) string { return bytesOf(r.raw) },
			say: func(r reading) string {
				switch {
				case r.raw < udpHeaderLen:
					return "Less than the header's own 8 bytes, which cannot be: a receiver throws the datagram away."
				case r.raw == udpHeaderLen:
					return "The header's 8 bytes and no data; an empty datagram is a message too."
				}
				return "8 bytes of header and " + bytesOf(r.raw-udpHeaderLen) + " of data."
			},
		},
		{
			key: "udp.checksum", name: "checksum", bit: 48, bits: 16,
			about: "Protects header, data and the IP addresses; 0 in IPv4 means that the sender left it out.", rfc: "RFC 768",
			value: func(r reading) string {
				if r.raw == 0 {
					return "0, not used"
				}
				return r.checkTransport(6, ProtocolUDP).value()
			},
			say: sayUDPChecksum,
		},
	},
}

func layUDP(p *part) {
	p.header(udpHeaderLen)
	if !p.whole(udpHeaderLen) {
		return
	}
	n, all := int(p.u16(4)), p.avail()+p.missing
	switch {
	case n < udpHeaderLen:
		p.harm("the length is %d, less than its header", n)
	case n <= p.avail():
		p.end, p.missing = p.off+n, 0
	case n <= all:
		p.missing = n - p.avail()
	case !p.fragment: // the first piece of a datagram gives the length of all of it
		p.missing = n - p.avail()
		p.harm("the length is %s, but the packet has room for %s", bytesOf(n), group(all))
	}
	p.next = carriedByPort(p.u16(0), p.u16(2), p.here()[udpHeaderLen:], false)
}

func sayUDPChecksum(r reading) string {
	switch {
	case r.raw != 0:
		return r.checkTransport(6, ProtocolUDP).say(r.part, "header, data and IP addresses",
			"A receiver drops the datagram without a word."+offload)
	case r.src.Is6():
		return "0: the sender left it out, which IPv6 allows only in some tunnels (RFC 8200 section 8.1)."
	}
	return "0: the sender left it out, so nobody can tell whether the data is damaged."
}

// portField is a port number of UDP or TCP: a name, so written without separators.
func portField(key, name string, bit int, about, rfc string, say func(reading) string) *field {
	return &field{key: key, name: name, bit: bit, bits: 16, about: about, rfc: rfc, value: number, say: say}
}

func sayDstPort(r reading) string {
	return "For the program at port " + number(r) + " of " + r.to() + "."
}
