package packets

import (
	"fmt"
	"net/netip"

	"github.com/gopacket/gopacket"
)

// check is the verdict on an Internet checksum (RFC 1071).
type check struct {
	got  uint16
	fits bool
	want uint16 // what would fit
	why  string // why it could not be checked; "" if it was
}

// checkOver verifies the checksum that stands at byte at (even) of covered.
// head is the sum of a pseudo header, or 0.
func checkOver(covered []byte, at int, head uint32) check {
	rest := gopacket.ComputeChecksum(covered[at+2:], gopacket.ComputeChecksum(covered[:at], head))
	got := uint16(covered[at])<<8 | uint16(covered[at+1])
	return check{
		got: got,
		// In one's complement all zeros and all ones are the same number, so
		// the sum of everything is what decides, not got == want.
		fits: gopacket.FoldChecksum(rest+uint32(got)) == 0,
		want: gopacket.FoldChecksum(rest),
	}
}

// checkTransport verifies a checksum that covers a pseudo header of IP
// addresses, protocol and length, the header and the data (RFC 9293 section
// 3.1, RFC 768, RFC 8200 section 8.1).
func (p *part) checkTransport(at int, protocol uint8) check {
	c := check{got: p.u16(at)}
	switch {
	case p.fragment:
		c.why = "it covers the whole datagram, and this is only a piece of it"
	case p.quoted && p.missing > 0:
		c.why = "the quote does not have all the bytes that it covers"
	case p.missing > 0:
		c.why = "the frame does not have all the bytes that it covers"
	case !p.src.IsValid():
		c.why = "it covers the IP addresses too, and they are not known here"
	default:
		return checkOver(p.here(), at, pseudo(p.src, p.dst, protocol, p.avail()))
	}
	return c
}

func pseudo(src, dst netip.Addr, protocol uint8, length int) uint32 {
	sum := gopacket.ComputeChecksum(src.AsSlice(), uint32(protocol))
	sum = gopacket.ComputeChecksum(dst.AsSlice(), sum)
	return sum + uint32(length>>16) + uint32(length&0xffff)
}

// value is the checksum and the verdict: "0x7b2e, right".
func (c check) value() string {
	switch {
	case c.why != "":
		return fmt.Sprintf("0x%04x, not checked", c.got)
	case c.fits:
		return fmt.Sprintf("0x%04x, right", c.got)
	}
	return fmt.Sprintf("0x%04x, wrong: 0x%04x would fit", c.got, c.want)
}

// say tells what the verdict means. covers names what the checksum covers,
// drop what a receiver does with a wrong one.
func (c check) say(p *part, covers, drop string) string {
	switch {
	case c.why != "":
		return "It cannot be checked here: " + c.why + "."
	case c.fits:
		return "It fits " + covers + ", so no damage shows."
	case p.quoted:
		return fmt.Sprintf("It does not fit what is quoted of %s; 0x%04x would.", covers, c.want)
	}
	return fmt.Sprintf("It does not fit %s; 0x%04x would. %s", covers, c.want, drop)
}

// offload is said of wrong checksums that a sender's own capture shows.
const offload = " In a capture made on the sender itself the card may only fill it in later."
