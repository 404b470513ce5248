package packets

import (
	"encoding/binary"
	"fmt"
)

// dnsText is a name made short enough for a sentence. As text it has printable
// ASCII only.
func dnsText(name string) string { return Text([]byte(name), 100) }

// A question, and its parts (RFC 1035 section 4.1.2).
var (
	dnsQuestion = &field{
		key: "dns.question", name: "question", rfc: "RFC 1035 section 4.1.2",
		about: "A name, and what is to be known about it.",
		value: func(r reading) string {
			it := r.dnsItem()
			return DNSQuestion{nameAt(r.dns.msg, it.off), it.kind(r.dns.msg), 0}.String()
		},
		say: func(r reading) string {
			it := r.dnsItem()
			return "Asked about " + dnsText(nameAt(r.dns.msg, it.off)) + ": " + it.kind(r.dns.msg).entry().is + "."
		},
		kids: []*field{dnsQName, dnsQType, dnsQClass},
		find: func(r reading) []spot {
			it := r.dnsItem()
			n := (it.nameEnd - it.off) * 8
			return []spot{{dnsQName, 0, n}, {dnsQType, n, 16}, {dnsQClass, n + 16, 16}}
		},
	}
	dnsQName = dnsNameField("dns.qry.name", "QNAME", "RFC 1035 section 4.1.2", "The name asked about.",
		func(r reading, name string) string { return "The name asked about is " + name + "." })
	dnsQType = &field{
		key: "dns.qry.type", name: "QTYPE", rfc: "RFC 1035 section 4.1.2", about: "What is to be known about the name.",
		value: dnsTypeValue,
		say:   func(r reading) string { return "Wanted: " + DNSType(r.raw).entry().is + "." },
	}
	dnsQClass = &field{
		key: "dns.qry.class", name: "QCLASS", rfc: "RFC 1035 section 4.1.2", about: "Which network's names; IN is the Internet.",
		value: dnsClassValue, say: sayDNSClass,
		kids: []*field{{
			key: "dns.qry.qu", name: "unicast response", bit: 0, bits: 1, when: (*part).mdns,
			about: "The answer may go to the asker alone.", rfc: "RFC 6762 section 5.4", value: setOrNot,
			say: bit01("Set: \"You may answer to me alone.\"", "Not set: \"Answer to everybody, so that all learn it.\""),
		}},
	}
)

// A resource record, and the parts that all have (RFC 1035 section 4.1.3).
var (
	dnsRecord = &field{
		key: "dns.record", name: "resource record", rfc: "RFC 1035 section 4.1.3",
		about: "One thing that is known about a name.",
		value: func(r reading) string {
			rec, err := r.dnsItem().record(r.dns.msg)
			if err != nil {
				return dnsText(rec.Name) + " " + rec.Type.String()
			}
			return dnsText(rec.Name) + " " + rec.String()
		},
		say: func(r reading) string {
			it := r.dnsItem()
			return "About " + dnsText(nameAt(r.dns.msg, it.off)) + ": " + it.kind(r.dns.msg).entry().is + "."
		},
		kids: []*field{
			dnsRName, dnsRType, dnsRClass, dnsTTL, dnsRLength, dnsA, dnsAAAA, dnsCNAME, dnsNS, dnsPTR, dnsMXPreference, dnsMXHost,
			dnsSRVPriority, dnsSRVWeight, dnsSRVPort, dnsSRVTarget, dnsTXT, dnsSOAHost, dnsSOAMailbox, dnsSOASerial,
			dnsSOARefresh, dnsSOARetry, dnsSOAExpire, dnsSOAMinimum, dnsData, dnsBadData,
		},
		find: func(r reading) []spot {
			it := r.dnsItem()
			n := (it.nameEnd - it.off) * 8
			spots := []spot{{dnsRName, 0, n}, {dnsRType, n, 16}, {dnsRClass, n + 16, 16}, {dnsTTL, n + 32, 32}, {dnsRLength, n + 64, 16}}
			return append(spots, dataSpots(r, it)...)
		},
	}
	dnsRName = dnsNameField("dns.resp.name", "NAME", "RFC 1035 section 4.1.3", "The name that the record is about.",
		func(r reading, name string) string {
			if r.dnsItem().kind(r.dns.msg) == DNSTypeOPT {
				return "No name: a record must have one, and here it means nothing."
			}
			return "The record is about " + name + "."
		})
	dnsRType = &field{
		key: "dns.resp.type", name: "TYPE", rfc: "RFC 1035 section 4.1.3", about: "What the record tells.",
		value: dnsTypeValue,
		say:   func(r reading) string { return "It tells " + DNSType(r.raw).entry().is + "." },
	}
	dnsRClass = &field{
		key: "dns.resp.class", name: "CLASS", rfc: "RFC 1035 section 4.1.3", about: "Which network's names; IN is the Internet.",
		value: dnsClassValue, say: sayDNSClass,
		kids: []*field{{
			key: "dns.resp.cache_flush", name: "cache flush", bit: 0, bits: 1, when: (*part).mdns,
			about: "The record replaces what is remembered.", rfc: "RFC 6762 section 10.2", value: setOrNot,
			say: bit01("Set: forget other records of this name and type.", "Not set: others may have such records too."),
		}},
	}
	dnsTTL = &field{
		key: "dns.resp.ttl", name: "TTL", rfc: "RFC 1035 section 4.1.3", about: "How many seconds the record may be kept.",
		value: func(r reading) string { return group(r.raw) + " s" },
		say: func(r reading) string {
			switch {
			case r.raw >= 1<<31:
				return "A TTL with its top bit set is to be taken as 0 (RFC 2181 section 8)."
			case r.raw == 0 && r.mdns():
				return "0: the record does not hold any more."
			case r.raw == 0:
				return "0: use it once, and do not keep it."
			}
			return "Whoever reads this may keep it for " + group(r.raw) + " seconds without asking again."
		},
	}
	dnsRLength = &field{
		key: "dns.resp.len", name: "RDLENGTH", rfc: "RFC 1035 section 4.1.3", about: "Bytes of the record's data.",
		value: func(r reading) string { return bytesOf(r.raw) },
		say: func(r reading) string {
			return "The data takes " + bytesOf(r.raw) + "; who does not know the type can skip it."
		},
	}
	dnsBadData = &field{
		key: "dns.data.malformed", name: "malformed RDATA", rfc: "RFC 1035 section 4.1.3",
		about: "Data that is not made as the record's type says.",
		value: hexBytes,
		say: func(r reading) string {
			return "Malformed: " + r.dnsItem().parts(r.dns.msg, func(dnsPart, int, int) {}).Error() + "."
		},
	}
	dnsData = &field{
		key: "dns.data", name: "RDATA", rfc: "RFC 1035 section 4.1.3",
		about: "The data of a record that is not opened here.", value: hexBytes,
		say: func(r reading) string {
			return bytesOf(r.bits/8) + " of a " + r.dnsItem().kind(r.dns.msg).String() + " record, which are not opened here."
		},
	}
)

