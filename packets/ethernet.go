package packets

import "fmt"

var ethernet = protocol{
	key:   "ethernet",
	name:  "Ethernet",
	title: "Ethernet II",
	rfc:   "RFC 894 and IEEE 802.3",
	about: "Carries a packet across one link, from one network card to another.",
	lay:   layEthernet,
	sum: func(p *part, _ Context) string {
		if !p.whole(12) {
			return bytesOf(p.size)
		}
		return mac(p.here()[6:12]) + " to " + mac(p.here()[:6])
	},
	fields: []*field{
		{
			key: "eth.dst", name: "destination address", bit: 0, bits: 48,
			about: "The network card on this link that the frame is for.",
			rfc:   "IEEE 802.3 section 3.2.4",
			value: func(r reading) string { return mac(r.bytes()) },
			say:   sayEthDst,
			kids: []*field{
				localBit("eth.dst.lg", "IEEE 802.3 section 3.2.3"),
				{
					key: "eth.dst.ig", name: "individual or group", bit: 7, bits: 1,
					about: "Whether the address is one card's or a group's.",
					rfc:   "IEEE 802.3 section 3.2.3",
					value: func(r reading) string { return bit01("group", "individual")(r) },
					say: bit01("Set: the frame is for a group of cards, not for one.",
						"Not set: the frame is for one card."),
				},
			},
		},
		{
			key: "eth.src", name: "source address", bit: 48, bits: 48,
			about: "The network card on this link that sent the frame.",
			rfc:   "IEEE 802.3 section 3.2.5",
			value: func(r reading) string { return mac(r.bytes()) },
			say: func(r reading) string {
				return "The card " + mac(r.bytes()) + " put this frame on the link. A router would put its own address here, so it names the last hop, which need not be the origin."
			},
			kids: []*field{
				localBit("eth.src.lg", "IEEE 802.3 section 3.2.3"),
				{
					key: "eth.src.ig", name: "individual or group", bit: 7, bits: 1,
					about: "Always 0: only one card can send.",
					rfc:   "IEEE 802.3 section 3.2.3",
					value: func(r reading) string { return bit01("group", "individual")(r) },
					say: bit01("Set, which no source address may have: only one card can send.",
						"Not set: one card sent this."),
				},
			},
		},
		{
			key: "eth.type", name: "type", bit: 96, bits: 16,
			about: "Which protocol the frame carries, from 0x0600 up.",
			rfc:   "RFC 894",
			when:  func(p *part) bool { return !isLength(p) },
			value: func(r reading) string {
				return fmt.Sprintf("0x%04x, %s", r.raw, etherTypeName(uint16(r.raw)))
			},
			say: func(r reading) string {
				return fmt.Sprintf("The receiver is to hand what follows to its %s.", etherTypeName(uint16(r.raw)))
			},
		},
		{
			key: "eth.len", name: "length", bit: 96, bits: 16,
			about: "How many bytes the frame carries, up to 1,500; IEEE 802.3's other use of the type field.",
			rfc:   "IEEE 802.3 section 3.2.6",
			when:  isLength,
			say: func(r reading) string {
				return "A value up to 1,500 is a length, not a type: " + bytesOf(r.raw) + " follow, and an LLC header in them says what they are."
			},
		},
	},
}

// localBit is the second lowest bit of an address's first byte.
func localBit(key, rfc string) *field {
	return &field{
		key: key, name: "universal or local", bit: 6, bits: 1, rfc: rfc,
		about: "Whether the address was given by the maker of the card or by somebody here.",
		value: func(r reading) string { return bit01("local", "universal")(r) },
		say: bit01("Set: the address was given by local administration, so it need not be unique in the world.",
			"Not set: the maker of the card gave the address, and nobody else may use it."),
	}
}

func layEthernet(p *part) {
	p.header(EthernetHeaderLen)
	if !p.whole(EthernetHeaderLen) {
		return
	}
	if !isLength(p) {
		p.next = carriedByEtherType(p.u16(12))
		return
	}
	p.next = carriedLLC
	n := int(p.u16(12))
	if end := p.off + p.size + n; end <= p.end {
		p.end = end
	} else {
		p.missing = end - p.end
		p.harm("the length field promises %s, only %s are here", bytesOf(n), group(p.avail()-p.size))
	}
}

// isLength says whether the type field holds a length (IEEE 802.3 section 3.2.6).
func isLength(p *part) bool { return p.whole(EthernetHeaderLen) && p.u16(12) <= 1500 }

func sayEthDst(r reading) string {
	switch {
	case r.raw == 1<<48-1:
		return "All ones is the broadcast address: every card on this link takes the frame."
	case r.bytes()[0]&1 == 1:
		return "A group address: every card that listens to this group takes the frame."
	}
	return "The frame is for the card " + mac(r.bytes()) + "; any other card on this link ignores it."
}
