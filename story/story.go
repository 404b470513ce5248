// Package story tells in words what a trace holds: one line for each thing
// that happened, why it did, and where that is written. The plain listing, the
// JSON and the screens all take their words from here.
package story

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"wirelab/packets"
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

	rank  rank
	order int // among those of one rank
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

// A rule is why something happens, and where that is written.
type rule struct{ text, rfc string }

// Tell returns what happened in tr, in order.
func Tell(tr *trace.Trace) []Event {
	t := newTeller(tr)
	events := make([]Event, 0, 2*len(tr.Packets)+2*len(tr.Calls)+2*len(tr.Messages)+64)
	events = t.packets(events)
	events = t.states(events)
	events = t.calls(events)
	events = t.messages(events)
	for i, m := range tr.Marks {
		events = append(events, Event{At: m.At, Step: m.Step, Zoom: Packets, Kind: Mark, Row: i, Conn: -1,
			Text: packets.Text([]byte(m.Name), textLen), rank: marks})
	}
	return inOrder(events)
}

// inOrder sorts events. They are large, so places are sorted in their stead.
func inOrder(events []Event) []Event {
	places := make([]int32, len(events))
	for i := range places {
		places[i] = int32(i)
	}
	slices.SortFunc(places, func(i, j int32) int {
		a, b := &events[i], &events[j]
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Step, b.Step), cmp.Compare(a.rank, b.rank), cmp.Compare(a.order, b.order), cmp.Compare(i, j))
	})
	sorted := make([]Event, len(events))
	for i, place := range places {
		sorted[i] = events[place]
	}
	return sorted
}

// Only returns the events of one zoom.
func Only(events []Event, z Zoom) []Event {
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Zoom != z })
}

// A teller knows the trace and what it has found out about it.
type teller struct {
	tr      *trace.Trace
	names   []name    // by packet
	samples [][]int32 // rows of the samples by stream, in order
	between map[[2]uint16]string
	arrived []int32     // rows of the packets that arrived, in that order
	totals  []int64     // bytes of data sent, by stream
	closed  [][2]uint32 // by connection and end: the step of its program's first close; 0: none
	touches map[touch][]int32
	units   units
}

func newTeller(tr *trace.Trace) *teller {
	t := &teller{tr: tr, samples: make([][]int32, 2*len(tr.Conns)), between: map[[2]uint16]string{},
		closed: make([][2]uint32, len(tr.Conns))}
	t.names, t.totals = nameSegments(tr)
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Arrived != trace.Never {
			t.arrived = append(t.arrived, int32(i))
		}
	}
	slices.SortStableFunc(t.arrived, func(a, b int32) int { return cmp.Compare(tr.Packets[a].Landed, tr.Packets[b].Landed) })
	for i := range tr.Samples {
		s := trace.StreamOf(tr.Samples[i].Conn, int(tr.Samples[i].End))
		t.samples[s] = append(t.samples[s], int32(i))
	}
	for i := range tr.Calls {
		c := &tr.Calls[i]
		if c.What == "close" && c.Conn >= 0 && c.Ended > 0 {
			if end := t.endOf(c); t.closed[c.Conn][end] == 0 {
				t.closed[c.Conn][end] = c.Ended
			}
		}
	}
	t.touches = touchesOf(tr)
	t.units = t.gatherUnits()
	return t
}

// endOf is the end of its connection at which a call was made.
func (t *teller) endOf(c *trace.Call) int {
	if t.tr.Conns[c.Conn].Ends[0].Host == c.Host {
		return 0
	}
	return 1
}

// hasClosed says whether the program at the end that sends on s had closed the
// connection by a step.
func (t *teller) hasClosed(s trace.Stream, step uint32) bool {
	at := t.closed[s.Conn()][s.End()]
	return at > 0 && at <= step
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

// around returns the state of the end that sends on s before and after step;
// ok is false if both are not known.
func (t *teller) around(s trace.Stream, step uint32) (before, after *trace.Sample, ok bool) {
	before, after = t.stateAt(s, step-1), t.stateAt(s, step)
	return before, after, before != nil && after != nil
}

// isTCP says whether packet p is a whole segment of a known connection.
func (t *teller) isTCP(p *trace.Packet) bool {
	return p.Conn() >= 0 && t.tr.Conns[p.Conn()].Proto == packets.ProtocolTCP
}

// direction says who sends to whom.
func (t *teller) direction(from, to uint16) string {
	words, ok := t.between[[2]uint16{from, to}]
	if !ok {
		words = t.tr.Name(from) + " to " + t.tr.Name(to)
		t.between[[2]uint16{from, to}] = words
	}
	return words
}

// arrivedIn is the packet that arrived in a step, or nil.
func (t *teller) arrivedIn(step uint32) *trace.Packet {
	i := sort.Search(len(t.arrived), func(i int) bool { return t.tr.Packets[t.arrived[i]].Landed > step }) - 1
	if i < 0 || t.tr.Packets[t.arrived[i]].Landed != step {
		return nil
	}
	return &t.tr.Packets[t.arrived[i]]
}
