package tui

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wirelab/scenario"
)

// The story of a first quarter of an hour, at three sizes: each screen is drawn
// to a golden file, at each moment the window takes every size and comes back.
func TestAFirstVisit(t *testing.T) {
	r := record{}
	r.add(t, "tcp")
	r.add(t, "tcp", touched("drop", "client", 4))
	for _, size := range [][2]int{{120, 40}, {80, 24}, {40, 20}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			var album strings.Builder
			synctest.Test(t, func(t *testing.T) {
				s := begin(t, size[0], size[1], newHome(), r.runner(t, 50*time.Millisecond), Options{})
				defer s.quit()
				photo := func(when string) {
					t.Helper()
					s.fits(when)
					before := s.text()
					fmt.Fprintf(&album, "== %s\n%s", when, before)
					for _, other := range [][2]int{{120, 40}, {80, 24}, {40, 20}, {36, 9}, {200, 60}, {1, 1}, {119, 20}, size} {
						s.resize(other[0], other[1])
						s.fits(fmt.Sprintf("%s at %dx%d", when, other[0], other[1]))
					}
					if after := s.text(); after != before {
						t.Errorf("%s: after the window was of other sizes, the screen is another: %s", when, firstDifference(after, before))
					}
				}
				s.pass(5 * time.Second)
				photo("home, when the words have arrived")
				s.press("enter")
				s.shows("running … esc stops it")
				s.pass(50 * time.Millisecond)
				s.press()
				photo("the beginning")
				s.press("?")
				photo("help")
				s.press("esc")
				for range 11 {
					s.press("right")
					s.pass(maxGlide)
				}
				photo("eleven steps on")
				s.press("left")
				photo("one step back")
				s.press("x")
				s.pass(50 * time.Millisecond)
				s.press()
				photo("a packet is lost by hand")
				s.press("L")
				s.press("=")
				photo("both histories")
				s.press("esc", "v")
				s.press("G")
				photo("the graph at the end")
				s.press("esc", "u")
				s.pass(50 * time.Millisecond)
				s.press()
				photo("taken back")
				s.press("e")
				photo("the form of the wire")
				s.press("down", "enter")
				photo("a value is typed")
				s.press("esc", "esc", "enter")
				photo("a packet is open")
				s.press("esc", "g", "z")
				for range 3 {
					s.press("right")
					s.pass(maxGlide)
				}
				photo("three steps at another zoom")
				s.press("esc", "esc")
				photo("home again")
				s.press("q")
				if !s.ended() {
					t.Error("q does not end it")
				}
			})
			golden(t, fmt.Sprintf("visit-%dx%d", size[0], size[1]), album.String())
		})
	}
}

// maxGlide is how long a step may take.
const maxGlide = 600 * time.Millisecond

// The form runs another wire and goes on at the same moment; undo takes it back.
func TestAnotherWire(t *testing.T) {
	r := record{}
	ex, sc := r.add(t, "tcp")
	r.add(t, "tcp", func(s *scenario.Scenario) { s.Up.Delay, s.Down.Delay = 5*time.Millisecond, 5*time.Millisecond })
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, 120, 40, r.newStage(ex, sc), r.runner(t, 0), Options{NoMotion: true})
		defer s.quit()
		for range 20 {
			s.press("right")
		}
		row := s.firstRow()
		s.press("e")
		s.press("r")
		s.shows("nothing is changed yet")
		s.press("down", "enter", "ctrl+u")
		s.press("x", "enter") // no time
		s.shows("delay (time) x")
		s.press("ctrl+u", "5", "m", "s", "enter")
		s.shows("wirelab tcp --delay 5ms", "5ms *")
		s.press("r")
		s.shows("another wire; = shows both histories, u takes it back", "5 ms one way")
		s.press("=")
		s.shows("they part at")
		s.press("=", "u")
		s.shows("taken back", "20 ms one way")
		s.press("y")
		s.shows("copied: wirelab tcp")
		s.press("g")
		for range 20 {
			s.press("right")
		}
		if s.firstRow() != row {
			t.Errorf("after undo the screen is %q, was %q", s.firstRow(), row)
		}
	})
}

// The mouse chooses what it clicks on, and lets go of the terminal on a key.
func TestTheMouse(t *testing.T) {
	r := record{}
	ex, sc := r.add(t, "tcp")
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, 80, 24, r.newStage(ex, sc), nil, Options{NoMotion: true})
		defer s.quit()
		click := func(text string) {
			t.Helper()
			for y, line := range strings.Split(s.text(), "\n") {
				if before, _, ok := strings.Cut(line, text); ok {
					s.prog.Send(tea.MouseClickMsg{X: len([]rune(before)), Y: y, Button: tea.MouseLeft})
					s.pass(written)
					return
				}
			}
			t.Fatalf("%q is not on the screen:\n%s", text, s.text())
		}
		for range 9 {
			s.press("right")
		}
		click("▐ ack 1 ▌")
		s.shows(" ack 1  ")
		click("▐ ack 1 ▌") // once more opens it
		s.shows("packet 3 of 23")
		click("esc back")
		s.shows("step 9/56")
		click("? help")
		s.shows("any key closes")
		click("play, pause")
		s.hides("any key closes")
		if !s.modes[ansi.ModeMouseButtonEvent] {
			t.Errorf("the mouse is not asked for: %v", s.modes)
		}
		s.press("M")
		s.shows("the mouse selects text, as in the shell")
		if s.modes[ansi.ModeMouseButtonEvent] || s.modes[ansi.ModeMouseExtSgr] {
			t.Errorf("the mouse is still caught: %v", s.modes)
		}
	})
}
