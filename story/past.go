package story

import (
	"slices"

	"wirelab/packets"
	"wirelab/trace"
)

// facts are what the words about a packet need to know of what came before it,
// or after, and what the packet itself does not say.
type facts struct {
	heard      int32 // how many samples its receiver's end has from before the step of its arrival
	acked      int32 // row of the segment with which its sender acknowledged last before it; -1: none
	duplicates int32 // where it arrives: the duplicate acknowledgements in a row up to it
	flags      packets.Flags
	is         aspect
}

// An aspect is a yes or no about a packet.
type aspect uint8

const (
	repeatsLast aspect = 1 << iota // it begins with the last number that its sender has sent
	inOneStep                      // it repeats what its sender sent in the same step
	answersSYN                     // its sender has sent nothing before, and the other end a SYN
	settled                        // it came behind a hole, and the filling of it showed
	keptBehind                     // that it was kept
)

// said is what one end of a connection has sent so far.
type said struct {
	any   bool   // anything but a RST
	acked int32  // 1 and the row of its last acknowledgement; 0: none
	next  int64  // one beyond its last number, in those of a Span
	step  uint32 // of its last segment with numbers
	upTo  int64  // one beyond the highest of them in that step
}

// listen goes through the packets in the order of their sending, and notes for
// each what its sender had said before; and it finds the pieces that have names.
func (t *Teller) listen() {
	t.facts = make([]facts, len(t.tr.Packets))
	all := make([]said, 2*len(t.tr.Conns))
	pieces := make([]int32, 0, len(t.tr.Packets)/2)
	ends := make([]int64, len(all)) // one beyond the last byte of the pieces, by stream
	for i := range t.tr.Packets {
		p, f := &t.tr.Packets[i], &t.facts[i]
		f.acked = -1
		if !t.isTCP(p) {
			continue
		}
		f.flags = packets.Scan(t.tr.Bytes(p)).Flags
		s := p.Span.Stream
		if lo, hi := dataOf(p, f.flags); hi > lo && hi > ends[s] && p.Fresh > 0 {
			pieces = append(pieces, int32(i))
			ends[s] = hi
		}
		if own(p) {
			f.note(int32(i), p, &all[s], &all[s^1])
		}
	}
	t.pieces = groupByStream(len(t.tr.Conns), pieces, func(row int32) trace.Stream { return t.tr.Packets[row].Span.Stream })
}

// note notes what there is to say of the segment in a row, whose sender has said
// own and the other end peer, and adds it to what its sender has said.
func (f *facts) note(row int32, p *trace.Packet, own, peer *said) {
	f.acked = own.acked - 1
	if !own.any && peer.any && peer.acked == 0 {
		f.is |= answersSYN
	}
	if f.flags.Has(packets.RST) {
		return
	}
	if p.Span.Lo == own.next-1 {
		f.is |= repeatsLast
	}
	if own.step == p.Step && p.Span.Lo < own.upTo {
		f.is |= inOneStep
	}
	own.any = true
	own.next = max(own.next, p.Span.Hi)
	if f.flags.Has(packets.ACK) {
		own.acked = row + 1
	}
	if !p.Span.Empty() {
		if own.step != p.Step {
			own.step, own.upTo = p.Step, p.Span.Hi
		}
		own.upTo = max(own.upTo, p.Span.Hi)
	}
}

// hear goes through the packets in the order of their arrival, counts the
// duplicate acknowledgements, and finds out which segments that came behind a
// hole their receiver kept: whether the bytes were there when the hole was
// filled. Of those that waited to the end of the run it says nothing.
func (t *Teller) hear() {
	duplicates := make([]int32, 2*len(t.tr.Conns))
	waiting := make([][]int32, len(duplicates)) // rows, by stream
	seen := make([]int32, len(duplicates))      // samples before the step, by stream
	for _, row := range t.arrived {
		p, f := &t.tr.Packets[row], &t.facts[row]
		if !t.isTCP(p) || !t.final(p) || p.Fate == trace.BadChecksum {
			continue
		}
		s := p.Span.Stream
		rows, n := t.samples.of(s^1), &seen[s^1]
		for int(*n) < len(rows) && t.tr.Samples[rows[*n]].Step < p.Landed {
			*n++
		}
		f.heard = *n
		before, after, ok := t.atArrival(row)
		if !ok {
			continue
		}
		if !p.Span.Empty() {
			if occasionOf(p.Span, before, after) == ahead {
				waiting[s] = append(waiting[s], row)
			} else if after.RcvNxt != before.RcvNxt && len(waiting[s]) > 0 {
				waiting[s] = t.settle(waiting[s], p.Span, int64(after.RcvNxt))
			}
		}
		if before.State == trace.Closed || f.flags.Has(packets.RST) {
			continue
		}
		switch t.lessonOf(p, f.flags, before, after) {
		case acksNew, changesWindow:
			duplicates[s] = 0
		case duplicate:
			duplicates[s]++
		}
		f.duplicates = duplicates[s]
	}
}

// atArrival is the state of the receiver before and after the segment in a row,
// which went to the other end of its connection; ok is false if it is not known.
func (t *Teller) atArrival(row int32) (before, after *trace.Sample, ok bool) {
	p, n := &t.tr.Packets[row], t.facts[row].heard
	rows := t.samples.of(p.Span.Stream ^ 1)
	if n == 0 {
		return nil, nil, false
	}
	before = &t.tr.Samples[rows[n-1]]
	after = before
	for ; int(n) < len(rows) && t.tr.Samples[rows[n]].Step <= p.Landed; n++ {
		after = &t.tr.Samples[rows[n]]
	}
	return before, after, true
}

// settle decides on those rows that the filling of a hole by in, after which
// number wanted is wanted, tells about, and returns the others.
func (t *Teller) settle(rows []int32, in trace.Span, wanted int64) []int32 {
	rest := rows[:0]
	for _, row := range rows {
		switch first := t.tr.Packets[row].Span.Lo + 1; {
		case wanted < first:
			rest = append(rest, row)
		case in.Contains(first - 1):
			// It came again as a part of in: nothing shows whether it was there.
		case wanted > first:
			t.facts[row].is |= settled | keptBehind
		default:
			t.facts[row].is |= settled
		}
	}
	return rest
}

// arrivals are the rows of the packets that arrived, in that order.
func arrivals(tr *trace.Trace) []int32 {
	order := make([]uint64, 0, len(tr.Packets)) // the step and, below it, the row: numbers sort fastest
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Arrived != trace.Never {
			order = append(order, uint64(p.Landed)<<32|uint64(i))
		}
	}
	slices.Sort(order)
	rows := make([]int32, len(order))
	for i, o := range order {
		rows[i] = int32(uint32(o))
	}
	return rows
}

// arrivedIn is the packet that arrived in a step, or nil.
func (t *Teller) arrivedIn(step uint32) *trace.Packet {
	i, _ := slices.BinarySearchFunc(t.arrived, step, func(row int32, step uint32) int {
		if t.tr.Packets[row].Landed <= step {
			return -1
		}
		return 1
	})
	if i == 0 || t.tr.Packets[t.arrived[i-1]].Landed != step {
		return nil
	}
	return &t.tr.Packets[t.arrived[i-1]]
}
