// Package home is the screen that wirelab opens with: what there is, and the
// next thing to do first.
package home

import (
	"strings"
	"time"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/tui/keys"
	"wirelab/tui/models"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
	"wirelab/tui/stage"
)

// A Home is the home screen.
type Home struct {
	items  []item
	at     int
	moved  time.Duration // of the two words on the cable
	motion bool          // as it was drawn last
}

// An item is something to open.
type item struct {
	name, what string
	start      bool // the next thing to do
	lookUp     bool // it is in the second list
	open       func() screen.Effect
}

// New returns the home screen for what there is.
func New(exchanges []scenario.Exchange) *Home {
	h := &Home{}
	for _, ex := range exchanges {
		it := item{name: ex.Name(), what: ex.Short(), open: func() screen.Effect { return start(ex) }}
		h.items = append(h.items, it)
		if ex.Name() == first {
			it.start = true
			h.items = append([]item{it}, h.items...)
		}
	}
	h.items = append(h.items, item{name: "map", what: "the OSI and TCP/IP models, side by side", lookUp: true,
		open: func() screen.Effect { return screen.Push{Screen: models.New()} }})
	return h
}

// first is the exchange that everybody should see first.
const first = "tcp"

// start runs an exchange as it is without flags, and opens it.
func start(ex scenario.Exchange) screen.Effect {
	s := scenario.Default(ex)
	if err := s.Validate(ex); err != nil {
		return screen.Say{Text: err.Error()}
	}
	return screen.Run{Exchange: ex, Scenario: s, Then: func(tr *trace.Trace, err error) screen.Effect {
		if tr == nil {
			return screen.Say{Text: err.Error()}
		}
		return screen.Push{Screen: stage.New(ex, s, tr, err)}
	}}
}

// travel is how long a word takes over the cable.
const travel = 1500 * time.Millisecond

// Moving implements screen.Screen: two words travel, once.
func (h *Home) Moving() bool { return h.motion && h.moved < 2*travel }

// Tick implements screen.Screen.
func (h *Home) Tick(d time.Duration) { h.moved += d }

// Input implements screen.Screen.
func (h *Home) Input() *screen.Input { return nil }

// Footer implements screen.Screen.
func (h *Home) Footer() string { return "" }

// Leave implements screen.Screen.
func (h *Home) Leave() (done, again string) {
	return "the next thing to do: wirelab " + first, "wirelab"
}

// Offers implements screen.Screen.
func (h *Home) Offers() []keys.Offer {
	return []keys.Offer{
		{Action: keys.Up, Short: "move"}, {Action: keys.Down, Short: "move"}, {Action: keys.Open},
		{Action: keys.Theme}, {Action: keys.Animation}, {Action: keys.First}, {Action: keys.Last},
		{Action: keys.NextPane, Short: "other list"},
		{Action: keys.PageUp, Short: "first"}, {Action: keys.PageDown, Short: "last"},
		{Action: keys.Left, Short: "other list"}, {Action: keys.Right, Short: "other list"}, {Action: keys.PrevPane, Short: "other list"},
	}
}

// Do implements screen.Screen.
func (h *Home) Do(a keys.Action) (screen.Effect, bool) {
	switch a {
	case keys.Up:
		h.at = max(h.at-1, 0)
	case keys.Down:
		h.at = min(h.at+1, len(h.items)-1)
	case keys.First, keys.PageUp:
		h.at = 0
	case keys.Last, keys.PageDown:
		h.at = len(h.items) - 1
	case keys.Left, keys.Right, keys.NextPane, keys.PrevPane:
		h.otherList()
	case keys.Open:
		return h.items[h.at].open(), true
	default:
		return nil, false
	}
	return nil, true
}

// otherList goes to the first item of the list beside.
func (h *Home) otherList() {
	there := !h.items[h.at].lookUp
	for i := range h.items {
		if h.items[i].lookUp == there {
			h.at = i
			return
		}
	}
}

// Click implements screen.Screen: targets are the items' numbers.
func (h *Home) Click(target any) screen.Effect {
	i, ok := target.(int)
	if !ok {
		return nil
	}
	h.at = i
	return h.items[i].open()
}

