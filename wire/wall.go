package wire

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"time"

	"wirelab/trace"
)

// wall is what a lab on the real clock has besides. Programs, the stacks' own
// goroutines and peers that the lab does not know act at any moment; the
// clock's goroutine only carries out the events, each as soon after its time as
// the machine allows.
type wall struct {
	woken  chan struct{}       // tells the clock that there is something to look at
	acting bool                // an event is being carried out
	late   trace.LatenessCount // of the events
	atEnd  *trace.Snapshot     // when the run is over
	grace  time.Duration       // for programs to notice that; endPatience
}

// How the clock waits for a moment. Go's timers are good to a millisecond on
// many systems, and may ring 1 to 2 ms late if they are set for less than that.
// So it sleeps until shortly before, and then looks at the time and lets
// others run until it has come.
const (
	sleepMargin = time.Millisecond
	leastSleep  = 2 * time.Millisecond
)

// patience with which the end of a run on the real clock waits: for goroutines
// that could still run, in a process in which others never rest, and for
// programs that are to notice that the run is over.
const (
	restPatience = time.Second
	endPatience  = 10 * time.Second
	restLook     = 200 * time.Microsecond // between two looks at whether all rest
)

// wallTime is lab time on the real clock.
func (l *Lab) wallTime() time.Duration { return time.Since(l.start) }

// wake makes the clock look again at what there is to do, now or when it next
// would wait.
func (l *Lab) wake() {
	select {
	case l.woken <- struct{}{}:
	default: // it was told already
	}
}

// stir wakes the clock if an endpoint was touched by what it does not do itself:
// a sample is due. l.mu must be held.
func (l *Lab) stir() {
	if l.opt.Real && !l.acting {
		l.wake()
	}
}

// turn makes what is about to happen on the real clock a step of its own, if it
// is not the clock's doing. l.mu must be held. While an event is carried out what
// others do at the same moment belongs to its step, and cannot be told from it.
func (l *Lab) turn() {
	if l.opt.Real && !l.acting {
		l.step++
	}
}

// follow is the loop on the real clock: it carries out events at their time.
func (l *Lab) follow(ctx context.Context) error {
	defer context.AfterFunc(ctx, l.wake)()
	done := time.Duration(-1) // since when nothing more is expected; -1: something is
	for {
		l.mu.Lock()
		l.settle() // a part of the event's step
		l.acting, l.cause = false, trace.AtSend
		err := l.exceeded()
		switch {
		case err != nil:
		case l.err != nil:
			err = l.err
		case ctx.Err() != nil:
			err = fmt.Errorf("stopped at %v of lab time: %w", l.elapsed(), context.Cause(ctx))
		case l.elapsed() >= l.opt.Limits.Time:
			err = fmt.Errorf("the run was ended at its limit of %v of lab time%s", l.opt.Limits.Time, l.stillWaiting())
		}
		if err != nil {
			l.mu.Unlock()
			return err
		}
		now, e := l.elapsed(), l.events.first()
		if e != nil && e.at <= now {
			l.events.pop()
			l.late.Add(now - e.at)
			l.last, l.cause, l.acting = now, e.cause, true
			l.step++
			l.mu.Unlock()
			e.call()
			continue
		}
		to := l.opt.Limits.Time
		if e != nil {
			to = min(to, e.at)
		}
		switch over := l.programs == 0 && l.flying == 0 && !l.unfinished(); {
		case !over:
			done = -1
		case done < 0:
			done = now
			fallthrough
		default:
			if atRest() || now-done > restPatience {
				err := l.givenUp()
				l.mu.Unlock()
				return err
			}
			to = min(to, now+restLook)
		}
		if len(l.touched) > 0 {
			l.mu.Unlock()
			continue
		}
		l.sleepTo = to
		l.sleeping.Store(true)
		l.mu.Unlock()
		l.waitUntil(to)
		l.sleeping.Store(false)
	}
}

// waitUntil returns when lab time is to, or earlier if the clock was woken.
func (l *Lab) waitUntil(to time.Duration) {
	if left := to - l.elapsed(); left > leastSleep {
		l.alarm.Reset(left - sleepMargin)
		select {
		case <-l.alarm.C:
		case <-l.woken:
			l.alarm.Stop()
			return
		}
	}
	for l.elapsed() < to {
		select {
		case <-l.woken:
			return
		default:
			runtime.Gosched()
		}
	}
}

// await waits for the programs to return, now that the run is over.
func (l *Lab) await() {
	until := l.elapsed() + l.grace
	for {
		l.mu.Lock()
		n := l.alive
		l.mu.Unlock()
		switch {
		case n == 0:
			return
		case l.elapsed() >= until:
			if l.err == nil { // which nobody else touches any more
				l.err = fmt.Errorf("a program left goroutines behind: %d did not return within %v of the end", n, l.grace)
			}
			return
		}
		l.alarm.Reset(until - l.elapsed())
		select {
		case <-l.alarm.C:
		case <-l.woken:
		}
	}
}

// atRest says whether no goroutine of the process but the calling one runs or
// could run: a program that was woken and did not come to do anything yet is
// not at rest.
func atRest() bool {
	samples := [...]metrics.Sample{{Name: "/sched/goroutines/runnable:goroutines"}, {Name: "/sched/goroutines/running:goroutines"}}
	metrics.Read(samples[:])
	return samples[0].Value.Uint64() == 0 && samples[1].Value.Uint64() <= 1
}

// Lateness says how precisely the real clock has kept time so far.
func (l *Lab) Lateness() trace.Lateness {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.late.Lateness()
}

// Snapshot is the record of a run on the real clock so far; any goroutine may
// take it, at any time from setup on, and keep it. It is nil in virtual time,
// where nobody can look at a run before it is over.
func (l *Lab) Snapshot() *trace.Snapshot {
	if !l.opt.Real {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.atEnd != nil {
		return l.atEnd
	}
	l.tr.Start, l.tr.Lateness = l.start, l.late.Lateness()
	return l.rec.Freeze(l.elapsed())
}

// restless is the stillness of the real clock: nothing waits for rest.
type restless struct{}

func (restless) run(body func()) error { return guard("run", func() error { body(); return nil }) }
func (restless) wait()                 {}
func (restless) virtual() bool         { return false }
