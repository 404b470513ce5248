package tui

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wirelab/scenario"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
)

// Whatever keys and clicks come in whatever order, at whatever size, there is a
// screen that can be drawn, and it fits.
func TestAnyKeysInAnyOrder(t *testing.T) {
	r, all := places(t)
	presses := 400
	if testing.Short() {
		presses = 50
	}
	var names []string
	for _, k := range keys.All() {
		if k.Action != keys.Quit && k.Action != keys.Leave && k.Action != keys.Suspend {
			names = append(names, k.Names[0])
		}
	}
	names = append(names, "1", "0", "m", "s", "%") // to type
	for seed, p := range all {
		t.Run(p.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(seed), 4))
			m := at(t, r, p, 80, 24)
			m.run = scenario.Run
			m.look.Motion = seed%2 == 0
			var did []string
			defer func() {
				if broken := recover(); broken != nil {
					t.Errorf("after %q", did[max(0, len(did)-30):])
					panic(broken)
				}
			}()
			now := time.Now()
			var pending tea.Cmd // the run that was begun last
			send := func(msg tea.Msg) {
				runs := m.runs
				if _, cmd := m.Update(msg); m.runs != runs && m.running != nil {
					pending = cmd
				}
			}
			for range presses {
				k := names[random.IntN(len(names))]
				did = append(did, k)
				send(keyPress(k))
				if pending != nil && random.IntN(3) == 0 { // not at once: keys come before it too
					if random.IntN(4) == 0 {
						send(keyPress("esc"))
					}
					late := pending
					pending = nil
					send(answer(late))
				}
				switch random.IntN(20) {
				case 0:
					w, h := 1+random.IntN(150), 1+random.IntN(50)
					if random.IntN(2) == 0 {
						w, h = 80, 24
					}
					send(tea.WindowSizeMsg{Width: w, Height: h})
				case 1, 2:
					w, h := m.canvas.Size()
					send(tea.MouseClickMsg{X: random.IntN(w), Y: random.IntN(h), Button: tea.MouseLeft})
				case 3:
					send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
				case 4, 5, 6:
					now = now.Add(frame)
					send(tick(now))
				case 7:
					send(tea.PasteMsg{Content: hostile})
				}
				if w, h := m.canvas.Size(); w != m.w || h != m.h {
					t.Fatalf("after %q the canvas is %dx%d, the window %dx%d", did, w, h, m.w, m.h)
				}
			}
		})
	}
}

// answer is what comes of a run that a command begins; other commands it leaves
// alone.
func answer(cmd tea.Cmd) tea.Msg {
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			if got := answer(c); got != nil {
				return got
			}
		}
	case ran:
		return msg
	}
	return nil
}

// A click on a key in the bar is the key.
func TestTheBarCanBeClicked(t *testing.T) {
	r, all := places(t)
	for _, p := range all {
		m := at(t, r, p, 120, 40)
		clicked := map[keys.Action]bool{}
		for x := range m.w {
			if a, ok := m.canvas.Hit(x, m.h-1).(action); ok {
				clicked[keys.Action(a)] = true
			}
		}
		for _, e := range entries(m.top().Offers())[:3] {
			if !clicked[e.action] {
				t.Errorf("%s: %s cannot be clicked", p.name, e.label)
			}
		}
		if !clicked[keys.Help] {
			t.Errorf("%s: help cannot be clicked", p.name)
		}
		for x := range m.w {
			if a, ok := m.canvas.Hit(x, m.h-1).(action); ok && keys.Action(a) == keys.Help {
				m.Update(tea.MouseClickMsg{X: x, Y: m.h - 1, Button: tea.MouseLeft})
				break
			}
		}
		if !m.help {
			t.Errorf("%s: a click on ? does not show help", p.name)
		}
	}
}

// Every theme and look draws every screen, the ASCII one with ASCII only.
func TestEveryLookOfEveryScreen(t *testing.T) {
	r, all := places(t)
	for _, p := range all {
		m := at(t, r, p, 120, 40)
		for _, name := range paint.ThemeNames() {
			m.setTheme(name)
			for _, basic := range []bool{false, true} {
				m.basic = basic
				m.setTheme(name)
				m.theme.ASCII = true
				out := m.canvas.Render(m.theme)
				if i := slices.IndexFunc([]byte(out), func(b byte) bool { return b > '~' }); i >= 0 {
					t.Errorf("%s in %s: %q", p.name, name, out[max(0, i-20):i+4])
				}
			}
		}
	}
}

// What random keys have found once stays mended.
func TestKeysThatBrokeAScreen(t *testing.T) {
	r, all := places(t)
	for name, pressed := range map[string]string{
		"stage of ping": "G z z j", // down, at the end, at a zoom where nothing happens
	} {
		i := slices.IndexFunc(all, func(p place) bool { return p.name == name })
		p := all[i]
		p.keys += " " + pressed
		at(t, r, p, 80, 24)
	}
}
