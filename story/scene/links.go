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
