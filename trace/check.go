package trace

import (
	"errors"
	"fmt"
	"time"

	"wirelab/packets"
)

// Check says in which ways t is not what every trace of a run is: times and
// steps in order, fates that agree with arrivals, rows that exist, spans that
// agree with the packets' own headers, calls that tile the streams, samples
// that agree with each other. Of a trace whose first rows were dropped it asks
// only what can still be seen. It is for tests; nil is a sound trace.
func (t *Trace) Check() error {
	c := checker{t: t}
	c.packets()
	c.calls()
	c.messages()
	c.samples()
	for i := 1; i < len(t.Marks); i++ {
		c.that(t.Marks[i-1].At <= t.Marks[i].At, "mark %d is before the one before it", i)
	}
	for i, w := range t.Waiting {
		c.that(c.hosted(w.Host) && c.connected(w.Conn), "waiting %d: host %d, connection %d", i, w.Host, w.Conn)
		c.that(w.Since <= t.End, "waiting %d began at %v, after the end at %v", i, w.Since, t.End)
	}
	return errors.Join(c.wrong...)
}

type checker struct {
	t     *Trace
	wrong []error
}

// that notes what is wrong if ok is false; not more than a few times.
func (c *checker) that(ok bool, format string, args ...any) {
	if !ok && len(c.wrong) < 10 {
		c.wrong = append(c.wrong, fmt.Errorf(format, args...))
	}
}

func (c *checker) hosted(h uint16) bool   { return int(h) < len(c.t.Hosts) }
func (c *checker) connected(n int32) bool { return n >= -1 && int(n) < len(c.t.Conns) }

// span says whether s is on a connection of the trace, from Lo to no less.
func (c *checker) span(s Span) bool {
	return s.Stream >= 0 && int(s.Stream.Conn()) < len(c.t.Conns) && s.Lo >= -1 && s.Lo <= s.Hi
}

func (c *checker) packets() {
	next := map[Stream]int64{} // beyond the last number sent
	nth := map[uint16]uint32{}
	var sent time.Duration
	var step uint32
	gone := c.t.Dropped.Packets
	once := map[ref]int{} // the packet whose bytes they are: one more row of them is not a host's
	for i := range c.t.Packets {
		p := &c.t.Packets[i]
		c.that(c.hosted(p.From) && c.hosted(p.To), "packet %d: from host %d to %d", i, p.From, p.To)
		c.fate(i, p)
		first, twin := once[p.ref]
		h := packets.Scan(c.t.Bytes(p))
		if !twin && gone > 0 && p.Nth == 0 && (h.IPLen > 0 || p.Sent < sent) {
			continue // one more row of a packet that was dropped
		}
		if !twin {
			once[p.ref] = i
		}
		if twin || p.Copy {
			o := &c.t.Packets[first]
			c.that(twin && p.Nth == 0 && p.From == o.From && p.Sent == o.Sent && p.Step == o.Step && p.Span == o.Span && p.Again == o.Again,
				"packet %d: a copy %v of packet %d: %+v, of %+v", i, p.Copy, first, *p, *o)
			continue
		}
		c.that(p.Sent >= sent && p.Step >= step, "packet %d: sent at %v in step %d, after one at %v in step %d", i, p.Sent, p.Step, sent, step)
		sent, step = p.Sent, p.Step
		if h.IPLen > 0 {
			if nth[p.From]++; gone > 0 && nth[p.From] == 1 {
				nth[p.From] = p.Nth
			}
			c.that(p.Nth == nth[p.From], "packet %d: IP packet %d of its host, want %d", i, p.Nth, nth[p.From])
		}
		c.that(int(p.Piece) < gone || int(p.Piece) <= gone+i && c.t.Packets[int(p.Piece)-gone].Piece == p.Piece, "packet %d: a piece of %d", i, p.Piece)
		if p.Span.Stream < 0 {
			continue
		}
		if !c.span(p.Span) {
			c.that(false, "packet %d: span %+v", i, p.Span)
			continue
		}
		if conn := &c.t.Conns[p.Conn()]; conn.Proto == packets.ProtocolTCP {
			c.segment(i, p, &h, conn, next)
		}
	}
}

