package stage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

// run runs an exchange with settings: run(t, "tcp", "size=100kB"). It may fail;
// a trace there must be.
func run(t testing.TB, name string, settings ...string) (ex scenario.Exchange, s scenario.Scenario, tr *trace.Trace, err error) {
	t.Helper()
	ex, s, wrong := asked(name, settings)
	if wrong != nil {
		t.Fatal(wrong)
	}
	tr, err = scenario.Run(context.Background(), ex, s)
	if tr == nil {
		t.Fatal(err)
	}
	return ex, s, tr, err
}

// asked is the Scenario of an exchange with settings, if there can be such a one.
func asked(name string, settings []string) (ex scenario.Exchange, s scenario.Scenario, err error) {
	ex, _ = exchanges.Find(name)
	s = scenario.Default(ex)
	words := scenario.Words(ex)
	for _, set := range settings {
		name, value, _ := strings.Cut(set, "=")
		i := slices.IndexFunc(words, func(w scenario.Word) bool { return w.Name == name })
		if i < 0 {
			return ex, s, fmt.Errorf("no word %q", name)
		}
		if err := words[i].Set(&s, value); err != nil {
			return ex, s, err
		}
	}
	return ex, s, s.Validate(ex)
}

// A seat is in front of a stage: it presses keys, does what the screens ask the
// program for, and looks.
type seat struct {
	t       testing.TB
	stage   *Stage
	screens []screen.Screen // the one on top last
	look    screen.Look
	said    string // last
	copied  string
}

func sit(t testing.TB, exchange string, settings ...string) *seat {
	t.Helper()
	st := New(run(t, exchange, settings...))
	s := &seat{t: t, stage: st, screens: []screen.Screen{st}, look: screen.Look{Theme: "dark", Words: true}}
	s.draw(80, 24) // which tells the stage that nothing glides
	return s
}

func (s *seat) top() screen.Screen { return s.screens[len(s.screens)-1] }

// press presses keys, parted by spaces, by their names in the table.
func (s *seat) press(names string) *seat {
	s.t.Helper()
	for _, name := range strings.Fields(names) {
		a := keys.Lookup(name)
		if a == keys.None {
			s.t.Fatalf("no key %q", name)
		}
		s.do(a)
	}
	return s
}

// times presses a key n times.
func (s *seat) times(n int, name string) *seat {
	s.t.Helper()
	for range n {
		s.press(name)
	}
	return s
}

// do does what a key asks for as the program does: a key that is offered as one
// that cannot work only says why.
func (s *seat) do(a keys.Action) {
	s.t.Helper()
	s.said = ""
	for _, o := range s.top().Offers() {
		if o.Action == a && o.Not != "" {
			s.said = o.Not
			return
		}
	}
	e, done := s.top().Do(a)
	if !done && a == keys.Back && len(s.screens) > 1 {
		s.screens = s.screens[:len(s.screens)-1]
		return
	}
	s.apply(e)
}

func (s *seat) apply(e screen.Effect) {
	switch e := e.(type) {
	case screen.Push:
		s.screens = append(s.screens, e.Screen)
	case screen.Pop:
		s.screens = s.screens[:len(s.screens)-1]
	case screen.Copy:
		s.copied = e.Text
	case screen.Say:
		s.said = e.Text
	case screen.Run:
		s.apply(e.Then(scenario.Run(context.Background(), e.Exchange, e.Scenario)))
	case screen.All:
		for _, one := range e {
			s.apply(one)
		}
	}
}

// enter types a text into the line that is being typed, in the place of what is
// there, and presses enter.
func (s *seat) enter(text string) *seat {
	s.t.Helper()
	in := s.top().Input()
	if in == nil {
		s.t.Fatalf("nothing is asked for; said: %q", s.said)
	}
	in.Key("end")
	in.Key("ctrl+u")
	in.Type(text)
	e, _ := in.Key("enter")
	s.apply(e)
	return s
}

// find goes to the next event with a text, as the key does.
func (s *seat) find(text string) *seat {
	s.t.Helper()
	s.press("/").enter(text).settle()
	if s.stage.note != "" {
		s.t.Fatal(s.stage.note)
	}
	return s
}

// settle waits until nothing moves any more, as it does while one looks on.
func (s *seat) settle() *seat {
	for s.top().Moving() {
		s.top().Tick(33 * time.Millisecond)
	}
	return s
}

// draw is what is seen in a terminal of w by h: the last two rows are the keys'.
func (s *seat) draw(w, h int) string { return s.canvas(w, h).Text() }

func (s *seat) canvas(w, h int) *paint.Canvas {
	c := paint.NewCanvas(w, h-2)
	s.top().Draw(c.All(), s.look)
	return c
}
