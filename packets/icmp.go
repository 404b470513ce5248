package packets

import (
	"fmt"
	"time"
)

// ICMP types (RFC 792, and RFC 1122 section 3.2.2).
const (
	icmpEchoReply    = 0
	icmpUnreachable  = 3
	icmpQuench       = 4
	icmpRedirect     = 5
	icmpEcho         = 8
	icmpTimeExceeded = 11
	icmpParameter    = 12
	icmpTimestamp    = 13
	icmpTimestampRep = 14

	icmpNeedFrag = 4 // code of icmpUnreachable, RFC 1191
)

var icmp = protocol{
	key:   "icmp",
	name:  "ICMP",
	title: "Internet Control Message Protocol",
	rfc:   "RFC 792",
	about: "Tells a host what became of a packet, or whether another host is there.",
	lay:   layICMP,
	sum:   sumICMP,
	fields: []*field{
		{
			key: "icmp.type", name: "type", bit: 0, bits: 8,
			about: "What kind of message it is.", rfc: "RFC 792",
			value: func(r reading) string { return number(r) + ", " + icmpTypeName(uint8(r.raw)) },
			say:   sayICMPType,
		},
		{
			key: "icmp.code", name: "code", bit: 8, bits: 8,
			about: "The reason, or the variant, of the type.", rfc: "RFC 792",
			value: func(r reading) string {
				if name := icmpCodeName(r.u8(0), uint8(r.raw)); name != "" {
					return number(r) + ", " + name
				}
				return number(r)
			},
			say: sayICMPCode,
		},
		{
			key: "icmp.checksum", name: "checksum", bit: 16, bits: 16,
			about: "Protects the whole message.", rfc: "RFC 792",
			value: func(r reading) string { return checkICMP(r.part).value() },
			say: func(r reading) string {
				return checkICMP(r.part).say(r.part, "the message", "A receiver throws the message away."+offload)
			},
		},
		{
			key: "icmp.ident", name: "identifier", bit: 32, bits: 16,
			about: "Tells one program's questions from another's.", rfc: "RFC 792", when: icmpAsks,
			value: number,
			say: func(r reading) string {
				return fmt.Sprintf("Questions and answers of one program carry the same identifier, here %d.", r.raw)
			},
		},
		{
			key: "icmp.seq", name: "sequence number", bit: 48, bits: 16,
			about: "Tells one question of a program from the next.", rfc: "RFC 792", when: icmpAsks,
			say: func(r reading) string {
				if t := r.u8(0); t == icmpEchoReply || t == icmpTimestampRep {
					return "This answers the question with number " + group(r.raw) + "."
				}
				return "The question's number is " + group(r.raw) + "; the answer repeats it."
			},
		},
		icmpTime("icmp.originate_timestamp", "originate timestamp", 64, "When the question was sent."),
		icmpTime("icmp.receive_timestamp", "receive timestamp", 96, "When the question arrived."),
		icmpTime("icmp.transmit_timestamp", "transmit timestamp", 128, "When the answer was sent."),
		{
			key: "icmp.redir_gw", name: "gateway internet address", bit: 32, bits: 32,
			about: "The router to use instead.", rfc: "RFC 792", when: icmpIs(icmpRedirect),
			value: func(r reading) string { return r.addr4(4).String() },
			say: func(r reading) string {
				return "\"For packets like the one below, use the router " + r.addr4(4).String() + ".\""
			},
		},
		{
			key: "icmp.pointer", name: "pointer", bit: 32, bits: 8,
			about: "Which byte of the quoted packet the problem is at.", rfc: "RFC 792", when: icmpIs(icmpParameter),
			say: func(r reading) string {
				if r.u8(1) != 0 {
					return "With this code the pointer says nothing."
				}
				return "The problem is at byte " + group(r.raw) + " of the packet quoted below, counted from 0."
			},
		},
		icmpUnused("icmp.unused", 32, 8, func(p *part) bool { return p.u8(0) == icmpUnreachable || p.u8(0) == icmpTimeExceeded }),
		{
			key: "icmp.length", name: "length", bit: 40, bits: 8,
			about: "How many words of 4 bytes are quoted, if extensions follow.", rfc: "RFC 4884 section 4", when: icmpHasLength,
			value: func(r reading) string { return fmt.Sprintf("%d x 4 = %d bytes", r.raw, r.raw*4) },
			say: func(r reading) string {
				if r.raw == 0 {
					return "0: the quote runs to the end of the message, and no extensions follow."
				}
				return fmt.Sprintf("The quote below takes %d bytes; extensions follow it.", r.raw*4)
			},
		},
		{
			key: "icmp.mtu", name: "next-hop MTU", bit: 48, bits: 16,
			about: "How big a packet the next link takes.", rfc: "RFC 1191 section 4", when: icmpHasMTU,
			value: func(r reading) string { return bytesOf(r.raw) },
			say: func(r reading) string {
				if r.raw == 0 {
					return "0: the router is older than RFC 1191 and does not say what would fit."
				}
				return "\"The next link takes packets of at most " + bytesOf(r.raw) + ": send smaller ones.\""
			},
		},
		icmpUnused("icmp.reserved", 48, 16, func(p *part) bool { return icmpHasLength(p) && !icmpHasMTU(p) }),
		{
			key: "icmp.rest", name: "rest of header", bit: 32, bits: 32,
			about: "What the type makes of it.", rfc: "RFC 792",
			when:  func(p *part) bool { return !icmpAsks(p) && (!icmpQuotes(p) || p.u8(0) == icmpQuench) },
			value: hexBytes,
			say: func(r reading) string {
				if r.u8(0) == icmpQuench {
					return "Unused in this type."
				}
				return fmt.Sprintf("What these 4 bytes mean depends on the type, and type %d is not opened here.", r.u8(0))
			},
		},
	},
}

