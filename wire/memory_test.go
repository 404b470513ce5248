package wire

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// allocationsPerFrame bounds the allocations that a frame of bulk data costs,
// all in all: gVisor's segments and views that its pools do not have (about
// three), and the trace's tables as they grow. The lab itself uses its flights,
// gates and buffers again: one allocation more for each frame breaks the bound.
const allocationsPerFrame = 4

func TestAllocationsOfAFrame(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	var before, after runtime.MemStats
	wireBulk(t, shortWire, HostOptions{}) // fills gVisor's pools
	runtime.ReadMemStats(&before)
	frames, _ := wireBulk(t, shortWire, HostOptions{})
	runtime.ReadMemStats(&after)
	each := float64(after.Mallocs-before.Mallocs) / float64(frames)
	t.Logf("%.1f allocations, %.0f bytes a frame", each, float64(after.TotalAlloc-before.TotalAlloc)/float64(frames))
	if each > allocationsPerFrame {
		t.Errorf("a frame costs %.1f allocations, more than %d", each, allocationsPerFrame)
	}
}

// TestTransferFitsInMemory moves 10 MB at 100 Mbit/s in a process of its own,
// which says how much memory it had at most.
func TestTransferFitsInMemory(t *testing.T) {
	const key = "WIRE_TEST_TRANSFER"
	const size, limit = 10_000_000, 100_000 // bytes, kB
	if os.Getenv(key) != "" {
		tr := runUnchecked(t, Options{}, func(l *Lab) error {
			client, server := pair(t, l, Conditions{Delay: 10 * ms, Rate: 100e6}, HostOptions{})
			return stream(l, client, server, size)
		})
		if len(tr.Packets) < size/1500 {
			t.Errorf("only %d packets", len(tr.Packets))
		}
		// Of the process itself: what wait4 tells counts its parent's too.
		status, _ := os.ReadFile("/proc/self/status")
		fmt.Printf("\n%s\n", status)
		return
	}
	if raceEnabled || testing.Short() {
		t.Skip("measures the memory of a process")
	}
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), key+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const field = "\nVmHWM:" // the most that was resident, in KiB
	_, value, ok := strings.Cut(string(out), field)
	if !ok {
		t.Skip("this system does not say how much memory a process had")
	}
	var used int
	if _, err := fmt.Sscan(value, &used); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d KiB resident", used)
	if used*1024/1000 > limit {
		t.Errorf("%d KiB were resident, more than %d kB", used, limit)
	}
}
