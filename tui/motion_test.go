package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wirelab/scenario"
	"wirelab/trace"
)

// onStage is the program on the stage of tcp at 80 by 24.
func onStage(t *testing.T, r record, o Options) *terminal {
	t.Helper()
	ex, s := r.example()
	return begin(t, 80, 24, r.newStage(ex, s), r.runner(t, 50*time.Millisecond), o)
}

// example is the run that was recorded with nothing changed.
func (r record) example() (scenario.Exchange, scenario.Scenario) {
	for text, got := range r {
		if !strings.Contains(text, "drop:") {
			return got.ex, got.s
		}
	}
	return nil, scenario.Scenario{}
}

// firstRow is the title of the screen.
func (s *terminal) firstRow() string { return strings.SplitN(s.text(), "\n", 2)[0] }

// While nothing moves the program does nothing: no view is made, no tick asked
// for, no byte written.
func TestPausedIsQuiet(t *testing.T) {
	r := record{}
	r.add(t, "tcp")
	for name, reach := range map[string]func(s *terminal){
		"at the beginning":         func(*terminal) {},
		"after a step":             func(s *terminal) { s.press("right"); s.pass(time.Second) },
		"paused while playing":     func(s *terminal) { s.press("space"); s.pass(300 * time.Millisecond); s.press("space") },
		"on a graph":               func(s *terminal) { s.press("G", "v") },
		"with help":                func(s *terminal) { s.press("?") },
		"in a packet":              func(s *terminal) { s.press("right", "enter"); s.pass(time.Second) },
		"while typing":             func(s *terminal) { s.press("/", "a") },
		"at the end":               func(s *terminal) { s.press("G") },
		"too small":                func(s *terminal) { s.resize(20, 5) },
		"after a run was given up": func(s *terminal) { s.press("e", "r", "esc"); s.pass(time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := onStage(t, r, Options{})
				defer s.quit()
				reach(s)
				s.pass(time.Second)
				views, ticks, bytes := s.views, s.ticks, s.bytes
				s.pass(time.Minute)
				if s.views != views || s.ticks != ticks || s.bytes != bytes {
					t.Errorf("in a minute there are %d views, %d ticks and %d bytes", s.views-views, s.ticks-ticks, s.bytes-bytes)
				}
			})
		})
	}
}

func TestHomeComesToRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, 120, 40, newHome(), nil, Options{})
		defer s.quit()
		s.pass(time.Second)
		s.shows("▐ hello ▌▸━")
		s.pass(10 * time.Second)
		s.shows("▐ hello ▌▸│", "│◂▐ hello yourself ▌")
		views, bytes := s.views, s.bytes
		s.pass(time.Minute)
		if s.views != views || s.bytes != bytes {
			t.Errorf("in a minute there are %d views and %d bytes", s.views-views, s.bytes-bytes)
		}
	})
}

// Without motion nothing glides, and nothing asks for ticks but playing.
func TestWithoutMotion(t *testing.T) {
	r := record{}
	r.add(t, "tcp")
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, 120, 40, newHome(), r.runner(t, 0), Options{NoMotion: true})
		defer s.quit()
		s.shows("▐ hello ▌▸│", "│◂▐ hello yourself ▌")
		s.press("enter")
		for range 56 {
			before := s.firstRow()
			s.press("right")
			after := s.text()
			if s.firstRow() == before {
				t.Fatalf("a step does nothing: %s", before)
			}
			s.pass(time.Second)
			if s.text() != after {
				t.Fatalf("it glides: %s", s.firstRow())
			}
		}
		s.shows("step 56/56")
		if s.ticks != 0 {
			t.Errorf("there were %d ticks", s.ticks)
		}
		s.press("a")
		s.shows("motion on")
		s.press("g")
		s.toAGlide()
		if s.pass(time.Second); s.ticks < 10 {
			t.Errorf("with motion there are %d ticks", s.ticks)
		}
	})
}

// A step glides for at most 600 ms, and the steps may follow each other faster.
func TestAStepTakesAtMostSixHundredMilliseconds(t *testing.T) {
	r := record{}
	r.add(t, "tcp")
	synctest.Test(t, func(t *testing.T) {
		s := onStage(t, r, Options{})
		defer s.quit()
		for range 56 {
			s.press("right")
			s.pass(maxGlide - written + 2*frame)
			after := s.text()
			ticks := s.ticks
			s.pass(time.Second)
			if s.text() != after || s.ticks != ticks {
				t.Fatalf("it still glides after 600 ms: %s", s.firstRow())
			}
		}
		s.shows("step 56/56", "■ the end")
	})
}

