package websocket

import (
	"bytes"
	"errors"
	"fmt"
	"net"

	"wirelab/packets"
	frames "wirelab/packets/websocket"
)

// A guard stands between a connection and the library that reads it: it reads
// every frame as it passes and holds back the first that breaks a rule. The
// library checks most of the rules too, but not all of them, and not UTF-8.
type guard struct {
	net.Conn
	head    []byte // of an HTTP response that is still coming; nil: frames have begun
	off     bool   // no frames will come: the handshake failed
	deflate bool   // compression was offered
	frames  *frames.Reader
	inside  bool                   // the header of a frame has passed, its payload not all
	held    [frames.MaxHeader]byte // the beginning of a header, which is passed on when it is whole
	holds   int
	most    int64 // bytes of a message as it is on the wire; 0: any
	length  int64 // of the message so far
	broken  *RuleError
}

// A RuleError says which rule the other side broke, and the code with which the
// connection is closed for it.
type RuleError struct {
	Code uint16
	Rule string
}

func (e *RuleError) Error() string { return fmt.Sprintf("%s (code %d)", e.Rule, e.Code) }

// maxHead is the longest head of a response to the handshake, in bytes.
const maxHead = 16 << 10

// errHead says that what should be the head of a response does not end.
var errHead = errors.New("the answer to the handshake is too long")

// Read implements net.Conn. b must have room for more than a header.
func (g *guard) Read(b []byte) (int, error) {
	for {
		if g.broken != nil {
			return 0, g.broken
		}
		n, err := g.Conn.Read(b[g.holds:])
		if g.off || n == 0 {
			return n, err
		}
		skip := 0
		if g.head != nil {
			if skip = g.handshake(b[:n]); len(g.head) > maxHead {
				return 0, errHead
			}
			if g.off || g.head != nil {
				return n, err
			}
		}
		held := copy(b, g.held[:g.holds])
		if n = g.check(b[:held+n], skip+held); n > 0 {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// handshake takes bytes of the response and returns how many of them belong to
// its head.
func (g *guard) handshake(b []byte) int {
	before := len(g.head)
	g.head = append(g.head, b...)
	const end = "\r\n\r\n"
	at := bytes.Index(g.head, []byte(end))
	if at < 0 {
		return len(b)
	}
	head := bytes.ToLower(g.head[:at])
	g.head = nil
	_, status, _ := bytes.Cut(head, []byte(" "))
	if g.off = !bytes.HasPrefix(status, []byte("101")); !g.off {
		g.frames = frames.NewReader(false, g.deflate && bytes.Contains(head, []byte("permessage-deflate")))
	}
	return at + len(end) - before
}

// check reads the frames in b from byte at on and returns how many bytes of b
// may pass: not those from the first frame that breaks a rule on, and not a
// header that is not whole.
func (g *guard) check(b []byte, at int) int {
	start := at - g.holds // of the frame that is being read
	g.holds = 0
	for {
		n, part, _ := g.frames.Next(b[at:])
		at += n
		switch part {
		case frames.More:
			if g.inside {
				return len(b)
			}
			g.holds = copy(g.held[:], b[start:])
			return start
		case frames.Bad:
			g.broken = &RuleError{frames.CloseProtocol, g.frames.Err().Error()}
			return start
		case frames.Head, frames.End:
			g.inside = part == frames.Head
			if g.rule(g.inside); g.broken != nil {
				return start
			}
			if part == frames.End {
				start = at
			}
		}
	}
}

// rule notes what the frame found last has broken.
func (g *guard) rule(head bool) {
	f := g.frames.Frame()
	if code, rule := g.frames.Broken(); code != 0 {
		g.broken = &RuleError{code, rule}
		return
	}
	if !head || f.Opcode.Control() {
		return
	}
	if f.Opcode != frames.Continuation {
		g.length = 0
	}
	// A length has 63 bits, so the sum of two cannot overflow an unsigned 64.
	if sum := uint64(g.length) + f.Len; g.most > 0 && sum > uint64(g.most) {
		g.broken = tooBig(g.most)
		return
	}
	g.length += int64(f.Len)
}

func tooBig(most int64) *RuleError {
	return &RuleError{frames.CloseTooBig, fmt.Sprintf("a message may have at most %s bytes", packets.Number(int(most)))}
}
