package story

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"sort"

	"wirelab/packets"
	"wirelab/trace"
)

var fragmentRule = rule{"The packet was larger than the MTU, so IP cut it. If one piece is lost the whole is lost: IP sends nothing again.", "RFC 791 section 2.3"}

// datagram says what a UDP datagram, or a piece of one, is.
func (t *Teller) datagram(p *trace.Packet, w what) (what, rule) {
	w.short = "datagram " + group(int64(p.Span.Unit))
	if p.Piece >= 0 {
		w.text = fmt.Sprintf("fragment of %s, %s", w.short, bytes(p.Span.Lo, p.Span.Hi))
		w.short, w.label = "fragment of "+w.short, "piece of "+w.short
		return w, fragmentRule
	}
	w.text = fmt.Sprintf("%s, %s", w.short, count(p.Span.Len(), "byte"))
	return w, rule{"UDP adds ports, a length and a checksum. There is no handshake, and no acknowledgement will come.", "RFC 768"}
}

// unitsOf are the rows of the packets with a datagram, or a piece of one, put
// together by stream and datagram.
func unitsOf(tr *trace.Trace) (rows []int32) {
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Conn() >= 0 && tr.Conns[p.Conn()].Proto == packets.ProtocolUDP {
			rows = append(rows, int32(i))
		}
	}
	slices.SortFunc(rows, func(a, b int32) int {
		x, y := &tr.Packets[a], &tr.Packets[b]
		return cmp.Or(compareUnits(x, y.Span), cmp.Compare(a, b))
	})
	return slices.Clone(rows) // without room to grow
}

// compareUnits compares the datagram of packet p with that of s.
func compareUnits(p *trace.Packet, s trace.Span) int {
	return cmp.Or(cmp.Compare(p.Span.Stream, s.Stream), cmp.Compare(p.Span.Unit, s.Unit))
}

// ofUnit yields the packets with the datagram of s, or a piece of it, and their
// rows.
func (t *Teller) ofUnit(s trace.Span) iter.Seq2[int, *trace.Packet] {
	return func(yield func(int, *trace.Packet) bool) {
		i := sort.Search(len(t.units), func(i int) bool { return compareUnits(&t.tr.Packets[t.units[i]], s) >= 0 })
		for ; i < len(t.units); i++ {
			row := int(t.units[i])
			p := &t.tr.Packets[row]
			if compareUnits(p, s) != 0 || !yield(row, p) {
				return
			}
		}
	}
}

// sizeOf is how many bytes the datagram of s has.
func (t *Teller) sizeOf(s trace.Span) (size int64) {
	for _, p := range t.ofUnit(s) {
		if own(p) {
			size = max(size, p.Span.Hi)
		}
	}
	return size
}

// whole is the row of the fragment with which the last piece of the datagram of
// s was there; ok is false if it never was.
func (t *Teller) whole(s trace.Span) (row int, ok bool) {
	var missing int64
	var came []int
	for row, p := range t.ofUnit(s) {
		if p.Piece < 0 {
			continue
		}
		if own(p) {
			missing += p.Span.Len()
		}
		if p.Arrived != trace.Never && p.Fate != trace.BadChecksum && t.final(p) {
			came = append(came, row)
		}
	}
	slices.SortStableFunc(came, func(a, b int) int { return cmp.Compare(t.tr.Packets[a].Landed, t.tr.Packets[b].Landed) })
	for _, at := range came {
		if missing -= t.tr.Packets[at].Span.Len(); missing == 0 {
			row, ok = at, true
		}
	}
	return row, ok
}

// datagramArrives says what a datagram, or a piece of one, does where it arrives.
func (t *Teller) datagramArrives(row int, w *what) (string, rule) {
	p := &t.tr.Packets[row]
	receives := "receives " + w.short
	if p.Fate == trace.SocketFull {
		return receives + ": the socket is full, it is thrown away",
			rule{"UDP does not slow its sender down, and sends nothing again. What a full socket cannot take is lost.", "RFC 8085 section 3.3"}
	}
	if p.Piece < 0 {
		return receives, rule{}
	}
	switch at, ok := t.whole(p.Span); {
	case ok && at == row:
		return receives + ": now it has them all", rule{"Only when every piece is there is the datagram put together and given to UDP.", "RFC 791 section 2.3"}
	case ok:
		return receives + ": kept", rule{"Pieces wait until all are there; then the datagram is put together and given to UDP.", "RFC 791 section 2.3"}
	}
	return receives + ": kept in vain, not all of them come",
		rule{"A piece is missing, and IP sends nothing again. After a while the others are thrown away.", "RFC 791 section 3.2, RFC 1122 section 3.3.2"}
}
