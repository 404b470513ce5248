// Package models is the map: the OSI and the TCP/IP model side by side, and what
// each layer is for.
package models

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wirelab/osi"
	"wirelab/packets"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

// A Map is the screen.
type Map struct {
	model osi.Model
	at    int // layer, from the top
}

// New returns the map, with the uppermost layer chosen.
func New() *Map { return &Map{model: osi.OSI} }

// Moving implements screen.Screen.
func (m *Map) Moving() bool { return false }

// Tick implements screen.Screen.
func (m *Map) Tick(time.Duration) {}

// Input implements screen.Screen.
func (m *Map) Input() *screen.Input { return nil }

// Footer implements screen.Screen.
func (m *Map) Footer() string { return "as text: wirelab osi" }

// Leave implements screen.Screen.
func (m *Map) Leave() (done, again string) { return "", "wirelab osi" }

// Offers implements screen.Screen.
func (m *Map) Offers() []keys.Offer {
	return []keys.Offer{{Action: keys.Up, Short: "layer"}, {Action: keys.Down, Short: "layer"},
		{Action: keys.Left, Short: "model"}, {Action: keys.Right, Short: "model"}, {Action: keys.NextPane, Short: "other model"},
		{Action: keys.First, Short: "top"}, {Action: keys.Last, Short: "bottom"},
		{Action: keys.PageUp, Short: "top"}, {Action: keys.PageDown, Short: "bottom"},
		{Action: keys.PrevPane, Short: "other model"}, {Action: keys.Layers, Short: "other model"}}
}

// layers are those of the model, the uppermost first.
func layers(model osi.Model) []osi.Layer {
	ls := model.Layers()
	slices.Reverse(ls)
	return ls
}

// Do implements screen.Screen.
func (m *Map) Do(a keys.Action) (screen.Effect, bool) {
	n := len(layers(m.model))
	switch a {
	case keys.Up:
		m.at = max(m.at-1, 0)
	case keys.Down:
		m.at = min(m.at+1, n-1)
	case keys.First, keys.PageUp:
		m.at = 0
	case keys.Last, keys.PageDown:
		m.at = n - 1
	case keys.Left:
		m.to(osi.OSI)
	case keys.Right:
		m.to(osi.TCPIP)
	case keys.NextPane, keys.PrevPane, keys.Layers:
		if m.model == osi.OSI {
			m.to(osi.TCPIP)
		} else {
			m.to(osi.OSI)
		}
	default:
		return nil, false
	}
	return nil, true
}

// to goes to the other model, to the layer that does the same work.
func (m *Map) to(model osi.Model) {
	if m.model == model {
		return
	}
	y := rows(m.model)[m.at]
	m.model = model
	for i, r := range rows(model) {
		if y[0] < r[1] && r[0] < y[1] {
			m.at = i
			return
		}
	}
}

// rows are where the layers of a model stand in the drawing: from, to, in layers
// of OSI from the top.
func rows(model osi.Model) (r [][2]int) {
	top := len(osi.OSI.Layers())
	for _, l := range layers(model) {
		same := []osi.Layer{l}
		if model != osi.OSI {
			same = l.Across() // lowest first
		}
		r = append(r, [2]int{top - same[len(same)-1].Number, top - same[0].Number + 1})
	}
	return r
}

// target is a layer to click on.
type target struct {
	model osi.Model
	at    int
}

// Click implements screen.Screen.
func (m *Map) Click(t any) screen.Effect {
	if t, ok := t.(target); ok {
		m.model, m.at = t.model, t.at
	}
	return nil
}

// Draw implements screen.Screen.
func (m *Map) Draw(a paint.Area, _ screen.Look) {
	screen.Title(a, "map › OSI and TCP/IP", "", "", false)
	each := 1
	if a.H() >= 22+10 {
		each = 2
	}
	w := min((a.W()-3)/2, 34)
	m.column(a.Sub(1, 2, w, 7*each+2), osi.OSI, "OSI", each)
	m.column(a.Sub(w+2, 2, w, 7*each+2), osi.TCPIP, "TCP/IP", each)
	m.explain(a.Sub(1, 7*each+4, a.W()-2, a.H()-7*each-4))
}

func (m *Map) column(a paint.Area, model osi.Model, title string, each int) {
	a.Put(1, 0, paint.Strong, title)
	ls := layers(model)
	for i, r := range rows(model) {
		y, h := r[0]*each+1, (r[1]-r[0])*each
		chosen := model == m.model && i == m.at
		part := a.Sub(0, y, a.W(), h)
		edge := paint.In(paint.Quiet)
		part.Down(0, 0, h, edge, '│')
		part.Down(a.W()-1, 0, h, edge, '│')
		style := paint.Style{}
		if chosen {
			style = style.R()
			for k := range h {
				part.Fill(1, k, a.W()-2, style, ' ')
			}
			part.Put(0, 0, paint.In(paint.Client), "▌")
			part.Cursor(2, 0)
		}
		part.Cut(2, 0, a.W()-4, style.B(), fmt.Sprintf("%d %s", ls[i].Number, ls[i].Name))
		part.Click(0, 0, a.W(), h, target{model, i})
	}
}

// explain says what the chosen layer is for.
func (m *Map) explain(a paint.Area) {
	l := layers(m.model)[m.at]
	a.Rule(0, paint.In(paint.Quiet), fmt.Sprintf("%s layer %d: %s", l.Model, l.Number, l.Name))
	lines := []struct {
		head, text string
		need       int // the more needed ones are shown where there is no room for all
		shown      bool
	}{
		{"asks", l.Question, 6, false}, {"unit", l.Unit, 4, false}, {"adds", l.Adds, 3, false}, {"who", l.Who, 2, false},
		{"such as", strings.Join(l.Protocols, ", "), 5, false}, {"source", l.Source, 1, false},
	}
	room := a.H() - 1
	for need := len(lines); need > 0; need-- {
		for i := range lines {
			if n := len(packets.Wrap(lines[i].text, a.W()-10)); lines[i].need == need && n <= room {
				lines[i].shown = true
				room -= n
			}
		}
	}
	y := 1
	for _, line := range lines {
		if !line.shown {
			continue
		}
		a.Put(0, y, paint.In(paint.Quiet), line.head)
		for _, text := range packets.Wrap(line.text, a.W()-10) {
			a.Put(9, y, paint.Style{}, text)
			y++
		}
	}
}
