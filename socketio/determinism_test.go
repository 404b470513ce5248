package socketio

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"wirelab/scenario"
	"wirelab/trace"
)

// run runs the exchange with these lines of a Scenario's text.
func run(t testing.TB, lines ...string) *trace.Trace {
	t.Helper()
	tr, err := try(t, lines...)
	if err != nil {
		t.Fatalf("%v: %v", lines, err)
	}
	return tr
}

func try(t testing.TB, lines ...string) (*trace.Trace, error) {
	t.Helper()
	s, err := parse(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatalf("%v: %v", lines, err)
	}
	return scenario.Run(t.Context(), Exchange{}, s)
}

func parse(lines string) (scenario.Scenario, error) {
	s, _, err := scenario.Parse("exchange: socketio\n"+lines+"\n", func(string) (scenario.Exchange, []string) { return Exchange{}, nil })
	if err == nil {
		err = s.Validate(Exchange{})
	}
	return s, err
}

// fingerprint is all of a trace in one number.
func fingerprint(t testing.TB, tr *trace.Trace) string {
	t.Helper()
	h := sha256.New()
	enc := json.NewEncoder(h)
	for i := range tr.Packets {
		p := &tr.Packets[i]
		fmt.Fprintf(h, "%d %d %d %d %d %v %x\n", p.From, p.Sent, p.Arrived, p.Fate, p.Step, p.Span, tr.Bytes(p))
	}
	for _, v := range []any{tr.Calls, tr.Marks, tr.Samples, tr.Waiting, tr.End, tr.Err} {
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// busy starts n goroutines that spin, so that the scheduler has others to run.
func busy(n int) (stop func()) {
	end := make(chan struct{})
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for x := uint64(1); ; x = x*6364136223846793005 + 1 {
				select {
				case <-end:
					return
				default:
				}
			}
		})
	}
	return func() { close(end); all.Wait() }
}

// The same command gives the same packets, calls and times, byte for byte,
// whatever else the machine does.
func TestSameExperimentSameTrace(t *testing.T) {
	stop := busy(6)
	defer stop()
	for _, c := range []struct {
		name  string
		runs  int
		lines []string
	}{
		{"a lossy run with reconnections", 20, []string{"loss: 3%", "count: 20", "interval: 400ms", "ack: 10", "clients: 3", "ping-interval: 1s", "ping-timeout: 1s",
			"cut: 3s,20s", "restore: 9s,26s", "stay: 30s", "emit-from-server: 20", "every: 1500ms", "recovery: true", "seed: 7"}},
		{"polling only, lossy", 5, []string{"loss: 3%", "transports: polling", "count: 20", "interval: 30ms", "ack: 20", "clients: 4", "emit-from-server: 10", "every: 50ms", "ask: true"}},
		{"a WebSocket, cut for good", 5, []string{"transports: websocket", "count: 5", "interval: 1s", "ping-interval: 1s", "ping-timeout: 1s", "cut: 3500ms", "attempts: 3", "clients: 2"}},
		{"30 clients in 3 rooms", 5, []string{"clients: 30", "rooms: 3", "loss: 1%"}},
		{"attachments", 5, []string{"binary: 5", "size: 20kB", "count: 4", "loss: 2%", "clients: 2"}},
		{"the layer below alone", 5, []string{"engine-only: true", "count: 30", "loss: 2%", "clients: 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want string
			runs := c.runs
			if testing.Short() {
				runs = min(runs, 3)
			}
			for i := range runs {
				tr, err := try(t, c.lines...)
				if tr == nil {
					t.Fatal(err)
				}
				got := fingerprint(t, tr)
				if want == "" {
					want = got
					t.Logf("%d packets, %d calls, %v, %v", len(tr.Packets), len(tr.Calls), tr.End, err)
				}
				if got != want {
					t.Fatalf("run %d of %d is another", i+1, runs)
				}
			}
		})
	}
}

// With any number of processors it is the same.
func TestSameTraceWithAnyNumberOfProcessors(t *testing.T) {
	lines := []string{"loss: 2%", "count: 10", "interval: 100ms", "ack: 5", "clients: 3", "ping-interval: 1s", "ping-timeout: 1s",
		"cut: 2s", "restore: 6s", "stay: 10s", "recovery: true", "binary: 2"}
	prints := map[string]int{}
	for _, procs := range []int{1, 2, 8} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			for range 3 {
				prints[fingerprint(t, run(t, lines...))]++
			}
		}()
	}
	if len(prints) != 1 {
		t.Errorf("there are %d traces: %v", len(prints), prints)
	}
}
