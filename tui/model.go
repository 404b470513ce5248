package tui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"wirelab/trace"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

const (
	frames = 30 // a second, while something moves
	frame  = time.Second / frames

	// longest is the most that passes from one tick to the next: the time that the
	// program was suspended for, or the machine busy, is not jumped over.
	longest = 8 * frame

	// redraws are how often a second Bubble Tea looks for something to write: what
	// a key changes waits for the next time, as the first screen does. To look
	// costs most of what wirelab costs while it is paused, so not oftener.
	redraws = 60

	leastW, leastH = 40, 20 // cells, below which there is only a word
)

// A model is the whole program: the one thing that Bubble Tea knows.
type model struct {
	ctx    context.Context
	cancel context.CancelFunc
	run    screen.Runner

	w, h   int
	canvas *paint.Canvas
	view   tea.View
	drawn  bool // view shows what is so
	theme  paint.Theme
	asked  bool // the theme is the user's own choice
	basic  bool // the terminal has 16 colours
	look   screen.Look
	mouse  bool
	notice string

	help      bool
	helpPage  int
	helpPages int // as they were drawn

	screens []screen.Screen

	ticking bool
	ticked  time.Time
	running context.CancelFunc // of the Scenario that runs; nil: none
	runs    int                // so far; an answer of an earlier one is late
	plain   bool
}

func newModel(ctx context.Context, first screen.Screen, run screen.Runner, o Options) *model {
	m := &model{run: run, canvas: paint.NewCanvas(0, 0), mouse: true, screens: []screen.Screen{first}}
	m.ctx, m.cancel = context.WithCancel(ctx)
	m.look = screen.Look{Motion: !o.NoMotion, Words: true}
	name := o.Theme
	m.asked = name != ""
	switch {
	case m.asked:
	case noColor(o.Env):
		name, m.asked = "mono", true
	case lightGround(o.Env):
		name = "light"
	default:
		name = "dark"
	}
	m.setTheme(name)
	m.theme.ASCII = o.ASCII
	return m
}

func (m *model) setTheme(name string) {
	signs := m.theme.ASCII
	m.theme, _ = paint.ThemeOf(name)
	if m.basic {
		m.theme = m.theme.Basic()
	}
	m.theme.ASCII = signs
	m.look.Theme = name
}

func (m *model) top() screen.Screen { return m.screens[len(m.screens)-1] }

// Init implements tea.Model.
func (m *model) Init() tea.Cmd {
	if m.asked {
		return nil
	}
	return tea.RequestBackgroundColor
}

// A tick is a moment at which something may have moved.
type tick time.Time

// ran is what came of a Scenario.
type ran struct {
	nth  int
	tr   *trace.Trace
	err  error
	then func(*trace.Trace, error) screen.Effect
}

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.drawn = false
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.ColorProfileMsg:
		m.basic = msg.Profile == colorprofile.ANSI
		m.setTheme(m.theme.Name)
	case tea.BackgroundColorMsg:
		if !m.asked {
			m.setTheme(map[bool]string{true: "dark", false: "light"}[msg.IsDark()])
		}
	case tea.KeyPressMsg:
		cmd = m.key(msg)
	case tea.PasteMsg:
		if in := m.top().Input(); in != nil {
			in.Type(msg.Content)
		}
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft {
			cmd = m.click(msg.X, msg.Y)
		}
	case tea.MouseWheelMsg:
		cmd = m.wheel(msg.Button)
	case tick:
		m.ticking = false
		now := time.Time(msg)
		if m.top().Moving() {
			m.top().Tick(min(max(0, now.Sub(m.ticked)), longest))
		}
		m.ticked = now
		if !m.top().Moving() {
			m.ticked = time.Time{}
		}
	case ran:
		if msg.nth == m.runs { // not one that was given up
			m.running = nil
			cmd = m.apply(msg.then(msg.tr, msg.err))
		}
	case tea.ResumeMsg:
	default:
		m.drawn = m.view.Content != ""
		return m, nil
	}
	m.View() // only a screen that was drawn knows whether it moves
	return m, tea.Batch(cmd, m.tick())
}

// tick asks for the next tick, if something moves and none is on its way.
func (m *model) tick() tea.Cmd {
	if m.ticking || !m.top().Moving() {
		return nil
	}
	m.ticking = true
	if m.ticked.IsZero() {
		m.ticked = time.Now() // it has just begun to move
	}
	return tea.Tick(frame, func(t time.Time) tea.Msg { return tick(t) })
}

func (m *model) key(msg tea.KeyPressMsg) tea.Cmd {
	m.notice = ""
	name := msg.String()
	a := keys.Lookup(name)
	if a == keys.Leave {
		return tea.Quit
	}
	if m.small() {
		switch {
		case a == keys.Quit:
			return tea.Quit
		case name == "p":
			m.plain = true
			return tea.Quit
		}
		return nil
	}
	if in := m.top().Input(); in != nil {
		e, done := in.Key(name)
		if !done && msg.Text != "" {
			in.Type(msg.Text)
		}
		return m.apply(e)
	}
	if m.help {
		m.turnHelp(a)
		return nil
	}
	return m.do(a)
}

