package flow

import (
	"net/netip"
	"time"

	"wirelab/packets"
)

// A Flow is a TCP connection, or the datagrams between two UDP ports. Its end
// 0 is the one of which the capture has the first packet.
type Flow struct {
	Number  int // among the flows of its protocol, counted from 0
	Proto   uint8
	Ends    [2]netip.AddrPort
	Client  int           // the end that opened it; -1: its beginning was not captured
	First   uint32        // packet
	Last    uint32        // packet, so far
	Began   time.Duration // when First was captured
	Ended   time.Duration // when Last was
	Sides   [2]Side
	ResetBy uint32 // packet that reset it; 0: none

	// The packets of the handshake (RFC 9293 section 3.5), the last of each kind;
	// 0 where none was captured.
	SYN, SYNACK, ACK uint32
}

// A Side is one end of a flow: what it announced and what it has sent.
type Side struct {
	Packets int
	Bytes   int64 // of payload; what was sent again is counted again

	ISN           uint32 // initial sequence number
	ISNKnown      bool   // its SYN was captured; otherwise ISN is one before the first number that was
	MSS           uint16 // largest segment that it takes (RFC 9293 section 3.7.1); 0: not said
	Scale         int8   // shift of its window (RFC 7323 section 2); -1: none offered
	SACKPermitted bool   // it takes selective acknowledgments (RFC 2018 section 2)
	Timestamps    bool   // it sends timestamps (RFC 7323 section 3)

	sender
	window
	clock
}

// sender is what the capture tells of the numbers that one end sends. Numbers
// count from its SYN, which is 0, and do not wrap.
type sender struct {
	started bool   // ISN is set
	seen    bool   // a packet of this end was captured
	nxt     int64  // one beyond the highest number seen
	una     int64  // the other end has acknowledged everything before it
	unaBy   uint32 // the packet that said so
	fin     int64  // the number that its FIN takes; 0: it has sent none
	sent    pieces
	gaps    []gap // the latest
	rtt     rtt   // from here to the other end and back

	dups    int32     // duplicate ACKs in a row that the other end sent
	dup     [3]uint32 // the first three of them
	strange int       // segments in a row that did not fit
	board

	recovery
	sentAt time.Duration // when it last sent something that takes numbers
	busyAt time.Duration // when it last did while nothing was under way
	newsAt time.Duration // when the other end last told something new of what arrived
	newsBy uint32
}

// clock is the order in which one end sends, as its packets show it.
type clock struct {
	at      time.Duration // of its last packet
	number  uint32
	stamp   stamp // of its last packet
	seq     int64
	length  int
	flags   packets.Flags
	steps   int8 // how well its IP identifications count up
	timed   bool // it has sent a timestamp, the first one as follows
	firstTS uint32
	firstAt time.Duration
	ticks   time.Duration // how long its timestamp clock stands still; 0: not known yet
}

// Rel is a sequence number of the given end relative to its ISN: the SYN is 0
// and the first byte of data 1. It does not wrap.
func (f *Flow) Rel(end int, seq uint32) int64 { return f.Sides[end].rel(seq) }

// rel finds the number nearest to what was sent last (RFC 9293 section 3.4:
// numbers are compared modulo 2^32).
func (s *Side) rel(seq uint32) int64 {
	return s.nxt + int64(int32(seq-(s.ISN+uint32(s.nxt))))
}

// HandshakeRTT is the time from the SYN to the SYN-ACK, and from there to the
// ACK, as the capture saw them: together one round trip. A part is 0 at the card
// of the end that answers, and if its packets were not captured, or were
// repeated and cannot be told apart.
func (f *Flow) HandshakeRTT() (toServer, toClient time.Duration) {
	if f.Client < 0 {
		return 0, 0
	}
	return f.Sides[f.Client].rtt.syn, f.Sides[1-f.Client].rtt.syn
}

// RTT is the smoothed time from the capture to the other end and back, for
// what an end sends (RFC 6298 section 2), and how many measurements it is made
// of.
func (f *Flow) RTT(end int) (smoothed, shortest time.Duration, n int) {
	r := &f.Sides[end].rtt
	return r.smoothed, r.shortest, r.n
}

// Scaled says whether windows are scaled: only if both SYNs offered it (RFC
// 7323 section 2.2).
func (f *Flow) Scaled() bool { return f.Sides[0].Scale >= 0 && f.Sides[1].Scale >= 0 }

// roundTrip is the shortest time from one end to the other and back; 0 if not
// both parts are known.
func (f *Flow) roundTrip() time.Duration {
	a, b := &f.Sides[0].rtt, &f.Sides[1].rtt
	if a.n == 0 || b.n == 0 {
		return 0
	}
	return a.shortest + b.shortest
}

// rtt is a measured time there and back, after RFC 6298 section 2.
type rtt struct {
	n                             int
	smoothed, variation, shortest time.Duration
	syn                           time.Duration // from its SYN to the answer
}

// add takes a time that was measured well, one of so many in a round trip.
func (r *rtt) add(t time.Duration, many int) {
	r.smooth(t, many)
	if r.n == 0 || t < r.shortest {
		r.shortest = t
	}
	r.n++
}

// smooth takes a time of which only the sender can be sure. Who measures often
// gives each time less weight (RFC 7323 appendix G).
func (r *rtt) smooth(t time.Duration, many int) {
	if r.smoothed == 0 {
		r.smoothed, r.variation = t, t/2
		return
	}
	n := time.Duration(max(many, 1))
	r.variation += ((r.smoothed - t).Abs() - r.variation) / (4 * n)
	r.smoothed += (t - r.smoothed) / (8 * n)
}
