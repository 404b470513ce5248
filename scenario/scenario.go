// Package scenario says what to run: the exchange and its arguments, the wire
// and the stacks, the touches of one's own hand, and the seed of chance. A
// Scenario is small, printable and complete: the same one always gives the
// same trace.
package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"wirelab/wire"
)

// A Scenario is one experiment. Its zero fields say nothing: no delay, no
// limit of rate, nothing lost. Default gives the values that a user starts from.
type Scenario struct {
	Exchange  string            // its name: tcp, udp, ...
	Args      map[string]string // the exchange's own words, in their canonical form
	Up, Down  wire.Conditions   // client to server, server to client
	Stack     Stack
	Steps     []Step // the story; empty: the exchange's own, made from Args
	Touches   []Touch
	Middlebox string // what a middlebox in the wire does; empty: there is none
	Seed      uint64
	Limits    wire.Limits
}

// Stack is how the hosts' TCP/IP stacks are set up.
type Stack struct {
	wire.HostOptions
	Cold bool // neighbours are unknown: hosts ask first, with ARP or neighbour discovery
	IPv6 bool // instead of IPv4
}

// Defaults of a new Scenario: a wire slow and long enough that its parts can be
// told apart, and fast enough not to wait for.
const (
	DefaultDelay = 20 * time.Millisecond
	DefaultRate  = 10_000_000
	DefaultSeed  = 1
)

// Default is the Scenario that running exchange ex without any flag means.
func Default(ex Exchange) Scenario {
	c := wire.Conditions{Delay: DefaultDelay, Rate: DefaultRate}
	s := Scenario{Exchange: ex.Name(), Args: map[string]string{}, Up: c, Down: c, Seed: DefaultSeed}
	for _, a := range ex.Args() {
		if a.Default != "" {
			s.Args[a.Name] = a.Default
		}
	}
	return s
}

// Validate says what in s cannot be run with ex, and lets ex note in the
// arguments what follows from them.
func (s *Scenario) Validate(ex Exchange) error {
	if s.Exchange != ex.Name() {
		return fmt.Errorf("this Scenario is of exchange %q, not of %s", short(s.Exchange), ex.Name())
	}
	if err := s.sayable(ex); err != nil {
		return err
	}
	for _, t := range s.Touches {
		if names := ex.Network(s).Names(); !slices.Contains(names, t.Host) {
			return fmt.Errorf("%s: no host is called %q in this exchange; its hosts are %s", t.Do, short(t.Host), list(names))
		}
	}
	if err := checkTouches(s.Touches); err != nil {
		return err
	}
	if s.Middlebox != "" && len(ex.Network(s).Nodes) != 2 {
		return fmt.Errorf("middlebox: there is none with routers on the way; leave out hops or the middlebox")
	}
	for _, c := range []*wire.Conditions{&s.Up, &s.Down} {
		if err := c.Check(); err != nil {
			return err
		}
	}
	if mtu := s.Stack.MTU; s.Stack.IPv6 && mtu != 0 && mtu < wire.MinMTU6 {
		return fmt.Errorf("mtu: %d bytes cannot work with IPv6; it must be at least %d", mtu, wire.MinMTU6)
	}
	if err := checkSteps(s.Steps, ex.Network(s).Names()); err != nil {
		return err
	}
	return ex.Check(s)
}

// sayable says which value of s could not have been written: a Scenario that
// was put together in Go may hold no more than one that was read.
func (s *Scenario) sayable(ex Exchange) error {
	known := map[string]bool{}
	for _, a := range ex.Args() {
		known[a.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(s.Args)) {
		if !known[name] {
			return fmt.Errorf("%q is no argument of %s", short(name), ex.Name())
		}
	}
	again := Default(ex)
	for _, w := range Words(ex) {
		if v, said := w.Get(s); said {
			for _, line := range w.lines(v) {
				if err := w.Set(&again, line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
