package export

import (
	"wirelab/story/scene"
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

// lanesOf puts the hosts that take part side by side.
func lanesOf(sc *scene.Scene) []lane {
	tr := sc.Teller().Trace()
	part := make([]bool, len(tr.Hosts))
	for i := range tr.Packets {
		part[tr.Packets[i].From], part[tr.Packets[i].To] = true, true
	}
	for i := range tr.Calls {
		part[tr.Calls[i].Host] = true
	}
	sides := sidesOf(tr)
	var lanes []lane
	for _, h := range sc.Lanes(scene.All()) {
		if part[h] {
			lanes = append(lanes, lane{host: h, side: sides[h]})
		}
	}
	if n := len(lanes); n > 1 && len(tr.Conns) == 0 {
		lanes[0].side, lanes[n-1].side = client, server // nobody connects: who asks, and who is asked
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
	return sides
}
