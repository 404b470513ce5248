package packets

// dnsFlagFields are the parts of a DNS header's second word.
func dnsFlagFields() []*field {
	const header = "RFC 1035 section 4.1.1"
	return []*field{
		dnsBit("dns.flags.response", "QR", 0, "Whether it is a query or an answer.", header,
			bit01("Set: this is an answer.", "Not set: this is a query.")),
		{
			key: "dns.flags.opcode", name: "OPCODE", bit: 1, bits: 4,
			about: "What kind of query it is.", rfc: header,
			value: func(r reading) string { return number(r) + ", " + dnsOpcodeName(uint8(r.raw)) },
			say: func(r reading) string {
				if r.raw == 0 {
					return "An ordinary query, or the answer to one."
				}
				return capital(dnsOpcodeName(uint8(r.raw))) + ", which is no ordinary query."
			},
		},
		dnsBit("dns.flags.authoritative", "AA", 5, "The name server owns the name.", header,
			bit01("Set: the name server owns the name; it did not hear this from another.", "Not set: the message does not come from a server as the owner of the name.")),
		dnsBit("dns.flags.truncated", "TC", 6, "Not all fitted.", header, func(r reading) string {
			switch {
			case r.raw == 0:
				return "Not set: the message is complete."
			case r.mdns():
				return "Set: more of what the sender knows already comes in the next message (RFC 6762)."
			}
			return "Set: not all fitted. Who asked should ask again over TCP."
		}),
		dnsBit("dns.flags.recdesired", "RD", 7, "Ask others if you do not know.", header, func(r reading) string {
			switch {
			case r.raw == 0:
				return "Not set: only what the name server itself knows is wanted."
			case r.dnsFlags()&dnsQR != 0:
				return "Set, as in the query: the name server was to ask others if it did not know."
			}
			return "Set: \"If you do not know, ask others and tell me what they say.\""
		}),
		dnsBit("dns.flags.recavail", "RA", 8, "The name server asks others.", header, func(r reading) string {
			switch {
			case r.raw != 0:
				return "Set: this name server asks others for those who want it."
			case r.dnsFlags()&dnsQR == 0:
				return "Not set; it means nothing in a query."
			}
			return "Not set: this name server does not ask others."
		}),
		dnsBit("dns.flags.z", "Z", 9, "Must be zero.", header,
			bit01("Set, although it must be zero.", "Reserved, and zero as it must be.")),
		dnsBit("dns.flags.authenticated", "AD", 10, "The name server checked the signatures.", "RFC 4035 section 3.2.3", func(r reading) string {
			switch {
			case r.raw == 0:
				return "Not set: nobody says that signatures were checked."
			case r.dnsFlags()&dnsQR == 0:
				return "Set: \"Tell me whether you checked the signatures.\""
			}
			return "Set: the name server says that it checked the signatures."
		}),
		dnsBit("dns.flags.checkdisable", "CD", 11, "Do not check signatures.", "RFC 4035 section 3.2.2",
			bit01("Set: the name server need not check signatures; who asks will.", "Not set: the name server may check signatures and keep back what does not fit.")),
		{
			key: "dns.flags.rcode", name: "RCODE", bit: 12, bits: 4,
			about: "How the question went.", rfc: header,
			value: func(r reading) string { return number(r) + ", " + DNSCode(r.raw).String() },
			say:   sayDNSCode,
		},
	}
}

func dnsBit(key, name string, bit int, about, rfc string, say func(reading) string) *field {
	return &field{key: key, name: name, bit: bit, bits: 1, about: about, rfc: rfc, value: setOrNot, say: say}
}

func sayDNSFlags(r reading) string {
	switch second := uint16(r.raw); {
	case second&dnsQR == 0:
		return "A query."
	case second&dnsTC != 0 && !r.mdns():
		return "An answer, but not all of it fitted."
	case second&15 != 0:
		return "An answer that says what went wrong: " + DNSCode(second&15).String() + "."
	}
	return "An answer."
}

func sayDNSCode(r reading) string {
	if r.dnsFlags()&dnsQR == 0 {
		return "It means nothing in a query."
	}
	switch DNSCode(r.raw) {
	case DNSNoError:
		return "Nothing went wrong. (If there is no answer all the same, the name exists, but has no record of that type.)"
	case DNSFormErr:
		return "The name server could not read the query."
	case DNSServFail:
		return "The name server could not find out; asking again may help."
	case DNSNXDomain:
		return "There is no such name."
	case DNSNotImp:
		return "The name server does not know this kind of query."
	case DNSRefused:
		return "The name server does not want to answer this."
	}
	return "Something went wrong: " + DNSCode(r.raw).String() + "."
}
