// Package screen says what every screen of wirelab can do, and what it can ask
// for. Screens draw on a canvas and know nothing of the terminal.
package screen

import (
	"context"
	"time"

	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
)

// A Screen fills the terminal but for its last two rows, which are the keys'.
type Screen interface {
	// Draw draws the screen: its title in the first row, a rule in the second.
	Draw(a paint.Area, look Look)
	// Do does what a key asks for; done is false if the screen knows no such thing.
	Do(a keys.Action) (e Effect, done bool)
	// Click does what a click on a target asks for that Draw gave a zone.
	Click(target any) Effect
	// Offers are all keys that the screen knows, the most important first.
	Offers() []keys.Offer
	// Footer is what stands in the rule above the keys.
	Footer() string
	// Leave says what was done here, and which command comes back to it.
	Leave() (done, again string)
	// Input is the line that is being typed, if there is one: then keys are text.
	Input() *Input
	// Moving says whether something moves by itself. Then Tick is called, about
	// thirty times a second, with the time since the last call.
	Moving() bool
	Tick(d time.Duration)
}

// A Look is what the user has chosen about how screens look.
type Look struct {
	Theme  string // its name
	Motion bool   // packets glide; otherwise they jump
	Words  bool   // explanations are shown
}

// An Effect is what a screen asks the program for; nil is nothing.
type Effect any

// The effects.
type (
	// Push puts a screen on top of this one.
	Push struct{ Screen Screen }
	// Pop takes this screen away.
	Pop struct{}
	// Copy puts a text into the clipboard of the terminal.
	Copy struct{ Text string }
	// Run runs a Scenario, and calls Then with what came of it.
	Run struct {
		Exchange scenario.Exchange
		Scenario scenario.Scenario
		Then     func(tr *trace.Trace, err error) Effect
	}
	// Say shows a line until the next key.
	Say struct{ Text string }
	// All are several effects, one after the other.
	All []Effect
	// Quit ends the program.
	Quit struct{}
)

// A Runner runs a Scenario, as scenario.Run does.
type Runner func(ctx context.Context, ex scenario.Exchange, s scenario.Scenario) (*trace.Trace, error)

// Title draws the first two rows of a screen: where one is, what this is, and
// the state of the run. What does not fit goes: first the middle, then the end
// of where.
func Title(a paint.Area, where, middle string, state string, strong bool) {
	x := a.Put(1, 0, paint.Strong, "wirelab") + 2
	end := a.W() - 1
	if state != "" {
		s := paint.In(paint.Plain)
		if strong {
			s = paint.In(paint.Waiting)
		}
		// The state is the last to go.
		state = paint.Shorten(state, end-x)
		end = a.Right(end, 0, s, state) - 2
	}
	if middle != "" && end-paint.Width(middle)-3 > x+paint.Width(where) {
		end = a.Right(end-1, 0, paint.In(paint.Quiet), middle) - 2
	}
	a.Cut(x, 0, end-x, paint.Style{}, where)
	a.Fill(0, 1, a.W(), paint.In(paint.Quiet), '─')
}
