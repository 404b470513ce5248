package packets

import (
	"slices"
	"strings"
	"testing"
)

func TestIPv6SaysWhereItGoesAndHow(t *testing.T) {
	expect(t, ipv6UDP, fromClient,
		said{"ipv6.version", "6", "6: read what follows as an IPv6 header."},
		said{"ipv6.tclass.dscp", "0, default (CS0)", "To every router: forward this as you do by default."},
		said{"ipv6.flow", "0xabcde", "Packets of one flow carry the same label, here 0xabcde: a router that spreads traffic over several ways keeps them on one, without looking for ports (RFC 6437)."},
		said{"ipv6.plen", "10 bytes", "10 bytes follow this header, extension headers counted. What a frame has behind that is not part of the packet."},
		said{"ipv6.nxt", "17, UDP", "The receiver is to hand what follows to its UDP."},
		said{"ipv6.hlim", "64", "Every router takes 1 off and throws away what reaches 0: from here the packet can pass 63 more."},
		said{"ipv6.src", "fd00::1", "The client sends from fd00::1. Answers go back to this address, which nothing in the packet proves."},
		said{"ipv6.dst", "fd00::2", "Every router reads this to choose the next hop: the packet is for fd00::2, the server."},
		said{"udp.checksum", "", "It fits header, data and IP addresses, so no damage shows."})
	expect(t, patch(ipv6UDP, 14, 0x6b, 0xb0, 0, 0), Context{}, // 10111011: EF, CE
		said{"ipv6.tclass.dscp", "46, EF, expedited", ""},
		said{"ipv6.tclass.ecn", "3, CE", "A router on the way was crowded and marked this packet instead of dropping it. The receiver should tell the sender."},
		said{"ipv6.flow", "0x00000", "0: the sender does not mark the packets of a flow."})
}

func TestIPv6AddressesSayHowFarTheyReach(t *testing.T) {
	for dst, want := range map[string]string{
		"ff02::1":           "Every host on this link is meant.",
		"ff02::2":           "Every router on this link is meant.",
		"ff02::1:ff12:3456": "Meant is whoever holds an address that ends in 12:3456: hosts listen to the group of their own last three bytes, so that few are disturbed.",
		"ff02::fb":          "A group address: every host that joined the group ff02::fb is meant.",
		"fe80::7":           "The packet is for fe80::7, an address that counts on this link only: no router passes it on.",
		"2001:db8::1":       "Every router reads this to choose the next hop: the packet is for 2001:db8::1.",
		"::1":               "The host itself is meant; the packet never belongs on a cable.",
	} {
		if got := says(neighbor6("fe80::1", dst, "80 00 00 00 00 00 00 00"), Context{}, "ipv6.dst"); got != want {
			t.Errorf("%s: %q", dst, got)
		}
	}
	for src, want := range map[string]string{
		"::":      "No address: the sender has none yet, or does not want an answer here.",
		"fe80::1": "Answers go back to fe80::1, an address that counts on this link only. Nothing in the packet proves it.",
		"ff02::1": "A group, and so no legal source: a receiver throws the packet away.",
		"fd00::1": "Answers go back to fd00::1, which nothing in the packet proves.",
	} {
		if got := says(neighbor6(src, "fd00::2", "80 00 00 00 00 00 00 00"), Context{}, "ipv6.src"); got != want {
			t.Errorf("%s: %q", src, got)
		}
	}
}

func TestEachExtensionHeaderSaysWhatFollows(t *testing.T) {
	expect(t, everyExtension, Context{},
		said{"ipv6.nxt", "0, hop-by-hop options", "What follows is for every router on the way: hop-by-hop options."},
		said{"ipv6.hopopts.nxt", "60, destination options", "What follows is for the destination only: destination options."},
		said{"ipv6.hopopts.len", "8 + 0 x 8 = 8 bytes", "The next header begins 8 bytes after this one; a receiver can skip it without knowing it."},
		said{"ipv6.opt.router_alert", "0, a message about group membership (MLD)", ""},
		said{"ipv6.opt.padn", "", "Zeros that mean nothing."},
		said{"ipv6.dstopts.len", "8 + 1 x 8 = 16 bytes", ""},
		said{"ipv6.opt.unknown_option", "5 bytes", "Option 62 is not opened here; its type says what becomes of the packet where it is not known."},
		said{"ipv6.routing.nxt", "44, fragment header", ""},
		said{"ipv6.routing.type", "4, segment routing", "A list of segments: routers to visit and what to do there, last first (RFC 8754)."},
		said{"ipv6.routing.segleft", "1", "1 more to visit after the one in the destination address, which the one that the packet reaches next takes from the list below."},
		said{"ipv6.fraghdr.nxt", "51, authentication header", ""},
		said{"ipv6.fraghdr.offset", "0", "The packet is whole, not a piece: a fragment header on its own only gives it an identification (RFC 6946)."},
		said{"ah.length", "(4 + 2) x 4 = 24 bytes", "The next header begins 24 bytes after this one."},
		said{"ah.spi", "0x00000100", ""},
		// The checksum is made with the last place of the list, fd00::9.
		said{"tcp.checksum", "", "It fits header, data and IP addresses, so no damage shows."})
}

