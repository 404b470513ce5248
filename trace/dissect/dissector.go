package dissect

import (
	"bytes"
	"maps"
	"slices"

	"wirelab/packets/flow"
	"wirelab/trace"
)

// A Dissector reads the messages of any number of connections.
type Dissector struct {
	rows     []trace.Message
	conns    map[int32]*conn
	order    []*conn // in which they came
	sessions map[session]*pending
	source   source
}

// New returns a Dissector that knows nothing yet.
func New() *Dissector {
	return &Dissector{conns: map[int32]*conn{}, sessions: map[session]*pending{}}
}

// Rows are the messages that are whole so far, in the order in which they became
// so; Parent is a row of the same. Rows are only ever appended. Nothing of them
// is timed: trace.Trace.TimeMessages does that.
func (d *Dissector) Rows() []trace.Message { return d.rows }

// A conn is both directions of a connection.
type conn struct {
	d      *Dissector
	number int32
	halves [2]*half
}

// Feed takes the next piece of a stream, which the host from sends the host to.
// Pieces of one stream must follow one another, as those of a flow.Stream do;
// different streams may be fed in any order. The piece's bytes are not kept.
func (d *Dissector) Feed(s trace.Stream, from, to uint16, p flow.Piece) {
	h := d.half(s, from, to)
	if h.mode == raw {
		return
	}
	if len(h.queue) == 0 && !h.started {
		h.started, h.at = true, p.At
	}
	h.queue = append(h.queue, p)
	h.queued += len(p.Data)
	h.c.run()
	h.impatient = h.queued > maxQueued
	if h.impatient {
		h.c.run()
	}
	if n := len(h.queue); n > 0 { // it waits, and must not share the caller's bytes
		h.queue[n-1].Data = bytes.Clone(h.queue[n-1].Data)
	}
}

// maxQueued is how many bytes of a direction wait for the other one before it is
// read without.
const maxQueued = 4 << 20

// half returns the direction s.
func (d *Dissector) half(s trace.Stream, from, to uint16) *half {
	c := d.conns[s.Conn()]
	if c == nil {
		c = &conn{d: d, number: s.Conn()}
		for end := range c.halves {
			c.halves[end] = &half{d: d, c: c, stream: trace.StreamOf(s.Conn(), end)}
		}
		c.halves[0].other, c.halves[1].other = c.halves[1], c.halves[0]
		d.conns[c.number] = c
		d.order = append(d.order, c)
	}
	h := c.halves[s.End()]
	h.from, h.to = from, to
	return h
}

// run reads what can be read.
func (c *conn) run() {
	for c.halves[0].step() || c.halves[1].step() {
	}
}

// Finish says that no stream goes on: what is not whole will not be.
func (d *Dissector) Finish() {
	for _, c := range d.order {
		for _, h := range c.halves {
			if h.mode != raw {
				h.cut = true
				h.queue = append(h.queue, flow.Piece{End: true})
			}
		}
		c.run()
	}
	keys := slices.SortedFunc(maps.Keys(d.sessions), session.compare)
	for _, key := range keys {
		d.give(d.sessions[key])
	}
}

// add appends a row and returns its number.
func (d *Dissector) add(m trace.Message) int32 {
	d.rows = append(d.rows, m)
	return int32(len(d.rows) - 1)
}