// dnsItem is the question or record that a field is or lies in.
func (r reading) dnsItem() dnsItem { return r.dns.holding(r.dnsAt()) }

// dataSpots are the parts of a record's data; where it is not made as its type
// says, all of it is one.
func dataSpots(r reading, it dnsItem) []spot {
	var spots []spot
	err := it.parts(r.dns.msg, func(p dnsPart, off, end int) {
		if end > off {
			spots = append(spots, spot{p.f, (off - it.off) * 8, (end - off) * 8})
		}
	})
	if err == nil {
		return spots
	}
	if it.end == it.data {
		return nil
	}
	return []spot{{dnsBadData, (it.data - it.off) * 8, (it.end - it.data) * 8}}
}

// dnsNameField is a name. What it says is made from the name as text.
func dnsNameField(key, name, rfc, about string, say func(r reading, name string) string) *field {
	text := func(r reading) string { return dnsText(nameAt(r.dns.msg, r.dnsAt())) }
	return &field{
		key: key, name: name, rfc: rfc, about: about,
		value: text,
		say:   func(r reading) string { return say(r, text(r)) },
	}
}

func dnsTypeValue(r reading) string { return number(r) + ", " + DNSType(r.raw).String() }

func dnsClassValue(r reading) string {
	c := uint16(r.raw)
	if r.mdns() {
		c &^= dnsTopBit
	}
	return fmt.Sprintf("%d, %s", c, dnsClassName(c))
}

func sayDNSClass(r reading) string {
	if uint16(r.raw)&^dnsTopBit == DNSClassIN {
		return "IN: a name of the Internet."
	}
	return "Not the Internet's class, IN; few use any other."
}

