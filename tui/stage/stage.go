// Package stage is the screen on which an exchange is seen, step by step: both
// hosts and what they know, the cable and what is on it, the chosen packet laid
// open, and the message as both ends have it. It shows a trace, and what would
// have come of it had one packet gone another way.
package stage

import (
	"fmt"
	"strings"
	"time"

	"wirelab/scenario"
	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
	"wirelab/tui/graph"
	"wirelab/tui/keys"
	"wirelab/tui/screen"
)

// A history is one run of a Scenario.
type history struct {
	s      scenario.Scenario
	tr     *trace.Trace
	failed error // why it did not end well
	tell   *story.Teller
	scene  *scene.Scene
	byConn *sorted // nil: nobody has asked yet
}

func newHistory(s scenario.Scenario, tr *trace.Trace, failed error) *history {
	h := &history{s: s, tr: tr, failed: failed, tell: story.NewTeller(tr)}
	h.scene = scene.New(h.tell)
	return h
}

// before is what there was before a change, and where one stood.
type before struct {
	s           scenario.Scenario
	at, then    story.Moment // before the change, and after it
	zoom        story.Zoom
	chosen, row int
	picked      bool
}

// A pane is a part of the screen that keys can be for.
type pane uint8

const (
	rowsPane  pane = iota // packets, messages or calls
	stripPane             // the message
	panes
)

// A Stage is the screen.
type Stage struct {
	ex  scenario.Exchange
	now *history
	player

	past   []before // before each change, the last one last
	before *history // the run before the last change; nil: there is none

	conn   int32 // that is shown; -1: none
	pinned bool  // by hand: steps of other connections are passed over
	chosen int   // row of the packet that is laid open; -1: none
	picked bool  // by hand, and not by the step
	row    int   // chosen row of the table of the zoom, if that is not packets; -1: none

	lanes []uint16 // hosts of what is shown, from left to right; nil: not looked for
	laned int32    // the connection that they are of

	layers models
	pane   pane
	large  bool
	graphs *graph.Graphs
	graph  graph.Kind
	showGr bool
	motion bool // as it was drawn last

	input  *screen.Input
	found  string  // what was looked for last
	search *search // that goes on; nil: none does
	note   string  // how it goes
	footer string
}

// New returns the stage for a run of s with ex, and why it failed if it did.
func New(ex scenario.Exchange, s scenario.Scenario, tr *trace.Trace, failed error) *Stage {
	st := &Stage{ex: ex, chosen: -1, row: -1, motion: true}
	st.show(newHistory(s, tr, failed))
	st.zoom = story.Packets
	st.setPace(usualFlight(tr))
	st.goTo(st.tell.After(-1))
	st.follow()
	return st
}

// show puts another run on the stage; the moment is the caller's to choose.
func (s *Stage) show(h *history) {
	s.now = h
	s.tell = h.tell
	s.graphs, s.lanes = nil, nil
	s.footer = h.s.Command(s.ex)
	s.conn = min(s.conn, int32(len(h.tr.Conns))-1)
	if s.conn < 0 && len(h.tr.Conns) > 0 {
		s.conn = 0
	}
	s.chosen = min(s.chosen, len(h.tr.Packets)-1)
}

// usualFlight is how long a packet takes, in the middle.
func usualFlight(tr *trace.Trace) time.Duration {
	const enough = 64
	var most time.Duration
	n := 0
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Arrived != trace.Never {
			most = max(most, p.Arrived-p.Left)
			if n++; n == enough {
				break
			}
		}
	}
	return max(most, time.Microsecond)
}

// Input implements screen.Screen.
func (s *Stage) Input() *screen.Input { return s.input }

// Footer implements screen.Screen: the command that gives this very run, or how
// a search goes.
func (s *Stage) Footer() string {
	if s.note != "" {
		return s.note
	}
	return s.footer
}

// Moving implements screen.Screen.
func (s *Stage) Moving() bool { return s.playing || s.gliding || s.search != nil }

// Tick implements screen.Screen.
func (s *Stage) Tick(d time.Duration) {
	if s.search != nil {
		s.lookOn()
		return
	}
	s.tick(d, len(s.now.scene.UnderWay(scene.All(), s.at)) > 0)
	s.follow()
}

// Leave implements screen.Screen.
func (s *Stage) Leave() (done, again string) {
	n, of := s.step()
	sum := story.Summarise(s.now.tr)
	done = fmt.Sprintf("%s: %s; you were at step %d of %d, %s", s.ex.Name(), sum, n, of, story.Milliseconds(s.at.At))
	return done, s.now.s.Command(s.ex)
}

