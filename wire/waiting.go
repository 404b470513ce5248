package wire

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"wirelab/packets"
	"wirelab/trace"
)

// unfinished says whether a connection has bytes on their way, a FIN among
// them: the run goes on until they are acknowledged or given up, although the
// programs have returned. l.mu must be held.
func (l *Lab) unfinished() bool {
	for _, e := range l.watch {
		if e == nil || e.tcp == nil || e.now.InFlight() == 0 {
			continue
		}
		// A stack that gives a connection up sends nothing, so it is asked.
		switch stateOf(e.tcp.EndpointState()) {
		case trace.Closed, trace.TimeWait:
		default:
			return true
		}
	}
	return false
}

// waiting lists what has not ended: connections that are not closed, and calls
// that have not returned. l.mu must be held.
func (l *Lab) waiting() (ws []trace.Waiting) {
	for c := range l.calls.unreturned(l) {
		ws = append(ws, trace.Waiting{Host: c.Host, Conn: c.Conn, What: c.What, Since: c.Start, Until: trace.Never})
	}
	for _, e := range l.watch {
		if e == nil || e.tcp == nil || e.now.State == trace.Closed {
			continue
		}
		w := trace.Waiting{Host: e.host.number, Conn: e.stream.Conn(), What: e.now.State.String(), Since: e.since, Until: trace.Never}
		if e.now.State == trace.TimeWait {
			w.Until = e.since + tcp.DefaultTCPTimeWaitTimeout
		}
		ws = append(ws, w)
	}
	return ws
}

// stillWaiting says in words who was waiting for what, for an error.
func (l *Lab) stillWaiting() string {
	var words []string
	for _, w := range l.waiting() {
		s := fmt.Sprintf("%s %s", l.tr.Name(w.Host), w.What)
		if w.Conn >= 0 {
			s += fmt.Sprintf(" (%s)", l.named(w.Conn))
		}
		words = append(words, fmt.Sprintf("%s since %v", s, w.Since.Round(time.Microsecond)))
	}
	return list("; still waiting: ", words, 4)
}

// named names a connection by its ends.
func (l *Lab) named(conn int32) string {
	c := &l.tr.Conns[conn]
	return fmt.Sprintf("%v to %v", c.Ends[0], c.Ends[1])
}

// list joins the first few words behind a title; it is empty if there are none.
func list(title string, words []string, most int) string {
	switch n := len(words); {
	case n == 0:
		return ""
	case n > most:
		words = append(words[:most], fmt.Sprintf("and %d more", n-most))
	}
	return title + strings.Join(words, ", ")
}

// silent says of each connection on which a call waits in a run that is stuck
// why neither end will send again. l.mu must be held.
func (l *Lab) silent() string {
	l.revisit()
	l.settle()
	var words []string
	said := map[int32]bool{}
	for _, w := range l.waiting() {
		if w.Conn < 0 || said[w.Conn] || l.tr.Conns[w.Conn].Proto != packets.ProtocolTCP {
			continue
		}
		said[w.Conn] = true
		if why := l.silence(w.Conn); why != "" {
			words = append(words, fmt.Sprintf("%s (%s)", l.named(w.Conn), why))
		}
	}
	return list("; neither side will send again: ", words, 3)
}

// silence says why neither end of a connection will send again; nothing if the
// one waits for what the other's program never says.
func (l *Lab) silence(conn int32) string {
	for end := range 2 {
		e, peer := l.end(trace.StreamOf(conn, end)), l.end(trace.StreamOf(conn, 1-end))
		if e == nil || e.now.State == trace.Closed {
			continue
		}
		switch {
		case e.now.InFlight() > 0:
			return e.host.name + " has sent what was not acknowledged, and no timer is left that would send it again"
		case peer == nil || peer.tcp == nil || peer.now.State == trace.Closed:
			return e.host.name + ", which has nothing to send, cannot know that the other end is no more"
		}
	}
	return ""
}

// end is the end of a connection that sends on s; nil if it has sent nothing.
func (l *Lab) end(s trace.Stream) *endpoint {
	if int(s) < len(l.watch) {
		return l.watch[s]
	}
	return nil
}

// gone notes that the stack of e holds its connection no more. If its program had
// closed it before, what was sent last may never have arrived, and nobody is there
// any more to be told. l.mu must be held; it is given up while the stack is asked.
func (l *Lab) gone(e *endpoint) {
	if l.opt.Real {
		l.watch[e.stream] = nil // a live lab may see many come and go
	}
	left := int32(uint32(e.wrote) + 1 - e.now.SndUna) // bytes of data; the SYN is number 0
	if !e.closed || e.now.InFlight() == 0 || left <= 0 {
		return
	}
	l.mu.Unlock()
	err := e.tcp.LastError()
	l.mu.Lock()
	switch err.(type) {
	case nil, *tcpip.ErrConnectionReset, *tcpip.ErrConnectionAborted:
	default:
		l.lost = append(l.lost, fmt.Sprintf("%s gave up %s at %v, with %d bytes that nobody acknowledged", e.host.name, l.named(e.stream.Conn()), e.since, left))
	}
}

// givenUp is the error of a run in which all programs have returned, but a
// stack gave up a connection with bytes that nobody acknowledged. l.mu must be
// held.
func (l *Lab) givenUp() error {
	l.revisit()
	l.settle()
	if len(l.lost) == 0 {
		return nil
	}
	return errors.New(list("bytes may be lost that were sent before a close: ", l.lost, 3))
}
