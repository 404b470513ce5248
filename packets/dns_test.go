package packets

import (
	"strings"
	"testing"
)

func TestDNSAsks(t *testing.T) {
	expect(t, sampleFrame("DNS query"), Context{},
		said{"dns.id", "0x1234", "The answer must carry 0x1234 too. Who does not see this number must guess it to forge one."},
		said{"dns.flags", "0x0120", "A query."},
		said{"dns.flags.recdesired", "set", "Set: \"If you do not know, ask others and tell me what they say.\""},
		said{"dns.flags.authenticated", "set", "Set: \"Tell me whether you checked the signatures.\""},
		said{"dns.flags.rcode", "0, no error", "It means nothing in a query."},
		said{"dns.count.queries", "1", "One question follows."},
		said{"dns.count.answers", "0", "0 answers follow."},
		said{"dns.question", "A example.com", "Asked about example.com: an IPv4 address."},
		said{"dns.qry.name", "example.com", "The name asked about is example.com."},
		said{"dns.qry.type", "1, A", "Wanted: an IPv4 address."},
		said{"dns.qry.class", "1, IN", "IN: a name of the Internet."},
		said{"dns.opt_record", "UDP messages of 1,232 bytes", ""},
		said{"dns.resp.name", ".", "No name: a record must have one, and here it means nothing."},
		said{"dns.rr.udp_payload_size", "1,232 bytes", "\"Over UDP I take messages of up to 1,232 bytes.\""},
		said{"dns.resp.z.do", "set", "Set: \"Send me the signatures too.\""},
		said{"dns.opt", "a cookie against forged answers", ""},
		said{"dns.opt.data", "01 02 03 04 05 06 07 08", ""})
}

func TestDNSAnswers(t *testing.T) {
	expect(t, sampleFrame("DNS answer"), Context{},
		said{"dns.id", "0x1234", "This answers the query with number 0x1234."},
		said{"dns.flags.response", "set", "Set: this is an answer."},
		said{"dns.flags.rcode", "", "Nothing went wrong. (If there is no answer all the same, the name exists, but has no record of that type.)"},
		said{"dns.record", "example.com A 93.184.216.34", "About example.com: an IPv4 address."},
		said{"dns.resp.name", "example.com", "The record is about example.com."},
		said{"dns.resp.ttl", "300 s", "Whoever reads this may keep it for 300 seconds without asking again."},
		said{"dns.resp.len", "4 bytes", ""},
		said{"dns.a", "93.184.216.34", "The name example.com has the IPv4 address 93.184.216.34."})
	for ttl, want := range map[string]string{
		"00 00 00 00": "0: use it once, and do not keep it.",
		"80 00 00 00": "A TTL with its top bit set is to be taken as 0 (RFC 2181 section 8).",
	} {
		if got := says(overUDP(DNSPort, 40000, patch(dnsAnswerA, 35, wire(ttl)...)), Context{}, "dns.resp.ttl"); got != want {
			t.Errorf("%s: %q", ttl, got)
		}
	}
	expect(t, sampleFrame("DNS answer with an alias"), Context{},
		said{"dns.flags.authoritative", "set", "Set: the name server owns the name; it did not hear this from another."},
		said{"dns.cname", "example.com", "The name www.example.com is only another one for example.com: what is wanted stands there."},
		said{"dns.aaaa", "2606:2800:220:1:248:1893:25c8:1946", "The name example.com has the IPv6 address 2606:2800:220:1:248:1893:25c8:1946."})
	expect(t, sampleFrame("DNS no such name"), Context{},
		said{"dns.flags", "0x8183", "An answer that says what went wrong: no such name."},
		said{"dns.flags.rcode", "3, no such name", "There is no such name."},
		said{"dns.soa.mname", "ns.example", ""},
		said{"dns.soa.rname", "host.example", "Letters about the zone go to host.example, where the first dot stands for @."},
		said{"dns.soa.serial_number", "2018081457", ""},
		said{"dns.soa.minimum_ttl", "3,600 s", "That a name or a type does not exist may be believed for 3,600 seconds, or for this record's TTL if that is less."})
	expect(t, sampleFrame("DNS truncated"), Context{},
		said{"dns.flags", "", "An answer, but not all of it fitted."},
		said{"dns.flags.truncated", "set", "Set: not all fitted. Who asked should ask again over TCP."})
}

