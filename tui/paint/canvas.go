// Package paint draws a screen of text cell by cell. What is drawn says what it
// means (its Role), and a Theme decides in the end how that looks. Nothing put
// on a canvas can change the terminal: every cell holds one visible character
// that is one column wide.
package paint

import (
	"image"
	"strings"
)

// A Canvas is a screen of w by h cells. Draw on it through an Area.
type Canvas struct {
	w, h    int
	cells   []cell
	zones   []zone
	cursor  image.Point
	pointed bool // the cursor was put somewhere
}

type cell struct {
	r     rune
	style Style
}

// A zone is a part of the screen that means something to the mouse.
type zone struct {
	image.Rectangle
	target any
}

// NewCanvas returns an empty canvas. Its zero value has no cells.
func NewCanvas(w, h int) *Canvas {
	c := &Canvas{}
	c.Reset(w, h)
	return c
}

// Reset empties the canvas and gives it a size.
func (c *Canvas) Reset(w, h int) {
	c.w, c.h = max(w, 0), max(h, 0)
	if n := c.w * c.h; cap(c.cells) < n {
		c.cells = make([]cell, n)
	} else {
		c.cells = c.cells[:n]
	}
	for i := range c.cells {
		c.cells[i] = cell{r: ' '}
	}
	c.zones = c.zones[:0]
	c.pointed = false
}

// Size returns the width and height in cells.
func (c *Canvas) Size() (w, h int) { return c.w, c.h }

// All is the area of the whole canvas.
func (c *Canvas) All() Area {
	return Area{c: c, at: image.Rect(0, 0, c.w, c.h), clip: image.Rect(0, 0, c.w, c.h)}
}

// Hit returns the target of the topmost zone at a cell, or nil.
func (c *Canvas) Hit(x, y int) any {
	for i := len(c.zones) - 1; i >= 0; i-- {
		if image.Pt(x, y).In(c.zones[i].Rectangle) {
			return c.zones[i].target
		}
	}
	return nil
}

// Cursor returns where the terminal's own cursor belongs, which is what a
// screen reader follows; ok is false if nothing on the screen is chosen.
func (c *Canvas) Cursor() (at image.Point, ok bool) { return c.cursor, c.pointed }

// Text returns what is on the canvas without any style, a line a row, with no
// spaces at the end of a line.
func (c *Canvas) Text() string {
	var b strings.Builder
	for y := range c.h {
		row := c.cells[y*c.w : (y+1)*c.w]
		last := len(row)
		for last > 0 && row[last-1].r == ' ' {
			last--
		}
		for _, cell := range row[:last] {
			b.WriteRune(cell.r)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Dim makes everything that is on the canvas quiet, for what is drawn over it.
func (c *Canvas) Dim() {
	for i := range c.cells {
		c.cells[i].style = Style{Role: Quiet}
	}
	c.zones = c.zones[:0]
	c.pointed = false
}
