package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

var fragmentRule = rule{"The packet was larger than the MTU, so IP cut it. If one piece is lost the whole is lost: IP sends nothing again.", "RFC 791 section 2.3"}

// datagram says what a UDP datagram, or a piece of one, is.
func (t *teller) datagram(p *trace.Packet, w what) (what, rule) {
	w.short = "datagram " + group(int64(p.Span.Unit))
	if p.Piece >= 0 {
		w.text = fmt.Sprintf("fragment of %s, %s", w.short, bytes(p.Span.Lo, p.Span.Hi))
		w.short = "fragment of " + w.short
		return w, fragmentRule
	}
	w.text = fmt.Sprintf("%s, %s", w.short, count(p.Span.Len(), "byte"))
	return w, rule{"UDP adds ports, a length and a checksum. There is no handshake, and no acknowledgement will come.", "RFC 768"}
}

// A unit is one datagram on its stream.
type unit struct {
	stream trace.Stream
	n      int32
}

// units are how the datagrams that were sent in pieces fared, and how long
// each one is.
type units struct {
	size  map[unit]int64
	whole map[unit]int // the row of the fragment with which the last piece was there
}

// gatherUnits puts the pieces of the datagrams together.
func (t *teller) gatherUnits() units {
	u := units{map[unit]int64{}, map[unit]int{}}
	missing := map[unit]int64{}
	for i := range t.tr.Packets {
		p := &t.tr.Packets[i]
		if p.Conn() < 0 || t.tr.Conns[p.Conn()].Proto != packets.ProtocolUDP || !own(p) {
			continue
		}
		key := unit{p.Span.Stream, p.Span.Unit}
		u.size[key] = max(u.size[key], p.Span.Hi)
		if p.Piece >= 0 {
			missing[key] += p.Span.Len()
		}
	}
	for _, row := range t.arrived {
		p := &t.tr.Packets[row]
		if p.Conn() < 0 || p.Piece < 0 || p.Fate == trace.BadChecksum || !t.final(p) {
			continue
		}
		key := unit{p.Span.Stream, p.Span.Unit}
		if missing[key] -= p.Span.Len(); missing[key] == 0 {
			u.whole[key] = int(row)
		}
	}
	return u
}

// datagramArrives says what a datagram, or a piece of one, does where it arrives.
func (t *teller) datagramArrives(row int, w *what) (string, rule) {
	p := &t.tr.Packets[row]
	receives := "receives " + w.short
	at, ok := t.units.whole[unit{p.Span.Stream, p.Span.Unit}]
	switch {
	case p.Fate == trace.SocketFull:
		return receives + ": the socket is full, it is thrown away",
			rule{"UDP does not slow its sender down, and sends nothing again. What a full socket cannot take is lost.", "RFC 8085 section 3.3"}
	case p.Piece < 0:
		return receives, rule{}
	case ok && at == row:
		return receives + ": now it has them all", rule{"Only when every piece is there is the datagram put together and given to UDP.", "RFC 791 section 2.3"}
	case ok:
		return receives + ": kept", rule{"Pieces wait until all are there; then the datagram is put together and given to UDP.", "RFC 791 section 2.3"}
	}
	return receives + ": kept in vain, not all of them come",
		rule{"A piece is missing, and IP sends nothing again. After a while the others are thrown away.", "RFC 791 section 3.2, RFC 1122 section 3.3.2"}
}
