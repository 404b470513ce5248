package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"

	"wirelab/trace"
	"wirelab/wire"
)

// Run runs s with its exchange ex. The trace is returned also with an error,
// if the run had begun; it then holds what happened until then.
func Run(ctx context.Context, ex Exchange, s Scenario) (*trace.Trace, error) {
	tr, err := run(ctx, ex, s, wire.Options{Seed: s.Seed, Limits: s.Limits})
	if tr != nil {
		tr.Scenario = s.Text(ex)
	}
	return tr, err
}

// RunReal runs s as Run does, but on the real clock: it takes as long as the
// same would take between two machines, and no two runs are the same. The trace
// is a live one, and carries no Scenario, since it cannot be had again.
func RunReal(ctx context.Context, ex Exchange, s Scenario) (*trace.Trace, error) {
	return run(ctx, ex, s, wire.Options{Seed: s.Seed, Limits: s.Limits.WithDefaults(), Real: true})
}

func run(ctx context.Context, ex Exchange, s Scenario, opt wire.Options) (*trace.Trace, error) {
	s.Args = maps.Clone(s.Args) // Validate notes in them, and the caller may run s elsewhere too
	if err := s.Validate(ex); err != nil {
		return nil, err
	}
	lab := wire.New(opt)
	var b *Bench
	tr, err := lab.Run(ctx, func() (err error) {
		if b, err = build(lab, ex, &s); err != nil {
			return err
		}
		if len(s.Steps) > 0 {
			b.play(s.Steps, ex.Network(&s).Names())
			return nil
		}
		return ex.Start(b)
	})
	switch {
	case err == nil:
		err = cmp.Or(b.failed, b.missed(s.Touches))
	case b != nil && b.failed != nil && !errors.Is(b.failed, net.ErrClosed):
		// What went wrong first says more than how the run ended, which may come
		// of it: one waits for what a failed program was to send. Not so what
		// failed because the end of the run closed its socket.
		err = fmt.Errorf("%w; and then %w", b.failed, err)
	}
	return tr, err
}

// network is the network of s with all that its words put into it.
func (s *Scenario) network(ex Exchange) Network { return ex.Network(s).WithMiddlebox(s) }

// build sets up hosts and wire.
func build(lab *wire.Lab, ex Exchange, s *Scenario) (*Bench, error) {
	hosts, err := s.network(ex).build(lab, s)
	if err != nil {
		return nil, err
	}
	b := &Bench{Lab: lab, Scenario: s, hosts: hosts}
	b.touch(s.Touches)
	return b, nil
}
