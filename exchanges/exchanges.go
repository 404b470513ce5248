// Package exchanges is the one list of the exchanges that there are; a new one
// is a folder of its own and a line here.
package exchanges

import (
	"slices"

	"wirelab/dns"
	"wirelab/longpoll"
	"wirelab/ping"
	"wirelab/scenario"
	"wirelab/socketio"
	"wirelab/tcp"
	"wirelab/udp"
	"wirelab/web"
	"wirelab/websocket"
)

// All returns every exchange, in the order in which they are learned.
func All() []scenario.Exchange {
	return []scenario.Exchange{
		ping.Exchange{},
		ping.Traceroute{},
		dns.Exchange{},
		tcp.Exchange{},
		udp.Exchange{},
		web.Exchange{},
		longpoll.Exchange{},
		websocket.Exchange{},
		socketio.Exchange{},
	}
}

// Find returns the exchange of a name or alias, or nil, and all names.
func Find(name string) (scenario.Exchange, []string) {
	var names []string
	for _, ex := range All() {
		if ex.Name() == name || slices.Contains(ex.Aliases(), name) {
			return ex, nil
		}
		names = append(names, ex.Name())
	}
	return nil, names
}

// Parse reads the text form of a Scenario of any exchange.
func Parse(text string) (scenario.Scenario, scenario.Exchange, error) {
	return scenario.Parse(text, Find)
}
