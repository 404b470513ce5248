package story

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"wirelab/trace"
)

// A Follower tells of a trace while it grows: each event once, in the order of
// time. Only a message may come after what happened later than it, because that
// there was one is often known only when its last byte is there.
type Follower struct {
	told    time.Duration // all before that
	packet  int           // the first that is not told to its end
	sent    int           // the first whose sending is not told
	call    int           // the first that was never looked at
	open    []int         // calls before that which are not told to their end
	message int           // as with calls
	heard   []int
	began   map[int]bool // open calls, and messages, of which the beginning was told
	spoken  map[int]bool
	last    map[trace.Stream]trace.Sample // before told
	width   int                           // of Who in a line
}

// NewFollower returns a Follower that has told nothing yet.
func NewFollower() *Follower {
	return &Follower{began: map[int]bool{}, spoken: map[int]bool{}, last: map[trace.Stream]trace.Sample{}}
}

const (
	// settling is the time within which the lab has noted all there is to a moment:
	// what a stack did with a packet, and what a call returned that need not wait.
	settling = 20 * time.Millisecond
	// background is how many packets before the first one to tell of are looked at,
	// for the words of what follows on them.
	background = 300
)

// More tells what has happened since it was last asked. missed is how many
// packets were dropped from the trace before they could be told. Rows of events
// are those of Trace; final says that nothing more will come.
func (f *Follower) More(s *trace.Snapshot, final bool) (tr *trace.Trace, events []Event, missed int) {
	to := s.End() - settling
	if final {
		to = math.MaxInt64
	}
	if to <= f.told {
		return nil, nil, 0
	}
	from := f.packet
	for s.Packet(from) == nil && from < s.Packets() {
		from++
	}
	missed = max(from-f.sent, 0)
	// The calls and messages are chosen one by one: some began long ago.
	tr = s.Latest(s.Packets() - from + background)
	calls := f.calls(s, tr, to)
	messages := f.messages(s, tr, final)
	f.samples(tr)
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Fate == trace.UnderWay && !final {
			p.Fate = trace.Delivered // as far as one knows; when, is not there yet
		}
	}
	t := NewTeller(tr)
	for i := range t.Len() {
		p := t.Place(i)
		late := false
		switch p.Kind {
		case MessageSent:
			late = !f.spoken[messages[p.Row]]
		case MessageArrived:
			late = true
		}
		if p.At >= to || p.At < f.told && !late {
			continue
		}
		events = append(events, t.Event(i))
		switch p.Kind {
		case Began:
			f.began[calls[p.Row]] = true
		case MessageSent:
			f.spoken[messages[p.Row]] = true
		}
	}
	f.advance(s, tr, to)
	return tr, events, missed
}

// calls puts into tr the calls that are not told to their end, and returns their
// rows among all. One that has not returned will at some time after all that is
// told now; of one that has only just begun it is not known whether it waits.
func (f *Follower) calls(s *trace.Snapshot, tr *trace.Trace, to time.Duration) (rows []int) {
	tr.Calls = tr.Calls[:0]
	for row := f.call; row < s.Calls(); row++ {
		f.open = append(f.open, row)
	}
	f.call = s.Calls()
	f.open = slices.DeleteFunc(f.open, func(row int) bool {
		c := s.Call(row)
		if c == nil {
			delete(f.began, row)
			return true
		}
		call := *c
		call.Parent = -1
		if f.began[row] || c.End == trace.Never && c.Start < to {
			call.Blocked = true
		}
		if c.End == trace.Never && to != math.MaxInt64 {
			call.End, call.Ended = math.MaxInt64, math.MaxUint32
		}
		tr.Calls = append(tr.Calls, call)
		rows = append(rows, row)
		return false
	})
	return rows
}

// messages does the same for messages.
func (f *Follower) messages(s *trace.Snapshot, tr *trace.Trace, final bool) (rows []int) {
	tr.Messages = nil
	for row := f.message; row < s.Messages(); row++ {
		f.heard = append(f.heard, row)
	}
	f.message = s.Messages()
	f.heard = slices.DeleteFunc(f.heard, func(row int) bool {
		m := s.Message(row)
		if m == nil {
			delete(f.spoken, row)
			return true
		}
		message := *m
		message.Parent = -1
		if m.Arrived == trace.Never && !final {
			message.Arrived = math.MaxInt64
		}
		tr.Messages = append(tr.Messages, message)
		rows = append(rows, row)
		return false
	})
	return rows
}

// samples puts before those of tr the last that each end had before them.
func (f *Follower) samples(tr *trace.Trace) {
	var before []trace.Sample
	for _, last := range f.last {
		if len(tr.Samples) == 0 || last.At < tr.Samples[0].At {
			before = append(before, last)
		}
	}
	slices.SortFunc(before, func(a, b trace.Sample) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Step, b.Step), cmp.Compare(sampleStream(&a), sampleStream(&b)))
	})
	tr.Samples = append(before, tr.Samples...)
}

// advance notes what is told up to a moment.
func (f *Follower) advance(s *trace.Snapshot, tr *trace.Trace, to time.Duration) {
	f.told = to
	for i := range tr.Samples {
		if sample := tr.Samples[i]; sample.At < to {
			if sample.State == trace.Closed {
				delete(f.last, sampleStream(&sample))
			} else {
				f.last[sampleStream(&sample)] = sample
			}
		}
	}
	for f.packet < s.Packets() {
		p := s.Packet(f.packet)
		if p != nil && (p.Sent >= to || p.Fate == trace.UnderWay || p.Arrived != trace.Never && p.Arrived >= to) {
			break
		}
		f.packet++
	}
	for f.sent = max(f.sent, f.packet); f.sent < s.Packets(); f.sent++ {
		if p := s.Packet(f.sent); p != nil && p.Sent >= to {
			break
		}
	}
	f.open = slices.DeleteFunc(f.open, func(row int) bool {
		c := s.Call(row)
		over := c.End != trace.Never && c.End < to
		if over {
			delete(f.began, row)
		}
		return over
	})
	f.heard = slices.DeleteFunc(f.heard, func(row int) bool {
		m := s.Message(row)
		over := m.Arrived != trace.Never && m.Arrived < to && f.spoken[row]
		if over {
			delete(f.spoken, row)
		}
		return over
	})
}

// Line is the line of an event of tr, which More returned, in a listing that has
// no end yet.
func (f *Follower) Line(tr *trace.Trace, e *Event) string {
	if len(tr.Hosts) > 1 && f.width == 0 {
		f.width = len(tr.Hosts[0].Name) + len(" to ") + len(tr.Hosts[len(tr.Hosts)-1].Name)
	}
	conn := ""
	if e.Conn >= 0 {
		conn = fmt.Sprintf("#%d ", e.Conn+1)
	}
	return fmt.Sprintf("%14s  %-*s  %s%s", Milliseconds(e.At), f.width, e.Who, conn, e.Text)
}
