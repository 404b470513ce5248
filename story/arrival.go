package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

// arrival says what the packet in a row does where it arrives.
func (t *teller) arrival(row int, w what) (string, rule) {
	p := &t.tr.Packets[row]
	receives := "receives " + w.short
	switch p.Fate {
	case trace.BadChecksum:
		return receives + " damaged: its checksum is wrong, so it is thrown away",
			rule{"A receiver drops what has a wrong checksum and says nothing. To the sender it is lost.", "RFC 9293 section 3.1"}
	case trace.SocketFull:
		return receives + ", and the socket has no room for it",
			rule{"UDP does not slow its sender down. What does not fit into the socket's buffer is thrown away.", "RFC 8085 section 3.1"}
	}
	c := p.Conn()
	if c < 0 || t.tr.Conns[c].Proto != packets.ProtocolTCP || w.h.Flags.Has(packets.RST) {
		return receives, rule{}
	}
	// The end that receives sends on the other stream.
	after := t.stateAt(p.Span.Stream^1, p.Landed)
	before := t.stateAt(p.Span.Stream^1, p.Landed-1)
	if after == nil || before == nil {
		return receives, rule{}
	}
	if !p.Span.Empty() && !w.h.Flags.Has(packets.SYN) {
		return t.dataArrives(receives, p.Span.Lo, p.Span.Hi, before.RcvNxt, after.RcvNxt)
	}
	if acked := after.SndUna - before.SndUna; acked > 0 && acked < 1<<31 && w.h.Flags.Has(packets.ACK) {
		return t.ackArrives(receives, p.Span.Stream^1, int64(before.SndUna), int64(after.SndUna))
	}
	return receives, rule{}
}

// dataArrives says what becomes of bytes [lo, hi), counted from 0, a FIN among
// them, at an end that wanted byte wanted before and wants byte wants now,
// counted from 1.
func (t *teller) dataArrives(receives string, lo, hi int64, wanted, wants uint32) (string, rule) {
	switch first, next := lo+1, hi+1; {
	case int64(wanted) >= next:
		return receives + ": it has that already",
			rule{"A copy of bytes that were delivered is acknowledged again and thrown away.", "RFC 9293 section 3.10.7.4"}
	case int64(wanted) < first:
		return fmt.Sprintf("%s: kept, out of order; byte %s is wanted first", receives, group(int64(wanted))),
			rule{"TCP gives bytes to the program only in the order in which they were sent. What comes behind a hole waits.", "RFC 9293 section 3.10.7.4"}
	case int64(wants) > next:
		return fmt.Sprintf("%s: it fills the hole; bytes up to %s are in order now", receives, group(int64(wants)-1)), rule{}
	}
	return receives + ": in order", rule{}
}

// ackArrives says what the sender on s learns when its oldest unacknowledged
// number moves.
func (t *teller) ackArrives(receives string, s trace.Stream, from, to int64) (string, rule) {
	first, last := max(from, 1), to-1
	total := t.dataSent(s)
	switch {
	case last < 1:
		return receives, rule{}
	case last > total && first > total:
		return receives + ": its FIN has arrived", rule{}
	case last > total:
		return fmt.Sprintf("%s: %s and its FIN have arrived", receives, bytes(first-1, total)), rule{}
	case last == first:
		return fmt.Sprintf("%s: byte %s has arrived", receives, group(last)), rule{}
	}
	return fmt.Sprintf("%s: %s have arrived", receives, bytes(first-1, last)), rule{}
}

// dataSent is how many bytes of data were sent on s in all.
func (t *teller) dataSent(s trace.Stream) (total int64) {
	if t.totals == nil {
		t.totals = make([]int64, 2*len(t.tr.Conns))
		for i := range t.tr.Packets {
			p := &t.tr.Packets[i]
			if p.Conn() < 0 {
				continue
			}
			if lo, hi := dataOf(t.tr, p); hi > lo && hi > t.totals[p.Span.Stream] {
				t.totals[p.Span.Stream] = hi
			}
		}
	}
	return t.totals[s]
}
