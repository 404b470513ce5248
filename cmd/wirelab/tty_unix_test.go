//go:build linux || darwin

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// built is the program as a user has it, built once for all tests of this
// package.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "wirelab")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func binary(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A tty is a real pseudo-terminal with a program on it, and an emulator at
// its other end, which answers what programs ask and shows what a user would see.
type tty struct {
	t             testing.TB
	master, slave *os.File
	before        *term.State   // the settings that it began with
	files         string        // folder of the program's own
	session       int           // process id of its first process
	pid           int           // of the program
	ended         chan struct{} // the program has
	status        int           // of the program, -1 if a signal ended it; when it has ended
	changed       chan struct{} // something was written, or the program has ended

	mu    sync.Mutex
	emu   *vt.Emulator
	modes map[ansi.Mode]bool
	raw   []byte // all that was written
}

// patience is how long a test waits for what must come: much longer than it
// takes, as machines can be busy.
const patience = 20 * time.Second

// on starts a program on a new terminal: a path, its name, and its arguments. Of
// the environment it gets what is said here, and where programs are and files
// may be written.
func on(t testing.TB, w, h int, env []string, program ...string) *tty {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := &tty{t: t, master: master, slave: slave, emu: vt.NewEmulator(w, h), modes: map[ansi.Mode]bool{ansi.ModeTextCursorEnable: true, ansi.ModeAutoWrap: true},
		files: t.TempDir(), ended: make(chan struct{}), changed: make(chan struct{}, 1)}
	s.emu.SetCallbacks(vt.Callbacks{
		EnableMode:  func(m ansi.Mode) { s.modes[m] = true },
		DisableMode: func(m ansi.Mode) { delete(s.modes, m) },
	})
	s.size(w, h)
	if s.before, err = term.GetState(slave.Fd()); err != nil {
		t.Fatal(err)
	}
	told, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	held, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: exe, Args: append([]string{"holder"}, program...), Stdin: slave, Stdout: slave, Stderr: slave,
		Env:         append([]string{"TERM=xterm-256color", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + s.files}, env...),
		ExtraFiles:  []*os.File{tell, held},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true}}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.session = cmd.Process.Pid
	tell.Close()
	held.Close()
	if _, err := fmt.Fscanln(told, &s.pid); err != nil {
		t.Fatal(err)
	}
	go io.Copy(master, s.emu) // the answers of the terminal
	go s.read()
	go func() {
		fmt.Fscanln(told, &s.status)
		close(s.ended)
		s.tell()
	}()
	t.Cleanup(func() {
		syscall.Kill(s.pid, syscall.SIGKILL)
		<-s.ended
		hold.Close()
		_ = cmd.Wait() // the holder has no status of its own
		told.Close()
		slave.Close()
		master.Close()
	})
	return s
}

// wirelab starts the program on a terminal of 80 by 24.
func wirelab(t testing.TB, env []string, args ...string) *tty {
	t.Helper()
	return on(t, 80, 24, env, append([]string{binary(t), "wirelab"}, args...)...)
}

func (s *tty) read() {
	b := make([]byte, 1<<16)
	for {
		n, err := s.master.Read(b)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.raw = append(s.raw, b[:n]...)
		s.emu.Write(b[:n])
		s.mu.Unlock()
		s.tell()
	}
}

func (s *tty) tell() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// size gives the terminal another size, which its program is told.
func (s *tty) size(w, h int) {
	s.mu.Lock()
	s.emu.Resize(w, h)
	s.mu.Unlock()
	if err := pty.Setsize(s.master, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		s.t.Fatal(err)
	}
}

// typed is what the user types.
func (s *tty) typed(keys string) {
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

func (s *tty) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emu.String()
}

func (s *tty) written() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.ReplaceAll(s.raw, []byte(endMark), nil)
}

