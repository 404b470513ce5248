package scene

import (
	"cmp"
	"slices"
	"sort"

	"wirelab/story"
	"wirelab/trace"
)

// carry puts the packets together by stream, and finds which of them carry which
// bytes: those with new ones, which cut the stream into its pieces, and those
// with bytes that another has carried before. Of UDP the first packet of each
// datagram is new, and the datagram's other fragments are among the rest.
func (s *Scene) carry() {
	n := 2 * len(s.tr.Conns)
	ends, units, totals := make([]int64, n), make([]int32, n), make([]int64, n)
	for st := range totals {
		totals[st] = s.t.Total(trace.Stream(st))
	}
	s.longest, s.fins = make([]int32, n), slices.Repeat([]int32{-1}, n)
	s.passing = make([][]uint16, len(s.tr.Conns))
	streams := make([]int32, len(s.tr.Packets)) // by row
	first, other := newBits(len(streams)), newBits(len(streams))
	for row := range s.rows() {
		p := &s.tr.Packets[row]
		st := p.Span.Stream
		streams[row] = int32(st)
		if st < 0 {
			continue
		}
		s.passes(p)
		d, udp := p.Span, s.isUDP(st)
		if !udp {
			d = d.Data(totals[st])
			if p.Span.Hi > totals[st] && s.fins[st] < 0 {
				s.fins[st] = row
			}
		}
		s.longest[st] = max(s.longest[st], int32(d.Len()))
		switch {
		case udp && p.Span.Unit > units[st]:
			units[st] = p.Span.Unit
			first.add(row)
		case !udp && own(p) && d.Hi > ends[st]:
			ends[st] = d.Hi
			first.add(row)
		case udp || !d.Empty():
			other.add(row)
		}
	}
	only := func(set bits) func(row int32) int {
		return func(row int32) int {
			if !set.has(row) {
				return -1
			}
			return int(streams[row])
		}
	}
	s.sent = group(n+1, s.rows(), func(row int32) int { return int(streams[row]) + 1 })
	s.firsts = group(n, s.rows(), only(first))
	s.repeats = group(n, s.rows(), only(other))
	for st := range n {
		slices.SortStableFunc(s.repeats.of(st), func(a, b int32) int {
			x, y := &s.tr.Packets[a].Span, &s.tr.Packets[b].Span
			return cmp.Or(cmp.Compare(x.Unit, y.Unit), cmp.Compare(x.Lo, y.Lo))
		})
	}
}

// passes notes a host of p that is between the ends of its connection.
func (s *Scene) passes(p *trace.Packet) {
	c := p.Conn()
	ends := &s.tr.Conns[c].Ends
	for _, h := range [2]uint16{p.From, p.To} {
		if h != ends[0].Host && h != ends[1].Host && !slices.Contains(s.passing[c], h) {
			s.passing[c] = append(s.passing[c], h)
		}
	}
}

// data are the bytes of p, without the numbers that SYN and FIN take.
func (s *Scene) data(p *trace.Packet) trace.Span {
	if p.Span.Stream < 0 || s.isUDP(p.Span.Stream) {
		return p.Span
	}
	return p.Span.Data(s.t.Total(p.Span.Stream))
}

// end is where piece i of a TCP stream ends: behind the new bytes of the packet
// that first carried it. The next one begins there.
func (s *Scene) end(st trace.Stream, i int) int64 {
	if i < 0 {
		return 0
	}
	return s.data(&s.tr.Packets[s.firsts.of(int(st))[i]]).Hi
}

// pieceOf is the piece of a TCP stream with byte n, or how many there are.
func (s *Scene) pieceOf(st trace.Stream, n int64) int {
	return sort.Search(len(s.firsts.of(int(st))), func(i int) bool { return s.end(st, i) > n })
}

// top is one beyond the last byte of a TCP stream that was sent by m.
func (s *Scene) top(st trace.Stream, m story.Moment) int64 {
	rows := s.firsts.of(int(st))
	return s.end(st, count(rows, func(row int32) bool { return s.left(row, m) })-1)
}

// carriers yields the packets that carry byte n of a TCP stream.
func (s *Scene) carriers(st trace.Stream, n int64) func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		firsts := s.firsts.of(int(st))
		// The packet of one piece may reach back into those before it.
		for i := s.pieceOf(st, n); i < len(firsts); i++ {
			d := s.data(&s.tr.Packets[firsts[i]])
			if d.Contains(n) {
				if !yield(firsts[i]) {
					return
				}
			} else if s.end(st, i-1) > n+int64(s.longest[st]) {
				break
			}
		}
		rows := s.repeats.of(int(st))
		from := sort.Search(len(rows), func(i int) bool { return s.tr.Packets[rows[i]].Span.Lo > n-int64(s.longest[st])-1 })
		for _, row := range rows[from:] {
			d := s.data(&s.tr.Packets[row])
			if d.Lo > n {
				return
			}
			if d.Contains(n) && !yield(row) {
				return
			}
		}
	}
}

// fragments yields the packets that carry pieces of datagram n of a stream.
func (s *Scene) fragments(st trace.Stream, n int32) func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		firsts := s.firsts.of(int(st))
		if n < 1 || int(n) > len(firsts) || !yield(firsts[n-1]) {
			return
		}
		rows := s.repeats.of(int(st))
		from := sort.Search(len(rows), func(i int) bool { return s.tr.Packets[rows[i]].Span.Unit >= n })
		for _, row := range rows[from:] {
			if s.tr.Packets[row].Span.Unit != n || !yield(row) {
				return
			}
		}
	}
}

// unwrap is the number near another that TCP writes as u.
func unwrap(u uint32, near int64) int64 { return near + int64(int32(u-uint32(near))) }

// coming says whether byte n of a TCP stream, or of a datagram, may yet come by
// the packet in a row, which carries it: it was sent, and is on a cable, or at a
// router that will send it on.
func (s *Scene) coming(row int32, m story.Moment) bool {
	if !s.left(row, m) {
		return false
	}
	p := &s.tr.Packets[row]
	if !s.landed(row, m) {
		w := s.passage(row)
		return w.stops == forever || w.part == 1 || w.stops > m.At
	}
	return !s.final(p) && !p.Fate.Lost() && p.Fate != trace.BadChecksum
}
