package wire

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"wirelab/packets"
	"wirelab/trace"
)

// A TCPConn is a connected TCP socket of a host: a net.Conn whose calls are
// recorded, and whose waiting is in lab time.
type TCPConn struct {
	h             *Host
	ep            tcpip.Endpoint
	local, remote netip.AddrPort
	r, w          *side
	key           uint64
	readGate      *gate
	writeGate     *gate
	in            tcpip.SliceWriter
	out           bytes.Reader
	read          int64        // bytes so far
	written       atomic.Int64 // the same
	finished      bool         // a FIN was asked for
	sends         trace.Stream // on which this end sends, once it is known:
	known         bool         // the ports may be used again later
}

// newTCPConn wraps a socket. Its keys order it among all sockets of the lab.
func (h *Host) newTCPConn(ep tcpip.Endpoint, q *waiter.Queue) *TCPConn {
	l := h.l
	l.mu.Lock()
	key := l.newKeys(4)
	l.mu.Unlock()
	c := &TCPConn{h: h, ep: ep, key: key, readGate: newGate(key), writeGate: newGate(key + 1),
		r: l.newSide(key, q, waiter.ReadableEvents), w: l.newSide(key+1, q, waiter.WritableEvents)}
	c.r.conn, c.w.conn = c, c
	return c
}

// named notes the socket's addresses, which it forgets when it is closed. to is
// the peer, if that was given.
func (c *TCPConn) named(to netip.AddrPort) {
	var local netip.AddrPort
	if a, err := c.ep.GetLocalAddress(); err == nil {
		local = addrPort(a)
	}
	if a, err := c.ep.GetRemoteAddress(); err == nil && !to.IsValid() {
		to = addrPort(a)
	}
	c.h.l.mu.Lock()
	c.local, c.remote = local, to
	c.h.l.mu.Unlock()
}

// stream implements flowed. l.mu must be held, or all be at rest.
func (c *TCPConn) stream() (trace.Stream, bool) {
	if !c.known {
		c.sends, c.known = c.h.l.rec.Find(packets.ProtocolTCP, c.local, c.remote)
	}
	return c.sends, c.known
}

// Span returns bytes [lo, hi) of what this end writes (own) or reads.
func (c *TCPConn) Span(own bool, lo, hi int64) trace.Span {
	c.h.l.mu.Lock()
	defer c.h.l.mu.Unlock()
	return c.span(own, lo, hi)
}

func (c *TCPConn) span(own bool, lo, hi int64) trace.Span {
	s, ok := c.stream()
	if !ok {
		return trace.Span{}
	}
	if !own {
		s ^= 1
	}
	return trace.Span{Stream: s, Lo: lo, Hi: hi}
}

// Read implements net.Conn.
func (c *TCPConn) Read(b []byte) (int, error) {
	l := c.h.l
	l.enter()
	c.r.one <- struct{}{}
	defer func() { <-c.r.one }()
	row := l.call(c.h, "read", c.key, c)
	c.r.row = row
	// Taking bytes makes room, which may make the stack send: it needs a turn.
	// Without any there is nothing to order; the wake-up is an event.
	if c.ep.Readiness(waiter.ReadableEvents) != 0 {
		l.pass(c.readGate)
	}
	n, err := c.receive(b)
	l.done(row, c.Span(false, c.read, c.read+int64(n)), err)
	c.read += int64(n)
	return n, err
}

func (c *TCPConn) receive(b []byte) (int, error) {
	for {
		if err := c.r.over(); err != nil {
			return 0, c.fail("read", err)
		}
		c.r.arm()
		c.in = b
		res, err := c.ep.Read(&c.in, tcpip.ReadOptions{})
		switch err.(type) {
		case nil:
			c.ep.ModerateRecvBuf(res.Count)
			return res.Count, nil
		case *tcpip.ErrWouldBlock:
			if len(b) == 0 {
				return 0, nil
			}
			c.r.block()
		case *tcpip.ErrClosedForReceive:
			return 0, io.EOF
		default:
			return 0, c.fail("read", stackError(err))
		}
	}
}