// toAGlide steps on until a step takes time, and returns how many steps that is.
func (s *terminal) toAGlide() (step int) {
	s.t.Helper()
	for range 56 {
		s.prog.Send(keyPress("right"))
		synctest.Wait()
		step++
		if s.moving() {
			return step
		}
	}
	s.t.Fatal("no step takes time")
	return 0
}

// The next step ends the one that glides; so does any other key that moves.
func TestAKeyDuringAGlide(t *testing.T) {
	r := record{}
	r.add(t, "tcp")
	for _, c := range []struct {
		key  string
		by   int // from the step that was gliding
		want string
	}{
		{key: "right", by: 1}, {key: "left", by: -1}, {key: "g", want: "step 0/56"}, {key: "G", want: "step 56/56"},
		{key: "z", want: "tcp › calls"}, {key: "v", want: "Sequence numbers"}, {key: "?", want: "any key closes"},
		{key: "space", want: "▶"}, {key: "enter", want: "packet 1 of 23"}, {key: "/", want: "find"}, {key: "@", want: "go to the time"},
	} {
		t.Run(c.key, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := onStage(t, r, Options{})
				defer s.quit()
				n := s.toAGlide()
				s.pass(2 * frame)
				s.press(c.key)
				s.pass(time.Millisecond)
				if c.by != 0 {
					c.want = fmt.Sprintf("step %d/56", n+c.by)
					s.pass(maxGlide)
				}
				s.shows(c.want)
			})
		})
	}
}

// Playing ends by itself, and nobody waits for what takes long and shows nothing.
func TestPlayingEndsByItself(t *testing.T) {
	r := record{}
	r.add(t, "tcp")
	synctest.Test(t, func(t *testing.T) {
		s := onStage(t, r, Options{})
		defer s.quit()
		s.press("space")
		s.shows("▶")
		began := time.Now()
		seen := map[string]bool{}
		for strings.Contains(s.firstRow(), "▶") {
			seen[s.firstRow()] = true
			s.pass(frame)
			if time.Since(began) > time.Minute {
				t.Fatalf("after a minute it still plays: %s", s.firstRow())
			}
		}
		s.shows("step 56/56", "■ the end")
		if len(seen) < 60 {
			t.Errorf("only %d pictures were seen", len(seen))
		}
		s.press("space") // once more
		s.shows("▶")
		s.hides("step 56/56")
	})
}

// Idle time is folded: a request that waits for ten seconds is not watched for
// ten seconds.
func TestIdleTimeIsFolded(t *testing.T) {
	r := record{}
	ex, sc := r.add(t, "tcp", func(s *scenario.Scenario) { s.Args["count"], s.Args["interval"] = "3", "10s" })
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, 80, 24, r.newStage(ex, sc), nil, Options{})
		defer s.quit()
		s.press("+", "+", "+", "space")
		began := time.Now()
		for strings.Contains(s.firstRow(), "▶") && time.Since(began) < 10*time.Minute {
			s.pass(frame)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it takes %v to play", took)
		}
		s.shows("■ the end")
	})
}

// Time that the program was stopped for is not caught up with.
func TestSuspendedTimeDoesNotPass(t *testing.T) {
	r := record{}
	r.add(t, "tcp")
	synctest.Test(t, func(t *testing.T) {
		s := onStage(t, r, Options{})
		defer s.quit()
		s.press("space")
		s.pass(time.Second)
		// So a tick comes that is late, as the process did not run meanwhile.
		s.prog.Send(tick(time.Now().Add(time.Hour)))
		s.pass(written)
		s.shows("▶")
		s.hides("the end")
	})
}

// A glide that follows another one closely takes as long as one after a rest.
func TestAGlideBeginsWhenItIsAskedFor(t *testing.T) {
	r := record{}
	r.add(t, "tcp")
	var took []time.Duration
	for _, rest := range []time.Duration{0, 80 * time.Millisecond, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := onStage(t, r, Options{})
			defer s.quit()
			s.toAGlide()
			for s.moving() {
				s.pass(time.Millisecond)
			}
			s.pass(rest)
			s.toAGlide()
			began := time.Now()
			for s.moving() {
				s.pass(time.Millisecond)
			}
			took = append(took, time.Since(began))
		})
	}
	if took[0] != took[1] || took[1] != took[2] || took[0] < 100*time.Millisecond || took[0] > maxGlide {
		t.Errorf("they take %v", took)
	}
}

var errBroken = errors.New("the wire is of wool")

