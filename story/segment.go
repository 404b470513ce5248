package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

// A segmentSort is what kind of TCP segment it is.
type segmentSort uint8

const (
	acknowledges segmentSort = iota // nothing else
	resets
	opens       // with SYN
	answers     // with SYN and ACK
	probes      // the window
	carriesName // bytes that have a name
	carries     // others
	finishes    // with FIN, without bytes
)

// brief says in short what the TCP segment in a row is.
func (t *Teller) brief(row int, w what, h *packets.Headers) (what, segmentSort) {
	p := &t.tr.Packets[row]
	w.seq, w.ack = h.Seq-t.tr.Conns[p.Conn()].ISN[p.Span.Stream.End()], t.ackOf(p, h)
	switch {
	case h.Flags.Has(packets.RST):
		w.short = "RST"
		return w, resets
	case h.Flags.Has(packets.SYN | packets.ACK):
		w.short = "SYN and ACK"
		return w, answers
	case h.Flags.Has(packets.SYN):
		w.short = "SYN"
		return w, opens
	case p.Again && t.windowProbe(p):
		w.short = "window probe"
		return w, probes
	}
	switch w.name = t.name(row); {
	case w.name.text != "":
		w.short = w.name.String()
		if h.Flags.Has(packets.FIN) {
			w.short += " and FIN"
		}
		return w, carriesName
	case h.Len > 0:
		w.short = count(int64(h.Len), "byte") + " of data"
		return w, carries
	case h.Flags.Has(packets.FIN):
		w.short = "FIN"
		return w, finishes
	}
	w.short = "ack " + group(int64(w.ack))
	return w, acknowledges
}

// segment says what the TCP segment in a row is, and why it was sent.
func (t *Teller) segment(row int, w what, h *packets.Headers) (what, rule) {
	p, f := &t.tr.Packets[row], &t.facts[row]
	w, kind := t.brief(row, w, h)
	if kind == resets {
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
	switch kind {
	case answers:
		w.text = fmt.Sprintf("SYN and ACK%s, seq 0, ack %s%s", again, group(int64(w.ack)), cause)
		return w, first("It acknowledges the other's SYN and is a SYN itself: each direction counts its bytes from a number of its own.", "RFC 9293 section 3.5")
	case opens:
		w.text = fmt.Sprintf("SYN%s, seq 0%s", again, cause)
		return w, first("A SYN asks for a connection. It takes number 0 itself, so the first byte of data is number 1.", "RFC 9293 section 3.4, RFC 9293 section 3.5")
	case probes:
		w.text = fmt.Sprintf("window probe: byte %s again", group(p.Span.Lo+1))
		return w, rule{"The other side has no room. A byte that it has already makes it answer, and the answer says how much room there is now.", "RFC 9293 section 3.8.6.1"}
	case carriesName:
		fin := ""
		if h.Flags.Has(packets.FIN) {
			fin = ", and FIN"
		}
		w.text = w.name.String() + again + ", " + bytes(dataOf(p, h.Flags)) + fin + cause
		return w, first("TCP carries a stream of bytes. A segment takes as many of them as fit, wherever a message begins or ends.", "RFC 9293 section 3.7")
	case carries:
		w.text = fmt.Sprintf("%s%s, seq %s", w.short, again, group(p.Span.Lo+1)) // from before the first number known
		return w, why
	case finishes:
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
	if p.Cause != trace.AtTimer || p.Span.Len() != 1 {
		return false
	}
	s := t.stateAt(p.Span.Stream, p.Step-1)
	// Number n of a span is sequence number n+1.
	return s != nil && s.SndWnd == 0 && p.Span.Hi+1 <= int64(s.SndUna)
}
