package packets

import (
	"fmt"
	"net/netip"
)

// ARP operations (RFC 826).
const (
	arpRequest = 1
	arpReply   = 2
)

var arp = protocol{
	key:   "arp",
	name:  "ARP",
	title: "Address Resolution Protocol",
	rfc:   "RFC 826",
	about: "Finds the network card on this link that holds an IP address.",
	lay:   layARP,
	sum:   func(p *part, _ Context) string { return sumARP(p) },
	fields: []*field{
		{
			key: "arp.hw.type", name: "hardware address space", bit: 0, bits: 16,
			about: "The kind of link; 1 is Ethernet.", rfc: "RFC 826",
			value: number,
			say: func(r reading) string {
				if r.raw == 1 {
					return "1 is Ethernet: the hardware addresses below are Ethernet addresses."
				}
				return "Hardware type " + number(r) + " is not Ethernet (1); IANA's ARP registry names it."
			},
		},
		{
			key: "arp.proto.type", name: "protocol address space", bit: 16, bits: 16,
			about: "The kind of address asked about, as an Ethernet type.", rfc: "RFC 826",
			value: func(r reading) string { return fmt.Sprintf("0x%04x, %s", r.raw, etherTypeName(uint16(r.raw))) },
			say: func(r reading) string {
				return "The protocol addresses below are those of " + etherTypeName(uint16(r.raw)) + "."
			},
		},
		{
			key: "arp.hw.size", name: "hardware address length", bit: 32, bits: 8,
			about: "Bytes of a hardware address.", rfc: "RFC 826",
			say: func(r reading) string { return "Each hardware address below has " + bytesOf(r.raw) + "." },
		},
		{
			key: "arp.proto.size", name: "protocol address length", bit: 40, bits: 8,
			about: "Bytes of a protocol address.", rfc: "RFC 826",
			say: func(r reading) string { return "Each protocol address below has " + bytesOf(r.raw) + "." },
		},
		{
			key: "arp.opcode", name: "opcode", bit: 48, bits: 16,
			about: "Question (1) or answer (2).", rfc: "RFC 826",
			value: func(r reading) string { return number(r) + ", " + arpOperation(r.raw) },
			say:   sayARPOpcode,
		},
		arpAddr("arp.src.hw_mac", "hardware address of the sender", "The sender's network card.", arpMAC, 0,
			func(r reading) string {
				if !arpHas(r.part, 1) || arpText(r.part, 1) == "0.0.0.0" {
					return "The message comes from the card " + r.field.value(r) + "."
				}
				return "Whoever reads this may remember: " + arpText(r.part, 1) + " is held by the card " + r.field.value(r) + "."
			}),
		arpAddr("arp.src.hw", "hardware address of the sender", "The sender's hardware address, of a link that is not Ethernet.", not(arpMAC), 0,
			always("The sender's address on this kind of link.")),
		arpAddr("arp.src.proto_ipv4", "protocol address of the sender", "The sender's IPv4 address.", arpIPv4, 1,
			func(r reading) string {
				if r.raw == 0 {
					return "0.0.0.0: the sender has no address yet, and only asks whether the one below is taken (RFC 5227)."
				}
				return "The sender says that it holds " + r.field.value(r) + "."
			}),
		arpAddr("arp.src.proto", "protocol address of the sender", "The sender's address, of a protocol that is not IPv4.", not(arpIPv4), 1,
			always("The sender's address in this protocol.")),
		arpAddr("arp.dst.hw_mac", "hardware address of the target", "The target's network card; empty in a question.", arpMAC, 2,
			func(r reading) string {
				switch {
				case r.u16(6) == arpRequest && r.raw == 0:
					return "Zeros: this is what the question wants to know."
				case r.u16(6) == arpRequest:
					return "A question has nothing to say here; this sender fills it all the same."
				}
				return "The answer is for the card " + r.field.value(r) + "."
			}),
		arpAddr("arp.dst.hw", "hardware address of the target", "The target's hardware address, of a link that is not Ethernet.", not(arpMAC), 2,
			always("The target's address on this kind of link.")),
		arpAddr("arp.dst.proto_ipv4", "protocol address of the target", "The IPv4 address asked about, or answered to.", arpIPv4, 3,
			func(r reading) string {
				if r.u16(6) == arpRequest {
					return "Asked about: whoever holds " + r.field.value(r) + " should answer."
				}
				return "The answer is for " + r.field.value(r) + "."
			}),
		arpAddr("arp.dst.proto", "protocol address of the target", "The target's address, of a protocol that is not IPv4.", not(arpIPv4), 3,
			always("The target's address in this protocol.")),
	},
}

