package tui

import (
	"os"
	"os/signal"
)

// ignoreSignals ignores what ends a process of a console.
func ignoreSignals() { signal.Ignore(os.Interrupt) }
