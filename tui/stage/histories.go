package stage

import (
	"fmt"
	"strings"
	"time"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

// histories is the screen with two runs side by side, from the moment on where
// they part.
type histories struct {
	stage   *Stage
	was, is *history
	part    int // the first event that is not the same
	zoom    story.Zoom
	top     int // rows scrolled down
	rows    int // that the screen had when it was drawn
}

// before is how many events the two have in common that are shown.
const inCommon = 3

func newHistories(s *Stage) *histories {
	was, is := s.before, s.now
	h := &histories{stage: s, was: was, is: is, zoom: story.Packets}
	h.part = parting(was, is)
	return h
}

// parting is the first event that is not the same in the two histories: another
// one, or the sending of a packet that has another fate.
func parting(was, is *history) int {
	most := was.tell.Parting(is.tell, was.tell.Len())
	for row := range min(len(was.tr.Packets), len(is.tr.Packets)) {
		p, q := &was.tr.Packets[row], &is.tr.Packets[row]
		if p.Fate == q.Fate && p.Flip == q.Flip {
			continue
		}
		if i, ok := was.tell.Find(story.Sent, row); ok && i < most {
			return i // rows are in the order of their sending
		}
	}
	return most
}

// Moving implements screen.Screen.
func (h *histories) Moving() bool { return false }

// Tick implements screen.Screen.
func (h *histories) Tick(time.Duration) {}

// Input implements screen.Screen.
func (h *histories) Input() *screen.Input { return nil }

// Footer implements screen.Screen.
func (h *histories) Footer() string { return h.stage.Footer() }

// Leave implements screen.Screen.
func (h *histories) Leave() (done, again string) { return h.stage.Leave() }

// Click implements screen.Screen.
func (h *histories) Click(any) screen.Effect { return nil }

// Offers implements screen.Screen.
func (h *histories) Offers() []keys.Offer {
	return []keys.Offer{{Action: keys.Up, Short: "scroll"}, {Action: keys.Down, Short: "scroll"}, {Action: keys.Zoom},
		{Action: keys.PageUp, Short: "page"}, {Action: keys.PageDown, Short: "page"}, {Action: keys.First}, {Action: keys.Last},
		{Action: keys.Histories, Short: "back"}}
}

// Do implements screen.Screen.
func (h *histories) Do(a keys.Action) (screen.Effect, bool) {
	most := max(h.count(h.was), h.count(h.is)) - 1
	switch a {
	case keys.Up:
		h.top--
	case keys.Down:
		h.top++
	case keys.PageUp:
		h.top -= h.rows
	case keys.PageDown:
		h.top += h.rows
	case keys.First:
		h.top = 0
	case keys.Last:
		h.top = most - h.rows + 2
	case keys.Zoom:
		h.zoom, h.top = (h.zoom+1)%3, 0
	case keys.Histories:
		return screen.Pop{}, true
	default:
		return nil, false
	}
	h.top = max(0, min(h.top, most))
	return nil, true
}

// first is the first step of one history that is shown: some that both have go
// before those of its own.
func (h *histories) first(of *history) int {
	return max(0, of.tell.Before(h.zoom, min(h.part, of.tell.Len()))-inCommon)
}

// count is how many are shown of one history, if there is room.
func (h *histories) count(of *history) int { return of.tell.Count(h.zoom) - h.first(of) }

// Draw implements screen.Screen.
func (h *histories) Draw(a paint.Area, _ screen.Look) {
	at := "they never part"
	if h.part < h.is.tell.Len() {
		at = "they part at " + story.Milliseconds(h.is.tell.Place(h.part).At)
	} else if h.part < h.was.tell.Len() {
		at = "they part at " + story.Milliseconds(h.was.tell.Place(h.part).At)
	}
	screen.Title(a, "two histories › "+h.zoom.String(), "", at, false)
	half := a.W() / 2
	if a.W() < 76 { // one under the other
		up := (a.H() - 2) / 2
		h.column(a.Sub(0, 2, a.W(), up), "before", h.was)
		h.column(a.Sub(0, 2+up, a.W(), a.H()-2-up), "now", h.is)
		return
	}
	h.column(a.Sub(0, 2, half, a.H()-2), "before", h.was)
	h.column(a.Sub(half, 2, a.W()-half, a.H()-2), "now", h.is)
	a.Down(half-1, 2, a.H()-2, paint.In(paint.Quiet), '│')
}

func (h *histories) column(a paint.Area, title string, of *history) {
	sum := story.Summarise(of.tr)
	end := a.Put(1, 0, paint.Strong, title) + 2
	what := fmt.Sprintf("%s, %d lost, %d sent again", packetCount(sum.Packets), sum.Lost, sum.Again)
	a.Put(end, 0, paint.In(paint.Quiet), fitting(a.W()-end-1, what+", ends at "+story.Milliseconds(of.tr.End), what,
		fmt.Sprintf("%s, %d lost, %d again", packetCount(sum.Packets), sum.Lost, sum.Again)))
	h.rows = max(a.H()-1, 1)
	y := 1
	for n := h.first(of) + h.top; n < of.tell.Count(h.zoom) && y < a.H(); n++ {
		i := of.tell.Nth(h.zoom, n)
		e := of.tell.Event(i)
		style := paint.Style{}
		mark := " "
		switch {
		case i < h.part:
			style = paint.In(paint.Quiet)
		case i == h.part:
			mark = "▸"
		}
		a.Put(0, y, paint.In(paint.Client), mark)
		at := a.Put(1, y, paint.In(paint.Quiet), fmt.Sprintf("%9s", milliseconds(e.At))) + 2
		text := sentence(&e)
		if a.W() < 56 {
			text = h.brief(of, &e)
		}
		lines := []string{paint.Shorten(text, a.W()-at-2)}
		if i == h.part { // all of it: here is the difference
			lines = packets.Wrap(text, a.W()-at-2)
		}
		for _, line := range lines[:min(len(lines), a.H()-y)] {
			a.Put(at, y, style, line)
			y++
		}
	}
}

// brief is an event where there is little room: "C▸S A, bytes 1 to 1,420".
func (h *histories) brief(of *history, e *story.Event) string {
	initial := func(host uint16) string {
		name := of.tr.Name(host)
		return strings.ToUpper(name[:1]) + strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz ")
	}
	if e.Kind != story.Sent {
		return sentence(e)
	}
	p := &of.tr.Packets[e.Row]
	return initial(p.From) + "▸" + initial(p.To) + " " + e.Text
}

func packetCount(n int) string {
	if n == 1 {
		return "1 packet"
	}
	return group(int64(n)) + " packets"
}

// milliseconds is a time with one place, for columns where the unit is told
// elsewhere.
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond))
}
