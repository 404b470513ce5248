package packets

import (
	"encoding/binary"
	"net/netip"
)

// EtherTypes and IP protocol numbers that a scan tells apart.
const (
	EtherTypeIPv4 = 0x0800 // RFC 894
	EtherTypeARP  = 0x0806 // RFC 826
	EtherTypeIPv6 = 0x86dd // RFC 2464

	ProtocolICMP   = 1  // RFC 792
	ProtocolTCP    = 6  // RFC 9293
	ProtocolUDP    = 17 // RFC 768
	ProtocolICMPv6 = 58 // RFC 4443
)

// EthernetHeaderLen is the length of an Ethernet II header in bytes, without
// preamble and frame check sequence, which no capture shows.
const EthernetHeaderLen = 14

// Flags are the control bits of a TCP header as they lie in it (RFC 9293
// section 3.1): the low six of the byte, and the two of RFC 3168.
type Flags uint8

// The control bits.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Has says whether all of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// Headers are the few facts of a frame that the rest of the program needs of
// every packet: who, to whom, and which bytes of which stream. Fields that the
// frame does not have are zero.
type Headers struct {
	EtherType uint16
	Src, Dst  netip.Addr // of the IP header, or the protocol addresses of ARP
	Proto     uint8      // of the IP header; of IPv6, what stands behind its extension headers
	TTL       uint8      // of IPv6: the hop limit

	IPOff, IPLen int // the IP packet in the frame, header and payload, without padding

	// A fragment says which datagram it is a piece of and which bytes of its
	// payload it carries (RFC 791 section 2.3; RFC 8200 section 4.5: of what was
	// cut). MoreFrags or FragOff > 0 make one.
	Datagram  uint32
	FragOff   int
	MoreFrags bool

	SrcPort, DstPort uint16
	Seq, Ack         uint32
	Flags            Flags
	Window           uint16

	// L4Off is where the TCP or UDP header begins in the frame; 0 if the frame
	// has none, or not all of it. It ends at Off.
	L4Off int

	// Off and Len are the payload of the transport header (of the IP header
	// where no transport header is read) in the frame, in bytes.
	Off, Len int

	OK bool // the headers up to Proto were whole; ports are read only if theirs were too
}

// Fragment says whether the frame carries a piece of an IP packet only.
func (h *Headers) Fragment() bool { return h.MoreFrags || h.FragOff > 0 }

// Scan reads the headers of an Ethernet frame without allocating. It never
// panics: what is cut off stays zero, and OK says how far it came.
func Scan(frame []byte) (h Headers) {
	if len(frame) < EthernetHeaderLen {
		return h
	}
	h.EtherType = binary.BigEndian.Uint16(frame[12:])
	b := frame[EthernetHeaderLen:]
	switch h.EtherType {
	case EtherTypeIPv4, EtherTypeIPv6:
		h.scanIP(b, EthernetHeaderLen)
	case EtherTypeARP:
		if len(b) >= 28 && binary.BigEndian.Uint16(b[2:]) == EtherTypeIPv4 && b[4] == 6 && b[5] == 4 {
			h.Src = netip.AddrFrom4([4]byte(b[14:18]))
			h.Dst = netip.AddrFrom4([4]byte(b[24:28]))
			h.OK = true
		}
	}
	return h
}

// ScanIP is Scan for an IP packet without a link's header. EtherType is what
// Ethernet would announce it as.
func ScanIP(packet []byte) (h Headers) {
	switch {
	case len(packet) == 0:
		return h
	case packet[0]>>4 == 4:
		h.EtherType = EtherTypeIPv4
	case packet[0]>>4 == 6:
		h.EtherType = EtherTypeIPv6
	}
	h.scanIP(packet, 0)
	return h
}

// scanIP reads b, which begins with an IP header at off in the frame.
func (h *Headers) scanIP(b []byte, off int) {
	switch h.EtherType {
	case EtherTypeIPv4:
		h.scanIPv4(b, off)
	case EtherTypeIPv6:
		h.scanIPv6(b, off)
	}
}