// Draw implements screen.Screen.
func (h *Home) Draw(a paint.Area, look screen.Look) {
	h.motion = look.Motion
	screen.Title(a, "see how messages travel", "", "", false)
	y := 3
	if a.H() >= 34 {
		y++
	}
	margin := 2
	if a.W() >= 110 {
		margin = 10
	}
	y += h.cable(a.Sub(margin, y, a.W()-2*margin, 4), a.H() >= 30)
	for i := range h.items {
		if h.items[i].start {
			h.row(a.Sub(1, y, a.W()-2, 1), i, "Start here   ")
			y += 2
		}
	}
	wide := a.W() >= 110
	left := a.W() - 2
	if wide {
		left = a.W() * 6 / 10
	}
	gap := 1
	if a.H()-y >= 3*(h.count(false)+1) {
		gap = 2
	}
	rows := h.list(a.Sub(1, y, left-1, a.H()-y), "try", false, gap)
	if wide {
		h.list(a.Sub(left+1, y, a.W()-left-2, a.H()-y), "look up", true, gap)
	} else {
		h.list(a.Sub(1, y+rows+1, left-1, a.H()), "look up", true, gap)
	}
	if a.W() < 60 { // where the lines are cut, all of the chosen one
		for k, line := range packets.Wrap(h.items[h.at].what, a.W()-4) {
			a.Put(2, a.H()-2+k, paint.In(paint.Quiet), line)
		}
	} else if a.H() >= 22 {
		a.Cut(2, a.H()-3, a.W()-4, paint.In(paint.Quiet), "Nothing reaches a network: both hosts live inside this program.")
		a.Cut(2, a.H()-2, a.W()-4, paint.In(paint.Quiet), "Prefer text? Every screen is also a command: wirelab tcp --plain")
	}
}

func (h *Home) count(lookUp bool) (n int) {
	for i := range h.items {
		if h.items[i].lookUp == lookUp && !h.items[i].start {
			n++
		}
	}
	return n
}

// list draws one of the two lists, an item each gap rows, and returns how many
// rows that took.
func (h *Home) list(a paint.Area, title string, lookUp bool, gap int) int {
	a.Put(1, 0, paint.Strong, strings.ToUpper(title[:1])+title[1:])
	y := gap
	for i := range h.items {
		if h.items[i].lookUp != lookUp || h.items[i].start {
			continue
		}
		h.row(a.Rows(y, gap), i, "")
		y += gap
	}
	return y
}

// row draws an item, in as many rows as it needs of the area.
func (h *Home) row(a paint.Area, i int, lead string) {
	const nameW = 12
	it := &h.items[i]
	at, w := 2+paint.Width(lead), a.W()
	lines := []string{paint.Shorten(it.what, w-at-nameW-1)}
	if a.H() > 1 {
		lines = packets.Wrap(it.what, w-at-nameW-1)
	}
	lines = lines[:min(len(lines), a.H())]
	style := paint.Style{}
	name := paint.In(paint.Client)
	if i == h.at {
		style = style.R()
		name = style
		for y := range lines {
			a.Fill(0, y, w, style, ' ')
			a.Put(0, y, paint.In(paint.Client), "▌")
			a.Put(w-1, y, paint.In(paint.Client), "▐")
		}
		a.Cursor(0, 0)
	}
	a.Put(2, 0, style.B(), lead)
	a.Put(at, 0, name.B(), it.name)
	for y, line := range lines {
		a.Put(at+nameW, y, style, line)
	}
	a.Click(0, 0, w, max(len(lines), 1), i)
}

// cable draws two hosts, the cable between them, and the two words where they
// are, and returns how many rows that took.
func (h *Home) cable(a paint.Area, large bool) int {
	const box = 8
	part := func(nth time.Duration) float64 {
		if !h.motion {
			return 1
		}
		return min(1, max(0, float64(h.moved-nth*travel)/float64(travel)))
	}
	if !large {
		a.Put(0, 0, paint.In(paint.Client).B(), "client ●")
		a.Right(a.W(), 0, paint.In(paint.Server).B(), "● server")
		h.word(a.Sub(box, 0, a.W()-2*box, 1), "hello", part(0), false)
		return 2
	}
	client := a.Columns(0, box+2).Rows(0, 4).Box(paint.In(paint.Client), "")
	client.Put(1, 0, paint.In(paint.Client).B(), "client")
	server := a.Columns(a.W()-box-2, box+2).Rows(0, 4).Box(paint.In(paint.Server), "")
	server.Put(1, 0, paint.In(paint.Server).B(), "server")
	h.word(a.Sub(box+2, 1, a.W()-2*box-4, 1), "hello", part(0), false)
	h.word(a.Sub(box+2, 2, a.W()-2*box-4, 1), "hello yourself", part(1), true)
	return 5
}

// word draws a cable and a word on it, part of its way along.
func (h *Home) word(a paint.Area, word string, part float64, back bool) {
	a.Fill(0, 0, a.W(), paint.In(paint.Quiet), '━')
	if part == 0 {
		return
	}
	text, style := "▐ "+word+" ▌▸", paint.In(paint.Client)
	if back {
		text, style = "◂▐ "+word+" ▌", paint.In(paint.Server)
	}
	room := a.W() - paint.Width(text)
	x := int(part * float64(room))
	if back {
		x = room - x
	}
	a.Put(x, 0, style.B(), text)
}
