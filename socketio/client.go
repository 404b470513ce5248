package socketio

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"wirelab/socketio/engine"
	"wirelab/socketio/sockets"
	"wirelab/wire"
)

// A visitor is one client's program. It is told of what happens in other
// goroutines, and waits for its bell.
type visitor struct {
	p      *plan
	name   string
	record sockets.Recorder
	client *sockets.Client
	first  *sockets.ClientSocket // in the first namespace
	socket *sockets.ClientSocket // in the last, where it emits
	bell   *wire.Bell

	mu       sync.Mutex
	outside  int   // namespaces that it has not joined yet
	failed   error // why it could not connect, the last time
	asked    int   // acknowledgements that are to come
	answers  int   // answers of the server that are to come
	buffered int   // events that wait for the connection, and will be answered
	upgrades bool  // an upgrade is under way, or will be
	gone     bool  // it has given up, or been thrown out: nothing will come
}

func (p *plan) newVisitor(name, whose string) *visitor {
	v := &visitor{p: p, name: name, bell: p.b.NewBell(), outside: len(p.namespaces)}
	env := engine.InLab(p.b.Lab, p.client, name)
	v.record = record(env, whose)
	o := sockets.ClientOptions{Engine: p.clientOptions(Path), Record: v.record, Upgraded: v.upgraded, Failed: v.cannot, GaveUp: v.gaveUp,
		Reconnect: sockets.Backoff{Min: p.s.Time("reconnect"), Max: p.s.Time("reconnect-max"), Jitter: float64(p.s.Int("reconnect-jitter")) / 100},
		Attempts:  p.s.Int("attempts")}
	if p.s.Args["reconnect"] == "off" {
		o.Attempts = -1
	}
	v.client = sockets.NewClient(env, o)
	for _, n := range p.namespaces {
		k := v.client.Socket(n, nil)
		joined := false // once: it may come back
		k.OnConnect(func() {
			v.connected(k, joined)
			joined = true
		})
		k.OnRefused(v.refused)
		k.OnDisconnect(v.disconnected)
		if v.socket = k; v.first == nil {
			v.first = k
		}
	}
	if !p.s.Has("handlers-on-connect") {
		v.listen()
	}
	return v
}

// listen adds the client's handlers.
func (v *visitor) listen() {
	v.socket.On("message-back", func([]any, func(...any)) {
		v.change(func() { v.answers = max(v.answers-1, 0) })
	})
	v.socket.On("news", func(_ []any, ack func(...any)) { ack() })
}

// change changes what the program may be waiting for.
func (v *visitor) change(f func()) {
	v.mu.Lock()
	f()
	v.mu.Unlock()
	v.bell.Ring()
}

// await waits until so is so. It says whether it is: the run may be over.
func (v *visitor) await(so func() bool) bool {
	for {
		v.mu.Lock()
		ok := so()
		v.mu.Unlock()
		if ok || v.bell.Wait() {
			return ok
		}
	}
}

// visit is the program.
func (v *visitor) visit() {
	p := v.p
	if err := v.connect(); err != nil {
		p.b.Fail(v.name, err)
		v.client.Close()
		return
	}
	p.arrived()
	if p.s.Int("rooms") > 0 {
		v.tour()
	} else {
		v.emitAll()
		v.await(func() bool { return v.gone || v.asked == 0 && v.answers == 0 && v.buffered == 0 })
	}
	v.await(func() bool { return v.gone || !v.upgrades })
	v.stay()
	v.client.Close()
}

// connect joins every namespace.
func (v *visitor) connect() error {
	return v.record("connect", func() (string, error) {
		v.client.Open()
		v.await(func() bool { return v.outside == 0 || v.gone })
		v.mu.Lock()
		outside, err := v.outside, v.failed
		v.mu.Unlock()
		if outside > 0 {
			return "", err
		}
		return v.where(v.socket, ""), nil
	})
}

// where is a socket in a few words; what is added is what matters of it.
func (v *visitor) where(k *sockets.ClientSocket, added string) string {
	note := "socket " + k.ID() + added
	if s := v.client.Session(); s != nil {
		note += " over " + s.Transport() + ", session " + s.Handshake().SID
	}
	return note
}

