package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"wirelab/packets/engineio"
)

// ClientOptions are how a client opens a session. A zero field means its default.
type ClientOptions struct {
	URL  string // of the server: "http://server:80"
	Path string // of the requests; /engine.io/
	// Transports are those that the client may use: the first opens the
	// session. Polling is then upgraded to a WebSocket, if that is among them;
	// a WebSocket that cannot be opened gives way to polling, if that is. Both.
	Transports []string
	Timeout    time.Duration // for the opening, and for an upgrade; 20 s
	MaxMessage int           // bytes of the largest message or body that it takes; 16 MiB
	// Dial opens connections; the machine's if it is nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func (o ClientOptions) withDefaults() ClientOptions {
	if o.Path == "" {
		o.Path = "/engine.io/"
	}
	if len(o.Transports) == 0 {
		o.Transports = []string{Polling, WebSocket}
	}
	o.Timeout = orElse(o.Timeout, 20*time.Second)
	o.MaxMessage = orElse(o.MaxMessage, 16<<20)
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	return o
}

// ClientEvents are what a client tells its owner, one at a time. Nil ones are
// left out.
type ClientEvents struct {
	Open     func(*Client)         // the session is open; before any message
	Message  func(engineio.Packet) // of type Message
	Upgraded func(err error)       // it now uses a WebSocket; or why it does not
	Closed   func(reason string)   // once, and only after Open
}

// A Client is one session as the client has it.
type Client struct {
	env    Env
	o      ClientOptions
	events ClientEvents
	base   *url.URL
	http   *http.Client
	ctx    context.Context // of the requests
	cancel context.CancelFunc

	mu        sync.Mutex
	shake     engineio.Handshake
	out       queue
	flushing  bool          // a goroutine sends what is queued, or is about to
	ws        *socket       // nil while it polls
	conn      net.Conn      // of the WebSocket that is being opened
	busy      int           // requests under way
	paused    chan struct{} // closed when none is left; nil: not paused
	closed    bool
	leaving   bool // it wants to close, and what is queued is still to go out
	parted    bool
	stopTimer func() bool
}

// Connect opens a session and returns when it is open. Its goroutines are the
// Env's.
func Connect(env Env, o ClientOptions, events ClientEvents) (*Client, error) {
	c := &Client{env: env, o: o.withDefaults(), events: events}
	var err error
	if c.base, err = url.Parse(c.o.URL); err != nil || c.base.Scheme != "http" || c.base.Host == "" {
		return nil, fmt.Errorf("%q is no address of a server; write http://host:port", c.o.URL)
	}
	c.base.Path = c.o.Path
	c.http = &http.Client{Transport: &http.Transport{DialContext: c.o.Dial, DisableCompression: true}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	stop := env.AfterFunc(c.o.Timeout, c.giveUp)
	rest, err := c.open()
	if !stop() && err == nil {
		err = errTimeout
	}
	if err != nil {
		c.giveUp()
		c.http.CloseIdleConnections()
		return nil, err
	}
	c.mu.Lock()
	c.expectPing()
	ws := c.ws
	c.mu.Unlock()
	if events.Open != nil {
		events.Open(c)
	}
	for _, p := range rest {
		c.take(p)
	}
	if ws != nil {
		env.Go(func() { c.readFrames(ws) })
		return c, nil
	}
	env.Go(c.poll)
	if slices.Contains(c.o.Transports, WebSocket) && slices.Contains(c.shake.Upgrades, WebSocket) {
		env.Go(c.upgrade)
	}
	return c, nil
}

var errTimeout = errors.New("timeout")

// open opens the session over the first transport, or the next if that fails. It
// returns what came together with the handshake.
func (c *Client) open() (rest []engineio.Packet, err error) {
	for i, transport := range c.o.Transports {
		var first []engineio.Packet
		switch transport {
		case Polling:
			first, err = c.get()
		case WebSocket:
			first, err = c.openSocket()
		default:
			return nil, fmt.Errorf("there is no transport %q; there are polling and websocket", transport)
		}
		if err == nil && len(first) == 0 {
			err = errors.New("the server's first answer is empty")
		}
		if err == nil {
			c.shake, err = engineio.ParseHandshake(first[0])
			return first[min(1, len(first)):], err
		}
		if transport == Polling || i+1 < len(c.o.Transports) && c.ctx.Err() != nil {
			break // polling works wherever anything does
		}
	}
	if c.ctx.Err() != nil {
		return nil, errTimeout
	}
	return nil, err
}

// openSocket opens a session over a WebSocket.
func (c *Client) openSocket() ([]engineio.Packet, error) {
	ws, err := c.dialSocket()
	if err != nil {
		return nil, err
	}
	p, err := ws.read()
	if err != nil {
		ws.abort()
		return nil, err
	}
	c.mu.Lock()
	c.ws, c.conn = ws, nil
	c.mu.Unlock()
	return []engineio.Packet{p}, nil
}

// dialSocket opens a WebSocket.
func (c *Client) dialSocket() (*socket, error) {
	d := websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := c.o.Dial(ctx, network, address)
		c.mu.Lock()
		c.conn = conn // giveUp closes it, because the library waits for no context
		c.mu.Unlock()
		return conn, err
	}}
	u := c.url(WebSocket)
	u.Scheme = "ws"
	conn, answer, err := d.DialContext(c.ctx, u.String(), nil)
	if err != nil {
		if answer != nil {
			err = fmt.Errorf("the server answered %s: %w", answer.Status, err)
		}
		return nil, err
	}
	return newSocket(c.env, conn, c.o.MaxMessage), nil
}

