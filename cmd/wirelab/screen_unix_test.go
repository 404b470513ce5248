//go:build linux || darwin

package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// twoLines checks the lines that a screen leaves on the terminal.
func twoLines(s *tty, done, again string) {
	s.t.Helper()
	l := s.lines()
	if len(l) != 2 || !strings.HasPrefix(l[0], done) || l[1] != "once more: "+again {
		s.t.Errorf("it leaves the lines %q", l)
	}
}

// The screen is gone and the terminal as it was, however one leaves.
func TestLeavingRestoresTheTerminal(t *testing.T) {
	for _, way := range []struct {
		name  string
		leave func(s *tty)
	}{
		{"q", func(s *tty) { s.typed("q") }},
		{"ctrl+c", func(s *tty) { s.typed("\x03") }},
		{"SIGTERM", func(s *tty) { syscall.Kill(s.pid, syscall.SIGTERM) }},
		{"SIGINT", func(s *tty) { syscall.Kill(s.pid, syscall.SIGINT) }},
		{"SIGTERM for all of its group", func(s *tty) { syscall.Kill(-s.session, syscall.SIGTERM) }},
		{"SIGINT for all of its group", func(s *tty) { syscall.Kill(-s.session, syscall.SIGINT) }},
		{"while help is shown", func(s *tty) { s.typed("?"); s.shows("any key closes"); s.typed("\x03") }},
		{"while a text is typed", func(s *tty) { s.typed("/q"); s.shows("find q"); s.typed("\x03") }},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := on(t, 140, 40, nil, binary(t), "wirelab", "tcp")
			s.shows("? help")
			way.leave(s)
			s.ends(exitDone)
			s.restored()
			twoLines(s, "tcp: ", "wirelab tcp")
			s.left(1) // who holds the terminal
		})
	}
}

func TestLeavingHomeSaysHowToComeBack(t *testing.T) {
	s := wirelab(t, nil)
	s.shows("Start here")
	s.typed("q")
	s.ends(exitDone)
	s.restored()
	twoLines(s, "the next thing to do: wirelab tcp", "wirelab")
}

// Whoever kills wirelab gets a word of it, and a terminal that works.
func TestTheMonitorRestoresTheTerminal(t *testing.T) {
	for _, way := range []struct {
		name   string
		signal syscall.Signal
		group  bool
		status int
		says   string
	}{
		{"SIGKILL", syscall.SIGKILL, false, -1, "wirelab: killed; the terminal is as it was"},
		{"SIGHUP", syscall.SIGHUP, false, -1, "wirelab: killed; the terminal is as it was"},
		{"SIGHUP for all of its group", syscall.SIGHUP, true, -1, "wirelab: killed; the terminal is as it was"},
		{"SIGQUIT", syscall.SIGQUIT, false, 2, "wirelab: SIGQUIT: quit"},
		{"SIGQUIT for all of its group", syscall.SIGQUIT, true, 2, "wirelab: SIGQUIT: quit"},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := wirelab(t, nil, "tcp")
			s.shows("? help")
			pid := s.pid
			if way.group {
				pid = -s.session
			}
			if err := syscall.Kill(pid, way.signal); err != nil {
				t.Fatal(err)
			}
			s.ends(way.status)
			s.until("the monitor speaks", func() bool { return strings.Contains(s.text(), way.says) })
			s.left(1) // who holds the terminal
			s.restored()
		})
	}
}

// When the window is closed, and with it the first process of its terminal,
// nothing stays behind.
func TestTheTerminalGoesAway(t *testing.T) {
	s := wirelab(t, nil, "tcp")
	s.shows("? help")
	syscall.Kill(s.session, syscall.SIGKILL)
	s.left(0)
}

// A panic leaves the terminal as it was, and says where the report is.
func TestAPanicRestoresTheTerminal(t *testing.T) {
	for _, c := range []struct {
		where  string
		status int
		says   string
	}{
		{"goroutine", 2, "wirelab: panic: a program that cannot go on·[2J·; this is an error of wirelab's own"},
		{"update", exitFailed, "wirelab: an error of wirelab's own ended the screen"},
		{"command", exitFailed, "wirelab: an error of wirelab's own ended the screen"},
	} {
		t.Run(c.where, func(t *testing.T) {
			t.Parallel()
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			s := on(t, 200, 50, []string{"BROKEN=" + c.where}, exe, "broken")
			s.shows("? help")
			s.typed("r")
			s.ends(c.status)
			s.shows(c.says)
			s.left(1) // who holds the terminal
			s.restored()
		})
	}
}

// In a shell, ctrl+z leaves the screen and fg brings it back.
func TestSuspendAndResume(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	s := on(t, 80, 24, []string{"PS1=ready> "}, sh, "sh", "-i")
	s.last("ready>")
	s.typed(binary(t) + " tcp\r")
	s.shows("? help")
	s.typed("l")
	s.shows("step 1/")
	s.typed("\x1a")
	s.shows("Stopped")
	s.last("ready>")
	s.typed("stty -a | grep -c -e -echo' '; echo $((40 + 2))\r") // the settings are a shell's
	s.shows("\n0\n42")
	s.typed("fg\r")
	s.shows("step 1/")
	s.typed("l")
	s.shows("step 2/")
	s.size(100, 30)
	s.until("the title reaches the new edge", func() bool {
		return len(s.lines()) == 30 && len([]rune(s.lines()[1])) == 100
	})
	s.typed("q")
	s.last("ready>")
	s.typed("echo status $?\r")
	s.shows("status 0")
	s.typed("exit\r")
	s.ends(0)
	s.restored()
}

