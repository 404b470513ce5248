package stage

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/tui/graph"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

// Draw implements screen.Screen. Width and height are chosen apart: from 120
// columns on the hosts are panels with the ladder between them, from 40 rows on
// every part is there; what does not fit goes in a known order, and the
// explanation last.
func (s *Stage) Draw(a paint.Area, look screen.Look) {
	s.motion = look.Motion
	s.drawTitle(a)
	body := a.Rows(2, a.H()-2)
	words := wordsHeight(a)
	if !look.Words {
		words = 0
	}
	top := body.Rows(0, body.H()-words)
	if words > 0 {
		gap := 0
		if words > 4 {
			gap = 1
		}
		s.drawWords(body.Rows(body.H()-words+gap, words-gap))
	}
	switch {
	case s.showGr:
		s.drawGraph(top)
	case s.large && s.pane == stripPane:
		s.drawMessage(top)
	case s.large && s.zoom == packetsZoom:
		s.drawSlanted(top)
	case s.large:
		s.drawRows(top)
	case a.W() >= 110 && top.H() >= 28:
		s.drawLargePicture(top)
	case a.W() >= 60:
		s.drawMiddlePicture(top)
	default:
		s.drawSmallPicture(top)
	}
}

// wordsHeight is how many rows Now and Why get.
func wordsHeight(a paint.Area) int {
	switch {
	case a.H() >= 36:
		return 6
	case a.H() >= 22:
		return 3
	}
	return 4
}

// drawTitle draws where one is, and when; and in the rule below, how much of the
// time has gone by.
func (s *Stage) drawTitle(a paint.Area) {
	done, of := s.step()
	count := group(int64(done)) + "/" + group(int64(of))
	state := fmt.Sprintf("step %s  %s  ", count, story.Milliseconds(s.at.At))
	switch {
	case s.playing:
		state += "▶ " + s.pace().String()
	case s.at.Done >= s.tell.Len() && !s.gliding:
		state += "■ the end"
	default:
		state += "❚❚ paused"
	}
	where := s.ex.Name() + " › " + s.zoom.String()
	if c := s.connWords(); c != "" && a.W() >= 80 {
		where += " › " + c
	}
	if a.W() < 60 {
		state = count + " " + story.Shorter(s.at.At)
		where = s.ex.Name()
	}
	screen.Title(a, where, s.wireWords(), state, true)
	end := s.end().At
	if end > 0 {
		gone := int(int64(a.W()) * int64(s.at.At) / int64(end))
		a.Fill(0, 1, min(gone, a.W()), paint.In(paint.Waiting), '━')
	}
	for x := range a.W() {
		a.Click(x, 1, 1, 1, timeTarget{a.W(), x})
	}
}

// wireWords are the conditions of the wire in short.
func (s *Stage) wireWords() string {
	up := &s.now.s.Up
	text := story.Shorter(up.Delay) + " one way"
	if up.Rate > 0 {
		text = rate(up.Rate) + ", " + text
	}
	return text
}

// rate is a speed in bits a second, for people.
func rate(n int64) string {
	for _, u := range []struct {
		per  int64
		name string
	}{{1e9, "Gbit/s"}, {1e6, "Mbit/s"}, {1e3, "kbit/s"}} {
		if n >= u.per {
			return strconv.FormatFloat(float64(n)/float64(u.per), 'f', -1, 64) + " " + u.name
		}
	}
	return fmt.Sprintf("%d bit/s", n)
}

// drawLargePicture is the picture at 120x40: all of it.
func (s *Stage) drawLargePicture(a paint.Area) {
	const wagon, cable, about = 7, 4, 1
	strip, gaps := 4, 1
	if _, ok := s.said(); !ok {
		strip, gaps = 0, 0
	}
	panels := a.H() - wagon - strip - cable - about - gaps
	panelW := 29
	if ends := s.ends(); ends[0].Packets != nil { // two short numbers
		panelW = 23
	}
	between := s.drawPanels(a.Rows(0, panels), panelW)
	if s.zoom == packetsZoom {
		s.drawLadder(between)
	} else {
		s.drawRows(between)
	}
	y := panels
	s.drawCable(a.Rows(y, cable))
	y += cable
	s.drawAbout(a.Rows(y, about))
	y += about
	s.drawWagon(a.Rows(y, wagon))
	y += wagon + gaps
	s.drawStrip(a.Rows(y, strip), true)
}

