package inspect

import (
	"fmt"
	"strconv"
	"strings"

	"wirelab/packets"
	"wirelab/tui/paint"
)

// bitRow is how many bits of a header a row of w columns shows, behind a label
// of so many columns.
func bitRow(w, label int) int {
	for n := 32; n > 8; n /= 2 {
		if label+2*n+1 <= w {
			return n
		}
	}
	return 8
}

// drawBits shows the header that is chosen bit by bit, as RFCs draw it, with
// what is chosen reversed. It returns where in the header that is.
func (p *Pane) drawBits(a paint.Area) (note string) {
	if p.chosen < 0 {
		return ""
	}
	d := p.diagram(a.W())
	head := &p.ix.nodes[d.layer.node]
	y, total := 0, (head.hi-head.lo+d.per-1)/d.per
	if a.H() >= 4 {
		y = 2
		d.drawRuler(a)
	}
	lo, hi := p.chosenBits()
	row := func(bit int) int { return min(max(bit-head.lo, 0)/d.per, total-1) }
	at, last := row(8*p.at), row(hi-1)
	if last-at >= a.H()-y || p.at != lo/8 {
		last = at
	}
	h := a.H() - y
	// The rows follow from where the byte cursor is: one header is soon read.
	for r := inSight(max(at-h/2, 0), at, last, h, total); y < a.H() && r < total; y, r = y+1, r+1 {
		d.drawRow(a.Rows(y, 1), head.lo+r*d.per, r == at)
	}
	n := &p.ix.nodes[p.chosen]
	if n.field == nil {
		return "all " + counted(n.layer.Len, "byte") + " of " + n.layer.Name
	}
	full, short := place(n.layer, n.field)
	if paint.Width(full)+16 > a.W() {
		return short
	}
	return full
}

// A diagram is a header, drawn bit by bit.
type diagram struct {
	p     *Pane
	layer *layerNode
	x     int // column of the line before the first bit
	per   int // bits a row
}

// diagram is that of the chosen header, in w columns.
func (p *Pane) diagram(w int) diagram {
	if p.chosen < 0 {
		return diagram{p: p, per: 8}
	}
	layer := p.ix.layerOf(p.chosen)
	head := &p.ix.nodes[layer.node]
	label := max(2, len(strconv.Itoa((head.hi-head.lo)/8))) + 2
	return diagram{p: p, layer: layer, x: label, per: bitRow(w, label)}
}

// drawRuler counts the bits of a row, in tens and ones.
func (d diagram) drawRuler(a paint.Area) {
	for i := range d.per {
		if i%10 == 0 {
			a.Put(d.x+1+2*i, 0, paint.In(paint.Quiet), strconv.Itoa(i/10))
		}
		a.Put(d.x+1+2*i, 1, paint.In(paint.Quiet), strconv.Itoa(i%10))
	}
}

// drawRow shows the bits from one of the frame on, and the fields that begin
// there.
func (d diagram) drawRow(a paint.Area, from int, here bool) {
	p, quiet, role := d.p, paint.In(paint.Quiet), paint.In(d.layer.role)
	head := &p.ix.nodes[d.layer.node]
	lo, hi := p.chosenBits()
	end := min(from+d.per, head.hi)
	a.Right(d.x-1, 0, quiet, strconv.Itoa((from-head.lo)/8))
	for bit := from; bit < end; bit++ {
		x := d.x + 2*(bit-from)
		switch inside := lo < bit && bit < hi && bit > from; {
		case bit == from || p.ix.edge(bit):
			a.Fill(x, 0, 1, paint.Style{Role: paint.Quiet, Reverse: inside}, '│')
		case inside:
			a.Fill(x, 0, 1, paint.Style{Reverse: true}, ' ')
		}
		style := role
		if lo <= bit && bit < hi {
			style = paint.Style{Reverse: true}
		}
		set := p.p.Frame[bit/8]>>(7-bit%8)&1 != 0
		a.Put(x+1, 0, style, map[bool]string{false: "0", true: "1"}[set])
		if bit%8 == 0 {
			a.Click(x, 0, 16, 1, byteTarget(bit/8))
		}
	}
	last := d.x + 2*(end-from)
	a.Put(last, 0, quiet, "│")
	if here {
		a.Put(0, 0, paint.In(paint.Client), "▌")
		if p.focused(p.room.boxes) != tree {
			a.Cursor(d.x+1+2*max(8*p.at-from, 0), 0)
		}
	}
	if x := d.x + 2*d.per + 3; a.W() >= x+16 {
		a.Cut(x, 0, a.W()-1-x, paint.Style{}, p.begun(d.layer.node, from, end))
	}
}

// begun names the fields of a layer that begin in bits [from, end).
func (p *Pane) begun(layer, from, end int) string {
	var names []string
	for k := layer + 1; k < p.ix.nodes[layer].end; k = p.ix.nodes[k].end {
		if n := &p.ix.nodes[k]; from <= n.lo && n.lo < end {
			names = append(names, n.field.Name)
		}
	}
	return strings.Join(names, ", ")
}

// numberOf says what number stands in a field, and its bits in groups of four
// as they lie in the bytes; each is empty where it would say nothing.
func numberOf(f *packets.Field) (holds, bits string) {
	switch {
	case f.Bits == 0 || f.Bits > 64:
		return "", ""
	case f.Bits < 8:
		holds = strconv.FormatUint(f.Raw, 10)
	default:
		holds = fmt.Sprintf("0x%0*x", (f.Bits+3)/4, f.Raw)
		if f.Bits <= 32 {
			holds += " = " + grouped(int(f.Raw))
		}
	}
	if f.Bits > 32 {
		return holds, ""
	}
	for i := range f.Bits {
		if i > 0 && (f.Bit+i)%4 == 0 {
			bits += " "
		}
		bits += strconv.FormatUint(f.Raw>>(f.Bits-1-i)&1, 10)
	}
	return holds, bits
}
