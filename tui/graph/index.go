package graph

import (
	"slices"
	"sort"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// An index finds the rows of a trace that have to do with one direction of a
// connection. It takes 4 bytes for each sample and each packet, and 8 for each
// measured round trip.
type index struct {
	tr   *trace.Trace
	conn int32
	end  int

	samples []int32 // of the end, in the order of time
	sent    []int32 // packets that carry numbers of the stream, in the order of sending
	marked  []int32 // those of them that were lost or sent again
	again   []int32 // those of them that were sent again
	trips   []trip  // round trips, in the order in which they were measured

	losses   []time.Duration // when packets of the stream were lost, in order
	arrivals []time.Duration // when datagrams arrived, or answers to echo requests

	from, to time.Duration // from the first to the last thing that happened here
	total    int64         // bytes of data of the stream
	segment  int64         // bytes of data that a full segment carries, as far as can be known
}

// A trip is something that was sent and what came of it.
type trip struct {
	row  int32 // packet
	back int32 // sample that acknowledges it, or packet that arrived; if it was lost, the complement of the row that was; open: neither
}

const open = -1 << 31

func newIndex(tr *trace.Trace, conn int32, end int) *index {
	ix := &index{tr: tr, conn: conn, end: end, from: -1}
	switch {
	case conn < 0 || int(conn) >= len(tr.Conns):
		ix.conn = -1
		ix.echoes()
	case tr.Conns[conn].Proto == packets.ProtocolTCP:
		ix.connection()
		ix.roundTrips()
	default:
		ix.datagrams()
	}
	slices.Sort(ix.losses)
	slices.Sort(ix.arrivals)
	if ix.from < 0 {
		ix.from, ix.to = 0, tr.End
	}
	ix.to = max(ix.to, ix.from+1)
	return ix
}

// happened makes the axis of time reach t.
func (ix *index) happened(t time.Duration) {
	if t == trace.Never {
		return
	}
	if ix.from < 0 {
		ix.from = t
	}
	ix.from, ix.to = min(ix.from, t), max(ix.to, t)
}

func (ix *index) tcp() bool {
	return ix.conn >= 0 && ix.tr.Conns[ix.conn].Proto == packets.ProtocolTCP
}

// connection gathers the samples and segments of a TCP connection.
func (ix *index) connection() {
	own := trace.StreamOf(ix.conn, ix.end)
	var state [2]trace.State // of each end, at last
	for i := range ix.tr.Samples {
		s := &ix.tr.Samples[i]
		if s.Conn != ix.conn {
			continue
		}
		ix.happened(s.At)
		if int(s.End) == ix.end {
			ix.samples = append(ix.samples, int32(i))
		}
		state[s.End] = s.State
	}
	for _, s := range state {
		if s != trace.Closed && s != trace.TimeWait {
			ix.happened(ix.tr.End) // it still waits for something
		}
	}
	var last *trace.Packet // the one with the last number so far
	for i := range ix.tr.Packets {
		p := &ix.tr.Packets[i]
		if p.Conn() != ix.conn || p.Copy || p.Nth == 0 {
			continue
		}
		ix.happened(p.Sent)
		ix.happened(p.Arrived)
		if p.Span.Stream != own || p.Span.Empty() || p.Hop && !wasted(p) {
			continue
		}
		ix.sent = append(ix.sent, int32(i))
		if wasted(p) {
			ix.losses = append(ix.losses, wastedAt(p))
		}
		if p.Again {
			ix.again = append(ix.again, int32(i))
		}
		if p.Again || wasted(p) {
			ix.marked = append(ix.marked, int32(i))
		}
		if last == nil || p.Span.Hi > last.Span.Hi {
			if last != nil {
				ix.segment = max(ix.segment, last.Span.Len())
			}
			last = p
		}
	}
	if last != nil { // only this one can carry a FIN
		h := packets.Scan(ix.tr.Bytes(last))
		ix.segment = max(ix.segment, int64(h.Len))
		ix.total = max(last.Span.Hi, 0)
		if h.Flags.Has(packets.FIN) {
			ix.total--
		}
	}
	// If no segment was nearly full, the best that is known of a full one is
	// what the other end announced (RFC 9293 section 3.7.1).
	if mss := int64(ix.tr.Conns[ix.conn].MSS[1-ix.end]); ix.segment < mss*3/4 {
		ix.segment = mss
	}
}

// wasted says whether a packet did not get to the program that it was for.
func wasted(p *trace.Packet) bool {
	return p.Fate.Lost() || p.Fate == trace.BadChecksum || p.Fate == trace.SocketFull
}

// wastedAt is when that became certain.
func wastedAt(p *trace.Packet) time.Duration { return max(p.Sent, p.Left, p.Arrived) }

// roundTrips measures from each segment to the acknowledgement that covers it.
// If something at or below it was sent again in the meantime, then nobody can
// tell which of the two the acknowledgement answers (Karn; RFC 6298 section 3),
// or it waited for the hole to be filled: neither is measured.
func (ix *index) roundTrips() {
	var waiting []int32
	next := 0
	for _, row := range ix.samples {
		s := &ix.tr.Samples[row]
		for ; next < len(ix.sent) && ix.tr.Packets[ix.sent[next]].Step <= s.Step; next++ {
			p := &ix.tr.Packets[ix.sent[next]]
			if p.Again || p.Hop {
				for n := len(waiting); p.Again && n > 0 && ix.tr.Packets[waiting[n-1]].Span.Hi > p.Span.Lo; n-- {
					waiting = waiting[:n-1]
				}
				continue
			}
			waiting = append(waiting, ix.sent[next])
		}
		// Span counts data from 0, samples count it from 1.
		for len(waiting) > 0 && ix.tr.Packets[waiting[0]].Span.Hi < int64(s.SndUna) {
			ix.trips = append(ix.trips, trip{waiting[0], row})
			waiting = waiting[1:]
		}
	}
}

// took is how long trip i took, if it has come to its end.
func (ix *index) took(i int) time.Duration {
	t := ix.trips[i]
	if ix.tcp() {
		return ix.tr.Samples[t.back].At - ix.tr.Packets[t.row].Sent
	}
	return ix.tr.Packets[t.back].Arrived - ix.tr.Packets[t.row].Sent
}

// at returns the state of the end at a moment, and nil before there was one.
func (ix *index) at(now time.Duration) *trace.Sample {
	n := ix.until(now)
	if n == 0 {
		return nil
	}
	return &ix.tr.Samples[ix.samples[n-1]]
}

// until is how many samples were taken up to a moment.
func (ix *index) until(now time.Duration) int {
	return sort.Search(len(ix.samples), func(i int) bool { return ix.tr.Samples[ix.samples[i]].At > now })
}

// countUntil is how many of the moments, which are in order, have come.
func countUntil(moments []time.Duration, now time.Duration) int {
	return sort.Search(len(moments), func(i int) bool { return moments[i] > now })
}

// sentUntil is how many of the packets in rows were sent up to a moment.
func (ix *index) sentUntil(rows []int32, now time.Duration) int {
	return sort.Search(len(rows), func(i int) bool { return ix.tr.Packets[rows[i]].Sent > now })
}

// measuredUntil is how many round trips of TCP were measured up to a moment.
func (ix *index) measuredUntil(now time.Duration) int {
	return sort.Search(len(ix.trips), func(i int) bool { return ix.tr.Samples[ix.trips[i].back].At > now })
}
