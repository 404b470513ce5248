package story_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"wirelab/story"
	"wirelab/trace"
)

// tellerLimit is how many bytes a frame a Teller may keep.
const tellerLimit = 70

// A screen of a long run has room for what it shows, because the events are
// not kept as words.
func TestATellerIsSmall(t *testing.T) {
	for _, loss := range []string{"0%", "2%"} {
		tr := bulk(t, "size=15MB", "loss="+loss)
		var told *story.Teller
		size := kept(func() { told = story.NewTeller(tr) })
		frames := len(tr.Packets)
		t.Logf("loss %s: %d frames, %d events, %.1f bytes a frame", loss, frames, told.Len(), float64(size)/float64(frames))
		if size > tellerLimit*frames {
			t.Errorf("loss %s: %d bytes for %d frames, want at most %d each", loss, size, frames, tellerLimit)
		}
		runtime.KeepAlive(tr)
	}
}

// What a Teller remembers of words does not grow with the trace.
func TestATellerForgets(t *testing.T) {
	told := story.NewTeller(played(t, "exchange: ping\ncount: 2000\ninterval: 1ms\nlimit-time: 1h\n"))
	if size := kept(func() {
		for i := range told.Len() {
			told.Event(i)
		}
	}); size > 256<<10 {
		t.Errorf("%d bytes of words are kept", size)
	}
	runtime.KeepAlive(told)
}

// traceLimit is how many bytes a frame a trace may take beside the frame itself:
// its row, samples of both ends, and the calls of the programs.
const traceLimit = 250

func TestATraceIsSmall(t *testing.T) {
	for _, loss := range []string{"0%", "2%"} {
		for _, size := range []string{"12MB", "15MB"} { // the tables have just grown, or are nearly full
			var tr *trace.Trace
			bulk(t) // what the first run of a process keeps is none of it
			bytes := kept(func() { tr = bulk(t, "size="+size, "loss="+loss) })
			for i := range tr.Packets {
				bytes -= tr.Packets[i].Len()
			}
			frames := len(tr.Packets)
			t.Logf("loss %s: %d frames, %d samples, %d calls, %.1f bytes a frame beside it", loss, frames, len(tr.Samples), len(tr.Calls), float64(bytes)/float64(frames))
			if bytes > traceLimit*frames {
				t.Errorf("loss %s: %d bytes beside %d frames, want at most %d each", loss, bytes, frames, traceLimit)
			}
		}
	}
}

// kept is how many bytes stay in use after f.
func kept(f func()) int {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return int(after.HeapAlloc) - int(before.HeapAlloc)
}

// bulk is one transfer of 1 MB at 100 Mbit/s.
func bulk(t testing.TB, settings ...string) *trace.Trace {
	t.Helper()
	tr, err := runExchange(append([]string{"size=1MB", "reply=none", "rate=100mbit", "limit-time=1h"}, settings...)...)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// BenchmarkTeller is of a transfer of about 100,000 frames.
func BenchmarkTeller(b *testing.B) {
	for _, loss := range []string{"0%", "2%"} {
		tr := bulk(b, "size=70MB", "loss="+loss)
		var t *story.Teller
		bytes := kept(func() { t = story.NewTeller(tr) })
		b.Run("new/loss="+loss, func(b *testing.B) {
			for b.Loop() {
				story.NewTeller(tr)
			}
			b.ReportMetric(float64(bytes)/float64(len(tr.Packets)), "bytes/frame")
			b.ReportMetric(float64(t.Len())/float64(len(tr.Packets)), "events/frame")
		})
		b.Run("in-order/loss="+loss, func(b *testing.B) {
			i := 0
			for b.Loop() {
				t.Event(i)
				i = (i + 1) % t.Len()
			}
		})
		b.Run("anywhere/loss="+loss, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				t.Event(r.IntN(t.Len()))
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
		})
		b.Run("label/loss="+loss, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			for b.Loop() {
				t.Label(r.IntN(len(tr.Packets)))
			}
		})
		b.Run("find/loss="+loss, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			for b.Loop() {
				t.Find(story.Sent, r.IntN(len(tr.Packets)))
			}
		})
		b.Run("state/loss="+loss, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			for b.Loop() {
				t.State(0, t.After(r.IntN(t.Len())))
			}
		})
		b.Run("next-of-none/loss="+loss, func(b *testing.B) {
			for b.Loop() {
				t.Next(-1, 1, 0)
			}
		})
		b.Run("tell/loss="+loss, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				story.Tell(tr)
			}
		})
	}
}
