package wire

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"testing"
	"testing/synctest"
)

// A stillness knows whether every goroutine of a run but the clock's is at rest.
type stillness interface {
	// run carries out body and waits for its goroutines. A panic of body, and
	// goroutines that never end, come back as an error.
	run(body func()) error
	// wait returns when all other goroutines of the run are at rest.
	wait()
	// virtual says whether Go's own clock is the lab's inside the run.
	virtual() bool
}

// A bubble is a stillness of testing/synctest: the runtime itself knows when
// every goroutine started within is blocked, and time there is virtual. The
// package is made for tests but does not need one: this file is the only one
// that uses it, and TestBubble fails loudly if a Go release changes what is
// counted on here.
type bubble struct{}

func (bubble) run(body func()) (err error) {
	defer func() {
		// A bubble whose goroutines never end panics.
		if r := recover(); r != nil && err == nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	synctest.Test(new(testing.T), func(*testing.T) { err = guard("run", func() error { body(); return nil }) })
	return err
}

func (bubble) wait()         { synctest.Wait() }
func (bubble) virtual() bool { return true }

// A counted stillness asks the runtime how many goroutines run or could run.
// It is exact with one processor only, and counts goroutines of the whole
// process: what else runs in it delays the lab, and does not confuse it.
type counted struct {
	samples []metrics.Sample
	outside uint64 // goroutines in system calls before the run began
}

func (c *counted) run(body func()) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	c.samples = []metrics.Sample{
		{Name: "/sched/goroutines/runnable:goroutines"},
		{Name: "/sched/goroutines/running:goroutines"},
		{Name: "/sched/goroutines/not-in-go:goroutines"},
	}
	metrics.Read(c.samples)
	c.outside = c.samples[2].Value.Uint64()
	return guard("run", func() error { body(); return nil })
}

func (c *counted) wait() {
	for {
		runtime.Gosched()
		metrics.Read(c.samples)
		if c.samples[0].Value.Uint64() == 0 && c.samples[1].Value.Uint64() <= 1 && c.samples[2].Value.Uint64() <= c.outside {
			return
		}
	}
}

func (*counted) virtual() bool { return false }
