package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirelab/scenario"
)

// helpCommand shows the help of a command.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about a command",
		Example: "  wirelab help tcp",
		GroupID: shellGroup,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			for _, c := range cmd.Root().Commands() {
				if c.IsAvailableCommand() && len(args) == 0 {
					names = append(names, c.Name()+"\t"+c.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || about == cmd.Root() && len(rest) > 0 {
				return noSuchCommand(cmd, args)
			}
			about.InitDefaultHelpFlag() // as cobra does for the command that it runs
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	}
}

const viewGroup scenario.Group = "view"

// width is that of the help, in columns.
const width = 80

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
			{doorGroup, "Real clients"},
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
				fmt.Fprintf(&b, "\n%s:\n%s", g.title, set.FlagUsagesWrapped(width))
			}
		}
		_, err := fmt.Fprint(cmd.OutOrStdout(), b.String())
		return err
	})
	cmd.Flags().SortFlags = false
}
