package story

import (
	"fmt"
	"strings"

	"wirelab/packets"
	"wirelab/trace"
)

// ackBefore is the last acknowledgement that an end sent.
type ackBefore struct {
	sent bool
	ack  uint32
}

// acknowledgement says what a segment without data, SYN, FIN or RST is: what it
// acknowledges, and if that is nothing new, why it was sent.
func (t *teller) acknowledgement(p *trace.Packet, w what, before ackBefore) (what, rule) {
	w.short = "ack " + group(int64(w.ack))
	why := rule{"An ack names the next byte wanted, not the last segment seen. So one ack can speak for many segments, and a lost ack is repaired by the next one.", "RFC 9293 section 3.4"}
	extra := ""
	if before.sent && before.ack == w.h.Ack {
		w.short += " again"
		switch {
		case t.answers(p) == copied:
			extra = ": it has that already"
			why = rule{"A copy of bytes that were delivered is thrown away and acknowledged again, in case the first acknowledgement was lost.", "RFC 9293 section 3.10.7.4"}
		case t.answers(p) == ahead:
			why = rule{"A segment came out of order, and the receiver says at once what it still wants. The sender learns from such repeats that something is missing.", "RFC 5681 section 4.2"}
		case p.Cause == trace.AtSend && w.h.Window > 0:
			extra = ", room for " + group(t.window(p, &w.h))
			why = rule{"The window is the room left at the receiver. Its program has read, so there is more, and this segment says so.", "RFC 9293 section 3.8.6"}
		}
	}
	if w.h.Window == 0 {
		extra += ", window 0, no room for more"
		why = rule{"The window is the room left at the receiver. At 0 the sender must stop; it asks from time to time whether there is room again.", "RFC 9293 section 3.8.6.1"}
	}
	w.text = w.short + extra
	blocks, twice := t.sackBlocks(p, w.h.Ack)
	if twice != "" {
		w.text += fmt.Sprintf("; %s came twice", twice)
		why.rfc += ", RFC 2883"
	}
	if len(blocks) > 0 {
		w.text += "; has also bytes " + strings.Join(blocks, " and ")
		why.text += " With SACK it says also what it has behind the hole."
		why.rfc += ", RFC 2018"
	}
	return w, why
}

// window is the room that a segment announces, in bytes.
func (t *teller) window(p *trace.Packet, h *packets.Headers) int64 {
	c, end := &t.tr.Conns[p.Conn()], p.Span.Stream.End()
	if h.Flags.Has(packets.SYN) || !c.Scaled() {
		return int64(h.Window)
	}
	return int64(h.Window) << c.Scale[end]
}

// An occasion is what a segment that arrived was to its receiver.
type occasion uint8

const (
	other  occasion = iota
	copied          // it had all of it
	ahead           // something before it is missing
)

// answers says on what occasion p was sent: what arrived in the same step.
func (t *teller) answers(p *trace.Packet) occasion {
	row, ok := t.landed[p.Step]
	if !ok || p.Cause != trace.AtReceive {
		return other
	}
	in := t.tr.Packets[row].Span
	s := t.stateAt(p.Span.Stream, p.Step-1)
	if in.Empty() || in.Stream != p.Span.Stream^1 || s == nil {
		return other
	}
	// Number n of a span is sequence number n+1.
	switch wanted := int64(s.RcvNxt); {
	case in.Hi+1 <= wanted:
		return copied
	case in.Lo+1 > wanted:
		return ahead
	}
	return other
}

// sackBlocks are the intervals that a segment says it has behind a hole, and
// the one that it says came twice: a first block before the ack (RFC 2883
// section 4).
func (t *teller) sackBlocks(p *trace.Packet, ack uint32) (blocks []string, twice string) {
	c, end := &t.tr.Conns[p.Conn()], p.Span.Stream.End()
	base := c.ISN[1-end] + 1 // the number of the first byte of data
	for left, right := range packets.SACKBlocks(t.tr.Bytes(p)) {
		lo, hi := int64(left-base), int64(right-base)
		if int32(left-ack) < 0 {
			twice = bytes(lo, hi)
			continue
		}
		blocks = append(blocks, interval(lo, hi))
	}
	return blocks, twice
}
