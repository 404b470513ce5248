package sockets

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"wirelab/packets/engineio"
	codec "wirelab/packets/socketio"
)

// A Recorder carries out f, as one call of a program that others can see: what
// is "connect", "emit", "on", "handle", "ack" or "disconnect", and the note says
// what came of it.
type Recorder func(what string, f func() (note string, err error)) error

func (r Recorder) call(what string, f func() (note string, err error)) error {
	if r == nil {
		_, err := f()
		return err
	}
	return r(what, f)
}

// A Handler is called with the arguments of an event. Ack acknowledges it; it
// does nothing if the event did not ask for that, or the second time.
type Handler func(args []any, ack func(args ...any))

// A Reply is called with what an acknowledgement says, or with an error if none
// will come.
type Reply func(args []any, err error)

// Errors of a Reply.
var (
	ErrAckTimeout   = errors.New("operation has timed out")
	ErrDisconnected = errors.New("socket has been disconnected")
)

// messages are the Engine.IO messages of a packet.
func messages(p codec.Packet) ([]engineio.Packet, error) {
	text, attachments, err := p.Encode()
	if err != nil {
		return nil, err
	}
	ms := []engineio.Packet{{Type: engineio.Message, Data: text}}
	for _, a := range attachments {
		ms = append(ms, engineio.Packet{Type: engineio.Message, Binary: true, Data: a})
	}
	return ms, nil
}

// decode joins messages to packets; nil: more is to come.
func decode(d *codec.Decoder, m engineio.Packet) (*codec.Packet, error) {
	if m.Binary {
		return d.Binary(m.Data)
	}
	return d.Text(m.Data)
}

// words is an event in a few words, for a note: message("hello", 1).
func words(p *codec.Packet) string {
	s := p.Name() + "(" + list(p.Args[1:]) + ")"
	if p.Asks {
		s += fmt.Sprintf(", asks for acknowledgement %d", p.ID)
	}
	return s
}

// list is arguments in a few words, those of them that are long cut short.
func list(args []any) string {
	const most = 40 // bytes of one
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		text := fmt.Sprint(a)
		if data, is := a.([]byte); is {
			text = fmt.Sprintf("%d bytes", len(data))
		} else if s, is := a.(string); is {
			text = `"` + s + `"`
		} else if j, err := json.Marshal(a); err == nil {
			text = string(j)
		}
		if len(text) > most {
			text = strings.ToValidUTF8(text[:most], "") + "..."
		}
		b.WriteString(text)
		if b.Len() > 2*most && i+1 < len(args) {
			return b.String() + fmt.Sprintf(", and %d more", len(args)-i-1)
		}
	}
	return b.String()
}

// pending are the events that wait for their acknowledgements.
type pending struct {
	next    uint64
	waiting []waiter // by number
}

type waiter struct {
	id    uint64
	reply Reply
	stop  func() bool
}

// add notes an event whose acknowledgement is to come, and returns its number.
func (p *pending) add(reply Reply) uint64 {
	id := p.next
	p.next++
	p.waiting = append(p.waiting, waiter{id: id, reply: reply, stop: func() bool { return true }})
	return id
}

// time notes what stops the timer of number id.
func (p *pending) time(id uint64, stop func() bool) {
	for i := range p.waiting {
		if p.waiting[i].id == id {
			p.waiting[i].stop = stop
		}
	}
}

// take takes the one of that number out; its reply is nil if there is none.
func (p *pending) take(id uint64) waiter {
	for i, w := range p.waiting {
		if w.id == id {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			return w
		}
	}
	return waiter{}
}

// give gives one its acknowledgement.
func (w waiter) give(r Recorder, args []any) {
	if w.reply == nil || !w.stop() {
		return // nobody waits, or no longer
	}
	r.call("ack", func() (string, error) {
		w.reply(args, nil)
		return fmt.Sprintf("acknowledgement %d has come: %s", w.id, list(args)), nil
	})
}

// fail tells one that none will come.
func (w waiter) fail(r Recorder, err error) {
	if w.reply == nil {
		return
	}
	r.call("ack", func() (string, error) {
		w.reply(nil, err)
		return "", fmt.Errorf("acknowledgement %d: %w", w.id, err)
	})
}

// handlers are those of a socket.
type handlers struct {
	named []namedHandler // in the order in which they were added
}

type namedHandler struct {
	event string
	h     Handler
}

func (h *handlers) add(event string, f Handler) {
	h.named = append(h.named, namedHandler{event, f})
}

// of are the handlers of an event.
func (h *handlers) of(event string) (fs []Handler) {
	for _, n := range h.named {
		if n.event == event {
			fs = append(fs, n.h)
		}
	}
	return fs
}

// dispatch calls the handlers of event p, each as a call of its own.
func dispatch(r Recorder, p *codec.Packet, fs []Handler, acknowledge func(args []any)) {
	acked := false
	ack := func(args ...any) {
		if !p.Asks || acked {
			return
		}
		acked = true
		r.call("ack", func() (string, error) {
			acknowledge(args)
			return fmt.Sprintf("acknowledges %d: %s", p.ID, list(args)), nil
		})
	}
	r.call("on", func() (string, error) {
		for _, f := range fs {
			r.call("handle", func() (string, error) {
				f(p.Args[1:], ack)
				return p.Name(), nil
			})
		}
		return words(p), nil
	})
}
