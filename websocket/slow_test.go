package websocket_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"wirelab/web"
	"wirelab/websocket"
	"wirelab/wire"
)

// labEnv is a host of a lab as a server sees it.
type labEnv struct {
	*wire.Lab
	host *wire.Host
}

// Call implements web.Env.
func (e labEnv) Call(what string, f func() (string, error)) error {
	return e.Lab.Call(e.host, what, f)
}

// rudely runs a server beside a client that has only a TCP connection.
func rudely(t *testing.T, rcvbuf int, handler func(web.Env, *wire.Lab) *websocket.Server, talk func(*wire.Lab, net.Conn) error) {
	t.Helper()
	l := wire.New(wire.Options{})
	_, err := l.Run(t.Context(), func() error {
		conditions := wire.Conditions{Delay: 10 * ms, Rate: 100e6}
		client, err := l.Host("client", netip.MustParseAddr("10.0.0.1"), wire.HostOptions{ReceiveBuffer: rcvbuf})
		if err != nil {
			return err
		}
		server, err := l.Host("server", netip.MustParseAddr("10.0.0.2"), wire.HostOptions{})
		if err != nil {
			return err
		}
		l.Cable(client, server, conditions, conditions)
		if err := errors.Join(client.Know(), server.Know()); err != nil {
			return err
		}
		ln, err := server.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		srv := web.NewServer(handler(labEnv{l, server}, l))
		l.Background(server, "server", func() error { return srv.Serve(ln) })
		l.Go(client, "client", func() error {
			conn, err := client.Dial(context.Background(), "tcp", "server:80")
			if err != nil {
				return err
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, handshake()); err != nil {
				return err
			}
			return talk(l, conn)
		})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A client that opens a connection and then reads nothing costs the server what
// the stack's buffers hold, and not for ever.
func TestAClientThatDoesNotRead(t *testing.T) {
	const patience = 2 * time.Second
	var blocked, gaveUp time.Duration
	var ended error
	rudely(t, 8192, func(env web.Env, l *wire.Lab) *websocket.Server {
		return &websocket.Server{Env: env, Options: websocket.Options{WriteTimeout: patience},
			OnMessage: func(c *websocket.Conn, m websocket.Message) error {
				for {
					blocked = l.Elapsed()
					if err := c.Send(websocket.Message{Type: m.Type, Data: make([]byte, 100_000)}); err != nil {
						gaveUp = l.Elapsed()
						return err
					}
				}
			},
			OnEnd: func(_ *websocket.Conn, err error) { ended = err }}
	}, func(l *wire.Lab, conn net.Conn) error {
		l.Sleep(time.Second)
		if _, err := conn.Write(clientFrame(0x82, []byte("more"))); err != nil {
			return err
		}
		l.Sleep(time.Minute)
		return nil
	})
	if gaveUp-blocked != patience || ended == nil {
		t.Errorf("blocked at %v, given up at %v, ended with %v", blocked, gaveUp, ended)
	}
}

// A client that breaks a rule and goes on sending hears why it is sent away: the
// server reads on for a while, for a connection that is closed with bytes unread
// is reset, and what was said last is lost.
func TestAClientThatGoesOnHearsWhy(t *testing.T) {
	rudely(t, 0, func(env web.Env, _ *wire.Lab) *websocket.Server {
		return &websocket.Server{Env: env}
	}, func(l *wire.Lab, conn net.Conn) error {
		if _, err := conn.Write([]byte("\x81\x05hello")); err != nil { // not masked
			return err
		}
		from := l.Elapsed()
		for range 200 {
			if _, err := conn.Write(make([]byte, 1000)); err != nil {
				return err
			}
		}
		b, err := io.ReadAll(conn)
		if err != nil {
			return err
		}
		_, frames, _ := bytes.Cut(b, []byte("\r\n\r\n"))
		if len(frames) < 4 || frames[0] != 0x88 || binary.BigEndian.Uint16(frames[2:]) != 1002 {
			t.Errorf("it hears %q", frames)
		}
		// It does not close. The server does, after the time that it allows.
		l.Sleep(10 * time.Second)
		if _, err := conn.Write([]byte("still there?")); err != nil {
			return err
		}
		l.Sleep(time.Second)
		if _, err := conn.Write([]byte("no")); err == nil {
			t.Errorf("%v after it broke a rule the connection is open", l.Elapsed()-from)
		}
		return nil
	})
}
