// Package scenario says what to run: the exchange and its arguments, the wire
// and the stacks, the touches of one's own hand, and the seed of chance. A
// Scenario is small, printable and complete: the same one always gives the
// same trace.
package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wirelab/wire"
)

// A Scenario is one experiment. Its zero fields say nothing: no delay, no
// limit of rate, nothing lost. Default gives the values that a user starts from.
type Scenario struct {
	Exchange string            // its name: tcp, udp, ...
	Args     map[string]string // the exchange's own words, in their canonical form
	Up, Down wire.Conditions   // client to server, server to client
	Stack    Stack
	Touches  []Touch
	Seed     uint64
	Limits   wire.Limits
}

// Stack is how the hosts' TCP/IP stacks are set up.
type Stack struct {
	wire.HostOptions
	Cold bool // neighbours are unknown: hosts ask with ARP first
}

// A Touch changes one packet by hand.
type Touch struct {
	Do   string // drop
	Host string // who sends the packet
	Nth  int    // which of the IP packets that it sends, counted from 1
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

// Validate says what in s cannot be run with ex.
func (s *Scenario) Validate(ex Exchange) error {
	for _, t := range s.Touches {
		if !slices.Contains(ex.Hosts(), t.Host) {
			return fmt.Errorf("%s: no host is called %q in this exchange; its hosts are %s", t.Do, t.Host, list(ex.Hosts()))
		}
	}
	mtu := s.Stack.MTU
	if mtu != 0 && (mtu < wire.MinMTU || mtu > wire.MaxMTU) {
		return fmt.Errorf("mtu: %d bytes cannot work; it must be from %d to %d", mtu, wire.MinMTU, wire.MaxMTU)
	}
	return ex.Check(s)
}

func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