// fate compares what became of packet i with its times.
func (c *checker) fate(i int, p *Packet) {
	arrived := p.Arrived != Never
	switch p.Fate {
	case Delivered, BadChecksum, SocketFull:
		c.that(arrived && p.Landed >= p.Step && p.Sent <= p.Left && p.Left <= p.Arrived && p.Arrived <= c.t.End,
			"packet %d: %v; sent %v, left %v, arrived %v, end %v", i, p.Fate, p.Sent, p.Left, p.Arrived, c.t.End)
	case LostBlocked: // on the wire, or by what it arrived at
		c.that(arrived == (p.Landed > 0), "packet %d: blocked, arrived %v in step %d", i, p.Arrived, p.Landed)
	default:
		c.that(!arrived && p.Landed == 0, "packet %d: %v, and arrived at %v", i, p.Fate, p.Arrived)
	}
}

// segment compares the span of packet i with its header.
func (c *checker) segment(i int, p *Packet, h *packets.Headers, conn *Conn, next map[Stream]int64) {
	n, end := int64(h.Len), p.Span.Stream.End()
	if h.Flags.Has(packets.SYN) {
		n++
	}
	if h.Flags.Has(packets.FIN) {
		n++
	}
	c.that(p.Span.Len() == n, "packet %d: span %+v, want %d numbers", i, p.Span, n)
	reset := h.Flags.Has(packets.RST) // its number may be the other end's word
	c.that(reset || !conn.Known[end] || h.Seq == conn.ISN[end]+1+uint32(p.Span.Lo), "packet %d: span %+v at number %d", i, p.Span, h.Seq)
	if p.Hop {
		last, ok := next[p.Span.Stream]
		if !ok && c.t.Dropped.Packets > 0 {
			return
		}
		c.that(!p.Again && (reset || p.Span.Hi <= last), "packet %d: sent on, %+v, and its stream was sent up to %d", i, p.Span, last)
		return
	}
	last, ok := next[p.Span.Stream]
	switch {
	case !ok && c.t.Dropped.Packets == 0:
		last = min(p.Span.Lo, 0)
	case !ok && (p.Again || n == 0):
		return // what was sent before it was dropped
	case !ok:
		last = p.Span.Lo
	}
	c.that(p.Again == (n > 0 && p.Span.Lo < last), "packet %d: again %v; span %+v, sent before up to %d", i, p.Again, p.Span, last)
	c.that(reset || p.Span.Lo <= last, "packet %d: span %+v leaves numbers from %d out", i, p.Span, last)
	next[p.Span.Stream] = max(last, p.Span.Hi)
}

func (c *checker) calls() {
	type kind struct {
		stream Stream
		what   string
	}
	next := map[kind]Span{}
	gone := c.t.Dropped.Calls
	for i := range c.t.Calls {
		call := &c.t.Calls[i]
		if i > 0 {
			b := &c.t.Calls[i-1]
			c.that(b.Start < call.Start || b.Start == call.Start && b.Began <= call.Began, "call %d began at %v in step %d, before the one before it", i, call.Start, call.Began)
		}
		c.that(c.hosted(call.Host) && c.connected(call.Conn), "call %d: host %d, connection %d", i, call.Host, call.Conn)
		if call.End == Never {
			c.that(call.Ended == 0 && call.Result == "", "call %d never ended: step %d, %q", i, call.Ended, call.Result)
		} else {
			c.that(call.Start <= call.End && call.Began <= call.Ended && call.End <= c.t.End, "call %d: from %v to %v, steps %d to %d", i, call.Start, call.End, call.Began, call.Ended)
		}
		if parent := int(call.Parent) - gone; parent >= 0 {
			p := &c.t.Calls[parent]
			inside := p.Start <= call.Start && (p.End == Never || call.End != Never && call.End <= p.End)
			c.that(parent < i && inside && p.Host == call.Host, "call %d is not inside its parent %d", i, call.Parent)
		}
		if call.Span == (Span{}) {
			continue
		}
		c.that(c.span(call.Span), "call %d: span %+v", i, call.Span)
		if call.What != "read" && call.What != "write" {
			continue
		}
		// What is read and written lies end to end; datagrams follow each other.
		k := kind{call.Span.Stream, call.What}
		last, ok := next[k]
		if !ok && gone > 0 {
			next[k] = call.Span
			continue
		}
		if call.Span.Unit == 0 {
			c.that(call.Span.Lo == last.Hi, "call %d: %s of %+v follows %d", i, call.What, call.Span, last.Hi)
		} else if call.What == "write" {
			c.that(call.Span.Unit == last.Unit+1 && call.Span.Lo == 0, "call %d: write of %+v follows datagram %d", i, call.Span, last.Unit)
		}
		next[k] = call.Span
	}
}

