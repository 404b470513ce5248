package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/trace"
)

// maxScenario is the largest Scenario file that is read, in bytes: they are
// written by hand.
const maxScenario = 1 << 20

// runCommand runs a Scenario from its text form.
func runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Run an experiment that is written in a file",
		Long: `Run an experiment that is written down: its Scenario, one line a thing, under
the same names as the flags of the exchange. The file - is standard input.

  exchange: tcp
  size: 30kB
  delay: 20ms
  rate: 5mbit
  drop: client:6
  seed: 1

wirelab tcp --print writes this form of any command line. What it does not say
is as it would be without the flag; lines that begin with # are remarks.`,
		Example: `  wirelab tcp --size 30kB --drop client:6 --print > lost.scenario
  wirelab run lost.scenario`,
		GroupID: againGroup,
		Args:    oneFile,
	}
	v := addView(cmd)
	v.addClock(cmd)
	groupUsage(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		text, err := readScenario(args[0], cmd.InOrStdin())
		if err != nil {
			return err
		}
		s, ex, err := exchanges.Parse(text)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		_, err = v.again(cmd, ex, s)
		return err
	}
	return cmd
}

// again runs a Scenario that came from a file.
func (v *view) again(cmd *cobra.Command, ex scenario.Exchange, s scenario.Scenario) (*trace.Trace, error) {
	if err := v.check(ex.Network(&s).Names()); err != nil {
		return nil, err
	}
	return v.run(cmd, ex, s)
}

func readScenario(path string, stdin io.Reader) (string, error) {
	r := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		r = f
	}
	b, err := io.ReadAll(io.LimitReader(r, maxScenario+1))
	if err != nil {
		return "", err
	}
	if len(b) > maxScenario {
		return "", fmt.Errorf("%s is larger than a Scenario can be, %d bytes", path, maxScenario)
	}
	return string(b), nil
}
