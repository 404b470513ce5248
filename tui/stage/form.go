package stage

import (
	"fmt"
	"time"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

// A form is the screen on which the wire's conditions and the seed are changed.
type form struct {
	stage *Stage
	words []scenario.Word
	next  scenario.Scenario // as it would be run
	at    int
	top   int // first row shown
	input *screen.Input
}

func newForm(s *Stage) *form {
	f := &form{stage: s, next: clone(s.now.s)}
	for _, w := range scenario.Words(s.ex) {
		inForm := w.Group == scenario.CableGroup || w.Group == scenario.StackGroup || w.Name == "seed"
		if inForm && !w.Hidden {
			f.words = append(f.words, w)
		}
	}
	return f
}

// Moving implements screen.Screen.
func (f *form) Moving() bool { return false }

// Tick implements screen.Screen.
func (f *form) Tick(time.Duration) {}

// Input implements screen.Screen.
func (f *form) Input() *screen.Input { return f.input }

// Footer implements screen.Screen.
func (f *form) Footer() string { return f.next.Command(f.stage.ex) }

// Leave implements screen.Screen.
func (f *form) Leave() (done, again string) { return f.stage.Leave() }

// Offers implements screen.Screen.
func (f *form) Offers() []keys.Offer {
	same := ""
	if f.next.Command(f.stage.ex) == f.stage.footer {
		same = "nothing is changed yet: enter changes the chosen line"
	}
	return []keys.Offer{{Action: keys.Up, Short: "move"}, {Action: keys.Down, Short: "move"},
		{Action: keys.Open, Short: "edit"}, {Action: keys.Again, Short: "run", Not: same}, {Action: keys.Undo, Short: "as it was", Not: same},
		{Action: keys.First}, {Action: keys.Last}, {Action: keys.PageUp, Short: "first"}, {Action: keys.PageDown, Short: "last"}}
}

// Do implements screen.Screen.
func (f *form) Do(a keys.Action) (screen.Effect, bool) {
	switch a {
	case keys.Up:
		f.at = max(f.at-1, 0)
	case keys.Down:
		f.at = min(f.at+1, len(f.words)-1)
	case keys.First, keys.PageUp:
		f.at = 0
	case keys.Last, keys.PageDown:
		f.at = len(f.words) - 1
	case keys.Open:
		return f.edit(), true
	case keys.Undo:
		f.next = clone(f.stage.now.s)
	case keys.Again:
		return screen.All{screen.Pop{}, f.stage.change(f.next, "another wire")}, true
	default:
		return nil, false
	}
	return nil, true
}

// edit lets the value of the chosen word be typed; one that is only there or
// not is turned round.
func (f *form) edit() screen.Effect {
	w := &f.words[f.at]
	value, _ := w.Get(&f.next)
	if w.Value == "" {
		next := clone(f.next)
		if err := w.Set(&next, map[bool]string{true: "false", false: "true"}[value == "true"]); err != nil {
			return screen.Say{Text: err.Error()}
		}
		f.next = next
		return nil
	}
	f.input = screen.NewInput(fmt.Sprintf("%s (%s)", w.Name, w.Value), value)
	f.input.Cancel = func() { f.input = nil }
	f.input.Done = func(text string) screen.Effect {
		next := clone(f.next)
		err := w.Set(&next, text)
		if err == nil {
			err = next.Validate(f.stage.ex)
		}
		if err != nil {
			f.input.Error = err.Error()
			return nil
		}
		f.next = next
		f.input = nil
		return nil
	}
	return nil
}

// Click implements screen.Screen: targets are the words' numbers.
func (f *form) Click(target any) screen.Effect {
	i, ok := target.(int)
	if !ok {
		return nil
	}
	if f.at == i {
		return f.edit()
	}
	f.at = i
	return nil
}

// Draw implements screen.Screen.
func (f *form) Draw(a paint.Area, _ screen.Look) {
	screen.Title(a, f.stage.ex.Name()+" › the wire", "", "", false)
	a.Put(1, 2, paint.In(paint.Quiet), fitting(a.W()-2, "Change what you like; r runs it, at the same moment. esc goes back.",
		"enter changes, r runs, esc goes back"))
	const helpRows = 3 // for all of what the chosen line is
	body := a.Rows(4, a.H()-4-helpRows-1)
	for y, line := range packets.Wrap(f.words[f.at].Name+": "+f.words[f.at].Help, a.W()-2) {
		a.Put(1, a.H()-helpRows+y, paint.Style{}, line)
	}
	f.top = min(f.top, f.at)
	f.top = max(f.top, f.at-body.H()+1, 0)
	for y := range min(body.H(), len(f.words)-f.top) {
		f.row(body.Rows(y, 1), f.top+y)
	}
}

func (f *form) row(a paint.Area, i int) {
	w := &f.words[i]
	style := paint.Style{}
	if i == f.at {
		style = style.R()
		a.Fill(0, 0, a.W(), style, ' ')
		a.Put(0, 0, paint.In(paint.Client), "▌")
		a.Cursor(1, 0)
	}
	value, said := w.Get(&f.next)
	old, was := w.Get(&f.stage.now.s)
	a.Cut(2, 0, 16, style.B(), w.Name)
	switch {
	case !said && w.Value == "":
		value = "no"
	case value == "true" && w.Value == "":
		value = "yes"
	case !said:
		value = "-"
	}
	changed := style
	if now, _ := w.Get(&f.next); now != old || said != was {
		changed = style.B()
		value += " *"
	}
	end := a.Cut(18, 0, 18, changed, value)
	if a.W() >= 60 {
		a.Cut(max(end+1, 37), 0, a.W()-38, style, w.Help)
	}
	a.Click(0, 0, a.W(), 1, i)
}
