package flow_test

import (
	"bytes"
	"slices"

	"wirelab/packets"
	"wirelab/trace"
)

// endHosts are the hosts at the ends of connections; others only send on.
func endHosts(tr *trace.Trace) (hosts []int) {
	for i := range tr.Conns {
		for _, e := range tr.Conns[i].Ends {
			if !slices.Contains(hosts, int(e.Host)) {
				hosts = append(hosts, int(e.Host))
			}
		}
	}
	return hosts
}

// endToEnd is the trace as its end hosts know it, seen from one of them: what
// routers and middleboxes send on becomes one packet from end to end, which has
// the bytes that left if it left from there, and those that came if it did not.
func endToEnd(tr *trace.Trace, host int) *trace.Trace {
	if !slices.ContainsFunc(tr.Packets, func(p trace.Packet) bool { return p.Hop }) {
		return tr
	}
	onward := sentOn(tr)
	t := *tr
	t.Packets = nil
	for first := 0; first < len(tr.Packets); first++ {
		origin := &tr.Packets[first]
		if origin.Hop || origin.Copy {
			continue
		}
		twice := false // more than one came of it
		var follow func(row int)
		follow = func(row int) {
			p := &tr.Packets[row]
			if next := onward[row]; len(next) > 0 {
				for _, n := range next {
					follow(n)
				}
				return
			}
			end := *p
			if end.Fate == trace.Delivered && strays(tr.Bytes(origin), tr.Received(p)) {
				end.Fate = trace.BadChecksum // as if one had looked
			}
			if int(origin.From) == host && !twice { // its bytes, and what became of it
				fate := end.Fate
				end = *origin
				end.Fate, end.Arrived, end.Landed, end.Flip = fate, p.Arrived, p.Landed, p.Flip
			}
			end.From, end.Sent, end.Left, end.Step, end.Cause, end.Nth = origin.From, origin.Sent, origin.Left, origin.Step, origin.Cause, origin.Nth
			end.Span, end.Again, end.Hop, end.Copy = origin.Span, origin.Again, false, twice
			twice = true
			t.Packets = append(t.Packets, end)
		}
		follow(first)
		// And its copies on the first cable.
		for row := first + 1; row < len(tr.Packets) && tr.Packets[row].Sent == origin.Sent; row++ {
			if c := &tr.Packets[row]; c.Copy && c.Step == origin.Step && len(tr.Bytes(c)) > 0 && &tr.Bytes(c)[0] == &tr.Bytes(origin)[0] {
				follow(row)
			}
		}
	}
	return &t
}

// sentOn are the rows of what was sent on of a packet, by its row: in the step in
// which it came, or later, if a router had to ask for a card address first.
func sentOn(tr *trace.Trace) map[int][]int {
	came := map[uint32]int{}
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Landed > 0 {
			came[p.Landed] = i
		}
	}
	on := map[int][]int{}
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if !p.Hop {
			continue
		}
		from, ok := came[p.Step]
		if !ok || tr.Packets[from].To != p.From {
			if from = waited(tr, i, on); from < 0 {
				continue
			}
		}
		on[from] = append(on[from], i)
	}
	return on
}

// waited is the packet that waited at a router before it was sent on in a row.
func waited(tr *trace.Trace, row int, on map[int][]int) int {
	p := &tr.Packets[row]
	segment := func(frame []byte) []byte { h := packets.Scan(frame); return frame[max(h.L4Off, h.IPOff):] }
	want := segment(tr.Bytes(p))
	for i := range row {
		q := &tr.Packets[i]
		if q.To == p.From && q.Fate == trace.Delivered && q.Landed < p.Step && len(on[i]) == 0 && bytes.Equal(segment(tr.Received(q)), want) {
			return i
		}
	}
	return -1
}

// strays says whether a segment was damaged on its way so that it is nobody's any
// more: the stack that gets it leaves it, without a look at its checksum.
func strays(sent, came []byte) bool {
	a, b := packets.Scan(sent), packets.Scan(came)
	return a.Src != b.Src || a.Dst != b.Dst || a.Proto != b.Proto || a.SrcPort != b.SrcPort || a.DstPort != b.DstPort
}