func (h *Headers) scanIPv4(b []byte, off int) {
	if len(b) < ipv4Fixed || b[0]>>4 != 4 {
		return
	}
	ihl, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if total == 0 { // a big segment that the card has yet to cut
		total = len(b)
	}
	if ihl < ipv4Fixed || ihl > len(b) || total < ihl {
		return
	}
	total = min(total, len(b)) // a cut frame; what is behind the packet is padding
	h.IPOff, h.IPLen = off, total
	h.TTL, h.Proto = b[8], b[9]
	h.Src, h.Dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	h.Datagram = uint32(binary.BigEndian.Uint16(b[4:]))
	frag := binary.BigEndian.Uint16(b[6:])
	h.MoreFrags, h.FragOff = frag&0x2000 != 0, int(frag&0x1fff)*8
	h.OK = true
	h.Off, h.Len = off+ihl, total-ihl
	if h.FragOff == 0 {
		h.scanTransport(b[ihl:total])
	}
}

func (h *Headers) scanIPv6(b []byte, off int) {
	if len(b) < ipv6Fixed || b[0]>>4 != 6 {
		return
	}
	total := ipv6Fixed + int(binary.BigEndian.Uint16(b[4:]))
	if total == ipv6Fixed && b[6] != protocolNoNext { // a jumbogram, or a big segment that the card has yet to cut
		total = len(b)
	}
	b = b[:min(total, len(b))]
	h.IPOff, h.IPLen = off, len(b)
	h.TTL = b[7]
	h.Src, h.Dst = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	at, ok := h.scanExtensions(b)
	if !ok {
		h.Proto = 0 // which happens to be an extension header's, and so nothing's
		return
	}
	h.OK = true
	h.Off, h.Len = off+at, len(b)-at
	if h.FragOff == 0 {
		h.scanTransport(b[at:])
	}
}

// scanExtensions follows the chain of next headers of an IPv6 packet to the
// one that is no extension header, or that a piece of a datagram does not have.
// It gives where that begins; false where the chain is not whole.
func (h *Headers) scanExtensions(b []byte) (at int, whole bool) {
	h.Proto, at = b[6], ipv6Fixed
	for cut := false; ; {
		rest := b[at:]
		n := extensionLen(h.Proto, rest)
		switch {
		case n == 0, cut && h.Proto == protocolFragment: // a piece of a piece: what it belongs to is known when the outer is whole
			return at, true
		case n > len(rest):
			return at, false
		case h.Proto == protocolFragment:
			cut = true
			frag := binary.BigEndian.Uint16(rest[2:])
			h.MoreFrags, h.FragOff = frag&1 != 0, int(frag&0xfff8)
			h.Datagram = binary.BigEndian.Uint32(rest[4:])
		}
		h.Proto, at = rest[0], at+n
		if h.FragOff > 0 {
			return at, true
		}
	}
}

// extensionLen is the length of the extension header of that kind that b
// begins with, which may be more than b has; 0 if the kind is no extension
// header.
func extensionLen(kind uint8, b []byte) int {
	long := 0
	if len(b) >= 2 {
		long = int(b[1])
	}
	switch kind {
	case protocolHopByHop, protocolRouting, protocolDestination:
		return 8 + 8*long
	case protocolFragment:
		return 8
	case protocolAH:
		return max(12, 4*(2+long))
	}
	return 0
}

// scanTransport reads b, the payload of an IP packet, which begins at h.Off.
func (h *Headers) scanTransport(b []byte) {
	n, end := 0, len(b)
	switch h.Proto {
	case ProtocolTCP:
		if len(b) < tcpFixed {
			return
		}
		n = int(b[12]>>4) * 4
		if n < tcpFixed || n > len(b) {
			return
		}
		h.Seq, h.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
		h.Flags, h.Window = Flags(b[13]), binary.BigEndian.Uint16(b[14:])
	case ProtocolUDP:
		if len(b) < udpHeaderLen {
			return
		}
		n = udpHeaderLen
		if told := int(binary.BigEndian.Uint16(b[4:])); told >= n { // what is behind is not for the program
			end = min(end, told)
		}
	default:
		return
	}
	h.SrcPort, h.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	h.L4Off = h.Off
	h.Off, h.Len = h.Off+n, end-n
}
