package packets

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/gopacket/gopacket"
)

// datagramKey is what the pieces of one datagram have in common.
type datagramKey struct {
	src, dst netip.Addr
	id       uint32
	proto    uint8 // 0 of IPv6, whose identification is large enough
}

// assembly is a datagram that is not whole yet.
type assembly struct {
	key     datagramKey
	first   time.Duration
	head    []byte // what comes before the pieces' bytes, from the first piece
	next    int    // of IPv6: where in head the protocol of what follows stands
	chunks  []chunk
	bytes   int // in chunks
	total   int // how many there will be; 0 if not known yet
	pieces  []int
	charged int
	given   bool // given up, and kept so that late pieces do not begin it anew
}

// chunk is a run of bytes that came in one piece. Chunks do not overlap.
type chunk struct {
	off int
	b   []byte
}

func (c chunk) end() int { return c.off + len(c.b) }

// What a datagram and each of its chunks cost beside their bytes.
const (
	assemblyCost = 256
	chunkCost    = 64
)

// fragmentPiece is one piece of a datagram, still in its frame.
type fragmentPiece struct {
	key  datagramKey
	head []byte // the headers before its bytes: of IPv6, without the fragment header
	next int    // of IPv6: where in head the protocol of what follows stands
	kind uint8  // of IPv6: and what that is
	off  int
	b    []byte
	last bool
}

// mostDatagram is the length in bytes of the longest IP datagram (RFC 791
// section 3.1; RFC 8200 section 3: of its payload).
const mostDatagram = 65535

// pieceOf reads a frame as a piece of a datagram. It refuses what cannot be
// one: a piece that others follow and that is no multiple of 8 bytes long, one
// that reaches beyond the longest datagram, an empty one, one that is not whole.
func pieceOf(frame []byte) (p fragmentPiece, ok bool) {
	h := Scan(frame)
	if !h.OK || !h.Fragment() {
		return p, false
	}
	packet := frame[h.IPOff : h.IPOff+h.IPLen]
	p.key = datagramKey{h.Src, h.Dst, h.Datagram, h.Proto}
	p.off, p.last = h.FragOff, !h.MoreFrags
	told := int(binary.BigEndian.Uint16(packet[2:]))
	if h.EtherType == EtherTypeIPv6 {
		p.key.proto = 0
		told = ipv6Fixed + int(binary.BigEndian.Uint16(packet[4:]))
		p.splitIPv6(packet)
	} else {
		ihl := int(packet[0]&15) * 4
		p.head, p.b = packet[:ihl], packet[ihl:]
	}
	switch {
	case told != len(packet), len(p.b) == 0, p.off+len(p.b) > mostDatagram, !p.last && len(p.b)%8 != 0:
		return p, false
	}
	return p, true
}

// splitIPv6 finds the fragment header, which a scan has found to be there.
func (p *fragmentPiece) splitIPv6(packet []byte) {
	kind, ref, at := packet[6], 6, ipv6Fixed
	for kind != protocolFragment {
		n := extensionLen(kind, packet[at:])
		kind, ref, at = packet[at], at, at+n
	}
	p.head, p.next, p.kind, p.b = packet[:at], ref, packet[at], packet[at+8:]
}

// take adds a piece, and says whether some of its bytes were wanted.
func (a *assembly) take(p fragmentPiece) bool {
	v6 := p.key.src.Is6()
	end := p.off + len(p.b)
	highest := 0
	if n := len(a.chunks); n > 0 {
		highest = a.chunks[n-1].end()
	}
	if a.total > 0 && end > a.total || p.last && end < highest {
		// It reaches behind the end that is known, or ends before bytes that are here.
		if v6 {
			a.giveUp()
		}
		return false
	}
	if v6 && a.overlaps(p) {
		if !a.holds(p) {
			a.giveUp()
		}
		return false
	}
	if p.last {
		a.total = end
	}
	if p.off == 0 && a.head == nil {
		a.head, a.next = slices.Clone(p.head), p.next
		if v6 {
			a.head[p.next] = p.kind
		}
	}
	return a.fill(p.off, p.b)
}

// giveUp forgets everything but that the datagram is not wanted.
func (a *assembly) giveUp() {
	*a = assembly{key: a.key, first: a.first, charged: a.charged, given: true}
}

// overlaps says whether some byte of the piece is here already, and holds
// whether it came before just as it is.
func (a *assembly) overlaps(p fragmentPiece) bool {
	return slices.ContainsFunc(a.chunks, func(c chunk) bool { return c.off < p.off+len(p.b) && p.off < c.end() })
}

func (a *assembly) holds(p fragmentPiece) bool {
	return slices.ContainsFunc(a.chunks, func(c chunk) bool { return c.off == p.off && bytes.Equal(c.b, p.b) })
}

// fill puts b, which belongs at off, into the holes between the chunks.
func (a *assembly) fill(off int, b []byte) (some bool) {
	i, _ := slices.BinarySearchFunc(a.chunks, off, func(c chunk, off int) int { return c.end() - off })
	for ; len(b) > 0; i++ {
		n := len(b) // up to the next chunk
		if i < len(a.chunks) {
			n = min(n, a.chunks[i].off-off)
		}
		if n > 0 {
			a.chunks = slices.Insert(a.chunks, i, chunk{off, slices.Clone(b[:n])})
			a.bytes += n
			some = true
		} else { // here is a chunk already
			n = min(len(b), a.chunks[i].end()-off)
		}
		off, b = off+n, b[n:]
	}
	return some
}

// packet puts a whole datagram together; nil if it is longer than one can be.
func (a *assembly) packet() []byte {
	b := slices.Clone(a.head)
	for _, c := range a.chunks {
		b = append(b, c.b...)
	}
	if a.key.src.Is6() {
		if len(b)-ipv6Fixed > mostDatagram {
			return nil
		}
		binary.BigEndian.PutUint16(b[4:], uint16(len(b)-ipv6Fixed))
		return b
	}
	if len(b) > mostDatagram {
		return nil
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	binary.BigEndian.PutUint16(b[6:], binary.BigEndian.Uint16(b[6:])&0xc000) // whole, at 0
	binary.BigEndian.PutUint16(b[10:], 0)
	binary.BigEndian.PutUint16(b[10:], gopacket.FoldChecksum(gopacket.ComputeChecksum(b[:len(a.head)], 0)))
	return b
}
