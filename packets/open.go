package packets

import (
	"iter"
	"slices"
)

// maxLayers bounds how deep a frame is opened. Tunnels in tunnels are rarely
// ten deep; a frame made to be deeper must not cost more than its length.
const maxLayers = 32

// Packet is a frame whose layers have been found, but not yet put into words.
// It reads the frame it was opened from, which must not change meanwhile.
// The zero Packet has no layers.
type Packet struct {
	parts []*part
}

// Open finds the layers of a frame. It never panics, whatever the bytes.
func Open(frame []byte, link Link) Packet {
	if len(frame) == 0 {
		return Packet{}
	}
	var parts []*part
	for p := outermost(frame, link); p != nil; p = p.inner(len(parts)) {
		p.proto.lay(p)
		parts = append(parts, p)
	}
	return Packet{append(parts, leftovers(parts)...)}
}

func outermost(frame []byte, link Link) *part {
	p := &part{proto: &data, frame: frame, end: len(frame)}
	switch {
	case link == LinkEthernet:
		p.proto = &ethernet
	case link == LinkIP && frame[0]>>4 == 4:
		p.proto = &ipv4
	case link == LinkIP && frame[0]>>4 == 6:
		p.proto = &ipv6
	}
	return p
}

// inner is the part that p carries, or nil; depth counts the parts so far.
func (p *part) inner(depth int) *part {
	if p.next == (carried{}) {
		return nil
	}
	in := &part{
		proto: table(p.next.key), outer: p, frame: p.frame,
		off: p.off + p.size, end: p.end, missing: p.missing,
		src: p.src, dst: p.dst, fragment: p.fragment, quoted: p.quoted,
	}
	if p.quotes() {
		in.quoted, in.fragment = true, false
	}
	if p.limit > 0 {
		in.end = min(in.end, in.off+p.limit)
	}
	if in.avail() == 0 {
		if p.next != opaque && p.size > 0 && p.damage == "" && !p.quoted {
			p.harm("nothing is here of what it says it carries")
		}
		return nil
	}
	if p.next.foreign != 0 {
		in.proto = &foreign
	}
	if depth >= maxLayers {
		in.proto = &data
		p.harm("layers inside the first %d are not opened", maxLayers)
	}
	return in
}

// quotes says whether what p carries is the beginning of an earlier packet.
func (p *part) quotes() bool {
	return p.proto == &icmp && p.next.key == "ipv4" || p.proto == &icmpv6 && p.next.key == "ipv6"
}

// leftovers are the bytes that a layer has behind what its payload says it is
// long: Ethernet's padding above all. They come in the order of the frame.
func leftovers(parts []*part) []*part {
	var left []*part
	for _, p := range slices.Backward(parts) {
		holder, end := p, len(p.frame) // an IEEE 802.3 length ends the frame itself
		if p.outer != nil {
			holder, end = p.outer, p.outer.end
		}
		if p.end < end {
			left = append(left, &part{
				proto: &padding, outer: holder, frame: p.frame,
				off: p.end, size: end - p.end, end: end, quoted: holder.quoted,
			})
		}
	}
	return left
}

// Layers puts the packet's layers into words, outermost first.
func (p Packet) Layers(ctx Context) []Layer {
	out := make([]Layer, len(p.parts))
	for i, part := range p.parts {
		out[i] = part.layer(ctx)
	}
	return out
}

// Has says whether the packet has a layer of that protocol.
func (p Packet) Has(protocol string) bool {
	return slices.ContainsFunc(p.parts, func(q *part) bool { return q.key() == protocol })
}

// Value is one field as it stands in a frame, not put into words.
type Value struct {
	Uint      uint64 // of a field of up to 64 bits; 0 of a longer one
	Bytes     []byte // the bytes that hold it, the first and last whole; of the frame itself
	Bit, Bits int    // from the start of its layer
	Quoted    bool   // inside an ICMP error: of an earlier packet
}

// Read yields every field with that key, in the order of the frame: a packet
// has several where headers nest, or options repeat. It puts nothing into
// words, so that a filter may ask it of many packets.
func (p Packet) Read(key string) iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for _, q := range p.parts {
			for r := range q.readings(Context{}) {
				if !r.walk(key, yield) {
					return
				}
			}
		}
	}
}

// walk yields r and its kids that have the key; false means stop.
func (r reading) walk(key string, yield func(Value) bool) bool {
	if r.field.key == key && !yield(Value{r.raw, r.bytes(), r.bit, r.bits, r.quoted}) {
		return false
	}
	for kid := range r.kids() {
		if !kid.walk(key, yield) {
			return false
		}
	}
	return true
}
