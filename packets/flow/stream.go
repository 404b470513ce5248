package flow

import (
	"iter"
	"slices"

	"wirelab/packets"
)

// A Stream puts the bytes of one direction of a connection together from
// segments in any order. Where segments overlap, the bytes that came first
// stay: what a receiver has once it keeps (RFC 9293 section 3.10.7.4). For bytes
// that still wait behind a hole stacks differ; this one is as most, and an
// attacker who knows which rule a host follows can show it and a listener
// different streams.
//
// What waits behind holes is bounded: if it grows beyond the limit, or the
// receiver has acknowledged it, the first hole is given up and becomes a gap.
type Stream struct {
	limit   int
	started bool
	base    uint32 // sequence number of byte 0
	next    int64  // byte that is to come next
	end     int64  // where the FIN stands; -1: not known
	ended   bool   // its end was given out
	missing int64
	held    []chunk // behind next, in order, apart from one another
	size    int
	out     []Piece
}

// A chunk is a run of bytes that waits behind a hole.
type chunk struct {
	at   int64
	data []byte
}

func (c *chunk) end() int64 { return c.at + int64(len(c.data)) }

// A Piece is what a Stream gives out: bytes, a gap, or the end. Pieces follow
// one another without a break.
type Piece struct {
	At   int64  // offset of its first byte; the first byte of the stream is 0
	Data []byte // empty: a gap, or the end
	Gap  int64  // bytes that are missing here
	End  bool   // the sender has sent all
}

// Bounds of what waits: in a piece's own cost, and in pieces.
const (
	chunkCost  = 64
	mostChunks = 1024
)

// NewStream returns a stream that holds at most about limit bytes behind holes.
func NewStream(limit int) *Stream { return &Stream{limit: limit, end: -1} }

// Add takes a segment and returns what can be given out because of it. The
// pieces are valid until the next call, and may share the bytes of data. If the
// stream does not begin with its SYN, byte 0 is the first that is added.
func (s *Stream) Add(seq uint32, flags packets.Flags, data []byte) []Piece {
	s.out = s.out[:0]
	if flags.Has(packets.SYN) {
		seq++ // data may ride along (RFC 9293 section 3.5), behind the SYN's own number
	}
	if !s.started {
		s.started, s.base = true, seq
	}
	at := s.offset(seq)
	if far(at - s.next) {
		return nil
	}
	if flags.Has(packets.FIN) && s.end < 0 && at+int64(len(data)) >= s.next {
		s.end = at + int64(len(data))
	}
	if s.end >= 0 && at+int64(len(data)) > s.end {
		data = data[:max(s.end-at, 0)]
	}
	if at < s.next {
		data = data[min(s.next-at, int64(len(data))):]
		at = s.next
	}
	switch {
	case len(data) == 0:
	case at == s.next:
		s.give(data)
	default:
		s.hold(at, data)
	}
	s.drain()
	for s.size > s.limit || len(s.held) > mostChunks {
		s.giveUp(s.held[0].at)
	}
	return s.out
}

// Acked says that the receiver has everything before a number: what is missing
// of that was not captured, and will not come.
func (s *Stream) Acked(ack uint32) []Piece {
	s.out = s.out[:0]
	to := s.offset(ack)
	if !s.started || far(to-s.next) {
		return nil
	}
	if s.end >= 0 {
		to = min(to, s.end) // the FIN's own number
	}
	for len(s.held) > 0 && s.held[0].at < to {
		s.giveUp(s.held[0].at)
	}
	// Its last number may be that of a FIN which was not captured; only what
	// comes behind it shows that it was data.
	if to-1 > s.next {
		s.giveUp(to - 1)
	}
	return s.out
}

// Close gives out what is still held, with the gaps before it.
func (s *Stream) Close() []Piece {
	s.out = s.out[:0]
	for len(s.held) > 0 {
		s.giveUp(s.held[0].at)
	}
	if s.end > s.next {
		s.giveUp(s.end)
	}
	return s.out
}

// Delivered is how many bytes were given out, and Missing how many were not.
func (s *Stream) Delivered() int64 { return s.next - s.missing }

// Missing is how many bytes lie in the gaps that were given out.
func (s *Stream) Missing() int64 { return s.missing }

// Holes yields the offsets [from, to) that are still waited for in front of what
// is held.
func (s *Stream) Holes() iter.Seq2[int64, int64] {
	return func(yield func(from, to int64) bool) {
		from := s.next
		for i := range s.held {
			if c := &s.held[i]; from < c.at && !yield(from, c.at) {
				return
			}
			from = s.held[i].end()
		}
		if s.end > from {
			yield(from, s.end)
		}
	}
}

// offset is the byte nearest to the next one that a sequence number can mean.
func (s *Stream) offset(seq uint32) int64 {
	return s.next + int64(int32(seq-(s.base+uint32(s.next))))
}

func (s *Stream) give(data []byte) {
	s.out = append(s.out, Piece{At: s.next, Data: data})
	s.next += int64(len(data))
}

// giveUp makes a gap of what is missing before a byte, and gives out what
// follows.
func (s *Stream) giveUp(to int64) {
	if to > s.next {
		s.out = append(s.out, Piece{At: s.next, Gap: to - s.next})
		s.missing += to - s.next
		s.next = to
	}
	s.drain()
}

// drain gives out what is held and due, and the end.
func (s *Stream) drain() {
	n := 0
	for ; n < len(s.held) && s.held[n].at <= s.next; n++ {
		c := &s.held[n]
		s.size -= len(c.data) + chunkCost
		if skip := s.next - c.at; skip < int64(len(c.data)) {
			s.give(c.data[skip:])
		}
	}
	s.held = slices.Delete(s.held, 0, n)
	if s.next == s.end && !s.ended {
		s.ended = true
		s.out = append(s.out, Piece{At: s.next, End: true})
	}
}

// hold keeps a copy of the bytes from at on that are not held yet.
func (s *Stream) hold(at int64, data []byte) {
	i, _ := slices.BinarySearchFunc(s.held, at, func(c chunk, at int64) int {
		if c.end() > at {
			return 1
		}
		return -1
	})
	for len(data) > 0 {
		n := int64(len(data))
		if i < len(s.held) {
			c := &s.held[i]
			if c.at <= at { // it is here already
				skip := min(c.end()-at, n)
				at, data = at+skip, data[skip:]
				i++
				continue
			}
			n = min(n, c.at-at)
		}
		s.held = slices.Insert(s.held, i, chunk{at, slices.Clone(data[:n])})
		s.size += int(n) + chunkCost
		at, data = at+n, data[n:]
		i++
	}
}
