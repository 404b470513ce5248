package door

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"time"

	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/wire"
)

// Options are what a door needs besides the Scenario.
type Options struct {
	// Keep is how much of the trace is kept.
	Keep trace.Bound
	// Opened is told when the door is open, before the first client comes; nil:
	// nobody is. It must return soon.
	Opened func(*Live)
}

// MostConnections is how many connections may be through a door at once. Further
// ones are turned away.
const MostConnections = 1000

// A Live is a lab with a door while it runs. Its methods may be called from any
// goroutine, also after the end.
type Live struct{ b *scenario.Bench }

// Snapshot is the record so far.
func (l *Live) Snapshot() *trace.Snapshot { return l.b.Snapshot() }

// LoseNext loses the next IP packet that a host sends, and returns which one that
// will be, counted from 1.
func (l *Live) LoseNext(host string) (n int, err error) {
	h := l.b.Host(host)
	if h == nil {
		return 0, fmt.Errorf("no host is called %q here", host)
	}
	return h.TouchNext(wire.Drop, 0), nil
}

// Serve opens a door to the server program of ex: each connection of ln crosses
// the wire of s to it. It closes ln. It ends with ctx, or at the time limit of s
// if there is one, and that is no error.
func Serve(ctx context.Context, ex scenario.Server, s scenario.Scenario, ln net.Listener, o Options) (*trace.Trace, error) {
	return open(ctx, ex, s, o, func(ctx context.Context, b *scenario.Bench) error {
		port := net.JoinHostPort("server", s.Args["port"])
		in, err := b.Host("server").Listen("tcp", port)
		if err != nil {
			return err
		}
		b.Background(b.Host("server"), "server", func() error { return ex.Serve(b, in) })
		e := &entry{b: b, ctx: ctx, ln: ln, to: port, free: make(chan struct{}, MostConnections)}
		b.Go(b.Host("client"), "door", e.accept)
		return nil
	})
}

// open runs a lab whose programs start starts, with a context that ends with the
// run, however that ends.
func open(ctx context.Context, ex scenario.Exchange, s scenario.Scenario, o Options, start func(context.Context, *scenario.Bench) error) (*trace.Trace, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.Limits.Time > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, s.Limits.Time)
		defer stop()
		s.Limits.Time = 0
	}
	s.Steps = nil
	tr, err := scenario.RunLive(ctx, ex, s, o.Keep, func(b *scenario.Bench) error {
		inside, over := context.WithCancel(ctx)
		b.Background(b.Host("client"), "the end", func() error {
			b.Sleep(forever) // until the run is over
			over()
			return nil
		})
		if err := start(inside, b); err != nil {
			over()
			return err
		}
		if o.Opened != nil {
			o.Opened(&Live{b})
		}
		return nil
	})
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	return tr, err
}

// forever is longer than any run, and can be added to a time.
const forever = time.Duration(math.MaxInt64 / 2)
