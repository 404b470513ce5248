package inspect

import (
	"wirelab/tui/paint"
)

// What the mouse may mean in the tree: a row, and the sign before it.
type (
	rowTarget  int // node
	signTarget int // node
)

// Columns from which on a row of the tree also says how long it is.
const lengthsFrom = 52

// drawTree shows the layers, and returns which rows these are if not all.
func (p *Pane) drawTree(a paint.Area) (note string) {
	h := a.H()
	if p.chosen < 0 {
		a.Cut(1, 0, a.W()-1, paint.In(paint.Quiet), "no bytes")
		return ""
	}
	p.treeTop = inSight(p.treeTop, p.row(), p.row(), h, len(p.rows))
	for y := 0; y < h && p.treeTop+y < len(p.rows); y++ {
		p.drawRow(a.Rows(y, 1), p.rows[p.treeTop+y])
	}
	return shownOf(p.treeTop, h, len(p.rows))
}

// drawRow shows a node: sign, name, value, and how long it is.
func (p *Pane) drawRow(a paint.Area, i int) {
	n, w, quiet := &p.ix.nodes[i], a.W(), paint.In(paint.Quiet)
	x := 1 + 2*n.depth
	if n.parted(i) {
		sign := "▸"
		if p.isOpen(i) {
			sign = "▾"
		}
		a.Put(x, 0, quiet, sign)
	}
	if n.field == nil {
		p.drawLayer(a, i, x+2)
	} else {
		end := w - 1
		if w >= lengthsFrom {
			end = a.Right(end, 0, quiet, length(n.hi-n.lo)) - 1
		}
		at := max(27, w/3)
		if w < lengthsFrom {
			at = w * 3 / 5
		}
		nameValue(a, x+2, at, end, n.field.Name, n.field.Value)
	}
	a.Click(0, 0, w, 1, rowTarget(i))
	if n.parted(i) {
		a.Click(x, 0, 2, 1, signTarget(i))
	}
	if i != p.chosen {
		return
	}
	a.Restyle(1, 0, w-2, paint.Style{Reverse: true})
	a.Put(0, 0, paint.In(paint.Client), "▌")
	if p.focused(p.room.boxes) == tree {
		a.Cursor(min(x+2, w-1), 0)
	}
}

// nameValue puts a name at x and a value at column at, before end. If one of
// them is too long for that and the other leaves it the room, it takes it.
func nameValue(a paint.Area, x, at, end int, name, value string) {
	least, most := x+paint.Width(name)+1, end-paint.Width(value) // where both fit
	switch {
	case least <= most:
		at = min(max(at, least), most)
	case most > at: // the name must be cut, but not more than that
		at = most
	}
	a.Cut(x, 0, at-1-x, paint.Style{}, name)
	a.Cut(at, 0, end-at, paint.Style{}, value)
}

// lengthColumn is where in a layer's row of w columns its length stands.
func lengthColumn(w int) int { return w - 18 }

// drawLayer shows a layer's row from column x on.
func (p *Pane) drawLayer(a paint.Area, i, x int) {
	n, l, w := &p.ix.nodes[i], p.ix.layerOf(i), a.W()
	quiet := paint.In(paint.Quiet)
	end := w - 1
	if w >= lengthsFrom {
		end = lengthColumn(w)
		a.Put(end, 0, quiet, grouped(n.layer.Len)+" B")
		a.Put(w-9, 0, quiet, l.osi)
	} else {
		facts := grouped(n.layer.Len) + " B"
		if l.osi != "" {
			facts += "  " + l.osi
		}
		if room := w - 1 - x - paint.Width(n.name()); room >= paint.Width(facts)+2 {
			end = a.Right(w-1, 0, quiet, facts)
		}
	}
	name := paint.In(l.role)
	if p.isOpen(i) {
		name = name.B()
	}
	x = a.Cut(x, 0, end-1-x, name, n.name())
	if n.layer.Damage != "" {
		x = a.Cut(x+2, 0, end-3-x, paint.In(paint.Lost).B(), "╳ damaged")
	}
	if w >= lengthsFrom {
		x = max(x+2, min(13, end-1-paint.Width(n.layer.Summary)))
		a.Cut(x, 0, end-1-x, quiet, n.layer.Summary)
	}
}

// length says how long something of so many bits is.
func length(bits int) string {
	if bits%8 == 0 {
		return counted(bits/8, "byte")
	}
	return counted(bits, "bit")
}

// inSight moves the first of h rows shown, of n, as little as possible, so that
// rows lo to hi are shown, or at least lo.
func inSight(top, lo, hi, h, n int) int {
	top = max(min(top, n-h), 0)
	if hi >= top+h {
		top = hi - h + 1
	}
	return min(top, lo)
}

// shownOf says which of n rows are shown, or nothing if all are.
func shownOf(top, h, n int) string {
	switch {
	case n <= h:
		return ""
	case h <= 1:
		return grouped(top+1) + " of " + grouped(n)
	}
	return grouped(top+1) + " to " + grouped(min(top+h, n)) + " of " + grouped(n)
}
