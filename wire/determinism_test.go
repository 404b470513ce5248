package wire

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"wirelab/trace"
)

// An experiment to repeat: what it sets up, and how often it must come out the
// same beside a busy machine.
type experiment struct {
	name  string
	runs  int
	setup func(testing.TB, *Lab) error
}

var experiments = []experiment{
	{"one connection, 3 % loss", 200, func(t testing.TB, l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 20 * ms, Rate: 20e6, Loss: 0.03}, HostOptions{})
		return transfer(l, client, server, 100_000)
	}},
	{"200 connections at once", 50, func(t testing.TB, l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 5 * ms, Rate: 100e6, Loss: 0.005}, HostOptions{})
		return crowd(l, client, server, 200)
	}},
	{"net/http and gorilla/websocket, 2 % loss", 50, func(t testing.TB, l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 20 * ms, Rate: 10e6, Loss: 0.02}, HostOptions{})
		return web(l, client, server, 20)
	}},
	{"a chat that wakes 30 writers at once", 10, func(t testing.TB, l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 5 * ms, Rate: 100e6, Loss: 0.005}, HostOptions{})
		return chat(l, client, server, 30)
	}},
	{"sleepers of Go's own timers", 20, func(t testing.TB, l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 5 * ms, Rate: 10e6, Loss: 0.01}, HostOptions{})
		return sleepers(l, client, server, 20)
	}},
	{"20 deadlines set at once", 20, func(t testing.TB, l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 5 * ms, Rate: 10e6}, HostOptions{})
		return alarms(l, client, server, 20)
	}},
}

func TestSameExperimentSameTrace(t *testing.T) {
	stop := busy(6)
	defer stop()
	for _, e := range experiments {
		t.Run(e.name, func(t *testing.T) { repeat(t, e, e.runs, Options{Seed: 7}) })
	}
}

func TestSameTraceWithAnyNumberOfProcessors(t *testing.T) {
	for _, e := range experiments {
		t.Run(e.name, func(t *testing.T) {
			var want string
			for _, procs := range []int{1, 2, 8} {
				func() {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
					got := repeat(t, e, max(e.runs/10, 5), Options{Seed: 7})
					if want == "" {
						want = got
					} else if got != want {
						t.Errorf("with %d processors: trace %s, with one: %s", procs, got, want)
					}
				}()
			}
		})
	}
}

// TestSameTraceBesideTheRestOfTheProcess has beside the run what a terminal
// program has: a reader that is blocked in a system call, a signal handler, a
// garbage collector that never rests.
func TestSameTraceBesideTheRestOfTheProcess(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	read := make(chan struct{})
	go func() { defer close(read); r.Read(make([]byte, 1)) }()
	defer func() { w.Write([]byte("q")); <-read }()

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)

	defer debug.SetGCPercent(debug.SetGCPercent(5))
	stop := besides(1, runtime.GC)
	defer stop()
	for _, e := range experiments {
		t.Run(e.name, func(t *testing.T) { repeat(t, e, max(e.runs/10, 5), Options{Seed: 7}) })
	}
}

// TestSameTraceInAnotherProcess runs this test binary as a child, which prints
// its fingerprints.
func TestSameTraceInAnotherProcess(t *testing.T) {
	const key = "WIRE_TEST_PRINT_FINGERPRINTS"
	prints := func() string {
		var b strings.Builder
		for _, e := range experiments {
			fmt.Fprintf(&b, "fingerprint %s %s\n", repeat(t, e, 1, Options{Seed: 7}), e.name)
		}
		return b.String()
	}
	if os.Getenv(key) != "" {
		fmt.Print(prints())
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	want := prints()
	for _, env := range [][]string{
		{"GOMAXPROCS=1"}, {"GOMAXPROCS=8", "GOGC=5"}, {"GODEBUG=asyncpreemptoff=1,randseednop=0"},
	} {
		cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.count=1")
		cmd.Env = append(append(os.Environ(), key+"=1"), env...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", env, err, out)
		}
		var got strings.Builder
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "fingerprint ") {
				got.WriteString(line)
			}
		}
		if got.String() != want {
			t.Errorf("another process with %v has\n%sand this one\n%s", env, got.String(), want)
		}
	}
}

func TestAnotherSeedIsAnotherRun(t *testing.T) {
	lost := map[string]uint64{}
	for seed := uint64(1); seed <= 5; seed++ {
		tr := runExperiment(t, experiments[0], Options{Seed: seed})
		var which []int
		for i := range tr.Packets {
			if tr.Packets[i].Fate == trace.LostRandom {
				which = append(which, i)
			}
		}
		if len(which) == 0 {
			t.Errorf("seed %d lost nothing of %d packets at 3 %%", seed, len(tr.Packets))
		}
		w := fmt.Sprint(which)
		if other, ok := lost[w]; ok {
			t.Errorf("seeds %d and %d lose the same packets: %s", other, seed, w)
		}
		lost[w] = seed
	}
}

func runExperiment(t testing.TB, e experiment, opt Options) *trace.Trace {
	return run(t, opt, func(l *Lab) error { return e.setup(t, l) })
}

// repeat runs e several times and returns the fingerprint, which must be the
// same each time.
func repeat(t testing.TB, e experiment, runs int, opt Options) (print string) {
	t.Helper()
	if testing.Short() {
		runs = min(runs, 5)
	}
	if raceEnabled {
		runs = (runs + 9) / 10
	}
	var first *trace.Trace
	for i := range max(runs, 1) {
		tr := runExperiment(t, e, opt)
		got := fingerprint(tr)
		if first == nil {
			first, print = tr, got
			continue
		}
		if got != print {
			t.Fatalf("run %d of %d differs from the first: %s", i+1, runs, difference(first, tr))
		}
	}
	return print
}

// difference says where two traces part.
func difference(a, b *trace.Trace) string {
	for i := range min(len(a.Packets), len(b.Packets)) {
		p, q := a.Packets[i], b.Packets[i]
		if p != q || !bytes.Equal(a.Bytes(&p), b.Bytes(&q)) {
			return fmt.Sprintf("packet %d\n%+v\n%x\n%+v\n%x", i, p, a.Bytes(&p), q, b.Bytes(&q))
		}
	}
	if len(a.Packets) != len(b.Packets) {
		return fmt.Sprintf("%d and %d packets", len(a.Packets), len(b.Packets))
	}
	for i := range min(len(a.Calls), len(b.Calls)) {
		if a.Calls[i] != b.Calls[i] {
			return fmt.Sprintf("call %d\n%+v\n%+v", i, a.Calls[i], b.Calls[i])
		}
	}
	for i := range min(len(a.Samples), len(b.Samples)) {
		if a.Samples[i] != b.Samples[i] {
			return fmt.Sprintf("sample %d\n%+v\n%+v", i, a.Samples[i], b.Samples[i])
		}
	}
	return fmt.Sprintf("end %v %q %v\nend %v %q %v", a.End, a.Err, a.Waiting, b.End, b.Err, b.Waiting)
}

// busy starts n goroutines that spin, so that the scheduler has others to run.
func busy(n int) (stop func()) {
	var last atomic.Uint64
	return besides(n, func() {
		x := last.Load()
		for range 100_000 {
			x = mix(x)
		}
		last.Store(x)
	})
}

// besides starts n goroutines that carry out f over and over until stop.
func besides(n int, f func()) (stop func()) {
	end := make(chan struct{})
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
					f()
				}
			}
		})
	}
	return func() { close(end); all.Wait() }
}
