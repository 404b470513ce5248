package story

import (
	"sort"
	"strings"

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

// nameSegments names the segments of a trace, by row, and counts the bytes of
// data on each stream.
func nameSegments(tr *trace.Trace) (names []name, totals []int64) {
	names = make([]name, len(tr.Packets))
	pieces := make([][]piece, 2*len(tr.Conns))
	used := make([]int, len(pieces)) // letters, by stream
	for i := range tr.Packets {
		p := &tr.Packets[i]
		lo, hi, ok := dataOf(tr, p)
		if !ok || hi <= lo {
			continue
		}
		s := p.Span.Stream
		var end int64
		if n := len(pieces[s]); n > 0 {
			end = pieces[s][n-1].hi
		}
		if hi > end {
			text := letters(used[s], s.End() == 0)
			if isFlag(text) {
				used[s]++
				text = letters(used[s], s.End() == 0)
			}
			used[s]++
			pieces[s] = append(pieces[s], piece{max(lo, end), hi, text})
		}
		names[i] = nameOf(pieces[s], lo, hi)
	}
	totals = make([]int64, len(pieces))
	for s, ps := range pieces {
		if len(ps) > 0 {
			totals[s] = ps[len(ps)-1].hi
		}
	}
	return names, totals
}

// nameOf names the interval [lo, hi) after the pieces that it touches. A probe
// may lie before all of them: it has no name.
func nameOf(pieces []piece, lo, hi int64) name {
	first := sort.Search(len(pieces), func(i int) bool { return pieces[i].hi > lo })
	last := sort.Search(len(pieces), func(i int) bool { return pieces[i].hi >= hi })
	if last == len(pieces) || pieces[last].lo >= hi {
		return name{}
	}
	if first == last {
		p := pieces[first]
		return name{text: p.text, part: lo > p.lo || hi < p.hi}
	}
	return name{text: pieces[first].text + "-" + pieces[last].text}
}

// isFlag says whether letters would read as what TCP calls a segment.
func isFlag(letters string) bool {
	switch strings.ToUpper(letters) {
	case "ACK", "FIN", "RST", "SYN", "PSH", "URG":
		return true
	}
	return false
}

// letters are A, B, ... Z, AA, AB, ...
func letters(n int, capital bool) string {
	base := byte('a')
	if capital {
		base = 'A'
	}
	var b [16]byte
	at := len(b)
	for n++; n > 0; n = (n - 1) / 26 {
		at--
		b[at] = base + byte((n-1)%26)
	}
	return string(b[at:])
}

// dataOf is the interval of data bytes in a segment, SYN and FIN left out; ok
// is false if p is no segment of a known connection.
func dataOf(tr *trace.Trace, p *trace.Packet) (lo, hi int64, ok bool) {
	if p.Conn() < 0 || tr.Conns[p.Conn()].Proto != packets.ProtocolTCP {
		return 0, 0, false
	}
	h := packets.Scan(tr.Bytes(p))
	lo, hi = p.Span.Lo, p.Span.Hi
	if h.Flags.Has(packets.SYN) {
		lo++
	}
	if h.Flags.Has(packets.FIN) {
		hi--
	}
	return lo, hi, true
}
