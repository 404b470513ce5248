package story

import (
	"cmp"
	"slices"
	"time"

	"wirelab/trace"
)

// A Place is an event without its words.
type Place struct {
	At   time.Duration // lab time
	Step uint32        // of the run
	Zoom Zoom
	Kind Kind
	Row  int   // as in an Event
	Conn int32 // -1: none
}

// A place is what is kept of an event: when it happened is in the trace.
type place struct {
	row  int32
	kind Kind
	rank rank
	is   Landmark
}

// A rank is where in one step of the run things happen.
type rank uint8

const (
	packetArrives rank = iota
	stateByArrival
	packetLeaves
	stateBySending
	callReturns // it began in an earlier step
	messageArrives
	messageLeaves
	callBegins // it may return at once
	marks
)

// A key is the place of an event among all. No two are equal.
type key struct {
	at   time.Duration
	step uint32
	rank rank
	tie  int64 // among those of one rank
}

func (a key) compare(b key) int {
	switch {
	case a.at != b.at:
		return cmp.Compare(a.at, b.at)
	case a.step != b.step:
		return cmp.Compare(a.step, b.step)
	case a.rank != b.rank:
		return cmp.Compare(a.rank, b.rank)
	}
	return cmp.Compare(a.tie, b.tie)
}

// key finds out when an event happened.
func (t *Teller) key(p place) key {
	k := key{rank: p.rank, tie: int64(p.row)}
	switch p.kind {
	case Sent:
		k.at, k.step = t.tr.Packets[p.row].Sent, t.tr.Packets[p.row].Step
	case Arrived:
		k.at, k.step = t.tr.Packets[p.row].Arrived, t.tr.Packets[p.row].Landed
	case State:
		s := &t.tr.Samples[p.row]
		k.at, k.step = s.At, s.Step
		k.tie |= int64(sampleStream(s)) << 32
	case Began:
		k.at, k.step = t.tr.Calls[p.row].Start, t.tr.Calls[p.row].Began
	case Ended:
		c := &t.tr.Calls[p.row]
		k.at, k.step = c.Start, c.Ended // it did not wait, though on the real clock it took a while
		if p.rank == callReturns {
			k.at = c.End
			k.tie = -k.tie // of those in one step the inner one, whose row is higher, does so first
		}
	case MessageSent:
		m := &t.tr.Messages[p.row]
		k.at = m.Sent
		if c := t.callAt(m.Spans[0], "write", m.Spans[0].Lo); c != nil {
			k.step = c.Began
		}
	case MessageArrived:
		m := &t.tr.Messages[p.row]
		k.at = m.Arrived
		last := m.Spans[len(m.Spans)-1]
		if c := t.callAt(last, "read", last.Hi-1); c != nil {
			k.step = c.Ended
		}
	case Mark:
		k.at, k.step = t.tr.Marks[p.row].At, t.tr.Marks[p.row].Step
	}
	return k
}

// of is the place of an event of kind k about a row; ok is false if there is no
// such event. A call that did not wait has one event only, in which it both
// begins and returns.
func (t *Teller) of(k Kind, row int) (p place, ok bool) {
	p = place{row: int32(row), kind: k}
	switch k {
	case Sent:
		p.rank, ok = packetLeaves, true
	case Arrived:
		p.rank, ok = packetArrives, t.tr.Packets[row].Arrived != trace.Never
	case State:
		p.rank, ok = stateRank(&t.tr.Samples[row]), t.changed(row)
	case Began, Ended:
		c := &t.tr.Calls[row]
		switch {
		case c.End != trace.Never && !t.waited(c):
			p.kind, p.rank, ok = Ended, callBegins, true
		case k == Began:
			p.rank, ok = callBegins, true
		default:
			p.rank, ok = callReturns, c.End != trace.Never
		}
	case MessageSent:
		p.rank, ok = messageLeaves, told(&t.tr.Messages[row])
	case MessageArrived:
		p.rank, ok = messageArrives, told(&t.tr.Messages[row]) && t.tr.Messages[row].Arrived != trace.Never
	case Mark:
		p.rank, ok = marks, true
	}
	return p, ok
}

// told says whether there is something to tell of a message.
func told(m *trace.Message) bool { return m.Sent != trace.Never && len(m.Spans) > 0 }