func icmpIs(t uint8) func(*part) bool { return func(p *part) bool { return p.u8(0) == t } }

// icmpAsks says whether the message is a question or an answer, with an
// identifier and a number.
func icmpAsks(p *part) bool {
	switch p.u8(0) {
	case icmpEcho, icmpEchoReply, icmpTimestamp, icmpTimestampRep:
		return true
	}
	return false
}

// icmpQuotes says whether the message is about an earlier packet and quotes it.
func icmpQuotes(p *part) bool {
	switch p.u8(0) {
	case icmpUnreachable, icmpQuench, icmpRedirect, icmpTimeExceeded, icmpParameter:
		return true
	}
	return false
}

// icmpHasLength says whether the second byte of the rest counts the quote
// (RFC 4884 section 4).
func icmpHasLength(p *part) bool {
	t := p.u8(0)
	return t == icmpUnreachable || t == icmpTimeExceeded || t == icmpParameter
}

func icmpHasMTU(p *part) bool { return p.u8(0) == icmpUnreachable && p.u8(1) == icmpNeedFrag }

// icmpUnused is a run of bits that must be zero.
func icmpUnused(key string, bit, bits int, when func(*part) bool) *field {
	return &field{
		key: key, name: "unused", bit: bit, bits: bits, when: when,
		about: "Must be zero.", rfc: "RFC 792",
		say: bit01("Not zero, although nothing is defined here; a receiver takes no notice.",
			"Unused, and zero."),
	}
}

// icmpTime is a timestamp in milliseconds since midnight, universal time.
func icmpTime(key, name string, bit int, about string) *field {
	return &field{
		key: key, name: name, bit: bit, bits: 32, about: about, rfc: "RFC 792",
		when:  func(p *part) bool { return p.u8(0) == icmpTimestamp || p.u8(0) == icmpTimestampRep },
		value: func(r reading) string { return group(r.raw) + " ms" },
		say: func(r reading) string {
			switch day := uint64(24 * time.Hour / time.Millisecond); {
			case r.raw == 0:
				return "0: midnight exactly, or more likely not filled in."
			case r.raw >= day:
				return "Not milliseconds since midnight: the top bit, or a value beyond a day, says that this clock counts its own way."
			}
			return about + " " + group(r.raw) + " milliseconds after midnight, universal time, by that host's clock."
		},
	}
}

func layICMP(p *part) {
	n := 8
	if t := p.u8(0); t == icmpTimestamp || t == icmpTimestampRep {
		n = 20
	}
	p.header(n)
	p.next = opaque
	if icmpQuotes(p) {
		p.next = carriedByEtherType(EtherTypeIPv4)
		if icmpHasLength(p) { // then extensions may follow the quote
			p.limit = int(p.u8(5)) * 4
		}
	}
}

func checkICMP(p *part) check {
	switch {
	case p.fragment:
		return check{got: p.u16(2), why: "it covers the whole message, and this is only a piece of it"}
	case p.missing > 0 || !p.whole(4):
		return check{got: p.u16(2), why: "not all the bytes that it covers are here"}
	}
	return checkOver(p.here(), 2, 0)
}

func sumICMP(p *part, _ Context) string {
	s := icmpTypeName(p.u8(0))
	if name := icmpCodeName(p.u8(0), p.u8(1)); name != "" && p.whole(2) {
		s += ": " + name
	}
	if icmpAsks(p) && p.whole(8) {
		s += fmt.Sprintf(", id %d, seq %d", p.u16(4), p.u16(6))
	}
	return s
}
