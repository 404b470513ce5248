package sockets

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"wirelab/socketio/engine"
	"wirelab/trace"
	"wirelab/wire"
)

const ms = time.Millisecond

// A talk is a lab with a server and a client host, on a wire on which only
// distance takes time: 10 ms one way.
type talk struct {
	t              testing.TB
	lab            *wire.Lab
	client, server *wire.Host
	sio            *Server
	trace          *trace.Trace
	left           []string // why sockets left, as the server has it
}

// setting is a server, and what is wrong with the wire.
type setting struct {
	o    Options
	wire wire.Conditions
	meet func(*talk, *Socket) // on the server, in the main namespace
}

// inLab runs program on the client host.
func inLab(t testing.TB, s setting, program func(*talk)) *talk {
	t.Helper()
	k := &talk{t: t, lab: wire.New(wire.Options{Seed: 1})}
	tr, err := k.lab.Run(context.Background(), func() error {
		var err error
		if k.client, err = k.lab.Host("client", netip.MustParseAddr("10.0.0.1"), wire.HostOptions{}); err != nil {
			return err
		}
		if k.server, err = k.lab.Host("server", netip.MustParseAddr("10.0.0.2"), wire.HostOptions{}); err != nil {
			return err
		}
		s.wire.Delay = 10 * ms
		k.lab.Cable(k.client, k.server, s.wire, s.wire)
		if err := errors.Join(k.client.Know(), k.server.Know()); err != nil {
			return err
		}
		ln, err := k.server.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		env := engine.InLab(k.lab, k.server, "server")
		s.o.Record = func(what string, f func() (string, error)) error { return env.Record("", what, f) }
		k.sio = NewServer(env, s.o)
		k.sio.Of("/").OnConnect(func(c *Socket) {
			c.OnDisconnect(func(reason string) { k.left = append(k.left, reason) })
			if s.meet != nil {
				s.meet(k, c)
			}
		})
		srv := engine.HTTP(k.sio)
		k.lab.Background(k.server, "server", func() error { return srv.Serve(ln) })
		k.lab.Go(k.client, "client", func() error { program(k); return nil })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Check(); err != nil {
		t.Errorf("the trace is not sound: %v", err)
	}
	k.trace = tr
	return k
}

// A plain is a WebSocket client that says what a test tells it to, byte by byte.
type plain struct {
	k *talk
	c *websocket.Conn
}

func (k *talk) plain() *plain {
	d := websocket.Dialer{NetDialContext: k.client.Dial}
	c, _, err := d.Dial("ws://server/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		k.t.Fatal(err)
	}
	p := &plain{k, c}
	if open := p.hear(); !strings.HasPrefix(open, `0{"sid":`) {
		k.t.Errorf("it opens with %s", open)
	}
	return p
}

// say sends messages: text, or bytes behind a "=".
func (p *plain) say(messages ...string) *plain {
	for _, m := range messages {
		if b, is := strings.CutPrefix(m, "="); is {
			p.c.WriteMessage(websocket.BinaryMessage, []byte(b))
		} else {
			p.c.WriteMessage(websocket.TextMessage, []byte(m))
		}
	}
	return p
}

// hear is the next message, or how the connection ended. Pings are answered.
func (p *plain) hear() string {
	kind, b, err := p.c.ReadMessage()
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &closed):
		return fmt.Sprint("closed ", closed.Code)
	case err != nil:
		return err.Error()
	case kind == websocket.BinaryMessage:
		return "=" + string(b)
	case string(b) == "2":
		return p.say("3").hear()
	}
	return string(b)
}

// join joins the main namespace and returns the socket's and the private id.
func (p *plain) join(auth string) (sid, pid string) {
	answer := p.say("40" + auth).hear()
	for _, field := range strings.Split(strings.Trim(answer, `40{}`), ",") {
		key, v, _ := strings.Cut(strings.ReplaceAll(field, `"`, ""), ":")
		switch key {
		case "sid":
			sid = v
		case "pid":
			pid = v
		}
	}
	if sid == "" {
		p.k.t.Errorf("joining is answered %s", answer)
	}
	return sid, pid
}

func (p *plain) close() { p.c.Close() }

// visitor returns a client and its socket in the main namespace; nothing is
// opened yet.
func (k *talk) visitor(o ClientOptions) (*Client, *ClientSocket) {
	o.Engine.URL, o.Engine.Dial = "http://server:80", k.client.Dial
	env := engine.InLab(k.lab, k.client, "client")
	o.Record = func(what string, f func() (string, error)) error { return env.Record("", what, f) }
	m := NewClient(env, o)
	return m, m.Socket("/", nil)
}

// notes are those of a kind of call of a host.
func (k *talk) notes(host, what string) (list []string) {
	for i := range k.trace.Calls {
		if c := &k.trace.Calls[i]; k.trace.Name(c.Host) == host && c.What == what && c.Conn < 0 {
			list = append(list, c.Note+c.Result)
		}
	}
	return list
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v\nwant %v", what, got, want)
	}
}

var onlyWebSocket = engine.ClientOptions{Transports: []string{engine.WebSocket}}
