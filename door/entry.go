package door

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"wirelab/scenario"
	"wirelab/wire"
)

// An entry is a real TCP port whose connections cross the wire.
type entry struct {
	b    *scenario.Bench
	ctx  context.Context
	ln   net.Listener
	to   string        // address on the wire
	free chan struct{} // holds one for each connection that is through
}

// accept takes real connections until the run is over.
func (e *entry) accept() error {
	defer context.AfterFunc(e.ctx, func() { e.ln.Close() })()
	defer e.ln.Close()
	client := e.b.Host("client")
	for {
		c, err := e.ln.Accept()
		switch {
		case e.ctx.Err() != nil:
			if err == nil {
				c.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // no descriptors are left, or the client was gone already
			tell(e.b, client, "turn away", "", err)
			e.b.Sleep(acceptPause)
			continue
		}
		in := outside{c.(*net.TCPConn)}
		select {
		case e.free <- struct{}{}:
		default:
			tell(e.b, client, "turn away", "", fmt.Errorf("%s: %d connections are through already, and no more may be", c.RemoteAddr(), cap(e.free)))
			in.abort()
			continue
		}
		e.b.Background(client, "client "+c.RemoteAddr().String(), func() error {
			defer func() { <-e.free }()
			e.carry(in)
			return nil
		})
	}
}

// acceptPause is how long an entry waits when the machine gives it no connection.
const acceptPause = 100 * time.Millisecond

// carry is what happens with one real connection.
func (e *entry) carry(in outside) {
	defer context.AfterFunc(e.ctx, func() { in.Close() })()
	client := e.b.Host("client")
	c, err := client.Dial(e.ctx, "tcp", e.to)
	if err != nil {
		in.abort()
		return // the call to connect is in the record, with its error
	}
	on := c.(*wire.TCPConn)
	tell(e.b, client, "let in", fmt.Sprintf("%s, from here on %s", in.RemoteAddr(), on.LocalAddr()), nil)
	join(&opening{end: in, look: func(b []byte) {
		if beginsTLS(b) {
			tell(e.b, client, "see TLS", in.RemoteAddr().String()+": the stream is encrypted; its records pass as they are, and what is in them stays closed", nil)
		}
	}}, inside{on})
}

// tell records that a program of a host did something that went well, or not.
func tell(b *scenario.Bench, h *wire.Host, what, note string, err error) {
	_ = b.Call(h, what, func() (string, error) { return note, err }) // it returns err
}

// An opening lets look see the first bytes that come from an end.
type opening struct {
	end
	look func([]byte)
}

// Read implements io.Reader.
func (o *opening) Read(b []byte) (int, error) {
	n, err := o.end.Read(b)
	if n > 0 && o.look != nil {
		o.look(b[:n])
		o.look = nil
	}
	return n, err
}

// beginsTLS says whether a stream begins with a record of TLS (RFC 8446 section
// 5.1): a handshake, of version 3.1 to 3.4 as it is counted there, that begins
// with a client's hello.
func beginsTLS(b []byte) bool {
	const handshake, clientHello = 22, 1
	return len(b) > 5 && b[0] == handshake && b[1] == 3 && b[2] <= 4 && b[5] == clientHello
}
