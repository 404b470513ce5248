package wire

import (
	"math"
	"net/netip"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"wirelab/packets"
	"wirelab/trace"
)

// An endpoint follows the state of one end of a TCP connection. The stack
// reports most of it at each segment received (its probe); at sends and timers
// it is asked; and during the handshake, when it tells neither, the headers
// say it.
type endpoint struct {
	l        *Lab
	host     *Host
	stream   trace.Stream      // on which it sends
	ends     [2]trace.Endpoint // its own, and its peer's
	tcp      *tcp.Endpoint     // known to the clock's goroutine only
	touched  bool
	probed   atomic.Bool // its stack has dealt with a segment since one was delivered
	now      trace.Sample
	row      int           // of the last sample; -1: none
	since    time.Duration // when it entered its state
	resend   event         // a timeout that the stack forgot,
	resendAt uint32        // and what SND.UNA was when it was set
	closed   bool          // its program has closed it,
	wrote    int64         // after so many bytes
}

// endpoint returns the end that sends on s. l.mu must be held.
func (l *Lab) endpoint(s trace.Stream) *endpoint {
	for int(s) >= len(l.watch) {
		l.watch = append(l.watch, nil)
	}
	e := l.watch[s]
	if was, renews := l.rec.Renews(s); e == nil && renews && l.watch[was] != nil {
		// The same socket, of which the record now speaks as of another connection.
		e, l.watch[was] = l.watch[was], nil
		e.stream, e.now.Conn = s, s.Conn()
		l.watch[s] = e
	}
	if e == nil {
		c := &l.tr.Conns[s.Conn()]
		e = &endpoint{l: l, stream: s, row: -1, host: l.hosts[c.Ends[s.End()].Host], ends: [2]trace.Endpoint{c.Ends[s.End()], c.Ends[1-s.End()]},
			now: trace.Sample{Conn: s.Conn(), End: uint8(s.End()), Ssthresh: trace.NoThreshold}}
		e.resend.cause, e.resend.call = trace.AtTimer, e.timeout
		l.watch[s] = e
	}
	return e
}

func (e *endpoint) touch() {
	if !e.touched {
		e.touched = true
		e.l.touched = append(e.l.touched, e)
		e.l.stir()
	}
}

// sent notes what a segment that e sends says of its state. l.mu must be held.
func (e *endpoint) sent(h *packets.Headers) {
	c, end := &e.l.tr.Conns[e.stream.Conn()], e.stream.End()
	e.touch()
	if h.Flags.Has(packets.RST) {
		return
	}
	e.now.SndNxt = uint32(e.l.rec.Next(e.stream) + 1)
	if h.Flags.Has(packets.ACK) {
		e.now.RcvNxt = h.Ack - c.ISN[1-end]
	}
	e.now.RcvWnd = window(h, c, end)
}

// window is the room that a segment sent by an end of c announces.
func window(h *packets.Headers, c *trace.Conn, end int) uint32 {
	if h.Flags.Has(packets.SYN) || !c.Scaled() {
		return uint32(h.Window)
	}
	return uint32(h.Window) << c.Scale[end]
}

// delivering notes that a frame is about to be handed to the stack of a host,
// which counts if that is the other end of its stream, and returns that end or
// nil; nil also if it is damaged, so that the stack will not take it. l.mu must be
// held.
func (l *Lab) delivering(f *frame, host uint16) *endpoint {
	rec, h := l.rec.At(f.row), &f.h
	s := rec.Span.Stream
	l.arrived = -1
	if s < 0 || l.tr.Conns[s.Conn()].Proto != packets.ProtocolTCP || l.tr.Conns[s.Conn()].Ends[1-s.End()].Host != host {
		return nil
	}
	l.arrived = s
	if sender := l.end(s); l.opt.Real && sender != nil && sender.touched && sender.row >= 0 {
		sender.note() // it sent this after the last samples were taken, and what it does comes first
	}
	e := l.endpoint(s ^ 1)
	e.touch()
	e.probed.Store(false)
	c, end := &l.tr.Conns[s.Conn()], s.End()
	if rec.Flip >= 0 || rec.Hop {
		frame := l.tr.Received(rec)
		if !intact(frame) {
			return nil // and tells nothing
		}
		h = new(packets.Scan(frame))
	}
	if h.Flags.Has(packets.RST) {
		return e
	}
	if h.Flags.Has(packets.SYN) && e.now.RcvNxt == 0 {
		e.now.RcvNxt = 1
	}
	if e.now.SndNxt == 0 {
		return e
	}
	if una := h.Ack - c.ISN[1-end]; h.Flags.Has(packets.ACK) && una-e.now.SndUna <= e.now.InFlight() {
		e.now.SndUna = una
		e.now.SndWnd = window(h, c, end)
	}
	return e
}

// probe is told by a stack what became of an endpoint by the segment that was
// delivered.
func (l *Lab) probe(s *tcp.TCPEndpointState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	on := l.arrived ^ 1
	if l.opt.Real { // where it may be a segment that came before
		on = l.streamOf(&s.ID)
	}
	if on < 0 {
		return
	}
	e := l.endpoint(on)
	c, end := &l.tr.Conns[e.stream.Conn()], e.stream.End()
	if s.ID.LocalPort != c.Ends[end].Addr.Port() || s.ID.RemotePort != c.Ends[1-end].Addr.Port() {
		return
	}
	if una := uint32(s.Sender.SndUna) - c.ISN[end]; int32(una-e.now.SndUna) > 0 {
		e.now.SndUna = una
	}
	e.now.SndWnd = uint32(s.Sender.SndWnd)
	e.now.RcvNxt = uint32(s.Receiver.RcvNxt) - c.ISN[1-end]
	if l.opt.Real {
		e.probed.Store(true)
		e.touch()
	}
}

