package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wirelab/tui/keys"
	"wirelab/tui/paint"
)

// small says that the window is too small for any screen.
func (m *model) small() bool { return m.w < leastW || m.h < leastH }

// View implements tea.Model. Bubble Tea calls it for every message; it draws
// only when something may have changed.
func (m *model) View() tea.View {
	if m.drawn || m.w == 0 || m.h == 0 {
		return m.view
	}
	m.draw()
	v := tea.NewView(m.canvas.Render(m.theme))
	v.AltScreen = true
	v.WindowTitle = "wirelab"
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if at, ok := m.canvas.Cursor(); ok {
		v.Cursor = tea.NewCursor(at.X, at.Y)
		v.Cursor.Blink = false
	}
	m.view, m.drawn = v, true
	return v
}

// draw draws everything on the canvas.
func (m *model) draw() {
	m.canvas.Reset(m.w, m.h)
	all := m.canvas.All()
	if m.small() {
		m.tooSmall(all)
		return
	}
	m.top().Draw(all.Rows(0, m.h-2), m.look)
	m.footer(all.Rows(m.h-2, 1))
	bar := all.Rows(m.h-1, 1)
	if m.help {
		m.canvas.Dim()
		m.helpPages = m.drawHelp(all)
		return
	}
	m.bar(bar)
}

// tooSmall says what is needed.
func (m *model) tooSmall(a paint.Area) {
	for i, line := range []string{
		fmt.Sprintf("This window is %dx%d.", m.w, m.h),
		fmt.Sprintf("wirelab needs %dx%d or more.", leastW, leastH),
		"Make it larger, or press p for text.",
		"q quit",
	} {
		a.Put(min(2, max(0, m.w-36)), min(i+1, m.h-4+i), paint.Style{}, line)
	}
}

// footer draws the rule above the keys, and what stands in it: what was just
// said, what is being typed, or what the screen has to say.
func (m *model) footer(a paint.Area) {
	if in := m.top().Input(); in != nil && in.Prompt != "" {
		in.Draw(a, 1, 0)
		return
	}
	quiet := paint.In(paint.Quiet)
	a.Fill(0, 0, a.W(), quiet, '─')
	switch text := m.top().Footer(); {
	case m.notice != "":
		a.Put(1, 0, paint.Strong, " "+paint.Shorten(m.notice, a.W()-4)+" ")
	case m.running != nil:
		a.Put(1, 0, paint.Strong, " running … esc stops it ")
	case text != "":
		a.Put(1, 0, quiet, " "+paint.Shorten(text, a.W()-4)+" ")
	}
}

// An entry is one place of the bar: keys that are told together.
type entry struct {
	label, word string
	action      keys.Action
	off         bool
}

// entries joins offers that stand beside each other under one word: "←→ step".
func entries(offers []keys.Offer) (es []entry) {
	for _, o := range offers {
		k := keys.Of(o.Action)
		word := o.Short
		if word == "" {
			word = k.Short
		}
		if n := len(es); n > 0 && es[n-1].word == word {
			join := " " // "- +", but "←→"
			if strings.Contains("←→↑↓", k.Label()) {
				join = ""
			}
			es[n-1].label += join + k.Label()
			es[n-1].off = es[n-1].off && o.Not != ""
			continue
		}
		es = append(es, entry{k.Label(), word, o.Action, o.Not != ""})
	}
	return es
}

// bar draws the keys that matter now, as many as fit whole; help and the way out
// are always among them.
func (m *model) bar(a paint.Area) {
	if in := m.top().Input(); in != nil {
		drawEntries(a, []entry{{"enter", "done", keys.None, false}, {"esc", "not now", keys.None, false}})
		return
	}
	last := []entry{{"?", "help", keys.Help, false}, {"q", "quit", keys.Quit, false}}
	if len(m.screens) > 1 {
		last[1] = entry{"esc", "back", keys.Back, false}
	}
	room := a.W() - 1
	for _, e := range last {
		room -= e.width()
	}
	var shown []entry
	for _, e := range entries(m.top().Offers()) {
		if room -= e.width(); room < 0 {
			break
		}
		shown = append(shown, e)
	}
	drawEntries(a, append(shown, last...))
}

// width is how many columns an entry takes with what parts it from the next.
func (e *entry) width() int { return paint.Width(e.label) + 1 + paint.Width(e.word) + 2 }

func drawEntries(a paint.Area, es []entry) {
	x := 1
	for _, e := range es {
		key, word := paint.In(paint.Client), paint.Style{}
		if e.off {
			key, word = paint.In(paint.Quiet), paint.In(paint.Quiet)
		}
		end := a.Put(a.Put(x, 0, key, e.label)+1, 0, word, e.word)
		if e.action != keys.None {
			a.Click(x, 0, end-x, 1, action(e.action))
		}
		x = end + 2
	}
}
