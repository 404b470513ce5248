// Package dns is the exchange that asks for a name's address: a small resolver
// over UDP, which asks again when no answer comes and turns to TCP when the
// answer is too large.
package dns

import (
	"fmt"
	"strings"

	"wirelab/packets"
	"wirelab/scenario"
)

// Exchange is the DNS exchange.
type Exchange struct{}

// zone is what the server knows: names under it, and no others.
const zone = "example.test" // RFC 6761 section 6.2: test is nobody's

// Name implements scenario.Exchange.
func (Exchange) Name() string { return "dns" }

// Aliases implements scenario.Exchange.
func (Exchange) Aliases() []string { return []string{"resolve"} }

// Short implements scenario.Exchange.
func (Exchange) Short() string { return "Ask a name server for an address" }

// Long implements scenario.Exchange.
func (Exchange) Long() string {
	return `The client's resolver asks the server for a name. The question and the answer
are a datagram each: nothing is opened and nothing is closed. If no answer comes
the resolver asks again; if the answer does not fit into a datagram the server
says that it is truncated, and the resolver asks once more over TCP.

The server knows the names of example.test.`
}

// Examples implements scenario.Exchange.
func (Exchange) Examples() string {
	return `  wirelab dns                        one question, one answer
  wirelab dns --name nobody.invalid  a name that there is not
  wirelab dns --drop client:1        the question is lost: it asks again
  wirelab dns --answers 40           too large for UDP: once more over TCP
  wirelab dns --answers 40 --edns 4096
                                     or a larger datagram, agreed on before`
}

// Args implements scenario.Exchange.
func (Exchange) Args() []scenario.Arg {
	return []scenario.Arg{
		{Name: "name", Kind: scenario.Text, Default: "www." + zone, Help: "the name to ask for"},
		{Name: "type", Kind: scenario.OneOf(nil, typeNames()...), Default: "A", Help: "what to ask about it"},
		{Name: "answers", Kind: scenario.Count(1, 1000), Default: "1", Help: "how many records the server has for the name"},
		{Name: "edns", Kind: scenario.Count(packets.DNSUDPSize, 65535), Help: "bytes of an answer over UDP that the resolver offers to take (EDNS)"},
		{Name: "timeout", Kind: scenario.Time, Default: "2s", Help: "how long it waits before it asks again"},
		{Name: "tries", Kind: scenario.Count(1, 20), Default: "3", Help: "how often it asks"},
		scenario.HopsArg(0),
	}
}

// askable are the types that the server has records of.
func askable() []packets.DNSType {
	return []packets.DNSType{packets.DNSTypeA, packets.DNSTypeAAAA, packets.DNSTypeTXT, packets.DNSTypeMX, packets.DNSTypeNS}
}

func typeNames() []string {
	var names []string
	for _, t := range askable() {
		names = append(names, t.String())
	}
	return names
}

func typeNamed(name string) packets.DNSType {
	for _, t := range askable() {
		if t.String() == name {
			return t
		}
	}
	return packets.DNSTypeA
}

// Network implements scenario.Exchange.
func (Exchange) Network(s *scenario.Scenario) scenario.Network { return scenario.Chain(s.Int("hops")) }

// Check implements scenario.Exchange.
func (Exchange) Check(s *scenario.Scenario) error {
	if s.Time("timeout") == 0 {
		return fmt.Errorf("timeout: 0 leaves no time for an answer")
	}
	q := question(s)
	if _, err := q.Pack(); err != nil {
		return fmt.Errorf("name: %q cannot be asked for: %w", s.Args["name"], err)
	}
	return nil
}

// question is what the resolver of s asks, without a number.
func question(s *scenario.Scenario) packets.DNSMessage {
	q := packets.NewDNSQuery(0, strings.TrimSuffix(s.Args["name"], "."), typeNamed(s.Args["type"]))
	if size := s.Int("edns"); size > 0 {
		q.OfferUDPSize(uint16(size))
	}
	return q
}
