package export

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

// A ladder is the sequence diagram: lifelines side by side, time downward.
type ladder struct {
	tr     *trace.Trace
	width  float64
	gap    float64 // between lifelines
	lanes  []lane
	laneOf map[uint16]int
	rows   []row // in the order of the story
	arrows []arrow
	bars   []bar
	spans  []span
	breaks []fold
	rungs  map[int]scene.Rung // by packet
	labels []label
	scale  float64       // units for a nanosecond
	flight time.Duration // of a packet, typically
	bottom float64       // where the last row is
	clock  []tick

	shown     int // packets
	until     time.Duration
	cutShort  bool
	leftSpans int // messages without a bracket
}

// A row is one thing at one host at one moment.
type row struct {
	at     time.Duration
	lane   int
	text   string  // beside the lifeline; empty: it is the end of an arrow
	state  bool    // the text is a state of TCP
	silent bool    // nothing is written here: it is a moment to which something else refers
	stamp  bool    // the first of its moment at its lane: the time is written there
	extra  float64 // room above it for a label
	y      float64
}

// An arrow is a packet.
type arrow struct {
	packet   int // row in the trace
	from, to int // lanes
	sent     int // row on the ladder
	landed   int // row on the ladder; -1: none
	text     string
	end      end
	part     float64 // of its way, until it was lost
	side     side    // of the end of the connection that sent it first
	thin     bool    // it carries nothing: an acknowledgement
	again    bool
	copy     bool // the wire made it
	flat     bool // its label stands level, not along it
}

// class is how its line is drawn.
func (a *arrow) class() string {
	class := a.side.class()
	if a.thin {
		class += " ack"
	}
	switch {
	case a.copy:
		class += " copy"
	case a.again:
		class += " again"
	}
	return class
}

// An end is what there is at the end of an arrow.
type end uint8

const (
	head    end = iota // it arrived
	lost               // it did not
	stopped            // it arrived, and was thrown away
	open               // it was still under way
)

// A bar is a call that takes time.
type bar struct {
	lane       int
	began, end int // rows; end is -1 if it did not return
}

// A span is the extent of a message: from its first byte written to its last
// one read.
type span struct {
	sent, arrived int // rows; arrived is -1 if it did not
	right         bool
	column        int
	side          side
	words         []string // what to call it, the longest first
	x             float64
}

func newLadder(sc *scene.Scene) *ladder {
	tr := sc.Teller().Trace()
	l := &ladder{tr: tr, lanes: lanesOf(sc), laneOf: map[uint16]int{}, rungs: map[int]scene.Rung{}, until: tr.End}
	for i, lane := range l.lanes {
		l.laneOf[lane.host] = i
	}
	l.gather(l.within(sc))
	return l
}

// within are the events before the first one that the picture has no room for.
func (l *ladder) within(sc *scene.Scene) (events []story.Event) {
	t := sc.Teller()
	sent, rows, n := 0, 0, 0
	for ; n < t.Len(); n++ {
		switch t.Place(n).Kind {
		case story.Sent:
			sent++
		case story.State, story.Began, story.Ended:
			rows++
		}
		if sent > MaxArrows || rows > maxRows {
			l.until, l.cutShort = t.Place(n).At, true
			break
		}
		events = append(events, t.Event(n))
	}
	rungs, _ := sc.Ladder(scene.All(), longAfter(n), MaxArrows)
	for _, r := range rungs {
		l.rungs[r.Row] = r
	}
	return events
}

// longAfter is the moment after n events at which each packet that was lost has
// come to where it was, also if the run ended sooner.
func longAfter(n int) story.Moment { return story.Moment{At: math.MaxInt64 / 2, Done: n} }

// gather makes rows and what joins them out of events.
func (l *ladder) gather(events []story.Event) {
	arrows, calls, messages := map[int]int{}, map[int]int{}, map[int]int{}
	for i := range events {
		e := &events[i]
		switch e.Kind {
		case story.Sent:
			arrows[e.Row] = len(l.arrows)
			l.arrows = append(l.arrows, l.arrow(e, l.row(e, l.tr.Packets[e.Row].From, "")))
		case story.Arrived:
			if a, ok := arrows[e.Row]; ok {
				l.arrows[a].land(&l.tr.Packets[e.Row], l.row(e, l.tr.Packets[e.Row].To, ""))
			}
		case story.State:
			s := &l.tr.Samples[e.Row]
			r := l.row(e, l.tr.Conns[s.Conn].Ends[s.End].Host, numbered(l.tr, e.Conn, s.State.String()))
			l.rows[r].state = true
		case story.Began, story.Ended:
			l.call(e, calls)
		case story.MessageSent, story.MessageArrived:
			l.message(e, messages)
		case story.Mark:
			if len(l.lanes) > 0 {
				l.row(e, l.lanes[0].host, "mark: "+e.Text)
			}
		}
	}
	for i := range l.arrows {
		a := &l.arrows[i]
		if p := &l.tr.Packets[a.packet]; a.landed < 0 && p.Arrived != trace.Never {
			a.text += "; arrives below the end of this picture"
		}
	}
}

