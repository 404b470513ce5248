package engine

import (
	"errors"
	"io"
	"net"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"wirelab/packets/engineio"
)

// Why a session ended, in the words of the official libraries.
const (
	PingTimeout    = "ping timeout"    // the heartbeat failed
	TransportClose = "transport close" // the other side closed the connection, or it broke
	TransportError = "transport error" // it did what the transport does not allow, or a request failed
	ParseError     = "parse error"     // it sent what is no packet
	ForcedClose    = "forced close"    // this side's program wanted it
)

// closeWait is how long a side that has said goodbye on a WebSocket waits for
// the other's (RFC 6455 section 7.1.1).
const closeWait = 5 * time.Second

// A socket is a WebSocket that carries packets, a frame each.
type socket struct {
	env Env
	c   *websocket.Conn
}

// newSocket wraps c, on which no message may have more than most bytes; 0: no limit.
func newSocket(env Env, c *websocket.Conn, most int) *socket {
	c.SetReadLimit(int64(most))
	return &socket{env, c}
}

// errText says that a text message was no text.
var errText = errors.New("a text message that is not UTF-8")

// read waits for the next packet. One that breaks the rules of WebSocket is
// answered with the close code that says so: 1009 if it is too large (the
// library does that), 1007 if its text is not UTF-8 (RFC 6455 section 8.1).
func (s *socket) read() (engineio.Packet, error) {
	kind, b, err := s.c.ReadMessage()
	if err != nil {
		return engineio.Packet{}, err
	}
	if kind == websocket.TextMessage && !utf8.Valid(b) {
		s.goodbye(websocket.CloseInvalidFramePayloadData, "text is not UTF-8")
		return engineio.Packet{}, errText
	}
	return engineio.ParseFrame(b, kind == websocket.BinaryMessage)
}

// write writes one packet. Writes must not overlap.
func (s *socket) write(p engineio.Packet) error {
	content, binary := p.Frame()
	kind := websocket.TextMessage
	if binary {
		kind = websocket.BinaryMessage
	}
	return s.c.WriteMessage(kind, content)
}

// shut says goodbye. Whoever reads closes the connection when the other side
// has answered; it is closed here if that takes too long.
func (s *socket) shut() {
	s.goodbye(websocket.CloseNoStatusReceived, "") // that is, a close frame without a code
	s.env.AfterFunc(closeWait, s.abort)
}

func (s *socket) goodbye(code int, why string) {
	// It fails only if the connection is broken already.
	s.c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), s.env.Now().Add(closeWait))
}

// abort closes the connection without a word.
func (s *socket) abort() { s.c.Close() }

// whyEnded puts the error of a read or a write into the libraries' words.
func whyEnded(err error) string {
	var closed *websocket.CloseError
	var network net.Error
	var malformed *engineio.Error
	switch {
	case errors.As(err, &malformed):
		return ParseError
	case errors.As(err, &closed), errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return TransportClose
	}
	return TransportError
}
