package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

// said is what one end of a connection has sent so far.
type said struct {
	any    bool   // anything but a RST
	acked  bool   // an acknowledgement, and the last of them was
	ack    uint32 // this
	window int64  // with this much room
	next   int64  // one beyond its last number, in those of a Span
	step   uint32 // of its last segment with numbers
	upTo   int64  // one beyond the highest of them in that step
}

// segment says what a TCP segment is. Its sender has said own before, and the
// other end peer.
func (t *teller) segment(row int, w what, h *packets.Headers, own, peer *said) (what, rule) {
	p := &t.tr.Packets[row]
	c, end := &t.tr.Conns[p.Conn()], p.Span.Stream.End()
	w.seq, w.ack = h.Seq-c.ISN[end], h.Ack-c.ISN[1-end]
	if h.Flags.Has(packets.RST) {
		return t.reset(p, w, h.SrcPort, own, peer)
	}
	before := *own
	own.any = true
	own.next = max(own.next, p.Span.Hi)
	if h.Flags.Has(packets.ACK) {
		own.acked, own.ack, own.window = true, h.Ack, t.window(p, h)
	}
	again, why := "", rule{}
	cause := ""
	if p.Again {
		again = " again"
		cause, why = t.again(p, before.step == p.Step && p.Span.Lo < before.upTo)
	}
	if !p.Span.Empty() {
		if own.step != p.Step {
			own.step, own.upTo = p.Step, p.Span.Hi
		}
		own.upTo = max(own.upTo, p.Span.Hi)
	}
	first := func(text, rfc string) rule {
		if p.Again {
			return why
		}
		return rule{text, rfc}
	}
	switch n := t.names[row]; {
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
		lo, hi, _ := dataOf(t.tr, p)
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
	return t.acknowledgement(p, w, h, before)
}

// window is the room that a segment announces, in bytes.
func (t *teller) window(p *trace.Packet, h *packets.Headers) int64 {
	c, end := &t.tr.Conns[p.Conn()], p.Span.Stream.End()
	if h.Flags.Has(packets.SYN) || !c.Scaled() {
		return int64(h.Window)
	}
	return int64(h.Window) << c.Scale[end]
}

// windowProbe says whether p is a byte that its sender knows to have arrived,
// sent to a receiver without room (RFC 9293 section 3.8.6.1 would have it be the
// next byte; this stack and Linux repeat one).
func (t *teller) windowProbe(p *trace.Packet) bool {
	s := t.stateAt(p.Span.Stream, p.Step-1)
	// Number n of a span is sequence number n+1.
	return p.Cause == trace.AtTimer && s != nil && s.SndWnd == 0 && p.Span.Len() == 1 && p.Span.Hi+1 <= int64(s.SndUna)
}
