package dns

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"

	"wirelab/packets"
	"wirelab/wire"
)

// serveUDP answers what comes in datagrams, until the run is over.
func (p *plan) serveUDP(pc *wire.UDPConn) error {
	buf := make([]byte, 65535)
	for {
		n, from, err := pc.ReadFrom(buf)
		if err != nil {
			return err
		}
		q, err := packets.ParseDNS(buf[:n])
		if err != nil || q.Response {
			continue // not a question: say nothing, as servers do
		}
		a := p.answer(&q)
		b, err := a.PackUDP(q.UDPSize())
		if err != nil {
			return err
		}
		span, err := pc.Send(b, from)
		if err != nil {
			return err
		}
		if a, err = packets.ParseDNS(b); err != nil { // what was sent may be less than what was meant
			return err
		}
		p.note(span, p.server, p.client, "dns.answer", b, &a)
	}
}

// serveTCP answers what comes over connections, until the run is over.
func (p *plan) serveTCP(ln net.Listener) error {
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		p.b.Go(p.server, "server", func() error {
			defer c.Close()
			return p.converse(c.(*wire.TCPConn))
		})
	}
}

// converse answers the questions on one connection.
func (p *plan) converse(c *wire.TCPConn) error {
	for written := int64(0); ; {
		q, err := packets.ReadDNS(c)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		a := p.answer(&q)
		b, err := a.PackTCP()
		if err != nil {
			return err
		}
		p.note(c.Span(true, written, written+int64(len(b))), p.server, p.client, "dns.answer", b, &a)
		if _, err := c.Write(b); err != nil {
			return err
		}
		written += int64(len(b))
	}
}

// answer is what the server knows of a question.
func (p *plan) answer(q *packets.DNSMessage) packets.DNSMessage {
	if len(q.Questions) != 1 {
		return q.Reply(packets.DNSFormErr)
	}
	asked := q.Questions[0]
	name := strings.ToLower(asked.Name)
	if name != zone && !strings.HasSuffix(name, "."+zone) {
		return q.Reply(packets.DNSNXDomain)
	}
	a := q.Reply(packets.DNSNoError)
	a.Authoritative = true
	for i := range p.s.Int("answers") {
		a.Answers = append(a.Answers, record(asked, i))
	}
	if q.UDPSize() > packets.DNSUDPSize {
		a.OfferUDPSize(uint16(q.UDPSize()))
	}
	return a
}

// record is the i-th record of a name. Addresses are those that are kept for
// documentation (RFC 5737, RFC 3849).
func record(q packets.DNSQuestion, i int) packets.DNSRecord {
	r := packets.DNSRecord{Name: q.Name, Type: q.Type, Class: packets.DNSClassIN, TTL: 300}
	switch q.Type {
	case packets.DNSTypeAAAA:
		r.Addr = netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 14: byte((i + 1) >> 8), 15: byte(i + 1)})
	case packets.DNSTypeTXT:
		r.Text = []string{fmt.Sprintf("record %d of %s", i+1, q.Name)}
	case packets.DNSTypeMX:
		r.Preference, r.Host = uint16(10*(i+1)), fmt.Sprintf("mail%d.%s", i+1, zone)
	case packets.DNSTypeNS:
		r.Host = fmt.Sprintf("ns%d.%s", i+1, zone)
	default:
		r.Addr = netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + i%254)})
	}
	return r
}
