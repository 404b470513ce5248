package scene

import (
	"sort"
	"time"

	"wirelab/story"
	"wirelab/trace"
)

// Most of what happened lies clearly before or after a moment; only of what
// happened at the same lab time the Teller is asked which came first.

// happened says whether something at a lab time, told as an event of that kind
// about a row, has happened by m.
func (s *Scene) happened(at time.Duration, kind story.Kind, row int32, m story.Moment) bool {
	if at != m.At {
		return at != trace.Never && at < m.At
	}
	return s.t.Happened(kind, int(row), m)
}

// left says whether the packet in a row was sent by m.
func (s *Scene) left(row int32, m story.Moment) bool {
	return s.happened(s.tr.Packets[row].Sent, story.Sent, row, m)
}

// landed says whether the packet in a row has arrived by m.
func (s *Scene) landed(row int32, m story.Moment) bool {
	return s.happened(s.tr.Packets[row].Arrived, story.Arrived, row, m)
}

// began says whether the call in a row has begun by m: with the first event of
// the step in which it did. Its own is told behind what it made the stack send.
func (s *Scene) began(row int32, m story.Moment) bool {
	c := &s.tr.Calls[row]
	if c.Start != m.At || m.Done == s.t.Len() || s.t.Place(m.Done).At > m.At {
		return c.Start <= m.At
	}
	return m.Done > 0 && s.t.Place(m.Done-1).Step >= c.Began
}

// ended says whether the call in a row has returned by m.
func (s *Scene) ended(row int32, m story.Moment) bool {
	return s.happened(s.tr.Calls[row].End, story.Ended, row, m)
}

// said says whether the message in a row was sent by m.
func (s *Scene) said(row int32, m story.Moment) bool {
	return s.happened(s.tr.Messages[row].Sent, story.MessageSent, row, m)
}

// count is how many of rows, which lie in the order of that, are so.
func count(rows []int32, so func(row int32) bool) int {
	return sort.Search(len(rows), func(i int) bool { return !so(rows[i]) })
}