// Do implements screen.Screen.
func (s *Stage) Do(a keys.Action) (screen.Effect, bool) {
	s.search, s.note = nil, "" // any key ends it
	switch a {
	case keys.Play:
		s.settle()
		if s.at.Done >= s.tell.Len() {
			s.goTo(s.tell.After(-1)) // once more from the beginning
		}
		s.playing = !s.playing
		s.picked = s.picked && !s.playing
		s.follow()
	case keys.Right, keys.PageDown:
		return s.stepOn(steps(a)), true
	case keys.Left, keys.PageUp:
		return s.stepBack(steps(a)), true
	case keys.Up:
		s.choose(-1)
	case keys.Down:
		s.choose(1)
	case keys.First:
		s.stopAt(s.tell.After(-1))
	case keys.Last:
		s.stopAt(s.end())
	case keys.Slower:
		s.speed = max(s.speed-1, 0)
		return screen.Say{Text: "speed: " + s.speedWords()}, true
	case keys.Faster:
		s.speed = min(s.speed+1, len(speeds)-1)
		return screen.Say{Text: "speed: " + s.speedWords()}, true
	case keys.Zoom:
		s.setZoom((s.zoom + 1) % 3)
	case keys.Layers:
		if s.showGr {
			return nil, s.graphsNow().Do(a)
		}
		s.layers = (s.layers + 1) % manyModels
	case keys.NextPane, keys.PrevPane:
		s.pane = (s.pane + 1) % panes
	case keys.Large:
		s.large = !s.large
	case keys.Back:
		return nil, s.release()
	case keys.Open:
		return s.open(), true
	case keys.Graphs:
		s.nextGraph()
	case keys.NextConn:
		return s.pin(1), true
	case keys.PrevConn:
		return s.pin(-1), true
	case keys.GoTo:
		s.askTime()
	case keys.Find:
		s.askText()
	case keys.Next:
		return s.find(1), true
	case keys.Previous:
		return s.find(-1), true
	case keys.Copy:
		return screen.Copy{Text: s.footer}, true
	default:
		if e, done := s.jumpTo(a); done {
			return e, true
		}
		return s.whatIf(a)
	}
	return nil, true
}

func steps(a keys.Action) int {
	if a == keys.PageUp || a == keys.PageDown {
		return 10
	}
	return 1
}

func (s *Stage) speedWords() string {
	p := s.pace()
	if p.den > 1 {
		return fmt.Sprintf("%s of real time", p)
	}
	return p.String() + " real time"
}

func (s *Stage) stepOn(n int) screen.Effect {
	s.playing, s.picked = false, false
	moved := false
	for i := range n {
		moved = s.forward(s.next, s.motion && i == n-1 && n == 1) || moved
	}
	if !moved {
		if s.at == s.end() {
			return screen.Say{Text: "this is the end; g goes back to the beginning"}
		}
		s.goTo(s.end())
	}
	s.follow()
	return nil
}

func (s *Stage) stepBack(n int) screen.Effect {
	s.playing, s.picked = false, false
	moved := false
	for range n {
		moved = s.player.back(s.previous) || moved
	}
	s.follow()
	if !moved {
		return screen.Say{Text: "this is the beginning"}
	}
	return nil
}

// stopAt goes to a moment and stays there.
func (s *Stage) stopAt(m story.Moment) {
	s.playing, s.picked = false, false
	s.goTo(m)
	s.follow()
}

// setZoom looks nearer or from further away, at the same moment.
func (s *Stage) setZoom(z story.Zoom) {
	s.settle()
	s.zoom = z
	s.picked = false
	s.follow()
}

// release lets go of what was chosen last: a step back on the way in.
func (s *Stage) release() bool {
	switch {
	case s.showGr:
		s.showGr = false
	case s.large:
		s.large = false
	case s.picked:
		s.picked = false
		s.follow()
	case s.pinned:
		s.pinned = false
		s.follow()
	case s.pane != rowsPane:
		s.pane = rowsPane
	default:
		return false
	}
	return true
}

// pin chooses another connection by hand.
func (s *Stage) pin(d int32) screen.Effect {
	n := int32(len(s.now.tr.Conns))
	if n < 2 {
		return screen.Say{Text: s.oneConnection()}
	}
	s.pinned = true
	s.picked = false
	s.conn = (s.conn + d + n) % n
	s.follow()
	c := &s.now.tr.Conns[s.conn]
	return screen.Say{Text: fmt.Sprintf("connection %d of %d: %s to %s; steps are its own now, esc lets go", s.conn+1, n, c.Ends[0], c.Ends[1])}
}

