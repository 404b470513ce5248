package wire

import (
	"fmt"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

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
	const most = 4
	var words []string
	for _, w := range l.waiting() {
		s := fmt.Sprintf("%s %s", l.tr.Name(w.Host), w.What)
		if w.Conn >= 0 {
			c := &l.tr.Conns[w.Conn]
			s += fmt.Sprintf(" (%v to %v)", c.Ends[0], c.Ends[1])
		}
		words = append(words, fmt.Sprintf("%s since %v", s, w.Since.Round(time.Microsecond)))
	}
	switch n := len(words); {
	case n == 0:
		return ""
	case n > most:
		words = append(words[:most], fmt.Sprintf("and %d more", n-most))
	}
	return "; still waiting: " + strings.Join(words, ", ")
}
