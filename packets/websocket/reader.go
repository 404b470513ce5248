package websocket

import (
	"encoding/binary"
	"errors"
)

// A Reader reads the frames of one direction from bytes that come in any
// pieces. What it says does not depend on the pieces.
type Reader struct {
	client  bool
	deflate bool
	head    [MaxHeader]byte
	n       int // bytes of head that are here
	frame   Header
	inside  bool   // the header is whole, the payload not
	at      uint64 // of the payload
	control [MaxControl]byte
	rules   rules
	text    textCheck
	unseen  bool // some of the message's bytes are not known
	scratch []byte
	err     error
}

// NewReader reads what a client sends, or a server. deflate says that the
// handshake agreed on compression (RFC 7692).
func NewReader(client, deflate bool) *Reader { return &Reader{client: client, deflate: deflate} }

// A Part is what a Reader finds next.
type Part uint8

// The parts.
const (
	More Part = iota // nothing more in these bytes
	Head             // a header is whole: see Frame
	Data             // bytes of a payload
	End              // a frame is whole: see Trouble
	Bad              // where the next frame begins cannot be told: see Err
)

// scratchLen bounds how many bytes of a payload are given out at once.
const scratchLen = 16 << 10

// Next takes n bytes of b and says what they are. Of Data it returns the bytes
// unmasked, which are valid until the next call. Call it until it says More,
// with what it has not taken; b may then be empty. After Bad it only says Bad.
func (r *Reader) Next(b []byte) (n int, part Part, data []byte) {
	switch {
	case r.err != nil:
		return 0, Bad, nil
	case !r.inside:
		return r.header(b)
	case r.at == r.frame.Len:
		r.end()
		return 0, End, nil
	case len(b) == 0:
		return 0, More, nil
	}
	n = int(min(uint64(len(b)), r.frame.Len-r.at, scratchLen))
	data = b[:n:n]
	if r.frame.Masked {
		r.scratch = append(r.scratch[:0], data...)
		data = r.scratch
		Mask(r.frame.Key, r.at, data)
	}
	r.look(data)
	r.at += uint64(n)
	return n, Data, data
}

// header takes bytes of a header, one by one so that none of the payload is
// taken.
func (r *Reader) header(b []byte) (n int, part Part, data []byte) {
	for n < len(b) {
		r.head[r.n] = b[n]
		r.n, n = r.n+1, n+1
		h, err := ParseHeader(r.head[:r.n])
		if err != nil {
			r.err = err
			return n, Bad, nil
		}
		if h.Size > 0 {
			r.frame, r.inside, r.at, r.n = h, true, 0, 0
			r.rules.begin(&r.frame, r.client, r.deflate)
			return n, Head, nil
		}
	}
	return n, More, nil
}

// look reads the payload as far as a rule asks for it.
func (r *Reader) look(data []byte) {
	switch {
	case r.frame.Opcode.Control():
		if r.at < MaxControl {
			copy(r.control[r.at:], data)
		}
	case r.rules.message == Text && !r.rules.compressed:
		r.text.add(data)
	}
}

// end holds the frame that is whole to the rules.
func (r *Reader) end() {
	r.inside = false
	f := &r.frame
	switch {
	case f.Opcode == Close && f.Len <= MaxControl:
		r.rules.close(r.control[:f.Len])
	case f.Opcode.Control():
	case r.unseen || r.rules.message != Text || r.rules.compressed:
	case r.text.bad:
		r.rules.say("its text is no UTF-8, whatever follows", "section 8.1", CloseInvalid)
		r.unseen = true // once is enough
	case f.Fin && !r.text.done():
		r.rules.say("its text ends within a character of UTF-8", "section 8.1", CloseInvalid)
	}
	if !f.Opcode.Control() && f.Fin {
		r.text, r.unseen = textCheck{}, false
	}
	r.rules.end(f)
}

// Frame is the header of the frame that was found last.
func (r *Reader) Frame() Header { return r.frame }

// Client says whether the frames come from a client.
func (r *Reader) Client() bool { return r.client }

// Inside says whether a header is whole and its payload is not.
func (r *Reader) Inside() bool { return r.inside }

// Message is the opcode of the message of which the frame found last is a part;
// of a control frame, its own. compressed says whether that message's payload
// is.
func (r *Reader) Message() (op Opcode, compressed bool) {
	if r.frame.Opcode.Control() {
		return r.frame.Opcode, false
	}
	return r.rules.message, r.rules.compressed
}

// Trouble says which rules the frame found last has broken, and what its
// receiver does; it is empty if none.
func (r *Reader) Trouble() string { return r.rules.trouble() }

// Broken is the first rule that the frame found last has broken, and the code
// with which its receiver fails the connection; 0 if it has broken none.
func (r *Reader) Broken() (code uint16, rule string) {
	if len(r.rules.broken) == 0 {
		return 0, ""
	}
	return r.rules.code, r.rules.broken[0]
}

// Code is the code in the close frame found last; 0 if it has none.
func (r *Reader) Code() uint16 {
	if r.frame.Opcode != Close || r.frame.Len < 2 || r.frame.Len > MaxControl {
		return 0
	}
	return binary.BigEndian.Uint16(r.control[:])
}

// Err says why the Reader has stopped.
func (r *Reader) Err() error { return r.err }

// Pending is how much of a frame is here that is not whole, in bytes, and how
// many are missing at least. Both are 0 between frames.
func (r *Reader) Pending() (here, missing uint64) {
	switch {
	case r.inside:
		return uint64(r.frame.Size) + r.at, r.frame.Len - r.at
	case r.n > 0:
		return uint64(r.n), 1
	}
	return 0, 0
}

var errGap = errors.New("bytes are missing that have the length of a frame")

// Skip says that n bytes are not known. Within a payload that does not matter,
// elsewhere the Reader stops.
func (r *Reader) Skip(n uint64) {
	switch {
	case r.err != nil || n == 0:
	case !r.inside || n > r.frame.Len-r.at:
		r.err = errGap
	default:
		r.at += n
		r.unseen = true
		r.rules.gap = true
	}
}
