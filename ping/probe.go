package ping

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"time"

	"wirelab/scenario"
	"wirelab/wire"
)

// identifier marks the requests of these programs (RFC 792); there is one
// program a run, so that any number will do.
const identifier = 1

// A probe is one echo request and the wait for what comes of it.
type probe struct {
	b       *scenario.Bench
	c       *wire.ICMPConn
	to      netip.Addr
	seq     int
	ttl     int
	payload []byte
	wait    time.Duration

	answer wire.ICMPMessage // what came, if something did
}

// run sends the probe and waits for its answer, as one call of the program. It
// says whether the destination itself answered.
func (p *probe) run(h *wire.Host, what string) (reached bool) {
	err := p.b.Call(h, what, func() (string, error) {
		sent := p.b.Now()
		if err := p.c.Echo(p.to, p.seq, p.ttl, p.payload); err != nil {
			return "", err
		}
		p.c.SetReadDeadline(sent.Add(p.wait))
		for {
			m, err := p.c.Receive()
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return fmt.Sprintf("seq %d: no answer within %s", p.seq, p.wait), nil
			}
			if err != nil {
				return "", err
			}
			if m.Seq != p.seq {
				continue // the late answer to an earlier probe
			}
			p.answer = m
			reached = m.Kind == wire.EchoReply
			return p.words(p.b.Now().Sub(sent)), nil
		}
	})
	if err != nil {
		p.b.Fail(what, err)
	}
	return reached
}

// words is the line that ping prints for an answer. It stays below 80 characters,
// the most that a listing shows of it, whatever the addresses.
func (p *probe) words(took time.Duration) string {
	m := &p.answer
	round := strconv.FormatFloat(float64(took)/float64(time.Millisecond), 'f', 3, 64) + " ms round trip"
	switch m.Kind {
	case wire.TimeExceeded:
		return fmt.Sprintf("seq %d: %v says time exceeded (ttl %d), %s", p.seq, m.From, p.ttl, round)
	case wire.Unreachable:
		return fmt.Sprintf("seq %d: %v says destination unreachable, %s", p.seq, m.From, round)
	}
	left := ""
	if m.HopLimit > 0 {
		left = fmt.Sprintf(", ttl %d", m.HopLimit)
	}
	return fmt.Sprintf("seq %d: %d bytes from %v%s, %s", p.seq, m.Payload, m.From, left, round)
}
