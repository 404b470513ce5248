// Command wirelab is a networking lab in one program: hosts with real TCP/IP
// stacks on a virtual wire, and what happened on it, told in words.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"wirelab/packets"
	"wirelab/tui"
)

// The rules of the terminal:
//
//   - What was asked for goes to standard output, everything else to standard
//     error.
//   - Exit status 0: done. 1: the experiment or its input failed, with one line
//     on standard error. 2: wrong usage, with one line there too.
//   - An error says what is wrong, with what, and what to do; in lower case,
//     behind "wirelab: ".
//   - Bytes from packets and files never reach the terminal raw.

const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	if tui.IsMonitor() {
		tui.RunMonitor()
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run carries out one command line and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(stderr, "wirelab: %s\n", oneLine(err.Error()))
	if usage := (usageError{}); errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// oneLine keeps an error to one safe line, whatever a stranger's file or a long
// argument put into it.
func oneLine(s string) string {
	const most = 1000
	return packets.Text([]byte(strings.ReplaceAll(s, "\n", " ")), most)
}

// A usageError is a mistake in the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// noArgs and exactArgs are cobra's, as usage errors in our words.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument such as %q; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s takes one file, not %d; see %s --help", cmd.CommandPath(), len(args), cmd.CommandPath())
	}
	return nil
}
