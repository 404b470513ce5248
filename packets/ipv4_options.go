package packets

import "fmt"

var ipOptions = &field{
	key: "ip.options", name: "options",
	about: "Rare requests to routers; many drop a packet that has any.", rfc: "RFC 791 section 3.1",
	place: optionsPlace(ipv4Fixed),
	value: func(r reading) string { return bytesOf(r.bits / 8) },
	say:   always("Requests to the routers on the way. Many routers ignore them, or drop a packet that has any (RFC 7126)."),
	kids: []*field{
		ipEnd, ipNop, ipRecordRoute, ipTimestamp, ipLooseRoute, ipStrictRoute, ipRouterAlert, ipSecurity, ipStream,
		ipUnknown, ipBad, ipPad,
	},
	find: ipOptionList.find(ipBad, ipPad),
}

var ipOptionList = optionList{of: ipOptionOf, lone: 2, ends: true, unit: 1}

func ipOptionOf(kind uint8) (*field, func(int) bool) {
	switch kind {
	case optionEnd:
		return ipEnd, nil
	case optionNop:
		return ipNop, nil
	case 7:
		return ipRecordRoute, atLeast(3)
	case 68:
		return ipTimestamp, atLeast(4)
	case 130:
		return ipSecurity, atLeast(3)
	case 131:
		return ipLooseRoute, atLeast(3)
	case 136:
		return ipStream, exactly(4)
	case 137:
		return ipStrictRoute, atLeast(3)
	case 148:
		return ipRouterAlert, exactly(4)
	}
	return ipUnknown, atLeast(2)
}

var (
	ipKind = &field{
		key: "ip.opt.type", name: "option-type", bit: 0, bits: 8,
		about: "Which option it is; the top bit says that every piece must carry it.", rfc: "RFC 791 section 3.1",
		value: number,
		say: func(r reading) string {
			if r.raw&0x80 != 0 {
				return "The top bit is set: if the packet is cut, every piece carries this option."
			}
			return "The top bit is not set: if the packet is cut, only the first piece carries this option."
		},
	}
	ipLen = &field{
		key: "ip.opt.len", name: "option-length", bit: 8, bits: 8,
		about: "Bytes of the whole option.", rfc: "RFC 791 section 3.1",
		say: func(r reading) string { return "The option is " + bytesOf(r.raw) + " long, these two counted." },
	}
	ipRest = &field{
		key: "ip.opt.data", name: "option-data", bit: 16,
		about: "What the option says.", rfc: "RFC 791 section 3.1", value: hexBytes,
		say: func(r reading) string { return "The option's own " + bytesOf(r.bits/8) + "." },
	}

	ipEnd = &field{
		key: "ip.options.end", name: "end of option list",
		about: "No more options.", rfc: "RFC 791 section 3.1", value: always("end"),
		say: always("No more options follow."), kids: []*field{ipKind},
	}
	ipNop = &field{
		key: "ip.options.nop", name: "no operation",
		about: "Filler between options.", rfc: "RFC 791 section 3.1", value: always("no-op"),
		say: always("One byte of filler, to begin the next option where the sender wants it."), kids: []*field{ipKind},
	}
	ipRecordRoute = ipOption("ip.options.record_route", "record route", "RFC 791 section 3.1",
		"Asks every router to write its address into the packet.",
		always("To every router: write your address here, while there is room."))
	ipTimestamp = ipOption("ip.options.timestamp", "internet timestamp", "RFC 791 section 3.1",
		"Asks every router to write the time into the packet.",
		always("To every router: write here when this passed you, while there is room."))
	ipLooseRoute = ipOption("ip.options.lsr", "loose source and record route", "RFC 791 section 3.1",
		"Gives routers that the packet must visit, with others between.",
		always("To every router: this must pass the addresses listed here, others between are fine. Nearly all routers refuse (RFC 7126)."))
	ipStrictRoute = ipOption("ip.options.ssr", "strict source and record route", "RFC 791 section 3.1",
		"Gives the exact routers of the way.",
		always("To every router: this must pass the addresses listed here and no others. Nearly all routers refuse (RFC 7126)."))
	ipRouterAlert = ipOption("ip.options.router_alert", "router alert", "RFC 2113 section 2.1",
		"Asks routers on the way to look inside the packet.",
		always("To every router: look into this packet, even though it is not for you."))
	ipSecurity = ipOption("ip.options.security", "security", "RFC 1108 section 2",
		"A classification level, for networks that use them.",
		always("A classification level. Outside networks made for it, nobody reads it."))
	ipStream = ipOption("ip.options.stream_id", "stream identifier", "RFC 6814 section 2",
		"A number of the SATNET network; obsolete.",
		always("A stream's number in the SATNET network, which is gone; the option is obsolete."))
	ipUnknown = ipOption("ip.options.unknown", "unknown option", "RFC 1122 section 3.2.1.8",
		"An option without a table here; its length says where the next begins.",
		func(r reading) string {
			return fmt.Sprintf("Option %d is not opened here. A host that does not know it skips its %s.", r.bytes()[0], bytesOf(r.bits/8))
		})
	ipBad = ipOptionList.malformed("ip.options.malformed", "RFC 791 section 3.1")
	ipPad = optionPad("ip.opt.padding", "RFC 791 section 3.1")
)

func ipOption(key, name, rfc, about string, say func(reading) string) *field {
	return &field{
		key: key, name: name, rfc: rfc, about: about, say: say,
		value: func(r reading) string { return bytesOf(r.bits / 8) },
		kids:  []*field{ipKind, ipLen, ipRest},
	}
}
