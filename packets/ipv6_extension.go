package packets

import (
	"fmt"
	"net/netip"
)

// The extension headers of IPv6 (RFC 8200 section 4). Each says what follows
// it, as the IPv6 header does; most say how long they are, in units of 8 bytes
// of which the first is not counted.

var hopByHop = protocol{
	key:    "ipv6.hopopts",
	name:   "Hop-by-Hop Options",
	title:  "IPv6 Hop-by-Hop Options header",
	rfc:    "RFC 8200 section 4.3",
	about:  "Holds what every router on the way may read.",
	lay:    layHopByHop,
	sum:    sumExtension,
	fields: optionsHeaderFields("ipv6.hopopts", "RFC 8200 section 4.3", "Requests to every router on the way. Many routers ignore them, or drop a packet that has any (RFC 9673)."),
}

var destination = protocol{
	key:    "ipv6.dstopts",
	name:   "Destination Options",
	title:  "IPv6 Destination Options header",
	rfc:    "RFC 8200 section 4.6",
	about:  "Holds what only the destination reads.",
	lay:    layDestination,
	sum:    sumExtension,
	fields: optionsHeaderFields("ipv6.dstopts", "RFC 8200 section 4.6", "Requests to the destination only; routers do not read them."),
}

func optionsHeaderFields(key, rfc, say string) []*field {
	return []*field{
		nextHeader(key+".nxt", 0, rfc),
		extensionLength(key+".len", rfc),
		{
			key: key + ".options", name: "options", rfc: rfc,
			about: "The requests, each with its type and its length.",
			place: func(p *part) (int, int) { return 16, max(0, p.size-2) * 8 },
			value: func(r reading) string { return bytesOf(r.bits / 8) },
			say:   always(say),
			kids:  ip6OptionEntries(),
			find:  ip6OptionList.find(ip6Bad, ip6Pad1),
		},
	}
}

// extensionLength is the field that says how long an extension header is.
func extensionLength(key, rfc string) *field {
	return &field{
		key: key, name: "hdr ext len", bit: 8, bits: 8, rfc: rfc,
		about: "Length of the header in units of 8 bytes, the first 8 not counted.",
		value: func(r reading) string { return fmt.Sprintf("8 + %d x 8 = %s bytes", r.raw, group(8+r.raw*8)) },
		say: func(r reading) string {
			return "The next header begins " + group(8+r.raw*8) + " bytes after this one; a receiver can skip it without knowing it."
		},
	}
}

// layExtension lays an extension header that gives its length in units of 8
// bytes, and says whether all of it is here.
func layExtension(p *part) bool {
	n := 8 + 8*int(p.u8(1))
	p.header(n)
	if !p.whole(n) {
		return false
	}
	p.next = carriedByIPProtocol(p.u8(0))
	return true
}

func layHopByHop(p *part) {
	if p.outer.proto.key != "ipv6" {
		p.harm("hop-by-hop options may stand directly behind the IPv6 header only")
	}
	if layExtension(p) {
		ip6OptionList.harm(p, 2, p.size)
		layJumbo(p)
	}
}

// layJumbo takes the packet's length from the jumbo payload option, where the
// IPv6 header leaves it out (RFC 2675 section 3).
func layJumbo(p *part) {
	for _, o := range ip6OptionList.in(p.here()[2:p.size]) {
		if o.kind != ip6OptionJumbo || o.trouble != "" {
			continue
		}
		switch n := int(p.u32(2 + o.off + 2)); {
		case p.outer.proto.key == "ipv6" && p.outer.u16(4) != 0:
			p.harm("a jumbo payload, although the IPv6 header gives a length")
		case n <= 0xffff:
			p.harm("a jumbo payload of %s would fit the IPv6 header's own length", bytesOf(n))
		case n > p.avail():
			p.missing = n - p.avail()
			if !p.quoted {
				p.harm("the jumbo payload length is %s, only %s are here", bytesOf(n), group(p.avail()))
			}
		}
	}
}

