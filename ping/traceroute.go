package ping

import (
	"fmt"

	"wirelab/scenario"
)

// Traceroute is the exchange that shows the routers on the way.
type Traceroute struct{}

// Name implements scenario.Exchange.
func (Traceroute) Name() string { return "traceroute" }

// Aliases implements scenario.Exchange.
func (Traceroute) Aliases() []string { return []string{"tracert"} }

// Short implements scenario.Exchange.
func (Traceroute) Short() string { return "Find the routers on the way to a host" }

// Long implements scenario.Exchange.
func (Traceroute) Long() string {
	return `Every router takes 1 from a packet's TTL (hop limit) and drops the packet when
nothing is left, telling its sender so with ICMP. The client sends echo requests
with a TTL of 1, 2, 3, ...: each dies one router further on, whose answer gives
away its address, until one reaches the server.`
}

// Examples implements scenario.Exchange.
func (Traceroute) Examples() string {
	return `  wirelab traceroute               three routers on the way
  wirelab traceroute --hops 5
  wirelab traceroute --down loss=30%
  wirelab traceroute -6`
}

// Args implements scenario.Exchange.
func (Traceroute) Args() []scenario.Arg {
	return []scenario.Arg{
		scenario.HopsArg(3),
		{Name: "max-ttl", Kind: scenario.Count(1, 255), Default: "30", Help: "where to give up"},
		{Name: "probes", Kind: scenario.Count(1, 10), Default: "1", Help: "requests for each TTL"},
		{Name: "timeout", Kind: scenario.Time, Default: "1s", Help: "how long to wait for each answer"},
	}
}

// Network implements scenario.Exchange.
func (Traceroute) Network(s *scenario.Scenario) scenario.Network {
	return scenario.Chain(s.Int("hops"))
}

// Check implements scenario.Exchange.
func (Traceroute) Check(s *scenario.Scenario) error {
	if s.Time("timeout") == 0 {
		return fmt.Errorf("timeout: 0 leaves no time for an answer")
	}
	return nil
}

// Start implements scenario.Exchange.
func (Traceroute) Start(b *scenario.Bench) error {
	s := b.Scenario
	client, server := b.Host("client"), b.Host("server")
	b.Go(client, "traceroute", func() error {
		c, err := client.ListenICMP(identifier)
		if err != nil {
			return err
		}
		defer c.Close()
		seq := 0
		for ttl := 1; ttl <= s.Int("max-ttl"); ttl++ {
			there := false
			for range s.Int("probes") {
				seq++
				p := probe{b: b, c: c, to: server.Addr(), seq: seq, ttl: ttl, payload: scenario.Ruler(DefaultSize), wait: s.Time("timeout")}
				if p.run(client, fmt.Sprintf("hop %d", ttl)) {
					there = true
				}
			}
			if there {
				return nil
			}
		}
		within := "1 hop"
		if n := s.Int("max-ttl"); n > 1 {
			within = fmt.Sprintf("%d hops", n)
		}
		b.Fail("traceroute", fmt.Errorf("the server did not answer within %s", within))
		return nil
	})
	return nil
}
