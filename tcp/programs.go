package tcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"wirelab/scenario"
	"wirelab/wire"
)

// plan is what the programs agreed on before they met.
type plan struct {
	b              *scenario.Bench
	s              *scenario.Scenario
	client, server *wire.Host
	addr           string // to which the clients connect
	send           []byte // one message
	reply          []byte // its answer; empty: none
}

// Start implements scenario.Exchange.
func (Exchange) Start(b *scenario.Bench) error {
	s := b.Scenario
	send, err := scenario.Message(s, DefaultSize, MaxSize)
	if err != nil {
		return err
	}
	p := &plan{b: b, s: s, client: b.Host("client"), server: b.Host("server"), send: send, reply: scenario.Reply(s, send)}
	p.addr = net.JoinHostPort("server", s.Args["port"])
	ln, err := p.server.Listen("tcp", p.addr)
	if err != nil {
		return err
	}
	if other := s.Args["to-port"]; other != "" {
		p.addr = net.JoinHostPort("server", other)
	}
	b.Background(p.server, "server", func() error { return p.accept(ln) })
	for i := range clients(s) {
		name := "client"
		if clients(s) > 1 {
			name = fmt.Sprintf("client %d", i+1)
		}
		b.Go(p.client, name, func() error { p.visit(name); return nil })
	}
	return nil
}

// visit is one client: it connects, says what it has to, closes, and perhaps
// comes again. A failure ends the visit, and not what others do.
func (p *plan) visit(name string) {
	for range 1 + p.s.Int("reconnect") {
		c, err := p.client.Dial(context.Background(), "tcp", p.addr)
		if p.s.Args["to-port"] != "" && errors.Is(err, syscall.ECONNREFUSED) {
			return // a closed port was asked for, and this is what was to be seen
		}
		if err != nil {
			p.b.Fail(name, err)
			return
		}
		err = p.ask(c.(*wire.TCPConn))
		if closed := c.Close(); err == nil {
			err = closed
		}
		if err != nil {
			p.b.Fail(name, err)
			return
		}
	}
}

// ask sends each message and reads its answer.
func (p *plan) ask(c *wire.TCPConn) error {
	patient := p.s.Args["close-after"] == "" // it reads what comes
	for i := range p.s.Int("count") {
		if i > 0 {
			p.b.Sleep(p.s.Time("interval"))
		}
		p.note(c, p.client, p.server, "message", i, p.send)
		if _, err := c.Write(p.send); err != nil {
			return err
		}
		if patient && len(p.reply) > 0 && !p.s.Has("half-close") {
			if err := p.answer(c); err != nil {
				return err
			}
		}
	}
	switch {
	case p.s.Has("half-close"):
		if err := c.CloseWrite(); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, c)
		return err
	case !patient:
		p.b.Sleep(p.s.Time("close-after"))
	}
	if p.s.Has("reset") {
		c.Abortive()
	}
	return nil
}

// answer reads one answer.
func (p *plan) answer(c net.Conn) error {
	if _, err := io.ReadFull(c, make([]byte, len(p.reply))); err != nil {
		return fmt.Errorf("the answer did not come whole: %w", err)
	}
	return nil
}

// accept is the server: it takes every client, each with a program of its own.
func (p *plan) accept(ln net.Listener) error {
	defer ln.Close()
	for range visits(p.s) {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		p.b.Go(p.server, "server", func() error { p.serve(c.(*wire.TCPConn)); return nil })
	}
	return nil
}

// Serve implements scenario.Server. The server has agreed with nobody how long a
// message is: whatever a read gives is one.
func (Exchange) Serve(b *scenario.Bench, ln net.Listener) error {
	s := b.Scenario
	p := &plan{b: b, s: s, client: b.Host("client"), server: b.Host("server")}
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		b.Background(p.server, "server of "+c.RemoteAddr().String(), func() error {
			p.respondToAll(c.(*wire.TCPConn))
			return nil
		})
	}
}

// respondToAll answers a client that nobody knows, until that has no more to say.
// How it ends is in the record of the calls, and no failure of the server.
func (p *plan) respondToAll(c *wire.TCPConn) {
	defer c.Close()
	p.b.Sleep(p.s.Time("read-after"))
	in := &slowReader{c: c, b: p.b, most: p.s.Size("read-size"), rate: p.s.Speed("read-rate")}
	if p.s.Has("half-close") { // it answers when the client has ended
		said, err := io.ReadAll(io.LimitReader(in, mostKept))
		if err == nil {
			_, err = io.Copy(struct{ io.Writer }{io.Discard}, in)
		}
		if err == nil {
			_, _ = c.Write(scenario.Reply(p.s, said))
		}
		return
	}
	buf := make([]byte, mostEcho)
	for at := int64(0); ; {
		n, err := in.Read(buf)
		if n > 0 {
			p.b.Note("message", p.client, p.server, c.Span(false, at, at+int64(n)), buf[:n])
			at += int64(n)
			if _, failed := c.Write(scenario.Reply(p.s, buf[:n])); failed != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// Bounds of what the server keeps of a client that nobody knows, in bytes: of one
// read, and of all that it says before it ends.
const (
	mostEcho = 16 << 10
	mostKept = 1 << 20
)

// serve talks with one client until that closes.
func (p *plan) serve(c *wire.TCPConn) {
	p.b.Sleep(p.s.Time("read-after"))
	in := &slowReader{c: c, b: p.b, most: p.s.Size("read-size"), rate: p.s.Speed("read-rate")}
	err := p.converse(c, in)
	if closed := c.Close(); err == nil {
		err = closed
	}
	// A client that resets the connection has its reasons; it is not the server
	// that failed.
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		p.b.Fail("server", err)
	}
}

// converse reads and answers as was agreed: each message, or all after the end.
func (p *plan) converse(c *wire.TCPConn, in io.Reader) error {
	if len(p.reply) == 0 || p.s.Has("half-close") {
		if _, err := io.Copy(struct{ io.Writer }{io.Discard}, in); err != nil || len(p.reply) == 0 {
			return err
		}
		return p.respond(c, 0)
	}
	buf := make([]byte, len(p.send))
	for i := 0; ; i++ {
		n, err := io.ReadFull(in, buf)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("message %d came only to byte %d of %d: %w", i+1, n, len(buf), err)
		}
		if err := p.respond(c, i); err != nil {
			return err
		}
	}
}

func (p *plan) respond(c *wire.TCPConn, i int) error {
	p.note(c, p.server, p.client, "reply", i, p.reply)
	_, err := c.Write(p.reply)
	return err
}

// note records the i-th message m that is about to be written to c.
func (p *plan) note(c *wire.TCPConn, from, to *wire.Host, kind string, i int, m []byte) {
	n := int64(len(m))
	span := c.Span(true, int64(i)*n, int64(i+1)*n)
	p.b.Note(kind, from, to, span, m)
}

// A slowReader takes a few bytes at a time, and its time over them.
type slowReader struct {
	c    net.Conn
	b    *scenario.Bench
	most int   // bytes a read; 0: as many as are asked for
	rate int64 // bytes a second; 0: no limit
}

// Read implements io.Reader.
func (r *slowReader) Read(b []byte) (int, error) {
	if r.most > 0 {
		b = b[:min(len(b), r.most)]
	}
	n, err := r.c.Read(b)
	if r.rate > 0 && n > 0 {
		r.b.Sleep(time.Duration(int64(n) * int64(time.Second) / r.rate))
	}
	return n, err
}
