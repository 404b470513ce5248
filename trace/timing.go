package trace

import (
	"cmp"
	"slices"
	"sort"
)

// TimeMessages sets when each message was sent and arrived, from the socket
// calls that touch it: the start of the write with its first byte, and the end
// of the read that handed over its last. It then puts them in the order in
// which they were sent.
func (t *Trace) TimeMessages() {
	type key struct {
		stream Stream
		unit   int32
		what   string
	}
	// The calls of one kind on one stream lie one behind the other.
	calls := map[key][]int32{}
	for i := range t.Calls {
		if c := &t.Calls[i]; !c.Span.Empty() && (c.What == "write" || c.What == "read") {
			k := key{c.Span.Stream, c.Span.Unit, c.What}
			calls[k] = append(calls[k], int32(i))
		}
	}
	at := func(s Span, what string, n int64) *Call {
		rows := calls[key{s.Stream, s.Unit, what}]
		i := sort.Search(len(rows), func(i int) bool { return t.Calls[rows[i]].Span.Hi > n })
		if i == len(rows) || !t.Calls[rows[i]].Span.Contains(n) {
			return nil
		}
		return &t.Calls[rows[i]]
	}
	for i := range t.Messages {
		m := &t.Messages[i]
		m.Sent, m.Arrived = Never, Never
		first, last, ok := m.Edges()
		if !ok {
			continue
		}
		if c := at(first, "write", first.Lo); c != nil {
			m.Sent = c.Start
		}
		if c := at(last, "read", last.Lo); c != nil {
			m.Arrived = c.End
		}
	}
	t.sortMessages()
}

func (t *Trace) sortMessages() {
	order := make([]int32, len(t.Messages))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return t.Messages[a].compare(&t.Messages[b]) })
	place := make([]int32, len(order))
	sorted := make([]Message, len(order))
	for i, row := range order {
		place[row] = int32(i)
	}
	for i, row := range order {
		m := t.Messages[row]
		if m.Parent >= 0 {
			m.Parent = place[m.Parent]
		}
		sorted[i] = m
	}
	t.Messages = sorted
}

// compare orders messages by time and then by place, those that were never sent
// and those without a place last.
func (m *Message) compare(o *Message) int {
	if (m.Sent == Never) != (o.Sent == Never) {
		if m.Sent == Never {
			return 1
		}
		return -1
	}
	if c := cmp.Compare(m.Sent, o.Sent); c != 0 {
		return c
	}
	if len(m.Spans) == 0 || len(o.Spans) == 0 {
		return cmp.Compare(min(len(o.Spans), 1), min(len(m.Spans), 1))
	}
	a, b := m.Spans[0], o.Spans[0]
	return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Lo, b.Lo))
}