// row adds a row for e at a host, and returns which it is.
func (l *ladder) row(e *story.Event, host uint16, text string) int {
	l.rows = append(l.rows, row{at: e.At, lane: l.laneOf[host], text: text})
	return len(l.rows) - 1
}

// arrow is the packet of e, which was sent at a row.
func (l *ladder) arrow(e *story.Event, sent int) arrow {
	p := &l.tr.Packets[e.Row]
	l.shown++
	a := arrow{packet: e.Row, from: l.laneOf[p.From], to: l.laneOf[p.To], sent: sent, landed: -1, text: numbered(l.tr, e.Conn, e.Text), end: open}
	if p.Fate.Lost() {
		a.end, a.part = lost, l.rungs[e.Row].Part
	}
	a.side = l.lanes[a.from].side
	if p.Span.Stream >= 0 {
		a.side = [...]side{client, server}[p.Span.Stream.End()]
	}
	a.again, a.copy = p.Again, p.Copy
	a.thin = l.isTCP(&a) && p.Span.Empty() && !packets.Scan(l.tr.Bytes(p)).Flags.Has(packets.RST)
	return a
}

// land notes where a packet arrived.
func (a *arrow) land(p *trace.Packet, row int) {
	a.landed, a.end = row, head
	switch {
	case p.Fate.Lost():
		a.end = stopped
	case p.Fate == trace.BadChecksum || p.Fate == trace.SocketFull:
		a.end = stopped
		a.text += "; " + p.Fate.String()
	}
}

// call adds the row of a call that begins or returns. One that begins again as
// soon as the one before has returned is not said again: its bar shows it.
func (l *ladder) call(e *story.Event, bars map[int]int) {
	c := &l.tr.Calls[e.Row]
	lane := l.laneOf[c.Host]
	if e.Kind == story.Began && c.Ended != c.Began {
		r := -1
		if last := l.lastText(lane); last >= 0 && l.rows[last].at == e.At && strings.HasPrefix(l.rows[last].text, numbered(l.tr, e.Conn, c.What+" returns")) {
			r = l.row(e, c.Host, "")
			l.rows[r].silent = true
		} else {
			r = l.row(e, c.Host, numbered(l.tr, e.Conn, e.Text))
		}
		bars[e.Row] = len(l.bars)
		l.bars = append(l.bars, bar{lane, r, -1})
		return
	}
	r := l.row(e, c.Host, numbered(l.tr, e.Conn, e.Text))
	if b, ok := bars[e.Row]; ok && e.Kind == story.Ended {
		l.bars[b].end = r
	}
}

// lastText is the last row with a text at a lane, or -1.
func (l *ladder) lastText(lane int) int {
	for i := len(l.rows) - 1; i >= 0; i-- {
		if r := &l.rows[i]; r.lane == lane && r.text != "" {
			return i
		}
	}
	return -1
}

// message notes where a message begins or ends.
func (l *ladder) message(e *story.Event, spans map[int]int) {
	m := &l.tr.Messages[e.Row]
	host := m.From
	if e.Kind == story.MessageArrived {
		host = m.To
	}
	r := l.row(e, host, "")
	l.rows[r].silent = true
	if e.Kind == story.MessageArrived {
		if s, ok := spans[e.Row]; ok {
			l.spans[s].arrived = r
		}
		return
	}
	from := l.laneOf[m.From]
	took := ", never read"
	if m.Arrived != trace.Never {
		took = ", one way " + story.Milliseconds(m.Arrived-m.Sent)
	}
	size, _, _ := strings.Cut(e.Text, " \"")
	spans[e.Row] = len(l.spans)
	l.spans = append(l.spans, span{sent: r, arrived: -1, right: 2*from >= len(l.lanes), side: l.lanes[from].side,
		words: []string{numbered(l.tr, e.Conn, size+took), numbered(l.tr, e.Conn, size), numbered(l.tr, e.Conn, m.Kind)}})
}

// notes say what of the run the picture does not show.
func (l *ladder) notes() (lines []string) {
	if l.cutShort {
		lines = append(lines, fmt.Sprintf("The picture ends at %s with the first %s of %s packets. The text has them all (--plain --zoom packets).",
			story.Milliseconds(l.until), group(l.shown), group(len(l.tr.Packets))))
	}
	if l.leftSpans > 0 {
		lines = append(lines, fmt.Sprintf("%s of the messages have no bracket here: too many are on the way at once. The text has them all (--plain --zoom messages).", group(l.leftSpans)))
	}
	return lines
}

// typicalFlight is the median time that a packet takes.
func (l *ladder) typicalFlight() time.Duration {
	var took []time.Duration
	for i := range l.arrows {
		if p := &l.tr.Packets[l.arrows[i].packet]; p.Arrived != trace.Never {
			took = append(took, p.Arrived-p.Sent)
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// isTCP says whether an arrow is a segment of a known connection.
func (l *ladder) isTCP(a *arrow) bool {
	c := l.tr.Packets[a.packet].Conn()
	return c >= 0 && l.tr.Conns[c].Proto == packets.ProtocolTCP
}
