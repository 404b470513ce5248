package packets

import (
	"encoding/binary"
	"iter"
	"net/netip"
)

// EtherTypes and IP protocol numbers that a scan tells apart.
const (
	EtherTypeIPv4 = 0x0800 // RFC 894
	EtherTypeARP  = 0x0806 // RFC 826
	EtherTypeIPv6 = 0x86dd // RFC 2464

	ProtocolICMP = 1  // RFC 792
	ProtocolTCP  = 6  // RFC 9293
	ProtocolUDP  = 17 // RFC 768
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
	Proto     uint8      // of the IP header
	TTL       uint8

	IPOff, IPLen int // the IP packet in the frame, header and payload, without padding

	// A fragment says which datagram it is a piece of and which bytes of its
	// payload it carries (RFC 791 section 2.3). MoreFrags or FragOff > 0 make one.
	Datagram  uint32
	FragOff   int
	MoreFrags bool

	SrcPort, DstPort uint16
	Seq, Ack         uint32
	Flags            Flags
	Window           uint16

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
	case EtherTypeIPv4:
		h.scanIPv4(b)
	case EtherTypeARP:
		if len(b) >= 28 && binary.BigEndian.Uint16(b[2:]) == EtherTypeIPv4 {
			h.Src = netip.AddrFrom4([4]byte(b[14:18]))
			h.Dst = netip.AddrFrom4([4]byte(b[24:28]))
			h.OK = true
		}
	}
	return h
}

func (h *Headers) scanIPv4(b []byte) {
	if len(b) < 20 || b[0]>>4 != 4 {
		return
	}
	ihl, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if ihl < 20 || ihl > len(b) || total < ihl {
		return
	}
	total = min(total, len(b)) // a cut frame; what is behind the packet is padding
	h.IPOff, h.IPLen = EthernetHeaderLen, total
	h.TTL, h.Proto = b[8], b[9]
	h.Src, h.Dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	h.Datagram = uint32(binary.BigEndian.Uint16(b[4:]))
	frag := binary.BigEndian.Uint16(b[6:])
	h.MoreFrags, h.FragOff = frag&0x2000 != 0, int(frag&0x1fff)*8
	h.OK = true
	h.Off, h.Len = EthernetHeaderLen+ihl, total-ihl
	if h.FragOff == 0 {
		h.scanTransport(b[ihl:total])
	}
}

// scanTransport reads b, the payload of an IP packet, which begins at h.Off.
func (h *Headers) scanTransport(b []byte) {
	switch h.Proto {
	case ProtocolTCP:
		if len(b) < 20 {
			return
		}
		n := int(b[12]>>4) * 4
		if n < 20 || n > len(b) {
			return
		}
		h.SrcPort, h.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
		h.Seq, h.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
		h.Flags, h.Window = Flags(b[13]), binary.BigEndian.Uint16(b[14:])
		h.Off, h.Len = h.Off+n, h.Len-n
	case ProtocolUDP:
		if len(b) < 8 {
			return
		}
		h.SrcPort, h.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
		h.Off, h.Len = h.Off+8, h.Len-8
	}
}

// SYNOptions reads what a SYN says about its sender from the options of a TCP
// header: the largest segment it takes (RFC 9293 section 3.7.1; 536 if it does
// not say) and the shift of its window (RFC 7323 section 2.2; -1 if it offers
// none). What lies behind a malformed option is not read.
func SYNOptions(header []byte) (mss uint16, shift int8) {
	mss, shift = 536, -1
	if len(header) < 20 {
		return mss, shift
	}
	for o := header[20:]; len(o) > 0; {
		switch {
		case o[0] == 0: // end of the list
			return mss, shift
		case o[0] == 1: // no operation
			o = o[1:]
			continue
		case len(o) < 2 || o[1] < 2 || int(o[1]) > len(o):
			return mss, shift
		case o[0] == 2 && o[1] == 4:
			mss = binary.BigEndian.Uint16(o[2:])
		case o[0] == 3 && o[1] == 3:
			shift = int8(min(o[2], 14)) // a larger shift is to be taken as 14 (RFC 7323 section 2.3)
		}
		o = o[o[1]:]
	}
	return mss, shift
}

// SACKBlocks yields the blocks of the SACK option of an Ethernet frame with a
// TCP segment in it: sequence numbers [left, right) that its sender has received
// behind a hole (RFC 2018 section 3).
func SACKBlocks(frame []byte) iter.Seq2[uint32, uint32] {
	return func(yield func(left, right uint32) bool) {
		h := Scan(frame)
		if h.Proto != ProtocolTCP || !h.OK {
			return
		}
		tcp := h.IPOff + int(frame[h.IPOff]&15)*4
		if tcp+20 > h.Off { // a fragment, or cut off: no TCP header was read
			return
		}
		for o := frame[tcp+20 : h.Off]; len(o) > 0 && o[0] != 0; {
			switch {
			case o[0] == 1:
				o = o[1:]
				continue
			case len(o) < 2 || o[1] < 2 || int(o[1]) > len(o):
				return
			case o[0] == 5:
				for b := o[2:o[1]]; len(b) >= 8; b = b[8:] {
					if !yield(binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])) {
						return
					}
				}
			}
			o = o[o[1]:]
		}
	}
}
