package packets

import (
	"fmt"
	"net/netip"
)

// Options of neighbor discovery have a type and a length in units of 8 bytes,
// the whole option counted (RFC 4861 section 4.6).
const (
	ndSourceLink = 1
	ndTargetLink = 2
)

var ndOptionList = optionList{of: ndOptionOf, unit: 8}

func ndOptionOf(kind uint8) (*field, func(int) bool) {
	switch kind {
	case ndSourceLink:
		return ndSourceLinkOption, atLeast(8)
	case ndTargetLink:
		return ndTargetLinkOption, atLeast(8)
	case 3:
		return ndPrefix, exactly(32)
	case 4:
		return ndRedirected, atLeast(8)
	case 5:
		return ndMTU, exactly(8)
	}
	return ndUnknown, atLeast(8)
}

// linkOption is the card that a link-layer address option names, or "".
func linkOption(p *part, kind uint8) string {
	fixed := ndFixed(p.u8(0))
	if p.size < fixed {
		return ""
	}
	for _, o := range ndOptionList.in(p.here()[fixed:p.size]) {
		if o.kind == kind && o.trouble == "" {
			return mac(p.here()[fixed+o.off+2 : fixed+o.off+8])
		}
	}
	return ""
}

var ndOptions = &field{
	key: "icmpv6.opt", name: "options", rfc: "RFC 4861 section 4.6",
	about: "Link-layer addresses, prefixes and the like.",
	when:  icmp6Is(ndRouterSolicit, ndRouterAdvert, ndNeighborSolicit, ndNeighborAdvert, ndRedirect),
	place: func(p *part) (int, int) {
		fixed := ndFixed(p.u8(0))
		return fixed * 8, max(0, p.size-fixed) * 8
	},
	value: func(r reading) string { return bytesOf(r.bits / 8) },
	say: func(r reading) string {
		return capital(bytesOf(r.bits/8)) + " of options, each with its type and its length; a receiver skips those that it does not know."
	},
	kids: []*field{ndSourceLinkOption, ndTargetLinkOption, ndPrefix, ndRedirected, ndMTU, ndUnknown, ndBad},
	find: ndOptionList.find(ndBad, ndBad),
}

var (
	ndType = &field{
		key: "icmpv6.opt.type", name: "type", bit: 0, bits: 8,
		about: "Which option it is.", rfc: "RFC 4861 section 4.6", value: number,
		say: func(r reading) string { return "Type " + number(r) + ": " + ndOptionName(uint8(r.raw)) + "." },
	}
	ndLen = &field{
		key: "icmpv6.opt.length", name: "length", bit: 8, bits: 8,
		about: "Length of the whole option in units of 8 bytes.", rfc: "RFC 4861 section 4.6",
		value: func(r reading) string { return fmt.Sprintf("%d x 8 = %s bytes", r.raw, group(r.raw*8)) },
		say: func(r reading) string {
			return "The option is " + group(r.raw*8) + " bytes long, type and length counted."
		},
	}

	ndSourceLinkOption = ndLinkOption("icmpv6.opt.src", "source link-layer address", "icmpv6.opt.src_linkaddr",
		"The sender's own network card.", "The sender's card, so that nobody has to ask for it.")
	ndTargetLinkOption = ndLinkOption("icmpv6.opt.target", "target link-layer address", "icmpv6.opt.target_linkaddr",
		"The network card of the target address.", "The card that holds the target address.")

	ndPrefix = ndOption("icmpv6.opt.prefix_information", "prefix information", "RFC 4861 section 4.6.2",
		"Which addresses are on this link, and from which hosts make their own.",
		sayPrefix,
		&field{
			key: "icmpv6.opt.prefix.length", name: "prefix length", bit: 16, bits: 8,
			about: "How many bits of the prefix count.", rfc: "RFC 4861 section 4.6.2",
			value: func(r reading) string { return group(r.raw) + " bits" },
			say: func(r reading) string {
				return "The first " + group(r.raw) + " bits of an address say that it belongs here."
			},
		},
		&field{
			key: "icmpv6.opt.prefix.flag", name: "flags", bit: 24, bits: 8,
			about: "What the prefix may be used for.", rfc: "RFC 4861 section 4.6.2",
			value: func(r reading) string { return fmt.Sprintf("0x%02x", r.raw) },
			say:   always("The first two bits say what hosts may use the prefix for."),
			kids: []*field{
				{
					key: "icmpv6.opt.prefix.flag.l", name: "on-link", bit: 0, bits: 1,
					about: "Such addresses are on this link.", rfc: "RFC 4861 section 4.6.2", value: setOrNot,
					say: bit01("Set: such addresses are on this link; send to them without a router.", "Not set: whether such addresses are on this link is not said."),
				},
				{
					key: "icmpv6.opt.prefix.flag.a", name: "autonomous address-configuration", bit: 1, bits: 1,
					about: "Hosts may make themselves such an address.", rfc: "RFC 4861 section 4.6.2", value: setOrNot,
					say: bit01("Set: make yourself an address that begins so (RFC 4862).", "Not set: do not make yourself an address that begins so."),
				},
			},
		},
		ndLifetime("icmpv6.opt.prefix.valid_lifetime", "valid lifetime", 32, "How long such addresses work.", "Such addresses work for "),
		ndLifetime("icmpv6.opt.prefix.preferred_lifetime", "preferred lifetime", 64, "How long new connections may begin with such an address.", "New connections may begin with such an address for "),
		ip6Reserved("icmpv6.opt.prefix.reserved2", 96, 32, "RFC 4861 section 4.6.2"),
		&field{
			key: "icmpv6.opt.prefix", name: "prefix", bit: 128, bits: 128,
			about: "How addresses here begin.", rfc: "RFC 4861 section 4.6.2",
			value: func(r reading) string { return netip.AddrFrom16([16]byte(r.bytes())).String() },
			say:   always("What lies behind the prefix length is zero and does not count."),
		})
	ndRedirected = ndOption("icmpv6.opt.redirected_header", "redirected header", "RFC 4861 section 4.6.3",
		"The beginning of the packet that has a shorter way.",
		always("The beginning of the packet that caused this, so that its sender can tell which one it was."),
		ip6Reserved("icmpv6.opt.redirected_reserved", 16, 48, "RFC 4861 section 4.6.3"),
		&field{
			key: "icmpv6.opt.redirected_packet", name: "IP header + data", bit: 64,
			about: "The packet, as much of it as there is room for.", rfc: "RFC 4861 section 4.6.3",
			value: redirectedText,
			say:   func(r reading) string { return "The first " + bytesOf(r.bits/8) + " of the packet." },
		})
	ndMTU = ndOption("icmpv6.opt.mtu_option", "MTU", "RFC 4861 section 4.6.4",
		"How big a packet all hosts on this link can take.",
		always("Hosts here are to agree on one size."),
		ip6Reserved("icmpv6.opt.mtu_reserved", 16, 16, "RFC 4861 section 4.6.4"),
		&field{
			key: "icmpv6.opt.mtu", name: "MTU", bit: 32, bits: 32,
			about: "The size in bytes.", rfc: "RFC 4861 section 4.6.4",
			value: func(r reading) string { return bytesOf(r.raw) },
			say:   func(r reading) string { return "\"Send no packet of more than " + bytesOf(r.raw) + " on this link.\"" },
		})
	ndUnknown = ndOption("icmpv6.opt.unknown", "unknown option", "RFC 4861 section 4.6",
		"An option without a table here; its length says where the next begins.",
		func(r reading) string {
			return "Here is " + ndOptionName(r.bytes()[0]) + ", which is not opened. A host that does not know it skips its " + bytesOf(r.bits/8) + "."
		},
		&field{
			key: "icmpv6.opt.data", name: "option data", bit: 16, about: "What the option says.", rfc: "RFC 4861 section 4.6", value: hexBytes,
			say: func(r reading) string { return "The option's own " + bytesOf(r.bits/8) + "." },
		})
	ndBad = ndOptionList.malformed("icmpv6.opt.malformed", "RFC 4861 section 4.6")
)

