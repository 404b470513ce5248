package tui

import (
	"fmt"
	"slices"

	"wirelab/tui/keys"
	"wirelab/tui/paint"
)

// legend are the signs in use.
var legend = []string{
	"▒ sent, no ack yet   █ delivered   ▓ kept, out of order   ░ not here yet",
	"╳ lost   ▐ A ▌▸ a packet and its direction   ▌ chosen   ━ time gone by",
}

// everywhere are the keys that every screen has.
var everywhere = []keys.Action{keys.Words, keys.Theme, keys.Animation, keys.Mouse, keys.Suspend, keys.Back, keys.Quit, keys.Leave}

// A helpLine is a key, or several that do the same or the opposite; or the name
// of a part.
type helpLine struct{ head, key, does, not string }

// helpLines are all keys of the screen by what they are for, made of the same
// offers as the bar.
func helpLines(offers []keys.Offer) (parts [][]helpLine) {
	for _, a := range everywhere {
		if !slices.ContainsFunc(offers, func(o keys.Offer) bool { return o.Action == a }) {
			offers = append(offers, keys.Offer{Action: a})
		}
	}
	for _, g := range []keys.Group{keys.Time, keys.Choosing, keys.WhatIf, keys.Everywhere} {
		part := []helpLine{{head: string(g)}}
		for _, k := range keys.All() {
			i := slices.IndexFunc(offers, func(o keys.Offer) bool { return o.Action == k.Action })
			if i < 0 || k.Group != g {
				continue
			}
			if last := &part[len(part)-1]; last.does == k.Does {
				last.key += " " + k.Label()
				continue
			}
			part = append(part, helpLine{key: k.Label(), does: k.Does, not: offers[i].Not})
		}
		if len(part) > 1 {
			parts = append(parts, part)
		}
	}
	return parts
}

// columnWidth is how wide a column of help must at least be.
const columnWidth = 36

// drawHelp draws the page of help over the screen, and returns how many there
// are: as many as it takes.
func (m *model) drawHelp(all paint.Area) (pages int) {
	w := min(all.W()-4, 3*(columnWidth+2)+2)
	if all.W() < 60 {
		w = all.W()
	}
	columns := max(1, (w-2)/columnWidth)
	rows := all.H() - 4 // with the frame, and a row above and below
	if all.H() < 30 {
		rows = all.H() - 2
	}
	lines := spread(helpLines(m.top().Offers()), columns, rows)
	pages = (len(lines) + columns - 1) / columns
	m.helpPage = min(m.helpPage, pages-1)
	lines = lines[m.helpPage*columns : min(len(lines), (m.helpPage+1)*columns)]
	most := 0
	for _, c := range lines {
		most = max(most, len(c))
	}
	withLegend := pages == 1 && w >= 76 && most+1+len(legend) <= rows
	h := most + 2
	if withLegend {
		h += 1 + len(legend)
	}
	box := all.Sub((all.W()-w)/2, (all.H()-h)/2, w, h)
	box.Clear()
	title, foot := "help", "any key closes"
	if pages > 1 {
		title = fmt.Sprintf("help, page %d of %d", m.helpPage+1, pages)
		foot = "? next page; any other key closes"
	}
	in := box.Box(paint.In(paint.Client), title)
	box.Put(2, h-1, paint.In(paint.Client), " "+foot+" ")
	each := in.W() / columns
	for i, c := range lines {
		for y, l := range c {
			l.draw(in.Sub(i*each+1, y, each-2, 1))
		}
	}
	if withLegend {
		for i, l := range legend {
			in.Put(2, in.H()-len(legend)+i, paint.In(paint.Quiet), l)
		}
	}
	return pages
}

func (l *helpLine) draw(a paint.Area) {
	if l.head != "" {
		a.Cut(0, 0, a.W(), paint.Strong, l.head)
		return
	}
	does, style := l.does, paint.Style{}
	if l.not != "" {
		does, style = l.not, paint.In(paint.Quiet)
	}
	x := a.Put(1, 0, paint.In(paint.Client), l.key)
	x = max(x+1, 11)
	a.Cut(x, 0, a.W()-x, style, does)
}

// spread deals parts out to columns of so many rows. A part goes on in the next
// column if it does not fit.
func spread(parts [][]helpLine, columns, rows int) (out [][]helpLine) {
	total := 0
	for _, p := range parts {
		total += len(p) + 1
	}
	// As high as it takes, so that the columns are about the same.
	height := min(rows, max((total+columns-1)/columns, 1))
	for ; height < rows; height++ {
		if len(deal(parts, height)) <= columns {
			break
		}
	}
	return deal(parts, height)
}

func deal(parts [][]helpLine, height int) (out [][]helpLine) {
	var column []helpLine
	for _, p := range parts {
		if len(column) > 0 && len(column)+1 < height {
			column = append(column, helpLine{})
		}
		for _, l := range p {
			if len(column) == height || l.head != "" && len(column) >= height-1 {
				out, column = append(out, column), nil
			}
			column = append(column, l)
		}
	}
	return append(out, column)
}
