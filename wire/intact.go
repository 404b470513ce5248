package wire

import (
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"

	"wirelab/packets"
)

// intact says whether the checksums of the IP packet in a frame are right: of an
// IPv4 header, and of the TCP, UDP or ICMP in the packet. Two inverted bits may
// make up for each other (RFC 1071), so only the bytes can tell.
func intact(frame []byte) bool {
	h := packets.Scan(frame)
	if !h.OK {
		return false
	}
	ip := frame[h.IPOff : h.IPOff+h.IPLen]
	from := h.L4Off
	if from == 0 {
		from = h.Off
	}
	rest := frame[from : h.IPOff+h.IPLen]
	if h.EtherType == packets.EtherTypeIPv4 {
		if checksum.Checksum(ip[:header.IPv4(ip).HeaderLength()], 0) != 0xffff {
			return false
		}
		if h.Proto == packets.ProtocolUDP && len(rest) >= header.UDPMinimumSize && header.UDP(rest).Checksum() == 0 {
			return true // its sender computed none (RFC 768)
		}
	}
	if h.EtherType == packets.EtherTypeIPv6 && header.IPv6MinimumSize+int(header.IPv6(ip).PayloadLength()) != len(ip) {
		return false
	}
	sum := header.PseudoHeaderChecksum(tcpip.TransportProtocolNumber(h.Proto),
		tcpip.AddrFromSlice(h.Src.AsSlice()), tcpip.AddrFromSlice(h.Dst.AsSlice()), uint16(len(rest)))
	switch h.Proto {
	case packets.ProtocolTCP, packets.ProtocolUDP, packets.ProtocolICMPv6:
		return checksum.Checksum(rest, sum) == 0xffff
	case packets.ProtocolICMP:
		return checksum.Checksum(rest, 0) == 0xffff
	}
	return true
}
