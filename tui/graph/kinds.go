package graph

import (
	"time"

	"wirelab/trace"
	"wirelab/tui/paint"
)

// The signs of what is not a line.
const (
	lostSign  = '╳'
	againSign = '●'
	fewSign   = '•' // a point, while there are few
	manySign  = '⠶' // and if there are many: dots finer than a cell
)

// few is up to how many points are drawn a cell large: so they are seen best,
// and more of them would cover each other.
const few = 40

// pointSign is the sign of a point that fills a cell; 0: points are finer.
func (p *picture) pointSign() rune {
	if len(p.ix.trips) <= few {
		return fewSign
	}
	return 0
}

// point is the sign of a point in the legend.
func (p *picture) point() rune {
	if len(p.ix.trips) <= few {
		return fewSign
	}
	return manySign
}

func senderRole(end int) paint.Role {
	if end == 0 {
		return paint.Client
	}
	return paint.Server
}

// sequence is Stevens' graph: each segment a stroke from its first to its last
// byte at the moment when it was sent, and under it the line of what has been
// acknowledged, which the edge of the window runs ahead of.
func sequence(ix *index, p *picture) {
	una := func(s *trace.Sample) (int64, bool) { return min(int64(s.SndUna)-1, ix.total), s.SndUna > 0 }
	edge := func(s *trace.Sample) (int64, bool) {
		return int64(s.SndUna) - 1 + int64(s.SndWnd), s.SndUna > 0
	}
	p.y = scale{hi: ix.total + ix.total/50, name: bytesName}
	p.lines = []line{
		{edge, "edge", paint.Quiet, &dashed, grouped},
		{una, "acknowledged", senderRole(1 - ix.end), &solid, grouped},
	}
	stroke := func(q *trace.Packet) (dot, bool) {
		data := q.Span.Data(ix.total)
		return dot{lo: data.Lo, hi: data.Hi - 1, role: senderRole(ix.end), strip: -1}, !data.Empty() // SYN or FIN alone
	}
	p.dots = []dots{{
		n:  len(ix.sent),
		at: ix.sentAt,
		dot: func(i int, now time.Duration) (dot, bool) {
			q := &ix.tr.Packets[ix.sent[i]]
			if q.Again || wasted(q) && wastedAt(q) <= now {
				return dot{}, false // it has a mark
			}
			return stroke(q)
		},
	}, ix.marks(func(q *trace.Packet, sign rune, role paint.Role) (dot, bool) {
		d, ok := stroke(q)
		d.sign, d.role = sign, role
		return d, ok
	})}
}

// flight shows what is in flight under the two limits that TCP knows: the
// congestion window and the room at the receiver (RFC 5681 section 3.1).
func flight(ix *index, p *picture) {
	cwnd := func(s *trace.Sample) (int64, bool) { return int64(s.Cwnd) * ix.segment, s.Cwnd > 0 }
	window := func(s *trace.Sample) (int64, bool) { return int64(s.SndWnd), s.SndUna > 0 }
	inFlight := func(s *trace.Sample) (int64, bool) { return int64(s.InFlight()), true }
	most := int64(1)
	for _, row := range ix.samples {
		most = max(most, int64(ix.tr.Samples[row].InFlight()))
	}
	// A limit that is far above what is in flight would press that to the ground.
	const headroom = 2
	top := most
	for _, row := range ix.samples {
		for _, v := range []value{cwnd, window} {
			if n, ok := v(&ix.tr.Samples[row]); ok && n <= headroom*most {
				top = max(top, n)
			}
		}
	}
	p.y = scale{hi: top * 51 / 50, name: bytesName}
	p.bars = inFlight
	p.lines = []line{
		{window, "receiver", paint.Quiet, &dashed, grouped},
		{cwnd, "cwnd", paint.Waiting, &solid, func(n int64) string { return count(int(n/ix.segment), "segment") }},
	}
	p.losses(ix)
}

