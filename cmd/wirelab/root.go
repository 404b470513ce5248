package main

import (
	"errors"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wirelab/exchanges"
	"wirelab/scenario"
)

// Groups of commands in the help.
const (
	exchangeGroup = "exchange"
	againGroup    = "again"
	wordsGroup    = "words"
	shellGroup    = "shell"
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
		Example: `  wirelab                          the home screen: choose what to see
  wirelab tcp                      one message over TCP, step by step
  wirelab tcp --plain              the same as text, an event a line
  wirelab tcp --drop client:4      the same, with a packet lost by your hand
  wirelab tcp --packet 4           its fourth packet, field by field
  wirelab osi                      the layers it goes through`,
		Args:          noSuchCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
	}
	looks := addLooks(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return home(cmd, looks) }
	cmd.SetVersionTemplate("wirelab {{.Version}}\n")
	cmd.SetFlagErrorFunc(flagError)
	cmd.AddGroup(&cobra.Group{ID: exchangeGroup, Title: "Run an exchange:"},
		&cobra.Group{ID: liveGroup, Title: "Real programs on the wire:"},
		&cobra.Group{ID: againGroup, Title: "Run it again:"},
		&cobra.Group{ID: wordsGroup, Title: "Look things up:"},
		&cobra.Group{ID: shellGroup, Title: "For the shell:"})
	for _, ex := range exchanges.All() {
		cmd.AddCommand(exchangeCommand(ex))
	}
	cmd.AddCommand(tapCommand(), runCommand(), replayCommand(), osiCommand(), completionCommand())
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetHelpCommand(helpCommand())
	return cmd
}

// noSuchCommand says that the first argument is no command, and what might be
// meant.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Root().Commands() {
		if !c.Hidden {
			names = append(append(names, c.Name()), c.Aliases...)
		}
	}
	hint := scenario.DidYouMean(args[0], names)
	if hint == "" {
		hint = "; wirelab --help lists them"
	}
	return usagef("there is no command %q%s", args[0], hint)
}

// flagError says what is wrong with a flag, and which one might be meant.
func flagError(cmd *cobra.Command, err error) error {
	if e := (*pflag.NotExistError)(nil); errors.As(err, &e) {
		word := e.GetSpecifiedName()
		if short := e.GetSpecifiedShortnames(); len(short) > 1 {
			word = short // -loss for --loss
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, "--"+f.Name)
			}
		})
		if hint := scenario.DidYouMean("--"+word, names); hint != "" {
			return usagef("%w%s", err, hint)
		}
	}
	return usagef("%w; see %s --help", err, cmd.CommandPath())
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
