package packets

import "testing"

func TestICMPv6AsksAndAnswers(t *testing.T) {
	expect(t, sampleFrame("echo request of IPv6"), Context{},
		said{"icmpv6.type", "128, echo request", "\"Are you there? Send this back.\""},
		said{"icmpv6.code", "0", "0: this type has no variants."},
		said{"icmpv6.checksum", "", "It fits the message and the IPv6 addresses, so no damage shows."},
		said{"icmpv6.echo.identifier", "42", "Questions and answers of one program carry the same identifier, here 42."},
		said{"icmpv6.echo.sequence_number", "3", "The question's number is 3; the answer repeats it."},
		said{"data.data", "abcd", "4 bytes that the reply must bring back unchanged."})
	expect(t, sampleFrame("echo reply of IPv6"), Context{},
		said{"icmpv6.type", "129, echo reply", "\"Yes, I am here; this is what you sent.\""},
		said{"icmpv6.echo.sequence_number", "3", "This answers the question with number 3."},
		said{"data.data", "abcd", "4 bytes brought back, as the request sent them."})
}

func TestICMPv6ErrorsSayWhyAndQuote(t *testing.T) {
	expect(t, sampleFrame("port unreachable of IPv6"), Context{},
		said{"icmpv6.code", "4, port unreachable", "The host is there, but no program listens on that port."},
		said{"icmpv6.length", "0 x 8 = 0 bytes", "0: the quote runs to the end of the message, and no extensions follow."},
		said{"udp.dstport", "7", ""},
		// All of the quoted packet is here, so its checksum can be checked.
		said{"udp.checksum", "", "It fits header, data and IP addresses, so no damage shows."})
	expect(t, sampleFrame("packet too big"), Context{},
		said{"icmpv6.type", "2, packet too big", "\"Your packet, quoted below, is too big for the next link.\" In IPv6 no router cuts a packet: its sender must."},
		said{"icmpv6.mtu", "1,280 bytes", "\"The next link takes packets of at most 1,280 bytes: send smaller ones.\""})
	expect(t, sampleFrame("hop limit exceeded"), Context{},
		said{"icmpv6.code", "0, hop limit exceeded", "A router took the last 1 off the packet's hop limit, and threw it away."},
		said{"icmpv6.length", "6 x 8 = 48 bytes", "The quote below takes 48 bytes; extensions follow it."})
	expect(t, sampleFrame("unknown next header"), Context{},
		said{"icmpv6.code", "1, unrecognized next header", "A header follows that the receiver does not know; the pointer says where its number stands."},
		said{"icmpv6.pointer", "6", "The problem is at byte 6 of the packet quoted below, counted from 0."})
}

func TestNeighborDiscoveryAsksAndAnswers(t *testing.T) {
	expect(t, neighborSolicit, Context{},
		said{"icmpv6.type", "135, neighbor solicitation", "A question: \"Who holds fd00::2? Tell fd00::1.\""},
		said{"icmpv6.nd.ns.target_address", "fd00::2", "Asked about: whoever holds fd00::2 should answer."},
		said{"icmpv6.opt.src", "8 bytes", "The sender's card, so that nobody has to ask for it."},
		said{"icmpv6.opt.type", "1", "Type 1: source link-layer address."},
		said{"icmpv6.opt.length", "1 x 8 = 8 bytes", "The option is 8 bytes long, type and length counted."},
		said{"icmpv6.opt.src_linkaddr", "02:00:00:00:00:01", "Whoever reads this may remember the card 02:00:00:00:00:01."})
	expect(t, neighborAdvert, Context{},
		said{"icmpv6.type", "136, neighbor advertisement", "An answer: \"fd00::2 is held by the card 02:00:00:00:00:02.\""},
		said{"icmpv6.nd.na.flag", "0x60000000", "An answer to a question."},
		said{"icmpv6.nd.na.flag.r", "not set", "Not set: the sender is no router."},
		said{"icmpv6.nd.na.flag.s", "set", "Set: this answers a question, and so proves that both directions work."},
		said{"icmpv6.nd.na.flag.o", "set", "Set: forget the card that you remember for this address."})
	expect(t, sampleFrame("address probe"), Context{},
		said{"icmpv6.type", "", "A probe: \"Does anybody hold fd00::2? I would like to use it.\""},
		said{"icmpv6.opt.unknown", "8 bytes", "Here is nonce, which is not opened. A host that does not know it skips its 8 bytes."})
	expect(t, neighbor6("fe80::1", "fd00::2", "87 00 00 00  00 00 00 00  fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 02"), Context{},
		said{"icmpv6.type", "", "A question to fd00::2 itself: \"Are you still there?\""})
}

func TestRoutersSayWhatHostsMayCountOn(t *testing.T) {
	expect(t, routerAdvert, Context{},
		said{"icmpv6.type", "134, router advertisement", ""},
		said{"icmpv6.nd.ra.cur_hop_limit", "64", "\"Send your packets with a hop limit of 64.\""},
		said{"icmpv6.nd.ra.flag", "0x48", "Hosts make their own addresses; other settings are to be had from DHCPv6."},
		said{"icmpv6.nd.ra.flag.prf", "1, high", "Take this router before others."},
		said{"icmpv6.nd.ra.router_lifetime", "1,800 s", "\"For 1,800 seconds you may send to other networks through me.\""},
		said{"icmpv6.nd.ra.reachable_time", "30,000 ms", "\"A neighbor that has shown itself counts as there for 30,000 milliseconds.\""},
		said{"icmpv6.opt.mtu", "1,500 bytes", "\"Send no packet of more than 1,500 bytes on this link.\""},
		said{"icmpv6.opt.prefix_information", "32 bytes", "Addresses in fd00::/64 are on this link, and hosts may make themselves one."},
		said{"icmpv6.opt.prefix.valid_lifetime", "2,592,000 seconds", "Such addresses work for 2,592,000 seconds."},
		said{"icmpv6.opt.prefix", "fd00::", ""})
	expect(t, redirect6, Context{},
		said{"icmpv6.nd.rd.target_address", "fe80::9", "\"Use the router fe80::9.\""},
		said{"icmpv6.rd.na.destination_address", "fd01::2", "\"For packets to fd01::2 there is a shorter way.\""},
		said{"icmpv6.opt.redirected_packet", "fd00::1 to fd01::2", "The first 40 bytes of the packet."})
}

func TestICMPv6SummariesAreOneLine(t *testing.T) {
	for name, want := range map[string]string{
		"echo request of IPv6":      "echo request, id 42, seq 3",
		"port unreachable of IPv6":  "destination unreachable: port unreachable",
		"packet too big":            "packet too big, the next link takes 1,280 bytes",
		"router advertisement":      "router advertisement, for 1,800 s",
		"neighbor solicitation":     "neighbor solicitation: who has fd00::2?",
		"neighbor advertisement":    "neighbor advertisement: fd00::2 is at 02:00:00:00:00:02",
		"redirect of IPv6":          "redirect: fd01::2 by way of fe80::9",
		"multicast listener report": "multicast listener report, version 2",
	} {
		if got := Decode(sampleFrame(name), LinkEthernet, Context{})[2].Summary; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
