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

// forgotten says whether e has sent what is not acknowledged, and no timer of
// its stack will send it again.
func (e *endpoint) forgotten() bool {
	e.tcp.LockUser()
	defer e.tcp.UnlockUser()
	y, s := inside(), e.sender()
	if s == nil || *at[uint32](s, y.una) == *at[uint32](s, y.nxt) {
		return false
	}
	for _, timer := range y.timers {
		if *at[int](s, timer+y.state) == timerEnabled {
			return false
		}
	}
	// One that the stack stopped and that runs on without purpose must run out first.
	return *at[int](s, y.resend+y.state) == timerDisabled
}

// remember lets the timeouts come that stacks forgot: at endpoints that the last
// event touched, or at any if it was a timer that did nothing. What is
// acknowledged meanwhile starts the time anew (RFC 6298 section 5, rule 5.3), and
// a timer that the stack starts after all takes its place.
func (l *Lab) remember(touched []*endpoint) {
	if len(touched) == 0 && l.cause == trace.AtTimer {
		touched = l.watch
	}
	for _, e := range touched {
		if e == nil || e.tcp == nil || e.now.InFlight() == 0 && e.resend.place == 0 {
			continue
		}
		forgotten := e.forgotten()
		if e.resend.place != 0 && forgotten && e.resendAt == e.now.SndUna {
			continue
		}
		l.mu.Lock()
		l.cancel(&e.resend)
		l.mu.Unlock()
		var info tcpip.TCPInfoOption
		if err := e.tcp.GetSockOpt(&info); forgotten && err == nil {
			e.resendAt = e.now.SndUna
			l.after(&e.resend, info.RTO)
		}
	}
}

// timeout is the retransmission timeout of an endpoint that forgot it.
func (e *endpoint) timeout() {
	if !e.forgotten() {
		return
	}
	e.tcp.LockUser()
	y, s := inside(), e.sender()
	wnd := at[uint32](s, y.wnd)
	*wnd = max(*wnd, *at[uint32](s, y.nxt)-*at[uint32](s, y.una))
	expired := *at[func()](s, y.resend+y.callback)
	e.tcp.UnlockUser()
	expired()
}

// uncount gives back the memory of the segment that has just completed the
// handshake of e, as far as it was counted twice. No other has come yet.
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
// the segment just delivered made the window grow from w.
func (e *endpoint) recount(w uint32) {
	e.tcp.LockUser()
	defer e.tcp.UnlockUser()
	s := e.sender()
	if s == nil {
		return
	}
	counted := at[int](s, inside().counted)
	// It was n modulo w+1 and is to be n-w, for an n from w to 2w-1.
	*counted = (*counted + 1) % (int(w) + 1)
}
