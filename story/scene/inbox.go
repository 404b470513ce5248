package scene

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// An inbox is what came to the socket at the end of a stream of datagrams.
type inbox struct {
	rows    []int32 // packets with which a datagram was whole, be it sound or not, in the order of arrival
	first   bits    // by place: the datagram had not come before
	refused int32   // from this place on no program had the port

	// Bytes and numbers of datagrams:
	given  sums // of those sent
	sizes  sums // of those in rows that the socket took
	once   sums // of the same, copies left out
	passed sums // of those that were read, as they were sent
	read   sums // of the same, as the program got them: what had no room in its buffer is lost
}

// sums are sums of numbers, kept at some places only.
type sums struct {
	of    func(i int) (n int64, many int) // the i-th, and how many it counts for
	every []sum
}

type sum struct {
	n    int64
	many int
}

const sumEvery = 256

func newSums(n int, of func(i int) (int64, int)) sums {
	v := sums{of: of}
	var at sum
	for i := range n {
		if i%sumEvery == 0 {
			v.every = append(v.every, at)
		}
		b, many := of(i)
		at.n, at.many = at.n+b, at.many+many
	}
	return v
}

// upTo is the sum of the first n.
func (v *sums) upTo(n int) sum {
	if n == 0 {
		return sum{}
	}
	at := v.every[(n-1)/sumEvery]
	for i := (n - 1) / sumEvery * sumEvery; i < n; i++ {
		b, many := v.of(i)
		at.n, at.many = at.n+b, at.many+many
	}
	return at
}

// A whole is an IP packet that is put together: fragments are known by these (RFC
// 791 section 3.2), and not by what they are a part of.
type whole struct {
	src, dst netip.Addr
	id       uint32
}

// An assembly is what has come of one.
type assembly struct {
	got  []interval // in bytes behind the IP header
	size int64      // 0: the last fragment has not come
	ends time.Duration
}

// How long this stack keeps fragments from when the first came (RFC 1122 section
// 3.3.2, RFC 8200 section 4.5).
const (
	patience4 = 30 * time.Second
	patience6 = 60 * time.Second
)

// receive finds out which datagrams came to a socket.
func (s *Scene) receive() {
	s.inboxes = make([]inbox, 2*len(s.tr.Conns))
	had := make([]bits, len(s.inboxes))
	for st := range had {
		if s.isUDP(trace.Stream(st)) {
			had[st] = newBits(len(s.firsts.of(st)) + 1)
			s.inboxes[st].refused = -1
		}
	}
	waiting := map[whole]assembly{}
	for _, row := range s.landings() {
		p := &s.tr.Packets[row]
		if p.Piece >= 0 && !s.completes(p, waiting) {
			continue
		}
		st, n := p.Span.Stream, p.Span.Unit
		box := &s.inboxes[st]
		if box.refused < 0 && s.unreachable(row) {
			box.refused = int32(len(box.rows))
		}
		if len(box.rows)%64 == 0 {
			box.first = append(box.first, 0)
		}
		if !had[st].has(n) && p.Fate == trace.Delivered {
			had[st].add(n)
			box.first.add(int32(len(box.rows)))
		}
		box.rows = append(box.rows, row)
	}
	for i := range s.inboxes {
		st := trace.Stream(i)
		if !s.isUDP(st) {
			continue
		}
		box := &s.inboxes[i]
		box.sizes = newSums(len(box.rows), func(i int) (int64, int) {
			p := &s.tr.Packets[box.rows[i]]
			if !s.taken(box, i) {
				return 0, 0
			}
			return s.size(st, p.Span.Unit), 1
		})
		box.once = newSums(len(box.rows), func(i int) (int64, int) {
			if !box.first.has(int32(i)) || !s.taken(box, i) {
				return 0, 0
			}
			return s.size(st, s.tr.Packets[box.rows[i]].Span.Unit), 1
		})
		reads := s.reads.of(int(st))
		box.read = newSums(len(reads), func(i int) (int64, int) { return s.tr.Calls[reads[i]].Span.Len(), 1 })
		box.passed = newSums(len(reads), func(i int) (int64, int) { return s.size(st, s.tr.Calls[reads[i]].Span.Unit), 1 })
		box.given = newSums(len(s.firsts.of(i)), func(i int) (int64, int) { return s.size(st, int32(i)+1), 1 })
	}
}