// streamOf is the stream on which the endpoint of that name sends; -1: none.
// l.mu must be held.
func (l *Lab) streamOf(id *tcp.TCPEndpointID) trace.Stream {
	local, _ := netip.AddrFromSlice(id.LocalAddress.AsSlice())
	remote, _ := netip.AddrFromSlice(id.RemoteAddress.AsSlice())
	s, ok := l.rec.Find(packets.ProtocolTCP, netip.AddrPortFrom(local, id.LocalPort), netip.AddrPortFrom(remote, id.RemotePort))
	if !ok {
		return -1
	}
	return s
}

// revisit touches the endpoints whose state changed and which no packet told of:
// a stack that gives up a connection which its program has closed.
func (l *Lab) revisit() {
	for _, e := range l.watch {
		if e != nil && e.tcp != nil && stateOf(e.tcp.EndpointState()) != e.now.State {
			e.touch()
		}
	}
}

// settle takes a sample of each endpoint that was touched since the last time,
// which in virtual time is by one event, now that all is at rest, and mends what
// its stack did wrong (mend.go). l.mu must be held; it is given up while a stack
// is asked, because stacks call the lab with their own locks held.
func (l *Lab) settle() {
	l.touched, l.settling = l.settling[:0], l.touched
	for _, e := range l.settling {
		e.touched = false
		before := e.now
		l.mu.Unlock()
		now, ok := e.ask()
		if ok {
			e.mend(&before, &now)
		}
		l.mu.Lock()
		if ok {
			e.sample(&now)
		}
	}
	l.remember()
}

// connected says whether the stack tells of every segment that the endpoint
// takes. It is for the clock's goroutine.
func (e *endpoint) connected() bool {
	if e.tcp == nil {
		return false
	}
	switch stateOf(e.tcp.EndpointState()) {
	case trace.Established, trace.FinWait1, trace.FinWait2, trace.CloseWait, trace.Closing, trace.LastAck:
		return true
	}
	return false
}

// An answer is what a stack knows of an endpoint.
type answer struct {
	tcpip.TCPInfoOption
	state trace.State
}

// ask gets the answer of the endpoint's stack; false: nobody is there. l.mu must
// not be held.
func (e *endpoint) ask() (a answer, ok bool) {
	if e.tcp == nil && !e.find() {
		return a, false
	}
	if err := e.tcp.GetSockOpt(&a.TCPInfoOption); err != nil {
		return a, false
	}
	a.state = stateOf(e.tcp.EndpointState())
	return a, true
}

// sample notes what the stack said of the endpoint. l.mu must be held.
func (e *endpoint) sample(info *answer) {
	s := &e.now
	before := s.State
	s.State = info.state
	s.RTO, s.SRTT, s.RTTVar = info.RTO, info.RTT, info.RTTVar
	s.Cwnd, s.Ssthresh = info.SndCwnd, info.SndSsthresh
	if s.Ssthresh == 0 || s.Ssthresh >= math.MaxInt32 {
		s.Ssthresh = trace.NoThreshold
	}
	s.Recovery = recoveryOf(info.CcState)
	if s.State != before || e.row < 0 {
		e.since = e.l.elapsed()
	}
	e.note()
	if s.State == trace.Closed && before != trace.Closed {
		e.l.gone(e)
	}
}

// note records what is known of the endpoint. l.mu must be held.
func (e *endpoint) note() {
	s, l := &e.now, e.l
	s.At, s.Step, s.Cause = l.elapsed(), l.step, l.cause
	e.row = l.rec.Sample(*s, e.row)
}

// find asks the host's stack for the endpoint.
func (e *endpoint) find() bool {
	local, remote := e.ends[0].Addr, e.ends[1].Addr
	found := e.host.stack.FindTransportEndpoint(netProto(local.Addr()), tcp.ProtocolNumber, stack.TransportEndpointID{
		LocalPort: local.Port(), LocalAddress: tcpip.AddrFromSlice(local.Addr().AsSlice()),
		RemotePort: remote.Port(), RemoteAddress: tcpip.AddrFromSlice(remote.Addr().AsSlice())}, 0)
	ep, ok := found.(*tcp.Endpoint)
	if !ok || ep.EndpointState() == tcp.StateListen {
		return false
	}
	e.tcp = ep
	return true
}

func recoveryOf(s tcpip.CongestionControlState) trace.Recovery {
	switch s {
	case tcpip.RTORecovery:
		return trace.RTORecovery
	case tcpip.FastRecovery:
		return trace.FastRecovery
	case tcpip.SACKRecovery:
		return trace.SACKRecovery
	case tcpip.Disorder:
		return trace.Disorder
	}
	return trace.Open
}

// stateOf translates the stack's state into the RFC's.
func stateOf(s tcp.EndpointState) trace.State {
	switch s {
	case tcp.StateEstablished:
		return trace.Established
	case tcp.StateSynSent, tcp.StateConnecting:
		return trace.SynSent
	case tcp.StateSynRecv:
		return trace.SynReceived
	case tcp.StateFinWait1:
		return trace.FinWait1
	case tcp.StateFinWait2:
		return trace.FinWait2
	case tcp.StateTimeWait:
		return trace.TimeWait
	case tcp.StateCloseWait:
		return trace.CloseWait
	case tcp.StateLastAck:
		return trace.LastAck
	case tcp.StateClosing:
		return trace.Closing
	case tcp.StateListen:
		return trace.Listen
	}
	return trace.Closed
}
