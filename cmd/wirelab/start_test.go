package main

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// How long a process takes that does nothing but start: under 20 ms, as a
// person would notice more.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "wirelab")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for b.Loop() {
		if err := exec.Command(program, "--version").Run(); err != nil {
			b.Fatal(err)
		}
	}
}

// Whoever interrupts a run is told how far it came, and that it is not whole.
func TestAnInterruptedRunSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"tcp"}, &stdout, &stderr)
	if code != exitFailed || !strings.HasPrefix(stderr.String(), "wirelab: interrupted: stopped at ") || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("it ends with status %d and says %q", code, &stderr)
	}
	if !strings.HasPrefix(stdout.String(), "wirelab tcp\n") {
		t.Errorf("it prints %q", &stdout)
	}
}
