package packets

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// wire reads bytes as people write them: pairs of hex digits, with spaces
// wherever they help, and a comment behind a # in every line.
func wire(lines string) []byte {
	var digits strings.Builder
	for line := range strings.Lines(lines) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		panic(fmt.Sprintf("bytes of a test: %v", err))
	}
	return b
}

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// patch gives a copy of frame with other bytes from off on.
func patch(frame []byte, off int, b ...byte) []byte {
	out := slices.Clone(frame)
	copy(out[off:], b)
	return out
}

// sum1071 is the Internet checksum in its plainest form (RFC 1071 section 4.1).
func sum1071(b []byte) uint16 {
	sum := 0
	for i, c := range b {
		if i%2 == 0 {
			sum += int(c) << 8
		} else {
			sum += int(c)
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// seal gives a copy of an Ethernet frame with an IPv4 packet whose lengths and
// checksums are right, so that a test may change a field without arithmetic.
func seal(frame []byte) []byte {
	b := slices.Clone(frame)
	ip := b[14:]
	ihl := int(ip[0]&15) * 4
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	binary.BigEndian.PutUint16(ip[10:], 0)
	binary.BigEndian.PutUint16(ip[10:], sum1071(ip[:ihl]))
	seg := ip[ihl:]
	at := map[byte]int{ProtocolICMP: 2, ProtocolTCP: 16, ProtocolUDP: 6}[ip[9]]
	if ip[9] == ProtocolUDP {
		binary.BigEndian.PutUint16(seg[4:], uint16(len(seg)))
	}
	binary.BigEndian.PutUint16(seg[at:], 0)
	covered := seg
	if ip[9] != ProtocolICMP {
		pseudo := append(slices.Clone(ip[12:20]), 0, ip[9], byte(len(seg)>>8), byte(len(seg)))
		covered = join(pseudo, seg)
	}
	binary.BigEndian.PutUint16(seg[at:], sum1071(covered))
	return b
}

// The headers that the frames below share. The client is 10.0.0.1 with card
// 02:00:00:00:00:01, the server 10.0.0.2 with card 02:00:00:00:00:02.
var (
	ethToServer = wire(`
		02 00 00 00 00 02  # to the server's card
		02 00 00 00 00 01  # from the client's card
		08 00              # IPv4`)
	ethToClient = wire(`
		02 00 00 00 00 01  # to the client's card
		02 00 00 00 00 02  # from the server's card
		08 00              # IPv4`)
)

// The client's initial sequence number in every frame here is 1,000,000,000,
// the server's 4,294,967,290: six before the numbers begin again at 0.
const (
	clientISN = 1_000_000_000
	serverISN = 4_294_967_290
)

var synFrame = join(ethToServer, wire(`
	45 00        # version 4, 5 words of header; no special service
	00 3c        # 60 bytes in all
	1c 46        # identification
	40 00        # don't fragment; offset 0
	40 06        # 64 hops; TCP
	0a 74        # header checksum
	0a 00 00 01  # from 10.0.0.1
	0a 00 00 02  # to 10.0.0.2
`), wire(`
	c8 22        # from port 51234
	00 50        # to port 80
	3b 9a ca 00  # sequence number 1,000,000,000
	00 00 00 00  # no acknowledgment
	a0 02        # 10 words of header; SYN
	fa f0        # window 64,240
	67 17        # checksum
	00 00        # urgent pointer
	02 04 05 b4  # MSS 1,460
	04 02        # SACK permitted
	08 0a 00 00 03 e8  00 00 00 00  # timestamps: 1,000; none heard
	01           # no-op
	03 03 07     # window scale 7
`))

var synAckFrame = seal(join(ethToClient, wire(`
	45 00 00 3c  00 00 40 00  40 06 00 00  # 60 bytes, don't fragment, 64 hops, TCP
	0a 00 00 02  0a 00 00 01               # from 10.0.0.2 to 10.0.0.1
	00 50 c8 22  # from port 80 to port 51234
	ff ff ff fa  # sequence number 4,294,967,290
	3b 9a ca 01  # acknowledgment number: the SYN's, and one
	a0 12        # 10 words of header; SYN, ACK
	fe 88        # window 65,160
	00 00 00 00  # checksum, urgent pointer
	02 04 05 b4  # MSS 1,460
	04 02        # SACK permitted
	08 0a 00 00 07 d0  00 00 03 e8  # timestamps: 2,000; heard 1,000
	01           # no-op
	03 03 07     # window scale 7
`)))

// dataFrame carries "hello" as bytes 1 to 5 of the client's stream.
var dataFrame = seal(join(ethToServer, wire(`
	45 00 00 39  1c 47 40 00  40 06 00 00  # 57 bytes, don't fragment, 64 hops, TCP
	0a 00 00 01  0a 00 00 02               # from 10.0.0.1 to 10.0.0.2
	c8 22 00 50  # from port 51234 to port 80
	3b 9a ca 01  # sequence number: the client's first, and one
	ff ff ff fb  # acknowledgment number: the server's first, and one
	80 18        # 8 words of header; PSH, ACK
	01 f6        # window 502
	00 00 00 00  # checksum, urgent pointer
	01 01        # two no-ops
	08 0a 00 00 04 00  00 00 07 d0  # timestamps: 1,024; heard 2,000
	68 65 6c 6c 6f  # "hello"
`)))

// sackFrame acknowledges byte 5 and says that two more blocks have arrived.
var sackFrame = seal(join(ethToClient, wire(`
	45 00 00 3c  1c 48 40 00  40 06 00 00  # don't fragment, 64 hops, TCP
	0a 00 00 02  0a 00 00 01               # from 10.0.0.2 to 10.0.0.1
	00 50 c8 22  # from port 80 to port 51234
	ff ff ff fb  # sequence number: the server's first, and one
	3b 9a ca 06  # acknowledgment number: the client's first, and six
	a0 10        # 10 words of header; ACK
	01 f6        # window 502
	00 00 00 00  # checksum, urgent pointer
	01 01        # two no-ops
	05 12        # SACK, 18 bytes
	3b 9a cf 92  3b 9a d5 1e  # block: bytes 1,426 to 2,845
	3b 9a da aa  3b 9a e0 36  # block: bytes 4,266 to 5,685
`)))

var udpFrame = seal(join(ethToServer, wire(`
	45 00 00 24  00 07 00 00  40 11 00 00  # 36 bytes, 64 hops, UDP
	0a 00 00 01  0a 00 00 02               # from 10.0.0.1 to 10.0.0.2
	d9 03        # from port 55555
	00 07        # to port 7
	00 10        # 16 bytes
	00 00        # checksum
	70 69 6e 67 20 30 30 31  # "ping 001"
`)))

// portUnreachable answers udpFrame and quotes its header and 8 bytes more.
var portUnreachable = seal(join(ethToClient, wire(`
	45 c0 00 38  00 01 00 00  40 01 00 00  # CS6, 56 bytes, 64 hops, ICMP
	0a 00 00 02  0a 00 00 01               # from 10.0.0.2 to 10.0.0.1
	03 03        # destination unreachable: port unreachable
	00 00        # checksum
	00 00 00 00  # unused
`), udpFrame[14:42]))

var echoRequest = seal(join(ethToServer, wire(`
	45 00 00 20  00 09 40 00  40 01 00 00  # 32 bytes, don't fragment, 64 hops, ICMP
	0a 00 00 01  0a 00 00 02               # from 10.0.0.1 to 10.0.0.2
	08 00 00 00  # echo request; checksum
	00 2a 00 03  # identifier 42, sequence number 3
	61 62 63 64  # "abcd"
`)))

var arpRequestFrame = join(wire(`
	ff ff ff ff ff ff  # to every card
	02 00 00 00 00 01  # from the client's card
	08 06              # ARP
	00 01              # Ethernet
	08 00              # IPv4
	06 04              # 6 bytes of hardware address, 4 of protocol address
	00 01              # request
	02 00 00 00 00 01  # sender's card
	0a 00 00 01        # sender's address
	00 00 00 00 00 00  # target's card: wanted
	0a 00 00 02        # target's address
`), make([]byte, 18)) // padding to 60 bytes

var arpReplyFrame = wire(`
	02 00 00 00 00 01  # to the client's card
	02 00 00 00 00 02  # from the server's card
	08 06              # ARP
	00 01 08 00 06 04  # Ethernet and IPv4
	00 02              # reply
	02 00 00 00 00 02  # sender's card
	0a 00 00 02        # sender's address
	02 00 00 00 00 01  # target's card
	0a 00 00 01        # target's address
`)

// secondPiece is the second piece of a UDP datagram of 3,000 bytes.
var secondPiece = func() []byte {
	b := join(ethToServer, wire(`
		45 00 05 dc  12 34 20 b9  40 11 00 00  # 1,500 bytes; more fragments, offset 185 x 8; UDP
		0a 00 00 01  0a 00 00 02               # from 10.0.0.1 to 10.0.0.2
	`), make([]byte, 1480))
	binary.BigEndian.PutUint16(b[24:], sum1071(b[14:34]))
	return b
}()

// firstPiece is the first piece of the same datagram.
var firstPiece = func() []byte {
	b := join(ethToServer, wire(`
		45 00 05 dc  12 34 20 00  40 11 00 00  # 1,500 bytes; more fragments, offset 0; UDP
		0a 00 00 01  0a 00 00 02               # from 10.0.0.1 to 10.0.0.2
		d9 03 00 07  0b c0 12 34               # from port 55555 to 7, 3,008 bytes, checksum
	`), make([]byte, 1472))
	binary.BigEndian.PutUint16(b[24:], sum1071(b[14:34]))
	return b
}()

// sample is one frame of the tests' corpus.
type sample struct {
	name    string
	frame   []byte
	damaged bool // some header says what cannot be
	partial bool // some checksum covers bytes that are elsewhere
}

// corpus is every kind of frame that the tests run over.
func corpus() []sample { return slices.Concat(corpus4(), corpus6(), corpusDNS()) }

func corpus4() []sample {
	options := func(lines string) []byte { // of a SYN, filled up to whole words
		opts := wire(lines)
		for len(opts)%4 != 0 {
			opts = append(opts, 0)
		}
		b := join(synFrame[:54], opts)
		b[46] = byte(5+len(opts)/4) << 4
		return seal(b)
	}
	ipOptions := func(lines string) []byte {
		opts := wire(lines)
		b := join(udpFrame[:34], opts, udpFrame[34:])
		b[14] = 0x40 | byte(5+len(opts)/4)
		return seal(b)
	}
	icmpOf := func(lines string, quote []byte) []byte {
		return seal(join(portUnreachable[:34], wire(lines), quote))
	}
	return []sample{
		{name: "SYN", frame: synFrame},
		{name: "SYN-ACK", frame: synAckFrame},
		{name: "data", frame: dataFrame},
		{name: "SACK", frame: sackFrame},
		{name: "UDP", frame: udpFrame},
		{name: "UDP without checksum", frame: patch(udpFrame, 40, 0, 0)},
		{name: "UDP with bytes behind", frame: patch(seal(join(udpFrame, []byte{1, 2, 3, 4})), 38, 0, 16), damaged: true},
		{name: "UDP length too long", frame: patch(udpFrame, 38, 0, 99), damaged: true},
		{name: "UDP length too short", frame: patch(udpFrame, 38, 0, 3), damaged: true},
		{name: "TCP with a wrong checksum", frame: patch(dataFrame, 50, 0xde, 0xad)},
		{name: "IPv4 with a wrong checksum", frame: patch(dataFrame, 24, 0xde, 0xad)},
		{name: "echo request", frame: echoRequest},
		{name: "short packet", frame: join(echoRequest, make([]byte, 14))}, // filled up to 60 bytes
		{name: "echo reply", frame: seal(patch(echoRequest, 34, 0))},
		{name: "ICMP timestamp", frame: icmpOf("0d 00 00 00  00 2a 00 03  00 00 00 01  00 00 00 00  00 00 00 00", nil)},
		{name: "port unreachable", frame: portUnreachable, partial: true},
		{name: "fragmentation needed", frame: icmpOf("03 04 00 00  00 00 02 40", synFrame[14:42]), partial: true},
		{name: "time exceeded with extensions", frame: icmpOf("0b 00 00 00  00 09 00 00", join(synFrame[14:50], wire("20 00 00 00 00 04 01 01"))), partial: true},
		{name: "redirect", frame: icmpOf("05 01 00 00  0a 00 00 fe", synFrame[14:42]), partial: true},
		{name: "parameter problem", frame: icmpOf("0c 00 00 00  14 00 00 00", synFrame[14:42]), partial: true},
		{name: "source quench", frame: icmpOf("04 00 00 00  00 00 00 00", synFrame[14:42]), partial: true},
		{name: "ICMP of an unknown type", frame: icmpOf("fd 00 00 00  01 02 03 04", nil)},
		{name: "ARP request", frame: arpRequestFrame},
		{name: "ARP reply", frame: arpReplyFrame},
		{name: "ARP with a trailer", frame: join(arpReplyFrame, wire("de ad be ef"))},
		{name: "ARP of other sizes", frame: join(ethToServer[:12], wire("08 06 00 06 08 00 02 04 00 01  aa bb  0a 00 00 01  cc dd  0a 00 00 02"))},
		{name: "ARP of another protocol", frame: join(ethToServer[:12], wire("08 06 00 01 80 9b 06 03 00 01  02 00 00 00 00 01  00 00 01  00 00 00 00 00 00  00 00 02"))},
		{name: "first piece", frame: firstPiece, partial: true},
		{name: "second piece", frame: secondPiece, partial: true},
		{name: "IPv4 options", frame: ipOptions("94 04 00 00  07 07 04 00 00 00 00  00")},
		{name: "IPv4 option too long", frame: ipOptions("07 27 04 00"), damaged: true},
		{name: "every TCP option", frame: options(`
			02 04 05 b4        # MSS
			03 03 0f           # window scale 15, one more than allowed
			1c 04 80 05        # user timeout, 5 minutes
			22 06 aa bb cc dd  # fast open cookie
			1e 04 01 00        # multipath, MP_CAPABLE
			fd 04 00 00        # an experiment
			01                 # no-op
			04 02              # SACK permitted`)},
		{name: "MD5 signature", frame: options("13 12 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f")},
		{name: "authentication option", frame: options("1d 10 3d 54 15 5a b7 73 e3 0f 1a 3f e4 00 d2 96")},
		{name: "fast open request", frame: options("22 02")},
		{name: "option past the header", frame: options("01 01 02 28"), damaged: true},
		{name: "option of no length", frame: options("02 00 05 b4"), damaged: true},
		{name: "MSS of five bytes", frame: options("02 05 05 b4 00"), damaged: true},
		{name: "data offset too small", frame: patch(dataFrame, 46, 0x40), damaged: true},
		{name: "data offset too large", frame: patch(synFrame, 46, 0xf0), damaged: true},
		{name: "header length too small", frame: patch(dataFrame, 14, 0x41), damaged: true},
		{name: "version 5", frame: patch(dataFrame, 14, 0x55), damaged: true},
		{name: "total length 0", frame: patch(dataFrame, 16, 0, 0), damaged: true},
		{name: "total length too long", frame: patch(dataFrame, 16, 5, 220), damaged: true},
		{name: "IEEE 802.3 with LLC", frame: join(wire("01 80 c2 00 00 00  02 00 00 00 00 01  00 03  42 42 03"), make([]byte, 43))},
		{name: "VLAN tag", frame: join(udpFrame[:12], wire("81 00 00 05"), udpFrame[12:])},
		{name: "unknown type", frame: join(udpFrame[:12], wire("88 b5 01 02 03"))},
		{name: "IPv4 in IPv4", frame: func() []byte {
			b := join(udpFrame[:34], udpFrame[14:])
			binary.BigEndian.PutUint16(b[16:], uint16(len(b)-14))
			b[23] = 4
			binary.BigEndian.PutUint16(b[24:], 0)
			binary.BigEndian.PutUint16(b[24:], sum1071(b[14:34]))
			return b
		}()},
	}
}
