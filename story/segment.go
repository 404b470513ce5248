package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

// segment says what the TCP segment in a row is.
func (t *Teller) segment(row int, w what, h *packets.Headers) (what, rule) {
	p, f := &t.tr.Packets[row], &t.facts[row]
	w.seq, w.ack = h.Seq-t.tr.Conns[p.Conn()].ISN[p.Span.Stream.End()], t.ackOf(p, h)
	if h.Flags.Has(packets.RST) {
		return t.reset(p, w, f, h.SrcPort)
	}
	again, why := "", rule{}
	cause := ""
	if p.Again {
		again = " again"
		cause, why = t.again(p, f.is&inOneStep != 0)
	}
	first := func(text, rfc string) rule {
		if p.Again {
			return why
		}
		return rule{text, rfc}
	}
	switch n := t.name(row); {
	case h.Flags.Has(packets.SYN | packets.ACK):
		w.short = "SYN and ACK"
		w.text = fmt.Sprintf("SYN and ACK%s, seq 0, ack %s%s", again, group(int64(w.ack)), cause)
		return w, first("It acknowledges the other's SYN and is a SYN itself: each direction counts its bytes from a number of its own.", "RFC 9293 section 3.5")
	case h.Flags.Has(packets.SYN):
		w.short = "SYN"
		w.text = fmt.Sprintf("SYN%s, seq 0%s", again, cause)
		return w, first("A SYN asks for a connection. It takes number 0 itself, so the first byte of data is number 1.", "RFC 9293 section 3.4, RFC 9293 section 3.5")
	case p.Again && t.windowProbe(p):
		w.short = "window probe"
		w.text = fmt.Sprintf("window probe: byte %s again", group(p.Span.Lo+1))
		return w, rule{"The other side has no room. A byte that it has already makes it answer, and the answer says how much room there is now.", "RFC 9293 section 3.8.6.1"}
	case n.text != "":
		lo, hi := dataOf(p, h.Flags)
		w.short = n.String()
		fin := ""
		if h.Flags.Has(packets.FIN) {
			fin = ", and FIN"
			w.short += " and FIN"
		}
		w.text = fmt.Sprintf("%s%s, %s%s%s", n, again, bytes(lo, hi), fin, cause)
		return w, first("TCP carries a stream of bytes. A segment takes as many of them as fit, wherever a message begins or ends.", "RFC 9293 section 3.7")
	case h.Len > 0:
		w.short = fmt.Sprintf("%s of data", count(int64(h.Len), "byte"))
		w.text = fmt.Sprintf("%s%s, seq %s", w.short, again, group(p.Span.Lo+1)) // from before the first number known
		return w, why
	case h.Flags.Has(packets.FIN):
		w.short = "FIN"
		w.text = fmt.Sprintf("FIN%s, seq %s, ack %s%s", again, group(int64(w.seq)), group(int64(w.ack)), cause)
		return w, first("A FIN says: I have no more to send. It closes one direction; the other may go on.", "RFC 9293 section 3.6")
	}
	return t.acknowledgement(p, w, h, f)
}

// ackOf is what a segment acknowledges, in relative numbers.
func (t *Teller) ackOf(p *trace.Packet, h *packets.Headers) uint32 {
	return h.Ack - t.tr.Conns[p.Conn()].ISN[1-p.Span.Stream.End()]
}

// window is the room that a segment announces, in bytes.
func (t *Teller) window(p *trace.Packet, h *packets.Headers) int64 {
	c, end := &t.tr.Conns[p.Conn()], p.Span.Stream.End()
	if h.Flags.Has(packets.SYN) || !c.Scaled() {
		return int64(h.Window)
	}
	return int64(h.Window) << c.Scale[end]
}

// windowProbe says whether p is a byte that its sender knows to have arrived,
// sent to a receiver without room (RFC 9293 section 3.8.6.1 would have it be the
// next byte; this stack and Linux repeat one).
func (t *Teller) windowProbe(p *trace.Packet) bool {
	s := t.stateAt(p.Span.Stream, p.Step-1)
	// Number n of a span is sequence number n+1.
	return p.Cause == trace.AtTimer && s != nil && s.SndWnd == 0 && p.Span.Len() == 1 && p.Span.Hi+1 <= int64(s.SndUna)
}
