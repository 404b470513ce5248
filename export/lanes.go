package export

import (
	"cmp"
	"slices"

	"wirelab/trace"
)

// A side is which identity of the two a lane has.
type side uint8

const (
	between side = iota // a router, or who is both
	client
	server
)

func (s side) class() string { return [...]string{"m", "c", "s"}[s] }

// A lane is the lifeline of a host.
type lane struct {
	host uint16
	side side
	x    float64
}

// lanesOf puts the hosts that take part side by side: who opens connections
// left, who is only connected to right, and what is on the way between them, in
// the order in which packets get there.
func lanesOf(tr *trace.Trace) []lane {
	part := make([]bool, len(tr.Hosts))
	near := make([][]uint16, len(tr.Hosts))
	for i := range tr.Packets {
		p := &tr.Packets[i]
		part[p.From], part[p.To] = true, true
		if !slices.Contains(near[p.From], p.To) {
			near[p.From], near[p.To] = append(near[p.From], p.To), append(near[p.To], p.From)
		}
	}
	for i := range tr.Calls {
		part[tr.Calls[i].Host] = true
	}
	sides := sidesOf(tr)
	far := distances(near, slices.Index(sides, client))
	var lanes []lane
	for h := range tr.Hosts {
		if part[h] {
			lanes = append(lanes, lane{host: uint16(h), side: sides[h]})
		}
	}
	place := [...]int{between: 1, client: 0, server: 2}
	slices.SortStableFunc(lanes, func(a, b lane) int {
		return cmp.Or(cmp.Compare(place[a.side], place[b.side]), cmp.Compare(far[a.host], far[b.host]))
	})
	if n := len(lanes); n > 1 && sides[lanes[n-1].host] == between && !slices.Contains(sides, server) {
		lanes[n-1].side = server // without connections: who is farthest away
	}
	return lanes
}

// sidesOf says which hosts only open connections, and which only accept them.
func sidesOf(tr *trace.Trace) []side {
	sides := make([]side, len(tr.Hosts))
	opens, accepts := make([]bool, len(sides)), make([]bool, len(sides))
	for i := range tr.Conns {
		opens[tr.Conns[i].Ends[0].Host] = true
		accepts[tr.Conns[i].Ends[1].Host] = true
	}
	for h := range sides {
		switch {
		case opens[h] && !accepts[h]:
			sides[h] = client
		case accepts[h] && !opens[h]:
			sides[h] = server
		}
	}
	if !slices.Contains(sides, client) && len(sides) > 0 {
		first := uint16(0)
		if len(tr.Packets) > 0 {
			first = tr.Packets[0].From
		}
		sides[first] = client
	}
	return sides
}

// distances counts how many wires each host is away from one of them.
func distances(near [][]uint16, from int) []int {
	far := make([]int, len(near))
	for i := range far {
		far[i] = len(near)
	}
	if from < 0 {
		return far
	}
	far[from] = 0
	for next := []int{from}; len(next) > 0; next = next[1:] {
		for _, h := range near[next[0]] {
			if far[h] > far[next[0]]+1 {
				far[h] = far[next[0]] + 1
				next = append(next, int(h))
			}
		}
	}
	return far
}
