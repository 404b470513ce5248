package packets

import (
	"iter"
	"strings"
)

// readings yields the header's fields, in the order of the wire, so that they
// cover its bytes without gap or overlap. Where the frame ends inside a
// field, what is left of the header is one field that says so.
func (p *part) readings(ctx Context) iter.Seq[reading] {
	return func(yield func(reading) bool) {
		if p.quoted {
			ctx = Context{} // it is about the packet that carries the quote
		}
		at := 0
		for _, f := range p.proto.fields {
			if f.when != nil && !f.when(p) {
				continue
			}
			bit, bits := f.bit, f.bits
			if f.place != nil {
				bit, bits = f.place(p)
			}
			if bits == 0 {
				continue
			}
			if bit+bits > p.size*8 {
				break
			}
			if !yield(p.read(ctx, f, bit, bits)) {
				return
			}
			at = bit + bits
		}
		if at < p.size*8 {
			yield(p.read(ctx, &cutField, at, p.size*8-at))
		}
	}
}

func (p *part) read(ctx Context, f *field, bit, bits int) reading {
	r := reading{part: p, ctx: ctx, field: f, bit: bit, bits: bits}
	if bits <= 64 {
		r.raw = bitsOf(p.frame[p.off:], bit, bits)
	}
	return r
}

// kids yields the parts of a field.
func (r reading) kids() iter.Seq[reading] {
	return func(yield func(reading) bool) {
		if r.field.find != nil {
			for _, s := range r.field.find(r) {
				if !yield(r.kid(s)) {
					return
				}
			}
			return
		}
		for _, k := range r.field.kids {
			bits := k.bits
			if bits == 0 { // the rest of its parent
				bits = r.bits - k.bit
			}
			if bits <= 0 || k.when != nil && !k.when(r.part) {
				continue
			}
			if !yield(r.kid(spot{k, k.bit, bits})) {
				return
			}
		}
	}
}

func (r reading) kid(s spot) reading {
	k := r.read(r.ctx, s.field, r.bit+s.bit, s.bits)
	k.parent = r.field
	return k
}

// key is the protocol's key. A protocol without a table goes by the name that
// gopacket has for it.
func (p *part) key() string {
	if p.isForeign() {
		return strings.ToLower(p.name())
	}
	return p.proto.key
}

func (p *part) name() string {
	if p.isForeign() {
		return p.peeled[0].LayerType().String()
	}
	return p.proto.name
}

func (p *part) layer(ctx Context) Layer {
	l := Layer{
		Protocol: p.key(), Name: p.name(), Off: p.off, Len: p.size,
		Summary: p.proto.sum(p, ctx), Damage: p.damage, Quoted: p.quoted,
	}
	for r := range p.readings(ctx) {
		l.Fields = append(l.Fields, r.render())
	}
	return l
}

func (r reading) render() Field {
	f := Field{
		Key: r.field.key, Name: r.field.name, Bit: r.bit, Bits: r.bits, Raw: r.raw,
		Value: r.value(), Say: r.field.say(r), RFC: r.field.rfc,
	}
	for kid := range r.kids() {
		f.Kids = append(f.Kids, kid.render())
	}
	return f
}

func (r reading) value() string {
	if r.field.value != nil {
		return r.field.value(r)
	}
	return group(r.raw)
}
