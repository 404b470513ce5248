package engine

import "wirelab/packets/engineio"

// tryUpgrade is the server's part of an upgrade: a second connection of a
// session that polls.
//
//	client                                server
//	2probe                            ->
//	                                  <-  3probe, and 6 to the GET that is held
//	(waits for that GET, and for its last POST)
//	5                                 ->
//
// From then on all goes over the WebSocket.
func (e *Session) tryUpgrade(ws *socket) {
	e.mu.Lock()
	free := !e.closed && e.ws == nil && !e.upgrading
	if free {
		e.upgrading = true
	}
	e.mu.Unlock()
	if !free {
		ws.shut() // one WebSocket a session
		drain(ws)
		return
	}
	stop := e.srv.env.AfterFunc(e.srv.o.UpgradeTimeout, ws.abort)
	ok := expect(ws, engineio.Text(engineio.Ping, engineio.Probe)) && ws.write(engineio.Text(engineio.Pong, engineio.Probe)) == nil
	if ok {
		e.mu.Lock()
		e.probed = true
		h := e.held
		e.mu.Unlock()
		if h != nil {
			e.release(h)
		}
		ok = expect(ws, engineio.Packet{Type: engineio.Upgrade})
	}
	stop()
	e.mu.Lock()
	e.upgrading, e.probed = false, false
	if ok = ok && !e.closed; ok {
		e.ws = ws
		if e.held != nil { // it was one too many
			e.answer(nil)
		}
		e.flushSoon()
	}
	e.mu.Unlock()
	if !ok {
		ws.abort()
		return
	}
	e.readFrames()
}

// expect waits for this very packet.
func expect(ws *socket, want engineio.Packet) bool {
	p, err := ws.read()
	return err == nil && p.Is(want.Type, string(want.Data))
}

// drain reads until the other side has said goodbye too.
func drain(ws *socket) {
	for {
		if _, err := ws.read(); err != nil && whyEnded(err) != ParseError {
			ws.abort()
			return
		}
	}
}
