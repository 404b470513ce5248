// Package tui is wirelab's face: the screens on which one sees an exchange, step
// by step, and changes it with one's own hand. It reads only traces, and is
// handed a function that runs a Scenario.
package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/tui/home"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
	"wirelab/tui/stage"
)

// Options are what the user has chosen about the screens.
type Options struct {
	Theme    string   // "dark", "light", "mono"; empty: what suits the terminal
	ASCII    bool     // signs are ASCII
	NoMotion bool     // packets jump instead of gliding
	Env      []string // of the process, as os.Environ gives it
}

// Check says which of the options cannot be.
func (o *Options) Check() error {
	if _, ok := paint.ThemeOf(o.Theme); o.Theme != "" && !ok {
		return fmt.Errorf("--theme: %q is not known; there are %s", o.Theme, strings.Join(paint.ThemeNames(), ", "))
	}
	return nil
}

// A Lab is what the screens can run.
type Lab struct {
	Exchanges []scenario.Exchange // in the order in which they are learned
	Run       screen.Runner
}

// A Farewell is what is left to say on the normal screen.
type Farewell struct {
	Done  string // what was done
	Again string // the command that comes back to it; empty: there is none
	Plain bool   // the user asked for text instead
}

// Home shows the home screen.
func Home(ctx context.Context, lab Lab, o Options) (Farewell, error) {
	return show(ctx, home.New(lab.Exchanges), lab.Run, o)
}

// Play shows a run of a Scenario of ex, and why it failed if it did.
func Play(ctx context.Context, lab Lab, ex scenario.Exchange, s scenario.Scenario, tr *trace.Trace, failed error, o Options) (Farewell, error) {
	return show(ctx, stage.New(ex, s, tr, failed), lab.Run, o)
}

// show runs the program from its first screen on until the user leaves.
func show(ctx context.Context, first screen.Screen, run screen.Runner, o Options) (Farewell, error) {
	watch, err := startMonitor()
	if err != nil {
		return Farewell{}, err
	}
	defer watch.stop()
	m := newModel(ctx, first, run, o)
	defer m.cancel()
	p := tea.NewProgram(m, m.programOptions(o)...)
	_, err = p.Run()
	switch {
	case errors.Is(err, tea.ErrInterrupted), errors.Is(err, context.Canceled):
		err = nil // one may leave at any moment
	case errors.Is(err, tea.ErrProgramPanic):
		return Farewell{}, errors.New("an error of wirelab's own ended the screen, and its trace is above; please report it. --plain shows the same as text")
	}
	return m.farewell(), err
}

// programOptions are the terminal's part of the options.
func (m *model) programOptions(o Options) []tea.ProgramOption {
	opts := []tea.ProgramOption{tea.WithFPS(redraws), tea.WithContext(m.ctx)}
	if noColor(o.Env) {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	return opts
}

// noColor says whether the user wants none: NO_COLOR is set to anything
// (no-color.org).
func noColor(env []string) bool { return lookup(env, "NO_COLOR") != "" }

func lookup(env []string, name string) string {
	value := ""
	for _, e := range env {
		if n, v, ok := strings.Cut(e, "="); ok && n == name {
			value = v
		}
	}
	return value
}

// lightGround guesses the ground from what some terminals say in COLORFGBG
// ("0;15" is black on white); it is asked for properly as well.
func lightGround(env []string) bool {
	_, ground, ok := strings.Cut(lookup(env, "COLORFGBG"), ";")
	return ok && (ground == "7" || ground == "15" || strings.HasSuffix(ground, ";15"))
}

// Wanted says whether a screen can and should be shown: both ends are a terminal
// that is more than a typewriter, and nobody automatic is looking.
func Wanted(in, out *os.File, env []string) bool {
	return isTerminal(in) && isTerminal(out) && lookup(env, "TERM") != "dumb" && lookup(env, "CI") == ""
}
