package engine

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"wirelab/packets/engineio"
)

// A Session is one client's session as the server has it, whatever carries it.
type Session struct {
	srv     *Server
	id      string
	request *http.Request // that opened it
	events  Events

	mu        sync.Mutex
	out       queue
	flushing  bool    // a goroutine sends what is queued, or is about to
	ws        *socket // nil while it polls
	held      *heldGet
	posting   bool // a POST is being read
	upgrading bool // a WebSocket is tried
	probed    bool // and its probe was answered
	closed    bool
	parted    bool              // and a goodbye was said, or none is to be
	farewell  []engineio.Packet // for one GET that comes late
	due       time.Time         // of the next ping, or of the one that waits for its pong
	stopTimer func() bool
}

// ID is the session's id.
func (e *Session) ID() string { return e.id }

// Request is the request that opened the session.
func (e *Session) Request() *http.Request { return e.request }

// Transport names what carries the session at present.
func (e *Session) Transport() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ws != nil {
		return WebSocket
	}
	return Polling
}

// Send queues packets, which stay together and go out as soon as they can.
func (e *Session) Send(ps ...engineio.Packet) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return
	}
	e.out.add(ps...)
	if e.out.bytes > e.srv.o.MaxQueue {
		e.mu.Unlock()
		// The client does not take what is for it. Whoever sends may hold locks.
		e.srv.env.Go(func() { e.end(TransportError, closing, abruptly) })
		return
	}
	e.flushSoon()
	e.mu.Unlock()
}

// Writable says whether a packet that is sent now would go out at once: what
// a volatile message asks.
func (e *Session) Writable() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.closed && !e.flushing && e.out.empty() && (e.ws != nil || e.held != nil)
}

// flushSoon sends what is queued if there is a way. e.mu must be held.
func (e *Session) flushSoon() {
	if !e.flushing && (e.ws != nil || e.held != nil) {
		e.flushing = true
		e.srv.env.Go(e.flush)
	}
}

// flush sends what is queued: frames on a WebSocket, or the answer to the GET
// that is held.
func (e *Session) flush() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.ws != nil && !e.out.empty() {
		batch, ws := e.out.all(), e.ws
		e.mu.Unlock()
		if err := writeAll(ws, batch); err != nil {
			e.end(whyEnded(err), nil, abruptly)
		}
		e.mu.Lock()
	}
	e.flushing = false
	switch {
	case e.ws != nil && e.closed && !e.parted:
		e.parted = true
		ws := e.ws
		e.mu.Unlock()
		ws.shut()
		e.mu.Lock()
	case e.held != nil && !e.out.empty():
		e.answer(e.out.take(e.srv.o.MaxPayload))
	}
}

func writeAll(ws *socket, ps []engineio.Packet) error {
	for _, p := range ps {
		if err := ws.write(p); err != nil {
			return err
		}
	}
	return nil
}

// expectPing arms the timer of the next ping. e.mu must be held.
func (e *Session) expectPing() {
	e.due = e.srv.env.Now().Add(e.srv.o.PingInterval)
	e.stopTimer = e.srv.env.AfterFunc(e.srv.o.PingInterval, e.ping)
}

// ping asks whether the client is there. The time for the answer counts from
// when the ping was due, not from when a busy machine came to send it.
func (e *Session) ping() {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return
	}
	left := e.due.Add(e.srv.o.PingTimeout).Sub(e.srv.env.Now())
	e.stopTimer = e.srv.env.AfterFunc(left, func() { e.end(PingTimeout, closing, abruptly) })
	e.mu.Unlock()
	e.Send(engineio.Packet{Type: engineio.Ping})
}

// overdue says whether the time for a pong has passed, though a busy machine has
// not come to end the session yet.
func (e *Session) overdue() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.closed && !e.srv.env.Now().Before(e.due.Add(e.srv.o.PingTimeout))
}

// take deals with a packet from the client. An error is one of the protocol.
func (e *Session) take(p engineio.Packet) error {
	switch {
	case p.Type == engineio.Message:
		if e.events.Message != nil {
			e.events.Message(p)
		}
	case p.Is(engineio.Pong, ""):
		e.mu.Lock()
		if !e.closed {
			e.stopTimer()
			e.expectPing()
		}
		e.mu.Unlock()
	case p.Type == engineio.Close:
		e.depart(TransportClose, []engineio.Packet{{Type: engineio.Noop}})
	default:
		return &engineio.Error{Reason: fmt.Sprintf("a client never sends a packet of type %s here", p.Type)}
	}
	return nil
}

// Close ends the session: what is queued still goes out.
func (e *Session) Close() { e.depart(ForcedClose, nil) }

// Fail ends the session because the client sent what is no message of the
// layer above.
func (e *Session) Fail() { e.end(ParseError, closing, politely) }

// closing is what a held GET gets when the server ends a session.
var closing = []engineio.Packet{{Type: engineio.Close}}

// depart ends the session in good order: the client, or this side's program,
// wants it. A GET that comes late, because it was under way, still gets its
// answer. last is that answer; nil: what is queued, and a close packet.
func (e *Session) depart(reason string, last []engineio.Packet) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return
	}
	if last == nil && e.ws == nil {
		last = append(e.out.all(), closing...)
	}
	if e.held == nil && e.ws == nil {
		e.farewell = last
	}
	e.mu.Unlock()
	e.end(reason, last, politely)
}

// lateness is how long a session that was closed still answers one GET.
const lateness = time.Second

// A manner is how to part from a client on a WebSocket.
type manner bool

const (
	politely manner = true  // what is queued goes out, and then a close frame
	abruptly manner = false // there is nobody to say goodbye to
)

// end ends the session. A GET that is held gets last.
func (e *Session) end(reason string, last []engineio.Packet, how manner) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return
	}
	e.closed = true
	e.stopTimer()
	if e.held != nil {
		e.answer(last)
	}
	ws, late := e.ws, e.farewell != nil
	if how == politely {
		e.flushSoon()
	} else {
		e.out, e.parted = queue{}, true
	}
	e.mu.Unlock()
	if ws != nil && how == politely {
		e.srv.env.AfterFunc(closeWait, ws.abort)
	} else if ws != nil {
		ws.abort()
	}
	if late {
		e.srv.env.AfterFunc(lateness, func() { e.srv.forget(e) })
	} else {
		e.srv.forget(e)
	}
	if e.events.Closed != nil {
		e.events.Closed(reason)
	}
}

// readFrames takes packets from the WebSocket until it ends.
func (e *Session) readFrames() {
	e.mu.Lock()
	ws := e.ws
	e.mu.Unlock()
	for {
		p, err := ws.read()
		if err == nil {
			err = e.obey(p)
		}
		switch reason := whyEnded(err); {
		case err == nil:
		case reason == ParseError: // it says goodbye, and waits for the client's
			e.end(reason, nil, politely)
		default:
			e.end(reason, nil, abruptly)
			ws.abort()
			return
		}
	}
}

// obey takes a packet, unless the session is over.
func (e *Session) obey(p engineio.Packet) error {
	if e.over() {
		return nil
	}
	return e.take(p)
}

// over says whether the session has ended.
func (e *Session) over() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}