// put puts the events in their places: those of each kind in order, which most
// are in the trace, and then all together.
func (t *Teller) put() {
	runs := make([][]place, Mark+1)
	add := func(k Kind, row int) {
		if p, ok := t.of(k, row); ok && p.kind == k {
			p.is = t.landmarks(p)
			runs[k] = append(runs[k], p)
		}
	}
	runs[Sent] = make([]place, 0, len(t.tr.Packets))
	for row := range t.tr.Packets {
		add(Sent, row)
	}
	runs[Arrived] = make([]place, 0, len(t.arrived))
	for _, row := range t.arrived {
		add(Arrived, int(row))
	}
	for s := range trace.Stream(2 * len(t.tr.Conns)) {
		was := trace.Closed
		for _, row := range t.samples.of(s) {
			if now := t.tr.Samples[row].State; now != was {
				add(State, int(row))
				was = now
			}
		}
	}
	for row := range t.tr.Calls {
		add(Began, row)
		add(Ended, row)
	}
	for row := range t.tr.Messages {
		add(MessageSent, row)
		add(MessageArrived, row)
	}
	for row := range t.tr.Marks {
		add(Mark, row)
	}
	n := 0
	inOrder := func(a, b place) int { return t.key(a).compare(t.key(b)) }
	for _, run := range runs {
		n += len(run)
		slices.SortFunc(run, inOrder)
	}
	t.places = t.merge(runs, make([]place, 0, n))
	t.tally()
}

// merge appends runs, each in order, to places, in order.
func (t *Teller) merge(runs [][]place, places []place) []place {
	runs = slices.DeleteFunc(runs, func(r []place) bool { return len(r) == 0 })
	heads := make([]key, len(runs))
	for i, r := range runs {
		heads[i] = t.key(r[0])
	}
	for len(runs) > 0 {
		first := 0
		for i := 1; i < len(heads); i++ {
			if heads[i].compare(heads[first]) < 0 {
				first = i
			}
		}
		r := runs[first]
		places = append(places, r[0])
		if len(r) == 1 {
			runs, heads = slices.Delete(runs, first, first+1), slices.Delete(heads, first, first+1)
			continue
		}
		runs[first], heads[first] = r[1:], t.key(r[1])
	}
	return places
}

// Len is how many events there are.
func (t *Teller) Len() int { return len(t.places) }

// Place is where event i is.
func (t *Teller) Place(i int) Place {
	p := t.places[i]
	k := t.key(p)
	return Place{At: k.at, Step: k.step, Zoom: p.kind.Zoom(), Kind: p.kind, Row: int(p.row), Conn: t.connOf(p)}
}

// Of is the zoom and the connection of event i; -1: it has none.
func (t *Teller) Of(i int) (z Zoom, conn int32) {
	p := t.places[i]
	return p.kind.Zoom(), t.connOf(p)
}

// connOf is the connection of an event, or -1.
func (t *Teller) connOf(p place) int32 {
	switch p.kind {
	case Sent, Arrived:
		return t.tr.Packets[p.row].Conn()
	case State:
		return t.tr.Samples[p.row].Conn
	case Began, Ended:
		return t.tr.Calls[p.row].Conn
	case MessageSent, MessageArrived:
		return t.tr.Messages[p.row].Conn
	}
	return -1
}

// Parting is the first event, of the first most, that is not the same in another
// history: something else, or at another time.
func (t *Teller) Parting(o *Teller, most int) int {
	most = min(most, len(t.places), len(o.places))
	for i, p := range t.places[:most] {
		q := o.places[i]
		if p.kind != q.kind || p.row != q.row || p.rank != q.rank || t.connOf(p) != o.connOf(q) {
			return i
		}
		at, step := t.when(p)
		if oat, ostep := o.when(q); at != oat || step != ostep {
			return i
		}
	}
	return most
}

// when is when an event happened, of a message without the step.
func (t *Teller) when(p place) (at time.Duration, step uint32) {
	switch p.kind {
	case Sent:
		q := &t.tr.Packets[p.row]
		return q.Sent, q.Step
	case Arrived:
		q := &t.tr.Packets[p.row]
		return q.Arrived, q.Landed
	case MessageSent:
		return t.tr.Messages[p.row].Sent, 0
	case MessageArrived:
		return t.tr.Messages[p.row].Arrived, 0
	}
	k := t.key(p)
	return k.at, k.step
}

// Find is the event of kind k about a row of the table of its zoom; of a State,
// a row of the samples. A call that did not wait has one event, of kind Ended,
// in which it both begins and returns: it is found as either. ok is false if
// there is no such event.
func (t *Teller) Find(k Kind, row int) (i int, ok bool) {
	p, ok := t.of(k, row)
	if !ok {
		return 0, false
	}
	return slices.BinarySearchFunc(t.places, t.key(p), func(q place, k key) int { return t.key(q).compare(k) })
}
