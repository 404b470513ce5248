// Package ping is the pair of exchanges that a class asks for first: ping,
// which shows that a host is there and how far, and traceroute, which shows the
// routers on the way.
package ping

import (
	"errors"
	"fmt"

	"wirelab/scenario"
)

// Sizes of an echo request's payload, in bytes: what ping sends by default, and
// what an IPv4 packet has room for behind 28 bytes of headers.
const (
	DefaultSize = 56
	MaxSize     = 65507
)

// Exchange is ping.
type Exchange struct{}

// Name implements scenario.Exchange.
func (Exchange) Name() string { return "ping" }

// Aliases implements scenario.Exchange.
func (Exchange) Aliases() []string { return nil }

// Short implements scenario.Exchange.
func (Exchange) Short() string { return "Ask a host for an echo, and measure the round trip" }

// Long implements scenario.Exchange.
func (Exchange) Long() string {
	return `The client sends ICMP echo requests and the server's stack answers each: no
program on the server takes part. What comes back shows that packets get there
and back, and how long that takes.`
}

// Examples implements scenario.Exchange.
func (Exchange) Examples() string {
	return `  wirelab ping                     four round trips
  wirelab ping --loss 20%          some do not come back
  wirelab ping --size 3000         too large for one packet: fragments
  wirelab ping --cold              ARP asks first
  wirelab ping -6                  the same with IPv6`
}

// Args implements scenario.Exchange.
func (Exchange) Args() []scenario.Arg {
	return []scenario.Arg{
		{Name: "count", Kind: scenario.Count(1, 65535), Default: "4", Help: "how many echo requests"},
		{Name: "interval", Kind: scenario.Time, Default: "1s", Help: "from one request to the next"},
		{Name: "size", Kind: scenario.Size, Default: "56", Help: "bytes of a request's payload"},
		{Name: "timeout", Kind: scenario.Time, Default: "1s", Help: "how long to wait for an answer"},
		{Name: "ttl", Kind: scenario.Count(1, 255), Default: "64", Help: "how many routers a request may pass (hop limit)"},
		scenario.HopsArg(0),
	}
}

// Network implements scenario.Exchange.
func (Exchange) Network(s *scenario.Scenario) scenario.Network { return scenario.Chain(s.Int("hops")) }

// Check implements scenario.Exchange.
func (Exchange) Check(s *scenario.Scenario) error {
	if n := s.Size("size"); n > MaxSize {
		return fmt.Errorf("size: %s cannot be; an echo request carries at most %d bytes", s.Args["size"], MaxSize)
	}
	if s.Time("timeout") == 0 {
		return fmt.Errorf("timeout: 0 leaves no time for an answer")
	}
	return nil
}

// Start implements scenario.Exchange.
func (Exchange) Start(b *scenario.Bench) error {
	s := b.Scenario
	client, server := b.Host("client"), b.Host("server")
	payload := scenario.Ruler(max(s.Size("size"), 1))[:s.Size("size")]
	b.Go(client, "ping", func() error {
		c, err := client.ListenICMP(identifier)
		if err != nil {
			return err
		}
		defer c.Close()
		came := 0
		for i := range s.Int("count") {
			sent := b.Now()
			p := probe{b: b, c: c, to: server.Addr(), seq: i + 1, ttl: s.Int("ttl"), payload: payload, wait: s.Time("timeout")}
			if p.run(client, "ping") {
				came++
			}
			if i+1 < s.Int("count") {
				b.Sleep(s.Time("interval") - b.Now().Sub(sent))
			}
		}
		if came == 0 {
			b.Fail("ping", unanswered(s.Int("count")))
		}
		return nil
	})
	return nil
}

func unanswered(n int) error {
	if n == 1 {
		return errors.New("the request was not answered")
	}
	return fmt.Errorf("none of the %d requests was answered", n)
}
