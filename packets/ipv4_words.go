package packets

import (
	"fmt"
	"net/netip"
	"strings"
)

// headerWords is the value of a header length in words of 4 bytes, which IPv4
// and TCP both have.
func headerWords(r reading) string {
	return fmt.Sprintf("%d x 4 = %d bytes", r.raw, r.raw*4)
}

// sayHeaderWords tells where the header ends. then names what follows.
func sayHeaderWords(then string) func(reading) string {
	return func(r reading) string {
		n := r.raw * 4
		switch {
		case r.raw < 5:
			return fmt.Sprintf("%d words of 4 bytes are less than the 5 that every header has: a receiver throws it away.", r.raw)
		case r.raw == 5:
			return then + " begins after 20 bytes: there are no options."
		}
		return fmt.Sprintf("%s begins after %d bytes: 20 that every header has, and %d of options.", then, n, n-20)
	}
}

func sayTotalLength(r reading) string {
	head := uint64(r.u8(0)&15) * 4
	switch {
	case r.raw == 0:
		return "0 is no legal length. A sender's own capture shows it when the network card is left to cut a big segment into packets."
	case r.raw < head:
		return "Less than the header itself, which cannot be: a receiver throws the packet away."
	case r.raw == head:
		return "The packet is its header and nothing else."
	}
	return fmt.Sprintf("The packet ends after %s: %s of header and %s of payload. What a frame has behind that is not part of it.",
		bytesOf(r.raw), group(head), group(r.raw-head))
}

func ipFlags(r reading) string {
	var set []string
	for i, name := range []string{"reserved", "don't fragment", "more fragments"} {
		if r.raw>>(2-i)&1 == 1 {
			set = append(set, name)
		}
	}
	if set == nil {
		return "none"
	}
	return strings.Join(set, ", ")
}

func sayFragmentOffset(r reading) string {
	n := r.promised()
	switch {
	case !isFragment(r.part):
		return "The packet is whole, not a piece."
	case !r.whole(ipv4Fixed):
		return "A piece of a datagram that begins at byte " + group(r.raw*8) + " of its payload."
	case n <= 0:
		return "A piece of a datagram, but it carries nothing."
	case r.raw == 0:
		return fmt.Sprintf("The first piece: it carries bytes 0 to %s of the datagram's payload.", group(n-1))
	}
	at := int(r.raw) * 8
	return fmt.Sprintf("This piece carries bytes %s to %s of the datagram's payload.", group(at), group(at+n-1))
}

// sayHops is the sentence of the field that limits the packet's hops.
func sayHops(r reading) string {
	switch r.raw {
	case 0:
		return "0: the packet should not be on a wire any more."
	case 1:
		return "Every router takes 1 off and throws away what reaches 0: this packet can reach a host on this link, and pass no router."
	}
	return fmt.Sprintf("Every router takes 1 off and throws away what reaches 0: from here the packet can pass %d more.", r.raw-1)
}

// ipAddr is one of the two addresses, bit bits from the start.
func ipAddr(key, name string, bit int, about string, say func(r reading, a netip.Addr) string) *field {
	addr := func(r reading) netip.Addr { return netip.AddrFrom4([4]byte(r.bytes())) }
	return &field{
		key: key, name: name, bit: bit, bits: 32, about: about, rfc: "RFC 791 section 3.1",
		value: func(r reading) string { return addr(r).String() },
		say:   func(r reading) string { return say(r, addr(r)) },
	}
}

func saySource(r reading, a netip.Addr) string {
	switch {
	case a.IsUnspecified():
		return "0.0.0.0: the sender has no address yet."
	case a.IsMulticast() || isBroadcast(a):
		return a.String() + " is no single host, and so no legal source: a receiver throws the packet away."
	case r.ctx.From != "":
		return a.String() + " is " + r.from() + ". Answers go back to this address, which nothing in the packet proves."
	}
	return "Answers go back to " + a.String() + ", which nothing in the packet proves."
}

func sayDestination(r reading, a netip.Addr) string {
	switch {
	case isBroadcast(a):
		return "Every host on this link is meant; routers do not pass it on."
	case a.IsMulticast():
		return "A group address: every host that joined the group " + a.String() + " is meant."
	case a.IsLoopback():
		return "The host itself is meant; the packet never belongs on a cable."
	case r.ctx.To != "":
		return "Every router reads this to choose the next hop: the packet is for " + a.String() + ", " + r.to() + "."
	}
	return "Every router reads this to choose the next hop: the packet is for " + a.String() + "."
}

// isBroadcast says whether a is the limited broadcast address (RFC 919 section 7).
func isBroadcast(a netip.Addr) bool { return a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) }
