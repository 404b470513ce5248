// Package wire is the lab bench: hosts with real TCP/IP stacks, the cables
// between them, and a virtual clock under which real programs talk over them,
// so that the same experiment always gives the same packets at the same
// nanoseconds.
package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wirelab/trace"
)

// Limits end a run that would not end by itself. A zero field means its default.
type Limits struct {
	Time   time.Duration // of the lab; 1 h
	Frames int           // sent by all hosts; 5,000,000
	Bytes  int64         // of all frames and the record of all calls together; 2 GiB
}

// Defaults of Limits.
const (
	DefaultLimitTime   = time.Hour
	DefaultLimitFrames = 5_000_000
	DefaultLimitBytes  = 2 << 30
)

// Options are what a run needs besides its hosts and programs.
type Options struct {
	Seed   uint64
	Limits Limits

	// CountGoroutines finds out whether all is at rest by counting goroutines
	// instead of in a bubble of testing/synctest. It is the way back should a
	// Go release change the bubble; Go's own timers are then wall time, and
	// only the programs' own sleeps and deadlines are lab time.
	CountGoroutines bool
}

// A Lab is one experiment: build it with New, give it hosts, cables and
// programs in the setup of Run, and read its Trace afterwards.
type Lab struct {
	opt   Options
	still stillness

	mu       sync.Mutex
	events   eventHeap
	now      atomic.Int64 // lab time in nanoseconds
	sleeping atomic.Bool  // the clock sleeps in the bubble until sleepTo
	sleepTo  time.Duration
	alarm    *time.Timer
	start    time.Time
	last     time.Duration // when something last happened

	programs int // started with Go and not yet returned
	flying   int // frames on their way
	gates    []*gate
	sides    map[*side]struct{} // every direction of every open socket
	bells    map[*Bell]struct{} // for which a program waits
	running  map[uint64]*program
	step     uint32 // events and turns of programs so far
	nextKey  uint64
	over     atomic.Bool
	finished bool
	err      error
	errStep  uint32 // step in which err came about,
	errKey   uint64 // and the program that returned it

	hosts   []*Host
	cables  []*Cable
	tr      *trace.Trace
	rec     *trace.Recorder
	calls   callLog
	watch   []*endpoint // by stream: the end that sends on it
	touched []*endpoint // those whose state the present event may have changed
	cause   trace.Cause
	arrived trace.Stream // of the segment that is being delivered; -1: none
	askers  sync.Map     // program counter that asks for the time: whether for a segment
	bytes   int64        // of all frames
}

// New returns a lab with nothing in it.
func New(opt Options) *Lab {
	if opt.Limits.Time <= 0 {
		opt.Limits.Time = DefaultLimitTime
	}
	if opt.Limits.Frames <= 0 {
		opt.Limits.Frames = DefaultLimitFrames
	}
	if opt.Limits.Bytes <= 0 {
		opt.Limits.Bytes = DefaultLimitBytes
	}
	l := &Lab{opt: opt, tr: &trace.Trace{}, sides: map[*side]struct{}{}, running: map[uint64]*program{}, arrived: -1}
	l.rec = trace.NewRecorder(l.tr)
	if opt.CountGoroutines {
		l.still = &counted{}
	} else {
		l.still = bubble{}
	}
	return l
}

// Run carries out setup, which builds hosts and cables and starts programs
// with Go, and then lets lab time pass until all programs have returned and
// nothing is in flight. The trace is returned also with an error; it then
// holds what happened until then. A Lab runs once.
func (l *Lab) Run(ctx context.Context, setup func() error) (*trace.Trace, error) {
	giveBack := seedChance(l.opt.Seed)
	defer giveBack()
	err := l.still.run(func() {
		l.start = time.Now()
		l.alarm = time.NewTimer(time.Hour)
		l.alarm.Stop()
		if l.err = guard("setup", setup); l.err == nil {
			l.err = l.loop(ctx)
		}
		l.finish()
		l.shutdown()
		l.finished = true
	})
	if err != nil && l.err == nil {
		if l.finished {
			// The trace is whole; but the goroutines that a program left
			// behind would be there for ever.
			err = fmt.Errorf("a program left goroutines behind: %w", err)
		}
		l.err = err
	}
	if l.err != nil {
		l.tr.Err = l.err.Error()
	}
	return l.tr, l.err
}

// loop carries out one event or lets one goroutine go, waits until all that
// this caused has come to rest, and only then takes the next.
func (l *Lab) loop(ctx context.Context) error {
	rested := true // nothing runs but the clock
	for n := 0; ; n++ {
		if !rested {
			l.still.wait()
			rested = true
		}
		if n%64 == 0 && ctx.Err() != nil {
			return fmt.Errorf("stopped at %v of lab time: %w", l.elapsed(), context.Cause(ctx))
		}
		l.settle()
		if err := l.exceeded(); err != nil {
			return err
		}
		l.mu.Lock()
		if l.err != nil {
			defer l.mu.Unlock()
			return l.err
		}
		if g := l.nextGate(); g != nil {
			l.step++
			l.last = l.elapsed()
			l.cause = trace.AtSend
			l.mu.Unlock()
			g.open <- struct{}{}
			rested = false
			continue
		}
		to := l.opt.Limits.Time
		if e := l.events.first(); e != nil {
			to = min(to, e.at)
		}
		if to > l.elapsed() && l.programs == 0 && l.flying == 0 && !l.unfinished() {
			l.mu.Unlock()
			return nil
		}
		if to > l.elapsed() {
			l.sleepUntil(to)
			if l.elapsed() >= l.opt.Limits.Time {
				return l.stuck()
			}
			continue
		}
		e := l.events.pop()
		l.last = e.at
		l.cause = e.cause
		l.step++
		l.mu.Unlock()
		e.call()
		rested = !e.wakes
	}
}

