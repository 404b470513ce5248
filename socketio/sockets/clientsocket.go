package sockets

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	codec "wirelab/packets/socketio"
)

// A ClientSocket is the client's socket in one namespace.
type ClientSocket struct {
	m         *Client
	namespace string
	auth      map[string]any
	connected func()
	refused   func(error)
	left      func(reason string)

	// m.mu:
	joined      bool
	refusal     bool // the server does not let it in, or threw it out: it does not come back by itself
	id          string
	pid, offset string // for recovery; empty: the server keeps nothing
	recovered   bool
	handlers    handlers
	acks        pending
	early       []*codec.Packet // events that came before the answer to the connect
	outbox      []codec.Packet  // events that wait for the namespace
}

// maxOutbox is how many events may wait for the connection; what is emitted
// beyond that fails.
const maxOutbox = 100_000

// ErrFull says that too many events wait for the connection already.
var ErrFull = errors.New("too many events wait for the connection")

// ErrNotSent says that a volatile event could not go out at once and was dropped.
var ErrNotSent = errors.New("dropped: a volatile event goes out at once or not at all")

// On adds a handler for an event. Added twice, it is called twice.
func (k *ClientSocket) On(event string, h Handler) {
	k.m.mu.Lock()
	defer k.m.mu.Unlock()
	k.handlers.add(event, h)
}

// OnConnect says what to do each time the server has let the socket in.
func (k *ClientSocket) OnConnect(f func()) { k.connected = f }

// OnRefused says what to do when the server does not.
func (k *ClientSocket) OnRefused(f func(error)) { k.refused = f }

// OnDisconnect says what to do when the socket is out again.
func (k *ClientSocket) OnDisconnect(f func(reason string)) { k.left = f }

// ID is the socket's id, which is another after each connect unless the state was
// recovered; empty while it is not connected.
func (k *ClientSocket) ID() string {
	k.m.mu.Lock()
	defer k.m.mu.Unlock()
	return k.id
}

// Connected says whether the socket is in its namespace.
func (k *ClientSocket) Connected() bool {
	k.m.mu.Lock()
	defer k.m.mu.Unlock()
	return k.joined
}

// Recovered says whether the last connect took up the state of the one before.
func (k *ClientSocket) Recovered() bool {
	k.m.mu.Lock()
	defer k.m.mu.Unlock()
	return k.recovered
}

// join asks the server to let the socket in. If its state may be kept there, it
// says whose it is and which event was the last that came.
func (k *ClientSocket) join() {
	k.m.mu.Lock()
	if k.refusal {
		k.m.mu.Unlock()
		return
	}
	body := maps.Clone(k.auth)
	if k.pid != "" {
		if body == nil {
			body = map[string]any{}
		}
		body["pid"], body["offset"] = k.pid, k.offset
	}
	k.early = nil
	k.m.mu.Unlock()
	p := codec.Packet{Type: codec.Connect, Namespace: k.namespace}
	if body != nil {
		p.Body = body
	}
	k.m.send(p)
}

func (k *ClientSocket) packet(p *codec.Packet) {
	switch p.Type {
	case codec.Connect:
		k.enter(p)
	case codec.ConnectError:
		k.m.mu.Lock()
		k.refusal = true
		k.m.mu.Unlock()
		if k.refused != nil {
			k.refused(refusalError(p.Body))
		}
	case codec.Disconnect:
		k.m.mu.Lock()
		k.refusal = true
		k.m.mu.Unlock()
		k.lost("io server disconnect")
	case codec.Ack:
		k.take(p.ID).give(k.m.o.Record, p.Args)
	case codec.Event:
		k.m.mu.Lock()
		joined := k.joined
		if !joined && len(k.early) < maxOutbox {
			k.early = append(k.early, p)
		}
		k.m.mu.Unlock()
		if joined {
			k.event(p)
		}
	}
}

// refusalError is what a connect error says.
func refusalError(body any) error {
	if object, ok := body.(map[string]any); ok {
		body = object["message"]
	}
	return fmt.Errorf("%v", body)
}

// enter is told that the server has let the socket in.
func (k *ClientSocket) enter(p *codec.Packet) {
	body, _ := p.Body.(map[string]any)
	id, _ := body["sid"].(string)
	pid, _ := body["pid"].(string)
	k.m.mu.Lock()
	k.recovered = pid != "" && pid == k.pid
	k.id, k.pid, k.joined = id, pid, true
	early, outbox := k.early, k.outbox
	k.early, k.outbox = nil, nil
	k.m.mu.Unlock()
	for _, e := range early {
		k.event(e)
	}
	for _, e := range outbox {
		k.m.send(e)
	}
	if k.connected != nil {
		k.connected()
	}
}

