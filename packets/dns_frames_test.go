package packets

import "encoding/binary"

// Messages of DNS, byte by byte. The client asks from port 40000.
var (
	dnsQueryA = wire(`
		12 34        # number 0x1234
		01 20        # a query, recursion desired, signatures checked?
		00 01 00 00 00 00 00 01  # one question, one additional record
		07 65 78 61 6d 70 6c 65  03 63 6f 6d  00  # example.com
		00 01 00 01  # A, IN
		00 00 29     # the root, OPT
		04 d0        # UDP messages of up to 1,232 bytes
		00 00 80 00  # no more code bits, version 0, signatures wanted
		00 0c        # 12 bytes
		00 0a 00 08  01 02 03 04 05 06 07 08  # a cookie
	`)
	dnsAnswerA = wire(`
		12 34        # number 0x1234
		81 80        # an answer, recursion desired and available
		00 01 00 01 00 00 00 00  # one question, one answer
		07 65 78 61 6d 70 6c 65  03 63 6f 6d  00  # example.com
		00 01 00 01  # A, IN
		c0 0c        # the name at 12
		00 01 00 01  # A, IN
		00 00 01 2c  # 300 seconds
		00 04        # 4 bytes
		5d b8 d8 22  # 93.184.216.34
	`)
	dnsAlias = wire(`
		00 02 85 80  00 01 00 02 00 00 00 00  # an answer of the owner: one question, two answers
		03 77 77 77  07 65 78 61 6d 70 6c 65  03 63 6f 6d  00  # www.example.com
		00 1c 00 01  # AAAA, IN
		c0 0c 00 05 00 01  00 00 00 3c  00 02  c0 10  # is another name for example.com
		c0 10 00 1c 00 01  00 00 00 3c  00 10         # example.com
		26 06 28 00 02 20 00 01  02 48 18 93 25 c8 19 46  # 2606:2800:220:1:248:1893:25c8:1946
	`)
	dnsNoSuchName = wire(`
		00 03 81 83  00 01 00 00 00 01 00 00  # no such name: one question, one authority record
		04 6e 6f 70 65  07 65 78 61 6d 70 6c 65  00  # nope.example
		00 01 00 01  # A, IN
		c0 11 00 06 00 01  00 00 0e 10  00 20  # about example: SOA
		02 6e 73 c0 11                         # ns.example
		04 68 6f 73 74 c0 11                   # host.example
		78 49 7a b1                            # version 2,018,081,457
		00 00 1c 20  00 00 0e 10  00 12 75 00  00 00 0e 10  # 7,200 s, 3,600 s, 1,209,600 s, 3,600 s
	`)
	dnsEveryType = wire(`
		00 04 84 00  00 01 00 06 00 01 00 01  # one question, six answers, one authority record, one additional
		01 61 00  00 ff 00 01                 # ANY of a
		c0 0c 00 0f 00 01  00 00 00 00  00 09  00 0a 04 6d 61 69 6c c0 0c  # MX 10 mail.a
		c0 0c 00 10 00 01  80 00 00 00  00 09  02 68 69 00 04 61 3d 22 07  # TXT "hi" "" and one that holds a bell
		c0 0c 00 0c 00 01  00 00 00 01  00 07  04 c3 a9 2e 5c c0 0c        # PTR to a label of é, dot and backslash
		c0 0c 00 21 00 01  00 00 00 01  00 0b  00 01 00 02 1f 90  03 73 72 76 00  # SRV 1 2 8080 srv
		c0 0c 00 41 00 01  00 00 00 01  00 03  00 01 00                    # HTTPS
		c0 0c ff 00 00 03  00 00 00 01  00 02  aa bb                       # a private type of class CH
		c0 0c 00 02 00 01  00 00 00 01  00 02  c0 0c                       # NS a
		c0 0c 00 01 00 01  00 00 00 01  00 04  0a 00 00 02                 # A 10.0.0.2
	`)
	dnsMDNS = wire(`
		00 00 84 00  00 01 00 01 00 00 00 00  # an answer to nobody in particular
		07 70 72 69 6e 74 65 72  05 6c 6f 63 61 6c  00  # printer.local
		00 01 80 01  # A, IN, to me alone if you like
		c0 0c 00 01 80 01  00 00 00 78  00 04  0a 00 00 05  # replaces what is known: 10.0.0.5
	`)
)

