// Package tcp is the exchange that shows TCP at work: a client connects, sends
// messages as a stream of bytes, and a server reads them and answers.
package tcp

import (
	"fmt"

	"wirelab/scenario"
)

// Exchange is the TCP exchange.
type Exchange struct{}

// DefaultSize is the message that is sent if none is given, in bytes: a few
// segments' worth, so that it is cut and put together again.
const DefaultSize = 4380

// MaxSize is the largest message, in bytes.
const MaxSize = 1 << 30

// Name implements scenario.Exchange.
func (Exchange) Name() string { return "tcp" }

// Aliases implements scenario.Exchange.
func (Exchange) Aliases() []string { return nil }

// Short implements scenario.Exchange.
func (Exchange) Short() string { return "Send messages over TCP and see every segment" }

// Long implements scenario.Exchange.
func (Exchange) Long() string {
	return `A client connects to a server over TCP, sends messages, and the server
answers. Both have a real TCP/IP stack; the wire between them is virtual, so
nothing leaves this program, and the same command gives the same packets at
the same nanosecond, every time.

TCP carries a stream of bytes, not messages: client and server have agreed how
long each message is, and the server reads until it has all of it.`
}

// Examples implements scenario.Exchange.
func (Exchange) Examples() string {
	return `  wirelab tcp                              one message, echoed
  wirelab tcp --message hello              five bytes, all the way down
  wirelab tcp --size 30kB --drop client:6  lose a segment, and see it come again
  wirelab tcp --loss 3% --seed 7           another seed, other losses
  wirelab tcp --size 100 --count 5         five messages: how many packets?
  wirelab tcp --size 200kB --rcvbuf 8kB --read-after 2s
                                           a slow reader: the window shuts
  wirelab tcp --half-close --reply 19      goodbye, one direction at a time
  wirelab tcp --to-port 81                 nobody listens there
  wirelab tcp --zoom calls                 only what the programs called
  wirelab tcp --packet 4                   one packet, field by field
  wirelab tcp --save hello.pcapng          for Wireshark; hello.svg for slides
  wirelab tcp --json                       for programs`
}

// Args implements scenario.Exchange.
func (Exchange) Args() []scenario.Arg {
	size := scenario.Size
	return append(scenario.MessageArgs(DefaultSize), []scenario.Arg{
		{Name: "count", Kind: scenario.Count(1, 100_000), Default: "1", Help: "how many messages"},
		{Name: "interval", Kind: scenario.Time, Default: "0s", Help: "pause between messages"},
		{Name: "reply", Kind: scenario.OneOf(&size, "echo", "none"), Default: "echo", Help: "what the server answers to each message: the same, nothing, or so many bytes"},
		scenario.HopsArg(0),
		{Name: "port", Kind: scenario.Port, Default: "80", Help: "port on which the server listens"},
		{Name: "to-port", Kind: scenario.Port, Help: "port to which the client connects, if it is another one: a closed one"},
		{Name: "clients", Kind: scenario.Count(1, 10_000), Help: "how many clients connect at once, each a program on the client host (default 1)"},
		{Name: "reconnect", Kind: scenario.Count(1, 10_000), Help: "how often each client connects again, right after it has closed"},
		{Name: "read-after", Kind: scenario.Time, Help: "the server begins to read only then"},
		{Name: "read-size", Kind: scenario.Size, Help: "most bytes that the server takes with one read"},
		{Name: "read-rate", Kind: scenario.Speed, Help: "how fast the server reads, such as 10kB/s; without it, as fast as it can"},
		{Name: "half-close", Kind: scenario.Flag, Help: "the client says that it has no more to send, and the server answers only then"},
		{Name: "reset", Kind: scenario.Flag, Help: "the client ends the connection with a RST instead of a FIN"},
		{Name: "close-after", Kind: scenario.Time, Help: "the client reads nothing, and closes so long after its last write"},
	}...)
}

// Network implements scenario.Exchange.
func (Exchange) Network(s *scenario.Scenario) scenario.Network { return scenario.Chain(s.Int("hops")) }

// Check implements scenario.Exchange.
func (Exchange) Check(s *scenario.Scenario) error {
	m, err := scenario.Message(s, DefaultSize, MaxSize)
	if err != nil {
		return err
	}
	if n := int64(s.Int("count")) * int64(visits(s)); n*int64(len(m)) > MaxSize {
		return fmt.Errorf("%d messages of %d bytes are more than the %s that a run may send", n, len(m), scenario.FormatSize(MaxSize))
	}
	if s.Has("reset") && s.Has("half-close") {
		return fmt.Errorf("reset and half-close are two ways to end a connection; give one of them")
	}
	if s.Args["close-after"] != "" && s.Has("half-close") {
		return fmt.Errorf("close-after and half-close: the one closes without reading, the other reads to the end; give one of them")
	}
	if n := s.Size("read-size"); s.Args["read-size"] != "" && (n < 1 || n > MaxSize) {
		return fmt.Errorf("read-size: %s cannot be; a read takes 1 byte or more", s.Args["read-size"])
	}
	if n, err := scenario.ParseSize(s.Args["reply"]); err == nil && (n < 1 || n > MaxSize) {
		return fmt.Errorf("reply: %s cannot be; an answer has from 1 byte to %s", s.Args["reply"], scenario.FormatSize(MaxSize))
	}
	return nil
}

// clients is how many clients there are, and visits how often one connects in
// all.
func clients(s *scenario.Scenario) int { return max(s.Int("clients"), 1) }
func visits(s *scenario.Scenario) int  { return clients(s) * (1 + s.Int("reconnect")) }