// jumpTo goes to the next or previous landmark of the kind that a key names.
func (s *Stage) jumpTo(a keys.Action) (screen.Effect, bool) {
	for _, j := range []struct {
		next, previous keys.Action
		what           story.Landmark
		words          string
	}{
		{keys.NextLoss, keys.PrevLoss, story.Loss, "no packet is lost"},
		{keys.NextAgain, keys.PrevAgain, story.Again, "nothing is sent again"},
		{keys.NextChange, keys.PrevChange, story.Change, "no state changes"},
		{keys.NextCall, keys.PrevCall, story.CallMark, "there is no call"},
	} {
		dir, where := 1, " after this"
		switch a {
		case j.next:
		case j.previous:
			dir, where = -1, " before this"
		default:
			continue
		}
		i, ok := s.jump(dir, j.what)
		if !ok {
			return screen.Say{Text: j.words + where}, true
		}
		s.playing, s.picked = false, false
		if p := s.tell.Place(i); p.Zoom != s.zoom && p.Zoom != story.Calls {
			s.zoom = p.Zoom
		}
		s.follow()
		return nil, true
	}
	return nil, false
}

// nextGraph shows the next graph, and after the last one the picture again.
func (s *Stage) nextGraph() {
	if !s.showGr {
		s.showGr, s.graph = true, graph.Sequence
		return
	}
	if s.graph = s.graph.Next(); s.graph == graph.Sequence {
		s.showGr = false
	}
}

// askTime lets a time be typed to go to.
func (s *Stage) askTime() {
	s.input = screen.NewInput("go to the time", "")
	s.input.Cancel = func() { s.input = nil }
	s.input.Done = func(text string) screen.Effect {
		d, err := scenario.ParseDuration(strings.TrimSpace(text))
		if err != nil {
			s.input.Error = err.Error()
			return nil
		}
		s.input = nil
		m := s.tell.At(min(d, s.end().At))
		s.stopAt(m)
		return nil
	}
}

// Offers implements screen.Screen.
func (s *Stage) Offers() []keys.Offer {
	play := keys.Offer{Action: keys.Play}
	if s.playing {
		play.Short = "pause"
	}
	what := map[story.Zoom]string{story.Packets: "packet", story.Messages: "message", story.Calls: "call"}[s.zoom]
	if s.pane == stripPane {
		what = "piece"
	}
	offers := []keys.Offer{play,
		{Action: keys.Left, Short: "step"}, {Action: keys.Right, Short: "step"},
		{Action: keys.Up, Short: what}, {Action: keys.Down, Short: what},
		{Action: keys.Open, Not: s.cannotOpen()}}
	offers = append(offers, s.touchOffers()...)
	offers = append(offers, []keys.Offer{
		{Action: keys.Zoom}, {Action: keys.Slower, Short: "speed"}, {Action: keys.Faster, Short: "speed"},
		{Action: keys.Graphs}, s.layersOffer(), {Action: keys.NextPane}, {Action: keys.PrevPane}, {Action: keys.Large},
		{Action: keys.First}, {Action: keys.Last}, {Action: keys.PageUp}, {Action: keys.PageDown}, {Action: keys.GoTo},
		{Action: keys.NextLoss}, {Action: keys.PrevLoss}, {Action: keys.NextAgain}, {Action: keys.PrevAgain},
		{Action: keys.NextChange}, {Action: keys.PrevChange}, {Action: keys.NextCall}, {Action: keys.PrevCall},
		{Action: keys.NextConn, Not: s.oneConnection()}, {Action: keys.PrevConn, Not: s.oneConnection()},
		{Action: keys.Find}, {Action: keys.Next}, {Action: keys.Previous}, {Action: keys.Copy},
	}...)
	return offers
}

// layersOffer is what the key does that turns the models, or a graph, round.
func (s *Stage) layersOffer() keys.Offer {
	if s.showGr && s.graphs != nil {
		for _, o := range s.graphs.Offers() {
			if o.Action == keys.Layers {
				return o
			}
		}
	}
	return keys.Offer{Action: keys.Layers}
}

func (s *Stage) oneConnection() string {
	switch n := len(s.now.tr.Conns); n {
	case 0:
		return "this exchange has no connection"
	case 1:
		return "there is only one connection"
	}
	return ""
}

func (s *Stage) cannotOpen() string {
	if s.chosen < 0 && s.row < 0 {
		return "nothing is chosen yet: → goes to the first step"
	}
	return ""
}
