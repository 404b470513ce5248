package trace

// A Stream is one direction of a connection: 2*conn from end 0 to end 1,
// 2*conn+1 from end 1 to end 0.
type Stream int32

// StreamOf returns the direction of conn in which its given end (0 or 1) sends.
func StreamOf(conn int32, end int) Stream { return Stream(2*conn + int32(end)) }

// Conn returns the connection of which s is a direction.
func (s Stream) Conn() int32 { return int32(s) >> 1 }

// End returns which end of the connection sends on s.
func (s Stream) End() int { return int(s) & 1 }

// A Span is an interval [Lo, Hi) of the bytes of a stream: the one link
// between calls, messages and packets. The first byte of data is byte 0. A SYN,
// which takes a sequence number of its own, covers [-1, 0), and a FIN behind n
// bytes covers [n, n+1). On UDP each datagram is a Unit with bytes of its own.
// The zero Span is empty.
type Span struct {
	Stream Stream
	Unit   int32 // the datagram, counted from 1; 0 on TCP
	Lo, Hi int64
}

// Empty says that the span has no bytes.
func (s Span) Empty() bool { return s.Hi <= s.Lo }

// Len is the number of bytes of the span.
func (s Span) Len() int64 { return max(s.Hi-s.Lo, 0) }

// Overlaps says whether s and o have bytes in common.
func (s Span) Overlaps(o Span) bool {
	return s.Stream == o.Stream && s.Unit == o.Unit && max(s.Lo, o.Lo) < min(s.Hi, o.Hi)
}

// Contains says whether byte n of s's stream and unit is in s.
func (s Span) Contains(n int64) bool { return s.Lo <= n && n < s.Hi }

// Data is s without the numbers that SYN and FIN take, for a stream on which
// total bytes of data were sent in all.
func (s Span) Data(total int64) Span {
	s.Lo, s.Hi = max(s.Lo, 0), min(s.Hi, total)
	return s
}
