package tui

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"

	"github.com/charmbracelet/x/term"

	"wirelab/packets"
)

// A program that dies on a screen leaves the terminal unusable: raw, on the
// other screen, the mouse caught. Bubble Tea restores it after a panic of its
// own goroutines only. So a second process of this program watches the first:
// the Go runtime writes to it why the first one crashed, and whatever way that
// ends without a word of farewell, it restores the terminal.

// monitorVar is set in the environment of the process that watches.
const monitorVar = "WIRELAB_MONITOR"

// farewellByte is what the program writes to its monitor when it has restored
// the terminal itself.
const farewellByte = "\x04"

// Columns is how wide a terminal is; 0 if f is none.
func Columns(f *os.File) int {
	if !isTerminal(f) {
		return 0
	}
	w, _, err := term.GetSize(f.Fd())
	if err != nil {
		return 0
	}
	return w
}

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(f.Fd()) }

// A monitor is the process that watches this one.
type monitor struct {
	cmd  *exec.Cmd
	pipe *os.File
}

// startMonitor starts the process that watches, and waits until it knows how
// the terminal was.
func startMonitor() (*monitor, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	m := &monitor{cmd: exec.Command(exe), pipe: write}
	m.cmd.Env = append(os.Environ(), monitorVar+"=1")
	m.cmd.Stdin, m.cmd.Stderr = read, os.Stdout // the terminal
	ready, err := m.cmd.StdoutPipe()
	if err == nil {
		err = m.cmd.Start()
	}
	if err == nil {
		_, err = io.ReadFull(ready, make([]byte, 1))
	}
	if err == nil {
		err = debug.SetCrashOutput(write, debug.CrashOptions{})
	}
	if err != nil {
		write.Close()
		return nil, fmt.Errorf("watch over the terminal: %w", err)
	}
	return m, nil
}

// stop ends the watch: the terminal is as it was.
func (m *monitor) stop() {
	// If it cannot be told it restores the terminal once more, which does no harm.
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	_, _ = m.pipe.WriteString(farewellByte)
	m.pipe.Close()
	_ = m.cmd.Wait()
}

// IsMonitor says whether this process was started to watch over another one.
// Then it does RunMonitor and nothing else.
func IsMonitor() bool { return os.Getenv(monitorVar) != "" }

// RunMonitor watches over the process at the other end of standard input. The
// terminal is standard error. Signals do not end it, as many are for all
// processes of a terminal: it ends when the process that it watches does.
func RunMonitor() {
	ignoreSignals()
	tty := os.Stderr
	state, err := term.GetState(tty.Fd())
	fmt.Fprint(os.Stdout, "\n") // ready
	os.Stdout.Close()
	report, readErr := io.ReadAll(os.Stdin)
	if strings.HasSuffix(string(report), farewellByte) {
		return
	}
	if err == nil {
		_ = term.Restore(tty.Fd(), state) // nobody is left to tell
	}
	io.WriteString(tty, leaveScreen)
	fmt.Fprintf(tty, "wirelab: %s\n", lastWords(report, readErr))
}

// lastWords says how the program ended, and where its report is.
func lastWords(report []byte, err error) string {
	if len(report) == 0 {
		return "killed; the terminal is as it was"
	}
	first, _, _ := strings.Cut(string(report), "\n")
	words := packets.Text([]byte(first), 200) + "; this is an error of wirelab's own, please report it"
	f, createErr := os.CreateTemp("", "wirelab-crash-*.txt")
	if createErr != nil {
		return words
	}
	_, writeErr := f.Write(report)
	if errors.Join(err, writeErr, f.Close()) != nil {
		return words
	}
	return words + " with " + f.Name()
}

// leaveScreen takes back everything that a screen may have changed.
const leaveScreen = "\x1b[?2026l" + // draw at once again
	"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l" + // the mouse
	"\x1b[?1004l\x1b[?2004l" + // focus, paste
	"\x1b[<u\x1b[>4m" + // keyboard
	"\x1b[?1049l" + // the normal screen
	"\x1b[?25h\x1b[m\r" // cursor, style
