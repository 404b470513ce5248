package wire

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"wirelab/packets"
)

// atTheEnd says whether a router's card was handed an IPv4 packet for somebody
// else whose TTL this router uses up. A router takes 1 and must discard what has
// nothing left (RFC 1812 section 5.3.1); this stack only discards what comes
// with 0 and would send the packet on with a TTL of 0.
func (c *card) atTheEnd(h *packets.Headers) bool {
	if !c.host.options.Forward || h.EtherType != packets.EtherTypeIPv4 || h.TTL != 1 {
		return false
	}
	return !c.host.has(h.Dst)
}

// spent is an IPv4 packet whose TTL a router has counted down to 0, so that its
// stack discards it and tells the sender.
func spent(buf buffer.Buffer, ip int) buffer.Buffer {
	b := buf.Flatten()
	buf.Release()
	h := header.IPv4(b[ip:])
	h.SetTTL(0)
	// The header checksum, changed by what the TTL changed (RFC 1624).
	sum := uint32(^binary.BigEndian.Uint16(b[ip+10:])) + uint32(^uint16(0x0100))
	sum = sum&0xffff + sum>>16
	sum = sum&0xffff + sum>>16
	binary.BigEndian.PutUint16(b[ip+10:], ^uint16(sum))
	return buffer.MakeWithData(b)
}
