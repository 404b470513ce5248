package packets

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// everyRecord is a message with a record of each type.
var everyRecord = DNSMessage{
	ID: 7, Response: true, Authoritative: true, RecursionDesired: true, RecursionAvailable: true, AuthenticData: true, CheckingDisabled: true,
	Questions: []DNSQuestion{{"www.example.com", DNSTypeANY, DNSClassIN}},
	Answers: []DNSRecord{
		{Name: "www.example.com", Type: DNSTypeCNAME, Class: DNSClassIN, TTL: 60, Host: "example.com"},
		{Name: "example.com", Type: DNSTypeA, Class: DNSClassIN, TTL: 300, Addr: netip.MustParseAddr("10.0.0.2")},
		{Name: "example.com", Type: DNSTypeAAAA, Class: DNSClassIN, TTL: 300, Addr: netip.MustParseAddr("fd00::2")},
		{Name: "example.com", Type: DNSTypeMX, Class: DNSClassIN, TTL: 1, Preference: 10, Host: "mail.example.com"},
		{Name: "example.com", Type: DNSTypeTXT, Class: DNSClassIN, TTL: 1, Text: []string{"v=spf1 -all", "", "\x00é"}},
		{Name: "_http._tcp.example.com", Type: DNSTypeSRV, Class: DNSClassIN, TTL: 1, Preference: 1, Weight: 2, Port: 8080, Host: "www.example.com"},
		{Name: "2.0.0.10.in-addr.arpa", Type: DNSTypePTR, Class: DNSClassIN, TTL: 1, Host: "example.com"},
		{Name: "example.com", Type: DNSTypeHTTPS, Class: DNSClassIN, TTL: 1, Data: []byte{0, 1, 0}},
	},
	Authorities: []DNSRecord{
		{Name: "example.com", Type: DNSTypeNS, Class: DNSClassIN, TTL: 1, Host: "ns.example.com"},
		{Name: "com", Type: DNSTypeSOA, Class: DNSClassIN, TTL: 1, Host: "a.gtld-servers.net", SOA: DNSSOA{"host.example.com", 1, 2, 3, 4, 5}},
	},
	Additionals: []DNSRecord{{Name: ".", Type: DNSTypeOPT, Class: 4096, TTL: 1 << 15, Data: []byte{0, 10, 0, 1, 9}}},
}

func pack(t *testing.T, m DNSMessage) []byte {
	t.Helper()
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAMessageComesBackAsItWas(t *testing.T) {
	got, err := ParseDNS(pack(t, everyRecord))
	if err != nil || !reflect.DeepEqual(got, everyRecord) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, everyRecord)
	}
}

func TestMessagesThatPeopleWroteAreRead(t *testing.T) {
	m, err := ParseDNS(dnsAnswerA)
	want := DNSMessage{
		ID: 0x1234, Response: true, RecursionDesired: true, RecursionAvailable: true,
		Questions: []DNSQuestion{{"example.com", DNSTypeA, DNSClassIN}},
		Answers:   []DNSRecord{{Name: "example.com", Type: DNSTypeA, Class: DNSClassIN, TTL: 300, Addr: netip.MustParseAddr("93.184.216.34")}},
	}
	if err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, m, want)
	}
	if b := pack(t, want); !bytes.Equal(b, dnsAnswerA) {
		t.Errorf("written % x\nwant    % x", b, dnsAnswerA)
	}
}

// What is written here, gopacket's own decoder reads the same.
func TestWhatIsWrittenGopacketReads(t *testing.T) {
	var theirs layers.DNS
	if err := theirs.DecodeFromBytes(pack(t, everyRecord), gopacket.NilDecodeFeedback); err != nil {
		t.Fatal(err)
	}
	a := theirs.Answers
	if string(theirs.Questions[0].Name) != "www.example.com" || string(a[0].CNAME) != "example.com" || a[1].IP.String() != "10.0.0.2" ||
		a[2].IP.String() != "fd00::2" || string(a[3].MX.Name) != "mail.example.com" || string(a[4].TXTs[0]) != "v=spf1 -all" ||
		string(a[5].SRV.Name) != "www.example.com" || a[5].SRV.Port != 8080 || string(a[6].PTR) != "example.com" ||
		string(theirs.Authorities[1].SOA.RName) != "host.example.com" || theirs.Authorities[1].SOA.Minimum != 5 || theirs.Additionals[0].Type != layers.DNSTypeOPT {
		t.Errorf("%+v", theirs)
	}
}

func TestNamesAreCompressedWhereTheyMayBe(t *testing.T) {
	b := pack(t, everyRecord)
	if n := bytes.Count(b, []byte("\x07example\x03com")); n != 2 { // once for all, and in the target of SRV
		t.Errorf("example.com stands %d times in % x", n, b)
	}
	if n := bytes.Count(b, []byte("\x03www\x07example\x03com\x00")); n != 2 {
		t.Errorf("the target of SRV must stand in full (RFC 2782), and %d are there", n)
	}
}

