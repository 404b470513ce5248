package story

import (
	"slices"
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

// Name is what the packet in a row is called: "A", "part of B", "A-C"; empty if
// it carries no data of a stream. A probe may lie before all pieces: it has no
// name either.
func (t *Teller) Name(row int) string { return t.name(row).String() }

func (t *Teller) name(row int) name {
	lo, hi, ok := t.data(int32(row))
	if !ok || hi <= lo {
		return name{}
	}
	s := t.tr.Packets[row].Span.Stream
	pieces := t.pieces.of(s)
	// The last byte is in its own piece, or in one that was sent before.
	last, its := slices.BinarySearch(pieces, int32(row))
	if !its {
		before := pieces[:last]
		if last = t.reaching(before, hi); last == len(before) {
			return name{}
		}
	}
	begins := t.begins(pieces, last)
	if begins >= hi {
		return name{}
	}
	first := last
	if begins > lo {
		first = t.reaching(pieces[:last], lo+1)
	}
	if first < last {
		return name{text: t.pieceName(pieces[first]) + "-" + t.pieceName(pieces[last])}
	}
	_, ends, _ := t.data(pieces[last])
	return name{text: t.pieceName(pieces[last]), part: lo > begins || hi < ends}
}

// pieceName is what the piece is called that the packet in a row was the first
// to carry.
func (t *Teller) pieceName(row int32) string {
	p := &t.tr.Packets[row]
	return letters(int(p.Fresh)-1, p.Span.Stream.End() == 0)
}

// reaching is the first of pieces that ends at number n or behind it.
func (t *Teller) reaching(pieces []int32, n int64) int {
	return sort.Search(len(pieces), func(i int) bool {
		_, hi, _ := t.data(pieces[i])
		return hi >= n
	})
}

// begins is the number with which a piece begins.
func (t *Teller) begins(pieces []int32, i int) int64 {
	lo, _, _ := t.data(pieces[i])
	if i == 0 {
		return max(lo, 0)
	}
	_, end, _ := t.data(pieces[i-1])
	return max(lo, end)
}

// Total is how many bytes of data were sent on s in all.
func (t *Teller) Total(s trace.Stream) int64 {
	pieces := t.pieces.of(s)
	if len(pieces) == 0 {
		return t.sentBefore(s)
	}
	_, hi, _ := t.data(pieces[len(pieces)-1])
	return hi
}

// sentBefore is how many bytes of data were sent on s before the first packet of
// it that the trace still has: of one whose first rows were dropped.
func (t *Teller) sentBefore(s trace.Stream) int64 {
	if t.tr.Dropped.Packets == 0 {
		return 0
	}
	for row := range t.tr.Packets {
		if t.tr.Packets[row].Span.Stream == s {
			lo, _, _ := t.data(int32(row))
			return max(lo, 0)
		}
	}
	return 0
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

// data is the interval of data bytes in the segment in a row, SYN and FIN left
// out; ok is false if it is no segment of a known connection.
func (t *Teller) data(row int32) (lo, hi int64, ok bool) {
	p := &t.tr.Packets[row]
	if !t.isTCP(p) {
		return 0, 0, false
	}
	lo, hi = dataOf(p, t.facts[row].flags)
	return lo, hi, true
}

// dataOf is the interval of data bytes in a segment with flags.
func dataOf(p *trace.Packet, flags packets.Flags) (lo, hi int64) {
	lo, hi = p.Span.Lo, p.Span.Hi
	if flags.Has(packets.SYN) {
		lo++
	}
	if flags.Has(packets.FIN) {
		hi--
	}
	return lo, hi
}