func TestDNSRecordsOfEveryType(t *testing.T) {
	frame := sampleFrame("DNS records of every type")
	expect(t, frame, Context{},
		said{"dns.mx.preference", "10", "Mail hosts with a number smaller than 10 are tried before."},
		said{"dns.mx.mail_exchange", "mail.a", "Mail for a goes to the host mail.a."},
		said{"dns.txt", "hi", ""},
		said{"dns.srv.port", "8080", "The service listens on port 8080."},
		said{"dns.srv.target", "srv", "The service a is to be had from the host srv."},
		said{"dns.ptr.domain_name", `\195\169\.\\.a`, ""},
		said{"dns.ns", "a", "The name server a knows about a and what is below."},
		said{"dns.data", "00 01 00", "3 bytes of a HTTPS record, which are not opened here."})
	var records []string
	for _, l := range Decode(frame, LinkEthernet, Context{}) {
		eachField(l.Fields, func(f Field) {
			if f.Key == "dns.record" {
				records = append(records, f.Value)
			}
		})
	}
	want := []string{
		"a MX 10 mail.a", `a TXT "hi" "" "a="·"`, `a PTR \195\169\.\\.a`, "a SRV 1 2 8080 srv", "a HTTPS 3 bytes", "a TYPE65280 2 bytes",
		"a NS a", "a A 10.0.0.2",
	}
	if got := strings.Join(records, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestNeighborsAnswerForThemselves(t *testing.T) {
	expect(t, sampleFrame("mDNS"), Context{},
		said{"dns.id", "0x0000", "Neighbors answer to everybody, so the number means nothing here (RFC 6762)."},
		said{"dns.qry.class", "1, IN", "IN: a name of the Internet."},
		said{"dns.qry.qu", "set", "Set: \"You may answer to me alone.\""},
		said{"dns.resp.cache_flush", "set", "Set: forget other records of this name and type."},
		said{"dns.a", "10.0.0.5", "The name printer.local has the IPv4 address 10.0.0.5."})
	if _, ok := Find(Decode(sampleFrame("DNS query"), LinkEthernet, Context{}), "dns.qry.qu"); ok {
		t.Error("the bit is mDNS's own")
	}
}

func TestDNSSummariesAreOneLine(t *testing.T) {
	for name, want := range map[string]string{
		"DNS query":                 "query A example.com",
		"DNS answer":                "answer example.com A 93.184.216.34",
		"DNS answer with an alias":  "answer www.example.com CNAME example.com, AAAA 2606:2800:220:1:248:1893:25c8:1946",
		"DNS no such name":          "answer A nope.example: no such name",
		"DNS truncated":             "answer A example.com: truncated",
		"DNS update":                "update A example.com",
		"DNS over TCP":              "query A example.com",
		"DNS records of every type": `answer a MX 10 mail.a, TXT "hi" "" "a="·", PTR \195\169\.\\.a, SRV 1 2 8080 srv and 2 more`,
		"no DNS message":            "4 bytes",
	} {
		for _, l := range Decode(sampleFrame(name), LinkEthernet, Context{}) {
			if l.Protocol == "dns" && l.Summary != want {
				t.Errorf("%s: %q", name, l.Summary)
			}
		}
	}
	if got := Decode(overUDP(DNSPort, 40000, patch(dnsAnswerA[:29], 6, 0, 0)), LinkEthernet, Context{})[3].Summary; got != "answer A example.com: nothing" {
		t.Errorf("%q", got)
	}
}

func TestDNSIsFoundWhereItsMessageIsWhole(t *testing.T) {
	for name, want := range map[string]string{
		"DNS over TCP":                              "ethernet ipv4 tcp dns",
		"two DNS messages over TCP":                 "ethernet ipv4 tcp dns dns",
		"DNS over TCP and the beginning of another": "ethernet ipv4 tcp dns data",
		"part of a DNS message over TCP":            "ethernet ipv4 tcp data",
		"bytes behind a DNS message":                "ethernet ipv4 udp dns data",
		"port unreachable for DNS":                  "ethernet ipv4 icmp (ipv4) (udp) (dns)",
		"first piece of a DNS answer":               "ethernet ipv4 udp dns",
		"DNS over IPv6":                             "ethernet ipv6 udp dns",
	} {
		if got := shape(Decode(sampleFrame(name), LinkEthernet, Context{})); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	// The middle of a message may by chance begin with the right length.
	chance := overTCP(40000, withLength([]byte("the middle of a message")))
	if got := shape(Decode(chance, LinkEthernet, Context{})); got != "ethernet ipv4 tcp data" {
		t.Errorf("no message, and yet %s", got)
	}
	expect(t, sampleFrame("DNS over TCP"), Context{},
		said{"dns.length", "52 bytes", "The message takes the next 52 bytes: TCP, a stream, does not say where it ends."})
	expect(t, sampleFrame("bytes behind a DNS message"), Context{},
		said{"data.data", "", "3 bytes behind the end of the message. Nothing in it announces them."})
}

func TestWhatIsWrongWithAMessageIsSaid(t *testing.T) {
	for name, want := range map[string]string{
		"DNS record too few":             "answer 2: a name goes on behind the end",
		"DNS name that points to itself": "answer 1: a name points to byte 29, which is not before it",
		"DNS label of an unknown kind":   "question 1: a label has the kind 01, which is not in use",
		"DNS address of three bytes":     "the data of the A record of example.com: it ends too early",
		"DNS address of five bytes":      "the data of the A record of example.com has 1 byte too many",
		"no DNS message":                 "only 4 of its 12 header bytes are here",
		"first piece of a DNS answer":    "", // what is missing is elsewhere
	} {
		layers := Decode(sampleFrame(name), LinkEthernet, Context{})
		if got := layers[3].Damage; got != want {
			t.Errorf("%s: %q", name, got)
		}
		if f, ok := Find(layers, "dns.malformed"); ok && f.Say != "It cannot be read further: "+want+"." {
			t.Errorf("%s: %q", name, f.Say)
		}
	}
	expect(t, sampleFrame("DNS address of three bytes"), Context{},
		said{"dns.data.malformed", "5d b8 d8", "Malformed: the data of the A record of example.com: it ends too early."})
}
