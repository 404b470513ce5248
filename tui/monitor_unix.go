//go:build !windows

package tui

import (
	"os/signal"
	"syscall"
)

// ignoreSignals ignores what ends a process of a terminal, and SIGTTOU: when the
// shell has the terminal back, setting it is for others to do, and is for once
// what we want.
func ignoreSignals() {
	signal.Ignore(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGTTOU)
}
