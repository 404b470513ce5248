package story

import (
	"wirelab/packets"
	"wirelab/trace"
)

// facts are what the words about a packet need to know of what came before it,
// or after, and what the packet itself does not say.
type facts struct {
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
		if lo, hi := dataOf(p, f.flags); hi > lo && hi > ends[s] {
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
		before, after := t.aroundNext(s^1, p.Landed, &seen[s^1])
		if before == nil || after == nil {
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

// aroundNext is around for steps that come in order: seen is how many samples
// of s are before step.
func (t *Teller) aroundNext(s trace.Stream, step uint32, seen *int32) (before, after *trace.Sample) {
	rows := t.samples.of(s)
	i := *seen
	for int(i) < len(rows) && t.tr.Samples[rows[i]].Step < step {
		i++
	}
	*seen = i
	if i == 0 {
		return nil, nil // what comes after needs one before
	}
	before = &t.tr.Samples[rows[i-1]]
	after = before
	for int(i) < len(rows) && t.tr.Samples[rows[i]].Step == step {
		after = &t.tr.Samples[rows[i]]
		i++
	}
	return before, after
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
