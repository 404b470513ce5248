package wire

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/waiter"

	"wirelab/trace"
)

// An ICMPConn is what ping and traceroute open: a socket that sends echo
// requests, and a raw one that sees every ICMP message that comes to the host.
type ICMPConn struct {
	h    *Host
	ping tcpip.Endpoint // sends: it cuts what is too large, which a raw socket of this stack does not
	ep   tcpip.Endpoint // receives
	r    *side
	key  uint64
	echo uint16 // the identifier of its requests
}

// An ICMPMessage is what came to an ICMPConn.
type ICMPMessage struct {
	From     netip.Addr
	Kind     ICMPKind
	Seq      int // of the echo request that it answers, or that had to be dropped
	Payload  int // bytes behind the ICMP header
	HopLimit int // TTL or hop limit that was left of its own packet; 0: not known
}

// An ICMPKind is what an ICMPMessage says.
type ICMPKind uint8

// The kinds that an ICMPConn tells apart.
const (
	OtherICMP    ICMPKind = iota
	EchoReply             // the destination answers
	TimeExceeded          // a router found the packet's TTL used up
	Unreachable           // somebody on the way cannot deliver it
)

// ListenICMP opens a raw ICMP socket. Its echo requests bear the identifier id.
func (h *Host) ListenICMP(id uint16) (*ICMPConn, error) {
	l := h.l
	l.enter()
	if l.over.Load() {
		return nil, errOver
	}
	var q waiter.Queue
	fail := func(err tcpip.Error) error { return &net.OpError{Op: "listen", Net: "icmp", Err: stackError(err)} }
	ep, err := h.stack.NewRawEndpoint(h.icmp(), netProto(h.addr), &q, true)
	if err != nil {
		return nil, fail(err)
	}
	ping, err := h.stack.NewEndpoint(h.icmp(), netProto(h.addr), &q)
	if err == nil {
		err = ping.Bind(tcpip.FullAddress{Port: id}) // the port of a ping socket is its identifier
	}
	if err != nil {
		ep.Close()
		return nil, fail(err)
	}
	l.mu.Lock()
	key := l.newKeys(3)
	l.mu.Unlock()
	c := &ICMPConn{h: h, ep: ep, ping: ping, key: key, r: l.newSide(key, &q, waiter.ReadableEvents), echo: id}
	return c, nil
}

func (h *Host) icmp() tcpip.TransportProtocolNumber {
	if h.addr.Is6() {
		return header.ICMPv6ProtocolNumber
	}
	return header.ICMPv4ProtocolNumber
}

// Echo sends an echo request with a sequence number, a hop limit (TTL; 0: the
// stack's default of 64) and a payload.
func (c *ICMPConn) Echo(to netip.Addr, seq, hops int, payload []byte) error {
	l := c.h.l
	l.enter()
	row := l.call(c.h, "send", c.key, nil)
	l.pass(newGate(c.key))
	err := c.send(to, seq, hops, payload)
	l.done(row, trace.Span{}, err)
	return err
}

func (c *ICMPConn) send(to netip.Addr, seq, hops int, payload []byte) error {
	fail := func(err error) error {
		return &net.OpError{Op: "write", Net: "icmp", Addr: &net.IPAddr{IP: to.AsSlice()}, Err: err}
	}
	if c.r.dead.Load() {
		return fail(net.ErrClosed)
	}
	option, fromDefault := tcpip.IPv4TTLOption, tcpip.UseDefaultIPv4TTL
	if to.Is6() {
		option, fromDefault = tcpip.IPv6HopLimitOption, tcpip.UseDefaultIPv6HopLimit
	}
	if hops == 0 {
		hops = fromDefault
	}
	if err := c.ping.SetSockOptInt(option, hops); err != nil {
		return fail(stackError(err))
	}
	b := c.request(to, seq, payload)
	if err := c.h.identify(c.ping, len(b)); err != nil {
		return fail(stackError(err))
	}
	dst := fullAddress(netip.AddrPortFrom(to, 0))
	if _, err := c.ping.Write(bytes.NewReader(b), tcpip.WriteOptions{To: &dst}); err != nil {
		return fail(stackError(err))
	}
	return nil
}

// request builds an echo request (RFC 792, RFC 4443 section 4.1); the stack
// adds identifier and checksum.
func (c *ICMPConn) request(to netip.Addr, seq int, payload []byte) []byte {
	b := make([]byte, header.ICMPv4MinimumSize, header.ICMPv4MinimumSize+len(payload))
	if to.Is6() {
		header.ICMPv6(b).SetType(header.ICMPv6EchoRequest)
		header.ICMPv6(b).SetSequence(uint16(seq))
	} else {
		header.ICMPv4(b).SetType(header.ICMPv4Echo)
		header.ICMPv4(b).SetSequence(uint16(seq))
	}
	return append(b, payload...)
}

