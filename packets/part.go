package packets

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/gopacket/gopacket"
)

// part is one header where it lies in a frame, before anything is put into
// words. Places are in bytes of the frame.
type part struct {
	proto *protocol
	outer *part // what carries it; nil for the outermost
	frame []byte
	off   int // where the header begins
	size  int // bytes of the header that are here
	end   int // where what this header and its payload have of the frame ends

	// missing counts the bytes that a length field promises behind end but
	// that the frame does not have: the capture was cut, or the packet quoted.
	missing int

	src, dst netip.Addr // of the nearest IP header; the zero value without one
	fragment bool       // what it carries is a piece of an IP datagram
	quoted   bool       // inside an ICMP error: part of an earlier packet
	damage   string
	next     carried
	limit    int // bytes of the payload that are for next, if not all; 0: all

	dns    *dnsLayout       // of a DNS message: where everything stands
	peeled []gopacket.Layer // of a foreign part: gopacket's view of it and of what follows
}

// avail counts the bytes that are here for this header and its payload.
func (p *part) avail() int { return p.end - p.off }

// here is the header and payload as far as the frame has them.
func (p *part) here() []byte { return p.frame[p.off:p.end] }

// promised counts the payload's bytes as the length fields tell them.
func (p *part) promised() int { return p.end - p.off - p.size + p.missing }

// u8, u16 and u32 read a number of the header, big endian, i bytes from its
// start. Bytes that are not here read as zero.
func (p *part) u8(i int) uint8 {
	if i+1 > p.avail() {
		return 0
	}
	return p.frame[p.off+i]
}

func (p *part) u16(i int) uint16 {
	if i+2 > p.avail() {
		return 0
	}
	return binary.BigEndian.Uint16(p.frame[p.off+i:])
}

func (p *part) u32(i int) uint32 {
	if i+4 > p.avail() {
		return 0
	}
	return binary.BigEndian.Uint32(p.frame[p.off+i:])
}

// addr4 reads an IPv4 address. Bytes that are not here read as zero.
func (p *part) addr4(i int) netip.Addr {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, p.u32(i))))
}

// header says that the header is n bytes long, and notes when the frame has
// fewer. An ICMP error quotes only the beginning of a packet, which is no damage.
func (p *part) header(n int) {
	p.size = min(n, p.avail())
	if p.size < n && !p.quoted {
		p.harm("only %d of its %d header bytes are here", p.size, n)
	}
}

// whole says whether all n bytes of a header are here.
func (p *part) whole(n int) bool { return p.avail() >= n }

// harm adds what is wrong with this layer.
func (p *part) harm(format string, a ...any) {
	if p.damage != "" {
		p.damage += "; "
	}
	p.damage += fmt.Sprintf(format, a...)
}

// carrier finds the nearest part of protocol key that this one lies in, or nil.
func (p *part) carrier(key string) *part {
	for o := p.outer; o != nil; o = o.outer {
		if o.proto.key == key {
			return o
		}
	}
	return nil
}

// reading is one field of one packet, read: what its value and its sentence
// are made from.
type reading struct {
	*part
	ctx       Context
	field     *field
	parent    *field // of a kid; nil of a field of the header itself
	bit, bits int    // from the start of the layer
	raw       uint64 // of a field of up to 64 bits
}

// bytes are the bytes that hold the field, the first and the last whole.
func (r reading) bytes() []byte {
	return r.frame[r.off+r.bit/8 : r.off+(r.bit+r.bits+7)/8]
}

// from and to name the two ends: the names that the context knows, or else
// the addresses.
func (r reading) from() string { return end(r.ctx.From, r.src, "the sender") }
func (r reading) to() string   { return end(r.ctx.To, r.dst, "the receiver") }

// Bits reads a number of up to 64 bits from b, of which the first is bit, most
// significant first. A longer one, or one that is not all there, is 0.
func Bits(b []byte, bit, bits int) uint64 {
	if bits > 64 || bit+bits > 8*len(b) {
		return 0
	}
	return bitsOf(b, bit, bits)
}

// bitsOf reads up to 64 bits of b, of which the first is bit, most significant
// first, as RFCs count them. The caller sees to it that they are there.
func bitsOf(b []byte, bit, bits int) (n uint64) {
	for i := bit; i < bit+bits; {
		// A byte at a time: what of this one belongs to the field.
		left := 8 - i%8
		take := min(left, bit+bits-i)
		n = n<<take | uint64(b[i/8]>>(left-take))&(1<<take-1)
		i += take
	}
	return n
}
