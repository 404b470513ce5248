package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/tui"
)

// addLooks adds the flags that say how screens look.
func addLooks(cmd *cobra.Command) *tui.Options {
	o := &tui.Options{}
	f := cmd.Flags()
	f.StringVar(&o.Theme, "theme", "", "`colours` of screens: dark, light, mono")
	f.BoolVar(&o.ASCII, "ascii", false, "draw screens with ASCII signs only")
	f.BoolVar(&o.NoMotion, "no-animation", false, "packets jump instead of gliding")
	for _, name := range []string{"theme", "ascii", "no-animation"} {
		annotate(f.Lookup(name), string(viewGroup))
	}
	complete(cmd, "theme", "dark", "light", "mono")
	return o
}

// terminal says whether a screen can and should be shown on what a command
// writes to.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && tui.Wanted(os.Stdin, f, os.Environ())
}

// lab is what the screens can run.
func lab() tui.Lab { return tui.Lab{Exchanges: exchanges.All(), Run: scenario.Run} }

// home shows the home screen, or the help where there is no terminal.
func home(cmd *cobra.Command, o *tui.Options) error {
	if err := o.Check(); err != nil {
		return usageError{err}
	}
	if !terminal(cmd.OutOrStdout()) {
		return cmd.Help()
	}
	o.Env = os.Environ()
	end, err := tui.Home(cmd.Context(), lab(), *o)
	if err == nil && end.Plain {
		return cmd.Help()
	}
	return farewell(cmd.OutOrStdout(), end, err)
}

// play shows a run on the stage. It says false if the user wants text instead.
func (v *view) play(ctx context.Context, w io.Writer, ex scenario.Exchange, s scenario.Scenario, tr *trace.Trace, failed error) (shown bool, err error) {
	o := *v.looks
	o.Env = os.Environ()
	end, err := tui.Play(ctx, lab(), ex, s, tr, failed, o)
	if err == nil && end.Plain {
		return false, nil
	}
	return true, farewell(w, end, err)
}

// farewell writes the two lines that are left of a screen.
func farewell(w io.Writer, end tui.Farewell, err error) error {
	if err != nil {
		return err
	}
	if end.Done != "" {
		fmt.Fprintln(w, end.Done)
	}
	if end.Again != "" {
		_, err = fmt.Fprintf(w, "once more: %s\n", end.Again)
	}
	return err
}
