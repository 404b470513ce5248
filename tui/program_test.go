package tui

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
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
