// Package wire is the lab bench: hosts with real TCP/IP stacks, the cables
// between them, and a virtual clock under which real programs talk over them,
// so that the same experiment always gives the same packets at the same
// nanoseconds. The same bench runs on the real clock too, for peers that keep
// no other.
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

// Options are what a run needs besides its hosts and programs.
type Options struct {
	Seed   uint64
	Limits Limits

	// CountGoroutines finds out whether all is at rest by counting goroutines
	// instead of in a bubble of testing/synctest. It is the way back should a
	// Go release change the bubble; Go's own timers are then wall time, and
	// only the programs' own sleeps and deadlines are lab time.
	CountGoroutines bool

	// Real lets lab time be wall time. Whatever runs in this process may then
	// take part at any moment, and what happens is not reproducible: its trace
	// is Live. It can be looked at while it grows, with Snapshot, and no more
	// than Keep of it is kept. A program that waits for something outside of
	// the lab must notice by itself that the context of the run has ended.
	Real bool
	Keep trace.Bound
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
	wall

	programs int // started with Go and not yet returned
	flying   int // frames on their way
	gates    []*gate
	sides    map[*side]struct{} // every direction of every open socket
	running  map[uint64]*program
	step     uint32 // events and turns of programs so far
	nextKey  uint64
	over     atomic.Bool
	finished bool
	alive    int // goroutines of programs
	err      error
	errStep  uint32 // step in which err came about,
	errKey   uint64 // and the program that returned it

	hosts             []*Host
	cables            []*Cable
	tr                *trace.Trace
	final             *trace.Trace // when the run is over
	rec               *trace.Recorder
	calls             callLog
	watch             []*endpoint // by stream: the end that sends on it
	lost              []string    // what stacks gave up after their programs had closed it
	touched, settling []*endpoint // those whose state may have changed since the last samples
	cause             trace.Cause
	arrived           trace.Stream // of the segment that is being delivered; -1: none
	askers            sync.Map     // program counter that asks for the time: whether for a segment
	bytes             int64        // of all frames
}

// New returns a lab with nothing in it.
func New(opt Options) *Lab {
	if opt.Real {
		opt.Limits = opt.Limits.or(unreachable)
	} else {
		opt.Limits = opt.Limits.WithDefaults()
	}
	l := &Lab{opt: opt, tr: &trace.Trace{}, sides: map[*side]struct{}{}, running: map[uint64]*program{}, arrived: -1}
	switch {
	case opt.Real:
		l.tr.Origin = trace.Live
		l.rec = trace.NewGrowing(l.tr, opt.Keep)
		l.calls.sockets = map[int32]flowed{}
		l.still = restless{}
	case opt.CountGoroutines:
		l.rec, l.still = trace.NewRecorder(l.tr), &counted{}
	default:
		l.rec, l.still = trace.NewRecorder(l.tr), bubble{}
	}
	l.woken, l.grace = make(chan struct{}, 1), endPatience
	return l
}

// Run carries out setup, which builds hosts and cables and starts programs
// with Go, and then lets lab time pass until all programs have returned and
// nothing is in flight. The trace is returned also with an error; it then
// holds what happened until then. A Lab runs once.
//
// The error of a run that was ended by ctx wraps the cause. For a live lab, on
// the real clock, that is how a run ends as a rule, and its trace does not call
// it a failure.
func (l *Lab) Run(ctx context.Context, setup func() error) (*trace.Trace, error) {
	giveBack, err := l.takeChance()
	if err != nil {
		return l.tr, err
	}
	defer giveBack()
	var stopped bool
	err = l.still.run(func() {
		l.mu.Lock()
		l.start = time.Now()
		l.mu.Unlock()
		l.alarm = time.NewTimer(time.Hour)
		l.alarm.Stop()
		err := guard("setup", setup)
		switch {
		case err != nil:
		case l.opt.Real:
			err = l.follow(ctx)
			stopped = ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
		default:
			err = l.loop(ctx)
		}
		l.mu.Lock()
		l.err = cmp.Or(err, l.err)
		l.mu.Unlock()
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
	tr := cmp.Or(l.final, l.tr)
	if l.err != nil && !stopped {
		tr.Err = l.err.Error()
	}
	return tr, l.err
}

// takeChance makes the chance that programs take from Go's own packages that of
// the seed, or sees that it stays unforeseeable.
func (l *Lab) takeChance() (giveBack func(), err error) {
	if l.opt.Real {
		return keepChance(), nil
	}
	return seedChance(l.opt.Seed)
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
		l.mu.Lock()
		l.settle()
		if err := cmp.Or(l.exceeded(), l.err); err != nil {
			l.mu.Unlock()
			return err
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
			err := l.givenUp()
			l.mu.Unlock()
			return err
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
	if l.opt.Real {
		l.wake()
		return
	}
	l.catchUp()
	if l.sleeping.Load() && l.sleepTo > l.elapsed() {
		l.sleepTo = l.elapsed()
		l.alarm.Reset(0)
	}
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
	l.mu.Lock()
	defer l.mu.Unlock()
	l.revisit()
	l.settle()
	l.over.Store(true)
	l.tr.Start = l.start
	l.tr.End = l.elapsed()
	l.tr.Waiting = l.waiting()
	if l.opt.Real {
		l.tr.Lateness = l.late.Lateness()
		l.atEnd = l.rec.Freeze(l.tr.End)
		l.final = l.atEnd.Trace()
		return
	}
	l.final = l.tr
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
	l.mu.Lock()
	sides := make([]*side, 0, len(l.sides))
	for s := range l.sides {
		sides = append(sides, s)
	}
	gates := l.gates
	l.gates = nil
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
	switch {
	case l.opt.Real:
		l.await()
	case l.still.virtual():
		l.still.wait()
		// Programs that one of Go's own timers would wake may see the end too.
		time.Sleep(grace)
		l.still.wait()
	default:
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

func (l *Lab) elapsed() time.Duration {
	if l.opt.Real {
		return l.wallTime()
	}
	return time.Duration(l.now.Load())
}

// Trace is the record of the run. While the run lasts only its own goroutines
// may look at it. On the real clock it is there when the run is over, and nil
// before; until then there is Snapshot.
func (l *Lab) Trace() *trace.Trace {
	if l.opt.Real {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.final
	}
	return l.tr
}

// Seed is the seed of the run's chance. On the real clock nothing that is to stay
// secret may come of it.
func (l *Lab) Seed() uint64 { return l.opt.Seed }

// Mark names the present moment.
func (l *Lab) Mark(name string) {
	l.enter()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over.Load() {
		return
	}
	l.turn()
	l.last = l.elapsed()
	l.tr.Marks = append(l.tr.Marks, trace.Mark{At: l.last, Step: l.step, Name: name})
}

// Message adds a message that a program sent, or is about to send. Its times
// are found at the end of the run, from the calls that touch its spans.
func (l *Lab) Message(m trace.Message) {
	l.enter()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.over.Load():
	case l.opt.Real:
		l.rec.Message(m, l.elapsed())
	default:
		l.tr.Messages = append(l.tr.Messages, m)
	}
}

// Lookup returns the address of the host of that name.
func (l *Lab) Lookup(name string) (netip.Addr, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.hosts {
		if h.name == name {
			return h.addr, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("no host is called %q here", name)
}

var errOver = errors.New("the run is over")
