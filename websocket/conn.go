package websocket

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	gorilla "github.com/gorilla/websocket"

	"wirelab/packets"
	frames "wirelab/packets/websocket"
	"wirelab/web"
)

// Options are what client and server may each decide for themselves.
type Options struct {
	// MaxMessage is the longest message it takes, in bytes, on the wire and
	// decompressed; 0: any. A longer one closes the connection with 1009.
	MaxMessage int64
	// Takes is the only type of message it takes, Text or Binary; another one
	// closes the connection with 1003. Continuation, the zero value: both.
	Takes frames.Opcode
	// Compress offers or accepts compression (RFC 7692).
	Compress bool
	// Fragment is how many bytes of a message go into one frame; 0: all.
	Fragment int
	// Buffer is the longest message that it sends in one frame although
	// something stands in the way: a client's masking, or compression. 0: 4 KiB.
	Buffer int
	// PingInterval is how often it pings; 0: never. A ping that is not answered
	// until the next is due ends the connection.
	PingInterval time.Duration
	// WriteTimeout is how long a message may take to be handed to the stack,
	// which waits for a client that does not read; 0: for ever. Then the
	// connection is given up.
	WriteTimeout time.Duration
}

// closeWait is how long an end that has sent its close frame waits for the
// other's, and for the end of the TCP connection (RFC 6455 section 7.1.1: a
// reasonable time).
const closeWait = 5 * time.Second

// A Message is a whole one, whatever frames it came in.
type Message struct {
	Type frames.Opcode // Text or Binary
	Data []byte
}

// textLen is how many bytes of a message a note shows.
const textLen = 24

func (m Message) String() string {
	unit := "bytes"
	if len(m.Data) == 1 {
		unit = "byte"
	}
	s := fmt.Sprintf("%s of %s %s", m.Type, packets.Number(len(m.Data)), unit)
	if m.Type == frames.Text {
		s += ` "` + packets.Text(m.Data, textLen) + `"`
	}
	return s
}

// A Conn is one end of a WebSocket connection. Several goroutines may send on
// it; one reads.
type Conn struct {
	env    web.Env
	o      Options
	server bool
	ws     *gorilla.Conn
	guard  *guard
	one    chan struct{} // held by who writes a message: never a mutex, which does not count as resting in a lab
	closed atomic.Bool   // this end has sent its close frame
	heart  heart
}

func newConn(env web.Env, o Options, server bool, ws *gorilla.Conn, g *guard) *Conn {
	c := &Conn{env: env, o: o, server: server, ws: ws, guard: g, one: make(chan struct{}, 1)}
	ws.SetPingHandler(c.pong)
	ws.SetPongHandler(c.onPong)
	ws.SetCloseHandler(c.onClose)
	return c
}

// Send sends a message.
func (c *Conn) Send(m Message) error {
	return c.env.Call("send", func() (string, error) {
		c.one <- struct{}{}
		defer func() { <-c.one }()
		if c.o.WriteTimeout > 0 {
			if err := c.ws.SetWriteDeadline(c.env.Now().Add(c.o.WriteTimeout)); err != nil {
				return "", err
			}
		}
		note := m.String()
		if n := c.o.Fragment; n > 0 && len(m.Data) > n && !c.o.Compress {
			note += fmt.Sprintf(", in %s frames", packets.Number((len(m.Data)+n-1)/n))
		}
		err := c.write(m)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			// Half a frame may be on its way: nothing can follow it. Serve returns.
			_ = c.guard.Conn.Close()
		}
		return note, err
	})
}

func (c *Conn) write(m Message) error {
	if c.o.Fragment == 0 {
		return c.ws.WriteMessage(int(m.Type), m.Data)
	}
	w, err := c.ws.NextWriter(int(m.Type))
	if err != nil {
		return err
	}
	// The library's buffer is as long as a fragment; it sends it when it is full
	// and more is to come.
	for rest := m.Data; len(rest) > 0; {
		n := min(len(rest), c.o.Fragment)
		if _, err := w.Write(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return w.Close()
}

// A Closed says how a connection was closed in good order, or with which rule
// broken.
type Closed struct {
	Code   uint16 // 1005 if the frame had none
	Reason string
	Here   bool // this end was the first to close
}

// Words says what the code means.
func (e *Closed) Words() string {
	if e.Code == gorilla.CloseNoStatusReceived {
		return "no code was given"
	}
	name, _, _ := strings.Cut(frames.CloseText(e.Code), ":")
	s := fmt.Sprintf("%d %s", e.Code, name)
	if e.Reason != "" {
		s += `: "` + packets.Text([]byte(e.Reason), 123) + `"`
	}
	return s
}

func (e *Closed) Error() string {
	who := "the other side"
	if e.Here {
		who = "this side"
	}
	return who + " closed the connection: " + e.Words()
}

// Serve reads until the connection ends, hands each message to take, and says
// how it ended: with a *Closed, or another error if it was lost. If take fails
// the connection is closed with the code of its *RuleError, or with 1011. The TCP
// connection is closed when Serve returns.
func (c *Conn) Serve(take func(Message) error) error {
	c.startHeart()
	err := c.serve(take)
	given := c.stopHeart()
	err = c.finish(err)
	if given {
		return errNoPong
	}
	return err
}

func (c *Conn) serve(take func(Message) error) error {
	for {
		m, err := c.read()
		if err != nil {
			return err
		}
		if err := take(m); err != nil {
			var rule *RuleError
			if errors.As(err, &rule) {
				return rule
			}
			return &RuleError{frames.CloseError, err.Error()}
		}
	}
}

// read reads one message.
func (c *Conn) read() (m Message, err error) {
	op, r, err := c.ws.NextReader()
	if err != nil {
		return m, err
	}
	m.Type = frames.Opcode(op)
	if c.o.Takes != frames.Continuation && m.Type != c.o.Takes {
		return m, &RuleError{frames.CloseUnsupported, fmt.Sprintf("only %s messages are taken here", c.o.Takes)}
	}
	if c.o.MaxMessage > 0 {
		r = io.LimitReader(r, c.o.MaxMessage+1)
	}
	var b bytes.Buffer
	if _, err = b.ReadFrom(r); err != nil {
		return m, unreadable(err)
	}
	m.Data = b.Bytes()
	if most := c.o.MaxMessage; most > 0 && int64(len(m.Data)) > most {
		return m, tooBig(most)
	}
	// The guard has read text that is not compressed.
	if m.Type == frames.Text && c.o.Compress && !utf8.Valid(m.Data) {
		return m, &RuleError{frames.CloseInvalid, "the text is no UTF-8"}
	}
	return m, nil
}

// sendRaw writes bytes as they are, which may be no frames at all.
func (c *Conn) sendRaw(b []byte) error {
	c.one <- struct{}{}
	defer func() { <-c.one }()
	_, err := c.guard.Conn.Write(b)
	return err
}