// drawMiddlePicture is the picture at 80x24.
func (s *Stage) drawMiddlePicture(a paint.Area) {
	const hosts, cable, strip = 2, 4, 3
	rest := a.H() - hosts - cable - strip
	s.drawHostLines(a.Rows(0, hosts))
	s.drawCable(a.Rows(hosts, cable))
	y := hosts + cable
	const wagon = 7 // with the line above it
	switch {
	case s.zoom != packetsZoom:
		s.drawRows(a.Rows(y, rest))
	case rest >= wagon+6: // room for a ladder too
		s.drawLadder(a.Rows(y, rest-wagon))
		s.drawAbout(a.Rows(y+rest-wagon, 1))
		s.drawWagon(a.Rows(y+rest-wagon+1, wagon-1))
	default:
		s.drawAbout(a.Rows(y, 1))
		s.drawWagon(a.Rows(y+1, min(rest-1, 7)))
	}
	s.drawStrip(a.Rows(a.H()-strip, strip), false)
}

// drawSmallPicture is the picture at 40x20.
func (s *Stage) drawSmallPicture(a paint.Area) {
	s.drawHostWords(a.Rows(0, 2))
	s.drawCable(a.Rows(3, 2))
	if s.zoom != packetsZoom {
		s.drawRows(a.Rows(6, a.H()-9))
	} else {
		s.drawSmallWagon(a.Rows(6, a.H()-9))
	}
	s.drawStrip(a.Rows(a.H()-3, 2), false)
}

// drawAbout draws the line about the chosen packet.
func (s *Stage) drawAbout(a paint.Area) {
	if s.chosen < 0 {
		a.Put(1, 0, paint.In(paint.Quiet), "no packet yet")
		return
	}
	x := a.Put(1, 0, paint.Strong, label(s.tell, s.chosen))
	a.Put(x+2, 0, paint.Style{}, s.about(a.W()-x-3))
}

// drawSmallWagon draws the chosen packet in a line or two.
func (s *Stage) drawSmallWagon(a paint.Area) {
	if s.chosen < 0 {
		return
	}
	p := &s.now.tr.Packets[s.chosen]
	cars := carsOf(s.now.tr, p)
	x := 0
	for i, c := range cars {
		if i > 0 {
			x = a.Put(x, 0, paint.In(paint.Quiet), " ▸ ")
		}
		text := group(int64(c.bytes))
		switch {
		case c.name == "Ethernet":
			text = "Eth " + text
		case strings.HasPrefix(c.name, "IPv"):
			text = "IP " + text
		case c.role != paint.Plain:
			text = c.name + " " + text
		}
		if i == 0 { // the name if there is room beside the cars, each of about ten columns: it is below too
			x = 1
			if name := label(s.tell, s.chosen); paint.Width(name) <= max(a.W()-10*len(cars), 8) {
				x = a.Put(1, 0, paint.Strong, name) + 1
			}
		}
		x = a.Cut(x, 0, a.W()-1-x, paint.In(c.role), text)
	}
	if a.H() > 1 {
		a.Put(1, 1, paint.Style{}, fitting(a.W()-2, beginnings(s.tell.Arrow(s.chosen))...))
	}
	if a.H() > 2 {
		a.Cut(1, 2, a.W()-2, paint.In(paint.Quiet), s.whereabouts(s.chosen))
	}
}

// drawGraph draws the graph that was asked for.
func (s *Stage) drawGraph(a paint.Area) {
	s.graphsNow()
	if conn, _ := s.graphs.Shown(); conn != s.conn {
		s.graphs.Set(s.conn, -1)
	}
	s.graphs.Show(s.graph)
	s.graphs.Draw(a, s.at.At)
}

// graphsNow are the graphs of this history.
func (s *Stage) graphsNow() *graph.Graphs {
	if s.graphs == nil {
		s.graphs = graph.New(s.now.tr)
	}
	return s.graphs
}

// way are the hosts of what is shown, from left to right.
func (s *Stage) way() []uint16 {
	if s.lanes == nil || s.laned != s.conn {
		s.lanes, s.laned = s.now.scene.Lanes(s.which()), s.conn
	}
	return s.lanes
}

// which are the packets that are shown.
func (s *Stage) which() scene.Which {
	if s.conn >= 0 {
		return scene.With(s.conn)
	}
	return scene.OfConn(-1)
}

// roleOf is the identity of a host: who stands left is the client.
func (s *Stage) roleOf(host uint16) paint.Role {
	way := s.way()
	switch host {
	case way[0]:
		return paint.Client
	case way[len(way)-1]:
		return paint.Server
	}
	return paint.Plain
}

// Click implements screen.Screen.
func (s *Stage) Click(target any) screen.Effect {
	s.search, s.note = nil, ""
	switch t := target.(type) {
	case packetTarget:
		if s.chosen == int(t) && s.picked {
			return s.open()
		}
		s.chosen, s.picked = int(t), true
	case rowTarget:
		s.row, s.picked = int(t), true
		s.chosen = s.firstPacketOf(s.zoom, int(t))
	case timeTarget:
		s.stopAt(s.tell.At(s.end().At / time.Duration(t.w) * time.Duration(t.x)))
	case graph.Moment:
		s.stopAt(s.tell.At(time.Duration(t)))
	case openChosen:
		return s.open()
	}
	return nil
}
