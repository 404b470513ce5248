package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand calls f with each command that people see.
func everyCommand(f func(*cobra.Command)) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		f(cmd)
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root())
}

func TestHelpFitsATerminal(t *testing.T) {
	everyCommand(func(cmd *cobra.Command) {
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != exitDone || stderr.Len() > 0 {
			t.Errorf("%v ends with status %d and says %s", args, code, &stderr)
		}
		for line := range strings.Lines(stdout.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%v has a line of %d columns: %s", args, n, line)
			}
		}
	})
}

func TestEveryCommandHasWordsAndAnExample(t *testing.T) {
	everyCommand(func(cmd *cobra.Command) {
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || cmd.Example == "" || cmd.HasParent() && cmd.GroupID == "" {
			t.Errorf("%s: short %q, group %q, example %q", cmd.CommandPath(), cmd.Short, cmd.GroupID, cmd.Example)
		}
	})
}

// A flag that is in no group of the help would be nowhere.
func TestEveryFlagStandsInTheHelp(t *testing.T) {
	everyCommand(func(cmd *cobra.Command) {
		usage := cmd.UsageString()
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if stands := strings.Contains(usage, "--"+f.Name); stands == f.Hidden && f.Name != "help" {
				t.Errorf("%s: hidden is %v, and that --%s stands in the help is %v", cmd.CommandPath(), f.Hidden, f.Name, stands)
			}
		})
	})
}

// The examples in the help are command lines that work.
func TestExamplesWork(t *testing.T) {
	t.Chdir(t.TempDir())
	everyCommand(func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			command, _, _ := strings.Cut(strings.TrimSpace(line), "   ")
			command, file, _ := strings.Cut(command, " > ")
			args := strings.Fields(command)
			if args[0] != "wirelab" || strings.Contains(command, "|") {
				continue // of the shell
			}
			// Of two columns two blanks part the command from its remark.
			if i := strings.Index(command, "  "); i > 0 {
				args = strings.Fields(command[:i])
			}
			for i := 1; i < len(args); i++ {
				if args[i-1] == "--listen" || args[i-1] == "--serve" {
					args[i] = "127.0.0.1:0" // the port may be taken here
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			var stdout bytes.Buffer
			stderr := untilOpen{close: cancel}
			if code := run(ctx, args[1:], &stdout, &stderr); code != exitDone {
				t.Errorf("%s: status %d, %s", command, code, &stderr.Buffer)
			}
			cancel()
			if file != "" {
				write(t, file, stdout.Bytes())
			}
		}
	})
}

// untilOpen is what a command says on standard error. A command that opens a
// door goes on until it is interrupted, which happens when it says so.
type untilOpen struct {
	bytes.Buffer
	close func()
}

func (u *untilOpen) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("open at")) {
		u.close()
	}
	return u.Buffer.Write(p)
}
