package engine

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"wirelab/packets/engineio"
)

// A heldGet is a GET that waits for something to be said: the client's ear.
type heldGet struct {
	answer chan []engineio.Packet // nil: a refusal
}

// grace is how long a GET that begins after the probe waits before it is set
// free. The client's upgrade packet may be on its way over the WebSocket, and be
// overtaken by this GET, which then is one too many.
const grace = 100 * time.Millisecond

// answer answers the GET that is held. e.mu must be held.
func (e *Session) answer(ps []engineio.Packet) {
	e.held.answer <- ps
	e.held = nil
}

// release answers a GET that is still held with nothing.
func (e *Session) release(h *heldGet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.held == h {
		e.answer([]engineio.Packet{{Type: engineio.Noop}})
	}
}

// get is a poll: it is answered as soon as there is something to say.
func (e *Session) get(w http.ResponseWriter, r *http.Request) {
	h := &heldGet{answer: make(chan []engineio.Packet, 1)}
	e.mu.Lock()
	switch {
	case e.closed && e.farewell != nil:
		h.answer <- e.farewell
		e.farewell = nil
	case e.closed || e.ws != nil:
		h.answer <- nil
	case e.held != nil: // two at once: nobody could say which is to be answered
		e.mu.Unlock()
		e.end(TransportError, closing, abruptly)
		badRequest.write(w)
		return
	case !e.out.empty():
		h.answer <- e.out.take(e.srv.o.MaxPayload)
	default:
		e.held = h
		if e.probed {
			e.srv.env.AfterFunc(grace, func() { e.release(h) })
		}
	}
	e.mu.Unlock()
	select {
	case ps := <-h.answer:
		if ps == nil {
			badRequest.write(w)
			return
		}
		body := engineio.Payload(ps)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		answer(w, http.StatusOK, "text/plain; charset=UTF-8", body)
	case <-r.Context().Done(): // the client took its ear away
		e.end(TransportError, closing, abruptly)
	}
}

// post takes what the client has to say.
func (e *Session) post(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	twice, over := e.posting, e.closed || e.ws != nil
	if !twice && !over {
		e.posting = true
	}
	e.mu.Unlock()
	if twice {
		e.end(TransportError, closing, abruptly)
	}
	if twice || over {
		badRequest.write(w)
		return
	}
	defer func() {
		e.mu.Lock()
		e.posting = false
		e.mu.Unlock()
	}()
	body, status := e.readBody(w, r)
	if status != http.StatusOK {
		if status == http.StatusRequestTimeout {
			e.end(TransportError, closing, abruptly)
		}
		// The client that hears of a body too large closes the session: were it
		// closed here, the GET that is held would tell it another reason first.
		answer(w, status, "text/plain; charset=UTF-8", []byte(http.StatusText(status)))
		return
	}
	if e.over() { // meanwhile
		badRequest.write(w)
		return
	}
	for p, err := range engineio.Packets(body) {
		if err == nil {
			err = e.obey(p)
		}
		if err != nil {
			e.end(ParseError, closing, abruptly)
			badRequest.write(w)
			return
		}
	}
	answer(w, http.StatusOK, "text/html", []byte("ok"))
}

// readBody reads a body of at most the payload's limit, and not for ever: a
// client that takes longer than a heartbeat may is taken for gone. It returns
// the status that says what was wrong.
func (e *Session) readBody(w http.ResponseWriter, r *http.Request) ([]byte, int) {
	o := &e.srv.o
	most := int64(o.MaxPayload)
	if r.ContentLength > most {
		w.Header().Set("Connection", "close") // what is still to come is not read
		return nil, http.StatusRequestEntityTooLarge
	}
	// An http.Server knows deadlines; another that does not bears the client.
	http.NewResponseController(w).SetReadDeadline(e.srv.env.Now().Add(o.PingInterval + o.PingTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusRequestTimeout
	}
	return body, http.StatusOK
}
