// Package story tells in words what a trace holds: one line for each thing
// that happened, why it did, and where that is written. The plain listing, the
// JSON and the screens all take their words from here.
package story

import (
	"cmp"
	"slices"
	"time"

	"wirelab/trace"
)

// A Zoom is how near one looks.
type Zoom uint8

// The zooms, from the programs down to the wire.
const (
	Calls Zoom = iota
	Messages
	Packets
)

func (z Zoom) String() string { return [...]string{"calls", "messages", "packets"}[z] }

// Zooms are all of them, with what each shows.
func Zooms() []Zoom { return []Zoom{Calls, Messages, Packets} }

// Title says what a zoom shows.
func (z Zoom) Title() string {
	return [...]string{"what the programs did", "what they said to each other", "what crossed the wire"}[z]
}

// A Kind is what kind of thing happened.
type Kind uint8

// The kinds.
const (
	Arrived Kind = iota // a packet
	Sent                // a packet
	State               // an end of a connection changed its state
	Ended               // a call returned
	Began               // a call began
	MessageSent
	MessageArrived
	Mark
)

func (k Kind) String() string {
	return [...]string{"arrived", "sent", "state", "returned", "called", "message sent", "message arrived", "mark"}[k]
}

// An Event is one thing that happened.
type Event struct {
	At   time.Duration // lab time
	Step uint32        // of the run
	Zoom Zoom
	Kind Kind
	Row  int    // in the table of its zoom; of a State, the sample's; of a Mark, the mark's
	Conn int32  // -1: none
	Who  string // "client to server", or the host at which it happened
	Text string // what happened
	Why  string // the rule behind it; empty if there is nothing to add
	RFC  string // where the rule stands

	rank rank
}

// A rank is where in one step of the run things happen.
type rank uint8

const (
	packetArrives rank = iota
	stateByArrival
	packetLeaves
	stateBySending
	callReturns
	callBegins
)

// Tell returns what happened in tr, in order.
func Tell(tr *trace.Trace) []Event {
	t := newTeller(tr)
	var events []Event
	events = t.packets(events)
	events = t.states(events)
	events = t.calls(events)
	events = t.messages(events)
	for i, m := range tr.Marks {
		events = append(events, Event{At: m.At, Step: m.Step, Zoom: Packets, Kind: Mark, Row: i, Conn: -1, Text: m.Name, rank: callBegins})
	}
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Step, b.Step), cmp.Compare(a.rank, b.rank))
	})
	return events
}

// Only returns the events of one zoom.
func Only(events []Event, z Zoom) []Event {
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Zoom != z })
}

// A teller knows the trace and what it has found out about it.
type teller struct {
	tr      *trace.Trace
	names   []name         // by packet
	samples [][]int32      // rows of the samples by stream, in order
	landed  map[uint32]int // the packet that arrived in a step
	totals  []int64        // bytes of data sent, by stream; nil until asked for
}

func newTeller(tr *trace.Trace) *teller {
	t := &teller{tr: tr, names: nameSegments(tr), samples: make([][]int32, 2*len(tr.Conns)), landed: map[uint32]int{}}
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Arrived != trace.Never {
			t.landed[p.Landed] = i
		}
	}
	for i := range tr.Samples {
		s := trace.StreamOf(tr.Samples[i].Conn, int(tr.Samples[i].End))
		t.samples[s] = append(t.samples[s], int32(i))
	}
	return t
}

// stateAt returns the last sample of the end that sends on s, as it was after
// step, or nil.
func (t *teller) stateAt(s trace.Stream, step uint32) *trace.Sample {
	rows := t.samples[s]
	i, _ := slices.BinarySearchFunc(rows, step+1, func(row int32, step uint32) int {
		return cmp.Compare(t.tr.Samples[row].Step, step)
	})
	if i == 0 {
		return nil
	}
	return &t.tr.Samples[rows[i-1]]
}

// direction says who sends to whom.
func (t *teller) direction(from, to uint16) string { return t.tr.Name(from) + " to " + t.tr.Name(to) }
