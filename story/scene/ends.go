package scene

import (
	"net/netip"
	"time"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
)

// An End is one of the two that a picture stands between: an end of a
// connection, or a host.
type End struct {
	Host   uint16
	Name   string
	Addr   netip.AddrPort // of a host without a connection, port 0
	Server bool           // it did not speak first
	Stream trace.Stream   // on which it sends; -1: no connection

	// One of these is not nil.
	TCP     *TCP
	UDP     *UDP
	Packets *Traffic
}

// TCP is what one end of a connection knows at a moment. Numbers of bytes are
// as in a listing: the SYN is 0, the first byte of data 1.
type TCP struct {
	Known bool // the end has a state; if not, only State, Passed, Given and Segment are filled in

	State  trace.State
	Passed []trace.State // which it has been in, in order; State is the last

	Unacked  int64 // oldest number not acknowledged (SND.UNA)
	Next     int64 // next number to send (SND.NXT)
	InFlight int64 // numbers between the two
	Allowed  int64 // bytes that may be in flight: the less of PeerRoom and CwndBytes
	Limit    Limit // which of the two that is
	PeerRoom int64 // bytes for which the other end has said it has room (SND.WND)

	Wanted int64 // next number wanted (RCV.NXT)
	Kept   int64 // bytes that came behind a hole and are kept
	Unread int64 // bytes in order that the program has not read
	Given  int64 // bytes that its program has read
	Room   int64 // bytes for which it has said it has room (RCV.WND)

	Segment   int64  // bytes of data in a full segment
	Cwnd      int64  // congestion window, in segments
	CwndBytes int64  // in bytes of full segments
	Ssthresh  uint32 // slow start threshold, in segments; trace.NoThreshold at first
	RTO       time.Duration
	SRTT      time.Duration // smoothed round trip; 0: not measured yet
	RTTVar    time.Duration
	Recovery  trace.Recovery
}

// A Limit is what keeps a sender from sending more.
type Limit uint8

// The limits.
const (
	ByRoom       Limit = iota // the receiver's window (RFC 9293 section 3.8.6)
	ByCongestion              // the congestion window (RFC 5681)
)

func (l Limit) String() string {
	return [...]string{"the receiver's room", "the congestion window"}[min(l, ByCongestion)]
}

// UDP is what happened to the datagrams between one end and the other at a
// moment. An end knows only what it has sent and what its program has read.
type UDP struct {
	Sent, SentBytes       int64 // datagrams that it sent
	Lost                  int64 // of those: they will not come, or had no place where they came
	Arrived, ArrivedBytes int64 // that came into its socket, copies counted
	Read, ReadBytes       int64 // that its program has read
	Waiting, WaitingBytes int64 // in the socket's buffer
}

// Traffic are the packets of no connection at a host: ping, ARP.
type Traffic struct{ Sent, Received int64 }

// Ends are the two ends of a connection at m, the one that spoke first first.
func (s *Scene) Ends(conn int32, m story.Moment) (ends [2]End) {
	c := &s.tr.Conns[conn]
	for i := range ends {
		st := trace.StreamOf(conn, i)
		e := &ends[i]
		*e = End{Host: c.Ends[i].Host, Name: s.tr.Name(c.Ends[i].Host), Addr: c.Ends[i].Addr, Server: i == 1, Stream: st}
		if c.Proto == packets.ProtocolUDP {
			e.UDP = s.datagrams(st, m)
		} else {
			e.TCP = s.tcp(st, m)
		}
	}
	return ends
}

// Hosts are two hosts at m, with their packets of no connection.
func (s *Scene) Hosts(a, b uint16, m story.Moment) (ends [2]End) {
	for i, h := range [2]uint16{a, b} {
		ends[i] = End{Host: h, Name: s.tr.Name(h), Addr: netip.AddrPortFrom(s.tr.Hosts[h].Addr, 0), Server: i == 1, Stream: -1,
			Packets: s.traffic(h, m)}
	}
	return ends
}

