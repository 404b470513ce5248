package door

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/wire"
)

// idleFlow is after how long without a datagram a client of UDP, which never says
// that it has ended, is forgotten: the time that RFC 4787 section 4.3 asks of
// address translators at least.
const idleFlow = 2 * time.Minute

// mostDatagram is the longest datagram, in bytes.
const mostDatagram = 65507

// TapUDP puts the wire of s between the clients that send datagrams to pc and the
// server at to. It closes pc, and ends as Serve does.
func TapUDP(ctx context.Context, s scenario.Scenario, pc *net.UDPConn, o Options) (*trace.Trace, error) {
	return open(ctx, Tap{}, s, o, func(ctx context.Context, b *scenario.Bench) error {
		port := net.JoinHostPort("server", tapPort(s.Args["to"]))
		in, err := b.Host("server").ListenPacket("udp", port)
		if err != nil {
			return err
		}
		out := &flows{b: b, ctx: ctx, host: b.Host("server"), back: in.(*wire.UDPConn), dial: func() (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "udp", s.Args["to"])
		}, what: "pass on"}
		b.Background(out.host, "way out", func() error { return out.take(in) })
		e := &flows{b: b, ctx: ctx, host: b.Host("client"), back: pc, what: "let in", dial: func() (net.Conn, error) {
			return b.Host("client").Dial(ctx, "udp", port)
		}}
		b.Go(e.host, "door", func() error {
			defer context.AfterFunc(ctx, func() { pc.Close() })()
			defer pc.Close()
			err := e.take(pc)
			if ctx.Err() != nil {
				return nil
			}
			return err
		})
		return nil
	})
}

// flows passes datagrams on, those of each sender from a socket of its own, and
// the answers back.
type flows struct {
	b    *scenario.Bench
	ctx  context.Context
	host *wire.Host
	back net.PacketConn // on which the senders are answered
	dial func() (net.Conn, error)
	what string // that is done with a new sender

	mu   sync.Mutex
	of   map[netip.AddrPort]net.Conn
	full bool // it was told that no more can come
}

// take passes on what comes to in until that is closed.
func (f *flows) take(in net.PacketConn) error {
	buf := make([]byte, mostDatagram)
	for {
		n, from, err := in.ReadFrom(buf)
		switch {
		case errors.Is(err, net.ErrClosed) || f.ctx.Err() != nil:
			return err
		case err != nil:
			continue // the machine was told that an answer did not arrive
		}
		if c := f.flow(from); c != nil {
			// What cannot be sent is lost, as any datagram may be; the record of
			// the wire has it.
			_, _ = c.Write(buf[:n])
			_ = c.SetReadDeadline(f.b.Now().Add(idleFlow))
		}
	}
}

// flow is the socket for a sender; nil: there can be none.
func (f *flows) flow(from net.Addr) net.Conn {
	key, err := netip.ParseAddrPort(from.String())
	if err != nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.of[key]; c != nil {
		return c
	}
	if len(f.of) >= MostConnections {
		if !f.full {
			f.full = true
			tell(f.b, f.host, "turn away", "", fmt.Errorf("%s: %d senders are through already", from, len(f.of)))
		}
		return nil
	}
	c, err := f.dial()
	if err != nil {
		tell(f.b, f.host, f.what, "", fmt.Errorf("%s: %w", from, err))
		return nil
	}
	tell(f.b, f.host, f.what, fmt.Sprintf("%s, from here on %s", from, c.LocalAddr()), nil)
	if f.of == nil {
		f.of = map[netip.AddrPort]net.Conn{}
	}
	f.of[key] = c
	f.b.Background(f.host, "datagrams of "+from.String(), func() error {
		f.answer(c, from, key)
		return nil
	})
	return c
}

// answer passes back what comes to the socket of a sender, until it is idle.
func (f *flows) answer(c net.Conn, to net.Addr, key netip.AddrPort) {
	defer context.AfterFunc(f.ctx, func() { c.Close() })()
	defer func() {
		f.mu.Lock()
		delete(f.of, key)
		f.full = false
		f.mu.Unlock()
		c.Close()
	}()
	buf := make([]byte, mostDatagram)
	for {
		n, err := c.Read(buf)
		var timeout net.Error
		switch {
		case err == nil:
			_, _ = f.back.WriteTo(buf[:n], to)
		case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, net.ErrClosed), f.ctx.Err() != nil:
			return
		default: // nobody is there, the machine was told; the next datagram may find somebody
			tell(f.b, f.host, f.what, "", fmt.Errorf("%s: %w", to, err))
		}
	}
}
