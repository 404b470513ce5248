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
// that have not returned.
func (l *Lab) waiting() (ws []trace.Waiting) {
	for _, row := range l.calls.order() {
		c := &l.calls.rows[row]
		if c.End != trace.Never {
			continue
		}
		w := trace.Waiting{Host: c.Host, Conn: -1, What: c.What, Since: c.Start, Until: trace.Never}
		if c.socket != nil {
			if s, ok := c.socket.stream(); ok {
				w.Conn = s.Conn()
			}
		}
		ws = append(ws, w)
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
// why neither end will send again.
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
		e, peer := l.end(conn, end), l.end(conn, 1-end)
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

// end is an end of a connection that has sent something; nil if it has not.
func (l *Lab) end(conn int32, end int) *endpoint {
	if s := trace.StreamOf(conn, end); int(s) < len(l.watch) {
		return l.watch[s]
	}
	return nil
}

// givenUp is the error of a run in which all programs have returned, but a
// stack gave up a connection that its program had closed before: what was sent
// last may never have arrived, and no program is there any more to be told.
func (l *Lab) givenUp() error {
	l.revisit()
	l.settle()
	var words []string
	for _, e := range l.watch {
		if e == nil || e.tcp == nil || e.now.State != trace.Closed || e.now.InFlight() == 0 {
			continue
		}
		n := l.left(e)
		if n == 0 {
			continue
		}
		switch e.tcp.LastError().(type) {
		case nil, *tcpip.ErrConnectionReset, *tcpip.ErrConnectionAborted:
		default:
			words = append(words, fmt.Sprintf("%s gave up %s at %v, with %d bytes that nobody acknowledged", e.host.name, l.named(e.stream.Conn()), e.since, n))
		}
	}
	if len(words) == 0 {
		return nil
	}
	return errors.New(list("bytes may be lost that were sent before a close: ", words, 3))
}

// left is how many bytes of data were not acknowledged when the stack of e gave
// up the connection, if its program had closed it before.
func (l *Lab) left(e *endpoint) int64 {
	total, closed := int64(0), false
	for i := range l.calls.rows {
		c := &l.calls.rows[i]
		if c.What != "close" && c.What != "shutdown" || c.Host != e.host.number || c.End == trace.Never || c.End >= e.since {
			continue
		}
		if s, ok := c.socket.stream(); !ok || s != e.stream {
			continue
		}
		closed = closed || c.What == "close"
		total = max(total, c.Span.Lo) // where the FIN lies: behind all data
	}
	if !closed {
		return 0
	}
	return max(total+1-int64(e.now.SndUna), 0) // the SYN is number 0
}
