package packets

import "fmt"

// DNSType is what a question asks for, and what a record tells (IANA DNS
// parameters).
type DNSType uint16

// The types of records that are opened here.
const (
	DNSTypeA     DNSType = 1  // RFC 1035 section 3.4.1
	DNSTypeNS    DNSType = 2  // RFC 1035 section 3.3.11
	DNSTypeCNAME DNSType = 5  // RFC 1035 section 3.3.1
	DNSTypeSOA   DNSType = 6  // RFC 1035 section 3.3.13
	DNSTypePTR   DNSType = 12 // RFC 1035 section 3.3.12
	DNSTypeMX    DNSType = 15 // RFC 1035 section 3.3.9
	DNSTypeTXT   DNSType = 16 // RFC 1035 section 3.3.14
	DNSTypeAAAA  DNSType = 28 // RFC 3596 section 2.1
	DNSTypeSRV   DNSType = 33 // RFC 2782
	DNSTypeOPT   DNSType = 41 // RFC 6891 section 6.1
	DNSTypeSVCB  DNSType = 64 // RFC 9460
	DNSTypeHTTPS DNSType = 65 // RFC 9460
	DNSTypeANY   DNSType = 255
)

// DNSClassIN is the class of the Internet, the only one in use.
const DNSClassIN uint16 = 1

// String is the type's name: "A".
func (t DNSType) String() string {
	if name := t.entry().name; name != "" {
		return name
	}
	return fmt.Sprintf("TYPE%d", uint16(t)) // RFC 3597 section 5
}

// dnsTypeEntry names a type, and what a record of it is.
type dnsTypeEntry struct{ name, is string }

func (t DNSType) entry() dnsTypeEntry {
	switch t {
	case DNSTypeA:
		return dnsTypeEntry{"A", "an IPv4 address"}
	case DNSTypeNS:
		return dnsTypeEntry{"NS", "a name server that knows about the name"}
	case DNSTypeCNAME:
		return dnsTypeEntry{"CNAME", "the name's true name"}
	case DNSTypeSOA:
		return dnsTypeEntry{"SOA", "who keeps the zone, and its times"}
	case DNSTypePTR:
		return dnsTypeEntry{"PTR", "another name that is pointed at"}
	case DNSTypeMX:
		return dnsTypeEntry{"MX", "a host that takes mail for the name"}
	case DNSTypeTXT:
		return dnsTypeEntry{"TXT", "text for programs to read"}
	case DNSTypeAAAA:
		return dnsTypeEntry{"AAAA", "an IPv6 address"}
	case DNSTypeSRV:
		return dnsTypeEntry{"SRV", "host and port of a service"}
	case 43:
		return dnsTypeEntry{"DS", "a digest of the key that signs a zone below"}
	case DNSTypeOPT:
		return dnsTypeEntry{"OPT", "what the sender of the message can do (EDNS)"}
	case 46:
		return dnsTypeEntry{"RRSIG", "a signature over other records"}
	case 47:
		return dnsTypeEntry{"NSEC", "proof that a name does not exist"}
	case 48:
		return dnsTypeEntry{"DNSKEY", "a key that signs a zone"}
	case 50:
		return dnsTypeEntry{"NSEC3", "proof that a name does not exist, without naming its neighbors"}
	case DNSTypeSVCB:
		return dnsTypeEntry{"SVCB", "how to reach a service"}
	case DNSTypeHTTPS:
		return dnsTypeEntry{"HTTPS", "how to reach a web server: protocol versions, keys, addresses"}
	case 252:
		return dnsTypeEntry{"AXFR", "all records of a zone"}
	case DNSTypeANY:
		return dnsTypeEntry{"ANY", "whatever the name server has at hand"}
	case 257:
		return dnsTypeEntry{"CAA", "who may issue certificates for the name"}
	}
	return dnsTypeEntry{is: "a record of a type that is not opened here"}
}

// dnsClassName names a class: "IN".
func dnsClassName(c uint16) string {
	switch c {
	case DNSClassIN:
		return "IN"
	case 3:
		return "CH"
	case 254:
		return "NONE"
	case 255:
		return "ANY"
	}
	return fmt.Sprintf("CLASS%d", c) // RFC 3597 section 5
}

// DNSCode is how a question went (RFC 1035 section 4.1.1).
type DNSCode uint8

// The codes.
const (
	DNSNoError DNSCode = iota
	DNSFormErr
	DNSServFail
	DNSNXDomain
	DNSNotImp
	DNSRefused
)

// String is the code in words: "no such name".
func (c DNSCode) String() string {
	switch c {
	case DNSNoError:
		return "no error"
	case DNSFormErr:
		return "format error"
	case DNSServFail:
		return "server failure"
	case DNSNXDomain:
		return "no such name"
	case DNSNotImp:
		return "not implemented"
	case DNSRefused:
		return "refused"
	}
	return fmt.Sprintf("code %d", uint8(c))
}

// dnsOpcodeName names a kind of query (RFC 1035 section 4.1.1, RFC 1996, RFC 2136).
func dnsOpcodeName(n uint8) string {
	switch n {
	case 0:
		return "query"
	case 1:
		return "inverse query"
	case 2:
		return "status"
	case 4:
		return "notify"
	case 5:
		return "update"
	}
	return fmt.Sprintf("opcode %d", n)
}
