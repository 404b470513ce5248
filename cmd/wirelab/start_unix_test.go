//go:build linux || darwin

package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/creack/pty"
)

// How long it takes from the command to the whole first screen on a terminal:
// at most 60 ms for home and 100 ms for an exchange.
func BenchmarkFirstScreen(b *testing.B) {
	for _, screen := range []struct {
		name string
		args []string
	}{
		{"home", nil},
		{"tcp", []string{"tcp"}},
		{"tcp of 1 MB", []string{"tcp", "--size", "1MB"}},
	} {
		b.Run(screen.name, func(b *testing.B) {
			program := binaryPath(b)
			var total time.Duration
			for b.Loop() {
				total += firstScreen(b, program, screen.args)
			}
			b.ReportMetric(float64(total)/float64(b.N)/1e6, "ms-to-screen/op")
		})
	}
}

// firstScreen runs the program on a terminal of 120 by 40 until its key bar, the
// last row, is there.
func firstScreen(b *testing.B, program string, args []string) time.Duration {
	cmd := exec.Command(program, args...)
	cmd.Env = []string{"TERM=xterm-256color", "PATH=" + os.Getenv("PATH")}
	begin := time.Now()
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var took time.Duration
	var all []byte
	part := make([]byte, 1<<16)
	for {
		n, err := f.Read(part)
		if err != nil {
			break // the program has ended
		}
		all = append(all, part[:n]...)
		if took == 0 && bytes.Contains(all, []byte(" quit")) {
			took = time.Since(begin)
			if _, err := f.WriteString("q"); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil || took == 0 {
		b.Fatalf("%v: %q", err, all)
	}
	return took
}
