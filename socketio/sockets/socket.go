package sockets

import (
	"fmt"
	"slices"
	"time"

	codec "wirelab/packets/socketio"
	"wirelab/socketio/engine"
)

// A Socket is one client in one namespace, as the server has it.
type Socket struct {
	// Data is whatever the program wants to keep with the socket; it is
	// recovered with it.
	Data any

	n         *Namespace
	c         *conn
	id, pid   string
	auth      map[string]any
	recovered bool
	left      func(reason string)

	// n.srv.mu:
	gone     bool
	rooms    []string
	handlers handlers
	acks     pending
}

// ID is the socket's id: another one than the session's, so that others may be
// told it.
func (k *Socket) ID() string { return k.id }

// Auth is what the client said when it connected.
func (k *Socket) Auth() map[string]any { return k.auth }

// Recovered says whether the client was here before and its state was kept.
func (k *Socket) Recovered() bool { return k.recovered }

// Namespace is where the socket is.
func (k *Socket) Namespace() *Namespace { return k.n }

// Session is the session that carries it.
func (k *Socket) Session() *engine.Session { return k.c.session }

// On adds a handler for an event.
func (k *Socket) On(event string, h Handler) {
	k.n.srv.mu.Lock()
	defer k.n.srv.mu.Unlock()
	k.handlers.add(event, h)
}

// OnDisconnect says what to do when the socket is gone.
func (k *Socket) OnDisconnect(f func(reason string)) { k.left = f }

// in says whether the socket is in a room. srv.mu must be held.
func (k *Socket) in(room string) bool { return room == k.id || slices.Contains(k.rooms, room) }

// Join puts the socket into a room. No packet tells the client.
func (k *Socket) Join(room string) {
	k.n.srv.mu.Lock()
	defer k.n.srv.mu.Unlock()
	if !k.in(room) {
		k.rooms = append(k.rooms, room)
	}
}

// Leave takes it out.
func (k *Socket) Leave(room string) {
	k.n.srv.mu.Lock()
	defer k.n.srv.mu.Unlock()
	k.rooms = slices.DeleteFunc(slices.Clone(k.rooms), func(r string) bool { return r == room })
}

// Rooms are those that it is in, its own first.
func (k *Socket) Rooms() []string {
	k.n.srv.mu.Lock()
	defer k.n.srv.mu.Unlock()
	return append([]string{k.id}, k.rooms...)
}

// Emit sends this client an event.
func (k *Socket) Emit(event string, args ...any) error {
	_, err := k.n.To(k.id).Emit(event, args...)
	return err
}

// Broadcast is all others, or those of these rooms.
func (k *Socket) Broadcast(rooms ...string) Audience { return k.n.To(rooms...).Except(k.id) }

// EmitAck sends this client an event and calls reply with its acknowledgement, or
// with an error if none comes within the timeout (0: however long it takes).
func (k *Socket) EmitAck(timeout time.Duration, reply Reply, event string, args ...any) error {
	s := k.n.srv
	return s.o.Record.call("emit", func() (string, error) {
		p := codec.NewEvent(k.n.name, event, args...)
		if codec.Reserved(event) {
			return "", fmt.Errorf("%q is a reserved event name", event)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if k.gone {
			return "", ErrDisconnected
		}
		p.Asks, p.ID = true, k.acks.add(reply)
		if err := k.c.send(p); err != nil {
			k.acks.take(p.ID)
			return "", err
		}
		if timeout > 0 {
			k.acks.time(p.ID, s.env.AfterFunc(timeout, func() { k.take(p.ID).fail(s.o.Record, ErrAckTimeout) }))
		}
		return words(&p), nil
	})
}

func (k *Socket) take(id uint64) waiter {
	k.n.srv.mu.Lock()
	defer k.n.srv.mu.Unlock()
	return k.acks.take(id)
}

func (k *Socket) acknowledged(p *codec.Packet) {
	k.take(p.ID).give(k.n.srv.o.Record, p.Args)
}

// event calls the handlers of an event from the client.
func (k *Socket) event(p *codec.Packet) {
	s := k.n.srv
	s.mu.Lock()
	fs := k.handlers.of(p.Name())
	s.mu.Unlock()
	dispatch(s.o.Record, p, fs, func(args []any) {
		k.c.send(codec.Packet{Type: codec.Ack, Namespace: k.n.name, ID: p.ID, Args: args})
	})
}

// Disconnect takes the client out of the namespace, or, with all, ends its
// session.
func (k *Socket) Disconnect(all bool) {
	if all {
		k.c.session.Close()
		return
	}
	k.c.send(codec.Packet{Type: codec.Disconnect, Namespace: k.n.name})
	k.leave("server namespace disconnect")
}

// leave takes the socket out of the namespace. Its state is kept unless either
// side left of its own will.
func (k *Socket) leave(reason string) {
	s := k.n.srv
	s.mu.Lock()
	if k.gone {
		s.mu.Unlock()
		return
	}
	k.gone = true
	mine := func(o *Socket) bool { return o == k }
	k.c.sockets = slices.DeleteFunc(slices.Clone(k.c.sockets), mine)
	k.n.sockets = slices.DeleteFunc(slices.Clone(k.n.sockets), mine)
	if k.pid != "" && reason != "client namespace disconnect" && reason != "server namespace disconnect" {
		k.n.save(k)
	}
	waiting := k.acks.waiting
	k.acks.waiting = nil
	s.mu.Unlock()
	for _, w := range waiting {
		w.stop()
		w.fail(s.o.Record, ErrDisconnected)
	}
	s.o.Record.call("disconnect", func() (string, error) {
		if k.left != nil {
			k.left(reason)
		}
		return reason, nil
	})
}
