package stage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"wirelab/story/scene"
	"wirelab/trace"
	"wirelab/tui/paint"
)

// drawCable draws the hosts of the chosen connection, the cables between them,
// and what is on these at this moment. Each cable is two lines: what goes away
// from the first host, and what comes to it.
func (s *Stage) drawCable(a paint.Area) {
	if a.H() < 2 {
		return
	}
	way := s.way()
	top := 0
	if a.H() >= 4 {
		top = 1
	}
	stations := s.drawStations(a, way, top)
	quiet := paint.In(paint.Quiet)
	for i := 1; i < len(stations); i++ {
		from, to := stations[i-1].right, stations[i].left
		for y := range 2 {
			a.Fill(from, top+y, to-from, quiet, '─')
		}
	}
	for i := 1; i < len(stations); i++ {
		from, to := stations[i-1].right, stations[i].left
		flights := s.now.scene.UnderWay(scene.Between(way[i-1], way[i]), s.at)
		flights = slices.DeleteFunc(flights, func(f scene.Flight) bool { return !s.shows(f.Row) })
		s.drawFlights(a.Sub(from, top, to-from, 2), flights, way[i-1])
	}
}

// A station is a host on the cable: what of the row it takes.
type station struct{ left, right int }

// drawStations draws the hosts and says where the cables between them go.
func (s *Stage) drawStations(a paint.Area, way []uint16, top int) []station {
	stations := make([]station, len(way))
	small := a.W() < 60
	for i, host := range way {
		name := s.now.tr.Name(host)
		style := paint.In(s.roleOf(host))
		w := paint.Width(name) + 2
		if small {
			name = strings.ToUpper(name[:1])
			w = 1
		}
		x := 1
		if n := len(way) - 1; i > 0 {
			x = 1 + i*(a.W()-2-w)/n
		}
		stations[i] = station{x, x + w}
		switch {
		case small:
			for y := range 2 {
				a.Put(x, top+y, style.B(), map[bool]string{true: name, false: "│"}[y == 0])
			}
		case top == 1:
			box := a.Sub(x, 0, w, 4)
			box.Clear()
			box.Box(style, "").Put(0, 0, style.B(), name)
		default:
			a.Put(x, top, style.B(), "▐"+name+"▌")
			a.Put(x, top+1, style, "▐"+strings.Repeat(" ", w-2)+"▌")
		}
	}
	return stations
}

// drawFlights draws what is between two hosts that stand beside each other. In
// one direction none is drawn over another: who comes later stands behind.
func (s *Stage) drawFlights(a paint.Area, flights []scene.Flight, left uint16) {
	slices.SortStableFunc(flights, func(f, g scene.Flight) int { return cmp.Compare(g.Part, f.Part) })
	var room [2]int // columns from the sender's end that are still free, by direction
	var hidden [2]int
	for i := range room {
		room[i] = a.W()
	}
	for _, f := range flights {
		back := 0
		if f.From != left {
			back = 1
		}
		text := s.wagonOn(f, back == 1, a.W())
		w := paint.Width(text)
		at := int(f.Part * float64(a.W()-w))
		at = min(at, room[back]-w)
		if at < 0 || hidden[back] > 0 {
			hidden[back]++
			continue
		}
		room[back] = at
		x := at
		if back == 1 {
			x = a.W() - at - w
		}
		style := s.flightStyle(f, back == 1)
		a.Put(x, back, style, text)
		a.Click(x, back, w, 1, packetTarget(f.Row))
		if f.Row == s.chosen {
			a.Cursor(x, back)
		}
	}
	for back, n := range hidden {
		if n == 0 {
			continue
		}
		more := fmt.Sprintf("+%d", n)
		if back == 0 {
			a.Put(0, 0, paint.In(paint.Waiting), more)
		} else {
			a.Right(a.W(), 1, paint.In(paint.Waiting), more)
		}
	}
}

// wagonOn is how a packet looks on a cable of w columns.
func (s *Stage) wagonOn(f scene.Flight, back bool, w int) string {
	name := paint.Shorten(label(s.tell, f.Row), max(1, w*2/5))
	if f.Lost {
		return "╳ " + name + " " + lostWord(f.Fate)
	}
	if w < 40 {
		if back {
			return "◂▐" + name + "▌"
		}
		return "▐" + name + "▌▸"
	}
	if back {
		return "◂▐ " + name + " ▌"
	}
	return "▐ " + name + " ▌▸"
}

// lostWord says in a word or two why a packet goes no farther.
func lostWord(f trace.Fate) string {
	switch f {
	case trace.LostByHand:
		return "lost by your hand"
	case trace.LostQueue:
		return "lost: the queue was full"
	case trace.LostCut:
		return "lost: the cable is cut"
	}
	return f.String()
}

func (s *Stage) flightStyle(f scene.Flight, back bool) paint.Style {
	style := paint.In(paint.Client)
	if back {
		style = paint.In(paint.Server)
	}
	switch {
	case f.Lost:
		style = paint.In(paint.Lost)
	case f.Waiting:
		style = paint.In(paint.Quiet)
	}
	style.Bold = true
	if f.Row == s.chosen {
		style = style.R()
	} else if s.linked(f.Row) {
		style.Under = true
	}
	return style
}