// Write implements net.Conn. It returns when the stack has accepted all of b,
// which says nothing of its arrival.
func (c *TCPConn) Write(b []byte) (int, error) {
	l := c.h.l
	l.enter()
	c.w.one <- struct{}{}
	defer func() { <-c.w.one }()
	row := l.call(c.h, "write", c.key+1, c)
	c.w.row = row
	l.pass(c.writeGate)
	from := c.written.Load()
	n, err := c.transmit(b)
	l.done(row, c.Span(true, from, c.written.Load()), err)
	return n, err
}

func (c *TCPConn) transmit(b []byte) (n int, _ error) {
	for {
		if err := c.w.over(); err != nil {
			return n, c.fail("write", err)
		}
		c.w.arm()
		c.out.Reset(b[n:])
		k, err := c.ep.Write(&c.out, tcpip.WriteOptions{})
		n += int(k)
		c.written.Add(k) // here, because Close may come while the rest waits
		switch err.(type) {
		case nil:
			if n == len(b) {
				return n, nil
			}
		case *tcpip.ErrWouldBlock:
			c.w.block()
		default:
			return n, c.fail("write", stackError(err))
		}
	}
}

// Close implements net.Conn. If bytes that arrived were not read the stack
// resets the connection (RFC 9293 section 3.6.1), else it sends a FIN.
func (c *TCPConn) Close() error {
	l := c.h.l
	l.enter()
	if c.r.dead.Load() {
		return c.fail("close", net.ErrClosed)
	}
	row := l.call(c.h, "close", c.key+2, c)
	l.pass(newGate(c.key + 2))
	c.r.close()
	c.w.close()
	c.ep.Close()
	l.done(row, c.finish(true), nil)
	return nil
}

// finish is the span of the FIN that the stack was just asked for, if it was
// the first time and the connection was not reset instead. close says that the
// program will hear no more of the connection.
func (c *TCPConn) finish(close bool) trace.Span {
	l := c.h.l
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := c.stream()
	var e *endpoint
	if ok {
		e = l.end(s)
	}
	if e != nil {
		e.touch() // its state changes, also if the FIN itself must wait
	}
	switch tcp.EndpointState(c.ep.State()) {
	case tcp.StateError, tcp.StateClose:
		return trace.Span{}
	}
	n := c.written.Load()
	if e != nil {
		e.closed, e.wrote = e.closed || close, n
	}
	if c.finished {
		return trace.Span{}
	}
	c.finished = true
	return c.span(true, n, n+1)
}

// CloseWrite says that this end has no more to send: the stack sends a FIN
// behind what was written. Reading goes on.
func (c *TCPConn) CloseWrite() error {
	l := c.h.l
	l.enter()
	if c.r.dead.Load() {
		return c.fail("shutdown", net.ErrClosed)
	}
	row := l.call(c.h, "shutdown", c.key+3, c)
	l.pass(newGate(c.key + 3))
	var err error
	if terr := c.ep.Shutdown(tcpip.ShutdownWrite); terr != nil {
		err = c.fail("shutdown", stackError(terr))
	}
	l.done(row, c.finish(false), err)
	return err
}

// SetNoDelay says whether small writes are sent at once (the default) or held
// while data is unacknowledged (Nagle; RFC 9293 section 3.7.4).
func (c *TCPConn) SetNoDelay(now bool) { c.ep.SocketOptions().SetDelayOption(!now) }

// Abortive makes Close send a RST and forget what was not yet sent.
func (c *TCPConn) Abortive() {
	c.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: true})
}

// LocalAddr implements net.Conn.
func (c *TCPConn) LocalAddr() net.Addr { return net.TCPAddrFromAddrPort(c.local) }

// RemoteAddr implements net.Conn.
func (c *TCPConn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

// SetDeadline implements net.Conn, in lab time.
func (c *TCPConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn, in lab time.
func (c *TCPConn) SetReadDeadline(t time.Time) error {
	if err := c.r.setDeadline(t); err != nil {
		return c.fail("set", err)
	}
	return nil
}

// SetWriteDeadline implements net.Conn, in lab time.
func (c *TCPConn) SetWriteDeadline(t time.Time) error {
	if err := c.w.setDeadline(t); err != nil {
		return c.fail("set", err)
	}
	return nil
}

func (c *TCPConn) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
