package tcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/wire"
)

// plan is what the programs agreed on before they met.
type plan struct {
	b     *scenario.Bench
	s     *scenario.Scenario
	addr  string
	send  []byte // one message
	reply []byte // its answer; empty: none
}

// Start implements scenario.Exchange.
func (Exchange) Start(b *scenario.Bench) error {
	s := b.Scenario
	send, err := message(s)
	if err != nil {
		return err
	}
	p := &plan{b: b, s: s, send: send, addr: net.JoinHostPort("server", s.Args["port"])}
	switch r := s.Args["reply"]; r {
	case "none":
	case "echo":
		p.reply = send
	default:
		p.reply = Ruler(s.Size("reply"))
	}
	client, server := b.Host("client"), b.Host("server")
	ln, err := server.Listen("tcp", p.addr)
	if err != nil {
		return err
	}
	b.Go(server, "server", func() error { return p.serve(ln, server, client) })
	b.Go(client, "client", func() error { return p.ask(client, server) })
	return nil
}

// ask is the client: connect, send each message, read its answer, close.
func (p *plan) ask(client, server *wire.Host) error {
	c, err := client.Dial(context.Background(), "tcp", p.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	answer := make([]byte, len(p.reply))
	for i := range p.s.Int("count") {
		if i > 0 {
			p.b.Sleep(p.s.Time("interval"))
		}
		n := int64(len(p.send))
		p.note(c, client, server, "message", int64(i)*n, p.send)
		if _, err := c.Write(p.send); err != nil {
			return err
		}
		if len(answer) == 0 {
			continue
		}
		if _, err := io.ReadFull(c, answer); err != nil {
			return fmt.Errorf("the answer did not come whole: %w", err)
		}
	}
	return nil
}

// serve is the server: accept one client, read each message whole, answer it,
// and close when the client has.
func (p *plan) serve(ln net.Listener, server, client *wire.Host) error {
	c, err := ln.Accept()
	if err != nil {
		return err
	}
	defer c.Close()
	ln.Close()
	buf := make([]byte, len(p.send))
	for i := int64(0); ; i++ {
		n, err := io.ReadFull(c, buf)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("message %d came only to byte %d of %d: %w", i+1, n, len(buf), err)
		}
		if len(p.reply) == 0 {
			continue
		}
		p.note(c, server, client, "reply", i*int64(len(p.reply)), p.reply)
		if _, err := c.Write(p.reply); err != nil {
			return err
		}
	}
}

// note records a message that is about to be written to c at byte lo.
func (p *plan) note(c net.Conn, from, to *wire.Host, kind string, lo int64, m []byte) {
	span := c.(*wire.TCPConn).Span(true, lo, lo+int64(len(m)))
	p.b.Message(trace.Message{Parent: -1, Kind: kind, From: from.Number(), To: to.Number(),
		Conn: span.Stream.Conn(), Spans: []trace.Span{span}, Size: len(m), Text: string(m[:min(len(m), trace.TextLen)])})
}