// sleepUntil lets lab time pass, with l.mu held, which it gives up. In a bubble
// it sleeps, so that Go's own timers on the way fire too, and returns early if
// a program that one of them woke wants to act.
func (l *Lab) sleepUntil(to time.Duration) {
	if !l.still.virtual() {
		l.now.Store(int64(to))
		l.mu.Unlock()
		return
	}
	l.sleepTo = to
	l.alarm.Reset(to - l.elapsed())
	l.sleeping.Store(true)
	l.mu.Unlock()
	<-l.alarm.C
	l.mu.Lock()
	l.sleeping.Store(false)
	l.now.Store(int64(time.Since(l.start)))
	l.mu.Unlock()
	l.still.wait() // programs that Go's own timers woke at this instant go first
}

// poke wakes the clock: a program that one of Go's own timers woke has
// something for it. l.mu must be held.
func (l *Lab) poke() {
	l.catchUp()
	if l.sleeping.Load() && l.sleepTo > l.elapsed() {
		l.sleepTo = l.elapsed()
		l.alarm.Reset(0)
	}
}

// exceeded says which limit the run has reached.
func (l *Lab) exceeded() error {
	switch lim := l.opt.Limits; {
	case len(l.tr.Packets) > lim.Frames:
		return fmt.Errorf("the run was ended at %v: it sent more than %d frames%s", l.elapsed(), lim.Frames, l.stillWaiting())
	case l.bytes+l.calls.size() > lim.Bytes:
		return fmt.Errorf("the run was ended at %v: its record took more than %d bytes of memory%s", l.elapsed(), lim.Bytes, l.stillWaiting())
	}
	return nil
}

// stuck says why nothing more happens.
func (l *Lab) stuck() error {
	l.mu.Lock()
	empty := l.events.first() == nil
	l.mu.Unlock()
	if empty {
		l.now.Store(int64(l.last))
		return fmt.Errorf("the run is stuck: after %v nothing was left to happen%s", l.last, l.stillWaiting())
	}
	return fmt.Errorf("the run was ended at its limit of %v of lab time%s", l.opt.Limits.Time, l.stillWaiting())
}

// fail ends the run with the first error of a program. Programs that fail in
// one step may come here in any order: the one that was started first counts.
func (l *Lab) fail(p *program, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over.Load() {
		return
	}
	if l.err == nil || l.errStep == l.step && p.gate.key < l.errKey {
		l.err, l.errStep, l.errKey = err, l.step, p.gate.key
	}
	l.poke()
}

// finish completes the trace.
func (l *Lab) finish() {
	l.revisit()
	l.settle()
	l.tr.Start = l.start
	l.tr.End = l.elapsed()
	l.tr.Waiting = l.waiting()
	l.tr.Calls = l.calls.sorted()
	l.tr.TimeMessages()
	slices.SortStableFunc(l.tr.Marks, func(a, b trace.Mark) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Name, b.Name))
	})
	l.tr.Trim()
}

// shutdown ends every wait and takes the stacks down, so that no goroutine is
// left behind. What the stacks still send is no part of the run.
func (l *Lab) shutdown() {
	l.over.Store(true)
	l.mu.Lock()
	sides := make([]*side, 0, len(l.sides))
	for s := range l.sides {
		sides = append(sides, s)
	}
	gates := l.gates
	l.gates = nil
	for b := range l.bells { // in any order: the run is over
		l.cancel(b.event)
		b.answer()
	}
	l.mu.Unlock()
	for _, s := range sides {
		s.abort()
	}
	for _, g := range gates {
		g.open <- struct{}{}
	}
	for e := l.nextSleeper(); e != nil; e = l.nextSleeper() {
		e.call()
	}
	l.still.wait()
	if l.still.virtual() {
		// Programs that one of Go's own timers would wake may see the end too.
		time.Sleep(grace)
		l.still.wait()
	}
	for _, h := range l.hosts {
		h.close()
	}
}

// grace is the time in the bubble that programs have after the end of the run
// to notice it.
const grace = 10 * time.Minute

func (l *Lab) nextSleeper() *event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events.popHolding()
}

// Elapsed is the lab time since the run began.
func (l *Lab) Elapsed() time.Duration {
	l.enter()
	return l.elapsed()
}

func (l *Lab) elapsed() time.Duration { return time.Duration(l.now.Load()) }

// Trace is the record of the run. While the run lasts only its own goroutines
// may look at it.
func (l *Lab) Trace() *trace.Trace { return l.tr }

// Seed is the seed of the run's chance.
func (l *Lab) Seed() uint64 { return l.opt.Seed }

// Mark names the present moment.
func (l *Lab) Mark(name string) {
	l.enter()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over.Load() {
		return
	}
	l.last = l.elapsed()
	l.tr.Marks = append(l.tr.Marks, trace.Mark{At: l.last, Step: l.step, Name: name})
}

// Message adds a message that a program sent, or is about to send. Its times
// are found at the end of the run, from the calls that touch its spans.
func (l *Lab) Message(m trace.Message) {
	l.enter()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over.Load() {
		l.tr.Messages = append(l.tr.Messages, m)
	}
}

// Lookup returns the address of the host of that name.
func (l *Lab) Lookup(name string) (netip.Addr, error) {
	for _, h := range l.hosts {
		if h.name == name {
			return h.addr, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("no host is called %q here", name)
}

var errOver = errors.New("the run is over")
