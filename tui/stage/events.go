package stage

import (
	"slices"

	"wirelab/story"
)

// everyConn stands for the events of all connections.
const everyConn = -1

// following is the first event from event i on, of the zoom and of a connection
// or of none; -1: there is none.
func (s *Stage) following(i int, conn int32) int {
	if i >= s.tell.Len() {
		return -1
	}
	if conn == everyConn || len(s.now.tr.Conns) < 2 {
		if n := s.tell.Before(s.zoom, i); n < s.tell.Count(s.zoom) {
			return s.tell.Nth(s.zoom, n)
		}
		return -1
	}
	first := -1
	for _, c := range [2]int32{conn, -1} {
		l := s.now.sorted().of(s.zoom, c)
		if n, _ := slices.BinarySearch(l, int32(i)); n < len(l) && (first < 0 || int(l[n]) < first) {
			first = int(l[n])
		}
	}
	return first
}

// preceding is the last event before event i, likewise.
func (s *Stage) preceding(i int, conn int32) int {
	if conn == everyConn || len(s.now.tr.Conns) < 2 {
		if n := s.tell.Before(s.zoom, i); n > 0 {
			return s.tell.Nth(s.zoom, n-1)
		}
		return -1
	}
	last := -1
	for _, c := range [2]int32{conn, -1} {
		l := s.now.sorted().of(s.zoom, c)
		if n, _ := slices.BinarySearch(l, int32(i)); n > 0 {
			last = max(last, int(l[n-1]))
		}
	}
	return last
}

// event is the event that has happened last, of the zoom and of what is shown;
// -1: none has.
func (s *Stage) event() int { return s.preceding(s.at.Done, s.steps()) }

// next and previous are the steps on from event i, and back.
func (s *Stage) next(i int) int     { return s.following(i, s.steps()) }
func (s *Stage) previous(i int) int { return s.preceding(i, s.steps()) }

// steps is the connection whose events are the steps: the one that was chosen by
// hand, or every one.
func (s *Stage) steps() int32 {
	if s.pinned {
		return s.conn
	}
	return everyConn
}

// sorted are the events of a trace by zoom and connection, for traces of many
// connections: 4 bytes an event.
type sorted struct {
	conns  int
	start  []int32 // where the events of a zoom and connection begin
	events []int32
}

// sorted puts the events together once, when somebody asks.
func (h *history) sorted() *sorted {
	if h.byConn != nil {
		return h.byConn
	}
	n := len(h.tr.Conns)
	b := &sorted{conns: n, start: make([]int32, 3*(n+1)+1), events: make([]int32, h.tell.Len())}
	places := make([]int32, h.tell.Len())
	for i := range places {
		z, c := h.tell.Of(i)
		places[i] = int32(b.place(z, c))
		b.start[places[i]+1]++
	}
	for i := 1; i < len(b.start); i++ {
		b.start[i] += b.start[i-1]
	}
	next := slices.Clone(b.start)
	for i, p := range places {
		b.events[next[p]] = int32(i)
		next[p]++
	}
	h.byConn = b
	return b
}

func (b *sorted) place(z story.Zoom, conn int32) int { return int(z)*(b.conns+1) + int(conn) + 1 }

// of are the events of a zoom and connection, in order; of -1, those of none.
func (b *sorted) of(z story.Zoom, conn int32) []int32 {
	p := b.place(z, conn)
	return b.events[b.start[p]:b.start[p+1]]
}
