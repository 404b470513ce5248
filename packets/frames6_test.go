package packets

import (
	"encoding/binary"
	"slices"
)

// The client is fd00::1 here, the server fd00::2.
var (
	client6 = wire("fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 01")
	server6 = wire("fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 02")
)

// packet6 is an Ethernet frame from the client to the server with an IPv6
// packet: its next header, and what follows, to be sealed.
func packet6(next byte, payload ...[]byte) []byte {
	return seal6(join(ethToServer[:12], wire(`
		86 dd        # IPv6
		60 0a bc de  # version 6, no special service, flow label 0xabcde
		00 00        # payload length
	`), []byte{next, 64}, client6, server6, join(payload...)))
}

// seal6 is seal for IPv6: lengths and the transport's checksum come out right.
func seal6(frame []byte) []byte {
	b := slices.Clone(frame)
	ip := b[14:]
	binary.BigEndian.PutUint16(ip[4:], uint16(len(ip)-40))
	next, seg, dst := ip[6], ip[40:], ip[24:40]
	for next == 0 || next == 43 || next == 60 || next == 44 || next == 51 {
		n := 8 + 8*int(seg[1])
		switch {
		case next == 51:
			n = 4 * (2 + int(seg[1]))
		case next == 44:
			n = 8
			if binary.BigEndian.Uint16(seg[2:])&0xfff9 != 0 {
				return b // a piece: its checksum covers what is elsewhere
			}
		case next == 43 && seg[3] > 0:
			dst = seg[8:24]
		}
		next, seg = seg[0], seg[n:]
	}
	at, ok := map[byte]int{ProtocolICMPv6: 2, ProtocolTCP: 16, ProtocolUDP: 6}[next]
	if !ok {
		return b
	}
	if next == ProtocolUDP {
		binary.BigEndian.PutUint16(seg[4:], uint16(len(seg)))
	}
	binary.BigEndian.PutUint16(seg[at:], 0)
	pseudo := join(ip[8:24], dst, []byte{0, 0, byte(len(seg) >> 8), byte(len(seg)), 0, 0, 0, next})
	binary.BigEndian.PutUint16(seg[at:], sum1071(join(pseudo, seg)))
	return b
}

// Upper layers, to be sealed.
var (
	udpHi = wire("d9 03 00 07  00 0a 00 00  68 69") // "hi" from port 55555 to port 7

	ipv6UDP = packet6(ProtocolUDP, udpHi)
	ipv6SYN = packet6(ProtocolTCP, synFrame[34:])

	// Extension headers, each with a next header to be put in front.
	hopOptions = wire(`
		   00        # 8 bytes
		05 02 00 00  # router alert: MLD
		01 00        # PadN of 2 bytes
	`)
	destOptions = wire(`
		   01                    # 16 bytes
		3e 03 aa bb cc           # an experiment (RFC 4727), to be skipped
		01 02 00 00              # PadN of 4 bytes
		00 00 00 00 00           # five Pad1
	`)
	segments = wire(`
		   02        # 24 bytes
		04 01        # segment routing, 1 segment left
		00 00 00 00  # last entry 0, no flags, no tag
		fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 09  # to fd00::9 in the end
	`)
	authHeader = wire(`
		   04        # 24 bytes
		00 00        # reserved
		00 00 01 00  # SPI 256
		00 00 00 07  # packet 7
		01 02 03 04 05 06 07 08 09 0a 0b 0c
	`)
)

// piece6 is a fragment header: next header, offset in bytes, more.
func piece6(next byte, offset int, more bool) []byte {
	b := []byte{next, 0, byte(offset >> 8), byte(offset), 0xca, 0xfe, 0xba, 0xbe}
	if more {
		b[3] |= 1
	}
	return b
}

// ext puts an extension header together: what follows it, and its bytes.
func ext(next byte, rest []byte) []byte { return join([]byte{next}, rest) }

// everyExtension has all extension headers in the order that RFC 8200 section
// 4.1 recommends, before a TCP SYN.
var everyExtension = packet6(protocolHopByHop,
	ext(protocolDestination, hopOptions),
	ext(protocolRouting, destOptions),
	ext(protocolFragment, segments),
	piece6(protocolAH, 0, false),
	ext(protocolDestination, authHeader),
	ext(ProtocolTCP, destOptions),
	synFrame[34:])

// message6 is an ICMPv6 message from the client to the server, sealed.
func message6(lines string, rest ...[]byte) []byte {
	return packet6(ProtocolICMPv6, wire(lines), join(rest...))
}

// neighbor6 is the same with other addresses, and the hop limit that neighbor
// discovery demands, which no router could have left.
func neighbor6(src, dst, lines string) []byte {
	b := patch(message6(lines), 21, 255)
	return seal6(patch(patch(b, 22, addr(src).AsSlice()...), 38, addr(dst).AsSlice()...))
}