// roundTrip shows measured round trips, what TCP makes of them, and how long it
// therefore waits before it sends again (RFC 6298).
func roundTrip(ix *index, p *picture) {
	srtt := func(s *trace.Sample) (int64, bool) { return int64(s.SRTT), s.SRTT > 0 }
	rto := func(s *trace.Sample) (int64, bool) { return int64(s.RTO), s.RTO > 0 }
	least, most := int64(0), int64(0)
	seen := func(n int64) {
		if least == 0 || n < least {
			least = n
		}
		most = max(most, n)
	}
	for _, row := range ix.samples {
		for _, v := range []value{srtt, rto} {
			if n, ok := v(&ix.tr.Samples[row]); ok {
				seen(n)
			}
		}
	}
	for i := range ix.trips {
		seen(int64(ix.took(i)))
	}
	p.y = timeScale(least, most)
	p.lines = []line{
		{rto, "RTO", paint.Waiting, &dashed, took},
		{srtt, "SRTT", paint.Plain, &solid, took},
	}
	measured := func(i int) time.Duration { return ix.tr.Samples[ix.trips[i].back].At }
	p.dots = []dots{{n: len(ix.trips), at: measured,
		dot: func(i int, _ time.Duration) (dot, bool) {
			t := int64(ix.took(i))
			return dot{lo: t, hi: t, sign: p.pointSign(), role: senderRole(ix.end), strip: -1}, true
		}}}
	p.losses(ix)
}

// delays shows how long each datagram was under way, or each echo request until
// its reply was there.
func delays(ix *index, p *picture) {
	most := int64(0)
	for i := range ix.trips {
		if arrived, _ := ix.ended(i); arrived != trace.Never {
			most = max(most, int64(ix.took(i)))
		}
	}
	p.y = timeScale(0, most)
	p.dots = []dots{{
		n:  len(ix.trips),
		at: ix.sentAt,
		final: func(i int) time.Duration {
			arrived, lost := ix.ended(i)
			return max(arrived, lost, ix.sentAt(i))
		},
		dot: func(i int, now time.Duration) (dot, bool) {
			arrived, lost := ix.ended(i)
			switch {
			case lost != trace.Never && lost <= now:
				return dot{sign: lostSign, role: paint.Lost, strip: -1, bottom: true}, true
			case arrived != trace.Never && arrived <= now:
				t := int64(ix.took(i))
				return dot{lo: t, hi: t, sign: p.pointSign(), role: senderRole(ix.end), strip: -1}, true
			}
			return dot{}, false
		},
	}}
}

// losses fills the two strips: what was lost, and what was sent again; what was
// sent again and lost stands in both.
func (p *picture) losses(ix *index) {
	lost := ix.marks(func(_ *trace.Packet, sign rune, role paint.Role) (dot, bool) {
		return dot{sign: sign, role: role, strip: 0}, sign == lostSign
	})
	again := dots{
		n:  len(ix.again),
		at: func(i int) time.Duration { return ix.tr.Packets[ix.again[i]].Sent },
		dot: func(int, time.Duration) (dot, bool) {
			return dot{sign: againSign, role: paint.Waiting, strip: 1}, true
		},
	}
	p.dots = append(p.dots, lost, again)
}

// marks are the packets that were lost or sent again, with the sign that tells
// which; a loss shows from the moment on when it is certain.
func (ix *index) marks(form func(q *trace.Packet, sign rune, role paint.Role) (dot, bool)) dots {
	return dots{
		n:  len(ix.marked),
		at: func(i int) time.Duration { return ix.tr.Packets[ix.marked[i]].Sent },
		final: func(i int) time.Duration {
			if q := &ix.tr.Packets[ix.marked[i]]; wasted(q) {
				return wastedAt(q)
			}
			return 0
		},
		dot: func(i int, now time.Duration) (dot, bool) {
			switch q := &ix.tr.Packets[ix.marked[i]]; {
			case wasted(q) && wastedAt(q) <= now:
				return form(q, lostSign, paint.Lost)
			case q.Again:
				return form(q, againSign, paint.Waiting)
			}
			return dot{}, false
		},
	}
}

func (ix *index) sentAt(i int) time.Duration { return ix.tr.Packets[ix.sent[i]].Sent }

// timeScale is from 0 to most, or, if the values are too far apart to be seen
// beside each other, logarithmic. If there are none, most is 0.
func timeScale(least, most int64) scale {
	const apart = 8
	if most == 0 {
		most = int64(time.Second)
	}
	if least > 0 && most/least >= apart {
		return logarithmic(max(least*4/5, 1), most*6/5, spanName)
	}
	return scale{hi: most * 6 / 5, name: spanName}
}
