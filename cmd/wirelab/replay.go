package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"wirelab/exchanges"
	"wirelab/export"
	"wirelab/packets/capture"
	"wirelab/story"
	"wirelab/trace"
)

// replayCommand runs the Scenario that a saved capture carries.
func replayCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replay FILE.pcapng",
		Short: "Run again what a saved capture shows",
		Long: `A capture that wirelab saved carries its Scenario. replay runs that again, shows
what happened, and says on standard error whether it was the same: every packet
of the file, byte for byte and nanosecond for nanosecond.`,
		Example: `  wirelab tcp --loss 3% --save lost.pcapng
  wirelab replay lost.pcapng`,
		GroupID:           againGroup,
		Args:              oneFile,
		ValidArgsFunction: cobra.FixedCompletions([]string{"pcapng"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	v := addView(cmd)
	groupUsage(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		old, err := readCapture(args[0])
		if err != nil {
			return err
		}
		s, ex, err := exchanges.Parse(old.scenario)
		if err != nil {
			return fmt.Errorf("%s: the Scenario that it carries cannot be run: %w", args[0], err)
		}
		tr, err := v.again(cmd, ex, s)
		if err != nil {
			return err
		}
		return old.compare(cmd.ErrOrStderr(), tr)
	}
	return cmd
}

// saved is what a capture holds.
type saved struct {
	path     string
	scenario string
	cards    []string
	records  []capture.Record
}

func readCapture(path string) (*saved, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := capture.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.Section.Comment == "" || r.Section.Application != export.Application {
		return nil, fmt.Errorf("%s carries no Scenario: it was not saved by wirelab, so there is nothing to run again", path)
	}
	if r.Section.Comment == export.NoScenario {
		return nil, fmt.Errorf("%s cannot be run again: it was recorded on the real clock", path)
	}
	old := &saved{path: path, scenario: r.Section.Comment}
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: after packet %d: %w", path, len(old.records), err)
		}
		old.records = append(old.records, rec)
	}
	old.cards = r.Cards()
	return old, nil
}

// compare says whether the new run gave the packets of the old one.
func (old *saved) compare(w io.Writer, tr *trace.Trace) error {
	vantage := export.Both
	if len(old.cards) == 1 {
		vantage = old.cards[0]
	}
	var b bytes.Buffer
	if err := export.Pcapng(&b, tr, story.Tell(tr), vantage); err != nil {
		return err
	}
	r, err := capture.NewReader(&b)
	if err != nil {
		return err
	}
	n := 0
	for ; ; n++ {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if n >= len(old.records) || !rec.At.Equal(old.records[n].At) || !bytes.Equal(rec.Frame, old.records[n].Frame) {
			return fmt.Errorf("packet %d differs from the one in %s; another version of wirelab, or another file to send, made it", n+1, old.path)
		}
	}
	if n != len(old.records) {
		return fmt.Errorf("%s has %d packets and this run %d; another version of wirelab made it", old.path, len(old.records), n)
	}
	_, err = fmt.Fprintf(w, "wirelab: the same %d packets as in %s, byte for byte and nanosecond for nanosecond\n", n, oneLine(old.path))
	return err
}