// overUDP is a DNS message in a datagram from one port to another, and overTCP
// bytes of a stream to port 53.
func overUDP(src, dst uint16, msg []byte) []byte {
	return seal(join(udpFrame[:34], ports(src, dst), make([]byte, 4), msg))
}

func overTCP(src uint16, stream ...[]byte) []byte {
	return seal(join(dataFrame[:34], ports(src, DNSPort), dataFrame[38:66], join(stream...)))
}

func ports(src, dst uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, src), dst)
}

// withLength is a message as a stream carries it.
func withLength(msg []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)
}

func corpusDNS() []sample {
	badOption := patch(dnsQueryA, 41, 9) // an option longer than its record
	return []sample{
		{name: "DNS query", frame: overUDP(40000, DNSPort, dnsQueryA)},
		{name: "DNS answer", frame: overUDP(DNSPort, 40000, dnsAnswerA)},
		{name: "DNS answer with an alias", frame: overUDP(DNSPort, 40000, dnsAlias)},
		{name: "DNS no such name", frame: overUDP(DNSPort, 40000, dnsNoSuchName)},
		{name: "DNS records of every type", frame: overUDP(DNSPort, 40000, dnsEveryType)},
		{name: "DNS truncated", frame: overUDP(DNSPort, 40000, patch(dnsAnswerA[:29], 2, 0x83, 0x80, 0, 1, 0, 0))},
		{name: "DNS update", frame: overUDP(40000, DNSPort, patch(dnsAnswerA[:29], 2, 0x28, 0, 0, 1, 0, 0))},
		{name: "mDNS", frame: overUDP(MDNSPort, MDNSPort, dnsMDNS)},
		{name: "DNS over IPv6", frame: packet6(ProtocolUDP, ports(40000, DNSPort), make([]byte, 4), dnsQueryA)},
		{name: "DNS over TCP", frame: overTCP(40000, withLength(dnsQueryA))},
		{name: "two DNS messages over TCP", frame: overTCP(40001, withLength(dnsQueryA), withLength(dnsAnswerA))},
		{name: "DNS over TCP and the beginning of another", frame: overTCP(40002, withLength(dnsQueryA), withLength(dnsAnswerA)[:20])},
		{name: "part of a DNS message over TCP", frame: overTCP(40003, withLength(dnsQueryA)[:20])},
		{name: "bytes behind a DNS message", frame: overUDP(40000, DNSPort, join(dnsQueryA, []byte{1, 2, 3}))},
		{name: "DNS record too few", frame: overUDP(DNSPort, 40000, patch(dnsAnswerA, 6, 0, 2)), damaged: true},
		{name: "DNS name that points to itself", frame: overUDP(DNSPort, 40000, patch(dnsAnswerA, 29, 0xc0, 29)), damaged: true},
		{name: "DNS label of an unknown kind", frame: overUDP(DNSPort, 40000, patch(dnsAnswerA, 12, 0x47)), damaged: true},
		{name: "DNS address of three bytes", frame: overUDP(DNSPort, 40000, patch(dnsAnswerA[:44], 39, 0, 3)), damaged: true},
		{name: "DNS address of five bytes", frame: overUDP(DNSPort, 40000, join(patch(dnsAnswerA, 39, 0, 5), []byte{1})), damaged: true},
		{name: "DNS option too long", frame: overUDP(40000, DNSPort, badOption)},
		{name: "no DNS message", frame: overUDP(40000, DNSPort, []byte("ping")), damaged: true},
		{name: "port unreachable for DNS", frame: seal(join(portUnreachable[:42], overUDP(40000, DNSPort, dnsQueryA)[14:]))},
		{name: "first piece of a DNS answer", frame: patch(overUDP(DNSPort, 40000, dnsEveryType)[:42+64], 16, 0, 92, 0, 7, 0x20, 0), partial: true},
	}
}
