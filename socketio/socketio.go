package socketio

import (
	"fmt"
	"slices"
	"strings"
	"time"

	codec "wirelab/packets/socketio"
	"wirelab/scenario"
	"wirelab/socketio/engine"
)

// Exchange is the Socket.IO exchange.
type Exchange struct{}

// DefaultSize is the text of an event if none is given, in bytes.
const DefaultSize = 64

// maxSize is the largest text or attachment of an event, in bytes.
const maxSize = 16 << 20

// Name implements scenario.Exchange.
func (Exchange) Name() string { return "socketio" }

// Aliases implements scenario.Exchange.
func (Exchange) Aliases() []string { return []string{"sio"} }

// Short implements scenario.Exchange.
func (Exchange) Short() string { return "Emit Socket.IO events over long-polling and a WebSocket" }

// Long implements scenario.Exchange.
func (Exchange) Long() string {
	return `A client and a server emit events to each other with Socket.IO, in the protocol
that the official libraries speak: Socket.IO 5 over Engine.IO 4. The session
begins with long-polling requests and moves to a WebSocket when a probe has come
back over that; heartbeats notice when one side is gone; and the client comes
back by itself, waiting longer each time.

Every event is seen as its packets: emit("chat", "hi") is 42["chat","hi"], with
a 4 of Engine.IO for a message and a 2 of Socket.IO for an event.`
}

// Examples implements scenario.Exchange.
func (Exchange) Examples() string {
	return `  wirelab socketio                          polling first, then a WebSocket
  wirelab socketio --transports websocket   a WebSocket from the start
  wirelab socketio --count 2 --ack 1        one event without an
                                            acknowledgement, one with
  wirelab socketio --middlebox strip:Upgrade
                                            no WebSocket comes through: it
                                            stays on polling
  wirelab socketio --clients 4 --rooms 2    who hears what is said to whom
  wirelab sio --emit-from-server 3 --every 5s --cut 7s --restore 60s --stay 2m
                                            what is emitted during a cut is
                                            lost; with --recovery it is not
  wirelab socketio --binary 2               bytes travel beside the JSON
  wirelab socketio --engine-only            the layer below alone`
}

// transports are the ways to connect that the word knows.
const (
	bothWays  = "polling,websocket"
	otherWays = "websocket,polling"
)

