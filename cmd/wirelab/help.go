package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirelab/scenario"
)

const viewGroup scenario.Group = "view"

// groupUsage shows the flags of a command in groups, as the words of a Scenario
// belong together.
func groupUsage(cmd *cobra.Command) {
	cmd.SetUsageFunc(func(cmd *cobra.Command) error {
		var b strings.Builder
		fmt.Fprintf(&b, "Usage:\n  %s\n", cmd.UseLine())
		if cmd.HasExample() {
			fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
		}
		for _, g := range []struct {
			group scenario.Group
			title string
		}{
			{scenario.ProgramGroup, "What the programs do"},
			{scenario.CableGroup, "The wire, both ways"},
			{scenario.StackGroup, "The stacks"},
			{scenario.TouchGroup, "Your own hand"},
			{scenario.RunGroup, "The run"},
			{viewGroup, "What you see"},
		} {
			set := pflag.NewFlagSet("", pflag.ContinueOnError)
			cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if of := f.Annotations[groupOf]; len(of) == 1 && of[0] == string(g.group) {
					set.AddFlag(f)
				}
			})
			if set.HasFlags() {
				set.SortFlags = false
				fmt.Fprintf(&b, "\n%s:\n%s", g.title, set.FlagUsages())
			}
		}
		_, err := fmt.Fprint(cmd.OutOrStdout(), b.String())
		return err
	})
	cmd.Flags().SortFlags = false
}
