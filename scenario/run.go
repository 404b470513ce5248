package scenario

import (
	"context"
	"net/netip"

	"wirelab/trace"
	"wirelab/wire"
)

// Run runs s with its exchange ex. The trace is returned also with an error,
// if the run had begun; it then holds what happened until then.
func Run(ctx context.Context, ex Exchange, s Scenario) (*trace.Trace, error) {
	if err := s.Validate(ex); err != nil {
		return nil, err
	}
	lab := wire.New(wire.Options{Seed: s.Seed, Limits: s.Limits})
	tr, err := lab.Run(ctx, func() error {
		b, err := build(lab, ex, &s)
		if err != nil {
			return err
		}
		return ex.Start(b)
	})
	tr.Scenario = s.Text(ex)
	return tr, err
}

// build sets up hosts and wire.
func build(lab *wire.Lab, ex Exchange, s *Scenario) (*Bench, error) {
	b := &Bench{Lab: lab, Scenario: s, hosts: map[string]*wire.Host{}}
	var hosts []*wire.Host
	for i, name := range ex.Hosts() {
		h, err := lab.Host(name, netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), s.Stack.HostOptions)
		if err != nil {
			return nil, err
		}
		b.hosts[name] = h
		hosts = append(hosts, h)
	}
	lab.Cable(hosts[0], hosts[1], s.Up, s.Down)
	for _, h := range hosts {
		if s.Stack.Cold {
			continue
		}
		if err := h.Know(); err != nil {
			return nil, err
		}
	}
	for _, t := range s.Touches {
		b.hosts[t.Host].Drop(t.Nth)
	}
	return b, nil
}
