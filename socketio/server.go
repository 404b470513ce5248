package socketio

import (
	"errors"
	"time"

	"wirelab/packets/engineio"
	codec "wirelab/packets/socketio"
	"wirelab/socketio/engine"
	"wirelab/socketio/sockets"
)

// Paths of the requests.
const (
	Path       = "/socket.io/"
	EnginePath = "/engine.io/"
)

// AdminToken lets a client into the namespace /admin.
const AdminToken = "s3cret"

// NewServer returns the server of the exchange, which real clients may use too.
// It tells each new socket what it said of itself (event auth), echoes message as
// message-back, and message-with-ack as an
// acknowledgement, and takes notice without a word; join and leave put
// the sender into a room and take it out, say has what follows heard by an
// audience ("reply", "all", "others", "room", "room-others", and the room), ask
// has the server ask the sender back, later has it tell all after 150 ms, leave-me
// has it throw the sender out, and break ends the session. Besides the main
// namespace there is /custom, and /admin for those who have its token.
func NewServer(env engine.Env, o sockets.Options) *sockets.Server {
	s := newServer(env, o)
	for _, name := range []string{codec.MainNamespace, "/custom"} {
		n := s.Of(name)
		n.OnConnect(func(k *sockets.Socket) {
			greet(k)
			serve(env, n, k)
		})
	}
	return s
}

// newServer returns a server whose namespace /admin is guarded.
func newServer(env engine.Env, o sockets.Options) *sockets.Server {
	s := sockets.NewServer(env, o)
	s.Of("/admin").Admit(func(k *sockets.Socket) error {
		if k.Auth()["token"] != AdminToken {
			//lint:ignore ST1005 these are the words that the client is told
			return errors.New("Not authorized")
		}
		return nil
	})
	return s
}

// greet tells a new socket what it said of itself.
func greet(k *sockets.Socket) {
	auth := map[string]any{}
	for key, v := range k.Auth() {
		if key != "pid" && key != "offset" { // what the protocol adds for recovery is not the program's
			auth[key] = v
		}
	}
	k.Emit("auth", auth)
}

// serve gives a new socket its handlers.
func serve(env engine.Env, n *sockets.Namespace, k *sockets.Socket) {
	k.On("message", func(args []any, ack func(...any)) {
		k.Emit("message-back", args...)
		ack(args...)
	})
	k.On("message-with-ack", func(args []any, ack func(...any)) { ack(args...) })
	k.On("notice", func(_ []any, ack func(...any)) { ack() })
	k.On("join", func(args []any, ack func(...any)) {
		k.Join(text(args, 0))
		ack(anys(k.Rooms()))
	})
	k.On("leave", func(args []any, ack func(...any)) {
		k.Leave(text(args, 0))
		ack(anys(k.Rooms()))
	})
	k.On("say", func(args []any, ack func(...any)) {
		if len(args) >= 2 {
			audience(n, k, text(args, 0), text(args, 1)).Emit("news", args[2:]...)
		}
		ack()
	})
	k.On("ask", func(args []any, ack func(...any)) {
		k.EmitAck(time.Second, func(answer []any, err error) { ack(answer, err != nil) }, "question", args...)
	})
	k.On("later", func(args []any, _ func(...any)) {
		env.AfterFunc(150*time.Millisecond, func() { n.To().Emit("late", args...) })
	})
	k.On("leave-me", func([]any, func(...any)) { k.Disconnect(false) })
	k.On("break", func([]any, func(...any)) { k.Disconnect(true) })
}

// audience is who hears what is said to an audience of that kind by k.
func audience(n *sockets.Namespace, k *sockets.Socket, kind, room string) sockets.Audience {
	switch kind {
	case "all":
		return n.To()
	case "others":
		return k.Broadcast()
	case "room":
		return n.To(room)
	case "room-others":
		return k.Broadcast(room)
	}
	return n.To(k.ID())
}

// text is argument i if it is a text; else "".
func text(args []any, i int) string {
	if i >= len(args) {
		return ""
	}
	s, _ := args[i].(string)
	return s
}

func anys(list []string) []any {
	var out []any
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

// NewEcho returns a server of the layer below, Engine.IO alone, which echoes every
// message.
func NewEcho(env engine.Env, o engine.Options) *engine.Server {
	if o.Path == "" {
		o.Path = EnginePath
	}
	return engine.NewServer(env, o, func(e *engine.Session) engine.Events {
		return engine.Events{Message: func(p engineio.Packet) { e.Send(p) }}
	})
}
