package wire

import (
	"bytes"
	"net"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"

	"wirelab/packets"
	"wirelab/trace"
)

// A UDPConn is a UDP socket of a host: a net.PacketConn, and a net.Conn if it
// was dialled.
type UDPConn struct {
	h     *Host
	ep    tcpip.Endpoint
	local netip.AddrPort
	peer  netip.AddrPort // of a dialled socket
	r, w  *side
	key   uint64
}

// ListenPacket announces a UDP port of the host, as net.ListenPacket does.
func (h *Host) ListenPacket(network, address string) (net.PacketConn, error) {
	h.l.enter()
	at, err := h.own(address)
	if err == nil && network != "udp" && network != "udp4" && network != "udp6" {
		err = net.UnknownNetworkError(network)
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	c, err := h.newUDPConn(func(ep tcpip.Endpoint) tcpip.Error { return ep.Bind(fullAddress(at)) })
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: net.UDPAddrFromAddrPort(at), Err: err}
	}
	return c, nil
}

func (h *Host) dialUDP(to netip.AddrPort) (net.Conn, error) {
	h.l.pass(h.l.ownGate())
	c, err := h.newUDPConn(func(ep tcpip.Endpoint) tcpip.Error { return ep.Connect(fullAddress(to)) })
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "udp", Addr: net.UDPAddrFromAddrPort(to), Err: err}
	}
	c.peer = to
	return c, nil
}

func (h *Host) newUDPConn(set func(tcpip.Endpoint) tcpip.Error) (*UDPConn, error) {
	l := h.l
	if l.over.Load() {
		return nil, errOver
	}
	var q waiter.Queue
	ep, terr := h.stack.NewEndpoint(udp.ProtocolNumber, netProto(h.addr), &q)
	if terr == nil {
		terr = set(ep)
	}
	if terr != nil {
		return nil, stackError(terr)
	}
	l.mu.Lock()
	key := l.newKeys(3)
	l.mu.Unlock()
	c := &UDPConn{h: h, ep: ep, key: key,
		r: l.newSide(key, &q, waiter.ReadableEvents), w: l.newSide(key+1, &q, waiter.WritableEvents)}
	if a, err := ep.GetLocalAddress(); err == nil {
		c.local = netip.AddrPortFrom(h.addr, a.Port)
	}
	return c, nil
}

