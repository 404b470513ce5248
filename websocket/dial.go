package websocket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	gorilla "github.com/gorilla/websocket"

	frames "wirelab/packets/websocket"
	"wirelab/web"
)

// A Dialer opens WebSocket connections.
type Dialer struct {
	Env web.Env
	Options
	// Net opens a TCP connection, as net.Dialer.DialContext does.
	Net func(ctx context.Context, network, address string) (net.Conn, error)
	// Origin says which page asks, as a browser would; empty: none does.
	Origin string
}

// A RefusedError says that a server answered the handshake, but not as one that
// speaks WebSocket with this client.
type RefusedError struct {
	Status int
	Why    string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("no WebSocket: %d %s, %s", e.Status, http.StatusText(e.Status), e.Why)
}

// Dial opens a connection to a URL such as ws://server/chat. If the server
// answers but does not agree, the error is a *RefusedError.
func (d *Dialer) Dial(ctx context.Context, url string) (c *Conn, err error) {
	err = d.Env.Call("dial", func() (string, error) {
		g := &guard{most: d.MaxMessage, deflate: d.Compress, head: []byte{}}
		lib := gorilla.Dialer{EnableCompression: d.Compress, WriteBufferSize: d.buffer(),
			NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				var err error
				g.Conn, err = d.Net(ctx, network, address)
				return g, err
			}}
		header := http.Header{}
		if d.Origin != "" {
			header.Set("Origin", d.Origin)
		}
		ws, response, err := lib.DialContext(ctx, url, header)
		switch {
		case errors.Is(err, gorilla.ErrBadHandshake) && response != nil:
			return "", refused(response)
		case err != nil:
			return "", err
		}
		c = newConn(d.Env, d.Options, false, ws, g)
		return fmt.Sprintf("101; accept %s fits the key", response.Header.Get("Sec-WebSocket-Accept")), nil
	})
	return c, err
}

// refused says why a response is not the one that was asked for.
func refused(r *http.Response) *RefusedError {
	e := &RefusedError{Status: r.StatusCode}
	switch r.StatusCode {
	case http.StatusSwitchingProtocols:
		e.Why = "with an accept that does not fit the key"
	case http.StatusOK:
		e.Why = "an ordinary page"
	case http.StatusUpgradeRequired:
		e.Why = "because no Upgrade came to the server"
		if v := r.Header.Get("Sec-WebSocket-Version"); v != "" && v != fmt.Sprint(frames.Version) {
			e.Why = "which speaks version " + v
		}
	case http.StatusForbidden:
		e.Why = "because of the page's origin"
	case http.StatusNotFound:
		e.Why = "nothing is there"
	default:
		e.Why = "not 101"
	}
	return e
}
