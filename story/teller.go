package story

import (
	"wirelab/packets"
	"wirelab/trace"
	"wirelab/trace/dissect"
)

// A Teller tells what a trace holds: which events, in order, and the words of
// any one of them when asked. What it finds out beforehand are a few numbers a
// packet and the order of the events; words are made anew each time.
//
// It is of the trace as it was when the Teller was made, and not for several
// goroutines at once.
type Teller struct {
	tr      *trace.Trace
	places  []place     // the events, in order
	zooms   []tally     // before each stretch of places
	facts   []facts     // by packet
	pieces  byStream    // rows of the segments with bytes that were not sent before: each is a piece of its stream
	samples byStream    // rows of the samples of the end that sends, in order
	arrived []int32     // rows of the packets that arrived, in that order
	touches []int32     // rows of the calls that touched bytes, see touchesOf
	units   []int32     // rows of the packets with datagrams, see unitsOf
	closed  [][2]uint32 // by connection and end: the step of its program's first close; 0: none
	carried []carriedBy // by message
	between map[[2]uint16]string
	frames  map[int]framed // some packets without ports, by row
	index   *dissect.Index // of the streams' bytes; nil: not needed yet
}

// NewTeller reads tr once.
func NewTeller(tr *trace.Trace) *Teller {
	t := &Teller{tr: tr, between: map[[2]uint16]string{}, frames: map[int]framed{}}
	t.samples = groupByStream(len(tr.Conns), allRows(len(tr.Samples)), func(row int32) trace.Stream { return sampleStream(&tr.Samples[row]) })
	t.arrived = arrivals(tr)
	t.touches = touchesOf(tr)
	t.units = unitsOf(tr)
	t.closed = t.closings()
	t.listen()
	t.hear()
	t.put()
	t.carried = t.carriage()
	return t
}

// Trace is the trace of which the Teller tells.
func (t *Teller) Trace() *trace.Trace { return t.tr }

// Event returns event i in words.
func (t *Teller) Event(i int) Event {
	p := t.places[i]
	where := t.Place(i)
	e := Event{At: where.At, Step: where.Step, Zoom: where.Zoom, Kind: where.Kind, Row: where.Row, Conn: where.Conn}
	switch p.kind {
	case Sent:
		t.tellSent(&e)
	case Arrived:
		t.tellArrived(&e)
	case State:
		t.tellState(&e)
	case Began, Ended:
		t.tellCall(&e)
	case MessageSent:
		t.tellMessageSent(&e)
	case MessageArrived:
		t.tellMessageArrived(&e)
	case Mark:
		e.Text = packets.Text([]byte(t.tr.Marks[p.row].Name), textLen)
	}
	return e
}
