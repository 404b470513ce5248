package tui

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/tui/home"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
	"wirelab/tui/stage"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A terminal is the whole program in virtual time, and the terminal that it
// draws on. It lives in a bubble of testing/synctest.
type terminal struct {
	t    *testing.T
	mu   sync.Mutex // virtual time keeps writers and readers apart, which the race detector does not see
	emu  *vt.Emulator
	m    *model
	prog *tea.Program
	end  chan error

	bytes, ticks, views int // so far
	title               string
	modes               map[ansi.Mode]bool
	bell                bool
}

// begin starts the program with its first screen on a terminal of w by h.
func begin(t *testing.T, w, h int, first screen.Screen, run screen.Runner, o Options) *terminal {
	t.Helper()
	s := &terminal{t: t, emu: vt.NewEmulator(w, h), end: make(chan error, 1), modes: map[ansi.Mode]bool{}}
	s.emu.SetCallbacks(vt.Callbacks{
		Title:       func(title string) { s.title = title },
		Bell:        func() { s.bell = true },
		EnableMode:  func(m ansi.Mode) { s.modes[m] = true },
		DisableMode: func(m ansi.Mode) { delete(s.modes, m) },
	})
	s.m = newModel(t.Context(), first, run, o)
	s.prog = tea.NewProgram(watched{s.m, s}, append(s.m.programOptions(o),
		tea.WithInput(nil), // keys come from type; nothing is asked of the terminal
		tea.WithOutput(output{s}),
		tea.WithWindowSize(w, h),
		tea.WithColorProfile(colorprofile.TrueColor),
		tea.WithEnvironment([]string{"TERM=xterm-256color"}),
		tea.WithoutSignalHandler(), // it would start a goroutine outside of the bubble
		tea.WithoutCatchPanics(),
		tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
			if _, ok := msg.(tick); ok {
				s.ticks++
			}
			return msg
		}),
	)...)
	go func() {
		_, err := s.prog.Run()
		s.end <- err
	}()
	s.pass(written)
	return s
}

// written is after what time all that is drawn is written too.
const written = 2 * time.Second / redraws

// watched counts how often the model is asked for its view.
type watched struct {
	*model
	s *terminal
}

func (w watched) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	_, cmd := w.model.Update(msg)
	return w, cmd
}

func (w watched) View() tea.View {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.s.views++
	return w.model.View()
}

// output is the terminal as the program writes to it. A terminal's driver turns
// line feeds into new lines.
type output struct{ s *terminal }

