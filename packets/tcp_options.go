package packets

import "fmt"

var tcpOptions = &field{
	key: "tcp.options", name: "options",
	about: "What the two ends agree on beyond the fixed header.", rfc: "RFC 9293 section 3.2",
	place: optionsPlace(tcpFixed),
	value: func(r reading) string { return bytesOf(r.bits / 8) },
	say: func(r reading) string {
		return bytesOf(r.bits/8) + " of options, each with its kind and its length; a receiver skips those that it does not know."
	},
	kids: []*field{
		tcpEnd, tcpNop, tcpMSS, tcpScale, tcpSACKPermitted, tcpSACK, tcpTimestamps, tcpMD5, tcpUserTimeout,
		tcpAuth, tcpMultipath, tcpFastOpen, tcpUnknown, tcpBad, tcpPad,
	},
	find: tcpOptionList.find(tcpBad, tcpPad),
}

var tcpOptionList = optionList{of: tcpOptionOf, lone: 2, ends: true, unit: 1}

// tcpOptionOf knows the options by their kinds (IANA TCP parameters).
func tcpOptionOf(kind uint8) (*field, func(int) bool) {
	switch kind {
	case optionEnd:
		return tcpEnd, nil
	case optionNop:
		return tcpNop, nil
	case 2:
		return tcpMSS, exactly(4)
	case 3:
		return tcpScale, exactly(3)
	case 4:
		return tcpSACKPermitted, exactly(2)
	case 5:
		return tcpSACK, func(n int) bool { return n >= 10 && n%8 == 2 }
	case 8:
		return tcpTimestamps, exactly(10)
	case 19:
		return tcpMD5, exactly(18)
	case 28:
		return tcpUserTimeout, exactly(4)
	case 29:
		return tcpAuth, atLeast(4)
	case 30:
		return tcpMultipath, atLeast(3)
	case 34:
		return tcpFastOpen, func(n int) bool { return n == 2 || n >= 6 && n <= 18 && n%2 == 0 }
	}
	return tcpUnknown, atLeast(2)
}

// The parts that options share.
var (
	tcpKind = &field{
		key: "tcp.option_kind", name: "kind", bit: 0, bits: 8,
		about: "Which option it is.", rfc: "RFC 9293 section 3.2", value: number,
		say: func(r reading) string {
			return "Kind " + number(r) + ": " + r.parent.name + "."
		},
	}
	tcpLen = &field{
		key: "tcp.option_len", name: "length", bit: 8, bits: 8,
		about: "Bytes of the whole option, kind and length included.", rfc: "RFC 9293 section 3.2",
		say: func(r reading) string {
			return "The option is " + bytesOf(r.raw) + " long, kind and length included; a receiver can skip it without knowing it."
		},
	}
)

// The options that stand for themselves. Those with more to them have files
// of their own.
var (
	tcpEnd = &field{
		key: "tcp.options.eol", name: "end of option list",
		about: "No more options.", rfc: "RFC 9293 section 3.2", value: always("end"),
		say: always("No more options follow."), kids: []*field{tcpKind},
	}
	tcpNop = &field{
		key: "tcp.options.nop", name: "no-operation",
		about: "Filler between options.", rfc: "RFC 9293 section 3.2", value: always("no-op"),
		say: always("One byte of filler, so that what follows can begin where the sender wants it."), kids: []*field{tcpKind},
	}
	tcpMD5 = tcpOption("tcp.options.md5", "MD5 signature", "RFC 2385 section 2.0",
		"Proves with a shared password who sent the segment; obsolete, still used between routers.",
		always("A signature over the segment with a password that both sides know. Obsolete: TCP-AO replaces it (RFC 5925)."),
		tcpRest("tcp.options.md5.digest", "MD5 digest", "RFC 2385 section 2.0"))
	tcpAuth = tcpOption("tcp.options.ao", "TCP authentication option (TCP-AO)", "RFC 5925 section 2.2",
		"Proves with a shared key who sent the segment.",
		always("A code over the segment, made with a key that both sides know: who has not got the key cannot forge it."),
		tcpRest("tcp.options.ao.data", "keys and code", "RFC 5925 section 2.2"))
	tcpUnknown = tcpOption("tcp.options.unknown", "unknown option", "RFC 9293 section 3.2",
		"An option without a table here; its length says where the next begins.",
		func(r reading) string {
			return fmt.Sprintf("Option %d is not opened here. A receiver that does not know it skips its %s.", r.bytes()[0], bytesOf(r.bits/8))
		},
		tcpRest("tcp.options.unknown.payload", "option data", "RFC 9293 section 3.2"))

	tcpBad = tcpOptionList.malformed("tcp.options.malformed", "RFC 9293 section 3.2")
	tcpPad = optionPad("tcp.options.padding", "RFC 9293 section 3.2")
)

// tcpOption is an option with a kind, a length and parts.
func tcpOption(key, name, rfc, about string, say func(reading) string, parts ...*field) *field {
	return &field{
		key: key, name: name, rfc: rfc, about: about, say: say,
		value: func(r reading) string { return bytesOf(r.bits / 8) },
		kids:  append([]*field{tcpKind, tcpLen}, parts...),
	}
}

// tcpRest is what an option has behind kind and length, not opened further.
func tcpRest(key, name, rfc string) *field {
	return &field{
		key: key, name: name, bit: 16, rfc: rfc, about: "The option's own bytes.", value: hexBytes,
		say: func(r reading) string { return "The option's own " + bytesOf(r.bits/8) + "." },
	}
}
