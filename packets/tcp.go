package packets

import (
	"fmt"
	"strings"
)

// tcpFixed is the length in bytes of a TCP header without options.
const tcpFixed = 20

var tcp = protocol{
	key:   "tcp",
	name:  "TCP",
	title: "Transmission Control Protocol",
	rfc:   "RFC 9293",
	about: "Makes a stream of bytes in each direction out of packets that may be lost.",
	lay:   layTCP,
	sum:   sumTCP,
	fields: []*field{
		portField("tcp.srcport", "source port", 0, "The sender's port.", "RFC 9293 section 3.1",
			func(r reading) string {
				return "It comes from port " + number(r) + " of " + r.from() + ". The two addresses and the two ports together name the connection."
			}),
		portField("tcp.dstport", "destination port", 16, "The receiver's port.", "RFC 9293 section 3.1", sayDstPort),
		{
			key: "tcp.seq", name: "sequence number", bit: 32, bits: 32,
			about: "The number of the segment's first byte in the sender's stream; SYN and FIN take a number too.",
			rfc:   "RFC 9293 section 3.4",
			value: func(r reading) string { return seqNumbers(r.ctx).value(uint32(r.raw)) },
			say:   saySeq,
		},
		{
			key: "tcp.ack", name: "acknowledgment number", bit: 64, bits: 32,
			about: "The number that the sender of this segment wants next; everything before it has arrived.",
			rfc:   "RFC 9293 section 3.4",
			value: func(r reading) string {
				if r.whole(tcpFixed) && !tcpFlags(r.part).Has(ACK) {
					return group(r.raw) + ", not used"
				}
				return ackNumbers(r.ctx).value(uint32(r.raw))
			},
			say: sayAck,
		},
		{
			key: "tcp.hdr_len", name: "data offset", bit: 96, bits: 4,
			about: "Length of the header in words of 4 bytes; at least 5.", rfc: "RFC 9293 section 3.1",
			value: headerWords,
			say:   sayHeaderWords("The data"),
		},
		{
			key: "tcp.flags", name: "control bits", bit: 100, bits: 12,
			about: "What kind of segment it is.", rfc: "RFC 9293 section 3.1",
			value: func(r reading) string { return tcpFlags(r.part).list() },
			say:   sayFlags,
			kids: []*field{
				{
					key: "tcp.flags.res", name: "reserved", bit: 0, bits: 3,
					about: "Must be zero when sent, and not looked at when received.", rfc: "RFC 9293 section 3.1",
					say: bit01("Not zero, although nothing is defined here; a receiver takes no notice.",
						"Reserved, and zero."),
				},
				flagField("tcp.flags.ae", "AE", 3, "Part of a counter of congestion marks.", "RFC 9768 section 3.1", sayAE),
				flagField("tcp.flags.cwr", "CWR", 4, "Congestion window reduced: the sender has slowed down.", "RFC 3168 section 6.1", sayCWR),
				flagField("tcp.flags.ece", "ECE", 5, "ECN-Echo: a router marked a packet.", "RFC 3168 section 6.1", sayECE),
				flagField("tcp.flags.urg", "URG", 6, "The urgent pointer counts.", "RFC 9293 section 3.8.5",
					bit01("The urgent pointer counts.", "Not set: the urgent pointer means nothing.")),
				flagField("tcp.flags.ack", "ACK", 7, "The acknowledgment number counts.", "RFC 9293 section 3.1", sayACKBit),
				flagField("tcp.flags.push", "PSH", 8, "Give the data to the program now.", "RFC 9293 section 3.9.1.2", sayPSH),
				flagField("tcp.flags.reset", "RST", 9, "The connection is over at once.", "RFC 9293 section 3.5.2",
					bit01("The connection is over at once; what was under way is thrown away.", "Not set: nobody breaks the connection off.")),
				flagField("tcp.flags.syn", "SYN", 10, "Opens a direction of the connection.", "RFC 9293 section 3.5",
					bit01("The sender opens its direction and tells where its numbers begin.", "Not set: this segment opens nothing.")),
				flagField("tcp.flags.fin", "FIN", 11, "Closes a direction of the connection.", "RFC 9293 section 3.6",
					bit01("The sender has nothing more to send; it can still receive.", "Not set: the sender may have more to send.")),
			},
		},
		{
			key: "tcp.window_size_value", name: "window", bit: 112, bits: 16,
			about: "How many bytes, from the acknowledgment number on, its sender has room for; often in larger units.",
			rfc:   "RFC 9293 section 3.8.6",
			value: windowValue,
			say:   sayWindow,
		},
		{
			key: "tcp.checksum", name: "checksum", bit: 128, bits: 16,
			about: "Protects header, data and the IP addresses.", rfc: "RFC 9293 section 3.1",
			value: func(r reading) string { return r.checkTransport(16, ProtocolTCP).value() },
			say: func(r reading) string {
				drop := "A receiver drops the segment without a word."
				if n, _ := tcpDataLen(r.part); n > 0 || tcpFlags(r.part)&(SYN|FIN) != 0 {
					drop = "A receiver drops the segment without a word, and its sender will have to send it again."
				}
				return r.checkTransport(16, ProtocolTCP).say(r.part, "header, data and IP addresses", drop+offload)
			},
		},
		{
			key: "tcp.urgent_pointer", name: "urgent pointer", bit: 144, bits: 16,
			about: "Where urgent data ends, if URG is set; new programs should not use it.", rfc: "RFC 9293 section 3.8.5",
			value: func(r reading) string {
				if !tcpFlags(r.part).Has(URG) {
					return group(r.raw) + ", not used"
				}
				return group(r.raw)
			},
			say: func(r reading) string {
				if !tcpFlags(r.part).Has(URG) {
					return "URG is not set, so this means nothing."
				}
				return "Urgent data ends " + group(r.raw) + " after the sequence number. New programs should not use this (RFC 6093)."
			},
		},
		tcpOptions,
	},
}

