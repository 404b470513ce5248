package wire

import (
	"time"

	"wirelab/trace"
)

// An event is one stimulus: a timer of a stack, a frame's arrival, the end of
// a sleep. Events of one instant happen in the order of the steps in which they
// were scheduled, those of one step by key, because several goroutines may
// schedule in one step, and last in the order in which it was done.
type event struct {
	at    time.Duration
	step  uint32
	key   uint64 // of the program or socket for which it is; 0: a stack's own
	seq   uint64
	place int    // in the heap plus one; 0: not scheduled
	call  func() // runs in the clock's goroutine
	wakes bool   // call lets goroutines of programs run: wait until they rest
	holds bool   // a goroutine waits for it and for nothing else
	cause trace.Cause
}

// An eventHeap has the next event at its top (a binary heap). It knows where
// each event lies, so that one can be taken back.
type eventHeap struct {
	heap []*event
	seq  uint64
}

func (h *eventHeap) first() *event {
	if len(h.heap) == 0 {
		return nil
	}
	return h.heap[0]
}

func (h *eventHeap) add(e *event, at time.Duration, step uint32) {
	e.at, e.step, e.seq = at, step, h.seq
	h.seq++
	h.heap = append(h.heap, e)
	h.up(len(h.heap)-1, e)
}

func (h *eventHeap) pop() *event {
	e := h.heap[0]
	h.remove(e)
	return e
}

// popHolding takes an event for which a goroutine waits.
func (h *eventHeap) popHolding() *event {
	for _, e := range h.heap {
		if e.holds {
			h.remove(e)
			return e
		}
	}
	return nil
}

func (h *eventHeap) remove(e *event) {
	i, n := e.place-1, len(h.heap)-1
	last := h.heap[n]
	h.heap[n] = nil
	h.heap = h.heap[:n]
	e.place = 0
	if i < n {
		h.up(i, last)
		h.down(last.place-1, last)
	}
}

func (e *event) before(o *event) bool {
	switch {
	case e.at != o.at:
		return e.at < o.at
	case e.step != o.step:
		return e.step < o.step
	case e.key != o.key:
		return e.key < o.key
	}
	return e.seq < o.seq
}

func (h *eventHeap) up(i int, e *event) {
	for i > 0 {
		p := (i - 1) / 2
		if !e.before(h.heap[p]) {
			break
		}
		h.set(i, h.heap[p])
		i = p
	}
	h.set(i, e)
}

func (h *eventHeap) down(i int, e *event) {
	for {
		c := 2*i + 1
		if c >= len(h.heap) {
			break
		}
		if c+1 < len(h.heap) && h.heap[c+1].before(h.heap[c]) {
			c++
		}
		if !h.heap[c].before(e) {
			break
		}
		h.set(i, h.heap[c])
		i = c
	}
	h.set(i, e)
}

func (h *eventHeap) set(i int, e *event) {
	h.heap[i] = e
	e.place = i + 1
}

// schedule lets e happen after d. l.mu must be held.
func (l *Lab) schedule(e *event, d time.Duration) {
	l.catchUp()
	l.scheduleAt(e, l.elapsed()+max(d, 0))
}

// scheduleAt lets e happen at a moment, or now if that has passed. l.mu must be
// held.
func (l *Lab) scheduleAt(e *event, at time.Duration) {
	l.catchUp()
	at = max(at, l.elapsed())
	l.events.add(e, at, l.step)
	switch {
	case !l.sleeping.Load() || at >= l.sleepTo:
	case l.opt.Real:
		l.sleepTo = at
		l.wake()
	default:
		l.sleepTo = at
		l.alarm.Reset(at - l.elapsed())
	}
}

// after lets e happen after d.
func (l *Lab) after(e *event, d time.Duration) {
	l.mu.Lock()
	l.schedule(e, d)
	l.mu.Unlock()
}

// cancel takes e back. l.mu must be held.
func (l *Lab) cancel(e *event) {
	if e.place != 0 {
		l.events.remove(e)
	}
}

// catchUp brings lab time up to date while the clock sleeps in the bubble and
// one of Go's own timers woke the caller. l.mu must be held.
func (l *Lab) catchUp() {
	if l.sleeping.Load() && !l.opt.Real {
		l.now.Store(int64(time.Since(l.start)))
	}
}

// enter is what every call of a program into the lab does first.
func (l *Lab) enter() {
	if l.sleeping.Load() && !l.opt.Real {
		l.mu.Lock()
		l.catchUp()
		l.mu.Unlock()
	}
}