// giveUp ends an opening that takes too long.
func (c *Client) giveUp() {
	c.cancel()
	c.mu.Lock()
	conn := c.conn
	c.conn = nil
	c.mu.Unlock()
	if conn != nil {
		conn.Close()
	}
}

// url is that of the next request. Its t is another each time, so that nothing
// on the way answers from a cache.
func (c *Client) url(transport string) *url.URL {
	u := *c.base
	q := "EIO=" + engineio.Version + "&transport=" + transport + "&t=" + strconv.FormatUint(c.env.Uint64()>>24, 36)
	if c.shake.SID != "" {
		q += "&sid=" + url.QueryEscape(c.shake.SID)
	}
	u.RawQuery = q
	return &u
}

// Handshake is what the server said when it opened the session.
func (c *Client) Handshake() engineio.Handshake { return c.shake }

// Transport names what carries the session at present.
func (c *Client) Transport() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ws != nil {
		return WebSocket
	}
	return Polling
}

// Writable says whether a packet that is sent now would go out at once.
func (c *Client) Writable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.closed && !c.leaving && !c.flushing && c.paused == nil && c.out.empty()
}

// expectPing arms the timer of the heartbeat: the server's next ping must come
// within its interval and the time for an answer. c.mu must be held.
func (c *Client) expectPing() {
	c.stopTimer = c.env.AfterFunc(c.shake.PingInterval+c.shake.PingTimeout, func() { c.end(PingTimeout) })
}

// over says whether the session has ended, or is to.
func (c *Client) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed || c.leaving
}

// take deals with a packet from the server.
func (c *Client) take(p engineio.Packet) {
	switch {
	case c.over():
	case p.Type == engineio.Message:
		if c.events.Message != nil {
			c.events.Message(p)
		}
	case p.Type == engineio.Ping:
		c.mu.Lock()
		if c.stopTimer() {
			c.expectPing()
		}
		c.mu.Unlock()
		c.Send(engineio.Packet{Type: engineio.Pong})
	case p.Type == engineio.Close:
		c.end(TransportClose)
	}
}

// readFrames takes packets from the WebSocket until it ends.
func (c *Client) readFrames(ws *socket) {
	for {
		p, err := ws.read()
		if err == nil {
			c.take(p)
			continue
		}
		reason := whyEnded(err)
		c.end(reason)
		if reason == ParseError {
			continue // it says goodbye, and waits for the server's
		}
		ws.abort()
		return
	}
}

// Close ends the session: what is queued still goes out.
func (c *Client) Close() {
	c.mu.Lock()
	if c.closed || c.leaving {
		c.mu.Unlock()
		return
	}
	c.leaving = true
	if c.ws == nil {
		c.out.add(engineio.Packet{Type: engineio.Close})
	}
	c.mu.Unlock()
	c.Send()
}

// Fail ends the session because the server sent what is no message of the layer
// above.
func (c *Client) Fail() { c.end(ParseError) }

// end ends the session.
func (c *Client) end(reason string) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.closed = true
	c.stopTimer()
	ws, parted := c.ws, c.parted
	c.parted = true
	c.mu.Unlock()
	switch {
	case ws != nil && (reason == ForcedClose || reason == ParseError) && !parted:
		ws.shut()
	case ws != nil:
		ws.abort()
	case reason == ForcedClose:
		c.env.AfterFunc(closeWait, c.cancel) // the server answers the GET that it holds; or it does not
	default:
		c.cancel() // the GET that is held, and what else is under way
		c.http.CloseIdleConnections()
	}
	if c.events.Closed != nil {
		c.events.Closed(reason)
	}
}
