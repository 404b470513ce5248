package story

import (
	"strings"

	"wirelab/packets"
	"wirelab/trace"
)

// acknowledgement says what a segment without data, SYN, FIN or RST is: what it
// acknowledges, and if that is nothing new, why it was sent.
func (t *Teller) acknowledgement(p *trace.Packet, w what, h *packets.Headers, f *facts) (what, rule) {
	room := t.window(p, h)
	var words string
	why := rule{"An ack names the next byte wanted. All before it has arrived, so one ack can speak for many segments, and a later one makes up for a lost one.", "RFC 9293 section 3.4"}
	repeats, roomBefore := false, int64(0)
	if f.acked >= 0 {
		before := &t.tr.Packets[f.acked]
		said := packets.Scan(t.tr.Bytes(before))
		repeats, roomBefore = said.Ack == h.Ack, t.window(before, &said)
	}
	switch {
	case w.seq == 1 && w.ack == 1 && f.acked < 0:
		why = rule{"The third step of the handshake: it acknowledges the other's SYN. Now this side knows that both directions work.", "RFC 9293 section 3.5"}
	case repeats && p.Cause == trace.AtTimer && f.is&repeatsLast != 0:
		words = ", keep-alive"
		why = rule{"Nothing was sent for a long time. An old number makes the other side answer, if it is still there.", "RFC 9293 section 3.8.4"}
	case repeats && room > roomBefore && p.Cause == trace.AtSend:
		words = ", room for " + group(room)
		why = rule{"A window update: the program has read, so there is more room, and the sender need not wait to learn of it.", "RFC 9293 section 3.8.6"}
	case repeats && p.Cause == trace.AtSend:
		why = rule{"The program has read, so the receiver says once more how much room there is. It is no more than it said before.", "RFC 9293 section 3.8.6"}
	case repeats:
		words, why = t.repeated(p, why)
	}
	if room == 0 {
		words = "" // the window says it
	}
	w.text = w.short + words
	if repeats {
		w.text = w.short + " again" + words
	}
	if room == 0 {
		w.text += ", window 0, no room"
		why = rule{"The window is the room left at the receiver: none. The sender must wait.", "RFC 9293 section 3.8.6"}
		if t.unread(p.Span.Stream^1, t.stateAt(p.Span.Stream, p.Step), p.Step) > 0 {
			why.text = "The window is the room left at the receiver: none, because its program has not yet read what came. The sender must wait."
		}
	}
	blocks, twice := t.sackBlocks(p, h.Ack)
	if twice != "" {
		w.text += "; " + twice + " came twice"
		why.rfc += ", RFC 2883 section 4"
	}
	if len(blocks) > 0 {
		w.text += "; has also bytes " + strings.Join(blocks, " and ")
		why.text += " With SACK it says also what it has behind the hole."
		why.rfc += ", RFC 2018 section 3"
	}
	return w, why
}

// repeated says why an acknowledgement that says nothing new is sent.
func (t *Teller) repeated(p *trace.Packet, otherwise rule) (string, rule) {
	switch t.answers(p) {
	case copied:
		return ": it has that already", rule{"What came is there already. It is acknowledged once more, in case the first acknowledgement was lost.", "RFC 9293 section 3.10.7.4"}
	case ahead:
		return "", rule{"Something arrived, but what comes before it is missing. The receiver says at once what it still wants: three such repeats make the sender take it for lost.", "RFC 5681 section 3.2, RFC 5681 section 4.2"}
	case refused:
		return ": it did not take that", rule{"What it cannot take it throws away, and says what it still wants.", "RFC 9293 section 3.10.7.4"}
	}
	return "", otherwise
}

// An occasion is what a segment that arrived was to its receiver.
type occasion uint8

const (
	other   occasion = iota
	copied           // it had all of it
	ahead            // something before it is missing
	refused          // it is what was wanted, and was not taken
)

// answers says on what occasion p was sent: what arrived in the same step.
func (t *Teller) answers(p *trace.Packet) occasion {
	cause := t.arrivedIn(p.Step)
	if cause == nil || p.Cause != trace.AtReceive {
		return other
	}
	in := cause.Span
	before, after, ok := t.around(p.Span.Stream, p.Step)
	if in.Empty() || in.Stream != p.Span.Stream^1 || !ok {
		return other
	}
	return occasionOf(in, before, after)
}

// occasionOf says what the numbers of in were to an end in state before, which
// they left in state after.
func occasionOf(in trace.Span, before, after *trace.Sample) occasion {
	// Number n of a span is sequence number n+1.
	switch wanted := int64(before.RcvNxt); {
	case in.Hi+1 <= wanted:
		return copied
	case in.Lo+1 > wanted:
		return ahead
	case after.RcvNxt == before.RcvNxt:
		return refused
	}
	return other
}

// sackBlocks are the intervals that a segment says it has behind a hole, and
// the one that it says came twice: a first block before the ack (RFC 2883
// section 4).
func (t *Teller) sackBlocks(p *trace.Packet, ack uint32) (blocks []string, twice string) {
	c, end := &t.tr.Conns[p.Conn()], p.Span.Stream.End()
	wanted := int64(ack - c.ISN[1-end] - 1) // counted from 0, as a span does
	for left, right := range packets.SACKBlocks(t.tr.Bytes(p)) {
		lo, hi := wanted+int64(int32(left-ack)), wanted+int64(int32(right-ack))
		if int32(left-ack) < 0 {
			twice = bytes(lo, hi)
			continue
		}
		blocks = append(blocks, interval(lo, hi))
	}
	return blocks, twice
}
