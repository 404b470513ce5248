package scene

import (
	"strings"

	"wirelab/story"
	"wirelab/trace"
)

// A Sending is what the sender knows of a piece.
type Sending uint8

// The sendings, in the order in which a piece comes through them.
const (
	NotWritten   Sending = iota // its program has not handed it to the stack yet
	Unsent                      // it is in the stack, which has not sent it
	NoAck                       // it was sent, and no acknowledgement of it has come
	Acknowledged                // of UDP never: a datagram stays at NoAck
)

func (s Sending) String() string {
	return [...]string{"not written yet", "not sent yet", "no ack yet", "acknowledged"}[min(s, Acknowledged)]
}

// A Having is what the receiver has of a piece.
type Having uint8

// The havings, in the order in which a piece comes through them, if it comes in
// order.
const (
	NotHere   Having = iota
	Wanted           // it is not here, and it has the byte that is wanted next
	Kept             // it is here and has to wait: for what comes before it, or for the other fragments
	InOrder          // the stack has it and all before it, for the program to read
	Read             // the program has read it
	ThrownOut        // of UDP: the socket had no room for it, or there was none
)

func (h Having) String() string {
	return [...]string{"not yet", "wanted next", "kept", "delivered", "read", "thrown away"}[min(h, ThrownOut)]
}

// A Piece is a part of a message that one segment carried first, or a fragment
// of a datagram.
type Piece struct {
	Name string     // as on the cable; empty: it was never sent
	Row  int        // the packet that carried it first; -1: it was never sent
	Span trace.Span // its bytes of the message
	Part bool       // the segment carries bytes of the stream that are not the message's

	// The sender and the receiver may disagree, and both are right. Sent and Got
	// tell of the first byte that has not come to the end of its way at that side;
	// the counts below of all.
	Sent  Sending
	Times int // packets that its sender has sent with that byte
	Got   Having

	// Lost is the truth, which neither knows: it is not at the receiver, and of
	// all packets that carried it none is on its way.
	Lost bool

	Acked, Delivered, Kept, Read int64 // bytes
}

// A Sum is of the pieces at one side that are not shown one by one.
type Sum struct {
	Bytes  int64
	Pieces int

	// How many of them are so as a whole.
	Acknowledged, Sent, Delivered, Read int
}

// A Strip is a message cut into its pieces, as both sides see it at a moment.
type Strip struct {
	Of          trace.Ref // a message, or a write of a stream that has none
	From, To    uint16
	Conn        int32
	Spans       []trace.Span
	Size        int64
	UDP         bool
	Left, Right Sum     // what lies before and behind Pieces
	Pieces      []Piece // in order
}

// Strip cuts a message, or a write, into at most so many pieces: those around
// the first byte that is not acknowledged, and what lies before and behind them
// summed up.
func (s *Scene) Strip(of trace.Ref, m story.Moment, most int) Strip {
	v := Strip{Of: of, Conn: -1}
	switch of.Table {
	case trace.Messages:
		x := &s.tr.Messages[of.Row]
		v.Spans, v.Conn, v.From, v.To = x.Spans, x.Conn, x.From, x.To
	case trace.Calls:
		c := &s.tr.Calls[of.Row]
		if !c.Span.Empty() || c.Span.Unit > 0 {
			v.Spans, v.Conn = []trace.Span{c.Span}, c.Span.Stream.Conn()
			ends := &s.tr.Conns[v.Conn].Ends
			v.From, v.To = ends[c.Span.Stream.End()].Host, ends[1-c.Span.Stream.End()].Host
		}
	}
	for _, x := range v.Spans {
		v.Size += x.Len()
	}
	v.UDP = len(v.Spans) > 0 && s.isUDP(v.Spans[0].Stream)
	if v.UDP {
		s.fragmented(&v, m, most)
	} else {
		s.cut(&v, m, most)
	}
	return v
}

// A section is the part of a message in one TCP stream, and the pieces that it
// touches.
type section struct {
	trace.Span
	progress
	first, n int // the piece of the stream with its first byte, and how many
	total    int64
}

