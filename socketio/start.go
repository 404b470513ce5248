package socketio

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"wirelab/scenario"
	"wirelab/socketio/engine"
	"wirelab/socketio/sockets"
	"wirelab/wire"
)

// plan is what the programs of one run share.
type plan struct {
	b              *scenario.Bench
	s              *scenario.Scenario
	client, server *wire.Host
	addr           string
	text           []byte // of an event
	visitors       []*visitor
	namespaces     []string

	mu     sync.Mutex
	came   int  // sockets that have come to the server
	here   int  // clients that know that they are there
	toured bool // the first client has said something to every audience
}

// Start implements scenario.Exchange.
func (Exchange) Start(b *scenario.Bench) error {
	s := b.Scenario
	text, err := scenario.Message(s, DefaultSize, maxSize)
	if err != nil {
		return err
	}
	p := &plan{b: b, s: s, client: b.Host("client"), server: b.Host("server"), text: text, namespaces: namespaces(s)}
	p.addr = net.JoinHostPort("server", s.Args["port"])
	ln, err := p.server.Listen("tcp", p.addr)
	if err != nil {
		return err
	}
	b.MayLose() // heartbeats and acknowledgements tell what was lost with a connection
	srv := engine.HTTP(p.handler())
	b.Background(p.server, "server", func() error { return srv.Serve(ln) })
	for i := range max(s.Int("clients"), 1) {
		name, whose := "client", ""
		if s.Int("clients") > 1 {
			name = fmt.Sprintf("client %d", i+1)
			whose = name + ": "
		}
		if s.Has("engine-only") {
			b.Go(p.client, name, func() error { p.echo(name); return nil })
			continue
		}
		v := p.newVisitor(name, whose)
		p.visitors = append(p.visitors, v)
		b.Go(p.client, name, func() error { v.visit(); return nil })
	}
	p.marks()
	return nil
}

// marks names the moments at which the cable is cut and mended.
func (p *plan) marks() {
	for _, d := range p.s.Up.Cut {
		p.b.AfterFunc(d, func() { p.b.Mark("cut") })
	}
	for _, d := range p.s.Up.Restore {
		p.b.AfterFunc(d, func() { p.b.Mark("restored") })
	}
}

// record makes a program's calls rows of the trace.
func record(env *engine.LabEnv, whose string) sockets.Recorder {
	return func(what string, f func() (string, error)) error { return env.Record(whose, what, f) }
}

// clientOptions are those of the layer below.
func (p *plan) clientOptions(path string) engine.ClientOptions {
	o := engine.ClientOptions{URL: "http://" + p.addr, Path: path, Dial: p.client.Dial}
	switch p.s.Args["transports"] {
	case bothWays:
		o.Transports = []string{engine.Polling, engine.WebSocket}
	case otherWays:
		o.Transports = []string{engine.WebSocket, engine.Polling}
	default:
		o.Transports = []string{p.s.Args["transports"]}
	}
	return o
}

// recoveryTime is for how long the server keeps the state of those who are gone:
// the official server's default.
const recoveryTime = 2 * time.Minute

// handler is the server's program.
func (p *plan) handler() http.Handler {
	s := p.s
	env := engine.InLab(p.b.Lab, p.server, "server")
	o := engine.Options{PingInterval: s.Time("ping-interval"), PingTimeout: s.Time("ping-timeout"), MaxPayload: s.Size("max-payload")}
	if s.Has("engine-only") {
		return NewEcho(env, o)
	}
	so := sockets.Options{Engine: o, ConnectTimeout: s.Time("connect-timeout"), Record: record(env, "")}
	if s.Has("recovery") {
		so.Recovery = recoveryTime
	}
	server := newServer(env, so)
	for _, name := range p.namespaces {
		if name != "/unknown" && name != "/admin" {
			n := server.Of(name)
			n.OnConnect(func(k *sockets.Socket) { p.welcome(env, n, k) })
		}
	}
	return server
}

// welcome deals with a new socket as the exchange's words say.
func (p *plan) welcome(env engine.Env, n *sockets.Namespace, k *sockets.Socket) {
	serve(env, n, k)
	if n.Name() != p.namespaces[len(p.namespaces)-1] {
		return
	}
	p.mu.Lock()
	p.came++
	nth := p.came
	p.mu.Unlock()
	rooms, clients := p.s.Int("rooms"), max(p.s.Int("clients"), 1)
	for r := range rooms {
		if nth <= clients && r == (nth-1)%rooms || nth == clients {
			k.Join(room(r))
		}
	}
	if nth == clients && p.s.Int("emit-from-server") > 0 {
		env.Go(func() { p.announce(env, n) })
	}
}

// room is the name of the i-th room: A, B, ...
func room(i int) string { return string(rune('A' + i)) }

// announce emits the server's own events.
func (p *plan) announce(env engine.Env, n *sockets.Namespace) {
	for i := range p.s.Int("emit-from-server") {
		env.Sleep(p.s.Time("every"))
		args := []any{"from the server", i + 1}
		if !p.s.Has("ask") {
			to := n.To()
			if p.s.Has("volatile") {
				to = to.Volatile()
			}
			to.Emit("news", args...)
			continue
		}
		for _, k := range n.Sockets() {
			k.EmitAck(p.s.Time("ack-timeout"), func([]any, error) {}, "news", args...)
		}
	}
}
