package longpoll

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"time"

	"wirelab/scenario"
	"wirelab/web"
	"wirelab/wire"
)

// plan is what the programs have in common. The moments only the server's
// program may look at beforehand; for the rest they are to measure with.
type plan struct {
	b              *scenario.Bench
	s              *scenario.Scenario
	client, server *wire.Host
	url            string
	moments        []time.Duration // when the events happen
	feed           *Feed
	all            tally
}

// Start implements scenario.Exchange.
func (Exchange) Start(b *scenario.Bench) error {
	s := b.Scenario
	p := &plan{b: b, s: s, client: b.Host("client"), server: b.Host("server"), moments: moments(s)}
	p.url = web.URL("http", s.Args["port"], s.Args["path"])
	ln, err := p.server.Listen("tcp", net.JoinHostPort("server", s.Args["port"]))
	if err != nil {
		return err
	}
	seat := b.At(p.server)
	p.feed = NewFeed(seat, len(p.moments))
	srv := &Server{Env: seat, Feed: p.feed}
	if s.Args["every"] == "" {
		srv.Hold = s.Time("wait")
	}
	hs := web.NewServer(srv)
	b.Background(p.server, "server", func() error { return hs.Serve(ln) })
	b.Go(p.server, "what happens", p.happen)
	clients := max(s.Int("clients"), 1)
	p.all.clients = clients
	for i := range clients {
		name := "client"
		if clients > 1 {
			name = fmt.Sprintf("client %d", i+1)
		}
		b.Go(p.client, name, func() error {
			if err := p.follow(); err != nil {
				b.Fail(name, err)
			}
			return nil
		})
	}
	return nil
}

// moments are when the events of s happen.
func moments(s *scenario.Scenario) []time.Duration {
	if at := s.Times("at"); len(at) > 0 {
		return at
	}
	r := rand.New(rand.NewPCG(s.Seed, uint64('e')<<32|'v'))
	at, list := time.Duration(0), make([]time.Duration, s.Int("events"))
	for i := range list {
		// Events that do not know of each other have gaps of this kind.
		gap := time.Duration(r.ExpFloat64() * float64(s.Time("mean"))).Round(least)
		at += max(gap, least)
		list[i] = at
	}
	return list
}

// happen is what happens at the server.
func (p *plan) happen() error {
	for i, at := range p.moments {
		p.b.Sleep(at - p.b.Elapsed())
		p.b.Mark(fmt.Sprintf("event-%d", i+1))
		err := p.b.Call(p.server, "event", func() (string, error) {
			_, waiting := p.feed.Publish(fmt.Sprintf("event %d", i+1))
			switch waiting {
			case 0:
				return fmt.Sprintf("number %d; nobody waits for it", i+1), nil
			case 1:
				return fmt.Sprintf("number %d; a request waits for it", i+1), nil
			}
			return fmt.Sprintf("number %d; %d requests wait for it", i+1, waiting), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// follow is one client: it asks until it knows all.
func (p *plan) follow() error {
	hc := web.NewClient(p.client.Dial, !p.s.Has("no-keep-alive"))
	defer hc.CloseIdleConnections()
	t := tally{last: len(p.moments)}
	c := &Client{HTTP: hc, URL: p.url}
	for over := false; !over; {
		asked := p.b.Elapsed()
		err := p.b.Call(p.client, "poll", func() (string, error) { return p.ask(c, &t) })
		if err != nil {
			return err
		}
		if over = p.enough(&t, asked); !over {
			// A pause, if the server made none.
			p.b.Sleep(asked + p.s.Time("every") - p.b.Elapsed())
		}
	}
	if p.all.add(&t) {
		p.sumUp()
	}
	return nil
}

// enough says whether a client whose last request was sent at asked has no more
// to ask for.
func (p *plan) enough(t *tally, asked time.Duration) bool {
	now := p.b.Elapsed()
	switch until := p.s.Time("for"); {
	case until > 0:
		return max(now, asked+p.s.Time("every")) >= until
	case t.seen[t.last]:
		return true
	}
	// Without numbers the last may never be heard of.
	return p.s.Has("no-since") && asked > p.moments[t.last-1]
}

// ask polls once.
func (p *plan) ask(c *Client, t *tally) (note string, err error) {
	since := t.newest
	if p.s.Has("no-since") {
		since = Unnumbered
	}
	a, status, err := c.Poll(context.Background(), since)
	if err != nil {
		return "", err
	}
	var news []Event
	var late time.Duration
	for _, e := range a.Events {
		if e.ID < 1 || e.ID > len(p.moments) {
			return "", fmt.Errorf("event %d came, and there are %d", e.ID, len(p.moments))
		}
		if d := p.b.Elapsed() - p.moments[e.ID-1]; t.learn(e.ID, d) {
			news, late = append(news, e), max(late, d)
		}
	}
	t.answer(len(news) > 0)
	switch {
	case len(news) > 0:
		return fmt.Sprintf("%d, %s, %s late", status, name(news), web.Took(late)), nil
	case len(a.Events) > 0:
		return fmt.Sprintf("%d, %s, which it knows", status, name(a.Events)), nil
	}
	return strconv.Itoa(status) + ", nothing new", nil
}

// sumUp says what all of it came to.
func (p *plan) sumUp() {
	for _, line := range p.all.words(p.client.Traffic()) {
		_ = p.b.Call(p.client, "sum up", func() (string, error) { return line, nil })
	}
}
