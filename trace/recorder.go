package trace

import (
	"net/netip"
	"slices"
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
	units   map[datagram]int32 // which datagram of its flow it is
	hosts   map[netip.Addr]uint16
	sent    []uint32 // IP packets sent, by host
	renewed map[Stream]Stream
	given   map[flow]int32 // datagrams that programs wrote
	unsent  []unsent       // by host
	g       *growing       // of a growing trace; nil: the tables of t are all there is
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
	data  int64   // bytes of data sent
	fresh uint32  // segments with data that was not sent before
	units int32   // datagrams sent: the highest unit
	inbox []int32 // units that came to the other socket and were not read yet
}

// NewRecorder returns a recorder for an empty trace.
func NewRecorder(t *Trace) *Recorder {
	return &Recorder{t: t, flows: map[flow]Stream{}, pieces: map[datagram]int32{}, units: map[datagram]int32{}, hosts: map[netip.Addr]uint16{}, renewed: map[Stream]Stream{}, given: map[flow]int32{}}
}

// Host adds a host to the trace and returns its number.
func (r *Recorder) Host(h Host) uint16 {
	n := uint16(len(r.t.Hosts))
	r.t.Hosts = append(r.t.Hosts, h)
	r.hosts[h.Addr] = n
	r.sent = append(r.sent, 0)
	r.unsent = append(r.unsent, unsent{})
	return n
}

// Address notes one more address of a host.
func (r *Recorder) Address(host uint16, addr netip.Addr) { r.hosts[addr] = host }

// Packet appends a frame that was sent, of which p says from where to where,
// when and why, and returns its row and its headers. The frame's parts are
// copied.
func (r *Recorder) Packet(p Packet, parts ...[]byte) (row int, h packets.Headers) {
	t := r.t
	p.Left, p.Arrived, p.Piece, p.Flip, p.Span = Never, Never, -1, -1, Span{Stream: -1}
	p.ref = t.arena.keep(parts)
	frame := t.arena.bytes(p.ref)
	h = packets.Scan(frame)
	row = r.Packets()
	if h.IPLen > 0 {
		r.sent[p.From]++
		p.Nth = r.sent[p.From]
	}
	if h.IPLen > 0 && r.hosts[h.Src] != p.From {
		p.Hop = true
	}
	switch {
	case h.Fragment():
		r.fragment(&p, &h, row)
	case h.SrcPort == 0 && h.DstPort == 0:
		// ARP, ICMP, or cut off: no stream.
	case h.Proto == packets.ProtocolTCP:
		r.segment(&p, &h, frame)
	case h.Proto == packets.ProtocolUDP:
		p.Span = r.unit(&p, &h)
	}
	r.add(p)
	return row, h
}

// add appends a row.
func (r *Recorder) add(p Packet) {
	if r.g == nil {
		r.t.Packets = append(r.t.Packets, p)
		return
	}
	r.g.packets.add(p)
	r.g.size += sizeOfPacket(&p)
	r.g.frames += int64(p.Len())
	r.t.arena.hold(p.ref)
	r.trim()
}

// Packets is how many rows of packets there were so far.
func (r *Recorder) Packets() int {
	if r.g == nil {
		return len(r.t.Packets)
	}
	return r.g.packets.n
}

// At returns the packet in a row, to be written to before the next one is
// added. In the place of one that was dropped there is another, which belongs to
// nothing.
func (r *Recorder) At(row int) *Packet {
	if r.g == nil {
		return &r.t.Packets[row]
	}
	return r.g.at(row)
}

func (g *growing) at(row int) *Packet {
	if p := g.packets.change(row); p != nil {
		return p
	}
	g.spare = Packet{Left: Never, Arrived: Never, Piece: -1, Flip: -1, Span: Span{Stream: -1}}
	return &g.spare
}

// Copy appends a second record of the packet in row, which the wire delivers
// twice, and returns its row. No host has sent it.
func (r *Recorder) Copy(row int) int {
	n := r.Flood(row)
	r.At(n).Copy = true
	return n
}

// Flood appends a record of the packet in row for one more host that gets it,
// and returns its row.
func (r *Recorder) Flood(row int) int {
	p := *r.At(row)
	p.Nth = 0
	r.add(p)
	return r.Packets() - 1
}

// segment finds the place of a TCP segment on its stream. What is sent on tells
// nothing new, and nothing at all if it was damaged on the way there so that it
// is of no stream that was seen.
func (r *Recorder) segment(p *Packet, h *packets.Headers, frame []byte) {
	f := flow{h.Proto, netip.AddrPortFrom(h.Src, h.SrcPort), netip.AddrPortFrom(h.Dst, h.DstPort)}
	s, ok := r.flows[f]
	if p.Hop {
		if ok && r.t.Conns[s.Conn()].Known[s.End()] {
			lo, hi := r.place(s, h)
			if lo >= -1 && hi <= r.streams[s].next {
				p.Span = Span{Stream: s, Lo: lo, Hi: hi}
			}
		}
		return
	}
	if ok && h.Flags.Has(packets.SYN) {
		c := &r.t.Conns[s.Conn()]
		if c.Known[s.End()] && c.ISN[s.End()] != h.Seq {
			// The same ports used again, with a new initial number: a new connection.
			ok = h.Flags.Has(packets.ACK)
			if ok {
				s = r.renew(f, s, p.Sent)
			}
		}
	}
	if !ok {
		s = r.open(f, p.Sent)
	}
	c, st, end := &r.t.Conns[s.Conn()], &r.streams[s], s.End()
	if h.Flags.Has(packets.RST) {
		// One that answers a segment that no connection wanted takes its number
		// from there (RFC 9293 section 3.10.7.1): that tells none of the sender's.
		p.Span = Span{Stream: s, Lo: st.next, Hi: st.next}
		if lo, hi := r.place(s, h); c.Known[end] && lo >= -1 && hi <= st.next {
			p.Span.Lo, p.Span.Hi = lo, hi
		}
		return
	}
	if !c.Known[end] {
		c = r.change(s.Conn())
		c.Known[end] = true
		c.ISN[end] = h.Seq - 1
		if h.Flags.Has(packets.SYN) {
			c.ISN[end] = h.Seq
			c.MSS[end], c.Scale[end] = packets.SYNOptions(frame[h.L4Off:h.Off])
		}
	}
	lo, hi := r.place(s, h)
	p.Span = Span{Stream: s, Lo: lo, Hi: hi}
	p.Again = hi > lo && lo < st.next
	st.next = max(st.next, hi)
	if h.Flags.Has(packets.SYN) {
		lo++
	}
	if h.Len > 0 && lo+int64(h.Len) > st.data {
		st.data = lo + int64(h.Len)
		st.fresh++
		p.Fresh = st.fresh
	}
}

