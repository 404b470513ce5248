package websocket

import (
	"slices"
	"testing"
)

// FuzzReader holds the Reader to its promise: no panic, and the same however the
// bytes are cut; and Open to covering what it is given.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"", "\x81\x05Hello", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "\x01\x03Hel\x80\x02lo", "\x89\x05Hello\x8a\x00",
		"\x82\x7e\x01\x00", "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00x", "\x88\x02\x03\xe8", "\x88\x01\x03\x81\x00",
		"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "\x83\x01a\xf1\x00\x0b\x00", "\x81\x02\xc0\xaf",
	} {
		f.Add([]byte(s), true, true)
		f.Add([]byte(s), false, false)
	}
	f.Fuzz(func(t *testing.T, b []byte, client, deflate bool) {
		whole, cut := said(client, deflate, string(b)), said(client, deflate, raw(string(b))...)
		if !slices.Equal(whole, cut) {
			t.Errorf("at once %q, byte by byte %q", whole, cut)
		}
		h, err := ParseHeader(b)
		if err != nil || h.Size > 0 && uint64(len(b)) > uint64(h.Size)+h.Len {
			return // Open is given one frame
		}
		for _, l := range Open(b, View{Client: client, Compressed: deflate, Message: h.Opcode}) {
			if err := covered(l); err != nil {
				t.Error(err)
			}
		}
		NewInflater(1<<16, false).Message(b)
	})
}