// landings are the packets with datagrams that came intact to the end of their
// stream, and all fragments, in that order.
func (s *Scene) landings() (rows []int32) {
	for i := range s.tr.Packets {
		p := &s.tr.Packets[i]
		if s.isUDP(p.Span.Stream) && p.Landed > 0 && s.final(p) && (p.Piece >= 0 || p.Fate == trace.Delivered || p.Fate == trace.SocketFull) {
			rows = append(rows, int32(i))
		}
	}
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Compare(s.tr.Packets[a].Landed, s.tr.Packets[b].Landed) })
	return rows
}

// completes says whether an IP packet is whole with the fragment p, be it damaged
// or not. What comes of it then, copies, begins anew.
func (s *Scene) completes(p *trace.Packet, waiting map[whole]assembly) bool {
	h, sent := packets.Scan(s.tr.Received(p)), packets.Scan(s.tr.Bytes(p))
	inHeader := p.Flip >= 0 && int(p.Flip/8) < sent.Off && int(p.Flip/8) >= sent.IPOff
	if !h.Fragment() || h.Dst != sent.Dst || inHeader && h.EtherType == packets.EtherTypeIPv4 {
		return false // it is nobody's fragment, or its header's checksum is wrong
	}
	key := whole{h.Src, h.Dst, h.Datagram}
	a, ok := waiting[key]
	if !ok || p.Arrived >= a.ends {
		patience := patience4
		if h.EtherType == packets.EtherTypeIPv6 {
			patience = patience6
		}
		a = assembly{ends: p.Arrived + patience}
	}
	lo := int64(h.FragOff)
	hi := lo + int64(h.Len)
	if h.FragOff == 0 && h.L4Off > 0 {
		hi += int64(h.Off - h.L4Off) // the header of UDP, which Len leaves out
	}
	a.got = joined(append(a.got, interval{lo, hi}))
	if !h.MoreFrags {
		a.size = hi
	}
	if a.size == 0 || within(a.got, 0, a.size) < a.size {
		waiting[key] = a
		return false
	}
	delete(waiting, key)
	return true
}

// taken says whether the i-th datagram that came to a box got into a socket.
func (s *Scene) taken(box *inbox, i int) bool {
	return s.tr.Packets[box.rows[i]].Fate == trace.Delivered && (box.refused < 0 || i < int(box.refused))
}

// size is how many bytes datagram n of a stream has.
func (s *Scene) size(st trace.Stream, n int32) int64 {
	first := s.firsts.of(int(st))[n-1]
	if s.tr.Packets[first].Piece < 0 {
		return s.tr.Packets[first].Span.Hi
	}
	var size int64
	for row := range s.fragments(st, n) {
		size = max(size, s.tr.Packets[row].Span.Hi)
	}
	return size
}

// unreachable says whether a host answers the packet in a row, in the step in
// which it lands, that no program has its port.
func (s *Scene) unreachable(row int32) bool {
	p := &s.tr.Packets[row]
	i, _ := slices.BinarySearchFunc(s.sent.of(0), p.Landed, func(row int32, step uint32) int {
		return cmp.Compare(s.tr.Packets[row].Step, step)
	})
	for _, row := range s.sent.of(0)[i:] {
		q := &s.tr.Packets[row]
		if q.Step != p.Landed {
			return false
		}
		frame := s.tr.Bytes(q)
		h := packets.Scan(frame)
		if q.From != p.To || h.Len < 2 {
			continue
		}
		kind, code := frame[h.Off], frame[h.Off+1]
		// RFC 792: destination unreachable, port; RFC 4443 section 3.1: the same.
		if h.Proto == packets.ProtocolICMP && kind == 3 && code == 3 || h.Proto == packets.ProtocolICMPv6 && kind == 1 && code == 4 {
			return true
		}
	}
	return false
}
