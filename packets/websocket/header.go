package websocket

import (
	"encoding/binary"
	"errors"
)

// MaxHeader is the length of the longest header in bytes: 2, 8 for a length, 4
// for a key.
const MaxHeader = 14

// MaxControl is how many bytes of payload a control frame may have (RFC 6455
// section 5.5).
const MaxControl = 125

// A Header is what stands before the payload of a frame (RFC 6455 section 5.2).
//
//	 0 1 2 3 4 5 6 7 8 9 a b c d e f
//	|F|R|R|R|opcode |M| length      |  125: that many bytes; 126: 16 bits
//	| length: 16 or 64 bits         |  with the length follow; 127: 64 bits
//	| key, if M is set: 32 bits     |
type Header struct {
	Fin    bool
	RSV    uint8 // three bits, RSV1 the highest
	Opcode Opcode
	Masked bool
	Short  uint8  // the length as it stands in its first 7 bits
	Len    uint64 // of the payload, in bytes
	Key    [4]byte
	Size   int // bytes of the header itself
}

// The reserved bits as they stand in Header.RSV.
const (
	RSV1 = 4
	RSV2 = 2
	RSV3 = 1
)

var errLength = errors.New("the highest bit of its 64-bit length is set (RFC 6455 section 5.2): where it ends cannot be told")

// ParseHeader reads the header that b begins with. Its Size is 0 if b is too
// short to hold it. It fails only if a length cannot be.
func ParseHeader(b []byte) (Header, error) {
	if len(b) < 2 {
		return Header{}, nil
	}
	h := Header{
		Fin: b[0]&0x80 != 0, RSV: b[0] >> 4 & 7, Opcode: Opcode(b[0] & 15),
		Masked: b[1]&0x80 != 0, Short: b[1] & 0x7f,
	}
	size := 2
	switch h.Short {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if len(b) < size {
		return Header{}, nil
	}
	switch h.Short {
	case 126:
		h.Len = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if h.Len = binary.BigEndian.Uint64(b[2:]); h.Len>>63 != 0 {
			return Header{}, errLength
		}
	default:
		h.Len = uint64(h.Short)
	}
	if h.Masked {
		if len(b) < size+4 {
			return Header{}, nil
		}
		copy(h.Key[:], b[size:])
		size += 4
	}
	h.Size = size
	return h, nil
}

// minimal says whether the length takes as few bytes as it can (RFC 6455
// section 5.2).
func (h *Header) minimal() bool {
	return h.Short < 126 || h.Short == 126 && h.Len > 125 || h.Short == 127 && h.Len > 0xffff
}

// Mask masks or unmasks bytes of a payload in place: byte i of the payload with
// byte i modulo 4 of the key (RFC 6455 section 5.3). at is the place of b[0] in
// the payload.
func Mask(key [4]byte, at uint64, b []byte) {
	var turned [8]byte // the key from the byte whose turn it is, twice
	for i := range turned {
		turned[i] = key[(at+uint64(i))%4]
	}
	wide := binary.LittleEndian.Uint64(turned[:])
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= turned[i]
	}
}
