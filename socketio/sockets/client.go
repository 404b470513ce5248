package sockets

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"wirelab/packets/engineio"
	codec "wirelab/packets/socketio"
	"wirelab/socketio/engine"
)

// ClientOptions are how a client talks.
type ClientOptions struct {
	Engine engine.ClientOptions // its Path: /socket.io/

	// Reconnect says how long to wait before each attempt to come back. The
	// zero Backoff: 1 s, then up to 5 s, half of it more or less.
	Reconnect Backoff
	// Attempts is how often to try in a row: 0 for ever, negative not at all.
	Attempts int
	Record   Recorder

	Upgraded func(err error) // see engine.ClientEvents
	Failed   func(err error) // an attempt to connect failed

	GaveUp func() // the last attempt failed
}

// A Client keeps a connection to a server and comes back when it is lost. Its
// sockets, one a namespace, share the connection.
type Client struct {
	env engine.Env
	o   ClientOptions

	mu       sync.Mutex
	session  *engine.Client // nil: there is none
	decoder  codec.Decoder
	sockets  []*ClientSocket
	trying   bool // an attempt is under way, or will be: there is never a second
	attempts int  // in a row that failed
	closed   bool // the program wants no connection any more
}

// NewClient returns a client that does nothing yet: give it sockets and their
// handlers, then open it.
func NewClient(env engine.Env, o ClientOptions) *Client {
	if o.Engine.Path == "" {
		o.Engine.Path = "/socket.io/"
	}
	if o.Reconnect == (Backoff{}) {
		o.Reconnect = Backoff{Min: time.Second, Max: 5 * time.Second, Jitter: 0.5}
	}
	return &Client{env: env, o: o}
}

// Socket returns the client's socket in a namespace. With auth it says what it is
// when it connects; nil: nothing.
func (m *Client) Socket(namespace string, auth map[string]any) *ClientSocket {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := &ClientSocket{m: m, namespace: namespace, auth: auth}
	m.sockets = append(m.sockets, k)
	return k
}

// Open connects, in a goroutine of its own; and again until it is connected or
// has no attempts left.
func (m *Client) Open() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.trying && m.session == nil {
		m.closed, m.trying = false, true
		m.env.Go(m.first)
	}
}

// first is the first attempt, which does not wait.
func (m *Client) first() {
	if err := m.connect(); err != nil {
		m.failed(err)
		m.comeBack()
	}
}

// connect is one attempt: it returns when the session is open, or cannot be.
func (m *Client) connect() error {
	_, err := engine.Connect(m.env, m.o.Engine, engine.ClientEvents{Open: m.opened, Message: m.message, Upgraded: m.o.Upgraded, Closed: m.lost})
	return err
}

func (m *Client) failed(err error) {
	if m.o.Failed != nil {
		m.o.Failed(err)
	}
}

// comeBack tries to connect until it does: m.trying is set.
func (m *Client) comeBack() {
	for {
		m.mu.Lock()
		if m.closed || m.o.Attempts < 0 || m.o.Attempts > 0 && m.attempts >= m.o.Attempts {
			m.trying = false
			closed := m.closed
			m.mu.Unlock()
			if !closed && m.o.GaveUp != nil {
				m.o.GaveUp()
			}
			return
		}
		wait := m.o.Reconnect.Wait(m.attempts, float64(m.env.Uint64()>>11)/(1<<53))
		m.attempts++
		n := m.attempts
		m.mu.Unlock()
		err := m.o.Record.call("reconnect", func() (string, error) {
			note := fmt.Sprintf("attempt %d after %v", n, wait.Round(time.Microsecond))
			m.env.Sleep(wait)
			m.mu.Lock()
			closed := m.closed
			m.mu.Unlock()
			if closed {
				return note + " is no longer wanted", nil
			}
			return note, m.connect()
		})
		m.mu.Lock()
		done := err == nil && !m.closed
		m.mu.Unlock()
		if done {
			return
		}
		if err != nil {
			m.failed(err)
		}
	}
}

// opened is told that a session is open: every socket joins its namespace.
func (m *Client) opened(s *engine.Client) {
	m.mu.Lock()
	m.session, m.trying, m.attempts = s, false, 0
	m.decoder = codec.Decoder{}
	sockets, closed := slices.Clone(m.sockets), m.closed
	m.mu.Unlock()
	if closed {
		s.Close()
		return
	}
	for _, k := range sockets {
		k.join()
	}
}

func (m *Client) message(e engineio.Packet) {
	p, err := decode(&m.decoder, e)
	m.mu.Lock()
	session := m.session
	var k *ClientSocket
	for _, s := range m.sockets {
		if p != nil && s.namespace == p.Namespace {
			k = s
		}
	}
	m.mu.Unlock()
	switch {
	case err != nil && session != nil:
		session.Fail()
	case p != nil && k != nil:
		k.packet(p)
	}
}

// lost is told that the session is over.
func (m *Client) lost(reason string) {
	m.mu.Lock()
	m.session = nil
	sockets := slices.Clone(m.sockets)
	again := !m.closed && m.o.Attempts >= 0
	m.trying = again
	m.mu.Unlock()
	for _, k := range sockets {
		k.lost(reason)
	}
	if again {
		m.env.Go(m.comeBack)
	}
}

// Close leaves every namespace and ends the session.
func (m *Client) Close() {
	m.mu.Lock()
	m.closed = true
	session, sockets := m.session, slices.Clone(m.sockets)
	m.mu.Unlock()
	for _, k := range sockets {
		k.Disconnect()
	}
	if session != nil {
		session.Close()
	}
}

// Session is the session of the layer below; nil while there is none.
func (m *Client) Session() *engine.Client {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.session
}

// Drop ends the session as if the connection had broken: the client comes back.
func (m *Client) Drop() {
	if s := m.Session(); s != nil {
		s.Close()
	}
}

func (m *Client) send(p codec.Packet) error {
	ms, err := messages(p)
	if s := m.Session(); err == nil && s != nil {
		s.Send(ms...)
	}
	return err
}
