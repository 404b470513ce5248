package wire

import (
	"math"
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
	stream   trace.Stream // on which it sends
	tcp      *tcp.Endpoint
	touched  bool
	now      trace.Sample
	row      int           // of the last sample; -1: none
	since    time.Duration // when it entered its state
	resend   event         // a timeout that the stack forgot,
	resendAt uint32        // and what SND.UNA was when it was set
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
		e = &endpoint{l: l, stream: s, row: -1, host: l.hosts[c.Ends[s.End()].Host],
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

// delivering notes that the packet in row, on stream s, is about to be handed
// to the stack of a host, which counts if that is the other end.
func (l *Lab) delivering(s trace.Stream, row int, host uint16) {
	l.arrived = -1
	if s < 0 || l.tr.Conns[s.Conn()].Proto != packets.ProtocolTCP || l.tr.Conns[s.Conn()].Ends[1-s.End()].Host != host {
		return
	}
	rec := &l.tr.Packets[row]
	frame := l.tr.Received(rec)
	h := packets.Scan(frame)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.arrived = s
	e := l.endpoint(s ^ 1)
	e.touch()
	c, end := &l.tr.Conns[s.Conn()], s.End()
	if h.Flags.Has(packets.RST) || (rec.Flip >= 0 || rec.Hop) && !intact(frame) {
		return // a damaged segment tells nothing
	}
	if h.Flags.Has(packets.SYN) && e.now.RcvNxt == 0 {
		e.now.RcvNxt = 1
	}
	if e.now.SndNxt == 0 {
		return
	}
	if una := h.Ack - c.ISN[1-end]; h.Flags.Has(packets.ACK) && una-e.now.SndUna <= e.now.InFlight() {
		e.now.SndUna = una
		e.now.SndWnd = window(&h, c, end)
	}
}

// probe is told by a stack what became of an endpoint by the segment that was
// delivered.
func (l *Lab) probe(s *tcp.TCPEndpointState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.arrived < 0 {
		return
	}
	e := l.endpoint(l.arrived ^ 1)
	c, end := &l.tr.Conns[e.stream.Conn()], e.stream.End()
	if s.ID.LocalPort != c.Ends[end].Addr.Port() || s.ID.RemotePort != c.Ends[1-end].Addr.Port() {
		return
	}
	if una := uint32(s.Sender.SndUna) - c.ISN[end]; int32(una-e.now.SndUna) > 0 {
		e.now.SndUna = una
	}
	e.now.SndWnd = uint32(s.Sender.SndWnd)
	e.now.RcvNxt = uint32(s.Receiver.RcvNxt) - c.ISN[1-end]
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

// settle takes a sample of each endpoint that the last event may have changed,
// now that all is at rest.
func (l *Lab) settle() {
	for _, e := range l.touched {
		e.touched = false
		e.sample()
	}
	l.remember(l.touched)
	l.touched = l.touched[:0]
}

func (e *endpoint) sample() {
	l := e.l
	if e.tcp == nil && !e.find() {
		return // nobody listens there
	}
	var info tcpip.TCPInfoOption
	if err := e.tcp.GetSockOpt(&info); err != nil {
		return
	}
	s := &e.now
	before := s.State
	s.State = stateOf(tcp.EndpointState(e.tcp.State()))
	s.RTO, s.SRTT, s.RTTVar = info.RTO, info.RTT, info.RTTVar
	if w := s.Cwnd; info.SndCwnd == w+1 && w >= info.SndSsthresh && e.host.options.CongestionControl != "cubic" {
		e.recount(w)
	}
	s.Cwnd, s.Ssthresh = info.SndCwnd, info.SndSsthresh
	if s.Ssthresh == 0 || s.Ssthresh >= math.MaxInt32 {
		s.Ssthresh = trace.NoThreshold
	}
	s.Recovery = recoveryOf(info.CcState)
	s.At, s.Step, s.Cause = l.elapsed(), l.step, l.cause
	if s.State != before || e.row < 0 {
		e.since = s.At
	}
	if before == trace.SynReceived && s.State != before {
		e.uncount()
	}
	e.row = l.rec.Sample(*s, e.row)
}

// find asks the host's stack for the endpoint.
func (e *endpoint) find() bool {
	c, end := &e.l.tr.Conns[e.stream.Conn()], e.stream.End()
	local, remote := c.Ends[end].Addr, c.Ends[1-end].Addr
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
