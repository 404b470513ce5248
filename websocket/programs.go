package websocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	frames "wirelab/packets/websocket"
	"wirelab/scenario"
	"wirelab/web"
	"wirelab/wire"
)

// plan is what the programs agreed on before they met.
type plan struct {
	b              *scenario.Bench
	s              *scenario.Scenario
	client, server *wire.Host
	url            string
	send           Message // what the client sends
	reply          []byte  // its answer; empty: none
}

// Start implements scenario.Exchange.
func (Exchange) Start(b *scenario.Bench) error {
	s := b.Scenario
	send, err := scenario.Message(s, DefaultSize, MaxSize)
	if err != nil {
		return err
	}
	p := &plan{b: b, s: s, client: b.Host("client"), server: b.Host("server"), reply: scenario.Reply(s, send)}
	p.send = Message{frames.Text, send}
	if s.Has("binary") {
		p.send.Type = frames.Binary
	}
	ln, err := p.server.Listen("tcp", net.JoinHostPort("server", s.Args["port"]))
	if err != nil {
		return err
	}
	p.url = web.URL("ws", s.Args["port"], s.Args["path"])
	srv := web.NewServer(p.handler())
	b.Background(p.server, "server", func() error { return srv.Serve(ln) })
	for i := range max(s.Int("clients"), 1) {
		name := "client"
		if s.Int("clients") > 1 {
			name = fmt.Sprintf("client %d", i+1)
		}
		b.Go(p.client, name, func() error { p.visit(name); return nil })
	}
	return nil
}

// options are what both ends have in common.
func (p *plan) options() Options {
	return Options{Compress: p.s.Has("compress"), Fragment: p.s.Int("fragment")}
}

// handler is the server.
func (p *plan) handler() http.Handler {
	if p.s.Args["answer"] == "200" {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(w, "This server speaks HTTP, and nothing else.")
		})
	}
	srv := &Server{Env: p.b.At(p.server), Options: p.options(), OnOpen: p.push, OnMessage: p.answer}
	srv.MaxMessage = int64(p.s.Size("max-message"))
	srv.PingInterval = p.s.Time("ping-interval")
	srv.Buffer = max(len(p.reply), p.s.Size("push-size"))
	switch p.s.Args["takes"] {
	case "text":
		srv.Takes = frames.Text
	case "binary":
		srv.Takes = frames.Binary
	}
	return srv
}

// push lets the server send by itself, whatever the client does.
func (p *plan) push(c *Conn, _ *http.Request) {
	var next func(int)
	next = func(i int) {
		if i <= p.s.Int("push") && c.Send(p.pushed(i)) == nil {
			p.b.AfterFunc(p.s.Time("every"), func() { next(i + 1) })
		}
	}
	if p.s.Int("push") > 0 {
		p.b.AfterFunc(0, func() { next(1) })
	}
}

// pushed is the i-th message that the server sends by itself.
func (p *plan) pushed(i int) Message {
	if n := p.s.Size("push-size"); n > 0 {
		return Message{frames.Binary, scenario.Ruler(n)}
	}
	return Message{frames.Text, fmt.Appendf(nil, "push %d of %d", i, p.s.Int("push"))}
}

// answer is what the server does with a message.
func (p *plan) answer(c *Conn, m Message) error {
	return p.b.Call(p.server, "on message", func() (string, error) {
		if len(p.reply) == 0 {
			return m.String(), nil
		}
		return m.String(), c.Send(Message{m.Type, p.reply})
	})
}

// visit is one client. What the server refuses was perhaps to be seen, and is no
// failure.
func (p *plan) visit(name string) {
	d := Dialer{Env: p.b.At(p.client), Options: p.options(), Net: p.client.Dial, Origin: p.s.Args["origin"]}
	d.Buffer = len(p.send.Data)
	c, err := d.Dial(context.Background(), p.url)
	if err != nil {
		var refused *RefusedError
		if !errors.As(err, &refused) {
			p.b.Fail(name, err)
		}
		return
	}
	v := &visitor{plan: p, c: c, news: p.b.NewBell()}
	p.b.Go(p.client, name+", listening", func() error {
		var closed *Closed
		if err := v.listen(); !errors.As(err, &closed) {
			p.b.Fail(name, err)
		}
		return nil
	})
	if v.talk() != nil {
		// It cannot send any more; why the connection ended the listener hears.
		_ = c.guard.Conn.SetReadDeadline(p.b.Now().Add(closeWait))
	}
	v.wait(func() bool { return false })
}

// A visitor is a client that is connected: one program talks, and one listens.
type visitor struct {
	*plan
	c       *Conn
	asked   time.Time  // when the last message was sent
	news    *wire.Bell // rung by the listener after each of these has changed:
	answers int        // that came
	pushed  int        // messages that the server sent by itself
	ended   bool       // the connection has
	leaving bool       // it ends the TCP connection itself
}

// listen reads until the connection ends.
func (v *visitor) listen() error {
	err := v.c.Serve(v.hear)
	v.ended = true
	v.news.Ring()
	if v.leaving {
		return nil
	}
	return err
}

// wait waits for the listener until something is so, or the connection has ended.
func (v *visitor) wait(so func() bool) {
	for !so() && !v.ended {
		if v.news.Wait() {
			return
		}
	}
}

// hear takes a message: the answer to one of its own, or one that the server
// sends by itself.
func (v *visitor) hear(m Message) error {
	next := v.plan.pushed(v.pushed + 1)
	push := v.pushed < v.s.Int("push") && m.Type == next.Type && bytes.Equal(m.Data, next.Data)
	err := v.b.Call(v.client, "on message", func() (string, error) {
		if push {
			return m.String() + ", unasked", nil
		}
		return m.String() + ", round trip " + web.Took(v.b.Now().Sub(v.asked)), nil
	})
	if push {
		v.pushed++
	} else {
		v.answers++
	}
	v.news.Ring()
	return err
}

// talk sends what the client has to say, and says goodbye.
func (v *visitor) talk() error {
	for i := range v.s.Int("count") {
		if i > 0 {
			v.b.Sleep(v.s.Time("interval"))
		}
		v.asked = v.b.Now()
		if err := v.c.Send(v.send); err != nil {
			return err
		}
		if len(v.reply) > 0 {
			v.wait(func() bool { return v.answers > i })
		}
		if v.ended {
			return nil
		}
	}
	v.wait(func() bool { return v.pushed >= v.s.Int("push") })
	v.b.Sleep(v.s.Time("idle"))
	if v.ended {
		return nil
	}
	return v.leave()
}

// leave ends the connection as was asked for.
func (v *visitor) leave() error {
	if name := v.s.Args["illegal"]; name != "" {
		return v.b.Call(v.client, "send", func() (string, error) {
			return "an illegal frame: " + strings.ReplaceAll(name, "-", " "), v.c.sendRaw(illegalFrame(name))
		})
	}
	code, err := strconv.ParseUint(v.s.Args["close"], 10, 16)
	if err != nil {
		v.leaving = true
		return v.c.guard.Conn.Close()
	}
	return v.c.Close(uint16(code), v.s.Args["reason"])
}
