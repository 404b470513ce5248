// Package story tells in words what a trace holds: one line for each thing
// that happened, why it did, and where that is written. The plain listing, the
// JSON and the screens all take their words from here.
package story

import (
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
	Row  int    // in the table of its zoom of this trace; of a State, the sample's; of a Mark, the mark's
	Conn int32  // -1: none
	Who  string // "client to server", or the host at which it happened
	Text string // what happened
	Why  string // the rule behind it; empty if there is nothing to add
	RFC  string // where the rule stands
}

// A rule is why something happens, and where that is written.
type rule struct{ text, rfc string }

// Tell returns what happened in tr, in order.
func Tell(tr *trace.Trace) []Event {
	t := NewTeller(tr)
	events := make([]Event, t.Len())
	for i := range events {
		events[i] = t.Event(i)
	}
	return events
}

// Only returns the events of one zoom.
func Only(events []Event, z Zoom) []Event {
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Zoom != z })
}
