package wire

import (
	"net"
	"os"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/waiter"

	"wirelab/trace"
)

// A side is one direction of a socket, on which one goroutine at a time may
// wait for the stack. Its waiting is on channels only: in a bubble a goroutine
// that waits for a mutex does not count as resting.
type side struct {
	l        *Lab
	one      chan struct{} // held by the goroutine that reads, or writes
	wake     chan struct{}
	ready    event // the socket may be ready: wakes the goroutine, as an event of its own
	expiry   event // the deadline
	waiting  bool
	notified bool // the socket became ready while nobody waited
	dead     atomic.Bool
	deadline time.Duration // in lab time; trace.Never: none
	queue    *waiter.Queue
	entry    waiter.Entry
}

func (l *Lab) newSide(q *waiter.Queue, mask waiter.EventMask) *side {
	s := &side{l: l, one: make(chan struct{}, 1), wake: make(chan struct{}, 1), deadline: trace.Never, queue: q}
	s.ready.wakes, s.ready.cause, s.ready.call = true, trace.AtSend, s.release
	s.expiry.cause, s.expiry.call = trace.AtSend, func() { s.NotifyEvent(0) }
	s.entry.Init(s, mask|waiter.EventErr|waiter.EventHUp)
	q.EventRegister(&s.entry)
	l.mu.Lock()
	l.sides[s] = struct{}{}
	l.mu.Unlock()
	return s
}

// NotifyEvent implements waiter.EventListener: the socket may be ready. The
// goroutine that waits is not woken here, in the middle of the stack's work,
// but by an event.
func (s *side) NotifyEvent(waiter.EventMask) {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	if !s.waiting {
		s.notified = true
	} else if s.ready.place == 0 {
		s.l.schedule(&s.ready, 0)
	}
}

func (s *side) release() {
	s.l.mu.Lock()
	s.waiting = false
	s.l.mu.Unlock()
	s.wake <- struct{}{}
}

// arm forgets earlier notifications. It is called before the socket is tried,
// so that block misses none that comes after.
func (s *side) arm() {
	s.l.mu.Lock()
	s.notified = false
	s.l.mu.Unlock()
}

// block waits until the socket may be ready, its deadline passes, or it dies.
func (s *side) block() {
	s.l.mu.Lock()
	if s.notified || s.l.over.Load() {
		s.notified = false
		s.l.mu.Unlock()
		return
	}
	s.waiting = true
	s.l.mu.Unlock()
	<-s.wake
}

// abort ends every wait on s, now: the run is over.
func (s *side) abort() {
	s.dead.Store(true)
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	s.l.cancel(&s.ready)
	s.notified = true
	if s.waiting {
		s.waiting = false
		s.wake <- struct{}{}
	}
}

// close ends every wait on s: its socket was closed.
func (s *side) close() {
	s.dead.Store(true)
	s.queue.EventUnregister(&s.entry)
	s.l.mu.Lock()
	delete(s.l.sides, s)
	s.l.cancel(&s.expiry)
	s.l.mu.Unlock()
	s.NotifyEvent(0)
}

// over says why the side can be used no longer, or not just now.
func (s *side) over() error {
	if s.dead.Load() {
		return net.ErrClosed
	}
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	if s.deadline != trace.Never && s.l.Elapsed() >= s.deadline {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// setDeadline sets the moment from which waits fail; the zero time is never,
// and a time in the past is now. The deadline is an event of the lab, so that
// two of one instant pass in the order in which they were set.
func (s *side) setDeadline(t time.Time) {
	l := s.l
	l.enter()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel(&s.expiry)
	s.deadline = trace.Never
	if !t.IsZero() {
		s.deadline = max(t.Sub(l.start), 0)
		l.schedule(&s.expiry, s.deadline-l.Elapsed())
	}
}
