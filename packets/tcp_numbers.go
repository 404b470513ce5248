package packets

import "fmt"

// numbers counts one direction's sequence numbers: from its initial sequence
// number where that is known, as they stand where not.
type numbers struct {
	base  uint32
	known bool
}

// seqNumbers count what the sender of a packet sends, ackNumbers what it
// receives.
func seqNumbers(ctx Context) numbers { return numbers{ctx.SeqBase, ctx.SeqKnown} }
func ackNumbers(ctx Context) numbers { return numbers{ctx.AckBase, ctx.AckKnown} }

// of is n relative to the base, modulo 2^32 (RFC 9293 section 3.4).
func (c numbers) of(n uint32) uint32 {
	if c.known {
		return n - c.base
	}
	return n
}

// people writes n for a sentence.
func (c numbers) people(n uint32) string { return group(c.of(n)) }

// value writes n for a tree; a relative number comes with the absolute one.
func (c numbers) value(n uint32) string {
	if c.known {
		return fmt.Sprintf("%s, absolute %s", group(n-c.base), group(n))
	}
	return group(n)
}

// less says whether a comes before b, modulo 2^32 (RFC 9293 section 3.4).
func less(a, b uint32) bool { return int32(a-b) < 0 }

func saySeq(r reading) string {
	c, seq, f := seqNumbers(r.ctx), uint32(r.raw), tcpFlags(r.part)
	n, whole := tcpDataLen(r.part)
	after := seq + uint32(n) // the number behind the data
	switch {
	case !r.whole(tcpFixed) && !r.quoted:
		return "The segment's first number is " + c.people(seq) + ". The rest of the header is not here."
	case r.quoted:
		return "The first number that the quoted segment used is " + c.people(seq) + "; it tells its sender which one it was."
	case !whole:
		return "The segment's first number is " + c.people(seq) + ". How far it goes, one piece of the datagram does not tell."
	case f.Has(SYN) && n == 0:
		return fmt.Sprintf("SYN takes sequence number %s for itself; so the first data byte will be number %s.", c.people(seq), c.people(seq+1))
	case f.Has(SYN):
		return fmt.Sprintf("SYN takes sequence number %s for itself; the data that rides along is bytes %s to %s.",
			c.people(seq), c.people(seq+1), c.people(after))
	case f.Has(RST|ACK) && seq == 0:
		return "0 in the header: a reset that answers a SYN has no number of its own. Its acknowledgment number is what makes it believed."
	case f.Has(RST):
		return "The receiver obeys this reset only if " + c.people(seq) + " is exactly the number it wants next."
	case n == 0 && f.Has(FIN):
		return "FIN takes sequence number " + c.people(seq) + " for itself, so that it can be acknowledged. No byte comes after it."
	case n == 0:
		return "No data here, so no number is used up; the sender names " + c.people(seq) + " as its place in the stream."
	}
	return sayDataBytes(r, c, seq, n)
}

// sayDataBytes tells which bytes a segment carries that has some.
func sayDataBytes(r reading, c numbers, seq uint32, n int) string {
	first, after := c.people(seq), seq+uint32(n)
	last := c.people(after - 1)
	s := fmt.Sprintf("The first data byte of this segment is number %s of the stream; the segment carries bytes %s to %s", first, first, last)
	if !c.known {
		s = fmt.Sprintf("The first data byte of this segment has sequence number %s, the last %s", first, last)
	}
	if n == 1 {
		s = fmt.Sprintf("The only data byte of this segment is number %s of the stream", first)
		if !c.known {
			s = "The only data byte of this segment has sequence number " + first
		}
	}
	if tcpFlags(r.part).Has(FIN) {
		s += ", and FIN takes number " + c.people(after)
	}
	if r.ctx.Again {
		return s + ". Some of it was sent before."
	}
	return s + "."
}

func sayAck(r reading) string {
	c, ack, f := ackNumbers(r.ctx), uint32(r.raw), tcpFlags(r.part)
	next := c.people(ack)
	switch {
	case !r.whole(tcpFixed):
		return "It counts only if ACK is set, and the header's control bits are not all here."
	case !f.Has(ACK) && f.Has(SYN):
		return "ACK is not set, so this means nothing: the sender has heard nothing yet that it could acknowledge."
	case !f.Has(ACK):
		return "ACK is not set, so this means nothing."
	case c.known && c.of(ack) == 0:
		return "Nothing has arrived yet; the number wanted next is 0, that of SYN."
	case f.Has(RST):
		return fmt.Sprintf("This reset answers a segment that ended before number %s, and shows by that that it is meant.", next)
	case c.known && c.of(ack) == 1:
		return "SYN, number 0, has arrived, and no data yet; the next byte wanted is 1."
	case f.Has(SYN):
		return fmt.Sprintf("Everything before %s has arrived, the other side's SYN at least; the next number wanted is %s.", next, next)
	}
	return fmt.Sprintf("Every byte before %s has arrived; the next one wanted is %s.", next, next)
}

func windowValue(r reading) string {
	switch {
	case tcpFlags(r.part).Has(SYN), r.raw == 0, r.ctx.ScaleKnown && r.ctx.Scale <= 0:
		return group(r.raw)
	case !r.ctx.ScaleKnown:
		return group(r.raw) + ", scale unknown"
	}
	return fmt.Sprintf("%s x %s = %s", group(r.raw), group(1<<scaleOf(r.ctx)), group(r.raw<<scaleOf(r.ctx)))
}

// scaleOf is the shift to use: at most 14 (RFC 7323 section 2.3).
func scaleOf(ctx Context) int { return max(0, min(ctx.Scale, maxScale)) }

// maxScale is the largest window scale shift (RFC 7323 section 2.3).
const maxScale = 14

func sayWindow(r reading) string {
	f := tcpFlags(r.part)
	room := bytesOf(r.raw << scaleOf(r.ctx))
	switch {
	case f.Has(RST):
		return "A reset ends the connection, so its window means nothing."
	case f.Has(SYN):
		return fmt.Sprintf("%s has room for %s to begin with. In a SYN the window is never scaled (RFC 7323 section 2.2).", capital(r.from()), bytesOf(r.raw))
	case !f.Has(ACK):
		return "The window counts from the acknowledgment number, and ACK is not set, so it means nothing."
	case r.raw == 0:
		return fmt.Sprintf("No room: %s must stop sending, and ask again from time to time with a window probe.", r.to())
	case !r.ctx.ScaleKnown:
		return fmt.Sprintf("%s has room for %s units. How many bytes a unit is was said in its SYN, which is not known here; without scaling it is 1.", capital(r.from()), group(r.raw))
	}
	s := fmt.Sprintf("%s has room for %s from number %s on: so far %s may send before it must wait.",
		capital(r.from()), room, ackNumbers(r.ctx).people(r.u32(8)), r.to())
	if n := scaleOf(r.ctx); n > 0 {
		s += fmt.Sprintf(" Its SYN said to multiply by %s.", group(1<<n))
	}
	return s
}
