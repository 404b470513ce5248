package packets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
)

// DNSPort is where name servers listen, with UDP and with TCP (RFC 1035
// section 4.2). MDNSPort is that of neighbors who answer for themselves (RFC 6762).
const (
	DNSPort  = 53
	MDNSPort = 5353
)

// DNSUDPSize is how many bytes a DNS message over UDP may have, if the one who
// asked did not say more with EDNS (RFC 1035 section 4.2.1).
const DNSUDPSize = 512

// DNSMessage is a query or an answer (RFC 1035 section 4).
type DNSMessage struct {
	ID                 uint16
	Response           bool  // an answer, not a query
	Opcode             uint8 // 0: an ordinary query
	Authoritative      bool  // the server owns the name, and did not hear the answer from another
	Truncated          bool  // not all fitted: ask again over TCP
	RecursionDesired   bool  // ask others if you do not know
	RecursionAvailable bool  // this server asks others
	AuthenticData      bool  // the server checked the signatures (RFC 4035 section 3.2.3)
	CheckingDisabled   bool  // do not check signatures (RFC 4035 section 3.2.2)
	Code               DNSCode

	Questions                         []DNSQuestion
	Answers, Authorities, Additionals []DNSRecord
}

// DNSQuestion is what is asked. Names are text as in a zone file, without the
// dot at the end: "example.com".
type DNSQuestion struct {
	Name  string
	Type  DNSType
	Class uint16
}

// String is the question in short: "A example.com".
func (q DNSQuestion) String() string { return q.Type.String() + " " + dnsText(q.Name) }

// DNSRecord is a resource record. Which of its fields after TTL count, its
// type tells; the others are zero.
type DNSRecord struct {
	Name  string
	Type  DNSType
	Class uint16 // of OPT: the size of UDP messages that its sender takes
	TTL   uint32 // seconds that it may be kept; of OPT: more bits of the header

	Addr       netip.Addr // A, AAAA
	Host       string     // CNAME, NS, PTR; MX: the mail host; SRV: the host; SOA: the first name server
	Preference uint16     // MX; SRV: the priority. Smaller is better
	Weight     uint16     // SRV: the share among equals
	Port       uint16     // SRV
	Text       []string   // TXT
	SOA        DNSSOA     // SOA
	Data       []byte     // every other type, OPT among them: the bytes as they are
}

// DNSSOA is what an SOA record says beyond its first name server. Times are in
// seconds.
type DNSSOA struct {
	Mailbox                                 string // "hostmaster.example.com" for hostmaster@example.com
	Serial, Refresh, Retry, Expire, Minimum uint32
}

// NewDNSQuery is a question about one name, for a server that is to ask others
// if it does not know.
func NewDNSQuery(id uint16, name string, t DNSType) DNSMessage {
	return DNSMessage{ID: id, RecursionDesired: true, Questions: []DNSQuestion{{name, t, DNSClassIN}}}
}

// Reply is an answer to m with the same number and question.
func (m *DNSMessage) Reply(code DNSCode, answers ...DNSRecord) DNSMessage {
	return DNSMessage{
		ID: m.ID, Response: true, Opcode: m.Opcode, RecursionDesired: m.RecursionDesired, CheckingDisabled: m.CheckingDisabled,
		Code: code, Questions: m.Questions, Answers: answers,
	}
}

// AnsweredBy says whether r may be believed to answer m: number and question
// are the same (RFC 5452 section 9.1). That it comes from the server asked, and
// to the port that asked, is for the caller to see to.
func (m *DNSMessage) AnsweredBy(r *DNSMessage) bool {
	if !r.Response || r.ID != m.ID || r.Opcode != m.Opcode || len(r.Questions) != len(m.Questions) {
		return false
	}
	for i, q := range m.Questions {
		p := r.Questions[i]
		if p.Type != q.Type || p.Class != q.Class || !strings.EqualFold(p.Name, q.Name) { // RFC 4343: no difference in names
			return false
		}
	}
	return true
}

// OfferUDPSize adds an OPT record that says how many bytes of an answer over
// UDP the sender takes (RFC 6891 section 6.2.3).
func (m *DNSMessage) OfferUDPSize(size uint16) {
	m.Additionals = append(m.Additionals, DNSRecord{Name: ".", Type: DNSTypeOPT, Class: size})
}

// UDPSize is how many bytes of an answer over UDP the sender of m takes.
func (m *DNSMessage) UDPSize() int {
	for _, r := range m.Additionals {
		if r.Type == DNSTypeOPT {
			return max(DNSUDPSize, int(r.Class))
		}
	}
	return DNSUDPSize
}

// The bits of the header's second word (RFC 1035 section 4.1.1, RFC 4035).
const (
	dnsQR = 1 << 15
	dnsAA = 1 << 10
	dnsTC = 1 << 9
	dnsRD = 1 << 8
	dnsRA = 1 << 7
	dnsAD = 1 << 5
	dnsCD = 1 << 4
)

// dnsFlag is one of the bits that stand for themselves, and where the message
// keeps it.
type dnsFlag struct {
	bit uint16
	set *bool
}

