package wire

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"wirelab/trace"
)

// Dial connects to an address ("10.0.0.2:80", or "server:80" by the name of a
// host of the lab) on network tcp or udp, as net.Dialer.DialContext does.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	h.l.enter()
	to, err := h.resolve(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	switch network {
	case "tcp", "tcp4", "tcp6":
		return h.dialTCP(ctx, to)
	case "udp", "udp4", "udp6":
		return h.dialUDP(to)
	}
	return nil, &net.OpError{Op: "dial", Net: network, Err: net.UnknownNetworkError(network)}
}

// resolve finds the address that "host:port" names.
func (h *Host) resolve(address string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("port %q is not a number from 0 to 65535", port)
	}
	if host == "" {
		return netip.AddrPortFrom(h.addr, uint16(n)), nil
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return netip.AddrPortFrom(a.Unmap(), uint16(n)), nil
	}
	a, err := h.l.Lookup(host)
	return netip.AddrPortFrom(a, uint16(n)), err
}

// own finds the address that "host:port" names, which must be the host's.
func (h *Host) own(address string) (netip.AddrPort, error) {
	at, err := h.resolve(address)
	if err == nil && at.Addr() != h.addr && !at.Addr().IsUnspecified() {
		err = fmt.Errorf("%s: %w", at.Addr(), syscall.EADDRNOTAVAIL)
	}
	return at, err
}

func (h *Host) dialTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	l := h.l
	gate := l.ownGate()
	l.pass(gate)
	fail := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: err}
	}
	if l.over.Load() {
		return nil, fail(errOver)
	}
	if err := ctx.Err(); err != nil {
		return nil, fail(err)
	}
	var q waiter.Queue
	ep, terr := h.stack.NewEndpoint(tcp.ProtocolNumber, netProto(h.addr), &q)
	if terr != nil {
		return nil, fail(stackError(terr))
	}
	c := h.newTCPConn(ep, &q)
	row := l.call(h, "connect", gate.key, c)
	c.w.row = row
	terr = ep.Connect(fullAddress(to))
	c.named(to)
	var err error
	if _, started := terr.(*tcpip.ErrConnectStarted); started {
		terr, err = c.connect(ctx)
	}
	if terr != nil {
		err = stackError(terr)
	}
	if err != nil {
		err = fail(err)
	}
	l.done(row, c.Span(true, -1, 0), err)
	if err != nil {
		c.r.close()
		c.w.close()
		ep.Close()
		return nil, err
	}
	return c, nil
}

// connect waits for the handshake.
func (c *TCPConn) connect(ctx context.Context) (tcpip.Error, error) {
	stop := context.AfterFunc(ctx, func() { c.w.NotifyEvent(0) })
	defer stop()
	for {
		c.w.block()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c.w.dead.Load() || c.h.l.over.Load() {
			return nil, errOver
		}
		switch tcp.EndpointState(c.ep.State()) {
		case tcp.StateConnecting, tcp.StateSynSent, tcp.StateSynRecv:
		default:
			return c.ep.LastError(), nil
		}
	}
}

// Listen announces a TCP port of the host (":80", "server:80"), as net.Listen
// does; port 0 picks one that is free.
func (h *Host) Listen(network, address string) (net.Listener, error) {
	l := h.l
	l.enter()
	at, err := h.own(address)
	if err == nil && network != "tcp" && network != "tcp4" && network != "tcp6" {
		err = net.UnknownNetworkError(network)
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	var q waiter.Queue
	ep, terr := h.stack.NewEndpoint(tcp.ProtocolNumber, netProto(h.addr), &q)
	if terr == nil {
		terr = ep.Bind(fullAddress(at))
	}
	if terr == nil {
		terr = ep.Listen(backlog)
	}
	if terr != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: net.TCPAddrFromAddrPort(at), Err: stackError(terr)}
	}
	l.mu.Lock()
	key := l.newKeys(1)
	l.mu.Unlock()
	ln := &Listener{h: h, ep: ep, key: key, side: l.newSide(key, &q, waiter.ReadableEvents)}
	if a, terr := ep.GetLocalAddress(); terr == nil {
		at = addrPort(a)
	}
	ln.at = at
	l.done(l.call(h, "listen", ln.key, nil), trace.Span{}, nil)
	return ln, nil
}

const backlog = 4096 // as Linux's net.core.somaxconn

// A Listener is a TCP socket that takes connections: a net.Listener.
type Listener struct {
	h    *Host
	ep   tcpip.Endpoint
	at   netip.AddrPort
	side *side
	key  uint64
}

// accepted is the connection that an accept call returned, once it has.
type accepted struct{ c *TCPConn }

func (a *accepted) stream() (trace.Stream, bool) {
	if a.c == nil {
		return 0, false
	}
	return a.c.stream()
}

// Accept implements net.Listener.
func (ln *Listener) Accept() (net.Conn, error) {
	l := ln.h.l
	l.enter()
	ln.side.one <- struct{}{}
	defer func() { <-ln.side.one }()
	var a accepted
	row := l.call(ln.h, "accept", ln.key, &a)
	ln.side.row = row
	for {
		if err := ln.side.over(); err != nil {
			err = &net.OpError{Op: "accept", Net: "tcp", Addr: ln.Addr(), Err: err}
			l.done(row, trace.Span{}, err)
			return nil, err
		}
		ln.side.arm()
		var peer tcpip.FullAddress
		ep, q, terr := ln.ep.Accept(&peer)
		switch terr.(type) {
		case nil:
			c := ln.h.newTCPConn(ep, q)
			c.named(addrPort(peer)) // which the socket forgets if it was reset already
			l.mu.Lock()
			a.c = c
			l.mu.Unlock()
			l.done(row, c.Span(true, -1, 0), nil)
			return c, nil
		case *tcpip.ErrWouldBlock:
			ln.side.block()
		default:
			err := &net.OpError{Op: "accept", Net: "tcp", Addr: ln.Addr(), Err: stackError(terr)}
			l.done(row, trace.Span{}, err)
			return nil, err
		}
	}
}

// Close implements net.Listener.
func (ln *Listener) Close() error {
	ln.h.l.enter()
	if ln.side.dead.Load() {
		return &net.OpError{Op: "close", Net: "tcp", Addr: ln.Addr(), Err: net.ErrClosed}
	}
	ln.h.l.pass(newGate(ln.key))
	ln.side.close()
	ln.ep.Close()
	return nil
}

// Addr implements net.Listener.
func (ln *Listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(ln.at) }

// SetDeadline sets the moment from which Accept fails, in lab time.
func (ln *Listener) SetDeadline(t time.Time) error {
	if err := ln.side.setDeadline(t); err != nil {
		return &net.OpError{Op: "set", Net: "tcp", Addr: ln.Addr(), Err: err}
	}
	return nil
}
