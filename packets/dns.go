package packets

import (
	"encoding/binary"
	"fmt"
)

// dnsTopBit is the top bit of a class, which mDNS uses for itself (RFC 6762
// sections 5.4 and 10.2).
const dnsTopBit = 1 << 15

var dns = protocol{
	key:   "dns",
	name:  "DNS",
	title: "Domain Name System",
	rfc:   "RFC 1035",
	about: "Asks a server what is known about a name, above all which address it has.",
	lay:   layDNS,
	sum:   sumDNS,
	fields: []*field{
		{
			key: "dns.length", name: "length", rfc: "RFC 1035 section 4.2.2",
			about: "How long the message is: TCP, a stream, does not say where it ends.",
			place: func(p *part) (int, int) { return 0, p.dns.base * 8 },
			value: func(r reading) string { return bytesOf(r.raw) },
			say: func(r reading) string {
				return "The message takes the next " + bytesOf(r.raw) + ": TCP, a stream, does not say where it ends."
			},
		},
		dnsHeaderField(0, field{
			key: "dns.id", name: "ID", rfc: "RFC 1035 section 4.1.1",
			about: "Tells which answer belongs to which query.",
			value: func(r reading) string { return fmt.Sprintf("0x%04x", r.raw) },
			say: func(r reading) string {
				switch {
				case r.mdns():
					return "Neighbors answer to everybody, so the number means nothing here (RFC 6762)."
				case r.dnsFlags()&dnsQR != 0:
					return fmt.Sprintf("This answers the query with number 0x%04x.", r.raw)
				}
				return fmt.Sprintf("The answer must carry 0x%04x too. Who does not see this number must guess it to forge one.", r.raw)
			},
		}),
		dnsHeaderField(2, field{
			key: "dns.flags", name: "flags", rfc: "RFC 1035 section 4.1.1",
			about: "What kind of message it is, and how the question went.",
			value: func(r reading) string { return fmt.Sprintf("0x%04x", r.raw) },
			say:   sayDNSFlags,
			kids:  dnsFlagFields(),
		}),
		dnsCount(4, "dns.count.queries", "QDCOUNT", "question"),
		dnsCount(6, "dns.count.answers", "ANCOUNT", "answer"),
		dnsCount(8, "dns.count.auth_rr", "NSCOUNT", "authority record"),
		dnsCount(10, "dns.count.add_rr", "ARCOUNT", "additional record"),
		dnsSection(dnsQuestions, "dns.questions", "question section", "What is asked.",
			"What is asked. An answer repeats it.", dnsQuestion),
		dnsSection(dnsAnswers, "dns.answers", "answer section", "The records that answer the question.",
			"The records that answer the question.", dnsRecord, dnsOPT),
		dnsSection(dnsAuthorities, "dns.authorities", "authority section", "Records about those who own the name.",
			"Records about those who own the name: where to ask further, or how long to believe that there is nothing.", dnsRecord, dnsOPT),
		dnsSection(dnsAdditionals, "dns.additionals", "additional section", "Records that nobody asked for and that may help.",
			"Records that nobody asked for and that may help.", dnsRecord, dnsOPT),
		{
			key: "dns.malformed", name: "malformed", rfc: "RFC 1035 section 4.1",
			about: "What is left of a message that cannot be read further.",
			place: func(p *part) (int, int) {
				if p.dns.trouble == "" || p.dnsCut() {
					return 0, 0
				}
				at := p.dns.base + p.dns.end
				return at * 8, (p.size - at) * 8
			},
			value: hexBytes,
			say: func(r reading) string {
				return "It cannot be read further: " + r.dns.trouble + "."
			},
		},
	},
}

// dnsHeaderField is a field of 16 bits, so many bytes behind the beginning of
// the message.
func dnsHeaderField(at int, f field) *field {
	f.place = func(p *part) (int, int) { return (p.dns.base + at) * 8, 16 }
	return &f
}

func dnsCount(at int, key, name, what string) *field {
	return dnsHeaderField(at, field{
		key: key, name: name, rfc: "RFC 1035 section 4.1.1",
		about: "How many entries the section for each " + what + " has.",
		say: func(r reading) string {
			if r.raw == 1 {
				return "One " + what + " follows."
			}
			return group(r.raw) + " " + what + "s follow."
		},
	})
}

