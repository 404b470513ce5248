package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"wirelab/scenario"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

// A place is a screen in a state that its keys depend on, and how one gets there
// from its first screen: keys, and "run" for what a run's end brings.
type place struct {
	name  string
	first func() screen.Screen
	keys  string
}

// places are all screens, in the states in which their keys differ.
func places(t testing.TB) (r record, all []place) {
	t.Helper()
	r = record{}
	ex, s := r.add(t, "tcp")
	r.add(t, "tcp", touched("drop", "client", 1))
	udp, u := r.add(t, "udp")
	ping, p := r.add(t, "ping")
	many, c := r.add(t, "tcp", func(s *scenario.Scenario) { s.Args["clients"] = "3" })
	onTCP := func() screen.Screen { return r.newStage(ex, s) }
	return r, []place{
		{"home", newHome, ""}, {"home, second list", newHome, "G"}, {"map", newHome, "G enter"},
		{"stage at the beginning", onTCP, ""},
		{"stage at a step", onTCP, "l"},
		{"stage at the end", onTCP, "G"},
		{"stage playing", onTCP, "space"},
		{"stage, a packet chosen", onTCP, "l l l l j"},
		{"stage, messages", onTCP, "l z z"}, {"stage, calls", onTCP, "l z"},
		{"stage, strip", onTCP, "G tab"}, {"stage, strip large", onTCP, `G tab \`}, {"stage, ladder large", onTCP, `G \`},
		{"stage, first graph", onTCP, "G v"}, {"stage, last graph", onTCP, "G v v v"},
		{"stage, changed", onTCP, "l x run"}, {"both histories", onTCP, "l x run ="}, {"both histories, calls", onTCP, "l x run = z"},
		{"form", onTCP, "e"}, {"form, a flag turned", onTCP, "e G k enter"},
		{"packet", onTCP, "G enter"}, {"packet, bytes", onTCP, "G enter tab"}, {"packet, words", onTCP, "G enter tab tab"},
		{"packet, bits", onTCP, "G enter b"}, {"packet, large", onTCP, `G enter \`}, {"packet, no words", onTCP, "G enter w"},
		{"stage of udp", func() screen.Screen { return r.newStage(udp, u) }, "l"},
		{"stage of ping", func() screen.Screen { return r.newStage(ping, p) }, "l"},
		{"graph of ping", func() screen.Screen { return r.newStage(ping, p) }, "G v"},
		{"stage of three", func() screen.Screen { return r.newStage(many, c) }, "l ]"},
	}
}

// at is the program in a place, of a size, without a terminal.
func at(t testing.TB, r record, p place, w, h int) *model {
	t.Helper()
	m := newModel(t.Context(), p.first(), r.runner(t, 0), Options{NoMotion: true})
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	var cmd tea.Cmd
	for _, k := range strings.Fields(p.keys) {
		if k == "run" {
			m.Update(cmd())
			continue
		}
		_, cmd = m.Update(keyPress(k))
	}
	return m
}

// everyones are the actions that the program does itself, on every screen.
var everyones = []keys.Action{keys.Help, keys.Quit, keys.Suspend, keys.Theme, keys.Animation, keys.Mouse, keys.Back, keys.Leave, keys.Words}

// Help and the bar are made from offers, so they are right only if a screen
// offers what it does and does what it offers.
func TestScreensOfferWhatTheyDo(t *testing.T) {
	r, all := places(t)
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			for a := keys.None + 1; a <= keys.Leave; a++ {
				m := at(t, r, p, 80, 24)
				offers := m.top().Offers()
				i := slices.IndexFunc(offers, func(o keys.Offer) bool { return o.Action == a })
				if i >= 0 && offers[i].Not != "" {
					continue // it is not done now, and it is said why
				}
				_, done := m.top().Do(a)
				own := !slices.Contains(everyones, a)
				switch k := keys.Of(a); {
				case done && i < 0 && a != keys.Back:
					t.Errorf("%s (%s) is done, and not offered", k.Label(), k.Short)
				case !done && i >= 0 && own:
					t.Errorf("%s (%s) is offered, and not done", k.Label(), k.Short)
				}
			}
		})
	}
}

func TestNothingIsOfferedTwice(t *testing.T) {
	r, all := places(t)
	for _, p := range all {
		seen := map[keys.Action]bool{}
		for _, o := range at(t, r, p, 80, 24).top().Offers() {
			if keys.Of(o.Action) == nil {
				t.Errorf("%s: action %d is in no table", p.name, o.Action)
			}
			if seen[o.Action] {
				t.Errorf("%s: %s is offered twice", p.name, keys.Of(o.Action).Label())
			}
			seen[o.Action] = true
		}
	}
}

// Every screen at every size: no line is too long, the bar is whole, and the
// first three entries of a screen are there from 80 columns on.
func TestTheBarIsNeverCut(t *testing.T) {
	r, all := places(t)
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			m := at(t, r, p, 80, 24)
			for w := leastW; w <= 200; w++ {
				m.Update(tea.WindowSizeMsg{Width: w, Height: 24})
				lines := strings.Split(strings.TrimSuffix(m.canvas.Text(), "\n"), "\n")
				bar := lines[len(lines)-1]
				last := "?" + " help  " + "q quit"
				if len(m.screens) > 1 {
					last = "? help  esc back"
				}
				if !strings.HasSuffix(bar, last) {
					t.Fatalf("at %d columns the bar is %q", w, bar)
				}
				rest := strings.TrimSuffix(bar, last)
				for _, e := range entries(m.top().Offers()) {
					part := e.label + " " + e.word + "  "
					if !strings.HasPrefix(strings.TrimPrefix(rest, " "), part) {
						break
					}
					rest = strings.TrimPrefix(strings.TrimPrefix(rest, " "), part)
				}
				if strings.TrimSpace(rest) != "" {
					t.Fatalf("at %d columns %q of the bar is no whole entry", w, rest)
				}
			}
		})
	}
}

func TestEveryScreenAtEverySize(t *testing.T) {
	r, all := places(t)
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			m := at(t, r, p, 80, 24)
			for _, help := range []bool{false, true} {
				m.help = help
				for w := leastW; w <= 170; w += 29 {
					for h := leastH; h <= 60; h += 9 {
						m.Update(tea.WindowSizeMsg{Width: w, Height: h})
						lines := strings.Split(strings.TrimSuffix(m.canvas.Text(), "\n"), "\n")
						if len(lines) != h || lines[0] == "" {
							t.Errorf("at %dx%d there are %d rows, the first one %q", w, h, len(lines), lines[0])
						}
						for _, l := range lines {
							if paint.Width(l) > w {
								t.Errorf("at %dx%d there is the line %q", w, h, l)
							}
						}
						if got, ok := m.canvas.Cursor(); ok && !help && (got.X < 0 || got.Y < 0 || got.X >= w || got.Y >= h) {
							t.Errorf("at %dx%d the cursor is at %v", w, h, got)
						}
					}
				}
			}
		})
	}
}

// Help shows every key that a screen offers, whole, on as many pages as it takes.
func TestHelpShowsEveryKey(t *testing.T) {
	r, all := places(t)
	for _, p := range all {
		for _, size := range [][2]int{{120, 40}, {80, 24}, {40, 20}} {
			m := at(t, r, p, size[0], size[1])
			m.Update(keyPress("?"))
			var book strings.Builder
			pages := 0
			for m.help {
				book.WriteString(m.canvas.Text())
				if pages++; pages > 9 {
					t.Fatalf("%s: help does not end", p.name)
				}
				m.Update(keyPress("?"))
			}
			for _, o := range m.top().Offers() {
				k := keys.Of(o.Action)
				if !strings.Contains(book.String(), " "+k.Label()+" ") || o.Not == "" && !strings.Contains(book.String(), k.Does) {
					t.Errorf("%s at %v: %s, %s is not whole in help\n%s", p.name, size, k.Label(), k.Does, &book)
				}
			}
		}
	}
}
