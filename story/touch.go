package story

import (
	"cmp"
	"slices"
	"sort"

	"wirelab/trace"
)

// touchesOf are the rows of the reads and writes that returned bytes, put
// together by stream, datagram and what they did. On one stream those that do
// the same lie one behind the other.
func touchesOf(tr *trace.Trace) (rows []int32) {
	for i := range tr.Calls {
		if c := &tr.Calls[i]; !c.Span.Empty() && c.Ended > 0 && (c.What == "read" || c.What == "write") {
			rows = append(rows, int32(i))
		}
	}
	slices.SortFunc(rows, func(a, b int32) int {
		x, y := &tr.Calls[a], &tr.Calls[b]
		return cmp.Or(compareTouches(x, y.Span.Stream, y.Span.Unit, y.What), cmp.Compare(a, b))
	})
	return slices.Clone(rows) // without room to grow
}

// compareTouches compares a call with those that did what to a datagram, or
// stream.
func compareTouches(c *trace.Call, s trace.Stream, unit int32, what string) int {
	return cmp.Or(cmp.Compare(c.Span.Stream, s), cmp.Compare(c.Span.Unit, unit), cmp.Compare(c.What, what))
}

// touching are the rows of the calls that did what to a datagram, or stream
// (unit 0).
func (t *Teller) touching(s trace.Stream, unit int32, what string) []int32 {
	lo := sort.Search(len(t.touches), func(i int) bool {
		return compareTouches(&t.tr.Calls[t.touches[i]], s, unit, what) >= 0
	})
	rows := t.touches[lo:]
	return rows[:sort.Search(len(rows), func(i int) bool {
		return compareTouches(&t.tr.Calls[rows[i]], s, unit, what) > 0
	})]
}

// callAt is the read or write that touched byte n of the stream of s, or nil.
func (t *Teller) callAt(s trace.Span, what string, n int64) *trace.Call {
	rows := t.touching(s.Stream, s.Unit, what)
	i := sort.Search(len(rows), func(i int) bool { return t.tr.Calls[rows[i]].Span.Hi > n })
	if i == len(rows) {
		return nil
	}
	return &t.tr.Calls[rows[i]]
}

// unread is how many bytes of what arrived on s its receiver, in state at, had
// not read by a step.
func (t *Teller) unread(s trace.Stream, at *trace.Sample, step uint32) int64 {
	if at == nil {
		return 0
	}
	rows := t.touching(s, 0, "read")
	n := sort.Search(len(rows), func(i int) bool { return t.tr.Calls[rows[i]].Ended > step })
	var read int64
	if n > 0 {
		read = t.tr.Calls[rows[n-1]].Span.Hi
	}
	return min(int64(at.RcvNxt)-1, t.Total(s)) - read
}

// closings are the steps in which the program at each end of each connection
// first closed it; 0: it did not.
func (t *Teller) closings() [][2]uint32 {
	closed := make([][2]uint32, len(t.tr.Conns))
	for i := range t.tr.Calls {
		c := &t.tr.Calls[i]
		if c.What == "close" && c.Conn >= 0 && c.Ended > 0 {
			if end := t.endOf(c); closed[c.Conn][end] == 0 {
				closed[c.Conn][end] = c.Ended
			}
		}
	}
	return closed
}

// endOf is the end of its connection at which a call was made.
func (t *Teller) endOf(c *trace.Call) int {
	if t.tr.Conns[c.Conn].Ends[0].Host == c.Host {
		return 0
	}
	return 1
}

// hasClosed says whether the program at the end that sends on s had closed the
// connection by a step.
func (t *Teller) hasClosed(s trace.Stream, step uint32) bool {
	at := t.closed[s.Conn()][s.End()]
	return at > 0 && at <= step
}
