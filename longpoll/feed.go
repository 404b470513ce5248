package longpoll

import (
	"slices"
	"sync"

	"wirelab/web"
)

// An Event is something that happened at the server. Its ID is one more than
// that of the event before it; the first has 1.
type Event struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// A Feed keeps events, and knows who waits for the next.
type Feed struct {
	env   web.Env
	keep  int
	mu    sync.Mutex
	past  []Event // the last events, at most keep
	last  int     // ID of the last event; 0: none was
	waits []*wait // in the order in which they came
}

// A wait is a poll that is held.
type wait struct {
	feed    *Feed
	settled bool
	done    chan struct{} // has room for one, so that nobody who settles it waits
}

// DefaultKeep is how many events a Feed keeps if nothing else is said.
const DefaultKeep = 1000

// NewFeed returns a Feed without events that keeps at most keep of them; 0:
// DefaultKeep.
func NewFeed(env web.Env, keep int) *Feed {
	if keep <= 0 {
		keep = DefaultKeep
	}
	return &Feed{env: env, keep: keep}
}

// Publish adds an event, and lets every poll that is held be answered. It says
// how many there are.
func (f *Feed) Publish(text string) (e Event, waiting int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	e = Event{f.last, text}
	f.past = append(f.past, e)
	if n := len(f.past) - f.keep; n > 0 {
		f.past = slices.Delete(f.past, 0, n)
	}
	for _, w := range f.waits {
		// By an event of the clock, one after the other: woken here they would run
		// beside who publishes, and perhaps miss what else happens at this moment.
		f.env.AfterFunc(0, w.settle)
	}
	return e, len(f.waits)
}

// Since returns the events after the one with the given ID that are still
// there, and the ID of the last event.
func (f *Feed) Since(id int) (events []Event, last int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, e := range f.past {
		if e.ID > id {
			return slices.Clone(f.past[i:]), f.last
		}
	}
	return nil, f.last
}

// Waiting is how many polls are held.
func (f *Feed) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.waits)
}

// hold notes a poll that waits until there is an event after the one with the
// given ID; nil if there is one already, or if most polls wait.
func (f *Feed) hold(id, most int) (w *wait, full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.last > id:
		return nil, false
	case len(f.waits) >= most:
		return nil, true
	}
	w = &wait{feed: f, done: make(chan struct{}, 1)}
	f.waits = append(f.waits, w)
	return w, false
}

// settle lets a poll be answered, whatever the reason.
func (w *wait) settle() {
	f := w.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if w.settled {
		return
	}
	w.settled = true
	f.waits = slices.DeleteFunc(f.waits, func(o *wait) bool { return o == w })
	w.done <- struct{}{}
}
