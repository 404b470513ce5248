package scene

import (
	"slices"

	"wirelab/trace"
)

// Links are what one row of a table has to do with in the others, by the bytes
// that they have in common: rows in their order.
type Links struct{ Calls, Messages, Packets []int }

// Links are those of a row. It looks at the whole trace: ask once for a choice,
// not for each picture.
func (s *Scene) Links(of trace.Ref) (l Links) {
	for _, span := range s.spans(of) {
		if span.Stream < 0 {
			continue
		}
		for ref := range s.tr.On(span) {
			if ref == of {
				continue
			}
			switch ref.Table {
			case trace.Calls:
				l.Calls = add(l.Calls, ref.Row)
			case trace.Messages:
				l.Messages = add(l.Messages, ref.Row)
			case trace.Packets:
				l.Packets = add(l.Packets, ref.Row)
			}
		}
	}
	return l
}

// add puts a row into rows, which are in order and have it once.
func add(rows []int, row int) []int {
	if i, found := slices.BinarySearch(rows, row); !found {
		return slices.Insert(rows, i, row)
	}
	return rows
}

// spans are the bytes of a row.
func (s *Scene) spans(of trace.Ref) []trace.Span {
	switch of.Table {
	case trace.Calls:
		return []trace.Span{s.tr.Calls[of.Row].Span}
	case trace.Messages:
		return s.tr.Messages[of.Row].Spans
	}
	return []trace.Span{s.tr.Packets[of.Row].Span}
}

// First is the packet that was sent first of those with bytes of a call or a
// message. ok is false if there is none.
func (s *Scene) First(of trace.Ref) (row int, ok bool) {
	for _, span := range s.spans(of) {
		if span.Stream < 0 || span.Empty() {
			continue
		}
		r := s.first(span)
		if r < 0 || !s.tr.Packets[r].Span.Overlaps(span) {
			continue
		}
		if !ok || s.later(int32(row), r) {
			row, ok = int(r), true
		}
	}
	return row, ok
}

// first is the first packet with bytes of a span, if there is one: the one that
// was sent with the first of them.
func (s *Scene) first(span trace.Span) int32 {
	rows := s.firsts.of(int(span.Stream))
	var i int
	switch {
	case s.isUDP(span.Stream):
		i = int(span.Unit) - 1
	case span.Lo < 0: // the SYN
		rows = s.sent.of(int(span.Stream) + 1)
	default:
		i = s.pieceOf(span.Stream, span.Lo)
	}
	if i < 0 || i >= len(rows) {
		return s.fins[span.Stream]
	}
	return rows[i]
}

// Shares says whether the packet in a row has bytes in common with another row.
func (s *Scene) Shares(of trace.Ref, row int) bool {
	if of.Table == trace.Packets && of.Row == row {
		return false
	}
	return touches(s.spans(of), s.tr.Packets[row].Span)
}
