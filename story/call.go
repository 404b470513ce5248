package story

import (
	"fmt"
	"strings"
	"syscall"

	"wirelab/packets"
	"wirelab/trace"
)

// tellCall tells what a program called, or what that gave it.
func (t *Teller) tellCall(e *Event) {
	c := &t.tr.Calls[e.Row]
	begins, returns := t.call(c)
	e.Who = t.tr.Name(c.Host)
	if e.Kind == Ended {
		why := t.callRule(c)
		e.Why, e.RFC = why.text, why.rfc
	}
	switch {
	case c.End == trace.Never:
		e.Text = begins + "; still waiting when the run ended"
	case !t.waited(c): // it did not wait: one line tells it all
		e.Text = begins + ": " + returns
	case e.Kind == Began:
		e.Text = begins + ", and waits"
	default:
		e.Text = c.What + " returns: " + returns
	}
}

// waited says whether a call that returned had to wait. In virtual time nothing
// else takes any.
func (t *Teller) waited(c *trace.Call) bool {
	if t.tr.Origin == trace.Live {
		return c.Blocked
	}
	return c.End > c.Start
}

func (t *Teller) isUDP(c *trace.Call) bool {
	return c.Conn >= 0 && t.tr.Conns[c.Conn].Proto == packets.ProtocolUDP
}

// call says how a call begins and what it returns.
func (t *Teller) call(c *trace.Call) (begins, returns string) {
	begins, returns = c.What, "done"
	udp, failed := t.isUDP(c), c.Result != ""
	switch c.What {
	case "connect":
		begins += t.peer(c, " to ")
		returns = "connected"
	case "accept":
		returns = "a connection" + t.peer(c, " from ")
	case "read":
		returns = t.given(c, udp)
	case "write":
		returns = "accepted, not yet arrived"
		if t.waited(c) { // it had to wait for room, so what it began with was under way before
			returns = "accepted, not all arrived yet"
		}
		switch {
		case failed:
		case udp:
			begins += fmt.Sprintf(" datagram %s, %s", group(int64(c.Span.Unit)), count(c.Span.Len(), "byte"))
			returns = "sent, nobody says if it arrives"
		default:
			begins += " " + stretch(c.Span)
		}
	case "shutdown":
		begins += ", nothing more to send"
	}
	if c.Note != "" {
		returns = packets.Text([]byte(c.Note), textLen)
	}
	switch {
	case failed && c.What == "read" && c.Result == "EOF":
		returns = "end of the stream, the other side has no more to say"
	case failed && c.What == "write" && !c.Span.Empty():
		returns = fmt.Sprintf("%s, after %s", failure(c), stretch(c.Span))
	case failed:
		returns = failure(c)
	}
	return begins, returns
}

// given says what a read returned.
func (t *Teller) given(c *trace.Call, udp bool) string {
	if !udp {
		return stretch(c.Span)
	}
	n, size := c.Span.Len(), t.sizeOf(c.Span)
	words := fmt.Sprintf("datagram %s, %s", group(int64(c.Span.Unit)), count(n, "byte"))
	if n < size {
		words += fmt.Sprintf("; %s more did not fit", group(size-n))
	}
	return words
}

// failure is the error of a call without what the line says already: Go puts
// the call and both addresses before the reason.
func failure(c *trace.Call) string {
	reason := c.Result
	if where, what, ok := strings.Cut(reason, ": "); ok && (strings.Contains(where, " tcp") || strings.Contains(where, " udp")) {
		reason = what
	}
	return packets.Text([]byte(reason), textLen)
}

// stretch is an interval of a stream in words.
func stretch(s trace.Span) string {
	switch s.Len() {
	case 0:
		return "nothing"
	case 1:
		return "1 byte, number " + group(s.Hi)
	}
	return fmt.Sprintf("%s, %s", count(s.Len(), "byte"), bytes(s.Lo, s.Hi))
}

// peer is the other end of a call's connection.
func (t *Teller) peer(c *trace.Call, word string) string {
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

// callRule says what a call that returned means.
func (t *Teller) callRule(c *trace.Call) rule {
	if c.Result != "" {
		return t.failureRule(c)
	}
	const user = "RFC 9293 section 3.9.1."
	switch udp := t.isUDP(c); {
	case udp && c.What == "read":
		return rule{"One read takes one datagram, whole and by itself. What does not fit is thrown away.", "RFC 768"}
	case udp && c.What == "write":
		return rule{"UDP hands the datagram to IP at once and keeps no copy. Success says only that it was sent.", "RFC 768"}
	case udp:
		return rule{}
	case c.What == "connect":
		return rule{"The SYN was answered. The other side's stack did that: its program need not have noticed yet.", user + "1"}
	case c.What == "accept":
		return rule{"The handshake is complete. The stack did it; the program is only handed the connection.", user + "1"}
	case c.What == "read":
		return rule{"A read returns what is there, as soon as anything is. How the other side wrote it does not show.", user + "3"}
	case c.What == "write":
		return rule{"The stack has copied the bytes and will send them when it may. That says nothing of their arrival.", user + "2"}
	case c.What == "shutdown":
		return rule{"A FIN goes out behind the last byte. Reading goes on.", "RFC 9293 section 3.6"}
	case c.What == "close" && t.closes(c):
		return rule{"Close returns at once. The stack still sends what was written, and its FIN behind it.", user + "4"}
	}
	return rule{}
}

// failureRule says why a call failed.
func (t *Teller) failureRule(c *trace.Call) rule {
	switch udp, reason := t.isUDP(c), failure(c); {
	case c.What == "read" && c.Result == "EOF":
		return rule{"The other side's FIN has come, and all before it was read.", "RFC 9293 section 3.6"}
	case udp && reason == refusedWords:
		return rule{"Nobody took an earlier datagram: an ICMP message said so. The call that comes next is told.", "RFC 1122 section 4.1.3.3"}
	case reason == refusedWords:
		return rule{"A RST answered the SYN: nobody listens there.", "RFC 9293 section 3.10.7.3"}
	case reason == resetWords:
		return rule{"A RST came: the other side ended the connection, and bytes may be lost.", "RFC 9293 section 3.5.3"}
	}
	return rule{}
}

// closes says whether a call of close leaves a connection that goes on to close
// in good order: it was not reset, by this call or before.
func (t *Teller) closes(c *trace.Call) bool {
	if c.Conn < 0 {
		return false
	}
	s := t.stateAt(trace.StreamOf(c.Conn, t.endOf(c)), c.Ended)
	return s != nil && s.State != trace.Closed
}

// The words of Go's errors for what a RST, or an ICMP message, did to a call.
var refusedWords, resetWords = syscall.ECONNREFUSED.Error(), syscall.ECONNRESET.Error()