// cut fills in the pieces of a message on TCP.
func (s *Scene) cut(v *Strip, m story.Moment, most int) {
	var sections []section
	pieces, oldest := 0, -1 // and the first piece that is not acknowledged
	for i, x := range v.Spans {
		if x.Empty() {
			continue
		}
		c := section{Span: x, total: s.t.Total(x.Stream)}
		if i > 0 && len(sections) > 0 && sections[0].Stream == x.Stream {
			c.progress = sections[0].progress
		} else {
			c.progress = s.progress(x.Stream, m)
		}
		c.first = s.pieceOf(x.Stream, x.Lo)
		c.n = s.pieceOf(x.Stream, x.Hi-1) - c.first + 1
		if oldest < 0 && c.acked < x.Hi {
			oldest = pieces + s.pieceOf(x.Stream, max(c.acked, x.Lo)) - c.first
		}
		pieces += c.n
		sections = append(sections, c)
	}
	if oldest < 0 {
		oldest = pieces
	}
	// A quarter of them are those that were acknowledged last.
	from := max(min(oldest-most/4, pieces-most), 0)
	to := min(from+max(most, 0), pieces)
	at := 0
	for i := range sections {
		c := &sections[i]
		a, b := min(max(from-at, 0), c.n), min(max(to-at, 0), c.n)
		s.sum(&v.Left, c, 0, a)
		for k := a; k < b; k++ {
			v.Pieces = append(v.Pieces, s.piece(c, k, m))
		}
		s.sum(&v.Right, c, b, c.n)
		at += c.n
	}
}

// bounds are where piece k of a section begins and ends in the stream.
func (s *Scene) bounds(c *section, k int) (lo, hi int64) {
	if i := c.first + k; i < len(s.firsts.of(int(c.Stream))) {
		return s.end(c.Stream, i-1), s.end(c.Stream, i)
	}
	return c.total, max(c.Hi, c.total) // what was never sent
}

// sum adds pieces a to b of a section to one side.
func (s *Scene) sum(v *Sum, c *section, a, b int) {
	if a == b {
		return
	}
	lo, _ := s.bounds(c, a)
	_, hi := s.bounds(c, b-1)
	lo, hi = max(lo, c.Lo), min(hi, c.Hi)
	v.Bytes += hi - lo
	v.Pieces += b - a
	below := func(n int64) int {
		switch {
		case n >= hi:
			return b - a
		case n <= lo:
			return 0
		}
		return s.pieceOf(c.Stream, n) - c.first - a
	}
	v.Acknowledged += below(c.acked)
	v.Sent += below(c.sent)
	v.Delivered += below(c.delivered)
	v.Read += below(c.read)
}

// piece is piece k of a section.
func (s *Scene) piece(c *section, k int, m story.Moment) Piece {
	lo, hi := s.bounds(c, k)
	p := Piece{Row: -1, Span: c.Span}
	if firsts := s.firsts.of(int(c.Stream)); c.first+k < len(firsts) {
		p.Row = int(firsts[c.first+k])
		p.Name = s.t.Name(p.Row)
		// A segment that begins with bytes that were sent before is called B-C;
		// the new piece is C.
		p.Name = p.Name[strings.LastIndexByte(p.Name, '-')+1:]
	}
	p.Part = p.Row >= 0 && (lo < c.Lo || hi > c.Hi)
	lo, hi = max(lo, c.Lo), min(hi, c.Hi)
	p.Span.Lo, p.Span.Hi = lo, hi
	upTo := func(n int64) int64 { return min(max(n-lo, 0), hi-lo) }
	p.Acked, p.Delivered, p.Read = upTo(c.acked), upTo(c.delivered), upTo(c.read)

	switch at := lo + p.Acked; {
	case at >= hi:
		p.Sent = Acknowledged
		p.Times = s.times(c.Stream, hi-1, m)
	case at < c.sent:
		p.Sent = NoAck
		p.Times = s.times(c.Stream, at, m)
	case at < c.written:
		p.Sent = Unsent
	}

	missing := lo + p.Delivered // the first byte that is
	if missing >= hi {
		p.Got = InOrder
		if p.Read == hi-lo {
			p.Got = Read
		}
		return p
	}
	var behind []interval
	if c.sent > lo {
		behind = s.behind(c.Stream, missing, hi, m)
		p.Kept = within(behind, lo, hi)
	}
	switch {
	case p.Kept == hi-missing:
		p.Got = Kept
		return p
	case c.heard && missing == c.delivered:
		p.Got = Wanted
	}
	for covers(behind, missing) {
		missing = behind[0].hi
		behind = behind[1:]
	}
	p.Lost = c.sent > missing && !s.mayCome(c.Stream, missing, m)
	return p
}

// times is how many packets with byte n of a TCP stream its sender has sent.
func (s *Scene) times(st trace.Stream, n int64, m story.Moment) (times int) {
	for row := range s.carriers(st, n) {
		if own(&s.tr.Packets[row]) && s.left(row, m) {
			times++
		}
	}
	return times
}

// mayCome says whether some packet that was sent may yet bring byte n.
func (s *Scene) mayCome(st trace.Stream, n int64, m story.Moment) bool {
	for row := range s.carriers(st, n) {
		if s.coming(row, m) {
			return true
		}
	}
	return false
}
