// Package longpoll is the exchange that shows how a client learns over HTTP of
// what happens at a server: it asks again and again, or it asks once and the
// server lets it wait. Server is the server that any program may use.
package longpoll

import (
	"fmt"
	"time"

	"wirelab/scenario"
	"wirelab/web"
)

// Exchange is the long-polling exchange.
type Exchange struct{}

// Name implements scenario.Exchange.
func (Exchange) Name() string { return "longpoll" }

// Aliases implements scenario.Exchange.
func (Exchange) Aliases() []string { return []string{"poll"} }

// Short implements scenario.Exchange.
func (Exchange) Short() string { return "Ask a server for news, again and again or once and wait" }

// Long implements scenario.Exchange.
func (Exchange) Long() string {
	return `At the server something happens now and then, and the client wants to know. Over
HTTP the server cannot begin: it can only answer. So the client asks every few
seconds (--every), and is late by half that time on average and has most answers
for nothing; or it asks once, and the server keeps the request until it has
something to say: long-polling.

Each event has a number, and each request says which was the last that its
client has seen, so that what happens between two requests is not lost.
--no-since leaves that away.`
}

// Examples implements scenario.Exchange.
func (Exchange) Examples() string {
	return `  wirelab longpoll                       three events, each waited for
  wirelab poll --every 5s                the same events, asked for every 5 s
  wirelab poll --every 1s                sooner, and at what price?
  wirelab poll --at 1s,1.05s,1.06s       three events at nearly one moment
  wirelab poll --at 1s,1.05s,1.06s --no-since
                                         the same, and one is never heard of
  wirelab poll --at 30s --wait 10s       it answers before proxies give up
  wirelab poll --no-keep-alive           a connection for each request
  wirelab poll --clients 3               everyone waits for the same event`
}

// Args implements scenario.Exchange.
func (Exchange) Args() []scenario.Arg {
	return []scenario.Arg{
		{Name: "every", Kind: scenario.Time, Help: "the client asks so often, and the server answers at once; without it, the server holds each request"},
		{Name: "wait", Kind: scenario.Time, Default: "25s", Help: "how long the server holds a request if nothing happens"},
		{Name: "events", Kind: scenario.Count(1, 10_000), Default: "3", Help: "how many events happen at the server"},
		{Name: "mean", Kind: scenario.Time, Default: "3s", Help: "time between events on average; when each happens the seed decides"},
		{Name: "at", Kind: scenario.Times, Help: "when the events happen, instead of by chance"},
		{Name: "for", Kind: scenario.Time, Help: "the client asks until then, not only until it has seen all events"},
		{Name: "no-since", Kind: scenario.Flag, Help: "the client does not say what it has seen, and gets the newest event only"},
		{Name: "no-keep-alive", Kind: scenario.Flag, Help: "each request has a connection of its own"},
		{Name: "clients", Kind: scenario.Count(1, 10_000), Help: "how many clients ask, each a program on the client host (default 1)"},
		{Name: "path", Kind: scenario.Text, Default: "/news", Help: "what the client asks for"},
		scenario.HopsArg(0),
		{Name: "port", Kind: scenario.Port, Default: "80", Help: "port on which the server listens"},
	}
}

// Network implements scenario.Exchange.
func (Exchange) Network(s *scenario.Scenario) scenario.Network { return scenario.Chain(s.Int("hops")) }

// least is the shortest time between two requests, and between two events by
// chance.
const least = time.Millisecond

// Dissect implements scenario.Dissected: what the programs say is read from the
// bytes.
func (Exchange) Dissect(*scenario.Scenario) bool { return true }

// Check implements scenario.Exchange.
func (Exchange) Check(s *scenario.Scenario) error {
	for _, name := range []string{"every", "wait", "mean"} {
		if s.Args[name] != "" && s.Time(name) < least {
			return fmt.Errorf("%s: %s is too short; it must be at least %s", name, s.Args[name], least)
		}
	}
	return web.CheckPath(s.Args["path"])
}