// dnsSection is one of the four sections: what of it can be read.
func dnsSection(n int, key, name, about, say string, entries ...*field) *field {
	return &field{
		key: key, name: name, about: about, rfc: "RFC 1035 section 4.1",
		place: func(p *part) (int, int) {
			from := dnsHeaderLen
			if n > 0 {
				from = p.dns.ends[n-1]
			}
			return (p.dns.base + from) * 8, (p.dns.ends[n] - from) * 8
		},
		value: func(r reading) string {
			if items := r.dns.in(n); len(items) != 1 {
				return group(len(items)) + " entries"
			}
			return "1 entry"
		},
		say:  always(say),
		kids: entries,
		find: func(r reading) []spot {
			var spots []spot
			for _, it := range r.dns.in(n) {
				f := entries[0]
				if n > 0 && it.kind(r.dns.msg) == DNSTypeOPT {
					f = dnsOPT
				}
				spots = append(spots, spot{f, (it.off+r.dns.base)*8 - r.bit, (it.end - it.off) * 8})
			}
			return spots
		},
	}
}

func layDNS(p *part) {
	msg, base := p.here(), 0
	if p.outer.proto.key == "tcp" || p.outer.proto.key == "dns" { // the first of a segment, or one behind it
		base = 2
		msg = msg[base : base+int(binary.BigEndian.Uint16(msg))] // all of it is here: see wholeDNS
	}
	l := layDNSMessage(msg)
	l.base, l.msg = base, msg
	p.dns = &l
	if l.trouble != "" {
		p.size = p.avail()
		if !p.dnsCut() || p.size < dnsHeaderLen && !p.quoted {
			p.harm("%s", l.trouble)
		}
		return
	}
	p.size = base + l.end
	p.next = opaque
	if rest := p.here()[p.size:]; base > 0 && wholeDNS(rest) {
		p.next = carried{key: "dns"}
	}
	for _, it := range l.items {
		if it.section == dnsQuestions {
			continue
		}
		if err := it.parts(msg, func(dnsPart, int, int) {}); err != nil {
			p.harm("%v", err)
			return // once is enough
		}
	}
}

// dnsCut says whether the rest of the message is elsewhere: in another piece
// of the datagram, or nowhere because the capture was cut.
func (p *part) dnsCut() bool { return p.missing > 0 || p.fragment || p.quoted }

// carriedByPort is what a program's port announces (IANA service names): DNS
// where a message of it can be. payload is what the transport carries of it.
func carriedByPort(src, dst uint16, payload []byte, stream bool) carried {
	is := func(port uint16) bool { return src == port || dst == port }
	switch {
	case stream && is(DNSPort) && wholeDNS(payload), !stream && (is(DNSPort) || is(MDNSPort)) && len(payload) > 0:
		return carried{key: "dns"}
	}
	return opaque
}

// wholeDNS says whether bytes of a stream begin with a whole DNS message
// behind its length.
func wholeDNS(b []byte) bool {
	if len(b) < 2+dnsHeaderLen {
		return false
	}
	n := int(binary.BigEndian.Uint16(b))
	if n > len(b)-2 {
		return false
	}
	l := layDNSMessage(b[2 : 2+n])
	return l.trouble == "" && l.end == n
}

// mdns says whether the message is for neighbors who answer for themselves
// (RFC 6762).
func (p *part) mdns() bool {
	o := p.outer
	return o != nil && o.proto.key == "udp" && (o.u16(0) == MDNSPort || o.u16(2) == MDNSPort)
}

// dnsFlags is the header's second word.
func (p *part) dnsFlags() uint16 { return p.u16(p.dns.base + 2) }

// dnsAt is where a field begins in its message.
func (r reading) dnsAt() int { return r.bit/8 - r.dns.base }

func sumDNS(p *part, _ Context) string {
	if !p.whole(p.dns.base + dnsHeaderLen) {
		return bytesOf(p.size)
	}
	second, msg := p.dnsFlags(), p.dns.msg
	what := dnsOpcodeName(uint8(second >> 11 & 15))
	about := ""
	if q := p.dns.in(dnsQuestions); len(q) > 0 {
		about = " " + DNSQuestion{nameAt(msg, q[0].off), q[0].kind(msg), 0}.String()
	}
	if second&dnsQR == 0 {
		return what + about
	}
	what = map[string]string{"query": "answer"}[what] + map[bool]string{true: what + " answered"}[what != "query"]
	code := DNSCode(second & 15)
	answers := p.dns.in(dnsAnswers)
	switch {
	case code != DNSNoError:
		return what + about + ": " + code.String()
	case second&dnsTC != 0:
		return what + about + ": truncated"
	case len(answers) == 0:
		return what + about + ": nothing"
	}
	const most = 4
	for i, it := range answers[:min(most, len(answers))] {
		r, err := it.record(msg)
		switch {
		case err != nil:
			return what + about
		case i == 0:
			what += " " + dnsText(r.Name)
		default:
			what += ","
		}
		what += " " + r.String()
	}
	if more := len(answers) - most; more > 0 {
		what += fmt.Sprintf(" and %d more", more)
	}
	return what
}
