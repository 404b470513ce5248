package scene

import (
	"cmp"
	"slices"

	"wirelab/packets"
	"wirelab/story"
)

// A lane is where a host stands in a picture of many: those that speak first
// left, those that answer right, what sends on for others between.
type lane struct {
	side     uint8 // 0 left, 1 between, 2 right
	distance int   // of what is between, from the left, in cables
}

// line finds the place of each host.
func (s *Scene) line() {
	speaks, answers := make([]bool, len(s.tr.Hosts)), make([]bool, len(s.tr.Hosts))
	between := make([]bool, len(s.tr.Hosts))
	for _, hosts := range s.passing {
		for _, h := range hosts {
			between[h] = true
		}
	}
	for i := range s.tr.Conns {
		speaks[s.tr.Conns[i].Ends[0].Host] = true
		answers[s.tr.Conns[i].Ends[1].Host] = true
	}
	near := make([][]uint16, len(s.tr.Hosts)) // neighbours, by host
	for _, w := range s.ways {
		near[w[0]] = append(near[w[0]], w[1])
		near[w[1]] = append(near[w[1]], w[0])
	}
	if len(s.tr.Conns) == 0 { // nobody but ping
		s.pinging(speaks, between)
	}
	s.lanes = make([]lane, len(s.tr.Hosts))
	seen := make([]bool, len(s.tr.Hosts))
	var next []uint16
	for h := range s.lanes {
		switch {
		case between[h]:
			s.lanes[h].side = 1
		case speaks[h] && !answers[h]:
			seen[h] = true
			next = append(next, uint16(h))
		case speaks[h]:
			s.lanes[h].side = 1
		default:
			s.lanes[h].side = 2
		}
	}
	for len(next) > 0 {
		h := next[0]
		next = next[1:]
		for _, n := range near[h] {
			if !seen[n] {
				seen[n] = true
				s.lanes[n].distance = s.lanes[h].distance + 1
				next = append(next, n)
			}
		}
	}
}

// pinging finds in a trace without connections the host that speaks first, and
// those that send on for others.
func (s *Scene) pinging(speaks, between []bool) {
	first := true
	for row := range s.rows() {
		p := &s.tr.Packets[row]
		if p.Hop {
			between[p.From] = true
		} else if first && packets.Scan(s.tr.Bytes(p)).IPLen > 0 {
			speaks[p.From], first = true, false
		}
	}
}

// Lanes are the hosts of a picture of those packets, from left to right: of a
// connection its two ends and what lies on the way.
func (s *Scene) Lanes(w Which) []uint16 {
	var hosts []uint16
	switch {
	case w.kind == between:
		hosts = []uint16{w.a, w.b}
	case (w.kind == ofConn || w.kind == with) && w.conn >= 0:
		ends := &s.tr.Conns[w.conn].Ends
		hosts = append(append(hosts, ends[0].Host), s.passing[w.conn]...)
		slices.SortStableFunc(hosts[1:], func(a, b uint16) int { return cmp.Compare(s.lanes[a].distance, s.lanes[b].distance) })
		return append(hosts, ends[1].Host)
	default:
		for h := range s.lanes {
			hosts = append(hosts, uint16(h))
		}
	}
	slices.SortStableFunc(hosts, func(a, b uint16) int {
		x, y := s.lanes[a], s.lanes[b]
		return cmp.Or(cmp.Compare(x.side, y.side), cmp.Compare(x.distance, y.distance))
	})
	return hosts
}

// cards are the packets of no connection, by host: those that it sent itself in
// the order of their sending, those that came to it in that of their arrival.
type cards struct{ sent, came grouped }

// unconnected puts them together.
func (s *Scene) unconnected() {
	rows := s.sent.of(0)
	s.cards.sent = group(len(s.tr.Hosts), slices.Values(rows), func(row int32) int {
		if p := &s.tr.Packets[row]; own(p) {
			return int(p.From)
		}
		return -1
	})
	var came []int32
	for _, row := range rows {
		if s.tr.Packets[row].Landed > 0 {
			came = append(came, row)
		}
	}
	slices.SortFunc(came, func(a, b int32) int { return cmp.Compare(s.tr.Packets[a].Landed, s.tr.Packets[b].Landed) })
	s.cards.came = group(len(s.tr.Hosts), slices.Values(came), func(row int32) int { return int(s.tr.Packets[row].To) })
}

// traffic is what host h has sent and received of them by m.
func (s *Scene) traffic(h uint16, m story.Moment) *Traffic {
	return &Traffic{
		Sent:     int64(count(s.cards.sent.of(int(h)), func(row int32) bool { return s.left(row, m) })),
		Received: int64(count(s.cards.came.of(int(h)), func(row int32) bool { return s.landed(row, m) })),
	}
}
