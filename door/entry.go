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
	join(in, inside{on})
}

// tell records that a program of a host did something that went well, or not.
func tell(b *scenario.Bench, h *wire.Host, what, note string, err error) {
	_ = b.Call(h, what, func() (string, error) { return note, err }) // it returns err
}
