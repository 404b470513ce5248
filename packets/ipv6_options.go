package packets

import "fmt"

// Options of IPv6 have a type and a length that counts neither (RFC 8200
// section 4.2). One type is a single byte: 0 is filler.
const (
	ip6OptionJumbo       = 0xc2 // RFC 2675 section 2
	ip6OptionHomeAddress = 0xc9 // RFC 6275 section 6.3
)

var ip6OptionList = optionList{of: ip6OptionOf, lone: 1, unit: 1, plus: 2}

func ip6OptionOf(kind uint8) (*field, func(int) bool) {
	switch kind {
	case 0:
		return ip6Pad1, nil
	case 1:
		return ip6PadN, atLeast(2)
	case 5:
		return ip6RouterAlert, exactly(4)
	case ip6OptionJumbo:
		return ip6Jumbo, exactly(6)
	}
	return ip6Unknown, atLeast(2)
}

// ip6OptionEntries are all that an options header can hold.
func ip6OptionEntries() []*field {
	return []*field{ip6Pad1, ip6PadN, ip6RouterAlert, ip6Jumbo, ip6Unknown, ip6Bad}
}

var (
	ip6Type = &field{
		key: "ipv6.opt.type", name: "option type", bit: 0, bits: 8,
		about: "Which option it is, and what to do with the packet if one does not know it.", rfc: "RFC 8200 section 4.2",
		value: number,
		say:   always("Its first three bits are for those who do not know the option."),
		kids: []*field{
			{
				key: "ipv6.opt.type.action", name: "action", bit: 0, bits: 2,
				about: "What one who does not know the option does with the packet.", rfc: "RFC 8200 section 4.2",
				say: func(r reading) string {
					return [4]string{
						"If you do not know this option: skip it.",
						"If you do not know this option: throw the packet away without a word.",
						"If you do not know this option: throw the packet away and tell the sender.",
						"If you do not know this option: throw the packet away and tell the sender, unless the packet was for a group.",
					}[r.raw&3]
				},
			},
			{
				key: "ipv6.opt.type.change", name: "change", bit: 2, bits: 1,
				about: "Whether routers may change the option's data.", rfc: "RFC 8200 section 4.2", value: setOrNot,
				say: bit01("Set: the option may change on the way.", "Not set: nobody may change the option on the way."),
			},
		},
	}
	ip6Len = &field{
		key: "ipv6.opt.length", name: "opt data len", bit: 8, bits: 8,
		about: "Bytes of the option's data, type and length not counted.", rfc: "RFC 8200 section 4.2",
		say: func(r reading) string { return capital(bytesOf(r.raw)) + " of data follow." },
	}

	ip6Pad1 = &field{
		key: "ipv6.opt.pad1", name: "Pad1", rfc: "RFC 8200 section 4.2",
		about: "One byte of filler.", value: always("filler"),
		say:  always("One byte of filler, to end the header, or to begin the next option, where it must."),
		kids: []*field{ip6Type},
	}
	ip6PadN = ip6Option("ipv6.opt.pad", "PadN", "RFC 8200 section 4.2",
		"Two or more bytes of filler.",
		func(r reading) string {
			return capital(bytesOf(r.bits/8)) + " of filler, to end the header, or to begin the next option, where it must."
		}, &field{
			key: "ipv6.opt.padn", name: "padding", bit: 16, about: "Zeros.", rfc: "RFC 8200 section 4.2", value: hexBytes,
			say: func(r reading) string {
				for _, b := range r.bytes() {
					if b != 0 {
						return "Not all zeros, as they should be; a receiver takes no notice."
					}
				}
				return "Zeros that mean nothing."
			},
		})
	ip6RouterAlert = ip6Option("ipv6.opt.alert", "router alert", "RFC 2711 section 2.1",
		"Asks routers on the way to look inside the packet.",
		always("To every router: look into this packet, even though it is not for you."),
		&field{
			key: "ipv6.opt.router_alert", name: "value", bit: 16, bits: 16,
			about: "What a router finds inside.", rfc: "RFC 2711 section 2.1",
			value: func(r reading) string { return number(r) + ", " + routerAlertName(r.raw) },
			say:   func(r reading) string { return "Inside is " + routerAlertName(r.raw) + "." },
		})
	ip6Jumbo = ip6Option("ipv6.opt.jumbogram", "jumbo payload", "RFC 2675 section 2",
		"Gives the length of a packet that is too long for the IPv6 header's own field.",
		always("The packet is longer than 65,535 bytes; its length stands here."),
		&field{
			key: "ipv6.opt.jumbo", name: "jumbo payload length", bit: 16, bits: 32,
			about: "Bytes behind the IPv6 header.", rfc: "RFC 2675 section 2",
			value: func(r reading) string { return bytesOf(r.raw) },
			say: func(r reading) string {
				if r.raw <= 0xffff {
					return "So few bytes would fit the IPv6 header's own field: a receiver refuses the packet."
				}
				return group(r.raw) + " bytes follow the IPv6 header, this one counted."
			},
		})
	ip6Unknown = ip6Option("ipv6.opt.unknown_option", "unknown option", "RFC 8200 section 4.2",
		"An option without a table here; its length says where the next begins.",
		func(r reading) string {
			return fmt.Sprintf("Option %d is not opened here; its type says what becomes of the packet where it is not known.", r.bytes()[0])
		}, &field{
			key: "ipv6.opt.unknown", name: "option data", bit: 16, about: "What the option says.", rfc: "RFC 8200 section 4.2", value: hexBytes,
			say: func(r reading) string { return "The option's own " + bytesOf(r.bits/8) + "." },
		})
	ip6Bad = ip6OptionList.malformed("ipv6.opt.malformed", "RFC 8200 section 4.2")
)

// ip6Option is an option with a type, a length and one part.
func ip6Option(key, name, rfc, about string, say func(reading) string, data *field) *field {
	return &field{
		key: key, name: name, rfc: rfc, about: about, say: say,
		value: func(r reading) string { return bytesOf(r.bits / 8) },
		kids:  []*field{ip6Type, ip6Len, data},
	}
}

// routerAlertName says what a router alert is for (IANA IPv6 router alert values).
func routerAlertName(n uint64) string {
	switch n {
	case 0:
		return "a message about group membership (MLD)"
	case 1:
		return "an RSVP message"
	case 2:
		return "a message of an active network"
	}
	return fmt.Sprintf("something with the number %d", n)
}
