package scene

import (
	"sort"
	"time"

	"wirelab/story"
	"wirelab/trace"
)

// Current is what was last said at or before m by one of which: a message, or a
// write on a connection without messages. If nothing was said yet it is what
// will be said first. ok is false if there is nothing at all.
func (s *Scene) Current(w Which, m story.Moment) (of trace.Ref, ok bool) {
	best := utterance{at: trace.Never}
	best.take(s.message(w, m))
	for conn := range int32(len(s.tr.Conns)) {
		if !s.talks.has(conn) && s.joins(w, conn) {
			for end := range 2 {
				best.take(s.write(trace.StreamOf(conn, end), m))
			}
		}
	}
	return best.of, best.at != trace.Never
}

// An utterance is something that is said.
type utterance struct {
	of   trace.Ref
	at   time.Duration // Never: there is none
	said bool          // by the moment that was asked about
}

// take makes u the later of two that were said, or else the earlier of two that
// will be.
func (u *utterance) take(o utterance) {
	switch {
	case o.at == trace.Never:
	case u.at == trace.Never, o.said && !u.said, o.said && o.at > u.at, !o.said && !u.said && o.at < u.at:
		*u = o
	}
}

// joins says whether a connection is one of w.
func (s *Scene) joins(w Which, conn int32) bool {
	a, b := s.tr.Conns[conn].Ends[0].Host, s.tr.Conns[conn].Ends[1].Host
	switch w.kind {
	case ofConn:
		return conn == w.conn
	case between:
		return a == w.a && b == w.b || a == w.b && b == w.a
	}
	return true
}

// message is the last one of w that was sent by m, or the first. Those that are
// never sent stand at the end of the table.
func (s *Scene) message(w Which, m story.Moment) utterance {
	rows := s.tr.Messages
	is := func(i int) bool { return rows[i].Conn >= 0 && s.talks.has(rows[i].Conn) && s.joins(w, rows[i].Conn) }
	n := sort.Search(len(rows), func(i int) bool { return !s.said(int32(i), m) })
	for i := n - 1; i >= 0; i-- {
		if is(i) {
			return utterance{trace.Ref{Table: trace.Messages, Row: i}, rows[i].Sent, true}
		}
	}
	for i := n; i < len(rows); i++ {
		if is(i) && rows[i].Sent != trace.Never {
			return utterance{trace.Ref{Table: trace.Messages, Row: i}, rows[i].Sent, false}
		}
	}
	return utterance{at: trace.Never}
}

// write is the last one on a stream that began by m, or the first.
func (s *Scene) write(st trace.Stream, m story.Moment) utterance {
	rows := s.writes.of(int(st))
	if len(rows) == 0 {
		return utterance{at: trace.Never}
	}
	n := count(rows, func(row int32) bool { return s.began(row, m) })
	row := rows[max(n-1, 0)]
	return utterance{trace.Ref{Table: trace.Calls, Row: int(row)}, s.tr.Calls[row].Start, n > 0}
}

// Carries are the messages of which the packet in a row carries bytes, or the
// writes if its connection has no messages, in their order. Like Links it is for
// a choice, not for each picture.
func (s *Scene) Carries(row int) (refs []trace.Ref) {
	p := &s.tr.Packets[row]
	if p.Conn() < 0 {
		return nil
	}
	if s.talks.has(p.Conn()) {
		for i := range s.tr.Messages {
			if touches(s.tr.Messages[i].Spans, p.Span) {
				refs = append(refs, trace.Ref{Table: trace.Messages, Row: i})
			}
		}
		return refs
	}
	for _, c := range s.writes.of(int(p.Span.Stream)) {
		if s.tr.Calls[c].Span.Overlaps(p.Span) {
			refs = append(refs, trace.Ref{Table: trace.Calls, Row: int(c)})
		}
	}
	return refs
}

// MessagesOn are the messages with bytes of a span, in their order.
func (s *Scene) MessagesOn(span trace.Span) (rows []int) {
	if span.Stream < 0 || span.Empty() || !s.talks.has(span.Stream.Conn()) {
		return nil
	}
	for row := range s.tr.Messages {
		if touches(s.tr.Messages[row].Spans, span) {
			rows = append(rows, row)
		}
	}
	return rows
}

func touches(spans []trace.Span, with trace.Span) bool {
	for _, s := range spans {
		if s.Overlaps(with) {
			return true
		}
	}
	return false
}
