package wire

import (
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"

	"wirelab/trace"
)

// A stackClock is the clock of a host's stack: lab time, but for the moments at
// which the stack notes that it sends a segment. A real host cannot send two at
// the same nanosecond, and the stack's loss detection counts on it: of segments
// sent at one instant it takes those behind the last that was acknowledged for
// lost once the reordering window is over (rack.go, detectLoss), and a slow wire
// would see them twice. So the second of an instant was sent a nanosecond after
// the first.
type stackClock struct {
	l     *Lab
	at    atomic.Int64 // lab time of the last frame
	burst atomic.Int64 // frames sent at that instant so far
	sent  atomic.Bool  // no one has asked for the time since the last frame
}

// maxBurst is the most by which a segment is noted later than it was sent: less
// than a frame takes on the shortest cable, so that no answer is there before.
const maxBurst = MinDelay / 2

// frame notes that the host sends a frame now.
func (c *stackClock) frame(now time.Duration) {
	if c.at.Swap(int64(now)) != int64(now) {
		c.burst.Store(0)
	}
	c.burst.Add(1)
	c.sent.Store(true)
}

// Now implements tcpip.Clock.
func (c *stackClock) Now() time.Time { return c.l.start.Add(c.l.elapsed()) }

// NowMonotonic implements tcpip.Clock. It begins at an hour, because stacks
// take the zero time for "never".
func (c *stackClock) NowMonotonic() tcpip.MonotonicTime {
	now := c.l.elapsed()
	// A segment's time is the first that the stack asks for after the frame before.
	if c.sent.Load() && c.sent.Swap(false) && c.at.Load() == int64(now) && c.l.asksForSegment() {
		now += min(time.Duration(c.burst.Load()), maxBurst)
	}
	var t tcpip.MonotonicTime
	return t.Add(time.Hour + now)
}

// asksForSegment says whether the stack asks for the time in order to note when
// it sent a segment.
func (l *Lab) asksForSegment() bool {
	var pc [1]uintptr
	runtime.Callers(3, pc[:]) // above Callers, asksForSegment and NowMonotonic
	if known, ok := l.askers.Load(pc[0]); ok {
		return known.(bool)
	}
	is := strings.HasSuffix(functionAt(pc[0]), "/transport/tcp.(*sender).sendSegment")
	l.askers.Store(pc[0], is)
	return is
}

// functionAt names the function of a return address.
func functionAt(pc uintptr) string {
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return f.Function
}

// AfterFunc implements tcpip.Clock.
func (c *stackClock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
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
	return l.start.Add(l.elapsed())
}

// Sleep is time.Sleep for programs: sleepers of one instant wake in an order
// that does not depend on the scheduler.
func (l *Lab) Sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	l.enter()
	g := l.ownGate()
	l.pass(g)
	ch := make(chan struct{})
	l.mu.Lock()
	if l.over.Load() {
		l.mu.Unlock()
		return
	}
	l.schedule(&event{wakes: true, holds: true, key: g.key, cause: trace.AtSend, call: func() { close(ch) }}, d)
	l.mu.Unlock()
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
