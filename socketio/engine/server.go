package engine

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"wirelab/packets/engineio"
)

// The transports, as a request names them.
const (
	Polling   = "polling"
	WebSocket = "websocket"
)

// Options are how a server talks. A zero field means its default.
type Options struct {
	Path           string        // of the requests; /engine.io/
	Transports     []string      // which it takes; both
	PingInterval   time.Duration // from a pong to the next ping; 25 s
	PingTimeout    time.Duration // for the pong; 20 s
	UpgradeTimeout time.Duration // for the probe and the upgrade; 10 s
	MaxPayload     int           // bytes of the largest message or body that it takes; 1,000,000
	MaxQueue       int           // bytes that may wait for one client; 8 times MaxPayload, and at least 1,000,000

	// AllowOrigin says whether a page of another origin may use the server
	// from a browser. nil: only pages of its own host may.
	AllowOrigin func(*http.Request) bool
}

func (o Options) withDefaults() Options {
	if o.Path == "" {
		o.Path = "/engine.io/"
	}
	if len(o.Transports) == 0 {
		o.Transports = []string{Polling, WebSocket}
	}
	o.PingInterval = orElse(o.PingInterval, 25*time.Second)
	o.PingTimeout = orElse(o.PingTimeout, 20*time.Second)
	o.UpgradeTimeout = orElse(o.UpgradeTimeout, 10*time.Second)
	o.MaxPayload = orElse(o.MaxPayload, 1_000_000)
	o.MaxQueue = orElse(o.MaxQueue, max(8*o.MaxPayload, 1_000_000))
	if o.AllowOrigin == nil {
		o.AllowOrigin = sameHost
	}
	return o
}

func orElse[T int | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// sameHost says whether a request comes from a page of the host that it goes to,
// or from no page at all.
func sameHost(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

// A Server is an http.Handler that opens sessions.
type Server struct {
	env  Env
	o    Options
	open func(*Session) Events
	up   websocket.Upgrader

	mu       sync.Mutex
	sessions map[string]*Session
}

// Events are what a session tells its owner. Message may be nil.
type Events struct {
	Message func(engineio.Packet) // of type Message; one at a time
	Closed  func(reason string)   // once
}

// NewServer returns a server. It calls open for each new session, before
// anything comes of it.
func NewServer(env Env, o Options, open func(*Session) Events) *Server {
	s := &Server{env: env, o: o.withDefaults(), open: open, sessions: map[string]*Session{}}
	s.up.CheckOrigin = s.o.AllowOrigin
	return s
}

// Sessions is how many sessions there are.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// HTTP returns an http.Server for s that bears with nobody for ever: headers
// must come within 10 s, and a connection on which nothing is asked is closed
// after 2 minutes.
func HTTP(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0)}
}

// A refusal is an answer of status 400, with the protocol's own code and words.
type refusal struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

var (
	unknownTransport = refusal{0, "Transport unknown"}
	unknownSession   = refusal{1, "Session ID unknown"}
	badMethod        = refusal{2, "Bad handshake method"}
	badRequest       = refusal{3, "Bad request"}
	forbidden        = refusal{4, "Forbidden"}
	badVersion       = refusal{5, "Unsupported protocol version"}
)

func (f refusal) write(w http.ResponseWriter) {
	body, err := json.Marshal(f)
	if err != nil {
		panic(err) // a number and a word
	}
	status := http.StatusBadRequest
	if f == forbidden {
		status = http.StatusForbidden
	}
	answer(w, status, "application/json", body)
}

func answer(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	w.Write(body)
}

// ServeHTTP implements http.Handler: every request names the version of the
// protocol, the transport, and, but for the first, the session.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path+"/", s.o.Path) {
		http.NotFound(w, r)
		return
	}
	if !s.o.AllowOrigin(r) {
		forbidden.write(w)
		return
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Vary", "Origin")
	}
	if r.Method == http.MethodOptions { // a browser asks whether it may (CORS)
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
		w.Header().Set("Access-Control-Allow-Methods", "GET,POST")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	query := r.URL.Query()
	transport, sid := query.Get("transport"), query.Get("sid")
	upgrade := websocket.IsWebSocketUpgrade(r)
	switch {
	case query.Get("EIO") != engineio.Version:
		badVersion.write(w)
	case !slices.Contains(s.o.Transports, transport):
		unknownTransport.write(w)
	case (transport == WebSocket) != upgrade:
		badRequest.write(w)
	case sid == "" && r.Method != http.MethodGet:
		badMethod.write(w)
	case sid == "":
		s.handshake(w, r, upgrade)
	default:
		s.proceed(w, r, s.session(sid), upgrade)
	}
}

func (s *Server) session(sid string) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[sid]
}

// proceed deals with a request that names a session; e is nil if there is none.
func (s *Server) proceed(w http.ResponseWriter, r *http.Request, e *Session, upgrade bool) {
	if e != nil && e.overdue() {
		e.end(PingTimeout, closing, abruptly)
		e = nil
	}
	switch {
	case e == nil:
		unknownSession.write(w)
	case upgrade:
		if ws := s.websocket(w, r); ws != nil {
			s.env.Go(func() { e.tryUpgrade(ws) })
		}
	case r.Method == http.MethodGet:
		e.get(w, r)
	case r.Method == http.MethodPost:
		e.post(w, r)
	default:
		badMethod.write(w)
	}
}

// handshake opens a session.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request, upgrade bool) {
	e := &Session{srv: s, id: NewID(s.env), request: r}
	h := engineio.Handshake{SID: e.id, PingInterval: s.o.PingInterval, PingTimeout: s.o.PingTimeout, MaxPayload: s.o.MaxPayload}
	if upgrade {
		if e.ws = s.websocket(w, r); e.ws == nil {
			return
		}
	} else if slices.Contains(s.o.Transports, WebSocket) {
		h.Upgrades = []string{WebSocket}
	}
	s.mu.Lock()
	s.sessions[e.id] = e
	s.mu.Unlock()
	e.mu.Lock()
	e.expectPing()
	e.mu.Unlock()
	e.out.add(h.Packet())
	e.events = s.open(e)
	e.Send()
	if upgrade {
		s.env.Go(e.readFrames)
		return
	}
	e.get(w, r)
}

// websocket makes the request's connection a WebSocket. It returns nil if it
// cannot; the client has been told.
func (s *Server) websocket(w http.ResponseWriter, r *http.Request) *socket {
	c, err := s.up.Upgrade(w, r, nil)
	if err != nil {
		return nil
	}
	return newSocket(s.env, c, s.o.MaxPayload)
}

func (s *Server) forget(e *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, e.id)
}