// A run that fails is shown if there is something to show, and said if not.
func TestARunThatFails(t *testing.T) {
	r := record{}
	ex, sc := r.add(t, "tcp")
	for name, c := range map[string]struct {
		tr   *trace.Trace
		says string
	}{
		"with a trace":  {r[sc.Text(ex)].tr, "this run ends in an error"},
		"without trace": {nil, "the wire is of wool"},
	} {
		t.Run(name, func(t *testing.T) {
			run := func(context.Context, scenario.Exchange, scenario.Scenario) (*trace.Trace, error) {
				return c.tr, errBroken
			}
			synctest.Test(t, func(t *testing.T) {
				s := begin(t, 120, 40, r.newStage(ex, sc), run, Options{})
				defer s.quit()
				s.press("right", "r")
				s.shows(c.says, "step 1/")
				if c.tr != nil {
					s.press("G")
					s.shows("Then the run ended: the wire is of wool.")
				}
			})
			synctest.Test(t, func(t *testing.T) {
				s := begin(t, 120, 40, newHome(), run, Options{})
				defer s.quit()
				s.press("enter")
				if c.tr == nil {
					s.shows("the wire is of wool", "Start here")
				} else {
					s.shows("step 0/")
				}
			})
		})
	}
}

// A run can be given up; what comes of it later is ignored, and so is a run that
// another one has taken the place of.
func TestARunIsGivenUp(t *testing.T) {
	r := record{}
	ex, sc := r.add(t, "tcp")
	got := r[sc.Text(ex)]
	synctest.Test(t, func(t *testing.T) {
		var stopped, runs int
		slow := func(ctx context.Context, _ scenario.Exchange, _ scenario.Scenario) (*trace.Trace, error) {
			runs++
			<-ctx.Done()
			stopped++
			time.Sleep(time.Second) // it does not stop at once
			return got.tr, nil
		}
		s := begin(t, 80, 24, r.newStage(ex, sc), slow, Options{})
		defer s.quit()
		s.press("right", "right", "r")
		s.shows("running … esc stops it")
		s.pass(time.Hour)
		s.press("esc")
		s.shows("stopped; nothing has changed")
		before := s.text()
		s.pass(2 * time.Second)
		if s.text() != before {
			t.Errorf("a run that was given up changes the screen:\n%s", s.text())
		}
		s.press("r", "r", "r")
		if runs != 4 || stopped != 3 {
			t.Errorf("of %d runs %d were stopped", runs, stopped)
		}
		s.press("right", "?") // keys go on working meanwhile
		s.shows("any key closes")
		s.press("esc")
		s.pass(maxGlide)
		s.shows("step 3/", "running … esc stops it")
	})
}

// Opening another screen gives up the run of the one below: it would change what
// the new one shows.
func TestOpeningAScreenGivesUpTheRun(t *testing.T) {
	r := record{}
	r.add(t, "tcp")
	synctest.Test(t, func(t *testing.T) {
		s := begin(t, 80, 24, newHome(), r.runner(t, time.Second), Options{NoMotion: true})
		defer s.quit()
		s.press("enter", "G", "enter") // the map is opened while tcp runs
		s.shows("map › OSI and TCP/IP", "stopped; nothing has changed")
		s.pass(2 * time.Second)
		s.shows("map › OSI and TCP/IP")
	})
	synctest.Test(t, func(t *testing.T) {
		none := &trace.Trace{} // a packet that was opened is not there
		run := func(context.Context, scenario.Exchange, scenario.Scenario) (*trace.Trace, error) {
			time.Sleep(time.Second)
			return none, nil
		}
		ex, sc := r.example()
		s := begin(t, 80, 24, r.newStage(ex, sc), run, Options{})
		defer s.quit()
		s.press("G", "x", "enter")
		s.shows("packet 23 of 23")
		s.pass(2 * time.Second)
		s.shows("packet 23 of 23")
	})
}

// Leaving while something runs stops it.
func TestLeavingStopsTheRun(t *testing.T) {
	r := record{}
	ex, sc := r.add(t, "tcp")
	synctest.Test(t, func(t *testing.T) {
		var stopped atomic.Bool
		slow := func(ctx context.Context, _ scenario.Exchange, _ scenario.Scenario) (*trace.Trace, error) {
			<-ctx.Done()
			stopped.Store(true)
			return nil, ctx.Err()
		}
		s := begin(t, 80, 24, r.newStage(ex, sc), slow, Options{})
		s.press("r", "q")
		if !s.ended() {
			t.Error("q does not end it")
		}
		s.quit()
		if !stopped.Load() {
			t.Error("the run goes on")
		}
	})
}
