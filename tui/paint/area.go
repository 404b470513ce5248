package paint

import "image"

// An Area is a rectangle of a canvas. Places in it are counted from its own
// upper left corner, and nothing is drawn outside of it.
type Area struct {
	c    *Canvas
	at   image.Rectangle // on the canvas
	clip image.Rectangle // what of it may be drawn on
}

// W is the width in cells.
func (a Area) W() int { return a.at.Dx() }

// H is the height in cells.
func (a Area) H() int { return a.at.Dy() }

// Sub is a part of the area, at x and y, of w by h cells. What of it lies
// outside of a is not drawn.
func (a Area) Sub(x, y, w, h int) Area {
	r := image.Rect(0, 0, max(w, 0), max(h, 0)).Add(a.at.Min).Add(image.Pt(x, y))
	return Area{c: a.c, at: r, clip: r.Intersect(a.clip)}
}

// Rows are h rows of the area from row y on.
func (a Area) Rows(y, h int) Area { return a.Sub(0, y, a.W(), h) }

// Columns are w columns of the area from column x on.
func (a Area) Columns(x, w int) Area { return a.Sub(x, 0, w, a.H()) }

// Put draws text at x and y, as far as it fits, and returns the column behind it.
func (a Area) Put(x, y int, s Style, text string) int {
	row := a.at.Min.Y + y
	for _, r := range text {
		a.set(a.at.Min.X+x, row, s, safe(r))
		x++
	}
	return x
}

// Cut draws text at x and y in at most w columns; "…" shows that there was more.
func (a Area) Cut(x, y, w int, s Style, text string) int {
	return a.Put(x, y, s, Shorten(text, min(w, a.W()-x)))
}

// Right draws text so that it ends before column x, and returns where it begins.
func (a Area) Right(x, y int, s Style, text string) int {
	a.Put(x-Width(text), y, s, text)
	return x - Width(text)
}

// Center draws text in the middle of row y.
func (a Area) Center(y int, s Style, text string) {
	a.Put((a.W()-Width(text))/2, y, s, text)
}

// Fill draws a character over w cells from x and y on.
func (a Area) Fill(x, y, w int, s Style, r rune) {
	for i := range w {
		a.set(a.at.Min.X+x+i, a.at.Min.Y+y, s, safe(r))
	}
}

// Down draws a character over h cells from x and y downward.
func (a Area) Down(x, y, h int, s Style, r rune) {
	for i := range h {
		a.set(a.at.Min.X+x, a.at.Min.Y+y+i, s, safe(r))
	}
}

// Rule draws a line over row y, with a title set into it.
func (a Area) Rule(y int, s Style, title string) {
	a.Fill(0, y, a.W(), s, '─')
	if title != "" {
		a.Put(2, y, Style{Role: s.Role, Bold: true}, " "+Shorten(title, a.W()-6)+" ")
	}
}

// Box draws a frame around the area, with a title set into its upper edge, and
// returns what is inside.
func (a Area) Box(s Style, title string) Area {
	w, h := a.W(), a.H()
	a.Fill(1, 0, w-2, s, '─')
	a.Fill(1, h-1, w-2, s, '─')
	a.Down(0, 1, h-2, s, '│')
	a.Down(w-1, 1, h-2, s, '│')
	for _, corner := range []struct {
		x, y int
		r    rune
	}{{0, 0, '╭'}, {w - 1, 0, '╮'}, {0, h - 1, '╰'}, {w - 1, h - 1, '╯'}} {
		a.Fill(corner.x, corner.y, 1, s, corner.r)
	}
	if title != "" {
		a.Put(2, 0, s, " "+Shorten(title, w-6)+" ")
	}
	return a.Sub(1, 1, w-2, h-2)
}

// Clear empties the area, for what is drawn over something else.
func (a Area) Clear() {
	for y := range a.H() {
		a.Fill(0, y, a.W(), Style{}, ' ')
	}
}

// Restyle gives w cells from x and y on another style, and keeps what they hold.
func (a Area) Restyle(x, y, w int, s Style) {
	for i := range w {
		if p := image.Pt(x+i, y).Add(a.at.Min); p.In(a.clip) {
			a.c.cells[p.Y*a.c.w+p.X].style = s
		}
	}
}

// Cursor puts the terminal's own cursor at x and y: on what is chosen.
func (a Area) Cursor(x, y int) {
	if p := image.Pt(x, y).Add(a.at.Min); p.In(a.clip) {
		a.c.cursor, a.c.pointed = p, true
	}
}

// Click makes w by h cells from x and y on mean target to the mouse.
func (a Area) Click(x, y, w, h int, target any) {
	r := image.Rect(x, y, x+w, y+h).Add(a.at.Min).Intersect(a.clip)
	if !r.Empty() {
		a.c.zones = append(a.c.zones, zone{r, target})
	}
}

// Local is where a cell of the canvas lies in the area.
func (a Area) Local(x, y int) (int, int) { return x - a.at.Min.X, y - a.at.Min.Y }

func (a Area) set(x, y int, s Style, r rune) {
	if image.Pt(x, y).In(a.clip) {
		a.c.cells[y*a.c.w+x] = cell{r, s}
	}
}