// Args implements scenario.Exchange.
func (Exchange) Args() []scenario.Arg {
	some := scenario.Time
	return append(scenario.MessageArgs(DefaultSize), []scenario.Arg{
		{Name: "count", Kind: scenario.Count(0, 100_000), Default: "1", Help: "how many events each client emits"},
		{Name: "interval", Kind: scenario.Time, Default: "0s", Help: "pause between them"},
		{Name: "reply", Kind: scenario.OneOf(nil, "echo", "none"), Default: "echo", Help: "the server answers each with an event of its own, or not"},
		{Name: "ack", Kind: scenario.Count(0, 100_000), Help: "how many of a client's events, the last ones, ask for an acknowledgement"},
		{Name: "ack-timeout", Kind: scenario.Time, Help: "how long a client waits for an acknowledgement; without it, as long as it is connected"},
		{Name: "retries", Kind: scenario.Count(0, 100), Help: "how often it emits an event again when the acknowledgement does not come in time"},
		{Name: "binary", Kind: scenario.Count(0, codec.DefaultMaxAttachments), Help: "attachments of bytes that go with each event, instead of text"},
		{Name: "volatile", Kind: scenario.Flag, Help: "events go out at once or not at all"},
		{Name: "emit-from-server", Kind: scenario.Count(0, 100_000), Help: "how many events the server emits to all, when all are there"},
		{Name: "every", Kind: scenario.Time, Default: "1s", Help: "pause before each of them"},
		{Name: "ask", Kind: scenario.Flag, Help: "they ask each client for an acknowledgement"},
		{Name: "clients", Kind: scenario.Count(1, 10_000), Help: "how many clients there are, each a program on the client host (default 1)"},
		{Name: "rooms", Kind: scenario.Count(1, 26), Help: "the server puts the clients into so many rooms, the last client into each of them; then the first says something to every audience"},
		{Name: "namespace", Kind: scenario.Text, Default: codec.MainNamespace, Help: "the namespaces that a client joins, with commas; it emits in the last. There is any but /unknown, and /admin lets nobody in"},
		{Name: "stay", Kind: scenario.Time, Help: "how long a client stays when it has nothing more to do (default 0s, or until the server has emitted all)"},
		{Name: "transports", Kind: scenario.OneOf(nil, bothWays, engine.WebSocket, engine.Polling, otherWays), Default: bothWays, Help: "how a client connects; the first opens the session"},
		{Name: "reconnect", Kind: scenario.OneOf(&some, "off"), Default: "1s", Help: "wait before the first attempt to come back, twice as long before each further one; off: it does not come back"},
		{Name: "reconnect-max", Kind: scenario.Time, Default: "5s", Help: "the longest such wait"},
		{Name: "reconnect-jitter", Kind: scenario.Count(0, 100), Default: "50", Help: "percent by which each is longer or shorter, by chance"},
		{Name: "attempts", Kind: scenario.Count(1, 1000), Default: "10", Help: "after how many failures in a row it gives up"},
		{Name: "handlers-on-connect", Kind: scenario.Flag, Help: "a client adds its handlers at each connect, and so again when it comes back: a well-known mistake"},
		{Name: "recovery", Kind: scenario.Flag, Help: "the server keeps for 2 minutes the state of those who are gone, and what they missed"},
		{Name: "ping-interval", Kind: scenario.Time, Default: "25s", Help: "from a heartbeat of the server to the next"},
		{Name: "ping-timeout", Kind: scenario.Time, Default: "20s", Help: "for the answer to it"},
		{Name: "connect-timeout", Kind: scenario.Time, Default: "45s", Help: "in which a client must have joined a namespace"},
		{Name: "max-payload", Kind: scenario.Size, Default: "1MB", Help: "bytes of the largest message or body that the server takes"},
		{Name: "engine-only", Kind: scenario.Flag, Help: "Engine.IO alone, without Socket.IO on it: messages instead of events, and the server echoes them"},
		{Name: "port", Kind: scenario.Port, Default: "80", Help: "port on which the server listens"},
		scenario.HopsArg(0),
	}...)
}

// Network implements scenario.Exchange.
func (Exchange) Network(s *scenario.Scenario) scenario.Network { return scenario.Chain(s.Int("hops")) }

// Check implements scenario.Exchange.
func (Exchange) Check(s *scenario.Scenario) error {
	if _, err := scenario.Message(s, DefaultSize, maxSize); err != nil {
		return err
	}
	for _, name := range []string{"ping-interval", "ping-timeout", "connect-timeout", "every"} {
		if d := s.Time(name); d < time.Millisecond {
			return fmt.Errorf("%s: %s cannot be; it is at least 1ms", name, s.Args[name])
		}
	}
	if n := s.Size("max-payload"); n < 100 || n > maxSize {
		return fmt.Errorf("max-payload: %s cannot be; a payload has room for 100 bytes to %s", s.Args["max-payload"], scenario.FormatSize(maxSize))
	}
	if s.Int("ack") > s.Int("count") {
		return fmt.Errorf("ack: %d events cannot ask for an acknowledgement, because a client emits only %d", s.Int("ack"), s.Int("count"))
	}
	if s.Int("retries") > 0 && s.Args["ack-timeout"] == "" {
		return fmt.Errorf("retries: without ack-timeout an acknowledgement is never too late")
	}
	for _, n := range namespaces(s) {
		if !strings.HasPrefix(n, "/") {
			return fmt.Errorf("namespace: %q cannot be; a namespace begins with a slash", n)
		}
	}
	if s.Has("engine-only") {
		for _, name := range []string{"ack", "ack-timeout", "retries", "emit-from-server", "ask", "rooms", "volatile", "recovery", "handlers-on-connect"} {
			if s.Args[name] != "" && s.Args[name] != "0" {
				return fmt.Errorf("%s is Socket.IO's, and engine-only leaves that away; give one of them", name)
			}
		}
		if s.Int("binary") > 1 {
			return fmt.Errorf("binary: with engine-only a message is bytes or it is not; write 1")
		}
	}
	return nil
}

// namespaces are those that a client joins.
func namespaces(s *scenario.Scenario) []string {
	var list []string
	for n := range strings.SplitSeq(s.Args["namespace"], ",") {
		if n = strings.TrimSpace(n); !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}
