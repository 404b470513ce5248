package story

import (
	"cmp"
	"slices"

	"wirelab/packets"
	"wirelab/trace"
)

// byStream are rows of a table, put together by stream, and on each in their
// order.
type byStream struct {
	start []int32 // where the rows of a stream begin, and behind the last one's
	rows  []int32
}

// groupByStream puts rows of a trace with conns connections together.
func groupByStream(conns int, rows []int32, streamOf func(row int32) trace.Stream) byStream {
	b := byStream{make([]int32, 2*conns+1), make([]int32, len(rows))}
	for _, row := range rows {
		b.start[streamOf(row)+1]++
	}
	for i := 1; i < len(b.start); i++ {
		b.start[i] += b.start[i-1]
	}
	next := slices.Clone(b.start)
	for _, row := range rows {
		s := streamOf(row)
		b.rows[next[s]] = row
		next[s]++
	}
	return b
}

// of are the rows of stream s.
func (b *byStream) of(s trace.Stream) []int32 { return b.rows[b.start[s]:b.start[s+1]] }

// allRows are the rows 0 to n-1.
func allRows(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// sampleStream is the stream on which the end of a sample sends.
func sampleStream(s *trace.Sample) trace.Stream { return trace.StreamOf(s.Conn, int(s.End)) }

// stateAt returns the last sample of the end that sends on s, as it was after
// step, or nil.
func (t *Teller) stateAt(s trace.Stream, step uint32) *trace.Sample {
	rows := t.samples.of(s)
	i, _ := slices.BinarySearchFunc(rows, step+1, func(row int32, step uint32) int {
		return cmp.Compare(t.tr.Samples[row].Step, step)
	})
	if i == 0 {
		return nil
	}
	return &t.tr.Samples[rows[i-1]]
}

// around returns the state of the end that sends on s before and after step;
// ok is false if both are not known.
func (t *Teller) around(s trace.Stream, step uint32) (before, after *trace.Sample, ok bool) {
	before, after = t.stateAt(s, step-1), t.stateAt(s, step)
	return before, after, before != nil && after != nil
}

// isTCP says whether packet p is a whole segment of a known connection.
func (t *Teller) isTCP(p *trace.Packet) bool {
	return p.Conn() >= 0 && t.tr.Conns[p.Conn()].Proto == packets.ProtocolTCP
}
