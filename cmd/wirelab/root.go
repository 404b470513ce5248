package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"wirelab/exchanges"
)

// Groups of commands in the help.
const (
	exchangeGroup = "exchange"
	againGroup    = "again"
	wordsGroup    = "words"
)

// root is the command with all its subcommands.
func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wirelab",
		Short: "See how messages travel",
		Long: `wirelab is a networking lab in one program. Two hosts, each with a real TCP/IP
stack, sit on a virtual wire; real programs talk over it; and you see what they
called, what they said, and every packet that crossed the wire.

Nothing leaves this program: no network is touched and no privilege is needed.
The same command gives the same packets at the same nanosecond, every time.`,
		Example: `  wirelab tcp                      one message over TCP, told packet by packet
  wirelab tcp --drop client:4      the same, with a packet lost by your hand
  wirelab osi                      the layers it goes through`,
		Args:          noSuchCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetVersionTemplate("wirelab {{.Version}}\n")
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w; see %s --help", err, cmd.CommandPath())
	})
	cmd.AddGroup(&cobra.Group{ID: exchangeGroup, Title: "Run an exchange:"},
		&cobra.Group{ID: againGroup, Title: "Run it again:"},
		&cobra.Group{ID: wordsGroup, Title: "Look things up:"})
	for _, ex := range exchanges.All() {
		cmd.AddCommand(exchangeCommand(ex))
	}
	cmd.AddCommand(runCommand(), replayCommand(), osiCommand())
	return cmd
}

// noSuchCommand says that the first argument is no command, and what might be
// meant.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf("; did you mean %s?", near[0])
	}
	return usagef("there is no command %q%s; wirelab --help lists them", args[0], hint)
}

// version is the module's version, or the commit of a build from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" {
		v = "(devel)"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v == "(devel)" {
			v += " " + s.Value
		}
	}
	return v
}
