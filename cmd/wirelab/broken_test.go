package main

import (
	"context"
	"fmt"
	"os"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/tui"
)

// broken is wirelab tcp with an error of its own, which strikes where BROKEN
// says when the exchange is run again: the command that tests start to see what
// becomes of the terminal.
func broken() {
	ex, _ := exchanges.Find("tcp")
	where := os.Getenv("BROKEN")
	again := false
	ex = trap{ex, func() {
		if where == "update" && again {
			panic("an exchange that cannot be checked")
		}
	}}
	run := func(ctx context.Context, ex scenario.Exchange, s scenario.Scenario) (*trace.Trace, error) {
		switch where {
		case "command":
			panic("an exchange that cannot be run")
		case "goroutine":
			go func() { panic("a program that cannot go on\x1b[2J\x9b") }()
			<-ctx.Done()
		}
		return nil, ctx.Err()
	}
	s := scenario.Default(ex)
	tr, err := scenario.Run(context.Background(), ex, s)
	again = true
	var end tui.Farewell
	if err == nil {
		end, err = tui.Play(context.Background(), tui.Lab{Exchanges: exchanges.All(), Run: run}, ex, s, tr, nil, tui.Options{Env: os.Environ()})
	}
	if err := farewell(os.Stdout, end, err); err != nil {
		fmt.Fprintf(os.Stderr, "wirelab: %v\n", err)
		os.Exit(exitFailed)
	}
}

// A trap is an exchange that does something first when its arguments are checked.
type trap struct {
	scenario.Exchange
	first func()
}

func (t trap) Check(s *scenario.Scenario) error {
	t.first()
	return t.Exchange.Check(s)
}
