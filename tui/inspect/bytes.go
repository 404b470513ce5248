package inspect

import (
	"fmt"

	"wirelab/packets"
	"wirelab/tui/paint"
)

// byteTarget is a byte of the frame to the mouse.
type byteTarget int

const digits = "0123456789abcdef"

// sideFromColumn is where, in a wide window, the chosen number stands beside the
// bytes, and sideWidth the least that it needs.
const (
	sideFromColumn = 80
	sideWidth      = 28
)

// drawBytes shows the frame in hex and as text, with what is chosen reversed in
// both. It returns where in the frame that is.
func (p *Pane) drawBytes(a paint.Area) (note string) {
	w, h := a.W(), a.H()
	n, total := perLine(w), len(p.p.Frame)
	y := 0
	if h >= 3 {
		y = 1
	}
	lo, hi := p.chosenBits()
	last := max(lo, hi-1) / 8 / n // the line where it ends, if it can be shown too
	if at := p.at / n; last-at >= h-y || p.at != lo/8 {
		last = at
	}
	top := inSight(p.topByte/n, p.at/n, last, h-y, (total+n-1)/n)
	p.topByte = top * n
	if y == 1 {
		p.drawNames(a, n)
	}
	for ; y < h && top*n < total; y, top = y+1, top+1 {
		p.drawLine(a.Rows(y, 1), top*n, n)
	}
	if w >= sideFromColumn+sideWidth && n == packets.HexWidth {
		p.drawSide(a.Columns(sideFromColumn, w-sideFromColumn-1))
	}
	return p.where()
}

// where says which bytes of the frame are chosen.
func (p *Pane) where() string {
	lo, hi := p.chosenBits()
	if hi <= lo {
		return ""
	}
	first, last, of := lo/8, (hi-1)/8, " of "+grouped(len(p.p.Frame))
	if p.focused(p.room.boxes) == bytes && p.at != first {
		of += ", at " + grouped(p.at)
	}
	if first == last {
		return "byte " + grouped(first) + of
	}
	return "bytes " + grouped(first) + " to " + grouped(last) + of
}

// drawLine shows n bytes of the frame from off on.
func (p *Pane) drawLine(a paint.Area, off, n int) {
	lo, hi := p.chosenBits()
	a.Put(1, 0, paint.In(paint.Quiet), fmt.Sprintf("%04x", off))
	frame := p.p.Frame[off:min(off+n, len(p.p.Frame))]
	focused := p.focused(p.room.boxes) == bytes
	for i, b := range frame {
		at := off + i
		style := paint.Style{}
		if l := p.ix.layerAt(at); l != nil {
			style = paint.In(l.role)
		}
		chosen := func(bit, bits int) paint.Style { // reversed if one of these bits is chosen
			s := style
			if lo < 8*at+bit+bits && 8*at+bit < hi {
				s = paint.Style{Reverse: true}
			}
			s.Under = focused && at == p.at && lo/8 != (hi-1)/8
			return s
		}
		x := hexFrom + packets.HexColumn(i)
		a.Put(x, 0, chosen(0, 4), digits[b>>4:b>>4+1])
		a.Put(x+1, 0, chosen(4, 4), digits[b&15:b&15+1])
		if i+1 < len(frame) && lo < 8*at+8 && 8*at+8 < hi { // it goes on behind this byte
			a.Fill(x+2, 0, hexFrom+packets.HexColumn(i+1)-x-2, paint.Style{Reverse: true}, ' ')
		}
		text := "·"
		if b >= 0x20 && b < 0x7f {
			text = string(rune(b))
		}
		tx := textColumn(n) + i
		a.Put(tx, 0, chosen(0, 8), text)
		var target any = byteTarget(at)
		a.Click(x, 0, 2, 1, target)
		a.Click(tx, 0, 1, 1, target)
		if at == p.at {
			a.Put(0, 0, paint.In(paint.Client), "▌")
			if focused {
				a.Cursor(x, 0)
			}
		}
	}
}

// drawNames draws a frame over the first line that names whose bytes these are.
func (p *Pane) drawNames(a paint.Area, n int) {
	first, end := p.topByte, min(p.topByte+n, len(p.p.Frame))
	for at := first; at < end; {
		l := p.ix.layerAt(at)
		if l == nil {
			at++
			continue
		}
		node, style := &p.ix.nodes[l.node], paint.In(l.role)
		last := min(node.hi/8, end) - 1
		x, right := hexFrom+packets.HexColumn(at-first), hexFrom+packets.HexColumn(last-first)+1
		left, close := '╭', '╮'
		if node.lo/8 < at {
			left = '─'
		}
		if goesOn := node.hi/8 > end; goesOn {
			right, close = max(right, x+paint.Width(node.name())+5), '…'
		}
		a.Fill(x, 0, right-x+1, style, '─')
		a.Fill(x, 0, 1, style, left)
		a.Fill(right, 0, 1, style, close)
		if room := right - x - 5; room >= 2 {
			a.Put(x+2, 0, style.B(), " "+paint.Shorten(node.name(), room+1)+" ")
		}
		at = last + 1
	}
}

// drawSide says beside the bytes what number the chosen field is.
func (p *Pane) drawSide(a paint.Area) {
	if p.chosen < 0 || p.ix.nodes[p.chosen].field == nil {
		return
	}
	f := p.ix.nodes[p.chosen].field
	x := a.Cut(0, 1, a.W(), paint.Strong, f.Name)
	holds, bits := numberOf(f)
	if holds == "" {
		holds = f.Value
	}
	if x+2+paint.Width(holds) <= a.W() {
		a.Put(x+2, 1, paint.Style{}, holds)
	} else {
		a.Cut(0, 2, a.W(), paint.Style{}, holds)
		a = a.Rows(1, a.H()-1)
	}
	if bits == "" {
		return
	}
	a.Put(0, 2, paint.In(paint.Quiet), "bits")
	for i, line := range packets.Wrap(bits, a.W()-5) {
		a.Put(5, 2+i, paint.Style{}, line)
	}
}
