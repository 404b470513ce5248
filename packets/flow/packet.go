package flow

import (
	"encoding/binary"
	"time"

	"wirelab/packets"
)

// A Packet is what an Analyser is fed. It is read, never kept.
type Packet struct {
	Number  uint32        // in the capture, counted from 1
	At      time.Duration // when it was captured, since a moment of the caller's choice
	Headers *packets.Headers
	Options []byte // of the TCP header: see Options

	// Damaged says that a checksum is wrong and was meant to be right. (Frames
	// that a card has yet to fill in are not damaged; the caller knows which
	// are its own.)
	Damaged bool
}

// Options returns the options of the TCP header in a frame with headers h.
func Options(frame []byte, h *packets.Headers) []byte {
	if h.Proto != packets.ProtocolTCP || h.L4Off == 0 || h.Off > len(frame) {
		return nil
	}
	return frame[h.L4Off+fixedHeader : h.Off]
}

// fixedHeader is the length of a TCP header without options (RFC 9293 section
// 3.1).
const fixedHeader = 20

// Kinds of TCP options (the numbers that IANA keeps).
const (
	optEnd           = 0
	optNOP           = 1
	optMSS           = 2
	optScale         = 3
	optSACKPermitted = 4
	optSACK          = 5
	optTimestamps    = 8
)

// options are what the options of one segment say.
type options struct {
	tsVal, tsEcr  uint32
	hasTS         bool
	sackPermitted bool
	mss           uint16
	scale         int8 // -1: none offered
	nSACK         int
	sack          [4][2]uint32
}

// aligned is how nearly every sender lays out the timestamps option: two
// NOPs, kind 8, length 10 (RFC 7323 appendix A).
const aligned = 0x0101080a

// read reads the options in b. What lies behind a malformed one is not read.
func (o *options) read(b []byte) {
	if len(b) == 12 && binary.BigEndian.Uint32(b) == aligned {
		o.hasTS, o.tsVal, o.tsEcr = true, binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
		return
	}
	for len(b) > 0 && b[0] != optEnd {
		if b[0] == optNOP {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return
		}
		o.one(b[0], b[2:b[1]])
		b = b[b[1]:]
	}
}

func (o *options) one(kind byte, value []byte) {
	switch {
	case kind == optMSS && len(value) == 2:
		o.mss = binary.BigEndian.Uint16(value)
	case kind == optScale && len(value) == 1:
		o.scale = int8(min(value[0], 14)) // RFC 7323 section 2.3
	case kind == optSACKPermitted && len(value) == 0:
		o.sackPermitted = true
	case kind == optTimestamps && len(value) == 8:
		o.hasTS, o.tsVal, o.tsEcr = true, binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])
	case kind == optSACK:
		for ; len(value) >= 8 && o.nSACK < len(o.sack); value = value[8:] {
			o.sack[o.nSACK] = [2]uint32{binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])}
			o.nSACK++
		}
	}
}