func (o output) Write(p []byte) (int, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	o.s.bytes += len(p)
	if _, err := o.s.emu.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// pass lets virtual time pass.
func (s *terminal) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// press sends keys, as tea.KeyPressMsg names them, and lets what they change be
// written.
func (s *terminal) press(keys ...string) {
	for _, k := range keys {
		s.prog.Send(keyPress(k))
		synctest.Wait()
	}
	s.pass(written)
}

func keyPress(name string) tea.KeyPressMsg {
	special := map[string]rune{"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown}
	rest, ctrl := strings.CutPrefix(name, "ctrl+")
	switch {
	case special[name] != 0:
		return tea.KeyPressMsg{Code: special[name]}
	case name == "space":
		return tea.KeyPressMsg{Code: ' ', Text: " "}
	case name == "shift+tab":
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	case ctrl:
		return tea.KeyPressMsg{Code: []rune(rest)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// resize gives the terminal another size.
func (s *terminal) resize(w, h int) {
	s.mu.Lock()
	s.emu.Resize(w, h)
	s.mu.Unlock()
	s.prog.Send(tea.WindowSizeMsg{Width: w, Height: h})
	s.pass(written)
}

// text is what a user sees, a line a row, without spaces at the end of lines.
func (s *terminal) text() string {
	s.mu.Lock()
	lines := strings.Split(s.emu.String(), "\n")
	s.mu.Unlock()
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// moving says whether something on the screen moves.
func (s *terminal) moving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.m.top().Moving()
}

// shows checks that a text is on the screen.
func (s *terminal) shows(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.text(), text) {
			s.t.Errorf("the screen does not show %q:\n%s", text, s.text())
		}
	}
}

// hides checks that a text is not on the screen.
func (s *terminal) hides(text string) {
	s.t.Helper()
	if strings.Contains(s.text(), text) {
		s.t.Errorf("the screen shows %q:\n%s", text, s.text())
	}
}

// ended says whether the program has ended, after all that is under way.
func (s *terminal) ended() bool {
	synctest.Wait()
	select {
	case err := <-s.end:
		s.end <- err
		if err != nil {
			s.t.Errorf("it ended with %v", err)
		}
		return true
	default:
		return false
	}
}

// quit ends the program, if it has not ended, and lets its last timers end.
func (s *terminal) quit() {
	s.t.Helper()
	s.prog.Quit()
	if err := <-s.end; err != nil {
		s.t.Errorf("it ended with %v", err)
	}
	s.m.cancel()
	time.Sleep(time.Minute)
}

// A record is what came of Scenarios that were run before the bubble: a lab
// cannot run inside of one.
type record map[string]result

type result struct {
	ex  scenario.Exchange
	s   scenario.Scenario
	tr  *trace.Trace
	err error
}

// add runs a Scenario of an exchange with changes to it.
func (r record) add(t testing.TB, name string, changes ...func(*scenario.Scenario)) (scenario.Exchange, scenario.Scenario) {
	t.Helper()
	ex, _ := exchanges.Find(name)
	s := scenario.Default(ex)
	for _, change := range changes {
		change(&s)
	}
	if err := s.Validate(ex); err != nil {
		t.Fatal(err)
	}
	tr, err := scenario.Run(t.Context(), ex, s)
	if tr == nil {
		t.Fatal(err)
	}
	r[s.Text(ex)] = result{ex, s, tr, err}
	return ex, s
}

// runner is a Runner of what was run before. It takes as long as is said.
func (r record) runner(t testing.TB, takes time.Duration) screen.Runner {
	return func(ctx context.Context, ex scenario.Exchange, s scenario.Scenario) (*trace.Trace, error) {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		got, ok := r[s.Text(ex)]
		if !ok {
			t.Errorf("nobody has run\n%s", s.Text(ex))
			return nil, fmt.Errorf("nobody has run this")
		}
		return got.tr, got.err
	}
}

// touched is a change of a Scenario: a packet goes another way.
func touched(do, host string, nth int) func(*scenario.Scenario) {
	return func(s *scenario.Scenario) {
		s.Touches = append(s.Touches, scenario.Touch{Do: do, Host: host, Nth: nth})
	}
}

// newStage is the stage with a run of the record.
func (r record) newStage(ex scenario.Exchange, s scenario.Scenario) *stage.Stage {
	got := r[s.Text(ex)]
	return stage.New(ex, s, got.tr, got.err)
}

func newHome() screen.Screen { return home.New(exchanges.All()) }

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was; go test ./tui -update writes it anew\n%s", path, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d: %s\n  it was: %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, there were %d", len(g), len(w))
}

// fits checks that the screen is whole: every line fits, and the last row holds
// the way out.
func (s *terminal) fits(when string) {
	s.t.Helper()
	w, h := s.emu.Width(), s.emu.Height()
	lines := strings.Split(strings.TrimSuffix(s.text(), "\n"), "\n")
	if len(lines) != h {
		s.t.Errorf("%s: %d rows of %d", when, len(lines), h)
	}
	for _, l := range lines {
		if paint.Width(l) > w {
			s.t.Errorf("%s: a line of %d columns in %d: %q", when, paint.Width(l), w, l)
		}
	}
	if w < leastW || h < leastH {
		return
	}
	bar := lines[h-1]
	if !strings.HasSuffix(bar, "q quit") && !strings.HasSuffix(bar, "esc back") && !strings.HasSuffix(bar, "esc not now") && !s.m.help {
		s.t.Errorf("%s: the bar is %q", when, bar)
	}
}