// event calls the handlers of an event, and notes how far the client has come: an
// event whose state is kept has its offset as its last argument. An event
// of the program's own that ends in a text, and is not kept, is taken for one too;
// the protocol has no way to tell.
func (k *ClientSocket) event(p *codec.Packet) {
	k.m.mu.Lock()
	fs := k.handlers.of(p.Name())
	k.m.mu.Unlock()
	dispatch(k.m.o.Record, p, fs, func(args []any) {
		k.m.send(codec.Packet{Type: codec.Ack, Namespace: k.namespace, ID: p.ID, Args: args})
	})
	k.m.mu.Lock()
	defer k.m.mu.Unlock()
	if offset, ok := p.Args[len(p.Args)-1].(string); ok && k.pid != "" && !p.Asks {
		k.offset = offset
	}
}

// Emit sends the server an event. While the socket is not connected, it waits.
func (k *ClientSocket) Emit(event string, args ...any) error {
	return k.emit(codec.NewEvent(k.namespace, event, args...), false)
}

// EmitVolatile sends the server an event if it can go out at once; else it is
// dropped.
func (k *ClientSocket) EmitVolatile(event string, args ...any) error {
	return k.emit(codec.NewEvent(k.namespace, event, args...), true)
}

// EmitAck sends the server an event and calls reply with its acknowledgement, or
// with an error if none comes within the timeout (0: however long it takes).
func (k *ClientSocket) EmitAck(timeout time.Duration, reply Reply, event string, args ...any) error {
	p := codec.NewEvent(k.namespace, event, args...)
	k.m.mu.Lock()
	p.Asks, p.ID = true, k.acks.add(reply)
	if timeout > 0 {
		k.acks.time(p.ID, k.m.env.AfterFunc(timeout, func() { k.overdue(p.ID) }))
	}
	k.m.mu.Unlock()
	err := k.emit(p, false)
	if err != nil {
		if w := k.take(p.ID); w.stop != nil {
			w.stop()
		}
	}
	return err
}

func (k *ClientSocket) emit(p codec.Packet, volatile bool) error {
	return k.m.o.Record.call("emit", func() (string, error) {
		if codec.Reserved(p.Name()) {
			return "", fmt.Errorf("%q is a reserved event name", p.Name())
		}
		session := k.m.Session()
		k.m.mu.Lock()
		wait := !k.joined
		full := len(k.outbox) >= maxOutbox
		if wait && !volatile && !full {
			k.outbox = append(k.outbox, p)
		}
		k.m.mu.Unlock()
		switch {
		case volatile && (wait || session == nil || !session.Writable()):
			return "", ErrNotSent
		case wait && full:
			return "", ErrFull
		case wait:
			return words(&p) + "; it waits for the connection", nil
		}
		return words(&p), k.m.send(p)
	})
}

func (k *ClientSocket) take(id uint64) waiter {
	k.m.mu.Lock()
	defer k.m.mu.Unlock()
	return k.acks.take(id)
}

// overdue gives up an acknowledgement; an event that has not even gone out stays.
func (k *ClientSocket) overdue(id uint64) {
	k.m.mu.Lock()
	k.outbox = slices.DeleteFunc(k.outbox, func(p codec.Packet) bool { return p.Asks && p.ID == id })
	w := k.acks.take(id)
	k.m.mu.Unlock()
	w.fail(k.m.o.Record, ErrAckTimeout)
}

// Disconnect leaves the namespace. The connection stays for the others.
func (k *ClientSocket) Disconnect() {
	k.m.mu.Lock()
	joined := k.joined
	k.refusal = true
	k.m.mu.Unlock()
	if !joined {
		return
	}
	k.m.o.Record.call("disconnect", func() (string, error) {
		k.m.send(codec.Packet{Type: codec.Disconnect, Namespace: k.namespace})
		k.out("io client disconnect")
		return "io client disconnect", nil
	})
}

// lost is told that the socket is out, though the program did not want it.
func (k *ClientSocket) lost(reason string) {
	k.m.mu.Lock()
	joined := k.joined
	k.m.mu.Unlock()
	if joined {
		k.m.o.Record.call("disconnect", func() (string, error) {
			k.out(reason)
			return reason, nil
		})
	}
}

// out is the end of the socket's time in the namespace. Acknowledgements of
// events that went out can no longer come.
func (k *ClientSocket) out(reason string) {
	k.m.mu.Lock()
	k.joined, k.id = false, ""
	waiting := slices.Clone(k.acks.waiting)
	k.acks.waiting = nil
	k.m.mu.Unlock()
	for _, w := range waiting {
		w.stop()
		w.fail(k.m.o.Record, ErrDisconnected)
	}
	if k.left != nil {
		k.left(reason)
	}
}
