package udp

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"

	"wirelab/scenario"
	"wirelab/wire"
)

// plan is what the programs agreed on before they met.
type plan struct {
	b              *scenario.Bench
	s              *scenario.Scenario
	client, server *wire.Host
	send, reply    []byte // one datagram, and its answer; empty: none
}

// Start implements scenario.Exchange.
func (Exchange) Start(b *scenario.Bench) error {
	s := b.Scenario
	send, err := scenario.Message(s, DefaultSize, MaxSize)
	if err != nil {
		return err
	}
	p := &plan{b: b, s: s, client: b.Host("client"), server: b.Host("server"), send: send, reply: scenario.Reply(s, send)}
	pc, err := p.server.ListenPacket("udp", net.JoinHostPort("server", s.Args["port"]))
	if err != nil {
		return err
	}
	serve := func() error { return p.serve(pc.(*wire.UDPConn)) }
	if after := s.Time("read-after"); after > 0 {
		// The run waits for the moment at which the server begins, and then for
		// what it finds, but not for more to come.
		b.Go(p.server, "server", func() error {
			b.Sleep(after)
			b.Background(p.server, "server", serve)
			return nil
		})
	} else {
		b.Background(p.server, "server", serve)
	}
	b.Go(p.client, "client", p.ask)
	return nil
}

// ask is the client: it sends each datagram and waits a while for the answer.
func (p *plan) ask() error {
	c, err := p.client.Dial(context.Background(), "udp", net.JoinHostPort("server", target(p.s)))
	if err != nil {
		return err
	}
	defer c.Close()
	udp := c.(*wire.UDPConn)
	answer := make([]byte, MaxSize)
	for i := range p.s.Int("count") {
		if i > 0 {
			p.b.Sleep(p.s.Time("interval"))
		}
		if err := p.write(udp, p.send, p.client, p.server, udp.RemoteAddr()); err != nil {
			// It is the answer to an earlier datagram, which this write was the
			// first call to hear of.
			p.refused(err)
			continue
		}
		if len(p.reply) == 0 {
			continue
		}
		if err := udp.SetReadDeadline(p.b.Now().Add(p.s.Time("timeout"))); err != nil {
			return err
		}
		if _, err := udp.Read(answer); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			p.refused(err)
		}
	}
	return nil
}

// refused notes that a call failed, unless a closed port was asked for: then
// the refusal is what was to be seen.
func (p *plan) refused(err error) {
	if p.s.Args["to-port"] == "" || !errors.Is(err, syscall.ECONNREFUSED) {
		p.b.Fail("client", err)
	}
}

// serve is the server: it answers what comes, until the run is over.
func (p *plan) serve(pc *wire.UDPConn) error {
	size := p.s.Size("read-size")
	if size == 0 {
		size = MaxSize
	}
	buf := make([]byte, size)
	for {
		n, from, err := pc.ReadFrom(buf)
		if err != nil {
			return err
		}
		answer := p.reply
		if p.s.Args["reply"] == "echo" {
			answer = buf[:n]
		}
		if len(answer) == 0 {
			continue
		}
		if err := p.write(pc, answer, p.server, p.client, from); err != nil {
			return err
		}
	}
}

// write sends one datagram and records it as a message.
func (p *plan) write(c *wire.UDPConn, b []byte, from, to *wire.Host, addr net.Addr) error {
	span, err := c.Send(b, addr)
	if err != nil {
		return err
	}
	p.b.Note("datagram", from, to, span, b)
	return nil
}