func layTCP(p *part) {
	if !p.whole(tcpFixed) {
		p.header(tcpFixed)
		return
	}
	n := int(p.u8(12)>>4) * 4
	if n < tcpFixed {
		p.harm("the data offset is %d bytes, less than the %d that every header has", n, tcpFixed)
		n = tcpFixed
	}
	if n > p.avail()+p.missing {
		p.harm("the data offset is %d bytes, but the packet has room for %d", n, p.avail()+p.missing)
		n = p.avail()
	}
	p.header(n)
	tcpOptionList.harm(p, tcpFixed, n)
	p.next = carriedByPort(p.u16(0), p.u16(2), p.here()[p.size:], true)
}

// flagField is one control bit; bit counts in the 12 of tcp.flags.
func flagField(key, name string, bit int, about, rfc string, say func(reading) string) *field {
	return &field{key: key, name: name, bit: bit, bits: 1, about: about, rfc: rfc, value: setOrNot, say: say}
}

// tcpFlags reads the control bits.
func tcpFlags(p *part) Flags { return Flags(p.u8(13)) }

// tcpDataLen counts the segment's data in bytes, as the IP header tells it. It
// is known only of a whole packet.
func tcpDataLen(p *part) (n int, known bool) { return max(0, p.promised()), !p.fragment }

// list names the bits that are set, in the order people say them: "SYN, ACK".
func (f Flags) list() string {
	var set []string
	for _, b := range []struct {
		bit  Flags
		name string
	}{{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"}, {PSH, "PSH"}, {ACK, "ACK"}, {URG, "URG"}, {ECE, "ECE"}, {CWR, "CWR"}} {
		if f.Has(b.bit) {
			set = append(set, b.name)
		}
	}
	if set == nil {
		return "none"
	}
	return strings.Join(set, ", ")
}

func sumTCP(p *part, ctx Context) string {
	if !p.whole(tcpFixed) {
		if p.whole(4) {
			return fmt.Sprintf("%d to %d", p.u16(0), p.u16(2))
		}
		return bytesOf(p.size)
	}
	if p.quoted {
		ctx = Context{}
	}
	f := tcpFlags(p)
	s := fmt.Sprintf("%d to %d, %s, seq %s", p.u16(0), p.u16(2), f.list(), seqNumbers(ctx).people(p.u32(4)))
	if f.Has(ACK) {
		s += ", ack " + ackNumbers(ctx).people(p.u32(8))
	}
	if n, known := tcpDataLen(p); known && n > 0 {
		s += ", " + bytesOf(n)
	}
	return s
}
