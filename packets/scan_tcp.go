package packets

import (
	"encoding/binary"
	"iter"
)

// SYNOptions reads what a SYN says about its sender from the options of a TCP
// header: the largest segment it takes (RFC 9293 section 3.7.1; 536 if it does
// not say) and the shift of its window (RFC 7323 section 2.2; -1 if it offers
// none). What lies behind a malformed option is not read.
func SYNOptions(header []byte) (mss uint16, shift int8) {
	mss, shift = 536, -1
	if len(header) < tcpFixed {
		return mss, shift
	}
	for o := header[tcpFixed:]; len(o) > 0; {
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
		if h.Proto != ProtocolTCP || h.L4Off == 0 { // a fragment, or cut off: no TCP header was read
			return
		}
		for o := frame[h.L4Off+tcpFixed : h.Off]; len(o) > 0 && o[0] != 0; {
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
