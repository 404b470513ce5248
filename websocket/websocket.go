// Package websocket is the exchange that shows WebSocket: an HTTP request that
// turns its connection into one for messages both ways. Server is the server
// that any program may use; it keeps all the rules of RFC 6455.
package websocket

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	frames "wirelab/packets/websocket"
	"wirelab/scenario"
	"wirelab/web"
)

// Exchange is the WebSocket exchange.
type Exchange struct{}

// DefaultSize is the message that is sent if none is given, in bytes.
const DefaultSize = 20

// MaxSize is the largest message, in bytes.
const MaxSize = 64 << 20

// DefaultMaxMessage is the largest message that the server takes, in bytes, if
// nothing else is said.
const DefaultMaxMessage = 1 << 20

// Name implements scenario.Exchange.
func (Exchange) Name() string { return "websocket" }

// Aliases implements scenario.Exchange.
func (Exchange) Aliases() []string { return []string{"ws"} }

// Short implements scenario.Exchange.
func (Exchange) Short() string { return "Turn an HTTP connection into one for messages both ways" }

// Long implements scenario.Exchange.
func (Exchange) Long() string {
	return `The client sends an ordinary HTTP request that asks for another protocol. If the
server agrees it answers 101, and from then on the same TCP connection carries
frames instead: messages both ways, whenever one side has something to say. With
HTTP only the client can begin.

Opening takes two round trips, one for TCP and one for the request; after that a
message costs 2 bytes more than its own, and 4 more from the client, which must
mask what it sends. The mask stands in the frame: it hides nothing.

The server checks everything that RFC 6455 asks for, and closes with the code
that says what was wrong; --illegal lets the client break a rule.`
}

// Examples implements scenario.Exchange.
func (Exchange) Examples() string {
	return `  wirelab websocket                         one message, echoed
  wirelab ws --message hello --packet 8     its frame, bit by bit
  wirelab ws --count 3 --push 5 --every 30ms
                                            both sides speak when they like
  wirelab ws --size 70kB --reply none       one frame, many packets
  wirelab ws --size 70kB --fragment 4096    one message, many frames
  wirelab ws --idle 5s --ping-interval 1s   is the other side still there?
  wirelab ws --close 1001 --reason bye      the close frame, and why
  wirelab ws --close none                   TCP ends, and nobody said goodbye
  wirelab ws --compress --size 10kB         compressed on the wire
  wirelab ws --answer 200                   a server that speaks only HTTP
  wirelab ws --middlebox strip:Upgrade      a proxy that does not let it through
  wirelab ws --origin http://evil.test      a page of another site
  wirelab ws --size 2kB --max-message 1kB   too much for the server
  wirelab ws --illegal unmasked             which code does it close with?`
}

// Args implements scenario.Exchange.
func (Exchange) Args() []scenario.Arg {
	size, code := scenario.Size, scenario.Count(1000, 4999)
	return append(scenario.MessageArgs(DefaultSize), []scenario.Arg{
		{Name: "binary", Kind: scenario.Flag, Help: "the client's messages are bytes, not text"},
		{Name: "count", Kind: scenario.Count(0, 100_000), Default: "1", Help: "how many messages the client sends"},
		{Name: "interval", Kind: scenario.Time, Default: "0s", Help: "pause between messages"},
		{Name: "reply", Kind: scenario.OneOf(&size, "echo", "none"), Default: "echo", Help: "what the server answers to each message: the same, nothing, or so many bytes"},
		{Name: "push", Kind: scenario.Count(1, 100_000), Help: "how many messages the server sends by itself, from the moment that it is open"},
		{Name: "push-size", Kind: scenario.Size, Help: "bytes of each of them (default: a few words)"},
		{Name: "every", Kind: scenario.Time, Default: "50ms", Help: "pause between them"},
		{Name: "fragment", Kind: scenario.Count(1, MaxSize), Help: "most bytes of a message in one frame, both ways; without it, all"},
		{Name: "compress", Kind: scenario.Flag, Help: "client and server agree to compress messages (permessage-deflate)"},
		{Name: "ping-interval", Kind: scenario.Time, Help: "how often the server asks whether the client is still there"},
		{Name: "idle", Kind: scenario.Time, Help: "how long the client stays after its last message"},
		{Name: "close", Kind: scenario.OneOf(&code, "none"), Default: "1000", Help: "the code with which the client closes; none: it ends TCP without a word"},
		{Name: "reason", Kind: scenario.Text, Help: "the reason that it gives"},
		{Name: "illegal", Kind: scenario.Named("what", illegalNames()...), Help: "a frame that the client may not send, after its messages, such as unmasked, no-utf8 or too-big"},
		{Name: "takes", Kind: scenario.OneOf(nil, "text", "binary", "both"), Default: "both", Help: "the type of messages that the server takes"},
		{Name: "max-message", Kind: scenario.Size, Default: scenario.FormatSize(DefaultMaxMessage), Help: "longest message that the server takes"},
		{Name: "path", Kind: scenario.Text, Default: "/", Help: "what the client asks for"},
		{Name: "origin", Kind: scenario.Text, Help: "the page that asks, as a browser says; the server takes its own, http://server"},
		{Name: "answer", Kind: scenario.OneOf(nil, "101", "200"), Default: "101", Help: "the status of the server's answer: 200 if it knows nothing of WebSocket"},
		{Name: "clients", Kind: scenario.Count(1, 10_000), Help: "how many clients connect at once, each a program on the client host (default 1)"},
		scenario.HopsArg(0),
		{Name: "port", Kind: scenario.Port, Default: "80", Help: "port on which the server listens"},
	}...)
}

