package sockets

import (
	"net/http"
	"sync"
	"time"

	"wirelab/packets/engineio"
	codec "wirelab/packets/socketio"
	"wirelab/socketio/engine"
)

// Options are how a server talks. A zero field means its default.
type Options struct {
	Engine engine.Options // its Path: /socket.io/

	ConnectTimeout time.Duration // in which a client must have joined a namespace; 45 s
	// Recovery is for how long the server keeps the state of a client that is
	// gone, and what it missed. 0: not at all.
	Recovery       time.Duration
	MaxRecovery    int // events that it keeps of each namespace; 10,000
	MaxAttachments int // of one packet; codec.DefaultMaxAttachments
	Record         Recorder
}

// A Server is an http.Handler to which clients connect.
type Server struct {
	env    engine.Env
	o      Options
	engine *engine.Server

	mu         sync.Mutex // held while an event is handed to those who get it, so that all get events in one order
	namespaces map[string]*Namespace
}

// NewServer returns a server with the main namespace. Give it its namespaces and
// handlers before it serves.
func NewServer(env engine.Env, o Options) *Server {
	if o.Engine.Path == "" {
		o.Engine.Path = "/socket.io/"
	}
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = 45 * time.Second
	}
	if o.MaxRecovery == 0 {
		o.MaxRecovery = 10_000
	}
	s := &Server{env: env, o: o, namespaces: map[string]*Namespace{}}
	s.engine = engine.NewServer(env, o.Engine, s.session)
	s.Of(codec.MainNamespace)
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// Engine is the server of the layer below.
func (s *Server) Engine() *engine.Server { return s.engine }

// Of returns the namespace of that name, which begins with a slash, and makes it
// if there is none.
func (s *Server) Of(name string) *Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[name]
	if n == nil {
		n = &Namespace{name: name, srv: s, saved: map[string]*savedState{}}
		s.namespaces[name] = n
	}
	return n
}

// A conn is one client's session, and its sockets.
type conn struct {
	srv     *Server
	session *engine.Session
	decoder codec.Decoder
	sockets []*Socket // one a namespace; srv.mu
	stop    func() bool
}

// session is told of each new session.
func (s *Server) session(e *engine.Session) engine.Events {
	c := &conn{srv: s, session: e, decoder: codec.Decoder{MaxAttachments: s.o.MaxAttachments}}
	c.stop = s.env.AfterFunc(s.o.ConnectTimeout, func() {
		if c.alone() {
			e.Close() // it speaks Engine.IO, and perhaps nothing above it
		}
	})
	return engine.Events{Message: c.message, Closed: c.closed}
}

// alone says whether the client has joined no namespace.
func (c *conn) alone() bool {
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	return len(c.sockets) == 0
}

func (c *conn) message(m engineio.Packet) {
	p, err := decode(&c.decoder, m)
	if err != nil || p != nil && !c.packet(p) {
		c.session.Fail()
	}
}

// packet deals with a packet of the client. It says whether it could be.
func (c *conn) packet(p *codec.Packet) bool {
	c.srv.mu.Lock()
	var k *Socket
	for _, s := range c.sockets {
		if s.n.name == p.Namespace {
			k = s
		}
	}
	none := len(c.sockets) == 0
	c.srv.mu.Unlock()
	switch {
	case p.Type == codec.Connect:
		if k == nil {
			c.connect(p)
		}
	case p.Type == codec.ConnectError:
		return false // only the server says that
	case k == nil:
		// It may have left a moment ago. But who never joined has nothing to say.
		return !none || !c.stop()
	case p.Type == codec.Disconnect:
		k.leave("client namespace disconnect")
	case p.Type == codec.Ack:
		k.acknowledged(p)
	default:
		k.event(p)
	}
	return true
}

// send sends a packet to the client. srv.mu may be held.
func (c *conn) send(p codec.Packet) error {
	ms, err := messages(p)
	if err == nil {
		c.session.Send(ms...)
	}
	return err
}

// refuse does not let the client into a namespace.
func (c *conn) refuse(p *codec.Packet, why string) {
	c.send(codec.Packet{Type: codec.ConnectError, Namespace: p.Namespace, Body: map[string]any{"message": why}})
}

// connect lets the client into a namespace, or not.
func (c *conn) connect(p *codec.Packet) {
	s := c.srv
	s.mu.Lock()
	n := s.namespaces[p.Namespace]
	s.mu.Unlock()
	if n == nil {
		c.refuse(p, "Invalid namespace")
		return
	}
	auth, _ := p.Body.(map[string]any)
	if auth == nil {
		auth = map[string]any{}
	}
	k := &Socket{n: n, c: c, id: engine.NewID(s.env), auth: auth}
	var missed []codec.Packet
	if s.o.Recovery > 0 {
		missed = n.restore(k)
	}
	for _, admit := range n.admit {
		if k.recovered {
			break // it was let in before
		}
		if err := admit(k); err != nil {
			c.refuse(p, err.Error())
			return
		}
	}
	body := map[string]any{"sid": k.id}
	if k.pid != "" {
		body["pid"] = k.pid
	}
	note := "socket " + k.id + " in " + n.name
	if k.recovered {
		note += ", taken up again"
	}
	s.mu.Lock()
	c.stop()
	c.sockets = append(c.sockets, k)
	n.sockets = append(n.sockets, k)
	c.send(codec.Packet{Type: codec.Connect, Namespace: n.name, Body: body})
	for _, m := range missed {
		c.send(m)
	}
	s.mu.Unlock()
	s.o.Record.call("connect", func() (string, error) {
		if n.connected != nil {
			n.connected(k)
		}
		return note, nil
	})
}

// closed is told that the session is over.
func (c *conn) closed(reason string) {
	c.stop()
	c.srv.mu.Lock()
	gone := c.sockets
	c.sockets = nil
	c.srv.mu.Unlock()
	for _, k := range gone {
		k.leave(reason)
	}
}
