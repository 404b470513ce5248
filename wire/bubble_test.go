package wire

import (
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestBubble holds what the lab counts on of testing/synctest outside a test.
// If it fails after a change of the Go release, read the package's notes: until
// bubble.go follows, Options.CountGoroutines is the way back.
func TestBubble(t *testing.T) {
	const changed = "Go's testing/synctest is not what wire/bubble.go counts on any more: "

	t.Run("time begins in 2000 and passes exactly", func(t *testing.T) {
		begin := time.Now()
		err := bubble{}.run(func() {
			start := time.Now()
			if want := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); !start.Equal(want) {
				t.Errorf(changed+"time begins at %v, not %v", start, want)
			}
			for _, d := range []time.Duration{1, time.Microsecond, 20 * ms, 24 * time.Hour} {
				before := time.Now()
				time.Sleep(d)
				if got := time.Since(before); got != d {
					t.Errorf(changed+"a sleep of %v took %v", d, got)
				}
			}
		})
		if err != nil {
			t.Errorf(changed+"it failed: %v", err)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf(changed+"a day of sleep took %v", took)
		}
	})

	t.Run("Wait returns when the others rest", func(t *testing.T) {
		err := bubble{}.run(func() {
			var n atomic.Int64
			first, last := make(chan int), make(chan int)
			in := first
			for range 100 { // each hands on what the one before handed it
				from, out := in, make(chan int)
				go func() {
					n.Add(int64(<-from))
					for range 1000 {
						runtime.Gosched()
					}
					out <- 1
				}()
				in = out
			}
			go func() { last <- <-in }() // blocks: nobody takes from last yet
			bubble{}.wait()
			if n.Load() != 0 {
				t.Error(changed + "a goroutine went on before it was sent anything")
			}
			first <- 1
			bubble{}.wait()
			if got := n.Load(); got != 100 {
				t.Errorf(changed+"Wait returned when %d of 100 goroutines had run", got)
			}
			<-last
		})
		if err != nil {
			t.Errorf(changed+"it failed: %v", err)
		}
	})

	t.Run("a sleep ends no earlier than all rest", func(t *testing.T) {
		err := bubble{}.run(func() {
			var done atomic.Bool
			go func() {
				for range 10_000 {
					runtime.Gosched()
				}
				done.Store(true)
			}()
			time.Sleep(time.Nanosecond)
			if !done.Load() {
				t.Error(changed + "time passed while a goroutine could run")
			}
		})
		if err != nil {
			t.Errorf(changed+"it failed: %v", err)
		}
	})

	t.Run("a timer can be set anew by another goroutine", func(t *testing.T) {
		err := bubble{}.run(func() {
			alarm := time.NewTimer(time.Hour)
			start := time.Now()
			go func() {
				time.Sleep(time.Second)
				alarm.Reset(0)
			}()
			<-alarm.C
			if got := time.Since(start); got != time.Second {
				t.Errorf(changed+"a timer that was reset after %v rang after %v", time.Second, got)
			}
		})
		if err != nil {
			t.Errorf(changed+"it failed: %v", err)
		}
	})

	t.Run("goroutines that stay are an error", func(t *testing.T) {
		err := bubble{}.run(func() {
			inside := make(chan struct{})
			go func() { <-inside }()
		})
		if err == nil || !strings.Contains(err.Error(), "blocked") {
			t.Errorf(changed+"a goroutine that stays gave %v", err)
		}
		err = bubble{}.run(func() { go func() { time.Sleep(time.Hour) }() })
		if err == nil || !strings.Contains(err.Error(), "blocked") {
			t.Errorf(changed+"a goroutine that sleeps gave %v", err)
		}
	})

	t.Run("a panic is an error", func(t *testing.T) {
		err := bubble{}.run(func() { panic("on purpose") })
		if p := (*PanicError)(nil); !errors.As(err, &p) || p.Value != "on purpose" {
			t.Errorf(changed+"a panic gave %v", err)
		}
	})

	t.Run("the next one begins anew", func(t *testing.T) {
		for range 3 {
			err := bubble{}.run(func() {
				if time.Now().Year() != 2000 {
					t.Errorf(changed+"a later bubble begins at %v", time.Now())
				}
				synctest.Wait()
			})
			if err != nil {
				t.Errorf(changed+"it failed: %v", err)
			}
		}
	})
}

// TestCountingGoroutinesGivesTheSameTrace runs the way back.
func TestCountingGoroutinesGivesTheSameTrace(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector cannot know that goroutines which were counted rest")
	}
	e := experiments[0]
	want := fingerprint(runExperiment(t, e, Options{Seed: 7}))
	for i := range 10 {
		if got := fingerprint(runExperiment(t, e, Options{Seed: 7, CountGoroutines: true})); got != want {
			t.Fatalf("run %d with goroutines counted: trace %s, in a bubble: %s", i+1, got, want)
		}
	}
}