// Network implements scenario.Exchange.
func (Exchange) Network(s *scenario.Scenario) scenario.Network { return scenario.Chain(s.Int("hops")) }

// Dissect implements scenario.Dissected: what the programs say is read from the
// bytes.
func (Exchange) Dissect(*scenario.Scenario) bool { return true }

// Check implements scenario.Exchange.
func (Exchange) Check(s *scenario.Scenario) error {
	m, err := scenario.Message(s, DefaultSize, MaxSize)
	if err != nil {
		return err
	}
	if total := int64(max(s.Int("clients"), 1)) * (int64(s.Int("count"))*int64(len(m)) + int64(s.Int("push"))*int64(s.Size("push-size"))); total > maxTotal {
		return fmt.Errorf("all messages together have %d bytes, more than the %s that a run may send", total, scenario.FormatSize(maxTotal))
	}
	if !s.Has("binary") && !utf8.Valid(m) {
		return fmt.Errorf("file: %s is no UTF-8, which a text message must be; add --binary", s.Args["file"])
	}
	for _, name := range []string{"reply", "push-size", "max-message"} {
		if n, err := scenario.ParseSize(s.Args[name]); err == nil && (n < 1 || n > MaxSize) {
			return fmt.Errorf("%s: %s cannot be; a message has from 1 byte to %s", name, s.Args[name], scenario.FormatSize(MaxSize))
		}
	}
	if s.Args["ping-interval"] != "" && s.Time("ping-interval") < time.Millisecond {
		return fmt.Errorf("ping-interval: %s is too short; it must be at least 1ms", s.Args["ping-interval"])
	}
	if err := checkClose(s); err != nil {
		return err
	}
	if err := web.CheckPath(s.Args["path"]); err != nil {
		return err
	}
	if o := s.Args["origin"]; strings.ContainsFunc(o, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("origin: %q cannot stand in a request; write one such as http://example.test", o)
	}
	return nil
}

// maxTotal is how many bytes all messages of a run may have together.
const maxTotal = 1 << 30

// checkClose says what is wrong with how the client is to end the connection.
func checkClose(s *scenario.Scenario) error {
	code, err := strconv.ParseUint(s.Args["close"], 10, 16)
	none := err != nil
	switch reason := s.Args["reason"]; {
	case !none && !frames.Sendable(uint16(code)):
		return fmt.Errorf("close: no frame may carry the code %d (RFC 6455 section 7.4); 1000 is the ordinary one", code)
	case reason != "" && none:
		return fmt.Errorf("reason: without a close frame nobody hears it; leave out --close none")
	case len(reason) > maxReason || !utf8.ValidString(reason):
		return fmt.Errorf("reason: %d bytes are too many, or no UTF-8; a close frame has room for %d", len(reason), maxReason)
	}
	return nil
}
