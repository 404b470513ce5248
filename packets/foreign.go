package packets

import (
	"github.com/gopacket/gopacket"
)

// foreign is every protocol that has no table here. gopacket knows many of
// them: it says what they are called, how long their headers are and what
// they carry, so that known protocols inside them are opened again.
var foreign = protocol{
	key:   "foreign",
	name:  "Other protocol",
	title: "A protocol without a table here",
	rfc:   "IANA protocol registries",
	about: "Named by the gopacket library and shown as bytes; what it carries is opened where it is known.",
	lay:   layForeign,
	sum:   func(p *part, _ Context) string { return bytesOf(p.size) + ", not opened field by field" },
	fields: []*field{{
		key: "foreign.bytes", name: "header bytes",
		about: "The whole header of a protocol that has no table here.",
		rfc:   "IANA protocol registries",
		place: func(p *part) (int, int) { return 0, p.size * 8 },
		value: hexBytes,
		say: func(r reading) string {
			return "These " + bytesOf(r.bits/8) + " are " + r.name() + ", which has no table of fields here."
		},
	}},
}

func (p *part) isForeign() bool { return len(p.peeled) > 0 }

func layForeign(p *part) {
	if p.outer.isForeign() {
		p.peeled = p.outer.peeled[1:]
	} else {
		p.peeled = gopacket.NewPacket(p.here(), p.outer.next.foreign, gopacket.DecodeOptions{NoCopy: true}).Layers()
	}
	if len(p.peeled) == 0 || p.peeled[0].LayerType() == gopacket.LayerTypeDecodeFailure {
		p.peeled, p.proto = nil, &data
		p.size = p.avail()
		return
	}
	l := p.peeled[0]
	head := l.LayerContents()
	if len(head) == 0 || len(head) > p.avail() || &head[0] != &p.frame[p.off] {
		p.size = p.avail() // gopacket changed its bytes before it read them: where it ends cannot be told
		return
	}
	p.size = len(head)
	p.next = opaque
	if len(p.peeled) > 1 {
		p.next = carriedForeign(p.peeled[1].LayerType())
		p.end = min(p.end, p.off+p.size+len(l.LayerPayload()))
	}
}
