package dns

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/wire"
)

// plan is what the programs have in common.
type plan struct {
	b              *scenario.Bench
	s              *scenario.Scenario
	client, server *wire.Host
	addr           string
}

// Start implements scenario.Exchange.
func (Exchange) Start(b *scenario.Bench) error {
	p := &plan{b: b, s: b.Scenario, client: b.Host("client"), server: b.Host("server"),
		addr: net.JoinHostPort("server", strconv.Itoa(packets.DNSPort))}
	pc, err := p.server.ListenPacket("udp", p.addr)
	if err != nil {
		return err
	}
	ln, err := p.server.Listen("tcp", p.addr)
	if err != nil {
		return err
	}
	b.Background(p.server, "server over UDP", func() error { return p.serveUDP(pc.(*wire.UDPConn)) })
	b.Background(p.server, "server over TCP", func() error { return p.serveTCP(ln) })
	b.Go(p.client, "resolver", func() error {
		err := b.Call(p.client, "resolve", p.resolve)
		if err != nil {
			b.Fail("resolver", err)
		}
		return nil
	})
	return nil
}

// errTruncated says that the whole answer is to be had over TCP.
var errTruncated = errors.New("the answer is truncated")

// resolve asks until an answer comes, and over TCP if it must.
func (p *plan) resolve() (note string, err error) {
	q := question(p.s)
	// The number is the only thing in the question that a stranger who wants to
	// answer it would have to guess, beside the port (RFC 5452 section 4).
	var id [2]byte
	if _, err := rand.Read(id[:]); err != nil {
		return "", err
	}
	q.ID = binary.BigEndian.Uint16(id[:])
	c, err := p.client.Dial(context.Background(), "udp", p.addr)
	if err != nil {
		return "", err
	}
	defer c.Close()
	for range p.s.Int("tries") {
		a, err := p.askUDP(c.(*wire.UDPConn), &q)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			continue
		case errors.Is(err, errTruncated):
			if a, err = p.askTCP(&q); err != nil {
				return "", err
			}
			return words(&q, &a, "over TCP, because the answer was too large for UDP"), nil
		case err != nil:
			return "", err
		}
		return words(&q, &a, "over UDP"), nil
	}
	return "", fmt.Errorf("no answer to %d questions, each after %s", p.s.Int("tries"), p.s.Time("timeout"))
}

// askUDP sends the question as a datagram and waits a while for the answer.
func (p *plan) askUDP(c *wire.UDPConn, q *packets.DNSMessage) (a packets.DNSMessage, err error) {
	b, err := q.Pack()
	if err != nil {
		return a, err
	}
	span, err := c.Send(b, c.RemoteAddr())
	if err != nil {
		return a, err
	}
	p.note(span, p.client, p.server, "dns.query", b, q)
	if err := c.SetReadDeadline(p.b.Now().Add(p.s.Time("timeout"))); err != nil {
		return a, err
	}
	buf := make([]byte, 65535)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return a, err
		}
		a, err = packets.ParseDNS(buf[:n])
		switch {
		case err != nil || !q.AnsweredBy(&a):
			continue // not the answer to this question
		case a.Truncated:
			return a, errTruncated
		}
		return a, nil
	}
}

// askTCP asks over a connection of its own.
func (p *plan) askTCP(q *packets.DNSMessage) (a packets.DNSMessage, err error) {
	c, err := p.client.Dial(context.Background(), "tcp", p.addr)
	if err != nil {
		return a, err
	}
	defer c.Close()
	b, err := q.PackTCP()
	if err != nil {
		return a, err
	}
	p.note(c.(*wire.TCPConn).Span(true, 0, int64(len(b))), p.client, p.server, "dns.query", b, q)
	if _, err := c.Write(b); err != nil {
		return a, err
	}
	a, err = packets.ReadDNS(c)
	if err == nil && !q.AnsweredBy(&a) {
		err = errors.New("what came over TCP does not answer the question")
	}
	return a, err
}

// words says what an answer tells.
func words(q, a *packets.DNSMessage, how string) string {
	asked := q.Questions[0]
	switch {
	case a.Code == packets.DNSNXDomain:
		return fmt.Sprintf("there is no name %s, %s", asked.Name, how)
	case a.Code != packets.DNSNoError:
		return fmt.Sprintf("the server answers %s, %s", a.Code, how)
	case len(a.Answers) == 1:
		return fmt.Sprintf("%s, %s", a.Answers[0], how)
	}
	return fmt.Sprintf("%d records, the first is %s, %s", len(a.Answers), a.Answers[0], how)
}

// note records a message m whose bytes b are on span.
func (p *plan) note(span trace.Span, from, to *wire.Host, kind string, b []byte, m *packets.DNSMessage) {
	text := m.Questions[0].String()
	switch {
	case m.Truncated:
		text += ": truncated"
	case m.Code == packets.DNSNXDomain:
		text += ": no such name"
	case m.Response:
		text = fmt.Sprintf("%s: %d of them", text, len(m.Answers))
	}
	p.b.NoteAs(kind, from, to, span, len(b), text)
}
