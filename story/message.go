package story

import (
	"fmt"
	"sort"

	"wirelab/packets"
	"wirelab/trace"
)

// messages tells when each message was sent and when all of it had been read.
func (t *teller) messages(events []Event) []Event {
	carriers := t.carriers()
	for i := range t.tr.Messages {
		m := &t.tr.Messages[i]
		if m.Sent == trace.Never || len(m.Spans) == 0 {
			continue
		}
		first, last := m.Spans[0], m.Spans[len(m.Spans)-1]
		text := fmt.Sprintf("%s of %s %q", m.Kind, count(int64(m.Size), "byte"), packets.Text([]byte(m.Text), 24))
		if m.Arrived == trace.Never {
			text += fmt.Sprintf("; %s never read all of it", t.tr.Name(m.To))
		}
		e := Event{At: m.Sent, Zoom: Messages, Kind: MessageSent, Row: i, Conn: m.Conn, Who: t.direction(m.From, m.To), Text: text, rank: messageLeaves, order: i}
		if c := t.callAt(first, "write", first.Lo); c != nil {
			e.Step = c.Began
		}
		events = append(events, e)
		if m.Arrived == trace.Never {
			continue
		}
		text = fmt.Sprintf("has the whole %s, one way %s", m.Kind, Milliseconds(m.Arrived-m.Sent))
		if n, again := t.carried(carriers, m.Spans); n > 0 {
			text += ", in " + count(int64(n), "packet")
			if again > 0 {
				text += fmt.Sprintf(", %s of them sent again", group(int64(again)))
			}
		}
		e = Event{At: m.Arrived, Zoom: Messages, Kind: MessageArrived, Row: i, Conn: m.Conn, Who: t.tr.Name(m.To), Text: text, rank: messageArrives, order: i}
		if c := t.callAt(last, "read", last.Hi-1); c != nil {
			e.Step = c.Ended
		}
		events = append(events, e)
	}
	return events
}

// callAt is the read or write that touched byte n of the stream of s, or nil.
func (t *teller) callAt(s trace.Span, what string, n int64) *trace.Call {
	rows := t.touches[touch{s.Stream, s.Unit, what}]
	i := sort.Search(len(rows), func(i int) bool { return t.tr.Calls[rows[i]].Span.Hi > n })
	if i == len(rows) {
		return nil
	}
	return &t.tr.Calls[rows[i]]
}

// A carrier is a packet with bytes of a stream.
type carrier struct {
	row    int32
	reach  int64 // the highest number that it, or one before it in the order, carries, plus one
	lo, hi int64
}

// carriers are the packets of each stream, or datagram, by their first byte.
func (t *teller) carriers() map[unit][]carrier {
	all := map[unit][]carrier{}
	if len(t.tr.Messages) == 0 {
		return all
	}
	for i := range t.tr.Packets {
		if s := t.tr.Packets[i].Span; s.Stream >= 0 && !s.Empty() && own(&t.tr.Packets[i]) {
			key := unit{s.Stream, s.Unit}
			all[key] = append(all[key], carrier{row: int32(i), lo: s.Lo, hi: s.Hi})
		}
	}
	for _, cs := range all {
		sort.SliceStable(cs, func(i, j int) bool { return cs[i].lo < cs[j].lo })
		var reach int64
		for i := range cs {
			reach = max(reach, cs[i].hi)
			cs[i].reach = reach
		}
	}
	return all
}

// carried counts the packets that carry bytes of spans, and those of them that
// were sent again.
func (t *teller) carried(carriers map[unit][]carrier, spans []trace.Span) (n, again int) {
	var seen map[int32]bool // a packet may touch several spans
	if len(spans) > 1 {
		seen = map[int32]bool{}
	}
	for _, s := range spans {
		cs := carriers[unit{s.Stream, s.Unit}]
		i := sort.Search(len(cs), func(i int) bool { return cs[i].reach > s.Lo })
		for ; i < len(cs) && cs[i].lo < s.Hi; i++ {
			if cs[i].hi <= s.Lo || seen[cs[i].row] {
				continue
			}
			if seen != nil {
				seen[cs[i].row] = true
			}
			n++
			if t.tr.Packets[cs[i].row].Again {
				again++
			}
		}
	}
	return n, again
}
