package packets

import (
	"fmt"
	"net/netip"
)

// addr6 reads an IPv6 address, i bytes from the start of the header. Of an
// address that is not whole here it is the zero value.
func (p *part) addr6(i int) netip.Addr {
	if i+16 > p.avail() {
		return netip.Addr{}
	}
	return netip.AddrFrom16([16]byte(p.frame[p.off+i:]))
}

// Groups that every link has (RFC 4291 section 2.7.1).
var (
	allNodes   = netip.AddrFrom16([16]byte{0: 0xff, 1: 2, 15: 1})
	allRouters = netip.AddrFrom16([16]byte{0: 0xff, 1: 2, 15: 2})
	solicited  = netip.PrefixFrom(netip.AddrFrom16([16]byte{0: 0xff, 1: 2, 11: 1, 12: 0xff}), 104)
)

// ip6Addr is an IPv6 address, bit bits from the start.
func ip6Addr(key, name string, bit int, about, rfc string, say func(r reading, a netip.Addr) string) *field {
	addr := func(r reading) netip.Addr { return netip.AddrFrom16([16]byte(r.bytes())) }
	return &field{
		key: key, name: name, bit: bit, bits: 128, about: about, rfc: rfc,
		value: func(r reading) string { return addr(r).String() },
		say:   func(r reading) string { return say(r, addr(r)) },
	}
}

func saySource6(r reading, a netip.Addr) string {
	switch {
	case a.IsUnspecified():
		return "No address: the sender has none yet, or does not want an answer here."
	case a.IsMulticast():
		return "A group, and so no legal source: a receiver throws the packet away."
	case r.ctx.From != "":
		return capital(r.from()) + " sends from " + a.String() + ". Answers go back to this address, which nothing in the packet proves."
	case a.IsLinkLocalUnicast():
		return "Answers go back to " + a.String() + ", an address that counts on this link only. Nothing in the packet proves it."
	}
	return "Answers go back to " + a.String() + ", which nothing in the packet proves."
}

func sayDestination6(r reading, a netip.Addr) string {
	switch {
	case a == allNodes:
		return "Every host on this link is meant."
	case a == allRouters:
		return "Every router on this link is meant."
	case solicited.Contains(a):
		b := a.As16()
		return fmt.Sprintf("Meant is whoever holds an address that ends in %02x:%02x%02x: hosts listen to the group of their own last three bytes, so that few are disturbed.", b[13], b[14], b[15])
	case a.IsMulticast():
		return "A group address: every host that joined the group " + a.String() + " is meant."
	case a.IsUnspecified():
		return "No address, which no packet can be for: a receiver throws it away."
	case a.IsLoopback():
		return "The host itself is meant; the packet never belongs on a cable."
	}
	whom := a.String()
	if r.ctx.To != "" {
		whom += ", " + r.to()
	}
	if a.IsLinkLocalUnicast() {
		return "The packet is for " + whom + ", an address that counts on this link only: no router passes it on."
	}
	return "Every router reads this to choose the next hop: the packet is for " + whom + "."
}
