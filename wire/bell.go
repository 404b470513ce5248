package wire

import "wirelab/trace"

// A Bell lets one program wait for what another does. A goroutine that is woken
// by a channel runs beside the one that woke it, and who then acts first is the
// scheduler's; one that waits for a bell is woken by an event of its own, when all
// that happened at the ringing has come to rest.
type Bell struct {
	l     *Lab
	rung  bool   // while nobody waited
	event *event // that wakes who waits; nil: nobody does
	wake  chan struct{}
}

// NewBell returns a bell that has not been rung.
func (l *Lab) NewBell() *Bell { return &Bell{l: l} }

// Ring wakes the program that waits, or the next that will. Rung twice before
// that, it wakes once.
func (b *Bell) Ring() {
	l := b.l
	l.enter()
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.event == nil || l.over.Load() {
		b.rung = true
	} else if b.event.place == 0 {
		l.schedule(b.event, 0)
	}
}

// Wait returns when the bell has been rung, or the run is over: then it says so.
// One program at a time may wait.
func (b *Bell) Wait() (over bool) {
	l := b.l
	l.enter()
	key := l.ownGate().key
	l.mu.Lock()
	if b.rung || l.over.Load() {
		b.rung = false
		l.mu.Unlock()
		return l.over.Load()
	}
	b.wake = make(chan struct{})
	b.event = &event{wakes: true, key: key, cause: trace.AtSend, call: func() {
		l.mu.Lock()
		b.answer()
		l.mu.Unlock()
	}}
	if l.bells == nil {
		l.bells = map[*Bell]struct{}{}
	}
	l.bells[b] = struct{}{}
	l.mu.Unlock()
	<-b.wake
	return l.over.Load()
}

// answer lets the program that waits go. l.mu must be held.
func (b *Bell) answer() {
	delete(b.l.bells, b)
	b.event = nil
	close(b.wake)
}
