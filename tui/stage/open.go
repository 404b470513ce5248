package stage

import (
	"fmt"
	"time"

	"wirelab/tui/inspect"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

// open opens what is chosen: a packet, field by field; of a call or a message,
// what carried it.
func (s *Stage) open() screen.Effect {
	switch {
	case s.zoom != packetsZoom && s.row >= 0:
		s.nearer()
		return nil
	case s.chosen < 0:
		return nil
	}
	s.playing = false
	return screen.Push{Screen: newOpened(s)}
}

// nearer looks at what carried the chosen call or message.
func (s *Stage) nearer() {
	if s.zoom == callsZoom {
		if messages := s.now.scene.MessagesOn(s.now.tr.Calls[s.row].Span); len(messages) > 0 {
			s.zoom, s.row, s.picked = messagesZoom, messages[0], true
			return
		}
	}
	s.zoom, s.picked = packetsZoom, s.chosen >= 0
}

// opened is the screen of one packet laid open.
type opened struct {
	stage *Stage
	pane  *inspect.Pane
	row   int
}

func newOpened(s *Stage) *opened {
	o := &opened{stage: s, row: s.chosen}
	o.pane = inspect.New(inspect.Arrived(s.now.tr, o.row, s.roleOf))
	return o
}

// Moving implements screen.Screen.
func (o *opened) Moving() bool { return false }

// Tick implements screen.Screen.
func (o *opened) Tick(time.Duration) {}

// Input implements screen.Screen.
func (o *opened) Input() *screen.Input { return nil }

// Footer implements screen.Screen.
func (o *opened) Footer() string {
	return fmt.Sprintf("as text: %s --packet %d", o.stage.footer, o.row+1)
}

// Leave implements screen.Screen.
func (o *opened) Leave() (done, again string) { return o.stage.Leave() }

// Offers implements screen.Screen.
func (o *opened) Offers() []keys.Offer {
	return append(o.pane.Offers(), keys.Offer{Action: keys.NextConn, Short: "next packet"}, keys.Offer{Action: keys.PrevConn, Short: "packet before"})
}

// Do implements screen.Screen.
func (o *opened) Do(a keys.Action) (screen.Effect, bool) {
	switch a {
	case keys.NextConn:
		return nil, o.to(o.row + 1)
	case keys.PrevConn:
		return nil, o.to(o.row - 1)
	}
	return nil, o.pane.Do(a)
}

// to opens another packet, with the same field chosen.
func (o *opened) to(row int) bool {
	if row >= 0 && row < len(o.stage.now.tr.Packets) {
		o.row = row
		o.pane.Set(inspect.Arrived(o.stage.now.tr, row, o.stage.roleOf))
	}
	return true
}

// Click implements screen.Screen.
func (o *opened) Click(target any) screen.Effect {
	o.pane.Click(target)
	return nil
}

// Draw implements screen.Screen.
func (o *opened) Draw(a paint.Area, _ screen.Look) {
	screen.Title(a, o.stage.ex.Name()+" › "+label(o.stage.tell, o.row), "",
		fmt.Sprintf("packet %d of %s", o.row+1, group(int64(len(o.stage.now.tr.Packets)))), false)
	o.pane.Draw(a.Rows(2, a.H()-2))
}
