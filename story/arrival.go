package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

// arrival says what the packet in a row does where it arrives.
func (t *Teller) arrival(row int, w *what) (string, rule) {
	p := &t.tr.Packets[row]
	receives := "receives " + w.short
	switch {
	case p.Fate == trace.BadChecksum && t.versionSpoiled(p):
		return receives + " damaged: it does not say IPv6 any more, so it is thrown away",
			rule{"IPv6 has no checksum over its own header. A packet of another version is dropped without a word.", "RFC 8200 section 3"}
	case p.Fate == trace.BadChecksum && w.proto == packets.ProtocolUDP:
		return receives + " damaged: its checksum is wrong, so it is thrown away",
			rule{"What has a wrong checksum is dropped without a word. Nobody sends it again.", "RFC 1122 section 4.1.3.4"}
	case p.Fate == trace.BadChecksum:
		return receives + " damaged: its checksum is wrong, so it is thrown away",
			rule{"What has a wrong checksum is dropped without a word. To the sender it is lost, and it will send it again.", "RFC 9293 section 3.1"}
	case p.Conn() >= 0 && !t.isTCP(p):
		return t.datagramArrives(row, w)
	case !t.isTCP(p):
		return receives, rule{}
	}
	// The end that receives sends on the other stream.
	before, after, ok := t.atArrival(int32(row))
	switch {
	case !ok:
		return receives, rule{}
	case before.State == trace.Closed:
		return receives + ": there is no such connection any more", rule{}
	case w.flags.Has(packets.RST) && before.State == trace.SynSent && after.State == trace.Closed:
		return receives + ": refused", rule{"A RST in answer to a SYN means that nobody listens there. The call that waits for the connection fails.", "RFC 9293 section 3.10.7.3"}
	case w.flags.Has(packets.RST) && after.State == trace.Closed:
		return receives + ": the connection is over", rule{"A RST ends both directions at once: bytes that were not acknowledged may be lost. Calls that wait return an error.", "RFC 9293 section 3.5.3"}
	case w.flags.Has(packets.RST):
		return receives + ", and takes no notice", rule{"Only a RST with the right number counts, so that a stranger cannot easily end a connection.", "RFC 9293 section 3.5.3"}
	}
	text, why := t.learns(row, w, before, after)
	if p.Span.Empty() {
		return receives + text, why
	}
	takes, rule := t.takes(row, before, after)
	if occasionOf(p.Span, before, after) == copied && !t.windowProbe(p) {
		receives += " again"
	}
	switch {
	case takes == "":
		return receives + text, why
	case text == "":
		return receives + takes, rule
	}
	return receives + takes + "; " + text[len(": "):], rule
}

// takes says what becomes of the numbers of the packet in a row at an end in
// state before, and then in state after. Of a SYN there is nothing to say.
func (t *Teller) takes(row int, before, after *trace.Sample) (string, rule) {
	p := &t.tr.Packets[row]
	total := t.Total(p.Span.Stream)
	const section = "RFC 9293 section 3.10.7.4"
	switch occasionOf(p.Span, before, after) {
	case copied:
		return ": it has that already", rule{"What it has already is acknowledged once more and thrown away.", section}
	case ahead:
		behind := rule{"TCP gives bytes to the program only in the order in which they were sent. What comes behind a hole has to wait.", section}
		wanted := fmt.Sprintf("; %s is wanted first", numbered(int64(before.RcvNxt), total))
		switch is := t.facts[row].is; {
		case is&settled == 0:
			return ": out of order" + wanted, behind
		case is&keptBehind != 0:
			return ": kept, out of order" + wanted, behind
		}
		return ": out of order, not kept" + wanted, rule{"A receiver should keep what comes behind a hole, but need not. This one does not, so it must come again.", section}
	case refused:
		if before.RcvWnd == 0 {
			return ": no room for it, so it is thrown away", rule{"The window is shut. What comes all the same may be dropped; it must come again.", section}
		}
		if t.hasClosed(p.Span.Stream^1, p.Landed) {
			return ": nobody reads it any more", rule{"Its program has closed. What comes now is lost, and the other side is told so with a RST.", "RFC 9293 section 3.6.1"}
		}
		return ": its buffer is full, so it is thrown away", rule{"It is what is wanted next, but there is no place to put it: a segment takes more of the buffer than its bytes alone. It must come again.", section}
	}
	if p.Span.Lo < 0 {
		return "", rule{}
	}
	if next := p.Span.Hi + 1; int64(after.RcvNxt) > next {
		upTo := fmt.Sprintf("bytes up to %s are", group(min(int64(after.RcvNxt)-1, total)))
		if int64(after.RcvNxt)-1 > total {
			upTo = "all, and the FIN, is"
		}
		return fmt.Sprintf(": it fills the hole; %s in order now", upTo), rule{"What was kept behind the hole goes to the program too, at once.", section}
	}
	if p.Span.Lo == total {
		return ": in order", rule{"All before it is there, so the program can be told that nothing more comes.", section}
	}
	return ": in order", rule{"It begins with the number wanted next, so its bytes can be given to the program at once.", section}
}

// numbered names number n of a stream on which total bytes of data were sent.
func numbered(n, total int64) string {
	switch {
	case n == 0:
		return "the SYN"
	case n > total:
		return "the FIN"
	}
	return "byte " + group(n)
}
