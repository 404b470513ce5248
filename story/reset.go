package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

// reset says what a RST is, and why it was sent.
func (t *Teller) reset(p *trace.Packet, w what, f *facts, port uint16) (what, rule) {
	if f.is&answersSYN != 0 {
		// Its own number is 0 and counts from nothing: only what it acknowledges speaks.
		w.text = fmt.Sprintf("RST, ack %s: refused", group(int64(w.ack)))
		return w, rule{fmt.Sprintf("No program listens on port %d. The stack answers a SYN for such a port with a RST.", port), "RFC 9293 section 3.5.2"}
	}
	w.text = "RST, seq " + group(int64(w.seq))
	if w.flags.Has(packets.ACK) {
		w.text += ", ack " + group(int64(w.ack))
	}
	s := p.Span.Stream
	before := t.stateAt(s, p.Step-1)
	closed := t.closed[p.Conn()][s.End()]
	switch unread := t.unread(s^1, before, p.Step); {
	case before == nil:
	case p.Cause == trace.AtSend && closed == p.Step && unread > 0:
		w.text += fmt.Sprintf(": closed with %s unread", count(unread, "byte"))
		return w, rule{"The program closed without reading all that had arrived. A RST instead of a FIN tells the other side that bytes were lost.", "RFC 9293 section 3.6.1"}
	case p.Cause == trace.AtSend && closed == p.Step:
		w.text += ": broken off"
		return w, rule{"The program broke the connection off instead of closing it: no FIN, and what was not yet sent is forgotten.", "RFC 9293 section 3.10.5"}
	case p.Cause == trace.AtReceive && closed > 0 && before.State != trace.Closed:
		w.text += ": its program has closed"
		return w, rule{"There would be more to receive, but the program has closed. A RST tells the other side that it is lost.", "RFC 9293 section 3.6.1"}
	case p.Cause == trace.AtReceive && before.State == trace.Closed:
		w.text += ": no such connection"
		return w, rule{"The connection is gone here. A RST answers what comes for it.", "RFC 9293 section 3.5.2"}
	}
	return w, rule{"A RST ends the connection at once, in both directions. Nobody acknowledges it.", "RFC 9293 section 3.5.2"}
}