// OPT is a record in form only: its class and its TTL hold other things
// (RFC 6891 section 6.1).
var (
	dnsOPT = &field{
		key: "dns.opt_record", name: "OPT record", rfc: "RFC 6891 section 6.1",
		about: "What the sender of the message can do: EDNS.",
		value: func(r reading) string {
			return "UDP messages of " + bytesOf(r.dnsItem().class(r.dns.msg))
		},
		say: always("No record: it has the form of one, so that old servers skip it, and says what its sender can do (EDNS)."),
		kids: []*field{
			dnsRName, dnsRType, dnsUDPSize, dnsExtCode, dnsEDNSVersion, dnsEDNSFlags, dnsRLength, dnsOptions, dnsBadData,
		},
		find: func(r reading) []spot {
			it := r.dnsItem()
			n := (it.nameEnd - it.off) * 8
			spots := []spot{
				{dnsRName, 0, n}, {dnsRType, n, 16}, {dnsUDPSize, n + 16, 16}, {dnsExtCode, n + 32, 8}, {dnsEDNSVersion, n + 40, 8},
				{dnsEDNSFlags, n + 48, 16}, {dnsRLength, n + 64, 16},
			}
			return append(spots, dataSpots(r, it)...)
		},
	}
	dnsUDPSize = &field{
		key: "dns.rr.udp_payload_size", name: "requestor's UDP payload size", rfc: "RFC 6891 section 6.2.3",
		about: "How many bytes of a message over UDP the sender takes.",
		value: func(r reading) string { return bytesOf(r.raw) },
		say: func(r reading) string {
			return "\"Over UDP I take messages of up to " + bytesOf(max(r.raw, DNSUDPSize)) + ".\""
		},
	}
	dnsExtCode = &field{
		key: "dns.resp.ext_rcode", name: "EXTENDED-RCODE", rfc: "RFC 6891 section 6.1.3",
		about: "Eight more bits in front of the header's RCODE.",
		say: func(r reading) string {
			if r.raw == 0 {
				return "0: the header's own four bits say how it went."
			}
			return "Together with the header's four bits: code " + group(r.raw<<4|uint64(r.dnsFlags()&15)) + "."
		},
	}
	dnsEDNSVersion = &field{
		key: "dns.resp.edns0_version", name: "VERSION", rfc: "RFC 6891 section 6.1.3",
		about: "The version of EDNS.",
		say: func(r reading) string {
			if r.raw == 0 {
				return "0, the only version that there is."
			}
			return "No such version of EDNS exists yet."
		},
	}
	dnsEDNSFlags = &field{
		key: "dns.resp.z", name: "flags", rfc: "RFC 6891 section 6.1.4",
		about: "One bit in use, and fifteen that must be zero.",
		value: func(r reading) string { return fmt.Sprintf("0x%04x", r.raw) },
		say: func(r reading) string {
			if r.raw&0x7fff != 0 {
				return "Some bits are set that nothing is defined for; a receiver takes no notice."
			}
			return "Only the first bit has a meaning."
		},
		kids: []*field{{
			key: "dns.resp.z.do", name: "DO", bit: 0, bits: 1,
			about: "Signatures are wanted.", rfc: "RFC 3225 section 3", value: setOrNot,
			say: bit01("Set: \"Send me the signatures too.\"", "Not set: no signatures are wanted."),
		}},
	}
	dnsOptions = &field{
		key: "dns.options", name: "options", rfc: "RFC 6891 section 6.1.2",
		about: "What else the sender can do or wants.",
		value: func(r reading) string { return bytesOf(r.bits / 8) },
		say:   always("Each with its code and its length; a receiver skips those that it does not know."),
		kids:  []*field{dnsOption},
		find: func(r reading) []spot {
			var spots []spot
			for b, off := r.bytes(), 0; len(b) > 0; {
				if len(b) < 4 || 4+int(binary.BigEndian.Uint16(b[2:])) > len(b) {
					break // the rest is no option, and stays bytes
				}
				n := 4 + int(binary.BigEndian.Uint16(b[2:]))
				spots = append(spots, spot{dnsOption, off * 8, n * 8})
				b, off = b[n:], off+n
			}
			return spots
		},
	}
	dnsOption = &field{
		key: "dns.opt", name: "option", rfc: "RFC 6891 section 6.1.2",
		about: "One thing that the sender can do or wants.",
		value: func(r reading) string { return dnsOptionName(binary.BigEndian.Uint16(r.bytes())) },
		say: func(r reading) string {
			return "Here is " + dnsOptionName(binary.BigEndian.Uint16(r.bytes())) + "."
		},
		kids: []*field{
			{
				key: "dns.opt.code", name: "OPTION-CODE", bit: 0, bits: 16, rfc: "RFC 6891 section 6.1.2", about: "Which option it is.", value: number,
				say: func(r reading) string { return "Code " + number(r) + ": " + dnsOptionName(uint16(r.raw)) + "." },
			},
			{
				key: "dns.opt.len", name: "OPTION-LENGTH", bit: 16, bits: 16, rfc: "RFC 6891 section 6.1.2", about: "Bytes of the option's data.",
				say: func(r reading) string { return capital(bytesOf(r.raw)) + " of data follow." },
			},
			{
				key: "dns.opt.data", name: "OPTION-DATA", bit: 32, rfc: "RFC 6891 section 6.1.2", about: "What the option says.", value: hexBytes,
				say: func(r reading) string { return "The option's own " + bytesOf(r.bits/8) + "." },
			},
		},
	}
)

// dnsOptionName names an option of EDNS (IANA DNS EDNS0 option codes).
func dnsOptionName(code uint16) string {
	switch code {
	case 3:
		return "the name server's own name (NSID)"
	case 8:
		return "the network of who asked first (client subnet)"
	case 10:
		return "a cookie against forged answers"
	case 11:
		return "how long to keep a TCP connection"
	case 12:
		return "padding"
	case 15:
		return "more about what went wrong"
	}
	return fmt.Sprintf("option %d", code)
}