// tcp is what the end that sends on st knows.
func (s *Scene) tcp(st trace.Stream, m story.Moment) *TCP {
	v := &TCP{Passed: s.passed(st, m), Segment: int64(s.segment[st.Conn()])}
	v.State = v.Passed[len(v.Passed)-1]
	out, in := s.progress(st, m), s.progress(st^1, m)
	v.Given = in.read
	x := s.t.State(st, m)
	if x == nil {
		return v
	}
	v.Known = true
	v.Unacked = unwrap(x.SndUna, out.sent+1)
	v.Next = unwrap(x.SndNxt, out.sent+1)
	v.InFlight = v.Next - v.Unacked
	v.PeerRoom, v.Room = int64(x.SndWnd), int64(x.RcvWnd)
	v.Wanted = unwrap(x.RcvNxt, in.sent+1)
	for _, k := range s.behind(st^1, in.delivered, in.sent, m) {
		v.Kept += k.hi - k.lo
	}
	v.Unread = max(in.delivered-in.read, 0)
	v.Cwnd, v.CwndBytes = int64(x.Cwnd), int64(x.Cwnd)*v.Segment
	v.Allowed, v.Limit = v.PeerRoom, ByRoom
	if v.CwndBytes < v.Allowed {
		v.Allowed, v.Limit = v.CwndBytes, ByCongestion
	}
	v.Ssthresh, v.RTO, v.SRTT, v.RTTVar, v.Recovery = x.Ssthresh, x.RTO, x.SRTT, x.RTTVar, x.Recovery
	return v
}

// passed are the states in which the end that sends on st has been by m. It
// begins closed, or, at the end that did not speak first, with the socket that
// listens there, if there is one.
func (s *Scene) passed(st trace.Stream, m story.Moment) []trace.State {
	states := []trace.State{trace.Closed}
	if st.End() == 1 && s.listens(s.tr.Conns[st.Conn()].Ends[1].Host, m) {
		states = append(states, trace.Listen)
	}
	rows := s.turns.of(int(st))
	n := count(rows, func(row int32) bool {
		return s.happened(s.tr.Samples[row].At, story.State, row, m)
	})
	for _, row := range rows[:n] {
		states = append(states, s.tr.Samples[row].State)
	}
	return states
}

// listens says whether a program on a host has a socket that listens, by m.
func (s *Scene) listens(host uint16, m story.Moment) bool {
	for _, row := range s.listeners {
		if s.tr.Calls[row].Host == host && s.ended(row, m) {
			return true
		}
	}
	return false
}

// Full-size segments are less than the MSS by the options in each of them (RFC
// 6691). This stack keeps room for as many SACK blocks as fit, in every segment.
const (
	timestampsLen = 12 // RFC 7323 section 3.2, padded
	sackRoom      = 28 // RFC 2018 section 3: three blocks, padded
)

// greet reads the SYNs of each connection: how many bytes of data a full segment
// has by what the two announced, or more if one was seen with more; and whether
// they use SACK.
func (s *Scene) greet() {
	s.segment = make([]int32, len(s.tr.Conns))
	s.sacks = newBits(len(s.tr.Conns))
	for i := range s.tr.Conns {
		c := &s.tr.Conns[i]
		if c.Proto != packets.ProtocolTCP {
			continue
		}
		a, b := trace.StreamOf(int32(i), 0), trace.StreamOf(int32(i), 1)
		ts, sack := s.offers(a)
		ts2, sack2 := s.offers(b)
		n := int32(min(c.MSS[0], c.MSS[1]))
		if ts && ts2 {
			n -= timestampsLen
		}
		if sack && sack2 {
			s.sacks.add(int32(i))
			n -= sackRoom
		}
		s.segment[i] = max(n, s.longest[a], s.longest[b])
	}
}

// offers says whether the SYN of a stream offers timestamps (RFC 7323 section 3)
// and SACK (RFC 2018 section 2).
func (s *Scene) offers(st trace.Stream) (timestamps, sack bool) {
	for _, row := range s.sent.of(int(st) + 1) {
		frame := s.tr.Bytes(&s.tr.Packets[row])
		h := packets.Scan(frame)
		if !h.Flags.Has(packets.SYN) || h.L4Off == 0 {
			continue
		}
		const fixed = 20 // bytes of the header before the options
		for o := frame[h.L4Off+fixed : h.Off]; len(o) > 0 && o[0] != 0; {
			if o[0] == 1 {
				o = o[1:]
				continue
			}
			if len(o) < 2 || o[1] < 2 || int(o[1]) > len(o) {
				break
			}
			timestamps = timestamps || o[0] == 8
			sack = sack || o[0] == 4
			o = o[o[1]:]
		}
		break
	}
	return timestamps, sack
}
