package flow

import (
	"encoding/binary"
	"net/netip"
	"time"

	"wirelab/packets"
)

// An Analyser reads a capture once, packet by packet. The zero value is ready.
type Analyser struct {
	flows map[key]*Flow
	count [2]int // flows so far: TCP, UDP
	found []Finding
	seg   segment
	spare spare

	// The flow of the packet before: the next packet is often of the same.
	last    *Flow
	lastKey key
}

// A key names a flow: both ends, the lower one first.
type key struct {
	aHi, aLo, bHi, bLo uint64
	ports              uint32
	proto              uint8
}

func keyOf(h *packets.Headers) key {
	s, d := h.Src.As16(), h.Dst.As16()
	k := key{binary.BigEndian.Uint64(s[:]), binary.BigEndian.Uint64(s[8:]),
		binary.BigEndian.Uint64(d[:]), binary.BigEndian.Uint64(d[8:]),
		uint32(h.SrcPort)<<16 | uint32(h.DstPort), h.Proto}
	var low bool
	switch {
	case k.aHi != k.bHi:
		low = k.aHi < k.bHi
	case k.aLo != k.bLo:
		low = k.aLo < k.bLo
	default:
		low = h.SrcPort <= h.DstPort
	}
	if !low {
		k.aHi, k.aLo, k.bHi, k.bLo = k.bHi, k.bLo, k.aHi, k.aLo
		k.ports = k.ports<<16 | k.ports>>16
	}
	return k
}

// Add takes the next packet. It returns the flow that the packet belongs to,
// the end that sent it, and what it showed: findings about this packet and
// about earlier ones, valid until the next call. The flow is nil if the packet
// is neither TCP nor UDP, or only a later piece of a datagram.
func (a *Analyser) Add(p *Packet) (f *Flow, end int, found []Finding) {
	h := p.Headers
	a.found = a.found[:0]
	tcp := h.Proto == packets.ProtocolTCP
	if !h.OK || h.FragOff > 0 || h.SrcPort|h.DstPort == 0 || !tcp && h.Proto != packets.ProtocolUDP {
		return nil, 0, nil
	}
	f, end = a.flow(p)
	f.Last, f.Ended = p.Number, p.At
	s := &f.Sides[end]
	s.Packets++
	s.Bytes += int64(h.Len)
	switch {
	case !tcp || h.MoreFrags:
	case p.Damaged:
		a.find(Finding{Packet: p.Number, Label: BadChecksum, Sure: Certain})
	default:
		a.segment(f, end, p)
	}
	return f, end, a.found
}

// flow returns the flow of p, a new one if need be, and the end that sent p.
func (a *Analyser) flow(p *Packet) (f *Flow, end int) {
	h := p.Headers
	k := keyOf(h)
	if a.last != nil && k == a.lastKey {
		f = a.last
	} else {
		f = a.flows[k]
	}
	if f != nil && (f.Ends[0].Port() != h.SrcPort || f.Ends[0].Addr() != h.Src) {
		end = 1
	}
	if f == nil {
		f, end = a.open(k, p), 0
	} else if h.Proto == packets.ProtocolTCP && !p.Damaged && f.reopened(end, h) {
		a.find(Finding{Packet: p.Number, Label: PortReused, Sure: Certain, Proof: [4]uint32{f.First}})
		f, end = a.open(k, p), 0
	}
	a.last, a.lastKey = f, k
	return f, end
}

// open returns a new flow that begins with p.
func (a *Analyser) open(k key, p *Packet) *Flow {
	h := p.Headers
	if a.flows == nil {
		a.flows = map[key]*Flow{}
	}
	n := &a.count[0]
	if h.Proto == packets.ProtocolUDP {
		n = &a.count[1]
	}
	f := &Flow{Number: *n, Proto: h.Proto, Client: -1, First: p.Number, Began: p.At,
		Ends: [2]netip.AddrPort{netip.AddrPortFrom(h.Src, h.SrcPort), netip.AddrPortFrom(h.Dst, h.DstPort)}}
	f.Sides[0].Scale, f.Sides[1].Scale = -1, -1
	*n++
	a.flows[k] = f
	return f
}

// find notes what was found out.
func (a *Analyser) find(f Finding) { a.found = append(a.found, f) }

// A segment is the packet under study, in the numbers of its flow.
type segment struct {
	number uint32
	at     time.Duration
	h      *packets.Headers
	lo, hi int64 // numbers that it takes, SYN and FIN counted
	ack    int64 // what it acknowledges, if acks
	acks   bool
	room   int64 // the window that it announces, scaled
	stamp  stamp
	opt    options
}

// has says whether the segment has all of the given flags.
func (g *segment) has(f packets.Flags) bool { return g.h.Flags.Has(f) }

// any says whether the segment has one of the given flags.
func (g *segment) any(f packets.Flags) bool { return g.h.Flags&f != 0 }

// takes is how many numbers it takes.
func (g *segment) takes() int64 { return g.hi - g.lo }

// segment studies a whole TCP segment that end has sent.
func (a *Analyser) segment(f *Flow, end int, p *Packet) {
	g, s, o, h := &a.seg, &f.Sides[end], &f.Sides[1-end], p.Headers
	g.number, g.at, g.h = p.Number, p.At, h
	g.opt = options{scale: -1}
	if len(p.Options) > 0 {
		g.opt.read(p.Options)
	}
	if g.has(packets.RST) {
		f.ResetBy = g.number
		a.find(Finding{Packet: g.number, Label: Reset, Sure: Certain})
		return // its numbers follow rules of their own (RFC 9293 section 3.10.7)
	}
	if !s.seen || g.has(packets.SYN) {
		f.meet(end, g)
	} else if f.ACK == 0 && f.SYNACK != 0 && f.Client == end && g.has(packets.ACK) {
		f.ACK = g.number
	}
	n := int64(h.Len)
	if g.any(packets.SYN | packets.FIN) {
		n++
	}
	g.lo = s.rel(h.Seq)
	if far(g.lo - s.nxt) {
		a.find(Finding{Packet: g.number, Label: OutOfWindow, Sure: Likely})
		if !s.moved(h.Seq) {
			return
		}
		g.lo = s.nxt
	}
	s.strange = 0
	g.hi = g.lo + n
	g.room = int64(h.Window)
	if f.Scaled() && !g.has(packets.SYN) {
		g.room <<= s.Scale
	}
	g.stamp = stamp{ts: g.opt.tsVal, ecr: g.opt.tsEcr}
	if h.Src.Is4() {
		g.stamp.id = uint16(h.Datagram)
	}
	g.acks = g.has(packets.ACK) && o.started
	if g.acks {
		g.ack = o.rel(h.Ack)
		g.stamp.ack = uint32(g.ack)
	}
	again := s.identical(g)
	if g.has(packets.ACK) {
		a.acknowledge(f, end, g)
	}
	a.place(f, end, g, again)
	a.announce(f, end, g)
	s.tick(g)
}