// ReadFrom implements net.PacketConn. What does not fit into b of a datagram is
// lost.
func (c *UDPConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.readFrom(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

func (c *UDPConn) readFrom(b []byte) (int, netip.AddrPort, error) {
	l := c.h.l
	l.enter()
	c.r.one <- struct{}{}
	defer func() { <-c.r.one }()
	var f flowTo
	row := l.call(c.h, "read", c.key, &f)
	c.r.row = row
	if c.ep.Readiness(waiter.ReadableEvents) != 0 {
		l.pass(newGate(c.key))
	}
	for {
		if err := c.r.over(); err != nil {
			err = c.fail("read", err)
			l.done(row, trace.Span{}, err)
			return 0, netip.AddrPort{}, err
		}
		c.r.arm()
		w := tcpip.SliceWriter(b)
		res, terr := c.ep.Read(&w, tcpip.ReadOptions{NeedRemoteAddr: true})
		switch terr.(type) {
		case nil:
			from := addrPort(res.RemoteAddr)
			l.done(row, c.taken(&f, from, int64(res.Count)), nil)
			return res.Count, from, nil
		case *tcpip.ErrWouldBlock:
			c.r.block()
		default:
			err := c.fail("read", stackError(terr))
			l.done(row, trace.Span{}, err)
			return 0, netip.AddrPort{}, err
		}
	}
}

// taken is the span of the n bytes that the socket has just given up: those of
// the oldest datagram from there that was delivered and not yet read. It notes
// the flow in f.
func (c *UDPConn) taken(f *flowTo, from netip.AddrPort, n int64) trace.Span {
	l := c.h.l
	// On the real clock the host may still be busy with the frame that brought it.
	c.h.dealing.Lock()
	defer c.h.dealing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	*f = flowTo{c, from}
	s, ok := l.rec.Find(packets.ProtocolUDP, from, c.local)
	if !ok {
		return trace.Span{}
	}
	return trace.Span{Stream: s, Unit: l.rec.Take(s), Lo: 0, Hi: n}
}

// WriteTo implements net.PacketConn.
func (c *UDPConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	to, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return 0, c.fail("write", err)
	}
	return c.write(b, to, tcpip.WriteOptions{To: new(fullAddress(to))})
}

func (c *UDPConn) write(b []byte, to netip.AddrPort, opt tcpip.WriteOptions) (int, error) {
	span, err := c.send(b, to, opt)
	return int(span.Len()), err
}

func (c *UDPConn) send(b []byte, to netip.AddrPort, opt tcpip.WriteOptions) (trace.Span, error) {
	l := c.h.l
	l.enter()
	c.w.one <- struct{}{}
	defer func() { <-c.w.one }()
	row := l.call(c.h, "write", c.key+1, &flowTo{c, to})
	c.w.row = row
	l.pass(newGate(c.key + 1))
	for {
		if err := c.w.over(); err != nil {
			err = c.fail("write", err)
			l.done(row, trace.Span{}, err)
			return trace.Span{}, err
		}
		c.w.arm()
		size := header.UDPMinimumSize + len(b)
		unit := c.offer(to, size)
		n, terr := int64(0), c.h.identify(c.ep, size)
		if terr == nil {
			n, terr = c.ep.Write(bytes.NewReader(b), opt)
		}
		if terr != nil {
			l.mu.Lock()
			l.rec.Withdraw(c.h.number, c.local, to)
			l.mu.Unlock()
		}
		switch terr.(type) {
		case nil:
			span := c.given(to, unit, n)
			l.done(row, span, nil)
			return span, nil
		case *tcpip.ErrWouldBlock:
			c.w.block()
		default:
			err := c.fail("write", stackError(terr))
			l.done(row, trace.Span{}, err)
			return trace.Span{}, err
		}
	}
}

// Send sends b as one datagram to a peer and returns its span.
func (c *UDPConn) Send(b []byte, to net.Addr) (trace.Span, error) {
	if c.peer.IsValid() {
		return c.send(b, c.peer, tcpip.WriteOptions{})
	}
	peer, err := netip.ParseAddrPort(to.String())
	if err != nil {
		return trace.Span{}, c.fail("write", err)
	}
	return c.send(b, peer, tcpip.WriteOptions{To: new(fullAddress(peer))})
}

// offer notes that a datagram is about to be written, of so many bytes with its
// header, and returns its unit.
func (c *UDPConn) offer(to netip.AddrPort, size int) int32 {
	l := c.h.l
	l.mu.Lock()
	defer l.mu.Unlock()
	c.h.lose()
	return l.rec.Offer(c.h.number, c.local, to, c.h.pieces(size))
}

// given is the span of the datagram of n bytes that was just written.
func (c *UDPConn) given(to netip.AddrPort, unit int32, n int64) trace.Span {
	l := c.h.l
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.rec.Flow(packets.ProtocolUDP, trace.Endpoint{Host: c.h.number, Addr: c.local}, to, l.elapsed())
	return trace.Span{Stream: s, Unit: unit, Lo: 0, Hi: n}
}

// lose tells the recorder of packets that the stack threw away since it last
// did, because nobody told it the card address to which they were to go, or too
// many waited for it. l.mu must be held.
func (h *Host) lose() {
	if n := h.stack.Stats().IP.OutgoingPacketErrors.Value(); n > h.unsent {
		h.l.rec.Lose(h.number, int(n-h.unsent))
		h.unsent = n
	}
}

// flowTo is the flow from a UDP socket to a peer.
type flowTo struct {
	c    *UDPConn
	peer netip.AddrPort
}

func (f *flowTo) stream() (trace.Stream, bool) {
	if f.c == nil {
		return 0, false
	}
	return f.c.h.l.rec.Find(packets.ProtocolUDP, f.c.local, f.peer)
}

// Read implements net.Conn.
func (c *UDPConn) Read(b []byte) (int, error) {
	n, _, err := c.readFrom(b)
	return n, err
}

// Write implements net.Conn, for a socket that was dialled.
func (c *UDPConn) Write(b []byte) (int, error) { return c.write(b, c.peer, tcpip.WriteOptions{}) }

// Close implements net.Conn.
func (c *UDPConn) Close() error {
	l := c.h.l
	l.enter()
	if c.r.dead.Load() {
		return c.fail("close", net.ErrClosed)
	}
	row := l.call(c.h, "close", c.key+2, &flowTo{c, c.peer})
	l.pass(newGate(c.key + 2))
	c.r.close()
	c.w.close()
	c.ep.Close()
	l.done(row, trace.Span{}, nil)
	return nil
}

// LocalAddr implements net.Conn.
func (c *UDPConn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.local) }

// RemoteAddr implements net.Conn.
func (c *UDPConn) RemoteAddr() net.Addr {
	if !c.peer.IsValid() {
		return nil
	}
	return net.UDPAddrFromAddrPort(c.peer)
}

// SetDeadline implements net.Conn, in lab time.
func (c *UDPConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn, in lab time.
func (c *UDPConn) SetReadDeadline(t time.Time) error {
	if err := c.r.setDeadline(t); err != nil {
		return c.fail("set", err)
	}
	return nil
}

// SetWriteDeadline implements net.Conn, in lab time.
func (c *UDPConn) SetWriteDeadline(t time.Time) error {
	if err := c.w.setDeadline(t); err != nil {
		return c.fail("set", err)
	}
	return nil
}

func (c *UDPConn) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
