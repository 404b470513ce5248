package story

import (
	"sort"
	"time"

	"wirelab/trace"
)

// A Moment is an instant between two events of a run: those before it have
// happened, those after it have not.
type Moment struct {
	At   time.Duration // lab time
	Done int           // how many events have happened
}

// After is the moment right after event i; after -1: the beginning.
func (t *Teller) After(i int) Moment {
	if i < 0 {
		return Moment{}
	}
	return Moment{t.key(t.places[i]).at, i + 1}
}

// At is the moment after all that happened at or before d.
func (t *Teller) At(d time.Duration) Moment {
	return Moment{d, sort.Search(len(t.places), func(i int) bool { return t.key(t.places[i]).at > d })}
}

// Happened says whether the event of kind k about a row has happened at m.
func (t *Teller) Happened(k Kind, row int, m Moment) bool {
	p, ok := t.of(k, row)
	return ok && m.Done > 0 && t.key(p).compare(t.key(t.places[m.Done-1])) <= 0
}

// Sent says whether the packet in a row has left its host at m.
func (t *Teller) Sent(row int, m Moment) bool { return t.Happened(Sent, row, m) }

// Landed says whether the packet in a row has arrived somewhere at m.
func (t *Teller) Landed(row int, m Moment) bool { return t.Happened(Arrived, row, m) }

// State is the state at m of the end that sends on s, or nil if it is not known.
// What a step of the run does to it is seen with the first event of that step,
// a change of the connection's state with the event that tells of it.
func (t *Teller) State(s trace.Stream, m Moment) *trace.Sample {
	at, step := t.reached(m)
	rows := t.samples.of(s)
	n := sort.Search(len(rows), func(i int) bool {
		sample := &t.tr.Samples[rows[i]]
		return sample.At > at || sample.At == at && sample.Step > step
	})
	for n > 0 && t.changed(int(rows[n-1])) && !t.Happened(State, int(rows[n-1]), m) {
		n--
	}
	if n == 0 {
		return nil
	}
	return &t.tr.Samples[rows[n-1]]
}

// reached is the last step that has begun at m, and when it did.
func (t *Teller) reached(m Moment) (at time.Duration, step uint32) {
	if m.Done == len(t.places) || t.key(t.places[m.Done]).at > m.At {
		return m.At, ^uint32(0) // nothing more happens at this instant
	}
	if m.Done == 0 {
		return -1, 0
	}
	last := t.key(t.places[m.Done-1])
	return last.at, last.step
}

// changed says whether the sample in a row is the first of its end in its state.
func (t *Teller) changed(row int) bool {
	s := &t.tr.Samples[row]
	rows := t.samples.of(sampleStream(s))
	i := sort.Search(len(rows), func(i int) bool { return rows[i] >= int32(row) })
	if i == 0 {
		return s.State != trace.Closed
	}
	return s.State != t.tr.Samples[rows[i-1]].State
}
