package trace

import (
	"net/netip"
	"time"

	"wirelab/packets"
)

// A Recorder appends frames to a trace and finds for each its connection and
// the bytes of the stream that it carries. It is told of packets in the order
// in which they were sent.
type Recorder struct {
	t       *Trace
	flows   map[flow]Stream
	streams []stream
	pieces  map[datagram]int32 // first fragment of a datagram under way
	hosts   map[netip.Addr]uint16
	sent    []uint32 // IP packets sent, by host
}

// A flow is one direction of a connection, as its packets name it.
type flow struct {
	proto    uint8
	src, dst netip.AddrPort
}

type datagram struct {
	src, dst netip.Addr
	proto    uint8
	id       uint32
}

// A stream is what the recorder knows of one direction.
type stream struct {
	next  int64   // one beyond the last number sent, in the numbers of Span
	fin   bool    // the last of them is the FIN's
	units int32   // datagrams sent
	given int32   // datagrams that the program wrote
	inbox []int32 // units that came to the other socket and were not read yet
}

// NewRecorder returns a recorder for an empty trace.
func NewRecorder(t *Trace) *Recorder {
	return &Recorder{t: t, flows: map[flow]Stream{}, pieces: map[datagram]int32{}, hosts: map[netip.Addr]uint16{}}
}

// Host adds a host to the trace and returns its number.
func (r *Recorder) Host(h Host) uint16 {
	n := uint16(len(r.t.Hosts))
	r.t.Hosts = append(r.t.Hosts, h)
	r.hosts[h.Addr] = n
	r.sent = append(r.sent, 0)
	return n
}

// Packet appends a frame that was sent, of which p says from where to where,
// when and why, and returns its row and its headers. The frame's parts are
// copied.
func (r *Recorder) Packet(p Packet, parts ...[]byte) (row int, h packets.Headers) {
	t := r.t
	p.Left, p.Arrived, p.Piece, p.Span = Never, Never, -1, Span{Stream: -1}
	p.ref = t.arena.keep(parts)
	frame := t.arena.bytes(p.ref)
	h = packets.Scan(frame)
	row = len(t.Packets)
	if h.IPLen > 0 {
		r.sent[p.From]++
		p.Nth = r.sent[p.From]
	}
	switch {
	case h.Fragment():
		r.fragment(&p, &h, row)
	case h.SrcPort == 0 && h.DstPort == 0:
		// ARP, ICMP, or cut off: no stream.
	case h.Proto == packets.ProtocolTCP:
		r.segment(&p, &h, frame)
	case h.Proto == packets.ProtocolUDP:
		p.Span = r.unit(&h, p.Sent, p.From, int64(h.Len))
	}
	t.Packets = append(t.Packets, p)
	return row, h
}

// segment finds the place of a TCP segment on its stream.
func (r *Recorder) segment(p *Packet, h *packets.Headers, frame []byte) {
	f := flow{h.Proto, netip.AddrPortFrom(h.Src, h.SrcPort), netip.AddrPortFrom(h.Dst, h.DstPort)}
	s, ok := r.flows[f]
	if ok && h.Flags.Has(packets.SYN) {
		c := &r.t.Conns[s.Conn()]
		// The same ports used again, with a new initial number: a new connection.
		if c.Known[s.End()] && c.ISN[s.End()] != h.Seq && !h.Flags.Has(packets.ACK) {
			ok = false
		}
	}
	if !ok {
		s = r.open(f, p.Sent)
	}
	c, st, end := &r.t.Conns[s.Conn()], &r.streams[s], s.End()
	if !c.Known[end] {
		c.Known[end] = true
		c.ISN[end] = h.Seq - 1
		if h.Flags.Has(packets.SYN) {
			c.ISN[end] = h.Seq
			c.MSS[end], c.Scale[end] = packets.SYNOptions(frame[h.Off-tcpHeaderLen(frame, h) : h.Off])
		}
	}
	// Where the segment begins, counted from the nearest number to what was sent last.
	lo := st.next + int64(int32(h.Seq-(c.ISN[end]+1+uint32(st.next))))
	hi := lo + int64(h.Len)
	if h.Flags.Has(packets.SYN) {
		hi++
	}
	if h.Flags.Has(packets.FIN) {
		hi++
	}
	p.Span = Span{Stream: s, Lo: lo, Hi: hi}
	p.Again = hi > lo && lo < st.next
	if hi > st.next {
		st.next = hi
		st.fin = h.Flags.Has(packets.FIN)
	}
}

