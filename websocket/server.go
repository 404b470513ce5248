package websocket

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	gorilla "github.com/gorilla/websocket"

	frames "wirelab/packets/websocket"
	"wirelab/web"
)

// A Server turns requests into WebSocket connections: an http.Handler. Its zero
// value, but for Env, takes all messages of pages of its own origin and answers
// none.
type Server struct {
	Env web.Env
	Options
	// Origins are those whose pages may connect, beside that of the server
	// itself and programs that send no Origin; "*" is any.
	Origins []string
	// OnOpen is told of a new connection, OnMessage of each message, OnEnd how
	// the connection ended, as Conn.Serve says it. Each may be nil.
	OnOpen    func(*Conn, *http.Request)
	OnMessage func(*Conn, Message) error
	OnEnd     func(*Conn, error)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := s.upgrade(w, r)
	if err != nil {
		return // the client was told
	}
	if s.OnOpen != nil {
		s.OnOpen(c, r)
	}
	err = c.Serve(func(m Message) error {
		if s.OnMessage == nil {
			return nil
		}
		return s.OnMessage(c, m)
	})
	if s.OnEnd != nil {
		s.OnEnd(c, err)
	}
}

// upgrade ends HTTP on a connection, or answers with why not.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) (c *Conn, err error) {
	err = s.Env.Call("upgrade", func() (string, error) {
		if status, why := refusal(r); status != 0 {
			w.Header().Set("Upgrade", "websocket")
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Sec-WebSocket-Version", strconv.Itoa(frames.Version))
			http.Error(w, why, status)
			return "", fmt.Errorf("%d %s: %s", status, http.StatusText(status), why)
		}
		var answered error
		up := gorilla.Upgrader{EnableCompression: s.Compress, WriteBufferSize: s.buffer(), CheckOrigin: func(r *http.Request) bool { return web.Welcome(r, s.Origins) },
			Error: func(w http.ResponseWriter, _ *http.Request, status int, why error) {
				text := strings.TrimPrefix(why.Error(), "websocket: ")
				if status == http.StatusForbidden {
					text = fmt.Sprintf("pages of %s may not connect here", r.Header.Get("Origin"))
				}
				http.Error(w, text, status)
				answered = fmt.Errorf("%d %s: %s", status, http.StatusText(status), text)
			}}
		g := &guard{most: s.MaxMessage, frames: frames.NewReader(true, s.Compress && offersDeflate(r))}
		ws, err := up.Upgrade(hijacker{w, g}, r, nil)
		if answered != nil {
			return "", answered
		}
		if err != nil {
			return "", err
		}
		c = newConn(s.Env, s.Options, true, ws, g)
		key := r.Header.Get("Sec-WebSocket-Key")
		return fmt.Sprintf("101; key %s, accept %s", key, frames.Accept(key)), nil
	})
	return c, err
}

// refusal says with which status a request is answered that does not ask for
// this protocol, and why; 0 if it does.
func refusal(r *http.Request) (status int, why string) {
	switch version := r.Header.Get("Sec-WebSocket-Version"); {
	case !gorilla.IsWebSocketUpgrade(r):
		return http.StatusUpgradeRequired, "only WebSocket is spoken here, and no Upgrade: websocket came"
	case version != strconv.Itoa(frames.Version):
		return http.StatusUpgradeRequired, fmt.Sprintf("version %q of WebSocket is not spoken here, version %d is", version, frames.Version)
	}
	return 0, ""
}

func offersDeflate(r *http.Request) bool {
	return strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Sec-WebSocket-Extensions"), ",")), "permessage-deflate")
}

// buffer is how long a frame the library's buffer must hold.
func (o *Options) buffer() int {
	if o.Fragment > 0 {
		return o.Fragment
	}
	if o.Buffer > 0 {
		return o.Buffer + o.Buffer>>8 + 64 // what cannot be compressed grows a little
	}
	return 0
}

// A hijacker hands the connection out behind a guard.
type hijacker struct {
	http.ResponseWriter
	g *guard
}

// Hijack implements http.Hijacker.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.g.Conn = c
	if rw.Reader.Buffered() > 0 {
		return h.g, rw, nil // it spoke too early; the library refuses it
	}
	return h.g, bufio.NewReadWriter(bufio.NewReader(h.g), rw.Writer), nil
}
