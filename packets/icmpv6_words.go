package packets

import "fmt"

// icmp6TypeName names a type (IANA ICMPv6 parameters).
func icmp6TypeName(t uint8) string {
	switch t {
	case icmp6Unreachable:
		return "destination unreachable"
	case icmp6TooBig:
		return "packet too big"
	case icmp6TimeExceeded:
		return "time exceeded"
	case icmp6Parameter:
		return "parameter problem"
	case icmp6Echo:
		return "echo request"
	case icmp6EchoReply:
		return "echo reply"
	case 130:
		return "multicast listener query"
	case 131:
		return "multicast listener report"
	case 132:
		return "multicast listener done"
	case ndRouterSolicit:
		return "router solicitation"
	case ndRouterAdvert:
		return "router advertisement"
	case ndNeighborSolicit:
		return "neighbor solicitation"
	case ndNeighborAdvert:
		return "neighbor advertisement"
	case ndRedirect:
		return "redirect"
	case 143:
		return "multicast listener report, version 2"
	}
	return fmt.Sprintf("type %d", t)
}

// icmp6ReasonOf gives the meaning of an error's code (RFC 4443 section 3, RFC
// 7112 section 5, IANA ICMPv6 parameters); the zero value if it has none here.
func icmp6ReasonOf(typ, code uint8) icmpReason {
	var of []icmpReason
	switch typ {
	case icmp6Unreachable:
		of = []icmpReason{
			{"no route to destination", "A router knows no way to that destination."},
			{"communication prohibited", "A filter on the way refuses the packet."},
			{"beyond scope of source address", "The source address counts on one link only, and the destination is on another."},
			{"address unreachable", "A router reached the last link, and the host does not answer there."},
			{"port unreachable", "The host is there, but no program listens on that port."},
			{"source address failed policy", "A filter on the way does not let packets with that source address pass."},
			{"reject route to destination", "A router has been told to refuse everything for that destination."},
			{"error in source routing header", "The list of places to visit cannot be followed."},
			{"headers too long", "The headers of the packet are longer than a router on the way can read."},
		}
	case icmp6TimeExceeded:
		of = []icmpReason{
			{"hop limit exceeded", "A router took the last 1 off the packet's hop limit, and threw it away."},
			{"fragment reassembly time exceeded", "Pieces of a datagram came, others did not in time; the receiver gave up on it."},
		}
	case icmp6Parameter:
		of = []icmpReason{
			{"erroneous header field", "A field of a header makes no sense; the pointer says which byte."},
			{"unrecognized next header", "A header follows that the receiver does not know; the pointer says where its number stands."},
			{"unrecognized option", "An option demands to be known, and the receiver does not know it; the pointer says which."},
			{"incomplete header chain", "The first piece of a datagram does not hold all of its headers."},
		}
	}
	if int(code) < len(of) {
		return of[code]
	}
	return icmpReason{}
}

func sayICMPv6Type(r reading) string {
	p := r.part
	switch t := uint8(r.raw); t {
	case icmp6Unreachable:
		return "\"Your packet, quoted below, could not be delivered.\" The code says why."
	case icmp6TooBig:
		return "\"Your packet, quoted below, is too big for the next link.\" In IPv6 no router cuts a packet: its sender must."
	case icmp6TimeExceeded:
		return "\"Your packet, quoted below, took too long.\" The code says where."
	case icmp6Parameter:
		return "\"A header of your packet, quoted below, has a mistake.\""
	case icmp6Echo:
		return "\"Are you there? Send this back.\""
	case icmp6EchoReply:
		return "\"Yes, I am here; this is what you sent.\""
	case 130:
		return "A router asks: \"Which groups does anybody on this link listen to?\""
	case 131, 143:
		return "To the routers: \"These are the groups that I listen to.\""
	case 132:
		return "To the routers: \"I do not listen to this group any more.\""
	case ndRouterSolicit:
		return "\"Which routers are on this link? Tell me now, do not wait.\""
	case ndRouterAdvert:
		return "\"I am a router on this link.\" What follows is how hosts here get an address and what they may count on."
	case ndNeighborSolicit:
		return saySolicit(p)
	case ndNeighborAdvert:
		return sayAdvert(p)
	case ndRedirect:
		return "\"There is a shorter way to a destination of yours.\""
	default:
		if t < 128 {
			return fmt.Sprintf("An error of type %d, which is not opened here.", t)
		}
		return fmt.Sprintf("A message of type %d, which is not opened here.", t)
	}
}

// saySolicit tells apart the three uses of a neighbor solicitation (RFC 4861
// section 7.2.2 and 7.3.3, RFC 4862 section 5.4).
func saySolicit(p *part) string {
	target := p.addr6(8)
	switch {
	case !target.IsValid():
		return "A question about an address, which is not here."
	case p.src.IsValid() && p.src.IsUnspecified():
		return "A probe: \"Does anybody hold " + target.String() + "? I would like to use it.\""
	case p.dst == target:
		return "A question to " + target.String() + " itself: \"Are you still there?\""
	case !p.src.IsValid():
		return "A question: \"Who holds " + target.String() + "?\""
	}
	return "A question: \"Who holds " + target.String() + "? Tell " + p.src.String() + ".\""
}

func sayAdvert(p *part) string {
	target := p.addr6(8)
	if !target.IsValid() {
		return "An answer about an address, which is not here."
	}
	if card := linkOption(p, ndTargetLink); card != "" {
		return "An answer: \"" + target.String() + " is held by the card " + card + ".\""
	}
	return "An answer: \"" + target.String() + " is mine.\""
}
