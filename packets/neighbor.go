package packets

import (
	"fmt"
	"net/netip"
)

// Neighbor discovery is a part of ICMPv6: five messages that do for IPv6 what
// ARP does for IPv4, and find routers besides (RFC 4861).

// ndFixed is the length in bytes of a neighbor discovery message without its
// options.
func ndFixed(t uint8) int {
	switch t {
	case ndRouterAdvert:
		return 16
	case ndNeighborSolicit, ndNeighborAdvert:
		return 24
	case ndRedirect:
		return 40
	}
	return 8
}

// layNeighbor lays a message that ends with options.
func layNeighbor(p *part, fixed int) {
	n := max(fixed, p.avail()+p.missing)
	p.header(n)
	if p.whole(n) {
		ndOptionList.harm(p, fixed, n)
	}
	// It carries nothing: its options run to the end of the packet.
}

// sumNeighbor is what a message says beyond its type.
func sumNeighbor(p *part) string {
	switch p.u8(0) {
	case ndRouterAdvert:
		return fmt.Sprintf(", for %s s", group(p.u16(6)))
	case ndNeighborSolicit:
		return ": who has " + p.addr6(8).String() + "?"
	case ndNeighborAdvert:
		if card := linkOption(p, ndTargetLink); card != "" {
			return ": " + p.addr6(8).String() + " is at " + card
		}
		return ": " + p.addr6(8).String() + " is here"
	case ndRedirect:
		return ": " + p.addr6(24).String() + " by way of " + p.addr6(8).String()
	}
	return ""
}

// The fields of a router advertisement (RFC 4861 section 4.2).
var (
	ndHopLimit = &field{
		key: "icmpv6.nd.ra.cur_hop_limit", name: "cur hop limit", bit: 32, bits: 8,
		about: "The hop limit that hosts here should send with.", rfc: "RFC 4861 section 4.2", when: icmp6Is(ndRouterAdvert),
		say: func(r reading) string {
			if r.raw == 0 {
				return "0: this router does not say which hop limit to send with."
			}
			return "\"Send your packets with a hop limit of " + group(r.raw) + ".\""
		},
	}
	ndRouterFlags = &field{
		key: "icmpv6.nd.ra.flag", name: "flags", bit: 40, bits: 8,
		about: "Where else to ask for an address, and how good this router is.", rfc: "RFC 4861 section 4.2", when: icmp6Is(ndRouterAdvert),
		value: func(r reading) string { return fmt.Sprintf("0x%02x", r.raw) },
		say: func(r reading) string {
			switch r.raw >> 6 {
			case 0:
				return "Nothing is to be had from DHCPv6 here: hosts make their own addresses."
			case 1:
				return "Hosts make their own addresses; other settings are to be had from DHCPv6."
			}
			return "Addresses are to be had from DHCPv6."
		},
		kids: []*field{
			{
				key: "icmpv6.nd.ra.flag.m", name: "managed address configuration", bit: 0, bits: 1,
				about: "Addresses are to be had from DHCPv6.", rfc: "RFC 4861 section 4.2", value: setOrNot,
				say: bit01("Set: addresses are to be had from DHCPv6.", "Not set: DHCPv6 gives no addresses here."),
			},
			{
				key: "icmpv6.nd.ra.flag.o", name: "other configuration", bit: 1, bits: 1,
				about: "Other settings are to be had from DHCPv6.", rfc: "RFC 4861 section 4.2", value: setOrNot,
				say: bit01("Set: other settings, such as DNS servers, are to be had from DHCPv6.", "Not set: other settings are not promised by DHCPv6."),
			},
			{
				key: "icmpv6.nd.ra.flag.prf", name: "default router preference", bit: 3, bits: 2,
				about: "How this router compares with others on the link.", rfc: "RFC 4191 section 2.2",
				value: func(r reading) string {
					return number(r) + ", " + [4]string{"medium", "high", "reserved", "low"}[r.raw&3]
				},
				say: func(r reading) string {
					return [4]string{
						"Neither better nor worse than other routers here.",
						"Take this router before others.",
						"Reserved; to be taken as neither better nor worse.",
						"Take other routers before this one.",
					}[r.raw&3]
				},
			},
		},
	}
	ndRouterLifetime = &field{
		key: "icmpv6.nd.ra.router_lifetime", name: "router lifetime", bit: 48, bits: 16,
		about: "How long hosts may send through this router.", rfc: "RFC 4861 section 4.2", when: icmp6Is(ndRouterAdvert),
		value: func(r reading) string { return group(r.raw) + " s" },
		say: func(r reading) string {
			if r.raw == 0 {
				return "0: \"Do not send to other networks through me.\""
			}
			return "\"For " + group(r.raw) + " seconds you may send to other networks through me.\""
		},
	}
	ndReachableTime = ndMilliseconds("icmpv6.nd.ra.reachable_time", "reachable time", 64,
		"How long a neighbor counts as there after it has shown itself.",
		func(ms string) string {
			return "\"A neighbor that has shown itself counts as there for " + ms + ".\""
		})
	ndRetransTimer = ndMilliseconds("icmpv6.nd.ra.retrans_timer", "retrans timer", 96,
		"How long to wait between two neighbor solicitations.",
		func(ms string) string { return "\"Wait " + ms + " before you ask again for a neighbor.\"" })
)

