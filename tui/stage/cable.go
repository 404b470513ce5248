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
	for back := range 2 {
		wagons, hidden := s.couple(flights, left, back == 1, a.W())
		for _, v := range wagons {
			w := paint.Width(v.text)
			x := v.at
			if back == 1 {
				x = a.W() - v.at - w
			}
			a.Put(x, back, s.flightStyle(v.Flight, back == 1), v.text)
			a.Click(x, back, w, 1, packetTarget(v.Row))
			if v.Row == s.chosen {
				a.Cursor(x, back)
			}
		}
		if hidden == 0 {
			continue
		}
		more, behind := moreWords(hidden), hiddenBehind(wagons, hidden, s.chosen)
		if back == 0 {
			a.Right(behind, 0, paint.In(paint.Waiting), more)
		} else {
			a.Put(a.W()-behind, 1, paint.In(paint.Waiting), more)
		}
	}
}

// A wagon is a packet on a cable as it is drawn.
type wagon struct {
	scene.Flight
	text string
	at   int // columns from the sender's end to its rear
}

func moreWords(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("+%d", n)
}

// hiddenBehind is the column behind which those stand for which there is no
// room: behind the last wagon, or in front of it if only the choice put it there
// and the gap is wide enough to say so.
func hiddenBehind(wagons []wagon, hidden, chosen int) int {
	last := len(wagons) - 1
	if last > 0 && wagons[last].Row == chosen {
		gap := wagons[last-1].at - wagons[last].at - paint.Width(wagons[last].text)
		if gap >= paint.Width(moreWords(hidden)) {
			return wagons[last-1].at
		}
	}
	return wagons[last].at
}

// couple finds places on w columns for the packets of one direction, which come
// with the first one in front. Each is where it is, or close behind the one in
// front of it. Those at the sender's end are moved a little way on, so that they
// can be told apart; for those for which there is no room a number stands behind
// the last. The chosen one is always shown.
func (s *Stage) couple(flights []scene.Flight, left uint16, back bool, w int) (wagons []wagon, hidden int) {
	least := 0 // columns that all those take that are shown
	chosen := -1
	for _, f := range flights {
		if (f.From != left) != back {
			continue
		}
		if f.Row != s.chosen && least > w {
			hidden++
			continue
		}
		v := wagon{Flight: f, text: s.wagonOn(f, back, w)}
		least += paint.Width(v.text)
		if f.Row == s.chosen {
			chosen = len(wagons)
		}
		wagons = append(wagons, v)
	}
	for len(wagons) > 1 && !spread(wagons, w, paint.Width(moreWords(hidden))) {
		last := len(wagons) - 1
		if last == chosen { // the one in front of it goes
			wagons[last-1] = wagons[last]
			chosen = last - 1
		}
		wagons = wagons[:last]
		hidden++
	}
	if len(wagons) == 1 {
		spread(wagons, w, paint.Width(moreWords(hidden)))
	}
	return wagons, hidden
}

// spread puts wagons on w columns of which the first few are taken. It returns
// false if one would stand far from where it is.
func spread(wagons []wagon, w, taken int) bool {
	room := w
	where := make([]int, len(wagons))
	for i := range wagons {
		v := &wagons[i]
		n := paint.Width(v.text)
		where[i] = int(v.Part * float64(max(w-n, 0)))
		v.at = min(where[i], room-n)
		room = v.at
	}
	rear := taken // nothing stands below this
	for i := len(wagons) - 1; i >= 0; i-- {
		v := &wagons[i]
		v.at = max(v.at, rear)
		rear = v.at + paint.Width(v.text)
		if rear > w || v.at > where[i] && rear > max(w/3, taken+paint.Width(v.text)) || v.at < where[i]-w/2 {
			return false
		}
	}
	return true
}

// wagonOn is how a packet looks on a cable of w columns.
func (s *Stage) wagonOn(f scene.Flight, back bool, w int) string {
	name := label(s.tell, f.Row)
	if f.Lost {
		return fitting(max(w-4, 1), "╳ "+name+" "+lostWord(f.Fate), "╳ "+name+" lost")
	}
	name = paint.Shorten(name, max(1, w-5))
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
	case trace.LostRandom:
		return "lost on the way"
	case trace.LostBlocked:
		return "blocked on the way"
	case trace.LostByHand:
		return "lost by your hand"
	case trace.LostQueue:
		return "lost, the queue was full"
	case trace.LostCut:
		return "lost, the cable was cut"
	case trace.BadChecksum:
		return "damaged, thrown away"
	case trace.SocketFull:
		return "thrown away, the socket is full"
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
