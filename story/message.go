package story

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"wirelab/packets"
	"wirelab/trace"
)

// tellMessageSent tells that a message was sent.
func (t *Teller) tellMessageSent(e *Event) {
	m := &t.tr.Messages[e.Row]
	e.Who = t.direction(m.From, m.To)
	if text, rule, ok := t.reading(e.Row); ok {
		e.Text, e.Why, e.RFC = text, rule.text, rule.rfc
	} else {
		e.Text = fmt.Sprintf("%s of %s %q", m.Kind, count(int64(m.Size), "byte"), packets.Text([]byte(m.Text), 24))
	}
	if m.Arrived == trace.Never {
		e.Text += fmt.Sprintf("; %s never read all of it", t.tr.Name(m.To))
	}
}

// tellMessageArrived tells that all of a message had been read.
func (t *Teller) tellMessageArrived(e *Event) {
	m := &t.tr.Messages[e.Row]
	e.Who = t.tr.Name(m.To)
	e.Text = fmt.Sprintf("has the whole %s, one way %s", noun(m.Kind), Milliseconds(m.Arrived-m.Sent))
	if c := t.carried[e.Row]; c.packets > 0 {
		e.Text += ", in " + count(int64(c.packets), "packet")
		if c.again > 0 {
			e.Text += fmt.Sprintf(", %s of them sent again", group(int64(c.again)))
		}
	}
}

// carriedBy is how many packets carried bytes of a message, and how many of them
// were sent again.
type carriedBy struct{ packets, again int32 }

// carriage counts for every message that arrived the packets that carried it.
func (t *Teller) carriage() []carriedBy {
	counts := make([]carriedBy, len(t.tr.Messages))
	carriers := t.carriers()
	for i := range t.tr.Messages {
		if m := &t.tr.Messages[i]; m.Arrived != trace.Never {
			counts[i] = t.carry(carriers, m.Spans)
		}
	}
	return counts
}

// A carrier is a packet with bytes of a stream.
type carrier struct {
	row    int32
	stream trace.Stream
	unit   int32
	lo, hi int64
	reach  int64 // the highest number that it, or one of its stream and unit before it in the order, carries, plus one
}

// to compares the stream and unit of c with those of s.
func (c *carrier) to(s trace.Span) int {
	return cmp.Or(cmp.Compare(c.stream, s.Stream), cmp.Compare(c.unit, s.Unit))
}

// carriers are the packets of each stream, or datagram, by their first byte.
func (t *Teller) carriers() (all []carrier) {
	if len(t.tr.Messages) == 0 {
		return nil
	}
	for i := range t.tr.Packets {
		if s := t.tr.Packets[i].Span; s.Stream >= 0 && !s.Empty() && own(&t.tr.Packets[i]) {
			all = append(all, carrier{row: int32(i), stream: s.Stream, unit: s.Unit, lo: s.Lo, hi: s.Hi})
		}
	}
	slices.SortFunc(all, func(a, b carrier) int {
		return cmp.Or(cmp.Compare(a.stream, b.stream), cmp.Compare(a.unit, b.unit), cmp.Compare(a.lo, b.lo), cmp.Compare(a.row, b.row))
	})
	for i := range all {
		c := &all[i]
		c.reach = c.hi
		if i > 0 && all[i-1].stream == c.stream && all[i-1].unit == c.unit {
			c.reach = max(c.reach, all[i-1].reach)
		}
	}
	return all
}

// carry counts the carriers of bytes of spans.
func (t *Teller) carry(all []carrier, spans []trace.Span) (n carriedBy) {
	var seen map[int32]bool // a packet may touch several spans
	if len(spans) > 1 {
		seen = map[int32]bool{}
	}
	for _, s := range spans {
		i := sort.Search(len(all), func(i int) bool {
			c := all[i].to(s)
			return c > 0 || c == 0 && all[i].reach > s.Lo
		})
		for ; i < len(all) && all[i].to(s) == 0 && all[i].lo < s.Hi; i++ {
			if all[i].hi <= s.Lo || seen[all[i].row] {
				continue
			}
			if seen != nil {
				seen[all[i].row] = true
			}
			n.packets++
			if t.tr.Packets[all[i].row].Again {
				n.again++
			}
		}
	}
	return n
}
