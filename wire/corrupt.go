package wire

import "wirelab/packets"

// corruption inverts one bit of an IP packet, behind the Ethernet header. A real
// card would drop the frame, because its frame check sequence is wrong; here it
// is let through, so that the checksums of IP, TCP and UDP can be seen at work.
type corruption struct {
	p         float64
	roll, bit dice
}

func (c corruption) strike(p *passage) {
	if p.h.IPLen > 0 && c.roll(p.n) < c.p {
		p.flip = flipAt(&p.h, c.bit(p.n))
	}
}

// flipAt is the bit of the IP packet that lies at a share of it, from 0 to 1.
func flipAt(h *packets.Headers, share float64) int {
	return h.IPOff*8 + int(share*float64(h.IPLen*8))
}