// Receive waits for the next message that concerns the socket's own requests.
func (c *ICMPConn) Receive() (ICMPMessage, error) {
	l := c.h.l
	l.enter()
	c.r.one <- struct{}{}
	defer func() { <-c.r.one }()
	row := l.call(c.h, "receive", c.key+1, nil)
	c.r.row = row
	if c.ep.Readiness(waiter.ReadableEvents)|c.ping.Readiness(waiter.ReadableEvents) != 0 {
		l.pass(newGate(c.key + 1))
	}
	m, err := c.receive()
	l.done(row, trace.Span{}, err)
	return m, err
}

func (c *ICMPConn) receive() (ICMPMessage, error) {
	fail := func(err error) error { return &net.OpError{Op: "read", Net: "icmp", Err: err} }
	for {
		if err := c.r.over(); err != nil {
			return ICMPMessage{}, fail(err)
		}
		c.r.arm()
		m, ok, err := c.take(c.ep)
		if _, empty := err.(*tcpip.ErrWouldBlock); empty {
			m, ok, err = c.take(c.ping)
		}
		switch err.(type) {
		case nil:
			if ok {
				return m, nil
			}
		case *tcpip.ErrWouldBlock:
			c.r.block()
		default:
			return ICMPMessage{}, fail(stackError(err))
		}
	}
}

// take reads the oldest message of one of the two sockets, and says whether it
// is for the program. Of IPv6 the raw socket does not see an answer that came in
// fragments, so that answers are taken from the other one.
func (c *ICMPConn) take(ep tcpip.Endpoint) (m ICMPMessage, ok bool, err tcpip.Error) {
	var b bytes.Buffer
	res, err := ep.Read(&b, tcpip.ReadOptions{NeedRemoteAddr: true})
	if err != nil {
		return m, false, err
	}
	if m, ok = c.parse(b.Bytes(), ep == c.ep); !ok {
		return m, false, nil
	}
	m.From, _ = netip.AddrFromSlice(res.RemoteAddr.Addr.AsSlice())
	from := c.ep
	if m.Kind == EchoReply && c.h.addr.Is6() {
		from = c.ping
	}
	return m, ep == from, nil
}

// parse reads a message, and says whether it concerns a request of c's. On IPv4
// a raw socket gives the IP header too.
func (c *ICMPConn) parse(b []byte, raw bool) (m ICMPMessage, ok bool) {
	v6 := c.h.addr.Is6()
	if raw && !v6 {
		if len(b) < header.IPv4MinimumSize {
			return m, false
		}
		m.HopLimit = int(header.IPv4(b).TTL())
		b = b[min(int(b[0]&15)*4, len(b)):]
	}
	if len(b) < 8 {
		return m, false
	}
	m.Payload = len(b) - 8
	switch {
	case !v6 && b[0] == byte(header.ICMPv4EchoReply), v6 && b[0] == byte(header.ICMPv6EchoReply):
		m.Kind = EchoReply
		m.Seq = int(binary.BigEndian.Uint16(b[6:]))
		return m, binary.BigEndian.Uint16(b[4:]) == c.echo
	case !v6 && b[0] == byte(header.ICMPv4TimeExceeded), v6 && b[0] == byte(header.ICMPv6TimeExceeded):
		m.Kind = TimeExceeded
	case !v6 && b[0] == byte(header.ICMPv4DstUnreachable), v6 && b[0] == byte(header.ICMPv6DstUnreachable):
		m.Kind = Unreachable
	default:
		return m, false
	}
	// An error quotes the packet that it is about.
	quoted := b[8:]
	n := header.IPv6MinimumSize
	if !v6 && len(quoted) > 0 {
		n = int(quoted[0]&15) * 4
	}
	if len(quoted) < n+8 {
		return m, false
	}
	quoted = quoted[n:]
	m.Seq = int(binary.BigEndian.Uint16(quoted[6:]))
	return m, binary.BigEndian.Uint16(quoted[4:]) == c.echo
}

// SetReadDeadline sets the moment from which Receive fails, in lab time.
func (c *ICMPConn) SetReadDeadline(t time.Time) { c.r.setDeadline(t) }

// Close closes the socket.
func (c *ICMPConn) Close() error {
	l := c.h.l
	l.enter()
	if c.r.dead.Load() {
		return &net.OpError{Op: "close", Net: "icmp", Err: net.ErrClosed}
	}
	row := l.call(c.h, "close", c.key+2, nil)
	l.pass(newGate(c.key + 2))
	c.r.close()
	c.ping.Close()
	c.ep.Close()
	l.done(row, trace.Span{}, nil)
	return nil
}
