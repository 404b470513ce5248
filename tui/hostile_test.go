package tui

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wirelab/scenario"
)

// hostile is what a stranger may send: it clears the screen, sets the title,
// changes modes, writes backwards, is no text, and is wider than it says.
const hostile = "a\x1b[2J\x1b]0;owned\a\r\x08\x7f\u009b31m\u0085\u202e\u2066gnp.exe\u200f\u061c\u2028\u2029\ufeff\u200b\xff\xc3\x28\xed\xa0\x80\x9b" +
	"\x1b[?1049l\x1b[?25l\x1b[?1002l\x1b[3;3H\x1bc\x1b(0\x1b]52;c;b3duZWQ=\a\x1bP$q\"p\x1b\\\x0e\x90+q\x9c" +
	"👨‍👩‍👧‍👦🇨🇭漢字ﾊﾟｶﾞक्षि\u0e01\u0e33e\u0301\u0301\u0301\u0301각\u1112\u1161\u11ab\u0600١שלום\U000e0041\ufe0f☺️\u3164\u115f"

// harmless is as long, and as much of it may be seen.
var harmless = strings.Repeat("h", len(hostile))

// Whatever a payload holds, on every screen the terminal shows what was drawn,
// cell by cell, the frames stand where they stand otherwise, and title and modes
// are as they were.
func TestAHostilePayloadChangesNothingButItsCells(t *testing.T) {
	r := record{}
	says := func(text string) func(*scenario.Scenario) {
		return func(s *scenario.Scenario) { s.Args["message"] = text }
	}
	ex, bad := r.add(t, "tcp", says(hostile))
	_, good := r.add(t, "tcp", says(harmless))
	for _, size := range [][2]int{{120, 40}, {80, 24}, {40, 20}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			type shot struct {
				when  string
				cells []string
				modes map[ansi.Mode]bool
				title string
				alt   bool
			}
			visit := func(sc scenario.Scenario) (shots []shot) {
				synctest.Test(t, func(t *testing.T) {
					s := begin(t, size[0], size[1], r.newStage(ex, sc), r.runner(t, 0), Options{NoMotion: true})
					defer s.quit()
					shoot := func(when string) {
						s.fits(when)
						if drawn := s.m.canvas.Text(); s.text() != drawn {
							t.Errorf("%s: the terminal shows something else than was drawn: %s", when, firstDifference(s.text(), drawn))
						}
						if s.bell {
							t.Errorf("%s: it rings", when)
						}
						sh := shot{when: when, modes: maps.Clone(s.modes), title: s.title, alt: s.emu.IsAltScreen()}
						s.mu.Lock()
						defer s.mu.Unlock()
						for y := range size[1] {
							for x := range size[0] {
								c := s.emu.CellAt(x, y)
								if c.Width != 1 {
									t.Errorf("%s: the cell at %d, %d is %d wide: %q", when, x, y, c.Width, c.Content)
								}
								sh.cells = append(sh.cells, c.Content)
							}
						}
						shots = append(shots, sh)
					}
					for i := range 57 {
						shoot(fmt.Sprintf("step %d", i))
						s.press("right")
					}
					for _, z := range []string{"calls", "messages", "packets"} {
						s.press("z")
						shoot(z)
						s.press(`\`)
						shoot(z + ", large")
						s.press("esc", "tab", `\`)
						shoot(z + ", the message large")
						s.press("esc", "esc")
					}
					s.press("?")
					shoot("help")
					s.press("esc", "v")
					shoot("the graph")
					s.press("esc", "e")
					shoot("the form")
					s.press("esc", "g")
					for range 9 {
						s.press("right")
					}
					s.press("enter")
					shoot("a packet")
					for _, key := range []string{"tab", "G", "tab", "G", "b", "tab", `\`, "tab", "tab", "]", "]", "]", "G"} {
						s.press(key)
						shoot("a packet, then " + key)
					}
					s.press("esc", "esc", "esc", "/")
					s.prog.Send(tea.PasteMsg{Content: hostile})
					s.pass(time.Second)
					shoot("a text is pasted")
					s.press("enter")
					shoot("it is looked for")
					s.press("y")
					shoot("the command is copied")
				})
				return shots
			}
			a, b := visit(bad), visit(good)
			if len(a) != len(b) {
				t.Fatalf("%d screens and %d", len(a), len(b))
			}
			for i := range a {
				if a[i].title != b[i].title || a[i].alt != b[i].alt || !maps.Equal(a[i].modes, b[i].modes) {
					t.Errorf("%s: the terminal is %q, %v, %v; otherwise %q, %v, %v", a[i].when, a[i].title, a[i].alt, a[i].modes, b[i].title, b[i].alt, b[i].modes)
				}
				for j, want := range b[i].cells {
					if got := a[i].cells[j]; got != want && isFrame(want) {
						t.Errorf("%s: at %d, %d stands %q instead of %q", a[i].when, j%size[0], j/size[0], got, want)
					}
				}
			}
		})
	}
}

// isFrame says whether a cell holds a part of a frame, a rule or a diagram.
func isFrame(cell string) bool {
	return cell != "" && strings.Contains("─│╭╮╰╯┌┐└┘┬┴┼├┤━", cell)
}