// No pointer reaches further than 16,383 bytes.
func TestNamesFarBehindAreNotPointedAt(t *testing.T) {
	m := NewDNSQuery(1, "a.example", DNSTypeTXT)
	m.Response = true
	for range 70 {
		m.Answers = append(m.Answers, DNSRecord{Name: "far.behind", Type: DNSTypeTXT, Class: DNSClassIN, Text: []string{strings.Repeat("x", 250)}})
	}
	m.Answers = append(m.Answers, DNSRecord{Name: "new.here", Type: DNSTypeNS, Class: DNSClassIN, Host: "new.here"})
	got, err := ParseDNS(pack(t, m))
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("%v: %+v", err, got.Answers[len(got.Answers)-1])
	}
}

func TestNamesAsText(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, name := range []string{".", "com", "a.b.c.d", `a\.b.c`, `back\\slash`, `\000\255\032.x`, "UPPER.lower", "_tcp.x", long, long + "." + long + "." + long + "." + long[:61]} {
		m := NewDNSQuery(1, name, DNSTypeA)
		got, err := ParseDNS(pack(t, m))
		if err != nil || got.Questions[0].Name != name {
			t.Errorf("%q comes back as %v (%v)", name, got.Questions, err)
		}
	}
	for name, want := range map[string]string{"example.com.": "example.com", "": ".", `\101xample`: "example", `\e`: "e"} {
		m := NewDNSQuery(1, name, DNSTypeA)
		if got, err := ParseDNS(pack(t, m)); err != nil || got.Questions[0].Name != want {
			t.Errorf("%q is %v (%v), want %q", name, got.Questions, err, want)
		}
	}
	for name, want := range map[string]string{
		"a..b":                      `name "a..b": a label is empty`,
		".a":                        `name ".a": a label is empty`,
		long + "a.com":              "a label has 64 bytes, more than 63",
		`a\`:                        "a backslash stands alone",
		`a\12`:                      "a backslash stands alone",
		`\256`:                      `\256 is no byte`,
		strings.Repeat(long+".", 4): "it takes 257 bytes, more than 255",
	} {
		m := NewDNSQuery(1, name, DNSTypeA)
		if _, err := m.Pack(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
}

func TestNamesThatRunInCirclesOrOutAreRefused(t *testing.T) {
	at := func(lines string) []byte { return join(dnsQueryA[:12], wire(lines)) }
	for name, c := range map[string]struct {
		msg  []byte
		want string
	}{
		"itself":             {at("c0 0c"), "points to byte 12, which is not before it"},
		"forward":            {at("c0 0e 01 61 00"), "points to byte 14"},
		"label, then back":   {at("01 61 c0 0c"), "points to byte 12"},
		"two that alternate": {at("01 61 c0 10 c0 0c"), "points to byte 16"},
		"past the end":       {at("05 61"), "goes on behind the end"},
		"half a pointer":     {at("c0"), "goes on behind the end"},
		"no end":             {at("01 61"), "goes on behind the end"},
		"of the kind 10":     {at("80 00"), "kind 10"},
	} {
		if _, err := readName(c.msg, 12, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Pointers that all go back are followed, but no name gets longer than 255 bytes.
	msg := slices.Clone(dnsQueryA[:12])
	msg = append(msg, 0)
	for at := 12; at < 12+1000; {
		here := len(msg)
		msg = append(msg, 1, 'a', 0xc0|byte(at>>8), byte(at))
		at = here
	}
	if _, err := readName(msg, len(msg)-4, nil); err == nil || !strings.Contains(err.Error(), "longer than 255") {
		t.Errorf("%v", err)
	}
	if end, err := readName(msg, 12+1+4*100, nil); err != nil || end != 12+1+4*101 {
		t.Errorf("a name of 101 labels: %d, %v", end, err)
	}
}

func TestAnAnswerAnswersItsQuery(t *testing.T) {
	q := NewDNSQuery(9, "Example.com", DNSTypeA)
	good := q.Reply(DNSNoError, DNSRecord{Name: "example.com", Type: DNSTypeA, Class: DNSClassIN, Addr: netip.MustParseAddr("10.0.0.2")})
	good.Questions = []DNSQuestion{{"example.COM", DNSTypeA, DNSClassIN}}
	if !q.AnsweredBy(&good) || !good.RecursionDesired || len(good.Answers) != 1 {
		t.Errorf("%+v", good)
	}
	for name, change := range map[string]func(*DNSMessage){
		"a query":        func(m *DNSMessage) { m.Response = false },
		"another number": func(m *DNSMessage) { m.ID++ },
		"another name":   func(m *DNSMessage) { m.Questions[0].Name = "example.org" },
		"another type":   func(m *DNSMessage) { m.Questions[0].Type = DNSTypeAAAA },
		"no question":    func(m *DNSMessage) { m.Questions = nil },
		"another opcode": func(m *DNSMessage) { m.Opcode = 5 },
	} {
		bad := good
		bad.Questions = slices.Clone(good.Questions)
		change(&bad)
		if q.AnsweredBy(&bad) {
			t.Errorf("%s is taken for the answer", name)
		}
	}
}

func TestAnAnswerThatDoesNotFitSaysSo(t *testing.T) {
	q := NewDNSQuery(9, "example.com", DNSTypeTXT)
	m := q.Reply(DNSNoError)
	for range 3 {
		m.Answers = append(m.Answers, DNSRecord{Name: "example.com", Type: DNSTypeTXT, Class: DNSClassIN, Text: []string{strings.Repeat("x", 200)}})
	}
	m.OfferUDPSize(1232)
	b, err := m.PackUDP(q.UDPSize())
	short, _ := ParseDNS(b)
	if err != nil || len(b) > 512 || !short.Truncated || len(short.Answers) != 0 || len(short.Questions) != 1 || len(short.Additionals) != 1 || !q.AnsweredBy(&short) {
		t.Errorf("%v, %d bytes: %+v", err, len(b), short)
	}
	if m.Truncated || len(m.Answers) != 3 {
		t.Error("the message itself changed")
	}
	q.OfferUDPSize(1232)
	b, err = m.PackUDP(q.UDPSize())
	if whole, _ := ParseDNS(b); err != nil || whole.Truncated || len(whole.Answers) != 3 {
		t.Errorf("%v: %+v", err, whole)
	}
	q.Additionals[0].Class = 100 // less than every host must take
	if q.UDPSize() != 512 {
		t.Errorf("%d", q.UDPSize())
	}
}

func TestMessagesOverTCPStandBehindTheirLength(t *testing.T) {
	q := NewDNSQuery(9, "example.com", DNSTypeA)
	b, err := q.PackTCP()
	if err != nil || len(b) != 2+29 || b[0] != 0 || b[1] != 29 {
		t.Fatalf("% x, %v", b, err)
	}
	r := bytes.NewReader(join(b, b))
	for range 2 {
		if m, err := ReadDNS(r); err != nil || !reflect.DeepEqual(m, q) {
			t.Errorf("%+v, %v", m, err)
		}
	}
	if _, err := ReadDNS(r); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	for n := 1; n < len(b); n++ {
		if _, err := ReadDNS(bytes.NewReader(b[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestWhatCannotBeWrittenIsRefused(t *testing.T) {
	for want, r := range map[string]DNSRecord{
		"invalid IP is no address for a record of type A":  {Name: "a", Type: DNSTypeA, Class: DNSClassIN},
		"fd00::1 is no address for a record of type A":     {Name: "a", Type: DNSTypeA, Class: DNSClassIN, Addr: netip.MustParseAddr("fd00::1")},
		"10.0.0.1 is no address for a record of type AAAA": {Name: "a", Type: DNSTypeAAAA, Class: DNSClassIN, Addr: netip.MustParseAddr("10.0.0.1")},
		"a text of 256 bytes":                              {Name: "a", Type: DNSTypeTXT, Class: DNSClassIN, Text: []string{strings.Repeat("x", 256)}},
		"a label is empty":                                 {Name: "a", Type: DNSTypeNS, Class: DNSClassIN, Host: "a..b"},
		"longer than 65,535 bytes":                         {Name: "a", Type: 9999, Class: DNSClassIN, Data: make([]byte, 65536)},
		"the message takes 65,557 bytes":                   {Name: "a", Type: 9999, Class: DNSClassIN, Data: make([]byte, 65532)},
	} {
		m := DNSMessage{Answers: []DNSRecord{r}}
		if _, err := m.Pack(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestAMessageCutAnywhereIsRefused(t *testing.T) {
	for _, b := range [][]byte{dnsQueryA, dnsAnswerA, dnsEveryType, pack(t, everyRecord)} {
		for n := range len(b) {
			if _, err := ParseDNS(b[:n]); err == nil {
				t.Errorf("%d of %d bytes are read", n, len(b))
			}
		}
		if _, err := ParseDNS(append(slices.Clone(b), 0)); err == nil {
			t.Error("a byte too many is not noticed")
		}
	}
}

func FuzzDNS(f *testing.F) {
	for _, b := range [][]byte{dnsQueryA, dnsAnswerA, dnsAlias, dnsNoSuchName, dnsEveryType, dnsMDNS} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseDNS(b)
		if err != nil {
			return
		}
		b, err = m.Pack()
		if err != nil {
			t.Skip(err) // names that may not be compressed can make it too long
		}
		if again, err := ParseDNS(b); err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%v\ngot  %+v\nwant %+v", err, again, m)
		}
		for _, r := range m.Answers {
			if s := r.String(); strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
				t.Errorf("%q", s)
			}
		}
	})
}
