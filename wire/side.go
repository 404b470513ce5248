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
	expired  bool // the deadline has passed
	queue    *waiter.Queue
	entry    waiter.Entry
	conn     *TCPConn // whose side it is; nil: of another kind of socket
	row      int32    // of the call that waits, or may
}

// newSide returns a side whose events are ordered by key.
func (l *Lab) newSide(key uint64, q *waiter.Queue, mask waiter.EventMask) *side {
	s := &side{l: l, one: make(chan struct{}, 1), wake: make(chan struct{}, 1), queue: q}
	s.ready.wakes, s.ready.key, s.ready.cause, s.ready.call = true, key, trace.AtSend, s.release
	s.expiry.key, s.expiry.cause, s.expiry.call = key, trace.AtSend, s.expire
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
func (s *side) NotifyEvent(mask waiter.EventMask) {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	if mask&waiter.EventHUp != 0 && s.conn != nil {
		// The stack gave the connection up, which no packet may tell.
		if stream, ok := s.conn.stream(); ok {
			s.l.endpoint(stream).touch()
		}
	}
	switch {
	case !s.waiting:
		s.notified = true
	case s.l.opt.Real: // nothing is to be put in order
		s.let()
	case s.ready.place == 0:
		s.l.schedule(&s.ready, 0)
	}
}

// expire ends the waits on s until a new deadline is set.
func (s *side) expire() {
	s.l.mu.Lock()
	s.expired = true
	s.l.mu.Unlock()
	s.NotifyEvent(0)
}

func (s *side) release() {
	s.l.mu.Lock()
	s.let()
	s.l.mu.Unlock()
}

// let lets the goroutine go that waits. l.mu must be held.
func (s *side) let() {
	s.waiting = false
	if s.dead.Load() {
		delete(s.l.sides, s)
	}
	s.wake <- struct{}{} // there is room: it is one, and it waits
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
	if s.l.opt.Real {
		s.l.rec.Block(s.row)
	}
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

// close ends every wait on s: its socket was closed. A goroutine that waits is
// woken by an event; until then the lab must know s, to end its wait should
// the run be over before.
func (s *side) close() {
	s.dead.Store(true)
	s.queue.EventUnregister(&s.entry)
	s.l.mu.Lock()
	if !s.waiting {
		delete(s.l.sides, s)
	}
	s.l.cancel(&s.expiry)
	s.l.mu.Unlock()
	s.NotifyEvent(0)
}

// over says why the side can be used no longer, or not just now.
func (s *side) over() error {
	if s.dead.Load() || s.l.over.Load() {
		return net.ErrClosed
	}
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	if s.expired {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// setDeadline sets the moment from which waits fail; the zero time is never,
// and a time in the past is now. The deadline passes by an event of the lab, and
// only so: of two at one instant the same is always first, and whether a reader
// began to wait just before or just after its deadline was set to the past (by
// net/http, from another goroutine) makes no difference.
func (s *side) setDeadline(t time.Time) error {
	l := s.l
	l.enter()
	if s.dead.Load() {
		return net.ErrClosed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel(&s.expiry)
	s.expired = false
	if !t.IsZero() {
		l.scheduleAt(&s.expiry, max(t.Sub(l.start), 0))
	}
	return nil
}
