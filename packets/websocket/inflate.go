package websocket

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
)

// window is how far back DEFLATE can refer, in bytes (RFC 1951 section 2).
const window = 32 << 10

// tail is what a sender leaves away at the end of each message (RFC 7692
// section 7.2.1), and a last block, so that the reader does not wait for more.
const tail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// An Inflater reads the compressed messages of one direction (RFC 7692 section
// 7.2.2). Messages may refer to those before them, so it must be given all.
type Inflater struct {
	forget bool // each message stands for itself
	limit  int
	past   []byte // the last bytes of the messages so far
	zr     io.ReadCloser
	err    error
}

// NewInflater returns an Inflater for messages of at most limit bytes. forget
// says that the sender begins each message anew ("no context takeover").
func NewInflater(limit int, forget bool) *Inflater { return &Inflater{limit: limit, forget: forget} }

// errLost says that a message before this one is not known.
var errLost = errors.New("a message before this one could not be read, and this one may refer to it")

// Message returns what a message is that was compressed to b.
func (f *Inflater) Message(b []byte) ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	in := io.MultiReader(bytes.NewReader(b), strings.NewReader(tail))
	if f.zr == nil {
		f.zr = flate.NewReaderDict(in, f.past)
	} else if err := f.zr.(flate.Resetter).Reset(in, f.past); err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(f.zr, int64(f.limit)+1))
	switch {
	case err != nil:
		err = fmt.Errorf("it cannot be decompressed: %w", err)
	case len(out) > f.limit:
		err = fmt.Errorf("it is longer than %d bytes, decompressed", f.limit)
	}
	if err != nil {
		f.Lose()
		return nil, err
	}
	if !f.forget {
		f.past = append(f.past, out...)
		f.past = append([]byte(nil), f.past[max(0, len(f.past)-window):]...)
	}
	return out, nil
}

// Lose says that a message is not known. Those behind it cannot be read, unless
// each stands for itself.
func (f *Inflater) Lose() {
	if !f.forget {
		f.err = errLost
	}
}