// do does what a key asks for, on every screen or on this one.
func (m *model) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.None:
		return nil
	case keys.Help:
		m.help, m.helpPage = true, 0
		return nil
	case keys.Quit:
		return tea.Quit
	case keys.Suspend:
		return tea.Suspend
	case keys.Theme:
		names := paint.ThemeNames()
		for i, n := range names {
			if n == m.theme.Name {
				m.setTheme(names[(i+1)%len(names)])
				break
			}
		}
		m.asked = true
		m.notice = "theme: " + m.theme.Name
		return nil
	case keys.Animation:
		m.look.Motion = !m.look.Motion
		m.notice = "motion " + onOff(m.look.Motion)
		return nil
	case keys.Mouse:
		m.mouse = !m.mouse
		m.notice = "the mouse selects text, as in the shell"
		if m.mouse {
			m.notice = "the mouse chooses what it clicks on"
		}
		return nil
	case keys.Back:
		if m.running != nil {
			m.giveUp()
			m.notice = gaveUp
			return nil
		}
	}
	for _, o := range m.top().Offers() {
		if o.Action == a && o.Not != "" {
			m.notice = o.Not
			return nil
		}
	}
	e, done := m.top().Do(a)
	switch {
	case done:
		return m.apply(e)
	case a == keys.Back && len(m.screens) > 1:
		return m.apply(screen.Pop{})
	case a == keys.Back:
		m.notice = "this is the first screen; q quits"
	case a == keys.Words:
		m.look.Words = !m.look.Words
		m.notice = "explanations " + onOff(m.look.Words)
	default:
		m.notice = fmt.Sprintf("%s does nothing here; ? shows the keys", keys.Of(a).Label())
	}
	return nil
}

// turnHelp turns to the next page of help, or closes it.
func (m *model) turnHelp(a keys.Action) {
	if m.helpPage++; a != keys.Help || m.helpPage >= m.helpPages {
		m.help = false
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// apply does what a screen asks the program for.
func (m *model) apply(e screen.Effect) tea.Cmd {
	switch e := e.(type) {
	case screen.Push:
		if m.running != nil { // it would change what the new screen is about
			m.giveUp()
			m.notice = gaveUp
		}
		m.screens = append(m.screens, e.Screen)
	case screen.Pop:
		if len(m.screens) > 1 {
			m.screens = m.screens[:len(m.screens)-1]
		}
	case screen.Copy:
		m.notice = "copied: " + e.Text
		return tea.SetClipboard(e.Text)
	case screen.Say:
		m.notice = e.Text
	case screen.All:
		var cmds []tea.Cmd
		for _, one := range e {
			cmds = append(cmds, m.apply(one))
		}
		return tea.Batch(cmds...)
	case screen.Quit:
		return tea.Quit
	case screen.Run:
		m.giveUp()
		ctx, cancel := context.WithCancel(m.ctx)
		m.running = cancel
		m.runs++
		nth := m.runs
		return func() tea.Msg {
			defer cancel()
			tr, err := m.run(ctx, e.Exchange, e.Scenario)
			return ran{nth, tr, err, e.Then}
		}
	}
	return nil
}

// gaveUp says that no run is waited for any more.
const gaveUp = "stopped; nothing has changed"

// giveUp stops the Scenario that runs.
func (m *model) giveUp() {
	if m.running != nil {
		m.running()
		m.running = nil
		m.runs++
	}
}

// An action is the target of a key in the bar.
type action keys.Action

func (m *model) click(x, y int) tea.Cmd {
	m.notice = ""
	if m.help {
		m.turnHelp(keys.Help)
		return nil
	}
	target := m.canvas.Hit(x, y)
	if target == nil || m.top().Input() != nil {
		return nil
	}
	if a, ok := target.(action); ok {
		return m.do(keys.Action(a))
	}
	return m.apply(m.top().Click(target))
}

func (m *model) wheel(b tea.MouseButton) tea.Cmd {
	if m.help || m.top().Input() != nil || m.small() {
		return nil
	}
	switch b {
	case tea.MouseWheelUp:
		return m.do(keys.Up)
	case tea.MouseWheelDown:
		return m.do(keys.Down)
	}
	return nil
}

// farewell is what is left to say: of the uppermost screen that has something.
func (m *model) farewell() Farewell {
	f := Farewell{Plain: m.plain}
	for i := len(m.screens) - 1; i >= 0 && f.Again == ""; i-- {
		f.Done, f.Again = m.screens[i].Leave()
	}
	return f
}
