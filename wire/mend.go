package wire

import (
	"unsafe"

	"gvisor.dev/gvisor/pkg/atomicbitops"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"wirelab/trace"
)

// Mistakes of this stack that show what is not TCP are mended here, with what it
// should have done itself (docs/STACK.md).
//
// It forgets its timer. A TCP that has sent something runs one until that is
// acknowledged (RFC 6298 section 5, rules 5.1 and 5.2). This stack has none
//   - after a tail loss probe or a FIN sent again, where a recovery came before:
//     postXmit starts the timer only while Outstanding is not 0, and a recovery
//     makes of Outstanding what RFC 6675 calls the pipe (SetPipe), which counts no
//     FIN and nothing that was lost (snd.go of its tcp package, rack.go);
//   - after a timeout at which the oldest segment is larger than the window,
//     because an older ACK came after a newer one and took room back:
//     maybeSendSegment leaves the segment to the next timeout, which postXmit
//     does not start, because Outstanding is 0.
//
// So the clock, which knows when no timer is left, lets the timeout come at its
// time, by calling what the timer would have called. And the window covers what
// was sent into it: a receiver must not take room back, and a sender must be
// ready for one that seems to (RFC 9293 section 3.8.6).
//
// It counts memory twice. A segment that completes a handshake and carries
// bytes is put into its endpoint's queue a second time (synRcvdState in
// connect.go), counted both times (enqueue in segment_queue.go), and given back
// once: that much of the receive buffer is lost, and if it is a small one no
// window opens any more.
//
// Its Reno is always in slow start. Congestion avoidance adds a segment to a
// window of w when w were acknowledged, and counts anew (RFC 5681 section 3.1).
// This stack takes what is left of the count by the window that has grown already
// (updateCongestionAvoidance in reno.go): w modulo w+1 is w, so that the next one
// acknowledged makes it grow again, and so does every one.

// sender is the stack's sender of e, while it has one; its lock must be held.
func (e *endpoint) sender() unsafe.Pointer {
	switch e.tcp.EndpointState() {
	case tcp.StateEstablished, tcp.StateFinWait1, tcp.StateFinWait2, tcp.StateCloseWait, tcp.StateClosing, tcp.StateLastAck:
		return *at[unsafe.Pointer](unsafe.Pointer(e.tcp), inside().sender)
	}
	return nil
}

// mend does, between two samples of e, what its stack should have done: before is
// the last sample, now what the stack says since. l.mu must not be held.
func (e *endpoint) mend(before *trace.Sample, now *answer) {
	if w := before.Cwnd; now.SndCwnd == w+1 && w >= now.SndSsthresh && e.host.options.CongestionControl != "cubic" {
		e.recount(w)
	}
	if before.State == trace.SynReceived && now.state != before.State {
		e.uncount()
	}
}

// forgotten is the sender of e if that has sent what is not acknowledged, and no
// timer of its stack will send it again; otherwise nil. Its lock must be held.
func (e *endpoint) forgotten() unsafe.Pointer {
	y, s := inside(), e.sender()
	if s == nil || *at[uint32](s, y.una) == *at[uint32](s, y.nxt) {
		return nil
	}
	for _, timer := range y.timers {
		if *at[int](s, timer+y.state) == timerEnabled {
			return nil
		}
	}
	// One that the stack stopped and that runs on without purpose must run out first.
	if *at[int](s, y.resend+y.state) != timerDisabled {
		return nil
	}
	return s
}

// remember lets the timeouts come that stacks forgot: at the endpoints that were
// just settled, or at any if the last event was a timer that did nothing. l.mu
// must be held; it is given up while a stack is asked.
func (l *Lab) remember() {
	for _, e := range l.settling {
		l.remind(e)
	}
	if len(l.settling) == 0 && l.cause == trace.AtTimer {
		if l.opt.Real {
			l.revisit() // the end of a TIME-WAIT, for one
		}
		for s := 0; s < len(l.watch); s++ { // on the real clock it may grow meanwhile
			l.remind(l.watch[s])
		}
	}
}

// remind sets the timeout of e if its stack forgot it. What is acknowledged
// meanwhile starts the time anew (RFC 6298 section 5, rule 5.3), and a timer that
// the stack starts after all takes its place.
func (l *Lab) remind(e *endpoint) {
	if e == nil || e.tcp == nil || e.now.InFlight() == 0 && e.resend.place == 0 {
		return
	}
	l.mu.Unlock()
	e.tcp.LockUser()
	forgotten := e.forgotten() != nil
	e.tcp.UnlockUser()
	var info tcpip.TCPInfoOption
	if forgotten {
		forgotten = e.tcp.GetSockOpt(&info) == nil
	}
	l.mu.Lock()
	if e.resend.place != 0 && forgotten && e.resendAt == e.now.SndUna {
		return
	}
	l.cancel(&e.resend)
	if forgotten {
		e.resendAt = e.now.SndUna
		l.schedule(&e.resend, info.RTO)
	}
}

// timeout is the retransmission timeout of an endpoint that forgot it. On the
// real clock the stack may act just before the last line: then it has a timer
// again, and what the timer calls sees that its time has not come.
func (e *endpoint) timeout() {
	e.tcp.LockUser()
	s := e.forgotten()
	if s == nil {
		e.tcp.UnlockUser()
		return
	}
	y := inside()
	wnd := at[uint32](s, y.wnd)
	*wnd = max(*wnd, *at[uint32](s, y.nxt)-*at[uint32](s, y.una))
	expired := *at[func()](s, y.resend+y.callback)
	e.tcp.UnlockUser()
	expired()
}

// uncount gives back the memory of the segment that has just completed the
// handshake of e, as far as it was counted twice. No other has come yet; but on
// the real clock the program may have read it already.
func (e *endpoint) uncount() {
	e.tcp.LockUser()
	defer e.tcp.UnlockUser()
	if e.sender() == nil {
		return
	}
	y, ep := inside(), unsafe.Pointer(e.tcp)
	memory := at[atomicbitops.Int32](ep, y.memory)
	twice := memory.Load()
	if *at[int](ep, y.unread) > 0 || *at[int](*at[unsafe.Pointer](ep, y.receiver), y.pending) > 0 {
		twice /= 2 // the segment is there, and its own
	}
	memory.Add(-twice)
}

// recount puts right what Reno's congestion avoidance has left of its count, where
// what was delivered last made the window grow from w.
func (e *endpoint) recount(w uint32) {
	e.tcp.LockUser()
	defer e.tcp.UnlockUser()
	y, s := inside(), e.sender()
	if s == nil || *at[int](s, y.cwnd) != int(w)+1 {
		return // on the real clock more has come since
	}
	counted := at[int](s, y.counted)
	// It was n modulo w+1 and is to be n-w, for an n from w to 2w-1.
	*counted = (*counted + 1) % (int(w) + 1)
}