func layDestination(p *part) {
	if !layExtension(p) {
		return
	}
	ip6OptionList.harm(p, 2, p.size)
	for _, o := range ip6OptionList.in(p.here()[2:p.size]) {
		if o.kind == ip6OptionHomeAddress {
			// The checksums inside are made with the address in the option
			// (RFC 6275 section 11.3.1), which is not read here.
			p.src = netip.Addr{}
		}
	}
}

// sumExtension is an extension header's line in a tree: what follows it.
func sumExtension(p *part, _ Context) string {
	if !p.whole(8) {
		return bytesOf(p.size)
	}
	return bytesOf(p.size) + ", then " + ipProtocolName(p.u8(0))
}

var routing = protocol{
	key:   "ipv6.routing",
	name:  "Routing",
	title: "IPv6 Routing header",
	rfc:   "RFC 8200 section 4.4",
	about: "Lists places that the packet visits on its way.",
	lay:   layRouting,
	sum: func(p *part, ctx Context) string {
		if !p.whole(8) {
			return bytesOf(p.size)
		}
		return fmt.Sprintf("%s, %d left, then %s", routingName(p.u8(2)), p.u8(3), ipProtocolName(p.u8(0)))
	},
	fields: []*field{
		nextHeader("ipv6.routing.nxt", 0, "RFC 8200 section 4.4"),
		extensionLength("ipv6.routing.len", "RFC 8200 section 4.4"),
		{
			key: "ipv6.routing.type", name: "routing type", bit: 16, bits: 8,
			about: "What kind of list follows.", rfc: "RFC 8200 section 4.4",
			value: func(r reading) string { return number(r) + ", " + routingName(uint8(r.raw)) },
			say:   sayRoutingType,
		},
		{
			key: "ipv6.routing.segleft", name: "segments left", bit: 24, bits: 8,
			about: "How many places of the list are still to be visited.", rfc: "RFC 8200 section 4.4",
			say: func(r reading) string {
				if r.raw == 0 {
					return "0: the packet has visited all of the list; the destination address is the last."
				}
				return group(r.raw) + " more to visit after the one in the destination address, which the one that the packet reaches next takes from the list below."
			},
		},
		{
			key: "ipv6.routing.unknown_data", name: "type-specific data", rfc: "RFC 8200 section 4.4",
			about: "The list, in the form that the type has.",
			place: func(p *part) (int, int) { return 32, max(0, p.size-4) * 8 },
			value: hexBytes,
			say: func(r reading) string {
				return "The list, as " + routingName(r.u8(2)) + " writes it; it is not opened here."
			},
		},
	},
}

func layRouting(p *part) {
	if !layExtension(p) || p.u8(3) == 0 {
		return
	}
	// The checksums inside are made with the last address of the list (RFC 8200
	// section 8.1). Where that stands depends on the type.
	p.dst = netip.Addr{}
	switch t := p.u8(2); {
	case t == 0 && p.size >= 24:
		p.dst = p.addr6(p.size - 16)
	case (t == 2 || t == 4) && p.size >= 24:
		p.dst = p.addr6(8)
	}
}

// routingName names a routing type (IANA IPv6 parameters).
func routingName(t uint8) string {
	switch t {
	case 0:
		return "source route"
	case 2:
		return "mobile IPv6"
	case 3:
		return "RPL source route"
	case 4:
		return "segment routing"
	}
	return fmt.Sprintf("routing type %d", t)
}

func sayRoutingType(r reading) string {
	switch r.raw {
	case 0:
		return "Routers to visit in this order. It let anybody make packets run in circles, and is forbidden since RFC 5095."
	case 2:
		return "The one address that a moving host has at home; the packet was sent to where it is now (RFC 6275 section 6.4)."
	case 3:
		return "Hops through a network of small devices, written short (RFC 6554)."
	case 4:
		return "A list of segments: routers to visit and what to do there, last first (RFC 8754)."
	}
	return "Type " + number(r) + " is not opened here; a router that it does not know must refuse the packet while segments are left."
}