func (m *DNSMessage) flags() []dnsFlag {
	return []dnsFlag{
		{dnsQR, &m.Response}, {dnsAA, &m.Authoritative}, {dnsTC, &m.Truncated}, {dnsRD, &m.RecursionDesired},
		{dnsRA, &m.RecursionAvailable}, {dnsAD, &m.AuthenticData}, {dnsCD, &m.CheckingDisabled},
	}
}

// ParseDNS reads a message. Bytes behind its end are an error.
func ParseDNS(b []byte) (DNSMessage, error) {
	l := layDNSMessage(b)
	switch {
	case l.trouble != "":
		return DNSMessage{}, errors.New("this is no DNS message: " + l.trouble)
	case l.end < len(b):
		return DNSMessage{}, fmt.Errorf("this is no DNS message: %s stand behind its end", bytesOf(len(b)-l.end))
	}
	second := binary.BigEndian.Uint16(b[2:])
	m := DNSMessage{ID: binary.BigEndian.Uint16(b), Opcode: uint8(second >> 11 & 15), Code: DNSCode(second & 15)}
	for _, f := range m.flags() {
		*f.set = second&f.bit != 0
	}
	for _, it := range l.items {
		if it.section == dnsQuestions {
			m.Questions = append(m.Questions, DNSQuestion{nameAt(b, it.off), it.kind(b), it.class(b)})
			continue
		}
		r, err := it.record(b)
		if err != nil {
			return DNSMessage{}, fmt.Errorf("this is no DNS message: %w", err)
		}
		s := m.section(it.section)
		*s = append(*s, r)
	}
	return m, nil
}

// section is one of the three sections of records.
func (m *DNSMessage) section(n int) *[]DNSRecord {
	return [...]*[]DNSRecord{dnsAnswers: &m.Answers, dnsAuthorities: &m.Authorities, dnsAdditionals: &m.Additionals}[n]
}

// Pack writes the message, its names compressed.
func (m *DNSMessage) Pack() ([]byte, error) {
	second := uint16(m.Opcode&15)<<11 | uint16(m.Code&15)
	for _, f := range m.flags() {
		if *f.set {
			second |= f.bit
		}
	}
	b := binary.BigEndian.AppendUint16(nil, m.ID)
	b = binary.BigEndian.AppendUint16(b, second)
	for _, n := range []int{len(m.Questions), len(m.Answers), len(m.Authorities), len(m.Additionals)} {
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	ends := make(map[string]int)
	var err error
	for _, q := range m.Questions {
		if b, err = appendName(b, q.Name, ends); err != nil {
			return nil, err
		}
		b = binary.BigEndian.AppendUint16(b, uint16(q.Type))
		b = binary.BigEndian.AppendUint16(b, q.Class)
	}
	for section := dnsAnswers; section <= dnsAdditionals; section++ {
		for _, r := range *m.section(section) {
			if b, err = r.append(b, ends); err != nil {
				return nil, err
			}
		}
	}
	if len(b) > 0xffff { // what the length over TCP can say
		return nil, fmt.Errorf("the message takes %s, more than %s", bytesOf(len(b)), group(0xffff))
	}
	return b, nil
}

func (r *DNSRecord) append(b []byte, ends map[string]int) ([]byte, error) {
	b, err := appendName(b, r.Name, ends)
	if err != nil {
		return nil, err
	}
	b = binary.BigEndian.AppendUint16(b, uint16(r.Type))
	b = binary.BigEndian.AppendUint16(b, r.Class)
	b = binary.BigEndian.AppendUint32(b, r.TTL)
	at := len(b)
	if b, err = r.appendData(append(b, 0, 0), ends); err != nil {
		return nil, err
	}
	n := len(b) - at - 2
	if n > 0xffff {
		return nil, fmt.Errorf("the data of a record is longer than %s", bytesOf(0xffff))
	}
	binary.BigEndian.PutUint16(b[at:], uint16(n))
	return b, nil
}

// PackUDP writes the message for UDP. One of more than size bytes goes without
// its records, and says that it is truncated (RFC 2181 section 9).
func (m *DNSMessage) PackUDP(size int) ([]byte, error) {
	b, err := m.Pack()
	if err != nil || len(b) <= size {
		return b, err
	}
	short := *m
	short.Truncated, short.Answers, short.Authorities, short.Additionals = true, nil, nil, nil
	for _, r := range m.Additionals {
		if r.Type == DNSTypeOPT {
			short.Additionals = append(short.Additionals, r)
		}
	}
	return short.Pack()
}

// PackTCP writes the message for TCP: behind its length (RFC 1035 section 4.2.2).
func (m *DNSMessage) PackTCP() ([]byte, error) {
	b, err := m.Pack()
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...), nil
}

// ReadDNS reads one message from a TCP connection. Where the connection ends
// before a message begins, the error is io.EOF.
func ReadDNS(r io.Reader) (DNSMessage, error) {
	var n [2]byte
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return DNSMessage{}, err
	}
	b := make([]byte, binary.BigEndian.Uint16(n[:]))
	if _, err := io.ReadFull(r, b); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return DNSMessage{}, err
	}
	return ParseDNS(b)
}