// ndMilliseconds is a time of a router advertisement; 0 says nothing.
func ndMilliseconds(key, name string, bit int, about string, say func(ms string) string) *field {
	return &field{
		key: key, name: name, bit: bit, bits: 32, about: about, rfc: "RFC 4861 section 4.2", when: icmp6Is(ndRouterAdvert),
		value: func(r reading) string { return group(r.raw) + " ms" },
		say: func(r reading) string {
			if r.raw == 0 {
				return "0: this router does not say; hosts keep to what they have."
			}
			return say(group(r.raw) + " milliseconds")
		},
	}
}

// The fields of solicitations, advertisements and redirects (RFC 4861 sections
// 4.3 to 4.5).
var (
	ndNeighborFlags = &field{
		key: "icmpv6.nd.na.flag", name: "flags", bit: 32, bits: 32,
		about: "Who answers, and whether the answer was asked for.", rfc: "RFC 4861 section 4.4", when: icmp6Is(ndNeighborAdvert),
		value: func(r reading) string { return fmt.Sprintf("0x%08x", r.raw) },
		say: func(r reading) string {
			if r.raw&(1<<30) != 0 {
				return "An answer to a question."
			}
			return "Said without having been asked, to everybody whom it may concern."
		},
		kids: []*field{
			{
				key: "icmpv6.nd.na.flag.r", name: "router", bit: 0, bits: 1,
				about: "The sender is a router.", rfc: "RFC 4861 section 4.4", value: setOrNot,
				say: bit01("Set: the sender is a router.", "Not set: the sender is no router."),
			},
			{
				key: "icmpv6.nd.na.flag.s", name: "solicited", bit: 1, bits: 1,
				about: "It answers a question.", rfc: "RFC 4861 section 4.4", value: setOrNot,
				say: bit01("Set: this answers a question, and so proves that both directions work.", "Not set: nobody asked."),
			},
			{
				key: "icmpv6.nd.na.flag.o", name: "override", bit: 2, bits: 1,
				about: "It replaces what a receiver remembers.", rfc: "RFC 4861 section 4.4", value: setOrNot,
				say: bit01("Set: forget the card that you remember for this address.", "Not set: keep the card that you remember for this address, if you do."),
			},
		},
	}
	ndSolicitTarget = ndAddr("icmpv6.nd.ns.target_address", "target address", 64, "The address asked about.", "RFC 4861 section 4.3", ndNeighborSolicit,
		func(r reading, a netip.Addr) string {
			return "Asked about: whoever holds " + a.String() + " should answer."
		})
	ndAdvertTarget = ndAddr("icmpv6.nd.na.target_address", "target address", 64, "The address that the sender holds.", "RFC 4861 section 4.4", ndNeighborAdvert,
		func(r reading, a netip.Addr) string { return "The sender says that it holds " + a.String() + "." })
	ndRedirectTarget = ndAddr("icmpv6.nd.rd.target_address", "target address", 64, "The better next hop.", "RFC 4861 section 4.5", ndRedirect,
		func(r reading, a netip.Addr) string {
			if a == r.addr6(24) {
				return "The destination itself: \"It is on your own link; send to it directly.\""
			}
			return "\"Use the router " + a.String() + ".\""
		})
	ndRedirectDestination = ndAddr("icmpv6.rd.na.destination_address", "destination address", 192, "The destination that has a shorter way.", "RFC 4861 section 4.5", ndRedirect,
		func(r reading, a netip.Addr) string {
			return "\"For packets to " + a.String() + " there is a shorter way.\""
		})
)

func ndAddr(key, name string, bit int, about, rfc string, t uint8, say func(reading, netip.Addr) string) *field {
	f := ip6Addr(key, name, bit, about, rfc, say)
	f.when = icmp6Is(t)
	return f
}
