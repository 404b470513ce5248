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

// nameSegments names the segments of a trace, by row, and counts the bytes of
// data on each stream.
func nameSegments(tr *trace.Trace) (names []name, totals []int64) {
	names = make([]name, len(tr.Packets))
	pieces := make([][]piece, 2*len(tr.Conns))
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
		if hi > end && p.Fresh > 0 {
			pieces[s] = append(pieces[s], piece{max(lo, end), hi, letters(int(p.Fresh)-1, s.End() == 0)})
		}
		names[i] = nameOf(pieces[s], lo, hi)
	}
	totals = make([]int64, len(pieces))
	if tr.Dropped.Packets > 0 {
		sentBefore(tr, totals)
	}
	for s, ps := range pieces {
		if len(ps) > 0 {
			totals[s] = ps[len(ps)-1].hi
		}
	}
	return names, totals
}

// sentBefore puts into totals the bytes of data that were sent on each stream
// before the first packet of it that a trace still has.
func sentBefore(tr *trace.Trace, totals []int64) {
	seen := make([]bool, len(totals))
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if lo, _, ok := dataOf(tr, p); ok && !seen[p.Span.Stream] {
			seen[p.Span.Stream] = true
			totals[p.Span.Stream] = max(lo, 0)
		}
	}
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

// flagLetters are the places, in the order of A, B, ... Z, AA, ..., of letters
// that would read as what TCP calls a segment: ACK, FIN, PSH, RST, SYN, URG.
var flagLetters = [...]int{placeOf("ACK"), placeOf("FIN"), placeOf("PSH"), placeOf("RST"), placeOf("SYN"), placeOf("URG")}

func placeOf(letters string) (n int) {
	for _, c := range []byte(letters) {
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

// letters are A, B, ... Z, AA, AB, ... for n from 0 on, but for those that would
// read as a flag.
func letters(n int, capital bool) string {
	for _, f := range flagLetters {
		if n >= f {
			n++
		}
	}
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
