package flow_test

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"wirelab/packets"
	"wirelab/packets/flow"
	"wirelab/trace"
)

// A sight is a packet as one card saw it.
type sight struct {
	row   int
	out   bool
	p     *trace.Packet
	flow  *flow.Flow
	label map[flow.Topic]flow.Finding
}

func (s *sight) has(l flow.Label) bool { return s.label[l.Topic()].Label == l }

// A view is a capture at one card, with what the analyser found.
type view struct {
	tr    *trace.Trace
	host  int
	seen  []sight
	place map[int]int // of a row among those seen
}

func look(tr *trace.Trace, host int) *view {
	v := &view{tr: tr, host: host, place: map[int]int{}}
	for i := range tr.Packets {
		p := &tr.Packets[i]
		switch {
		case int(p.From) == host && !p.Copy:
			v.seen = append(v.seen, sight{row: i, out: true, p: p})
		case int(p.To) == host && p.Arrived != trace.Never:
			v.seen = append(v.seen, sight{row: i, p: p})
		}
	}
	slices.SortStableFunc(v.seen, func(a, b sight) int {
		out := func(s sight) int {
			if s.out {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.at(), b.at()), cmp.Compare(a.step(), b.step()), cmp.Compare(out(a), out(b)))
	})
	var a flow.Analyser
	for i := range v.seen {
		s := &v.seen[i]
		v.place[s.row] = i
		frame := tr.Bytes(s.p)
		if !s.out {
			frame = tr.Received(s.p)
		}
		h := packets.Scan(frame)
		p := flow.Packet{Number: uint32(i + 1), At: s.at(), Headers: &h, Options: flow.Options(frame, &h),
			Damaged: !s.out && s.p.Fate == trace.BadChecksum}
		f, _, found := a.Add(&p)
		s.flow = f
		for _, f := range found {
			to := &v.seen[f.Packet-1]
			if to.label == nil {
				to.label = map[flow.Topic]flow.Finding{}
			}
			to.label[f.Label.Topic()] = f
		}
	}
	return v
}

func (s sight) at() time.Duration {
	if s.out {
		return s.p.Sent
	}
	return s.p.Arrived
}

func (s sight) step() uint32 {
	if s.out {
		return s.p.Step
	}
	return s.p.Landed
}

// arrived says that a packet came to the other host, and that its stack took it:
// no checksum finds every inverted bit of an IPv6 header.
func arrived(p *trace.Packet) bool { return p.Fate == trace.Delivered }

// overtaken says whether a packet of the same stream that was sent after the
// one at i arrived before it.
func (v *view) overtaken(i int) bool {
	s := &v.seen[i]
	for j := range i {
		if o := &v.seen[j]; !o.out && o.p.Span.Stream == s.p.Span.Stream && o.row > s.row && (o.p.Step != s.p.Step || o.p.Span != s.p.Span) && arrived(o.p) {
			return true
		}
	}
	return false
}

// twin says whether the packet at i is one of two that the wire made of one.
func (v *view) twin(i int) bool {
	s := &v.seen[i]
	for j := range v.seen {
		if o := &v.seen[j]; j != i && (o.p.Copy || s.p.Copy) && o.p.Sent == s.p.Sent && o.p.Span == s.p.Span && o.p.Step == s.p.Step {
			return true
		}
	}
	return false
}

// double says whether the sender sent the same segment as the one at i twice,
// bit for bit, as this stack does at the start of a recovery, or when it repeats
// one before its clock has ticked. No capture behind the sender can tell the two
// from a packet and its copy.
func (v *view) double(i int) bool {
	p := v.seen[i].p
	for row := range v.tr.Packets {
		if o := &v.tr.Packets[row]; row != v.seen[i].row && !o.Copy && o.Span == p.Span && bytes.Equal(v.tr.Bytes(o), v.tr.Bytes(p)) {
			return true
		}
	}
	return false
}

// atOnce says whether the segment at i left its sender twice in one instant, bit
// for bit the same.
func (v *view) atOnce(i int) bool {
	p := v.seen[i].p
	for j := range i {
		if o := v.seen[j].p; o.Sent == p.Sent && o.Span == p.Span && bytes.Equal(v.tr.Bytes(o), v.tr.Bytes(p)) {
			return true
		}
	}
	return false
}
