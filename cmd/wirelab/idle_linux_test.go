package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What the program costs while it is paused: under 1 % of a CPU.
func BenchmarkPaused(b *testing.B) {
	const over = 5 * time.Second
	s := wirelab(b, nil, "tcp", "--no-animation")
	s.shows("? help")
	s.typed("llll")
	s.shows("step 4/")
	begin := cpu(b, s.pid)
	n := len(s.written())
	for range b.N {
		time.Sleep(over)
	}
	used := cpu(b, s.pid) - begin
	b.ReportMetric(100*float64(used)/float64(over*time.Duration(b.N)), "%CPU")
	b.ReportMetric(float64(len(s.written())-n), "bytes-written")
	s.typed("q")
	s.ends(exitDone)
}

// cpu is how long the threads of a process have run.
func cpu(b *testing.B, pid int) (sum time.Duration) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		b.Skip("this kernel does not tell")
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		var ns int64
		if _, err := fmt.Sscan(string(text), &ns); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(ns)
	}
	return sum
}
