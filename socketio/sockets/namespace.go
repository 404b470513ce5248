package sockets

import (
	"fmt"
	"slices"
	"time"

	codec "wirelab/packets/socketio"
	"wirelab/socketio/engine"
)

// A Namespace is a channel of its own on the shared connections.
type Namespace struct {
	name      string
	srv       *Server
	admit     []func(*Socket) error
	connected func(*Socket)

	// srv.mu:
	sockets []*Socket // in the order in which they came
	log     []logged
	saved   map[string]*savedState // by private id
}

// Name is the namespace's name.
func (n *Namespace) Name() string { return n.name }

// Admit adds a condition: a client for which it fails is not let in, and is told
// the error.
func (n *Namespace) Admit(f func(*Socket) error) { n.admit = append(n.admit, f) }

// OnConnect says what to do with each new socket.
func (n *Namespace) OnConnect(f func(*Socket)) { n.connected = f }

// Sockets are those that are there, in the order in which they came.
func (n *Namespace) Sockets() []*Socket {
	n.srv.mu.Lock()
	defer n.srv.mu.Unlock()
	return slices.Clone(n.sockets)
}

// An Audience is some sockets of a namespace: those in any of Rooms, or all of
// them if there are none, but for those in Except. Every socket is in the room
// of its own id.
type Audience struct {
	n        *Namespace
	rooms    []string
	except   []string
	volatile bool
}

// To is the audience of these rooms; without any, of all.
func (n *Namespace) To(rooms ...string) Audience { return Audience{n: n, rooms: rooms} }

// Except is a without those in these rooms.
func (a Audience) Except(rooms ...string) Audience {
	a.except = append(slices.Clone(a.except), rooms...)
	return a
}

// Volatile is a, but an event that cannot go out at once to one of them is
// dropped for that one.
func (a Audience) Volatile() Audience {
	a.volatile = true
	return a
}

func (a Audience) has(in func(room string) bool) bool {
	return (len(a.rooms) == 0 || slices.ContainsFunc(a.rooms, in)) && !slices.ContainsFunc(a.except, in)
}

// Emit sends an event to each of them: so many copies leave the server. It
// returns how many, or why it cannot be sent.
func (a Audience) Emit(event string, args ...any) (copies int, err error) {
	n := a.n
	err = n.srv.o.Record.call("emit", func() (string, error) {
		p := codec.NewEvent(n.name, event, args...)
		if codec.Reserved(event) {
			return "", fmt.Errorf("%q is a reserved event name", event)
		}
		if _, _, err := p.Encode(); err != nil {
			return "", err
		}
		note := words(&p)
		n.srv.mu.Lock()
		defer n.srv.mu.Unlock()
		if n.srv.o.Recovery > 0 && !a.volatile {
			p = n.keep(p, a)
		}
		ms, err := messages(p)
		if err != nil {
			return "", err
		}
		for _, k := range n.sockets {
			if a.has(k.in) && (!a.volatile || k.c.session.Writable()) {
				k.c.session.Send(ms...)
				copies++
			}
		}
		if copies == 1 {
			return note + ", to 1 socket", nil
		}
		return fmt.Sprintf("%s, to %d sockets", note, copies), nil
	})
	return copies, err
}

// A logged event is kept for those who are gone for a while.
type logged struct {
	offset string
	at     time.Time
	p      codec.Packet
	to     Audience
}

// A savedState is what is kept of a socket that is gone.
type savedState struct {
	id    string
	rooms []string
	data  any
	at    time.Time
}

// keep adds an event to the log, and to the event its offset as one more
// argument, by which a client that comes back says how far it had come. srv.mu
// must be held.
func (n *Namespace) keep(p codec.Packet, to Audience) codec.Packet {
	now := n.srv.env.Now()
	offset := engine.NewID(n.srv.env)
	p.Args = append(slices.Clone(p.Args), offset)
	old := 0
	for old < len(n.log) && (now.Sub(n.log[old].at) > n.srv.o.Recovery || len(n.log)-old >= n.srv.o.MaxRecovery) {
		old++
	}
	n.log = append(slices.Delete(n.log, 0, old), logged{offset, now, p, to})
	return p
}

// restore gives k the state of the socket that the client had, if it names one
// that is kept, and returns what it missed; else it gets a new private id.
func (n *Namespace) restore(k *Socket) (missed []codec.Packet) {
	n.srv.mu.Lock()
	defer n.srv.mu.Unlock()
	pid, _ := k.auth["pid"].(string)
	offset, _ := k.auth["offset"].(string)
	state := n.saved[pid]
	at := slices.IndexFunc(n.log, func(l logged) bool { return l.offset == offset })
	if state == nil || at < 0 || n.srv.env.Now().Sub(state.at) > n.srv.o.Recovery {
		k.pid = engine.NewID(n.srv.env)
		return nil
	}
	delete(n.saved, pid)
	k.pid, k.id, k.rooms, k.Data, k.recovered = pid, state.id, state.rooms, state.data, true
	for _, l := range n.log[at+1:] {
		if l.to.has(k.in) {
			missed = append(missed, l.p)
		}
	}
	return missed
}

// save keeps the state of a socket that is gone, and forgets those that have been
// for too long. srv.mu must be held.
func (n *Namespace) save(k *Socket) {
	now := n.srv.env.Now()
	for pid, state := range n.saved {
		if now.Sub(state.at) > n.srv.o.Recovery {
			delete(n.saved, pid)
		}
	}
	n.saved[k.pid] = &savedState{k.id, k.rooms, k.Data, now}
}
