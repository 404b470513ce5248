package packets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// A record's data is a row of parts, which its type tells. The table of fields
// and the codec both read this one list.
type dnsPart struct {
	kind dnsKind
	f    *field
	at   func(*DNSRecord) any // where the codec keeps it: a pointer to what its kind says
}

type dnsKind uint8

const (
	dnsUint16    dnsKind = iota // *uint16
	dnsUint32                   // *uint32
	dnsName                     // *string
	dnsPlainName                // *string, which may not be compressed when written (RFC 2782, RFC 3597 section 4)
	dnsAddr4                    // *netip.Addr
	dnsAddr6                    // *netip.Addr
	dnsStrings                  // *[]string: each behind its length
	dnsRest                     // *[]byte
)

func dnsHost(r *DNSRecord) any { return &r.Host }

// dnsParts is what the data of a record is made of.
func dnsParts(t DNSType, class uint16) []dnsPart {
	switch class &^= dnsTopBit; {
	case t == DNSTypeOPT: // its class is a size
		return []dnsPart{{dnsRest, dnsOptions, func(r *DNSRecord) any { return &r.Data }}}
	case class >= 254: // an update names records, often without their data (RFC 2136 section 2.4)
		return dnsOpaque()
	case class != DNSClassIN && (t == DNSTypeA || t == DNSTypeAAAA || t == DNSTypeSRV): // those are the Internet's alone
		return dnsOpaque()
	}
	switch t {
	case DNSTypeA:
		return []dnsPart{{dnsAddr4, dnsA, func(r *DNSRecord) any { return &r.Addr }}}
	case DNSTypeAAAA:
		return []dnsPart{{dnsAddr6, dnsAAAA, func(r *DNSRecord) any { return &r.Addr }}}
	case DNSTypeCNAME:
		return []dnsPart{{dnsName, dnsCNAME, dnsHost}}
	case DNSTypeNS:
		return []dnsPart{{dnsName, dnsNS, dnsHost}}
	case DNSTypePTR:
		return []dnsPart{{dnsName, dnsPTR, dnsHost}}
	case DNSTypeMX:
		return []dnsPart{
			{dnsUint16, dnsMXPreference, func(r *DNSRecord) any { return &r.Preference }},
			{dnsName, dnsMXHost, dnsHost},
		}
	case DNSTypeSRV:
		return []dnsPart{
			{dnsUint16, dnsSRVPriority, func(r *DNSRecord) any { return &r.Preference }},
			{dnsUint16, dnsSRVWeight, func(r *DNSRecord) any { return &r.Weight }},
			{dnsUint16, dnsSRVPort, func(r *DNSRecord) any { return &r.Port }},
			{dnsPlainName, dnsSRVTarget, dnsHost},
		}
	case DNSTypeTXT:
		return []dnsPart{{dnsStrings, dnsTXT, func(r *DNSRecord) any { return &r.Text }}}
	case DNSTypeSOA:
		return []dnsPart{
			{dnsName, dnsSOAHost, dnsHost},
			{dnsName, dnsSOAMailbox, func(r *DNSRecord) any { return &r.SOA.Mailbox }},
			{dnsUint32, dnsSOASerial, func(r *DNSRecord) any { return &r.SOA.Serial }},
			{dnsUint32, dnsSOARefresh, func(r *DNSRecord) any { return &r.SOA.Refresh }},
			{dnsUint32, dnsSOARetry, func(r *DNSRecord) any { return &r.SOA.Retry }},
			{dnsUint32, dnsSOAExpire, func(r *DNSRecord) any { return &r.SOA.Expire }},
			{dnsUint32, dnsSOAMinimum, func(r *DNSRecord) any { return &r.SOA.Minimum }},
		}
	}
	return dnsOpaque()
}

func dnsOpaque() []dnsPart {
	return []dnsPart{{dnsRest, dnsData, func(r *DNSRecord) any { return &r.Data }}}
}