func TestIPv6OptionsSayWhatBecomesOfThePacket(t *testing.T) {
	for kind, want := range map[byte]string{
		0x1e: "If you do not know this option: skip it.",
		0x5e: "If you do not know this option: throw the packet away without a word.",
		0x9e: "If you do not know this option: throw the packet away and tell the sender.",
		0xde: "If you do not know this option: throw the packet away and tell the sender, unless the packet was for a group.",
	} {
		frame := packet6(protocolDestination, []byte{ProtocolUDP, 0, kind, 4, 1, 2, 3, 4}, udpHi)
		if got := says(frame, Context{}, "ipv6.opt.type.action"); got != want {
			t.Errorf("%#x: %q", kind, got)
		}
	}
	expect(t, everyExtension, Context{}, said{"ipv6.opt.type.change", "not set", "Not set: nobody may change the option on the way."})
}

func TestPiecesOfIPv6SayWhereTheyBelong(t *testing.T) {
	expect(t, sampleFrame("first piece of IPv6"), Context{},
		said{"ipv6.fraghdr.offset", "0", "The first piece: it carries bytes 0 to 1,447 of what was cut."},
		said{"ipv6.fraghdr.more", "set", "To the receiver: this is not the end of the datagram; wait for more pieces."},
		said{"udp.checksum", "0x1234, not checked", "It cannot be checked here: it covers the whole datagram, and this is only a piece of it."},
		said{"data.data", "", "The first 1,440 bytes of what UDP carries in this datagram; the rest is in the other pieces."})
	expect(t, sampleFrame("second piece of IPv6"), Context{},
		said{"ipv6.fraghdr.nxt", "17, UDP", "The datagram that this is a piece of carries UDP."},
		said{"ipv6.fraghdr.offset", "181 x 8 = 1,448", "This piece carries bytes 1,448 to 2,895 of what was cut."},
		said{"ipv6.fraghdr.ident", "0xcafebabe", "Every piece of this datagram carries 0xcafebabe, so that the receiver knows which belong together."},
		said{"data.data", "", "A piece of a larger datagram: bytes 1,448 to 2,895 of its payload, counted from 0. The receiver puts the pieces together before any program sees them."})
	if got := Decode(sampleFrame("second piece of IPv6"), LinkEthernet, Context{})[2].Summary; got != "datagram 0xcafebabe, piece 1,448 to 2,895" {
		t.Errorf("%q", got)
	}
}

func TestAPayloadLengthOfZero(t *testing.T) {
	expect(t, packet6(protocolNoNext), Context{},
		said{"ipv6.plen", "0 bytes", "0: the packet is its header and nothing else."},
		said{"ipv6.nxt", "59, no next header", "Nothing follows."})
	expect(t, patch(ipv6UDP, 18, 0, 0), Context{},
		said{"ipv6.plen", "", "0, although a header follows: a sender's own capture shows it when the network card is left to cut a big segment into packets."},
		said{"data.data", "hi", ""})
	jumbo := sampleFrame("jumbo payload")
	expect(t, jumbo, Context{},
		said{"ipv6.plen", "", "0: nothing follows, or more than 65,535 bytes, which a jumbo payload option then counts (RFC 2675)."},
		said{"ipv6.opt.jumbo", "65,536 bytes", "65,536 bytes follow the IPv6 header, this one counted."})
	if got := Decode(jumbo, LinkEthernet, Context{})[2].Damage; got != "the jumbo payload length is 65,536 bytes, only 18 are here" {
		t.Errorf("damage %q", got)
	}
}

func TestWhatIsWrongWithIPv6IsSaid(t *testing.T) {
	for name, want := range map[string]string{
		"jumbo payload that is small":              "a jumbo payload, although the IPv6 header gives a length",
		"IPv6 option too long":                     "option 30 says that it is 14 bytes long, but only 6 are left",
		"hop-by-hop in the wrong place":            "hop-by-hop options may stand directly behind the IPv6 header only",
		"IPv6 of version 5":                        "the version is 5, not 6",
		"IPv6 payload length too long":             "the payload length is 1,500 bytes, only 10 are here",
		"AH that is too short":                     "the length is 8 bytes, less than the 12 that the header must have",
		"piece of IPv6 of a length that cannot be": "a piece that others follow must be a multiple of 8 bytes long, and this one has 9",
		"neighbor option of no length":             "option 1 says that it is 0 bytes long, but kind and length alone are 2",
	} {
		var all []string
		for _, l := range Decode(sampleFrame(name), LinkEthernet, Context{}) {
			all = append(all, l.Damage)
		}
		if !slices.Contains(all, want) {
			t.Errorf("%s: %q", name, all)
		}
	}
}

func TestAHomeAddressMakesChecksumsInsideUncheckable(t *testing.T) {
	frame := packet6(protocolDestination, wire("11 02 01 02 00 00  c9 10  fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 07"), udpHi)
	if got := says(frame, Context{}, "udp.checksum"); !strings.Contains(got, "they are not known here") {
		t.Errorf("%q", got)
	}
}

// A whole packet inside a piece of another is no piece itself.
func TestAWholePacketInAPieceIsChecked(t *testing.T) {
	frame := patch(sampleFrame("IPv6 in IPv4"), 20, 0x20)
	expect(t, frame, Context{}, said{"udp.checksum", "", "It fits header, data and IP addresses, so no damage shows."})
}