// tcpHeaderLen is the length of the TCP header that ends where the payload of
// h begins.
func tcpHeaderLen(frame []byte, h *packets.Headers) int {
	ip := frame[h.IPOff:]
	return h.Off - h.IPOff - int(ip[0]&15)*4
}

// unit takes the next datagram of a UDP flow.
func (r *Recorder) unit(h *packets.Headers, at time.Duration, from uint16, n int64) Span {
	local := Endpoint{from, netip.AddrPortFrom(h.Src, h.SrcPort)}
	s := r.Flow(packets.ProtocolUDP, local, netip.AddrPortFrom(h.Dst, h.DstPort), at)
	st := &r.streams[s]
	st.units++
	return Span{Stream: s, Unit: st.units, Lo: 0, Hi: n}
}

// fragment finds the place of a piece of an IP packet. The first piece has the
// ports; the others are known by the datagram's identification.
func (r *Recorder) fragment(p *Packet, h *packets.Headers, row int) {
	d := datagram{h.Src, h.Dst, h.Proto, h.Datagram}
	if h.FragOff == 0 {
		p.Piece = int32(row)
		r.pieces[d] = p.Piece
		if h.Proto == packets.ProtocolUDP && h.SrcPort != 0 {
			p.Span = r.unit(h, p.Sent, p.From, int64(h.Len))
		}
		return
	}
	first, ok := r.pieces[d]
	if !ok {
		return
	}
	p.Piece = first
	if s := r.t.Packets[first].Span; s.Stream >= 0 {
		const udpHeader = 8 // the first piece carries it, so the data begins 8 bytes in
		s.Lo = int64(h.FragOff - udpHeader)
		s.Hi = s.Lo + int64(h.Len)
		p.Span = s
	}
}

// open adds a connection whose first packet belongs to f.
func (r *Recorder) open(f flow, at time.Duration) Stream {
	n := int32(len(r.t.Conns))
	r.t.Conns = append(r.t.Conns, Conn{Proto: f.proto, Opened: at, Scale: [2]int8{-1, -1},
		Ends: [2]Endpoint{{r.hosts[f.src.Addr()], f.src}, {r.hosts[f.dst.Addr()], f.dst}}})
	r.flows[f] = StreamOf(n, 0)
	r.flows[flow{f.proto, f.dst, f.src}] = StreamOf(n, 1)
	first := int64(-1)
	if f.proto == packets.ProtocolUDP {
		first = 0
	}
	r.streams = append(r.streams, stream{next: first}, stream{next: first})
	return StreamOf(n, 0)
}

// Flow returns the stream on which local sends to remote, and adds the
// connection if there is none yet.
func (r *Recorder) Flow(proto uint8, local Endpoint, remote netip.AddrPort, at time.Duration) Stream {
	f := flow{proto, local.Addr, remote}
	if s, ok := r.flows[f]; ok {
		return s
	}
	return r.open(f, at)
}

// Find returns the stream on which local sends to remote, if there is one.
func (r *Recorder) Find(proto uint8, local, remote netip.AddrPort) (Stream, bool) {
	s, ok := r.flows[flow{proto, local, remote}]
	return s, ok
}

// Next is one beyond the last number that was sent on s, SYN and FIN counted.
func (r *Recorder) Next(s Stream) int64 { return r.streams[s].next }

// Sample appends a sample, unless it tells nothing that the last one of the
// same end, in row last (-1: none), did not. It returns the row that now says
// what s says.
func (r *Recorder) Sample(s Sample, last int) int {
	if last >= 0 && s.same(&r.t.Samples[last]) {
		return last
	}
	r.t.Samples = append(r.t.Samples, s)
	return len(r.t.Samples) - 1
}
