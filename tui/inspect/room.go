package inspect

import (
	"fmt"

	"wirelab/packets"
	"wirelab/tui/paint"
)

// A part is one of the panes.
type part uint8

// The panes, in the order of tab.
const (
	tree part = iota
	bytes
	words
)

func (p part) title() string { return [...]string{"layers", "bytes", "in plain words"}[p] }

// A box is the room of one pane: what is inside, and the rule above it.
type box struct {
	part
	x, y, w, h   int
	ruleX, ruleW int
	titled       bool
}

// A layout is who has which room.
type layout struct {
	w, h        int
	head        bool
	boxes       []box
	split       int  // column between tree and words; 0: they are not side by side
	bitsInWords bool // there is no room for bytes: bits take that of the words
}

// Sizes from which on there is room, in cells.
const (
	headFrom      = 8  // rows, for the line above
	sideFrom      = 72 // columns, for tree and words side by side
	bytesFrom     = 14 // rows, for bytes below these two
	bytesDeepFrom = 34 // rows, for bytes below them if they are not
	bytesWideFrom = 39 // columns, for eight bytes a line, in hex and as text
)

// plan shares w by h cells out. The words are the last to go.
func (p *Pane) plan(w, h int) (r layout) {
	r.w, r.h = w, h
	top := 0
	if h >= headFrom {
		r.head, top = true, 1
	}
	rest := h - top
	side := w >= sideFrom
	two := rest >= 2 && (side || rest >= 6) // tree and words, with a rule each
	deep := side && h >= bytesFrom || !side && h >= bytesDeepFrom && w >= bytesWideFrom
	switch {
	case p.large:
		r.put(p.focused(nil), 0, top, w, rest)
	case !two && p.quiet:
		r.put(tree, 0, top, w, rest)
	case !two:
		r.put(words, 0, top, w, rest)
	default:
		low := 0 // rows of the bytes and their rule
		if deep {
			low = 1 + p.bytesRows(w, rest)
		}
		r.putTwo(p.quiet, side, top, w, rest-low)
		if deep {
			r.put(bytes, 0, h-low, w, low)
		}
	}
	r.bitsInWords = !deep && (!p.large || p.focus == words)
	return r
}

// bytesRows is how many rows the bytes have, of h for all three panes.
func (p *Pane) bytesRows(w, h int) int {
	if p.bits {
		return min(12, (h-2)/2)
	}
	n := perLine(w)
	return min((len(p.p.Frame)+n-1)/n+1, max(2, (h-2)/3))
}

// putTwo gives room to the tree and the words, side by side or one above the other.
func (r *layout) putTwo(quiet, side bool, y, w, h int) {
	switch {
	case quiet:
		r.put(tree, 0, y, w, h)
	case side:
		r.split = w / 2
		r.put(tree, 0, y, r.split, h)
		r.put(words, r.split+1, y, w-r.split-1, h)
	default:
		r.put(tree, 0, y, w, h/2)
		r.put(words, 0, y+h/2, w, h-h/2)
	}
}

// put gives room to a pane; its rule, if it has room for one, is the first row.
func (r *layout) put(p part, x, y, w, h int) {
	b := box{part: p, x: x, y: y, w: w, h: h, ruleX: x, ruleW: w}
	if h >= 2 {
		b.titled, b.y, b.h = true, y+1, h-1
	}
	if p == words && w >= 12 {
		b.x, b.w = x+1, w-2
	}
	r.boxes = append(r.boxes, b)
}

// focused is the pane that the keys move in: the focus if it is among those
// shown, else the first of them. With nil, all are that can be.
func (p *Pane) focused(shown []box) part {
	if shown == nil {
		if p.focus == words && p.quiet {
			return tree
		}
		return p.focus
	}
	for _, b := range shown {
		if b.part == p.focus {
			return p.focus
		}
	}
	return shown[0].part
}

// showsBits says whether a pane shows bits.
func (p *Pane) showsBits(in part) bool {
	return p.bits && (in == bytes || in == words && p.room.bitsInWords)
}

// box is the room of a pane as last drawn; ok is false if it has none.
func (r *layout) box(p part) (b box, ok bool) {
	for _, b := range r.boxes {
		if b.part == p {
			return b, true
		}
	}
	return box{}, false
}

// drawHead says which packet it is.
func (p *Pane) drawHead(a paint.Area) {
	quiet, k := paint.In(paint.Quiet), &p.p
	x := a.Put(1, 0, quiet, "packet ")
	x = a.Put(x, 0, paint.Strong, grouped(k.Number))
	if k.Of > 0 {
		x = a.Put(x, 0, quiet, " of "+grouped(k.Of))
	}
	end := a.W() - 1
	length := counted(len(k.Frame), "frame byte")
	if end-paint.Width(length)-3 > x+paint.Width(k.From+" ▸ "+k.To)+3 {
		end = a.Right(end, 0, quiet, length) - 3
	}
	ends := paint.Shorten(k.From+" ▸ "+k.To, end-x-3)
	at := x + 3
	x = a.Put(at, 0, quiet, ends)
	a.Restyle(at, 0, min(paint.Width(k.From), x-at), paint.In(k.FromRole).B())
	if to := at + paint.Width(k.From+" ▸ "); to < x {
		a.Restyle(to, 0, x-to, paint.In(k.ToRole).B())
	}
	if room := end - x - 3; room >= 12 {
		a.Cut(x+3, 0, room, quiet, k.When)
	}
}

// drawTitle draws the rule above a pane, with its title and what is to be noted.
func (p *Pane) drawTitle(a paint.Area, b box, note string) {
	y, quiet := b.y-1, paint.In(paint.Quiet)
	a.Fill(b.ruleX, y, b.ruleW, quiet, '─')
	title, style := " "+b.title()+" ", paint.Strong
	if p.showsBits(b.part) {
		title = " bits "
	}
	if p.focused(p.room.boxes) == b.part {
		title, style = "▌"+title[1:], paint.In(paint.Client).B()
	}
	x := a.Cut(b.ruleX+2, y, b.ruleW-2, style, title)
	if room := b.ruleX + b.ruleW - x - 4; note != "" && room >= 8 {
		note = " " + paint.Shorten(note, room) + " "
		a.Right(b.ruleX+b.ruleW-2, y, quiet, note)
	}
}

// drawSplit draws the line between tree and words.
func (p *Pane) drawSplit(a paint.Area) {
	if p.room.split == 0 {
		return
	}
	quiet, x, left := paint.In(paint.Quiet), p.room.split, p.room.boxes[0]
	a.Fill(x, left.y-1, 1, quiet, '┬')
	a.Down(x, left.y, left.h, quiet, '│')
	if _, ok := p.room.box(bytes); ok {
		a.Fill(x, left.y+left.h, 1, quiet, '┴')
	}
}

// counted counts things: "1 byte", "1,420 bytes".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(n) + " " + thing + "s"
}

// grouped writes a number for people: 1,420.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// perLine is how many bytes a line of w columns shows.
func perLine(w int) int {
	for n := packets.HexWidth; n > 1; n /= 2 {
		if textColumn(n)+n <= w {
			return n
		}
	}
	return 1
}

// hexFrom is the column of a line's first byte: behind the offset in the frame.
const hexFrom = 7

// textColumn is the column where the text of a line of n bytes begins.
func textColumn(n int) int {
	gap := 1
	if n == packets.HexWidth {
		gap = 3
	}
	return hexFrom + packets.HexColumn(n-1) + 2 + gap
}
