package websocket

import (
	"encoding/binary"

	frames "wirelab/packets/websocket"
)

// An illegal frame is one that a client may not send.
type illegal struct {
	name string
	code uint16 // with which a server closes for it
	make func() []byte
}

// theIllegal are frames that break one rule each.
func theIllegal() []illegal {
	return []illegal{
		{"unmasked", frames.CloseProtocol, func() []byte { return append([]byte{0x81, 5}, "hello"...) }},
		{"reserved-bit", frames.CloseProtocol, func() []byte { return masked(0x80|0x40|0x01, []byte("hello")) }},
		{"reserved-opcode", frames.CloseProtocol, func() []byte { return masked(0x80|0x03, []byte("hello")) }},
		{"fragmented-ping", frames.CloseProtocol, func() []byte { return masked(0x09, []byte("hello")) }},
		{"long-ping", frames.CloseProtocol, func() []byte { return masked(0x80|0x09, make([]byte, frames.MaxControl+1)) }},
		{"nothing-to-continue", frames.CloseProtocol, func() []byte { return masked(0x80, []byte("hello")) }},
		{"not-finished", frames.CloseProtocol, func() []byte { return append(masked(0x01, []byte("hel")), masked(0x81, []byte("lo"))...) }},
		{"long-length", frames.CloseProtocol, func() []byte { return append([]byte{0x81, 0x80 | 126, 0, 5, 0, 0, 0, 0}, "hello"...) }},
		{"endless", frames.CloseProtocol, func() []byte { return append([]byte{0x82, 0x80 | 127}, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4) }},
		{"too-big", frames.CloseTooBig, func() []byte { return append([]byte{0x82, 0x80 | 127}, 0x7f, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4) }},
		{"no-utf8", frames.CloseInvalid, func() []byte { return masked(0x81, []byte("h\xe9llo")) }},
		{"half-a-letter", frames.CloseInvalid, func() []byte { return masked(0x81, []byte("hell\xc3")) }},
		{"close-code", frames.CloseProtocol, func() []byte { return masked(0x88, binary.BigEndian.AppendUint16(nil, 1006)) }},
		{"half-a-code", frames.CloseProtocol, func() []byte { return masked(0x88, []byte{3}) }},
		{"close-reason", frames.CloseInvalid, func() []byte { return masked(0x88, append(binary.BigEndian.AppendUint16(nil, 1000), 0xff)) }},
	}
}

func illegalNames() (names []string) {
	for _, f := range theIllegal() {
		names = append(names, f.name)
	}
	return names
}

// illegalFrame returns the bytes of an illegal frame of that name.
func illegalFrame(name string) []byte {
	for _, f := range theIllegal() {
		if f.name == name {
			return f.make()
		}
	}
	return nil
}

// masked is a short frame of a client, with a key that is easy to see.
func masked(first byte, payload []byte) []byte {
	key := [4]byte{'k', 'e', 'y', '!'}
	b := []byte{first}
	if len(payload) < 126 {
		b = append(b, 0x80|byte(len(payload)))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(len(payload)))
	}
	b = append(b, key[:]...)
	at := len(b)
	b = append(b, payload...)
	frames.Mask(key, 0, b[at:])
	return b
}
