package story

import (
	"sort"

	"wirelab/packets"
	"wirelab/trace"
)

// A name is what a segment with data is called: letters in the order in which
// pieces of the stream were first sent, capitals for the end that spoke first
// and small ones for the other. Who sees B on the cable finds B everywhere.
type name struct {
	text string // empty: it has no data
	part bool   // it is only a part of the piece of that name
}

// String is the name for a sentence.
func (n name) String() string {
	if n.part {
		return "part of " + n.text
	}
	return n.text
}

// a piece is an interval of a stream that was first sent in one segment.
type piece struct {
	lo, hi int64
	text   string
}

// nameSegments names the segments of a trace, by row.
func nameSegments(tr *trace.Trace) []name {
	names := make([]name, len(tr.Packets))
	pieces := make([][]piece, 2*len(tr.Conns))
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Conn() < 0 || tr.Conns[p.Conn()].Proto != packets.ProtocolTCP {
			continue
		}
		lo, hi := dataOf(tr, p)
		if hi <= lo {
			continue
		}
		s := p.Span.Stream
		var end int64
		if n := len(pieces[s]); n > 0 {
			end = pieces[s][n-1].hi
		}
		if hi > end {
			pieces[s] = append(pieces[s], piece{max(lo, end), hi, letters(len(pieces[s]), s.End() == 0)})
		}
		names[i] = nameOf(pieces[s], lo, hi)
	}
	return names
}

// nameOf names the interval [lo, hi) after the pieces that it touches.
func nameOf(pieces []piece, lo, hi int64) name {
	first := sort.Search(len(pieces), func(i int) bool { return pieces[i].hi > lo })
	last := sort.Search(len(pieces), func(i int) bool { return pieces[i].hi >= hi })
	if first == last {
		p := pieces[first]
		return name{text: p.text, part: lo > p.lo || hi < p.hi}
	}
	return name{text: pieces[first].text + "-" + pieces[last].text}
}

// letters are A, B, ... Z, AA, AB, ...
func letters(n int, capital bool) string {
	base := byte('a')
	if capital {
		base = 'A'
	}
	var b []byte
	for n++; n > 0; n = (n - 1) / 26 {
		b = append([]byte{base + byte((n-1)%26)}, b...)
	}
	return string(b)
}

// dataOf is the interval of data bytes in a segment, SYN and FIN left out.
func dataOf(tr *trace.Trace, p *trace.Packet) (lo, hi int64) {
	h := packets.Scan(tr.Bytes(p))
	lo, hi = p.Span.Lo, p.Span.Hi
	if h.Flags.Has(packets.SYN) {
		lo++
	}
	if h.Flags.Has(packets.FIN) {
		hi--
	}
	return lo, hi
}
