package packets

import (
	"fmt"
	"strings"
)

// data is what no table opens: the program's own bytes, mostly.
var data = protocol{
	key:   "data",
	name:  "Data",
	title: "Payload",
	rfc:   "RFC 1122 section 1.1.3",
	about: "The bytes that the headers before it were made to carry.",
	lay:   func(p *part) { p.size = p.avail() },
	sum: func(p *part, _ Context) string {
		return bytesOf(p.size) + ": " + Text(p.here(), 48)
	},
	fields: []*field{{
		key: "data.data", name: "data",
		about: "The payload, as text where it is text.",
		rfc:   "RFC 1122 section 1.1.3",
		place: func(p *part) (int, int) { return 0, p.size * 8 },
		value: func(r reading) string { return Text(r.bytes(), 64) },
		say:   sayData,
	}},
}

func sayData(r reading) string {
	n, o := bytesOf(r.bits/8), r.outer
	if r.missing > 0 && !r.fragment && !r.quoted {
		n += " (of " + group(r.bits/8+r.missing) + "; the rest is not in this frame)"
	}
	switch {
	case o == nil:
		return n + " that no protocol here claims."
	case r.quoted:
		return "The first " + n + " of what the quoted packet carried, sent back so that its sender can tell which one it was."
	case o.proto.key == "ipv4" && o.fragment, o.proto.key == "ipv6.fraghdr" && o.fragment:
		at := fragmentOffset(o)
		if o.proto.key != "ipv4" {
			at = fragmentOffset6(o)
		}
		return fmt.Sprintf("A piece of a larger datagram: bytes %s to %s of its payload, counted from 0. The receiver puts the pieces together before any program sees them.",
			group(at), group(at+r.bits/8-1))
	case o.proto.key == "dns":
		return capital(n) + " behind the end of the message. Nothing in it announces them."
	case o.fragment:
		return "The first " + n + " of what " + o.name() + " carries in this datagram; the rest is in the other pieces."
	case o.proto.key == "tcp":
		return n + " of the stream to port " + fmt.Sprint(o.u16(2)) + " of " + r.to() + ". Where a message in it begins or ends, TCP does not know."
	case o.proto.key == "udp":
		return "One datagram of " + n + " for port " + fmt.Sprint(o.u16(2)) + " of " + r.to() + ", which gets it whole or not at all."
	case o.proto.key == "icmp" && o.u8(0) == icmpEcho, o.proto.key == "icmpv6" && o.u8(0) == icmp6Echo:
		return n + " that the reply must bring back unchanged."
	case o.proto.key == "icmp" && o.u8(0) == icmpEchoReply, o.proto.key == "icmpv6" && o.u8(0) == icmp6EchoReply:
		return n + " brought back, as the request sent them."
	}
	return n + " inside " + o.name() + " that are not opened here."
}

// padding is what a layer has behind the end of what it carries.
var padding = protocol{
	key:   "padding",
	name:  "Padding",
	title: "Bytes behind the payload",
	rfc:   "IEEE 802.3 section 3.2.8",
	about: "Fills a short frame up to the length that its link demands; the layers above never see it.",
	lay:   func(p *part) { p.size = p.avail() },
	sum:   func(p *part, _ Context) string { return bytesOf(p.size) },
	fields: []*field{
		{
			key: "eth.padding", name: "pad",
			about: "Zeros that fill a frame up to the 60 bytes that Ethernet demands, check sequence not counted.",
			rfc:   "IEEE 802.3 section 3.2.8",
			when:  isPad,
			place: func(p *part) (int, int) { return 0, p.size * 8 },
			value: hexBytes,
			say: func(r reading) string {
				return bytesOf(r.bits/8) + " of zeros fill the frame up to the 60 that Ethernet demands. They mean nothing: the packet's own length field leaves them out."
			},
		},
		{
			key: "eth.trailer", name: "trailer",
			about: "Bytes of the frame behind the packet: a check sequence, a switch's mark, or padding that is not zero.",
			rfc:   "RFC 894",
			when:  func(p *part) bool { return p.outer.proto.key == "ethernet" && !isPad(p) },
			place: func(p *part) (int, int) { return 0, p.size * 8 },
			value: hexBytes,
			say: func(r reading) string {
				return bytesOf(r.bits/8) + " behind the end of the packet, as its own length field gives it. No layer above reads them."
			},
		},
		{
			key: "padding.surplus", name: "surplus",
			about: "Bytes of an IP packet that the length inside leaves out; RFC 9868 puts UDP's options here.",
			rfc:   "RFC 9868 section 4",
			when:  func(p *part) bool { return p.outer.proto.key != "ethernet" },
			place: func(p *part) (int, int) { return 0, p.size * 8 },
			value: hexBytes,
			say: func(r reading) string {
				if r.outer.outer == nil { // what it was captured with counts them
					return bytesOf(r.bits/8) + " behind the end of the packet, as its own length field gives it. No layer reads them."
				}
				return r.outer.name() + " counts these " + bytesOf(r.bits/8) + ", the length field inside it does not. Few receivers look at them."
			},
		},
	},
}

// isPad says whether the bytes are what Ethernet fills short frames with:
// zeros up to 60 bytes, a frame's least length without its check sequence.
func isPad(p *part) bool {
	return p.outer.proto.key == "ethernet" && p.end-p.outer.off <= 60 &&
		strings.Trim(string(p.here()), "\x00") == ""
}

// cut holds the one field that any header may end with.
var cut = protocol{
	key:    "frame",
	name:   "Frame",
	title:  "Any header that is not whole",
	rfc:    "no RFC: what a capture leaves out",
	about:  "Stands in a header of another protocol where the frame ends too early.",
	fields: []*field{&cutField},
}

var cutField = field{
	key: "frame.cut", name: "cut off",
	about: "What is left of a header whose next field is not whole.",
	rfc:   "no RFC: what a capture leaves out",
	value: hexBytes,
	say: func(r reading) string {
		return "The header is not whole: here it ends in the middle of a field, which cannot be read."
	},
}
