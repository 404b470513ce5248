package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
)

// A strip is what one end of a connection sent, cut into pieces as it first was,
// at the end of the run.
type strip struct {
	title  string
	side   side
	from   string
	to     string
	pieces []piece
	more   int   // pieces that were left out
	bytes  int64 // of all
}

// A piece is what was first sent in one segment, or a datagram.
type piece struct {
	lo, hi int64
	unit   int32
	name   string
	sent   int  // how often
	came   bool // some packet with it arrived, and was not thrown away there
	fate   trace.Fate
	acked  bool
	there  bool // in order at the receiver, or read
}

// word says what became of a piece.
func (p *piece) word() string {
	switch {
	case p.acked:
		return "acknowledged"
	case p.there:
		return "delivered"
	case p.came && p.unit == 0:
		return "kept, out of order"
	case p.came:
		return "arrived, not read"
	}
	return p.fate.String()
}

// times says how often a piece was sent, if it was more than once.
func (p *piece) times() string {
	switch p.sent {
	case 0, 1:
		return ""
	case 2:
		return ", sent twice"
	}
	return fmt.Sprintf(", sent %s times", group(p.sent))
}

// stripsOf cuts what was sent into strips, at most maxStrips; more is how many
// streams have none.
func stripsOf(tr *trace.Trace, events []story.Event) (strips []strip, more int) {
	place := map[trace.Stream]int{}
	for i := range events {
		e := &events[i]
		if e.Kind != story.Sent {
			continue
		}
		p := &tr.Packets[e.Row]
		lo, hi := dataOf(tr, p)
		if p.Span.Stream < 0 || p.Hop || lo >= hi {
			continue
		}
		at, ok := place[p.Span.Stream]
		if !ok {
			at = len(place)
			place[p.Span.Stream] = at
			if at < maxStrips {
				strips = append(strips, newStrip(tr, p.Span.Stream))
			}
		}
		if at < maxStrips {
			name, _, _ := strings.Cut(e.Text, ", ")
			strips[at].add(tr, p, lo, hi, strings.TrimSuffix(name, " again"))
		}
	}
	for s, at := range place {
		if at < maxStrips {
			strips[at].finish(tr, s)
		}
	}
	return strips, max(len(place)-maxStrips, 0)
}

func newStrip(tr *trace.Trace, s trace.Stream) strip {
	c := &tr.Conns[s.Conn()]
	from, to := tr.Name(c.Ends[s.End()].Host), tr.Name(c.Ends[1-s.End()].Host)
	title := from + " to " + to
	if len(tr.Conns) > 1 {
		title = fmt.Sprintf("#%d %s", s.Conn()+1, title)
	}
	return strip{title: title, side: [...]side{client, server}[s.End()], from: from, to: to}
}

// dataOf are the bytes of data that a packet carries, SYN and FIN left out.
func dataOf(tr *trace.Trace, p *trace.Packet) (lo, hi int64) {
	lo, hi = max(p.Span.Lo, 0), p.Span.Hi
	if packets.Scan(tr.Bytes(p)).Flags.Has(packets.FIN) && p.Conn() >= 0 && tr.Conns[p.Conn()].Proto == packets.ProtocolTCP {
		hi--
	}
	return lo, hi
}

// add notes that bytes [lo, hi) were sent in packet p.
func (s *strip) add(tr *trace.Trace, p *trace.Packet, lo, hi int64, name string) {
	reached := int64(0)
	if n := len(s.pieces); n > 0 && s.pieces[n-1].unit == p.Span.Unit {
		reached = s.pieces[n-1].hi
	}
	if hi > reached && !p.Copy {
		s.bytes += hi - max(lo, reached)
		s.pieces = append(s.pieces, piece{lo: max(lo, reached), hi: hi, unit: p.Span.Unit, name: name})
	}
	first, _ := slices.BinarySearchFunc(s.pieces, lo+1, func(x piece, n int64) int {
		return cmp.Or(cmp.Compare(x.unit, p.Span.Unit), cmp.Compare(x.hi, n))
	})
	for i := first; i < len(s.pieces) && s.pieces[i].unit == p.Span.Unit && s.pieces[i].lo < hi; i++ {
		x := &s.pieces[i]
		if !p.Copy {
			x.sent++
		}
		x.fate = p.Fate
		x.came = x.came || p.Fate == trace.Delivered && p.Arrived != trace.Never
	}
}

// finish notes what the ends know at the end of the run.
func (s *strip) finish(tr *trace.Trace, stream trace.Stream) {
	var acked, there int64
	for i := range tr.Samples {
		sample := &tr.Samples[i]
		switch trace.StreamOf(sample.Conn, int(sample.End)) {
		case stream:
			acked = int64(sample.SndUna) - 1
		case stream ^ 1:
			there = int64(sample.RcvNxt) - 1
		}
	}
	s.more = max(len(s.pieces)-maxPieces, 0)
	s.pieces = s.pieces[:len(s.pieces)-s.more]
	for i := range s.pieces {
		x := &s.pieces[i]
		if x.unit > 0 {
			x.there = len(tr.CallsOn(trace.Span{Stream: stream, Unit: x.unit, Lo: x.lo, Hi: x.hi}, "read")) > 0
			continue
		}
		x.acked, x.there = x.hi <= acked, x.hi <= there
	}
}