// ndOption is an option with a type, a length and parts.
func ndOption(key, name, rfc, about string, say func(reading) string, parts ...*field) *field {
	return &field{
		key: key, name: name, rfc: rfc, about: about, say: say,
		value: func(r reading) string { return bytesOf(r.bits / 8) },
		kids:  append([]*field{ndType, ndLen}, parts...),
	}
}

// ndLinkOption is one of the two options that hold the address of a card.
func ndLinkOption(key, name, part, about, say string) *field {
	return ndOption(key, name, "RFC 4861 section 4.6.1", about, always(say), &field{
		key: part, name: "link-layer address", bit: 16, about: about, rfc: "RFC 4861 section 4.6.1",
		value: func(r reading) string { return mac(r.bytes()[:min(len(r.bytes()), 8)]) },
		say: func(r reading) string {
			return "Whoever reads this may remember the card " + r.field.value(r) + "."
		},
	})
}

// ndLifetime is a time in seconds; all ones are for ever.
func ndLifetime(key, name string, bit int, about, say string) *field {
	text := func(n uint64) string {
		if n == 1<<32-1 {
			return "ever"
		}
		return group(n) + " seconds"
	}
	return &field{
		key: key, name: name, bit: bit, bits: 32, about: about, rfc: "RFC 4861 section 4.6.2",
		value: func(r reading) string { return text(r.raw) },
		say:   func(r reading) string { return say + text(r.raw) + "." },
	}
}

func sayPrefix(r reading) string {
	b := r.bytes()
	prefix := fmt.Sprintf("%s/%d", netip.AddrFrom16([16]byte(b[16:32])), b[2])
	switch b[3] >> 6 {
	case 3:
		return "Addresses in " + prefix + " are on this link, and hosts may make themselves one."
	case 2:
		return "Addresses in " + prefix + " are on this link."
	case 1:
		return "Hosts may make themselves an address in " + prefix + "; whether such are on this link is not said."
	}
	return "What addresses in " + prefix + " are good for here is not said."
}

// redirectedText names the packet that a redirected header begins with.
func redirectedText(r reading) string {
	b := r.bytes()
	if len(b) < ipv6Fixed {
		return hexBytes(r)
	}
	return netip.AddrFrom16([16]byte(b[8:])).String() + " to " + netip.AddrFrom16([16]byte(b[24:])).String()
}

// ndOptionName names a type of option (IANA ICMPv6 parameters).
func ndOptionName(kind uint8) string {
	switch kind {
	case ndSourceLink:
		return "source link-layer address"
	case ndTargetLink:
		return "target link-layer address"
	case 3:
		return "prefix information"
	case 4:
		return "redirected header"
	case 5:
		return "MTU"
	case 14:
		return "nonce"
	case 24:
		return "route information"
	case 25:
		return "recursive DNS servers"
	case 31:
		return "DNS search list"
	}
	return fmt.Sprintf("option %d", kind)
}
