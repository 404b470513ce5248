package wire

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"

	"wirelab/trace"
)

// stackClock is the clock of the hosts' stacks: lab time.
type stackClock struct{ l *Lab }

// Now implements tcpip.Clock.
func (c stackClock) Now() time.Time { return c.l.start.Add(c.l.Elapsed()) }

// NowMonotonic implements tcpip.Clock. It begins at an hour, because stacks
// take the zero time for "never".
func (c stackClock) NowMonotonic() tcpip.MonotonicTime {
	var t tcpip.MonotonicTime
	return t.Add(time.Hour + c.l.Elapsed())
}

// AfterFunc implements tcpip.Clock.
func (c stackClock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &stackTimer{l: c.l}
	t.call = f
	t.cause = trace.AtTimer
	c.l.after(&t.event, d)
	return t
}

// A stackTimer is a timer of a stack.
type stackTimer struct {
	event
	l *Lab
}

// Stop implements tcpip.Timer.
func (t *stackTimer) Stop() bool {
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	pending := t.place != 0
	t.l.cancel(&t.event)
	return pending
}

// Reset implements tcpip.Timer.
func (t *stackTimer) Reset(d time.Duration) {
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	t.l.cancel(&t.event)
	t.l.schedule(&t.event, d)
}

// Now is the time on the hosts' clocks.
func (l *Lab) Now() time.Time {
	l.enter()
	return l.start.Add(l.Elapsed())
}

// Sleep is time.Sleep for programs: sleepers of one instant wake in an order
// that does not depend on the scheduler.
func (l *Lab) Sleep(d time.Duration) {
	l.enter()
	l.pass(l.ownGate())
	if l.over.Load() {
		return
	}
	ch := make(chan struct{})
	l.after(&event{wakes: true, holds: true, cause: trace.AtSend, call: func() { close(ch) }}, d)
	<-ch
}

// AfterFunc starts f in a goroutine of its own after d, unless it is stopped
// before. Stop says whether it was in time.
func (l *Lab) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	l.enter()
	e := &event{wakes: true, cause: trace.AtSend}
	e.call = func() { go f() }
	l.after(e, d)
	return func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		pending := e.place != 0
		l.cancel(e)
		return pending
	}
}