// stay keeps the client there as long as it is to stay.
func (v *visitor) stay() {
	d := v.p.s.Time("stay")
	if v.p.s.Args["stay"] == "" {
		n := v.p.s.Int("emit-from-server")
		d = time.Duration(n) * v.p.s.Time("every")
		if n > 0 || v.p.s.Int("rooms") > 0 {
			d += time.Second // for what is on its way
		}
	}
	if d == 0 {
		return
	}
	if v == v.p.visitors[0] {
		v.p.b.Mark("idle")
		defer v.p.b.Mark("idle-end")
	}
	v.p.b.Sleep(d)
}

// connected is told that a namespace was joined.
func (v *visitor) connected(k *sockets.ClientSocket, again bool) {
	if k == v.socket && v.p.s.Has("handlers-on-connect") {
		v.listen()
	}
	if again {
		v.record("connect", func() (string, error) {
			if k.Recovered() {
				return v.where(k, ", taken up again,"), nil
			}
			return v.where(k, ", a new one,"), nil
		})
	}
	v.change(func() {
		if !again {
			v.outside--
			v.upgrades = v.p.s.Args["transports"] == bothWays
		}
		v.answers += v.buffered
		v.buffered = 0
	})
}

// refused is told that a namespace may not be joined.
func (v *visitor) refused(err error) {
	v.change(func() { v.failed, v.gone = err, true })
}

// disconnected is told that a namespace is left; what was to come does not.
func (v *visitor) disconnected(string) {
	v.change(func() { v.answers, v.upgrades = 0, false })
}

// cannot is told that an attempt to connect failed.
func (v *visitor) cannot(err error) {
	v.change(func() { v.failed = err })
}

// gaveUp is told that the last one did.
func (v *visitor) gaveUp() {
	v.change(func() {
		v.gone = true
		if v.failed == nil {
			v.failed = errors.New("the connection was lost")
		}
	})
}

// upgraded is told that the session uses a WebSocket, or why not.
func (v *visitor) upgraded(err error) {
	v.record("upgrade", func() (string, error) {
		if err != nil {
			return "", fmt.Errorf("it stays on polling: %w", err)
		}
		return "from polling to a WebSocket", nil
	})
	if err == nil {
		v.p.b.Mark("upgraded")
	}
	v.change(func() { v.upgrades = false })
}

// arrived notes that one more client is there, and tells all when it was the last.
func (p *plan) arrived() {
	p.mu.Lock()
	p.here++
	all := p.here == len(p.visitors)
	p.mu.Unlock()
	if all {
		p.b.Mark("connected")
		p.ringAll()
	}
}

func (p *plan) ringAll() {
	for _, v := range p.visitors {
		v.bell.Ring()
	}
}

// allHere says whether every client has come.
func (p *plan) allHere() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.here == len(p.visitors)
}

// emitAll emits what the client has to say.
func (v *visitor) emitAll() {
	for i := range v.p.s.Int("count") {
		if i > 0 {
			v.p.b.Sleep(v.p.s.Time("interval"))
		}
		v.emit(i)
	}
}

// arguments are those of event i.
func (p *plan) arguments(i int) []any {
	var args []any
	for range p.s.Int("binary") {
		args = append(args, p.text)
	}
	if args == nil {
		args = []any{string(p.text)}
	}
	if p.s.Int("count") > 1 {
		args = append(args, i+1)
	}
	return args
}

// emit emits event i.
func (v *visitor) emit(i int) {
	s := v.p.s
	event, echo := "message", s.Args["reply"] == "echo"
	if !echo {
		event = "notice"
	}
	args := v.p.arguments(i)
	volatile := s.Has("volatile")
	if volatile && v.socket.EmitVolatile(event, args...) != nil {
		return // it was dropped, as it was to be
	}
	if echo {
		online := v.socket.Connected()
		v.change(func() {
			if online {
				v.answers++
			} else {
				v.buffered++
			}
		})
	}
	switch {
	case volatile:
	case i >= s.Int("count")-s.Int("ack"):
		v.change(func() { v.asked++ })
		v.ask(s.Int("retries"), event, args)
	default:
		v.socket.Emit(event, args...)
	}
}

// ask emits an event that asks for an acknowledgement, again if none comes.
func (v *visitor) ask(again int, event string, args []any) {
	v.socket.EmitAck(v.p.s.Time("ack-timeout"), func(_ []any, err error) {
		if errors.Is(err, sockets.ErrAckTimeout) && again > 0 {
			v.ask(again-1, event, args)
			return
		}
		v.change(func() { v.asked-- })
	}, event, args...)
}