// change returns a connection that may be written to: not one that a reader of
// a growing trace has.
func (r *Recorder) change(conn int32) *Conn {
	if r.g != nil && int(conn) < r.g.shared {
		r.t.Conns = slices.Clone(r.t.Conns)
		r.g.shared = 0
	}
	return &r.t.Conns[conn]
}

// place is where a segment lies on s, counted from the nearest number to what
// was sent last.
func (r *Recorder) place(s Stream, h *packets.Headers) (lo, hi int64) {
	c, next := &r.t.Conns[s.Conn()], r.streams[s].next
	lo = next + int64(int32(h.Seq-(c.ISN[s.End()]+1+uint32(next))))
	hi = lo + int64(h.Len)
	if h.Flags.Has(packets.SYN) {
		hi++
	}
	if h.Flags.Has(packets.FIN) {
		hi++
	}
	return lo, hi
}

// unit takes the next datagram of a UDP flow; one that is sent on is still the
// same, or none that was seen if it was damaged on the way there.
func (r *Recorder) unit(p *Packet, h *packets.Headers) Span {
	d := datagram{h.Src, h.Dst, h.Proto, h.Datagram}
	if p.Hop {
		s, ok := r.flows[flow{packets.ProtocolUDP, netip.AddrPortFrom(h.Src, h.SrcPort), netip.AddrPortFrom(h.Dst, h.DstPort)}]
		if !ok || r.units[d] == 0 {
			return Span{Stream: -1}
		}
		return Span{Stream: s, Unit: r.units[d], Lo: 0, Hi: int64(h.Len)}
	}
	local, remote := netip.AddrPortFrom(h.Src, h.SrcPort), netip.AddrPortFrom(h.Dst, h.DstPort)
	s := r.Flow(packets.ProtocolUDP, Endpoint{r.hosts[h.Src], local}, remote, p.Sent)
	st := &r.streams[s]
	r.units[d] = r.sending(p.From, flow{packets.ProtocolUDP, local, remote})
	if r.units[d] == 0 { // nobody offered it
		r.units[d] = st.units + 1
	}
	st.units = max(st.units, r.units[d])
	return Span{Stream: s, Unit: r.units[d], Lo: 0, Hi: int64(h.Len)}
}

// fragment finds the place of a piece of an IP packet. The first piece has the
// ports; the others are known by the datagram's identification.
func (r *Recorder) fragment(p *Packet, h *packets.Headers, row int) {
	d := datagram{h.Src, h.Dst, h.Proto, h.Datagram}
	if h.FragOff == 0 {
		p.Piece = int32(row)
		r.pieces[d] = p.Piece
		if h.Proto == packets.ProtocolUDP && h.SrcPort != 0 {
			p.Span = r.unit(p, h)
		}
		return
	}
	first, ok := r.pieces[d]
	if !ok {
		return
	}
	p.Piece = first
	if s := r.At(int(first)).Span; s.Stream >= 0 {
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

// renew adds a connection for a SYN of f that answers the SYN of its peer with
// another initial number than before: the first answer was given up, and the
// peer's SYN came again. To the peer, which has heard of neither, it is still
// the one that it asked for.
func (r *Recorder) renew(f flow, s Stream, at time.Duration) Stream {
	old, was := r.t.Conns[s.Conn()], s^1
	n := r.open(f, at)
	if n.End() != s.End() {
		// Its end 0 is still the one that spoke first.
		r.flows[f], r.flows[flow{f.proto, f.dst, f.src}] = n^1, n
		n ^= 1
	}
	c, peer := &r.t.Conns[n.Conn()], was.End()
	*c = Conn{Proto: old.Proto, Ends: old.Ends, Opened: at, Scale: [2]int8{-1, -1}}
	c.Known[peer], c.ISN[peer], c.MSS[peer], c.Scale[peer] = old.Known[peer], old.ISN[peer], old.MSS[peer], old.Scale[peer]
	r.streams[n^1] = r.streams[was]
	r.renewed[n^1] = was
	return n
}

// Renews returns the stream that s goes on from, if its peer answered the SYN
// on that a second time with another initial number.
func (r *Recorder) Renews(s Stream) (was Stream, ok bool) {
	was, ok = r.renewed[s]
	return was, ok
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

// SentBy is how many IP packets a host has sent.
func (r *Recorder) SentBy(host uint16) int { return int(r.sent[host]) }

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
	t := r.t
	if i := last - t.Dropped.Samples; last >= 0 && i >= 0 && s.same(&t.Samples[i]) {
		return last
	}
	t.Samples = append(t.Samples, s)
	row := t.Dropped.Samples + len(t.Samples) - 1
	if r.g != nil {
		r.g.size += sizeOfSample
		r.trim()
	}
	return row
}
