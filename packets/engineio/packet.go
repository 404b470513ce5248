package engineio

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"iter"
	"unicode/utf8"
)

// Version is that of the protocol, as a request names it: EIO=4.
const Version = "4"

// Separator stands between the packets of a payload.
const Separator = 0x1e

// Probe is what the ping and the pong say that try a new transport.
const Probe = "probe"

// A Type is the first character of a packet.
type Type byte

// The types of packets.
const (
	Open    Type = '0'
	Close   Type = '1'
	Ping    Type = '2'
	Pong    Type = '3'
	Message Type = '4'
	Upgrade Type = '5'
	Noop    Type = '6'

	base64Mark = 'b' // of a binary message in a payload
)

var names = [...]string{"open", "close", "ping", "pong", "message", "upgrade", "noop"}

func (t Type) known() bool { return t >= Open && t <= Noop }

// String is the protocol's word for the type.
func (t Type) String() string {
	if !t.known() {
		return fmt.Sprintf("unknown type %q", byte(t))
	}
	return names[t-Open]
}

// A Packet is one unit of Engine.IO.
type Packet struct {
	Type   Type
	Binary bool // Data is bytes and not text; the type is then Message
	Data   []byte
}

// Text is a packet of type t that says s.
func Text(t Type, s string) Packet { return Packet{Type: t, Data: []byte(s)} }

// Is says whether p is a packet of type t that says s.
func (p Packet) Is(t Type, s string) bool {
	return p.Type == t && !p.Binary && string(p.Data) == s
}

// Frame is p as a WebSocket carries it: the content of a text frame or of a
// binary one.
func (p Packet) Frame() (content []byte, binary bool) {
	if p.Binary {
		return p.Data, true
	}
	return p.AppendText(make([]byte, 0, 1+len(p.Data))), false
}

// AppendText appends p as a payload carries it.
func (p Packet) AppendText(b []byte) []byte {
	if p.Binary {
		return base64.StdEncoding.AppendEncode(append(b, base64Mark), p.Data)
	}
	return append(append(b, byte(p.Type)), p.Data...)
}

// TextLen is how many bytes AppendText appends.
func (p Packet) TextLen() int {
	if p.Binary {
		return 1 + base64.StdEncoding.EncodedLen(len(p.Data))
	}
	return 1 + len(p.Data)
}

// An Error says what is wrong with bytes that are to be a packet, and where.
type Error struct {
	At     int // in the bytes that were given
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("%s, at byte %d", e.Reason, e.At) }

func wrong(at int, format string, a ...any) error {
	return &Error{At: at, Reason: fmt.Sprintf(format, a...)}
}

// Parse reads one packet of a payload, or the content of a text frame. The
// packet's data is a part of b, but for binary.
func Parse(b []byte) (Packet, error) {
	switch {
	case len(b) == 0:
		return Packet{}, wrong(0, "an empty packet: not even its type is there")
	case b[0] == base64Mark:
		data, err := base64.StdEncoding.Strict().AppendDecode(nil, b[1:])
		bad, corrupt := err.(base64.CorruptInputError)
		if line := bytes.IndexAny(b[1:], "\r\n"); line >= 0 { // the library reads over the ends of lines
			bad, corrupt = base64.CorruptInputError(line), true
		}
		if corrupt {
			return Packet{}, wrong(1+min(int(bad), len(b)-1), "a binary message that is not base64")
		}
		return Packet{Type: Message, Binary: true, Data: data}, nil
	}
	p := Packet{Type: Type(b[0]), Data: b[1:]}
	switch p.Type {
	case Open, Ping, Pong, Message:
	case Close, Upgrade, Noop:
		if len(p.Data) > 0 {
			return Packet{}, wrong(1, "a packet of type %s with data, which it never has", p.Type)
		}
	default:
		return Packet{}, wrong(0, "unknown packet type %q", b[0])
	}
	if !utf8.Valid(p.Data) {
		return Packet{}, wrong(1+badRune(p.Data), "text that is not UTF-8")
	}
	return p, nil
}

// ParseFrame reads the content of a WebSocket message.
func ParseFrame(b []byte, binary bool) (Packet, error) {
	if binary {
		return Packet{Type: Message, Binary: true, Data: b}, nil
	}
	return Parse(b)
}

func badRune(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// A Span is where something lies in a payload: bytes [From, To).
type Span struct{ From, To int }

// Split finds the packets of a payload, whatever they are.
func Split(payload []byte) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		for at := 0; ; {
			n := bytes.IndexByte(payload[at:], Separator)
			if n < 0 {
				yield(Span{at, len(payload)})
				return
			}
			if !yield(Span{at, at + n}) {
				return
			}
			at += n + 1
		}
	}
}

// Packets reads the packets of a payload one by one; the first that is wrong is
// the last. A separator at the end, or any other byte between packets, leaves
// one that is wrong.
func Packets(payload []byte) iter.Seq2[Packet, error] {
	return func(yield func(Packet, error) bool) {
		for s := range Split(payload) {
			p, err := Parse(payload[s.From:s.To])
			if e, ok := err.(*Error); ok {
				err = &Error{At: s.From + e.At, Reason: e.Reason}
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// Payload joins packets to a payload.
func Payload(ps []Packet) []byte {
	n := 0
	for _, p := range ps {
		n += p.TextLen() + 1
	}
	b := make([]byte, 0, n)
	for i, p := range ps {
		if i > 0 {
			b = append(b, Separator)
		}
		b = p.AppendText(b)
	}
	return b
}

// Batch is how many of the packets fit into a payload of at most so many bytes,
// separators and base64 counted: the first always, because packets are not cut.
func Batch(ps []Packet, most int) int {
	size := -1
	for i, p := range ps {
		size += 1 + p.TextLen()
		if size > most && i > 0 {
			return i
		}
	}
	return len(ps)
}