// A shell that takes the terminal back does not keep the monitor from restoring
// it, and the user can go on.
func TestTheShellGoesOnAfterAKill(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	s := on(t, 80, 24, []string{"PS1=ready> "}, sh, "sh", "-i")
	s.last("ready>")
	s.typed("sh -c 'echo $$ > $TMPDIR/pid; exec " + binary(t) + " tcp'\r")
	s.shows("? help")
	s.typed("?")
	s.shows("any key closes")
	kill := exec.Command(sh, "-c", "kill -9 $(cat "+s.files+"/pid)")
	if out, err := kill.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s.shows("wirelab: killed; the terminal is as it was")
	s.typed("echo $((40 + 2)) is the answer\r") // its prompt may come before or after the monitor's line
	s.shows("42 is the answer")
	s.typed("exit\r")
	s.ends(0)
	s.restored()
}

// Whoever wants no colour sets NO_COLOR to anything.
func TestColour(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string
		args []string
		want bool
	}{
		{"as it is", nil, nil, true},
		{"NO_COLOR", []string{"NO_COLOR=anything"}, nil, false},
		{"NO_COLOR and a theme", []string{"NO_COLOR=0"}, []string{"--theme", "dark"}, false},
		{"mono", nil, []string{"--theme", "mono"}, false},
		{"light", nil, []string{"--theme", "light"}, true},
		{"true colour", []string{"COLORTERM=truecolor"}, nil, true},
		{"16 colours", []string{"TERM=xterm"}, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := wirelab(t, c.env, append([]string{"tcp"}, c.args...)...)
			s.shows("? help")
			s.typed("lll?")
			s.shows("any key closes")
			s.typed("q\x03")
			s.ends(exitDone)
			s.restored()
			if got := colours(s.written()); got != c.want {
				t.Errorf("colour: %v, want %v; %q", got, c.want, s.written())
			}
		})
	}
}

func TestASCIIDrawsNothingElse(t *testing.T) {
	s := wirelab(t, nil, "tcp", "--ascii", "--no-animation")
	s.shows("? help")
	s.typed("lllllll")
	s.shows("step 7/")
	s.typed("?")
	s.shows("any key closes")
	s.typed("q\x03")
	s.ends(exitDone)
	for i, b := range s.written() {
		if b >= 0x80 {
			t.Fatalf("it writes %q", s.written()[max(0, i-40):i+1])
		}
	}
}

// Where no screen can or should be shown there is text.
func TestTextWhereThereIsNoScreen(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string
		args []string
	}{
		{"TERM=dumb", []string{"TERM=dumb"}, nil},
		{"CI", []string{"CI=1"}, nil},
		{"--plain", nil, []string{"--plain"}},
		{"--json", nil, []string{"--json"}},
		{"--packet", nil, []string{"--packet", "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := wirelab(t, c.env, append([]string{"tcp"}, c.args...)...)
			s.ends(exitDone)
			s.restored()
			s.left(1) // who holds the terminal
			if bytes.ContainsAny(s.written(), "\x1b") {
				t.Errorf("it writes %q", s.written())
			}
		})
	}
}

// A pipe at either end is not a terminal.
func TestTextThroughAPipe(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	for name, script := range map[string]string{
		"stdin":      "echo hello | " + binary(t) + " tcp",
		"stdout":     binary(t) + " tcp | cat",
		"both":       "echo hello | " + binary(t) + " tcp | cat",
		"stdin home": "echo hello | " + binary(t),
		"no stdin":   binary(t) + " tcp <&-",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := on(t, 80, 24, nil, sh, "sh", "-c", script)
			s.ends(0)
			s.restored()
			if bytes.ContainsAny(s.written(), "\x1b") || len(s.written()) == 0 {
				t.Errorf("it writes %q", s.written())
			}
		})
	}
}

// An experiment that fails is shown, and its error said after leaving.
func TestAFailedExperimentIsShown(t *testing.T) {
	s := wirelab(t, nil, "tcp", "--limit-time", "50ms")
	s.shows("? help")
	s.typed("G")
	s.shows("■ the end")
	s.typed("q")
	s.ends(exitFailed)
	s.restored()
	l := s.lines()
	if n := strings.Count(s.text(), "wirelab: "); n != 1 || !strings.HasPrefix(l[0], "tcp: ") || !strings.Contains(s.text(), "once more: wirelab tcp --limit-time 50ms") {
		t.Errorf("it leaves the lines %q", l)
	}
}

// In a window that is too small one may leave, or take text instead.
func TestATooSmallWindow(t *testing.T) {
	s := on(t, 36, 9, nil, binary(t), "wirelab", "tcp")
	s.shows("This window is 36x9.")
	s.typed("p")
	s.ends(exitDone)
	s.restored()
	if !bytes.Contains(s.written(), []byte("SYN")) || bytes.Contains(s.written(), []byte("once more")) {
		t.Errorf("it writes %q", s.written())
	}

	s = on(t, 39, 24, nil, binary(t), "wirelab")
	s.shows("This window is 39x24.")
	s.size(80, 24)
	s.shows("Start here")
	s.size(80, 19)
	s.shows("This window is 80x19.")
	s.typed("q")
	s.ends(exitDone)
	s.restored()
}
