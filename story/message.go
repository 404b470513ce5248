package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

// messages tells when each message was sent and when all of it had arrived.
func (t *teller) messages(events []Event) []Event {
	carried := t.carried()
	for i := range t.tr.Messages {
		m := &t.tr.Messages[i]
		if m.Sent == trace.Never {
			continue
		}
		text := fmt.Sprintf("%s of %s %q", m.Kind, count(int64(m.Size), "byte"), packets.Text([]byte(m.Text), 24))
		if m.Arrived == trace.Never {
			text += "; it did not arrive whole"
		}
		sent := Event{At: m.Sent, Zoom: Messages, Kind: MessageSent, Row: i, Conn: m.Conn, Who: t.direction(m.From, m.To), Text: text}
		if m.Arrived != trace.Never {
			in := ""
			if n := carried[i]; n > 0 {
				in = fmt.Sprintf(", in %s", count(int64(n), "packet"))
			}
			events = append(events, Event{At: m.Arrived, Zoom: Messages, Kind: MessageArrived, Row: i, Conn: m.Conn, Who: t.tr.Name(m.To),
				Text: fmt.Sprintf("has the whole %s, %s after it was sent%s", m.Kind, Milliseconds(m.Arrived-m.Sent), in)})
		}
		events = append(events, sent)
	}
	return events
}

// carried counts for each message the packets that carried bytes of it, those
// sent again among them.
func (t *teller) carried() []int {
	n := make([]int, len(t.tr.Messages))
	byStream := map[trace.Stream][]int{}
	for i := range t.tr.Messages {
		for _, s := range t.tr.Messages[i].Spans {
			byStream[s.Stream] = append(byStream[s.Stream], i)
		}
	}
	for i := range t.tr.Packets {
		span := t.tr.Packets[i].Span
		if span.Empty() {
			continue
		}
		for _, m := range byStream[span.Stream] {
			for _, s := range t.tr.Messages[m].Spans {
				if s.Overlaps(span) {
					n[m]++
					break
				}
			}
		}
	}
	return n
}
