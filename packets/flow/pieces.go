package flow

import (
	"math/bits"
	"time"
)

// A piece is an interval of one direction's numbers that was sent as one, or,
// before anything of it was seen, a hole.
type piece struct {
	lo, hi      int64
	first, last uint32 // packets that brought it, first and latest; 0: a hole
	at, lastAt  time.Duration
	stamp       stamp  // of first; while it is a hole, of the opener
	lastStamp   stamp  // of last; while it is a hole, of what the other end had sent before the opener
	held        uint32 // the packet in which the receiver first said that it has it; 0: none
	opener      uint32 // the packet that showed that it was missing; 0: it never was
	times       uint8
	sacked      bool // by a SACK, and not yet by the acknowledgment number
	copied      bool // the network made one more
	lost        bool // what filled the hole was sent after its opener
	probe       bool // first was a window probe
	guessed     bool // and that was decided by time alone
}

// A stamp is what never runs backwards at a sender: its acknowledgments (the low
// bits, in the numbers of the flow), its timestamp clock, the timestamp that it
// echoes, and, at many, the IP identification. 0 is none.
type stamp struct {
	ack, ts, ecr uint32
	id           uint16
}

func (p *piece) hole() bool { return p.first == 0 }

// A gap is the packet that showed a hole, and its stamp.
type gap struct {
	opener uint32
	stamp  stamp
}

// Bounds of what is remembered of one direction.
const (
	fewPieces  = 8
	oldPieces  = 32 // so many are kept before any is forgotten
	mostPieces = 2048
)

// pieces lie one behind the other, from the oldest that is remembered to the
// highest number seen. Those that are acknowledged stay for a while, because a
// late packet or a repetition can still concern them.
type pieces struct {
	all   []piece
	acked int // so many of them are acknowledged as a whole
}

// add appends p.
func (ps *pieces) add(p piece, from *spare) *piece {
	ps.reserve(1, from)
	ps.all = append(ps.all, p)
	return &ps.all[len(ps.all)-1]
}

// reserve makes room for n more pieces, n at most fewPieces/2: it forgets half
// of the acknowledged ones, or grows, or, at the limit, forgets the oldest half
// of all. Indices into the pieces change.
func (ps *pieces) reserve(n int, from *spare) {
	if len(ps.all)+n <= cap(ps.all) {
		return
	}
	drop, size := ps.acked/2, cap(ps.all)
	switch {
	case size >= oldPieces && drop >= max(size/4, n):
	case size < mostPieces:
		ps.move(max(2*size, fewPieces), from)
		return
	default:
		drop = size / 2
	}
	ps.forget(drop)
}

// shrink gives the room of many pieces back, when none of them is under way.
func (ps *pieces) shrink(to *spare) {
	if cap(ps.all) > 2*oldPieces {
		ps.forget(len(ps.all) - oldPieces/2)
		ps.move(oldPieces, to)
	}
}

func (ps *pieces) forget(n int) {
	if n > 0 {
		ps.all = ps.all[:copy(ps.all, ps.all[n:])]
		ps.acked = max(ps.acked-n, 0)
	}
}

// move takes the pieces to a place of another size.
func (ps *pieces) move(size int, s *spare) {
	to := append(s.take(size), ps.all...)
	s.leave(ps.all)
	ps.all = to
}

// spare is room for pieces that no flow needs now, by its size: fewPieces,
// twice that, and so on.
type spare [9][][]piece

func (s *spare) of(size int) *[][]piece { return &s[bits.Len(uint(size/fewPieces))-1] }

func (s *spare) take(size int) []piece {
	if rooms := s.of(size); len(*rooms) > 0 {
		room := (*rooms)[len(*rooms)-1]
		*rooms = (*rooms)[:len(*rooms)-1]
		return room[:0]
	}
	return make([]piece, 0, size)
}

func (s *spare) leave(room []piece) {
	if cap(room) > 0 {
		rooms := s.of(cap(room))
		*rooms = append(*rooms, room)
	}
}

// find returns the index of the first piece that reaches beyond number n.
func (ps *pieces) find(n int64) int {
	lo, hi := 0, len(ps.all)
	// Nearly always it is among the last ones, or the first unacknowledged.
	if hi > 0 && ps.all[hi-1].lo <= n {
		lo = hi - 1
	} else if a := ps.acked; a < hi && ps.all[a].hi > n && ps.all[a].lo <= n {
		return a
	}
	for lo < hi {
		if m := int(uint(lo+hi) / 2); ps.all[m].hi > n {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}

// split cuts piece i at number n, which lies within it. There must be room.
func (ps *pieces) split(i int, n int64) {
	ps.all = append(ps.all, piece{})
	copy(ps.all[i+1:], ps.all[i:])
	ps.all[i].hi, ps.all[i+1].lo = n, n
	if i < ps.acked {
		ps.acked++
	}
}
