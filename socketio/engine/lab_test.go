package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"wirelab/packets/engineio"
	"wirelab/wire"
)

const ms = time.Millisecond

// A talk is a lab with an echoing server and a client host, on a wire on which
// only distance takes time: 10 ms one way.
type talk struct {
	t              testing.TB
	lab            *wire.Lab
	client, server *wire.Host
	engine         *Server
	ended          []string        // why sessions ended
	heard          []time.Duration // when the server had each message
}

// inLab runs program on the client host. A server with these options echoes every
// message.
func inLab(t testing.TB, o Options, program func(*talk)) *talk {
	t.Helper()
	return onWire(t, wire.Conditions{Delay: 10 * ms}, o, program)
}

// onWire is inLab on another wire.
func onWire(t testing.TB, conditions wire.Conditions, o Options, program func(*talk)) *talk {
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
		k.lab.Cable(k.client, k.server, conditions, conditions)
		if err := errors.Join(k.client.Know(), k.server.Know()); err != nil {
			return err
		}
		ln, err := k.server.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		k.engine = NewServer(InLab(k.lab, k.server, "server"), o, func(e *Session) Events {
			return Events{Message: func(p engineio.Packet) {
				k.heard = append(k.heard, k.now())
				e.Send(p)
			}, Closed: func(reason string) { k.ended = append(k.ended, reason) }}
		})
		srv := HTTP(k.engine)
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
	return k
}

// now is the lab time.
func (k *talk) now() time.Duration { return k.lab.Elapsed() }

// do makes a request on a connection of its own and returns its status and body.
func (k *talk) do(method, query, body string) (status int, content string) {
	status, content, err := k.try(context.Background(), method, query, strings.NewReader(body))
	if err != nil {
		k.t.Errorf("%s %s: %v", method, query, err)
	}
	return status, content
}

func (k *talk) try(ctx context.Context, method, query string, body io.Reader) (status int, content string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://server/engine.io/?"+query, body)
	if err != nil {
		return 0, "", err
	}
	transport := &http.Transport{DialContext: k.client.Dial, DisableKeepAlives: true}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(b), err
}

const polling = "EIO=4&transport=polling"

// open opens a session by polling and returns the query of its requests.
func (k *talk) open() string {
	status, body := k.do("GET", polling, "")
	p, err := engineio.Parse([]byte(body))
	if err != nil || status != http.StatusOK {
		k.t.Fatalf("it opens with %d %q", status, body)
	}
	h, err := engineio.ParseHandshake(p)
	if err != nil {
		k.t.Fatal(err)
	}
	return polling + "&sid=" + h.SID
}

// socket opens a WebSocket.
func (k *talk) socket(query string) *websocket.Conn {
	d := websocket.Dialer{NetDialContext: k.client.Dial}
	c, _, err := d.Dial("ws://server/engine.io/?"+query, nil)
	if err != nil {
		k.t.Fatalf("%s: %v", query, err)
	}
	return c
}

// next is the next message, or how the connection ended.
func next(c *websocket.Conn) string {
	_, b, err := c.ReadMessage()
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &closed):
		return fmt.Sprint("closed ", closed.Code)
	case err != nil:
		return err.Error()
	}
	return string(b)
}

// beside starts f as a program of its own.
func (k *talk) beside(f func()) {
	k.lab.Go(k.client, "beside", func() error { f(); return nil })
}
