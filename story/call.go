package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

// calls tells what the programs called and what that gave them.
func (t *teller) calls(events []Event) []Event {
	for i := range t.tr.Calls {
		c := &t.tr.Calls[i]
		begins, returns := t.call(c)
		e := Event{At: c.Start, Step: c.Began, Zoom: Calls, Kind: Began, Row: i, Conn: c.Conn, Who: t.tr.Name(c.Host), Text: begins, rank: callBegins}
		switch {
		case c.End == trace.Never:
			e.Text += "; still waiting when the run ended"
		case c.End == c.Start:
			// It did not wait: one line tells it all.
			e.Text, e.At, e.Step, e.Kind, e.rank = begins+": "+returns, c.End, c.Ended, Ended, callReturns
		default:
			e.Text += ", and waits"
			events = append(events, Event{At: c.End, Step: c.Ended, Zoom: Calls, Kind: Ended, Row: i, Conn: c.Conn,
				Who: t.tr.Name(c.Host), Text: c.What + " returns: " + returns, rank: callReturns})
		}
		events = append(events, e)
	}
	return events
}

// call says how a call begins and what it returns.
func (t *teller) call(c *trace.Call) (begins, returns string) {
	begins, returns = c.What, "done"
	udp := c.Conn >= 0 && t.tr.Conns[c.Conn].Proto == packets.ProtocolUDP
	if c.Result != "" {
		returns = c.Result
	}
	switch c.What {
	case "connect":
		begins = "connect" + t.peer(c, " to ")
		if c.Result == "" {
			returns = "connected"
		}
	case "accept":
		if c.Result == "" {
			returns = "a connection" + t.peer(c, " from ")
		}
	case "read":
		switch {
		case c.Result == "EOF":
			returns = "end of the stream, the other side has no more to say"
		case c.Result == "" && udp:
			returns = fmt.Sprintf("datagram %s, %s", group(int64(c.Span.Unit)), count(c.Span.Len(), "byte"))
		case c.Result == "":
			returns = t.stretch(c.Span)
		}
	case "write":
		if udp {
			begins = "write " + count(c.Span.Len(), "byte")
		} else {
			begins = "write " + t.stretch(c.Span)
		}
		if c.Result == "" {
			returns = "accepted, not yet arrived"
		}
	case "shutdown":
		begins = "shutdown, nothing more to send"
	}
	if c.Note != "" {
		returns = c.Note
	}
	return begins, returns
}

// stretch is an interval of a stream in words.
func (t *teller) stretch(s trace.Span) string {
	if s.Empty() {
		return "nothing"
	}
	return fmt.Sprintf("%s, %s", count(s.Len(), "byte"), bytes(s.Lo, s.Hi))
}

// peer is the other end of a call's connection.
func (t *teller) peer(c *trace.Call, word string) string {
	if c.Conn < 0 {
		return ""
	}
	for _, e := range t.tr.Conns[c.Conn].Ends {
		if e.Host != c.Host {
			return word + e.String()
		}
	}
	return ""
}