// The server is asked for, and answers.
var (
	neighborSolicit = neighbor6("fd00::1", "ff02::1:ff00:2", `
		87 00 00 00  00 00 00 00                          # neighbor solicitation
		fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 02  # who has fd00::2?
		01 01 02 00 00 00 00 01                           # the client's card
	`)
	neighborAdvert = neighbor6("fd00::2", "fd00::1", `
		88 00 00 00  60 00 00 00                          # neighbor advertisement: solicited, override
		fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 02  # fd00::2
		02 01 02 00 00 00 00 02                           # is at the server's card
	`)
	routerAdvert = neighbor6("fe80::1", "ff02::1", `
		86 00 00 00  40 48 07 08                          # hop limit 64; other configuration, high preference; 1,800 s
		00 00 75 30  00 00 03 e8                          # 30 s reachable, ask again after 1 s
		01 01 02 00 00 00 00 03                           # the router's card
		05 01 00 00 00 00 05 dc                           # MTU 1,500
		03 04 40 c0  00 27 8d 00  00 09 3a 80  00 00 00 00  # prefix of 64 bits, on-link, autonomous; 30 days, 7 days
		fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  # fd00::
		19 03 00 00  00 00 07 08                          # DNS server for 1,800 s
		fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 35  # fd00::35
	`)
	redirect6 = neighbor6("fe80::1", "fd00::1", `
		89 00 00 00  00 00 00 00                          # redirect
		fe 80 00 00 00 00 00 00  00 00 00 00 00 00 00 09  # use fe80::9
		fd 01 00 00 00 00 00 00  00 00 00 00 00 00 00 02  # for fd01::2
		02 01 02 00 00 00 00 09                           # its card
		04 06 00 00 00 00 00 00                           # the packet's first 40 bytes
		60 00 00 00 00 00 3b 40
		fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 01
		fd 01 00 00 00 00 00 00  00 00 00 00 00 00 00 02
	`)
)

func corpus6() []sample {
	return []sample{
		{name: "UDP in IPv6", frame: ipv6UDP},
		{name: "SYN in IPv6", frame: ipv6SYN},
		{name: "every extension header", frame: everyExtension},
		{name: "no next header", frame: join(packet6(protocolNoNext), make([]byte, 6))},
		{name: "bytes behind no next header", frame: packet6(protocolNoNext, []byte{1, 2, 3})},
		{name: "first piece of IPv6", frame: packet6(protocolFragment, piece6(ProtocolUDP, 0, true), wire("d9 03 00 07  0b c0 12 34"), make([]byte, 1440)), partial: true},
		{name: "second piece of IPv6", frame: packet6(protocolFragment, piece6(ProtocolUDP, 1448, false), make([]byte, 1448)), partial: true},
		{name: "piece of IPv6 of a length that cannot be", frame: packet6(protocolFragment, piece6(ProtocolUDP, 8, true), make([]byte, 9)), damaged: true, partial: true},
		{name: "jumbo payload", frame: patch(packet6(protocolHopByHop, wire("11 00 c2 04 00 01 00 00"), udpHi), 18, 0, 0), damaged: true, partial: true},
		{name: "jumbo payload that is small", frame: packet6(protocolHopByHop, wire("11 00 c2 04 00 00 00 12"), udpHi), damaged: true},
		{name: "IPv6 option too long", frame: packet6(protocolDestination, wire("11 00 1e 0c 00 00 00 00"), udpHi), damaged: true},
		{name: "hop-by-hop in the wrong place", frame: packet6(protocolDestination, ext(protocolHopByHop, destOptions), ext(ProtocolUDP, hopOptions), udpHi), damaged: true},
		{name: "IPv6 of version 5", frame: patch(ipv6UDP, 14, 0x5a), damaged: true},
		{name: "IPv6 payload length too long", frame: patch(ipv6UDP, 18, 5, 220), damaged: true},
		{name: "AH that is too short", frame: packet6(protocolAH, wire("3b 00 00 00  00 00 01 00  00 00 00 07")), damaged: true},
		{name: "echo request of IPv6", frame: message6("80 00 00 00  00 2a 00 03  61 62 63 64")},
		{name: "echo reply of IPv6", frame: message6("81 00 00 00  00 2a 00 03  61 62 63 64")},
		{name: "port unreachable of IPv6", frame: message6("01 04 00 00  00 00 00 00", ipv6UDP[14:])},
		{name: "packet too big", frame: message6("02 00 00 00  00 00 05 00", ipv6SYN[14:70]), partial: true},
		{name: "hop limit exceeded", frame: message6("03 00 00 00  06 00 00 00", ipv6UDP[14:62], wire("20 00 00 00 00 04 01 01")), partial: true},
		{name: "unknown next header", frame: message6("04 01 00 00  00 00 00 06", packet6(253, []byte{1, 2, 3, 4})[14:])},
		{name: "router solicitation", frame: neighbor6("fe80::1", "ff02::2", "85 00 00 00  00 00 00 00  01 01 02 00 00 00 00 01")},
		{name: "router advertisement", frame: routerAdvert},
		{name: "neighbor solicitation", frame: neighborSolicit},
		{name: "address probe", frame: neighbor6("::", "ff02::1:ff00:2", "87 00 00 00  00 00 00 00  fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 02  0e 01 01 02 03 04 05 06")},
		{name: "neighbor advertisement", frame: neighborAdvert},
		{name: "redirect of IPv6", frame: redirect6},
		{name: "neighbor option of no length", frame: neighbor6("fe80::1", "ff02::2", "85 00 00 00  00 00 00 00  01 00 02 00 00 00 00 01"), damaged: true},
		{name: "multicast listener report", frame: neighbor6("fe80::1", "ff02::16", "8f 00 00 00  00 00 00 01  04 00 00 00  ff 02 00 00 00 00 00 00  00 00 00 01 ff 00 00 01")},
		{name: "IPv6 in IPv4", frame: func() []byte {
			b := join(udpFrame[:34], ipv6UDP[14:])
			b[23] = 41
			binary.BigEndian.PutUint16(b[16:], uint16(len(b)-14))
			binary.BigEndian.PutUint16(b[24:], 0)
			binary.BigEndian.PutUint16(b[24:], sum1071(b[14:34]))
			return b
		}()},
	}
}
