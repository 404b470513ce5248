package graph

import (
	"net/netip"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// datagrams follows what each datagram of a UDP stream became: it has arrived
// when all its pieces came to the host that it is for.
func (ix *index) datagrams() {
	own, peer := trace.StreamOf(ix.conn, ix.end), ix.tr.Conns[ix.conn].Ends[1-ix.end].Host
	type datagram struct{ size, came int64 }
	var ds []datagram // by unit, counted from 1
	for i := range ix.tr.Packets {
		p := &ix.tr.Packets[i]
		if p.Conn() != ix.conn || p.Copy || p.Nth == 0 {
			continue
		}
		ix.happened(p.Sent)
		ix.happened(p.Arrived)
		if p.Span.Stream != own || p.Span.Unit < 1 {
			continue
		}
		for int(p.Span.Unit) > len(ds) {
			ds = append(ds, datagram{})
			ix.sent = append(ix.sent, int32(i))
			ix.trips = append(ix.trips, trip{int32(i), open})
		}
		n := p.Span.Unit - 1
		d, t := &ds[n], &ix.trips[n]
		if !p.Hop {
			d.size = max(d.size, p.Span.Hi)
			ix.total += p.Span.Len()
		}
		switch {
		case wasted(p):
			t.back = ^int32(i)
		case p.Fate == trace.Delivered && p.To == peer:
			d.came += p.Span.Len()
			if t.back == open || t.back >= 0 && p.Arrived > ix.tr.Packets[t.back].Arrived {
				t.back = int32(i)
			}
		}
	}
	for n := range ix.trips {
		if t := &ix.trips[n]; t.back >= 0 && ds[n].came < ds[n].size {
			t.back = open // a piece is still under way
		}
	}
	ix.settle()
}

// echoes follows ICMP echo requests to their replies (RFC 792, RFC 4443
// section 4), which belong to no connection.
func (ix *index) echoes() {
	last := ix.pieces()
	known := map[echo]int{}
	for i := range ix.tr.Packets {
		p := &ix.tr.Packets[i]
		if p.Copy || p.Nth == 0 || p.Piece >= 0 && int(p.Piece)-ix.tr.Dropped.Packets != i {
			continue
		}
		e, request, ok := readEcho(ix.tr.Bytes(p))
		if !ok {
			continue
		}
		n, seen := known[e]
		if request && !p.Hop {
			n, seen = len(ix.trips), true
			known[e] = n
			ix.sent = append(ix.sent, int32(i))
			ix.trips = append(ix.trips, trip{int32(i), open})
		}
		if !seen {
			continue
		}
		end := int32(i)
		if p.Piece >= 0 {
			end = last[p.Piece]
		}
		t := &ix.trips[n]
		switch q := &ix.tr.Packets[end]; {
		case !request && q.Fate == trace.Delivered && q.To == ix.tr.Packets[t.row].From:
			if t.back < 0 {
				t.back = end // even if a piece of the request is lost: its answer is there
			}
		case t.back == open && wasted(q):
			t.back = ^end
		}
	}
	ix.settle()
}

// pieces finds, for the first fragment of each datagram, the one that decides:
// one that is lost, or else one that is still under way, or the last to arrive.
func (ix *index) pieces() map[int32]int32 {
	last := map[int32]int32{}
	for i := range ix.tr.Packets {
		p := &ix.tr.Packets[i]
		if p.Piece < 0 || p.Copy || p.Nth == 0 {
			continue
		}
		row, ok := last[p.Piece]
		if q := &ix.tr.Packets[row]; !ok || !wasted(q) && (wasted(p) || q.Fate != trace.UnderWay && (p.Fate == trace.UnderWay || p.Arrived >= q.Arrived)) {
			last[p.Piece] = int32(i)
		}
	}
	return last
}

// An echo is what a request and its reply have in common.
type echo struct {
	asks, answers netip.Addr
	id            [4]byte // identifier and sequence number
}

// readEcho reads an echo request or reply; ok is false for any other frame.
func readEcho(frame []byte) (e echo, request, ok bool) {
	const (
		reply4, request4 = 0, 8
		request6, reply6 = 128, 129
		idOff, headerLen = 4, 8
	)
	h := packets.Scan(frame)
	if h.Proto != packets.ProtocolICMP && h.Proto != packets.ProtocolICMPv6 || h.Len < headerLen || h.FragOff > 0 {
		return e, false, false
	}
	b := frame[h.Off:]
	v6 := h.Proto == packets.ProtocolICMPv6
	switch {
	case !v6 && b[0] == request4, v6 && b[0] == request6:
		e.asks, e.answers, request = h.Src, h.Dst, true
	case !v6 && b[0] == reply4, v6 && b[0] == reply6:
		e.asks, e.answers = h.Dst, h.Src
	default:
		return e, false, false
	}
	copy(e.id[:], b[idOff:])
	return e, request, true
}

// settle notes when each trip came to its end.
func (ix *index) settle() {
	for _, t := range ix.trips {
		ix.happened(ix.tr.Packets[t.row].Sent)
		switch {
		case t.back >= 0:
			ix.arrivals = append(ix.arrivals, ix.tr.Packets[t.back].Arrived)
			ix.happened(ix.tr.Packets[t.back].Arrived)
		case t.back != open:
			ix.losses = append(ix.losses, wastedAt(&ix.tr.Packets[^t.back]))
		}
	}
}

// ended is when trip i arrived, and when it was lost; Never if not.
func (ix *index) ended(i int) (arrived, lost time.Duration) {
	switch t := ix.trips[i]; {
	case t.back == open:
		return trace.Never, trace.Never
	case t.back < 0:
		return trace.Never, wastedAt(&ix.tr.Packets[^t.back])
	default:
		return ix.tr.Packets[t.back].Arrived, trace.Never
	}
}