// arpAddr is the nth of the four addresses: hardware and protocol address of
// the sender, then of the target.
func arpAddr(key, name, about string, when func(*part) bool, nth int, say func(reading) string) *field {
	return &field{
		key: key, name: name, about: about, rfc: "RFC 826", when: when, say: say,
		place: func(p *part) (int, int) {
			at, n := arpPlace(p, nth)
			return at * 8, n * 8
		},
		value: func(r reading) string { return arpText(r.part, nth) },
	}
}

// arpPlace is where the nth address lies, in bytes from the start of the message.
func arpPlace(p *part, nth int) (at, n int) {
	hw, proto := int(p.u8(4)), int(p.u8(5))
	at = 8 + nth/2*(hw+proto)
	if nth%2 == 1 {
		return at + hw, proto
	}
	return at, hw
}

// arpHas says whether the nth address is here.
func arpHas(p *part, nth int) bool {
	at, n := arpPlace(p, nth)
	return p.whole(at + n)
}

// arpText writes the nth address, which is here.
func arpText(p *part, nth int) string {
	at, n := arpPlace(p, nth)
	b := p.here()[at : at+n]
	switch {
	case nth%2 == 0 && arpMAC(p):
		return mac(b)
	case nth%2 == 1 && arpIPv4(p):
		return netip.AddrFrom4([4]byte(b)).String()
	}
	return hexOf(b, 16)
}

// arpMAC and arpIPv4 say whether the addresses are of the usual kinds.
func arpMAC(p *part) bool  { return p.u16(0) == 1 && p.u8(4) == 6 }
func arpIPv4(p *part) bool { return p.u16(2) == EtherTypeIPv4 && p.u8(5) == 4 }

func not(f func(*part) bool) func(*part) bool { return func(p *part) bool { return !f(p) } }

func layARP(p *part) {
	n := 8
	if p.whole(8) {
		n += 2 * (int(p.u8(4)) + int(p.u8(5)))
	}
	p.header(n)
	p.end = p.off + p.size // it carries nothing; what follows is the frame's padding
}

func arpOperation(op uint64) string {
	switch op {
	case arpRequest:
		return "request"
	case arpReply:
		return "reply"
	}
	return "another operation"
}

func sayARPOpcode(r reading) string {
	p := r.part
	if !arpMAC(p) || !arpIPv4(p) || !arpHas(p, 3) {
		return "The operation is: " + arpOperation(r.raw) + "."
	}
	card, sender, target := arpText(p, 0), arpText(p, 1), arpText(p, 3)
	switch {
	case sender == target:
		return "Sender and target are the same: the sender announces to everybody that it holds " + sender + " (RFC 5227)."
	case r.raw == arpRequest && sender == "0.0.0.0":
		return "A probe: \"Does anybody hold " + target + "? I would like to use it.\""
	case r.raw == arpRequest:
		whom := ""
		if eth := p.carrier("ethernet"); eth != nil && eth.u32(0) == 0xffffffff && eth.u16(4) == 0xffff {
			whom = " to everybody on this link"
		}
		return "A question" + whom + ": \"Who holds " + target + "? Tell " + sender + ".\""
	case r.raw == arpReply:
		return "An answer: \"" + sender + " is held by the card " + card + ".\""
	}
	return "Operation " + number(r) + " is neither a question nor an answer about an address; few use it."
}

func sumARP(p *part) string {
	op := p.u16(6)
	if !arpMAC(p) || !arpIPv4(p) || !arpHas(p, 3) || op != arpRequest && op != arpReply {
		return arpOperation(uint64(op))
	}
	if op == arpRequest {
		return "who has " + arpText(p, 3) + "? tell " + arpText(p, 1)
	}
	return arpText(p, 1) + " is at " + arpText(p, 0)
}