// until waits until something is so.
func (s *tty) until(what string, so func() bool) {
	s.t.Helper()
	late := time.After(patience)
	for !so() {
		select {
		case <-s.changed:
		case <-late:
			s.t.Fatalf("still not so: %s; the terminal shows\n%s\nof %q", what, s.text(), s.written())
		}
	}
}

// shows waits until a text is on the screen.
func (s *tty) shows(text string) {
	s.t.Helper()
	s.until("the screen shows "+text, func() bool { return strings.Contains(s.text(), text) })
}

// ends waits until the program has ended, with a status; -1 is a signal.
func (s *tty) ends(status int) {
	s.t.Helper()
	s.until("the program has ended", s.hasEnded)
	s.drained()
	if s.status != status {
		s.t.Errorf("it ended with status %d, want %d; the terminal shows\n%s", s.status, status, s.text())
	}
}

func (s *tty) hasEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// endMark is what a test writes to see that all that was written before has been
// read: a sequence that terminals ignore.
const endMark = "\x1b]777;wirelab-test\a"

// drained waits until the emulator has all that was written until now.
func (s *tty) drained() {
	s.t.Helper()
	marks := s.marks()
	if _, err := s.slave.WriteString(endMark); err != nil {
		s.t.Fatal(err)
	}
	s.until("all that was written is read", func() bool { return s.marks() > marks })
}

func (s *tty) marks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Count(s.raw, []byte(endMark))
}

// restored checks that the terminal is as it was before the program came.
func (s *tty) restored() {
	s.t.Helper()
	s.drained()
	now, err := term.GetState(s.slave.Fd())
	if err != nil {
		s.t.Fatal(err)
	}
	if !reflect.DeepEqual(now, s.before) {
		s.t.Errorf("the settings of the terminal are\n%v, were\n%v", now, s.before)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.emu.IsAltScreen() {
		s.t.Error("the alternate screen is still shown")
	}
	// The emulator has a cursor for each screen, but terminals have one.
	if !s.modes[ansi.ModeTextCursorEnable] {
		s.t.Error("the cursor is still hidden")
	}
	for m := range s.modes {
		if m != ansi.ModeTextCursorEnable && m != ansi.ModeAutoWrap {
			s.t.Errorf("mode %v is still on", m)
		}
	}
}

// lines are what stands on the terminal, without empty lines at its end.
func (s *tty) lines() []string {
	lines := strings.Split(s.text(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// left waits until so many processes are left of those that were started on the
// terminal: the monitor ends too.
func (s *tty) left(want int) {
	s.t.Helper()
	s.until("no more processes are left", func() bool {
		time.Sleep(time.Millisecond)
		s.tell() // nobody else does
		out, err := exec.Command("ps", "-A", "-o", "pgid=,stat=").Output()
		if err != nil {
			s.t.Skip(err)
		}
		n := 0
		for line := range strings.Lines(string(out)) {
			f := strings.Fields(line)
			if len(f) == 2 && f[0] == strconv.Itoa(s.session) && !strings.HasPrefix(f[1], "Z") {
				n++
			}
		}
		return n == want
	})
}

// last waits until the last line is a text.
func (s *tty) last(line string) {
	s.t.Helper()
	s.until("the last line is "+line, func() bool {
		l := s.lines()
		return len(l) > 0 && l[len(l)-1] == line
	})
}

// colours says whether any colour was asked for.
func colours(b []byte) bool {
	for _, seq := range bytes.Split(b, []byte("\x1b["))[1:] {
		end := bytes.IndexFunc(seq, func(r rune) bool { return r != ';' && r != ':' && (r < '0' || r > '9') })
		if end < 0 || seq[end] != 'm' {
			continue
		}
		for _, p := range strings.FieldsFunc(string(seq[:end]), func(r rune) bool { return r == ';' || r == ':' }) {
			if len(p) == 2 && strings.ContainsAny(p[:1], "349") || len(p) == 3 && strings.HasPrefix(p, "10") {
				return true
			}
		}
	}
	return false
}
