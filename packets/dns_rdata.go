package packets

import "net/netip"

// The data of the records that are opened here, part by part.
var (
	dnsA = &field{
		key: "dns.a", name: "ADDRESS", rfc: "RFC 1035 section 3.4.1", about: "The IPv4 address of a name.",
		value: func(r reading) string { return netip.AddrFrom4([4]byte(r.bytes())).String() },
		say:   sayDNSAddress("IPv4"),
	}
	dnsAAAA = &field{
		key: "dns.aaaa", name: "IPv6 address", rfc: "RFC 3596 section 2.2", about: "The IPv6 address of a name.",
		value: func(r reading) string { return netip.AddrFrom16([16]byte(r.bytes())).String() },
		say:   sayDNSAddress("IPv6"),
	}
	dnsCNAME = dnsNameField("dns.cname", "CNAME", "RFC 1035 section 3.3.1", "The true name of an alias.",
		func(r reading, name string) string {
			return "The name " + r.dnsOwner() + " is only another one for " + name + ": what is wanted stands there."
		})
	dnsNS = dnsNameField("dns.ns", "NSDNAME", "RFC 1035 section 3.3.11", "A server that knows about the name.",
		func(r reading, name string) string {
			return "The name server " + name + " knows about " + r.dnsOwner() + " and what is below."
		})
	dnsPTR = dnsNameField("dns.ptr.domain_name", "PTRDNAME", "RFC 1035 section 3.3.12", "The name that is pointed at.",
		func(r reading, name string) string { return "From " + r.dnsOwner() + " to the name " + name + "." })
	dnsMXPreference = &field{
		key: "dns.mx.preference", name: "PREFERENCE", rfc: "RFC 1035 section 3.3.9", about: "Which mail host to try first.",
		say: func(r reading) string {
			return "Mail hosts with a number smaller than " + group(r.raw) + " are tried before."
		},
	}
	dnsMXHost = dnsNameField("dns.mx.mail_exchange", "EXCHANGE", "RFC 1035 section 3.3.9", "A host that takes mail for the name.",
		func(r reading, name string) string {
			return "Mail for " + r.dnsOwner() + " goes to the host " + name + "."
		})

	dnsSRVPriority = &field{
		key: "dns.srv.priority", name: "priority", rfc: "RFC 2782", about: "Which host to try first.",
		say: func(r reading) string {
			return "Hosts with a number smaller than " + group(r.raw) + " are tried before."
		},
	}
	dnsSRVWeight = &field{
		key: "dns.srv.weight", name: "weight", rfc: "RFC 2782", about: "The share of a host among others of its priority.",
		say: func(r reading) string {
			return "Among hosts of the same priority this one's share is " + group(r.raw) + " of the sum of all."
		},
	}
	dnsSRVPort = &field{
		key: "dns.srv.port", name: "port", rfc: "RFC 2782", about: "The port of the service.", value: number,
		say: func(r reading) string { return "The service listens on port " + number(r) + "." },
	}
	dnsSRVTarget = dnsNameField("dns.srv.target", "target", "RFC 2782", "The host of the service.",
		func(r reading, name string) string {
			if name == "." {
				return "A lone dot: the service does not exist here."
			}
			return "The service " + r.dnsOwner() + " is to be had from the host " + name + "."
		})

	dnsTXT = &field{
		key: "dns.texts", name: "TXT-DATA", rfc: "RFC 1035 section 3.3.14", about: "Strings, each behind its length.",
		value: func(r reading) string { return bytesOf(r.bits / 8) },
		say:   always("Strings of up to 255 bytes, each behind its length."),
		kids:  []*field{dnsTXTLength, dnsTXTString},
		find: func(r reading) []spot {
			var spots []spot
			for b, off := r.bytes(), 0; off < len(b); {
				n := int(b[off])
				spots = append(spots, spot{dnsTXTLength, off * 8, 8})
				if n > 0 {
					spots = append(spots, spot{dnsTXTString, (off + 1) * 8, n * 8})
				}
				off += 1 + n
			}
			return spots
		},
	}
	dnsTXTLength = &field{
		key: "dns.txt.length", name: "length", rfc: "RFC 1035 section 3.3", about: "Bytes of the string that follows.",
		say: func(r reading) string { return "A string of " + bytesOf(r.raw) + " follows." },
	}
	dnsTXTString = &field{
		key: "dns.txt", name: "character-string", rfc: "RFC 1035 section 3.3", about: "Text for programs to read.",
		value: func(r reading) string { return Text(r.bytes(), 64) },
		say:   always("Text for programs to read: proofs that a name is somebody's, rules for mail, and the like."),
	}

	dnsSOAHost = dnsNameField("dns.soa.mname", "MNAME", "RFC 1035 section 3.3.13", "The first name server of the zone.",
		func(r reading, name string) string {
			return "The name server " + name + " has the original of the zone; others copy it."
		})
	dnsSOAMailbox = dnsNameField("dns.soa.rname", "RNAME", "RFC 1035 section 3.3.13", "Whom to write to about the zone.",
		func(r reading, name string) string {
			return "Letters about the zone go to " + name + ", where the first dot stands for @."
		})
	dnsSOASerial = &field{
		key: "dns.soa.serial_number", name: "SERIAL", rfc: "RFC 1035 section 3.3.13", about: "The version of the zone.", value: number,
		say: func(r reading) string {
			return "The zone has version " + number(r) + "; a server that has a lower one copies it."
		},
	}
	dnsSOARefresh = dnsSeconds("dns.soa.refresh_interval", "REFRESH", "RFC 1035 section 3.3.13", "How often copies ask for a new version.",
		"Servers that hold a copy ask for a new version every ", ".")
	dnsSOARetry = dnsSeconds("dns.soa.retry_interval", "RETRY", "RFC 1035 section 3.3.13", "How soon copies ask again if there was no answer.",
		"If there is no answer, they ask again after ", ".")
	dnsSOAExpire = dnsSeconds("dns.soa.expire_limit", "EXPIRE", "RFC 1035 section 3.3.13", "How long copies are good for without an answer.",
		"Without any answer they stop answering from their copy after ", ".")
	dnsSOAMinimum = dnsSeconds("dns.soa.minimum_ttl", "MINIMUM", "RFC 2308 section 4", "How long it may be believed that there is no such name.",
		"That a name or a type does not exist may be believed for ", ", or for this record's TTL if that is less.")
)

// dnsSeconds is a time of an SOA record.
func dnsSeconds(key, name, rfc, about, before, behind string) *field {
	return &field{
		key: key, name: name, rfc: rfc, about: about,
		value: func(r reading) string { return group(r.raw) + " s" },
		say:   func(r reading) string { return before + group(r.raw) + " seconds" + behind },
	}
}

func sayDNSAddress(version string) func(reading) string {
	return func(r reading) string {
		return "The name " + r.dnsOwner() + " has the " + version + " address " + r.field.value(r) + "."
	}
}

// dnsOwner is the name that the record of a field is about.
func (r reading) dnsOwner() string { return dnsText(nameAt(r.dns.msg, r.dnsItem().off)) }
