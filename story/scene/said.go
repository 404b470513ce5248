package scene

import (
	"time"

	"wirelab/story"
	"wirelab/trace"
)

// Current is what was last said at or before m by one of which: a message, or a
// write on a connection without messages. If nothing was said yet it is what
// will be said first. ok is false if there is nothing at all.
func (s *Scene) Current(w Which, m story.Moment) (of trace.Ref, ok bool) {
	var at time.Duration
	var had bool // it was said by m
	for conn := range s.tr.Conns {
		if w.kind == ofConn && w.conn != int32(conn) || w.kind == between && !s.joins(conn, w) {
			continue
		}
		ref, when, said := s.current(conn, m)
		switch {
		case when == trace.Never:
		case !ok, said && !had, said && when > at, !said && !had && when < at:
			of, at, had, ok = ref, when, said, true
		}
	}
	return of, ok
}

// joins says whether a connection is one of the two hosts of w.
func (s *Scene) joins(conn int, w Which) bool {
	a, b := s.tr.Conns[conn].Ends[0].Host, s.tr.Conns[conn].Ends[1].Host
	return a == w.a && b == w.b || a == w.b && b == w.a
}

// current is what was last said on a connection and when, or what is said first.
func (s *Scene) current(conn int, m story.Moment) (of trace.Ref, at time.Duration, said bool) {
	if rows := s.messages.of(conn); len(rows) > 0 {
		n := count(rows, func(row int32) bool { return s.said(row, m) })
		row := rows[max(n-1, 0)]
		return trace.Ref{Table: trace.Messages, Row: int(row)}, s.tr.Messages[row].Sent, n > 0
	}
	at = trace.Never
	for end := range 2 {
		rows := s.writes.of(int(trace.StreamOf(int32(conn), end)))
		if len(rows) == 0 {
			continue
		}
		n := count(rows, func(row int32) bool { return s.began(row, m) })
		row := rows[max(n-1, 0)]
		when := s.tr.Calls[row].Start
		if at == trace.Never || n > 0 && (!said || when > at) || n == 0 && !said && when < at {
			of, at, said = trace.Ref{Table: trace.Calls, Row: int(row)}, when, n > 0
		}
	}
	return of, at, said
}

// Carries are the messages of which the packet in a row carries bytes, or the
// writes if its connection has no messages, in their order.
func (s *Scene) Carries(row int) (refs []trace.Ref) {
	p := &s.tr.Packets[row]
	conn := p.Conn()
	if conn < 0 {
		return nil
	}
	if rows := s.messages.of(int(conn)); len(rows) > 0 {
		for _, m := range rows {
			if touches(s.tr.Messages[m].Spans, p.Span) {
				refs = append(refs, trace.Ref{Table: trace.Messages, Row: int(m)})
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
	if span.Stream < 0 || span.Empty() {
		return nil
	}
	for _, row := range s.messages.of(int(span.Stream.Conn())) {
		if touches(s.tr.Messages[row].Spans, span) {
			rows = append(rows, int(row))
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