func (c *checker) messages() {
	for i := range c.t.Messages {
		m := &c.t.Messages[i]
		if i > 0 && c.t.Origin != Live { // which has them in the order in which they were told of
			c.that(c.t.Messages[i-1].compare(m) <= 0, "message %d is before the one before it", i)
		}
		c.that(c.hosted(m.From) && c.hosted(m.To) && c.connected(m.Conn), "message %d: from %d to %d, connection %d", i, m.From, m.To, m.Conn)
		parent := int(m.Parent) - c.t.Dropped.Messages
		c.that(m.Parent >= -1 && parent < len(c.t.Messages) && parent != i, "message %d: parent %d", i, m.Parent)
		c.that(m.Arrived == Never || m.Sent == Never || m.Sent <= m.Arrived, "message %d: sent %v, arrived %v", i, m.Sent, m.Arrived)
		for _, s := range m.Spans {
			c.that(c.span(s), "message %d: span %+v", i, s)
		}
	}
}

func (c *checker) samples() {
	before := map[Stream]*Sample{} // the last one of each end
	for i := range c.t.Samples {
		s := &c.t.Samples[i]
		if i > 0 {
			b := &c.t.Samples[i-1]
			c.that(b.At <= s.At && b.Step <= s.Step, "sample %d: at %v in step %d, after one at %v in step %d", i, s.At, s.Step, b.At, b.Step)
		}
		if s.Conn < 0 || int(s.Conn) >= len(c.t.Conns) || s.End > 1 {
			c.that(false, "sample %d: connection %d, end %d", i, s.Conn, s.End)
			continue
		}
		c.that(s.InFlight() < 1<<31, "sample %d: SND.UNA %d is beyond SND.NXT %d", i, s.SndUna, s.SndNxt)
		own, peer := StreamOf(s.Conn, int(s.End)), StreamOf(s.Conn, 1-int(s.End))
		if b := before[own]; b != nil {
			c.that(b.State == s.State || leadsTo(b.State, s.State), "sample %d: from %v to %v", i, b.State, s.State)
			c.that(int32(s.SndUna-b.SndUna) >= 0 && int32(s.SndNxt-b.SndNxt) >= 0 && int32(s.RcvNxt-b.RcvNxt) >= 0,
				"sample %d: SND.UNA, SND.NXT, RCV.NXT were %d %d %d and are %d %d %d", i, b.SndUna, b.SndNxt, b.RcvNxt, s.SndUna, s.SndNxt, s.RcvNxt)
		}
		if o := before[peer]; o != nil {
			c.that(int32(o.SndNxt-s.RcvNxt) >= 0, "sample %d: RCV.NXT %d is beyond the peer's SND.NXT %d", i, s.RcvNxt, o.SndNxt)
			c.that(int32(o.RcvNxt-s.SndUna) >= 0, "sample %d: SND.UNA %d is beyond the peer's RCV.NXT %d", i, s.SndUna, o.RcvNxt)
		}
		before[own] = s
	}
}

// leadsTo says whether a connection may come from state a to b within one step
// (RFC 9293 figure 5: one event may take it along several arrows).
func leadsTo(a, b State) bool {
	if b == Closed {
		return true
	}
	for _, next := range arrows[a] {
		if next == b || leadsTo(next, b) {
			return true
		}
	}
	return false
}

// arrows are those of RFC 9293 figure 5 that do not lead back.
var arrows = [...][]State{
	Closed: {Listen, SynSent, SynReceived}, Listen: {SynSent, SynReceived}, SynSent: {SynReceived, Established},
	SynReceived: {Established}, Established: {FinWait1, CloseWait}, FinWait1: {FinWait2, Closing}, FinWait2: {TimeWait},
	CloseWait: {LastAck}, Closing: {TimeWait}, LastAck: {}, TimeWait: {},
}
