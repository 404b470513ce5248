// Package udp is the exchange that shows UDP at work: a client sends datagrams,
// each on its own, and a server takes those that arrive and answers.
package udp

import (
	"fmt"
	"strconv"

	"wirelab/scenario"
)

// Exchange is the UDP exchange.
type Exchange struct{}

// Sizes of a datagram's payload, in bytes. An IPv4 packet has at most 65,535
// bytes, 28 of them headers (RFC 768, RFC 791).
const (
	DefaultSize = 100
	MaxSize     = 65507
)

// Name implements scenario.Exchange.
func (Exchange) Name() string { return "udp" }

// Aliases implements scenario.Exchange.
func (Exchange) Aliases() []string { return nil }

// Short implements scenario.Exchange.
func (Exchange) Short() string { return "Send datagrams over UDP and see which arrive" }

// Long implements scenario.Exchange.
func (Exchange) Long() string {
	return `A client sends datagrams to a server over UDP, and the server answers those
that arrive. UDP adds ports, a length and a checksum to IP and promises nothing:
there is no handshake, nothing is acknowledged, and what is lost is not sent
again. But it keeps boundaries: one write is one datagram is one read.`
}

// Examples implements scenario.Exchange.
func (Exchange) Examples() string {
	return `  wirelab udp                              one datagram, echoed
  wirelab udp --count 20 --reply none      twenty: how many arrive?
  wirelab udp --count 20 --loss 10%        and now?
  wirelab udp --size 3000 --drop client:2  a fragment is lost: what arrives?
  wirelab udp --to-port 81 --count 2       nobody is there: which send says so?
  wirelab udp --message 0123456789 --read-size 3
  wirelab udp --count 99 --reply none --rcvbuf 4096 --read-after 1s`
}

// Args implements scenario.Exchange.
func (Exchange) Args() []scenario.Arg {
	size := scenario.Size
	return append(scenario.MessageArgs(DefaultSize), []scenario.Arg{
		{Name: "count", Kind: scenario.Count(1, 100_000), Default: "1", Help: "how many datagrams"},
		{Name: "interval", Kind: scenario.Time, Default: "0s", Help: "pause between datagrams"},
		{Name: "reply", Kind: scenario.OneOf(&size, "echo", "none"), Default: "echo", Help: "what the server answers to each datagram; a size is that many bytes"},
		{Name: "timeout", Kind: scenario.Time, Default: "1s", Help: "how long the client waits for an answer"},
		scenario.HopsArg(0),
		{Name: "port", Kind: scenario.Port, Default: "9000", Help: "port of the server"},
		{Name: "to-port", Kind: scenario.Port, Help: "port to which the client sends, if it is another one: a closed one"},
		{Name: "read-after", Kind: scenario.Time, Help: "the server begins to read only then"},
		{Name: "read-size", Kind: scenario.Size, Help: "room that the server offers a datagram; what does not fit is lost"},
	}...)
}

// Network implements scenario.Exchange.
func (Exchange) Network(s *scenario.Scenario) scenario.Network { return scenario.Chain(s.Int("hops")) }

// Check implements scenario.Exchange.
func (Exchange) Check(s *scenario.Scenario) error {
	if _, err := scenario.Message(s, DefaultSize, MaxSize); err != nil {
		return err
	}
	if n, err := scenario.ParseSize(s.Args["reply"]); err == nil && (n < 1 || n > MaxSize) {
		return fmt.Errorf("reply: %s cannot be; a datagram carries from 1 to %d bytes", s.Args["reply"], MaxSize)
	}
	if n := s.Size("read-size"); s.Args["read-size"] != "" && (n < 1 || n > 1<<20) {
		return fmt.Errorf("read-size: %s cannot be; a read offers from 1 byte to 1MiB", s.Args["read-size"])
	}
	if s.Time("timeout") == 0 {
		return fmt.Errorf("timeout: 0 leaves no time for an answer; for none write --reply none")
	}
	return nil
}

// target is the port to which the client sends.
func target(s *scenario.Scenario) string {
	if p := s.Args["to-port"]; p != "" {
		return p
	}
	return strconv.Itoa(s.Int("port"))
}