// parts visits the parts of a record's data. Data that is not made as its type
// says is an error.
func (it dnsItem) parts(msg []byte, visit func(p dnsPart, off, end int)) error {
	off := it.data
	for _, p := range dnsParts(it.kind(msg), it.class(msg)) {
		end, err := p.end(msg[:it.end], off)
		if err != nil {
			return fmt.Errorf("the data of the %s record of %s: %w", it.kind(msg), dnsText(nameAt(msg, it.off)), err)
		}
		visit(p, off, end)
		off = end
	}
	if off < it.end {
		return fmt.Errorf("the data of the %s record of %s has %s too many", it.kind(msg), dnsText(nameAt(msg, it.off)), bytesOf(it.end-off))
	}
	return nil
}

// end is where the part that begins at off ends.
func (p dnsPart) end(msg []byte, off int) (end int, err error) {
	switch p.kind {
	case dnsUint16:
		end = off + 2
	case dnsUint32, dnsAddr4:
		end = off + 4
	case dnsAddr6:
		end = off + 16
	case dnsName, dnsPlainName:
		return readName(msg, off, nil)
	case dnsStrings:
		for end = off; end < len(msg) || end == off; { // at least one
			if end == len(msg) {
				return 0, errors.New("it ends too early")
			}
			end += 1 + int(msg[end])
		}
	case dnsRest:
		end = len(msg)
	}
	if end > len(msg) {
		return 0, errors.New("it ends too early")
	}
	return end, nil
}

// record reads a whole record.
func (it dnsItem) record(msg []byte) (r DNSRecord, err error) {
	r = DNSRecord{Name: nameAt(msg, it.off), Type: it.kind(msg), Class: it.class(msg), TTL: it.ttl(msg)}
	err = it.parts(msg, func(p dnsPart, off, end int) {
		b := msg[off:end]
		switch v := p.at(&r).(type) {
		case *uint16:
			*v = binary.BigEndian.Uint16(b)
		case *uint32:
			*v = binary.BigEndian.Uint32(b)
		case *string:
			*v = nameAt(msg, off)
		case *netip.Addr:
			*v, _ = netip.AddrFromSlice(b)
		case *[]string:
			for len(b) > 0 {
				n := 1 + int(b[0])
				*v = append(*v, string(b[1:n]))
				b = b[n:]
			}
		case *[]byte:
			*v = append(*v, b...)
		}
	})
	return r, err
}

// appendData writes a record's data.
func (r *DNSRecord) appendData(b []byte, ends map[string]int) (_ []byte, err error) {
	for _, p := range dnsParts(r.Type, r.Class) {
		switch v := p.at(r).(type) {
		case *uint16:
			b = binary.BigEndian.AppendUint16(b, *v)
		case *uint32:
			b = binary.BigEndian.AppendUint32(b, *v)
		case *string:
			known := ends
			if p.kind == dnsPlainName {
				known = nil
			}
			b, err = appendName(b, *v, known)
		case *netip.Addr:
			if want := map[dnsKind]int{dnsAddr4: 32, dnsAddr6: 128}[p.kind]; v.BitLen() != want {
				return nil, fmt.Errorf("%v is no address for a record of type %s", *v, r.Type)
			}
			b = append(b, v.AsSlice()...)
		case *[]string:
			b, err = appendStrings(b, *v)
		case *[]byte:
			b = append(b, *v...)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendStrings(b []byte, text []string) ([]byte, error) {
	if len(text) == 0 {
		return append(b, 0), nil // one empty string: none is not allowed
	}
	for _, s := range text {
		if len(s) > 255 {
			return nil, fmt.Errorf("a text of %s: a string holds at most 255, so cut it", bytesOf(len(s)))
		}
		b = append(append(b, byte(len(s))), s...)
	}
	return b, nil
}

// String is the record's type and data: "MX 10 mail.example.com". Text and
// what is not opened are made safe for a terminal.
func (r DNSRecord) String() string {
	said := []string{r.Type.String()}
	for _, p := range dnsParts(r.Type, r.Class) {
		switch v := p.at(&r).(type) {
		case *uint16:
			said = append(said, fmt.Sprint(*v))
		case *uint32:
			said = append(said, fmt.Sprint(*v))
		case *string:
			said = append(said, dnsText(*v))
		case *netip.Addr:
			said = append(said, v.String())
		case *[]string:
			for _, s := range *v {
				said = append(said, `"`+Text([]byte(s), 64)+`"`)
			}
		case *[]byte:
			if len(*v) > 0 {
				said = append(said, bytesOf(len(*v)))
			}
		}
	}
	return strings.Join(said, " ")
}
