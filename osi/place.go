package osi

import (
	"slices"
	"strings"
)

// Placement is where one protocol stands in both models.
type Placement struct {
	Protocol string // the key that the decoder uses: "tcp"
	Name     string // as people write it: "TCP"
	OSI      []int  // the numbers of its OSI layers, lowest first
	TCPIP    int    // the number of its TCP/IP layer, from below
	Note     string // where the models disagree, or the place is argued about; "" where it is not

	aliases []string // other words for it, lower case
}

// Layers are the placement's layers in model m, lowest first.
func (p Placement) Layers(m Model) []Layer {
	numbers := p.OSI
	if m == TCPIP {
		numbers = []int{p.TCPIP}
	}
	return slices.DeleteFunc(m.Layers(), func(l Layer) bool { return !slices.Contains(numbers, l.Number) })
}

// Place says where a protocol stands in both models. The key is the
// decoder's: "ethernet", "ipv4", "tcp", "data". A header that is a part of
// another protocol goes by that one's name with a dot, and has its place:
// "ipv6.fraghdr". It reports false for a protocol that has no place here yet.
func Place(protocol string) (Placement, bool) {
	protocol, _, _ = strings.Cut(protocol, ".")
	for _, p := range Placements() {
		if p.Protocol == protocol {
			return p, true
		}
	}
	return Placement{}, false
}

// Placements are all the protocols that have a place, lowest first. The slice
// is the caller's own.
func Placements() []Placement {
	return []Placement{
		{
			Protocol: "ethernet", Name: "Ethernet", OSI: []int{1, 2}, TCPIP: 1,
			Note:    "IEEE 802.3 covers both the signals (1) and the frame (2). A capture shows the frame only.",
			aliases: []string{"eth", "802.3", "ieee 802.3"},
		},
		{
			Protocol: "padding", Name: "Padding", OSI: []int{2}, TCPIP: 1,
			Note: "It belongs to the frame: Ethernet fills short frames up, and the layers above never see it.",
		},
		{
			Protocol: "arp", Name: "ARP", OSI: []int{2, 3}, TCPIP: 1,
			Note: "Argued about: it serves layer 3 by finding the card that holds an IP address, yet rides directly in Ethernet and never leaves the link. RFC 1122 treats it in its link layer chapter (section 2.3.2).",
		},
		{
			Protocol: "ipv4", Name: "IPv4", OSI: []int{3}, TCPIP: 2,
			aliases: []string{"ip"},
		},
		{
			Protocol: "ipv6", Name: "IPv6", OSI: []int{3}, TCPIP: 2,
			Note:    "Its extension headers (hop-by-hop and destination options, routing, fragment) are parts of it, although each follows the other as if it were carried.",
			aliases: []string{"ip6"},
		},
		{
			Protocol: "ah", Name: "AH", OSI: []int{3}, TCPIP: 2,
			Note:    "IPsec's Authentication Header stands between IP and what it carries; in IPv6 it is an extension header (RFC 8200 section 4).",
			aliases: []string{"ipsec", "authentication header"},
		},
		{
			Protocol: "icmp", Name: "ICMP", OSI: []int{3}, TCPIP: 2,
			Note:    "It is carried in IP as if it were a layer above, yet is an integral part of IP (RFC 792), of the internet layer.",
			aliases: []string{"icmpv4", "ping"},
		},
		{
			Protocol: "icmpv6", Name: "ICMPv6", OSI: []int{3}, TCPIP: 2,
			Note:    "It is carried in IPv6 as if it were a layer above, yet is an integral part of it (RFC 4443). Neighbor discovery, ARP's work, is in it too.",
			aliases: []string{"ping6", "neighbor discovery", "ndp"},
		},
		{
			Protocol: "tcp", Name: "TCP", OSI: []int{4}, TCPIP: 3,
			Note: "It also opens, keeps and closes a connection in both directions; OSI would look for part of that in layer 5, and TCP/IP has no such layer.",
		},
		{
			Protocol: "udp", Name: "UDP", OSI: []int{4}, TCPIP: 3,
			Note: "It adds ports, a length and a checksum to IP and nothing else: a transport that promises no arrival.",
		},
		{
			Protocol: "tls", Name: "TLS", OSI: []int{5, 6}, TCPIP: 4,
			Note:    "Argued about: it agrees on keys for a session (5) and encrypts (6), above TCP and below the program's protocol. TCP/IP has no box there; a library inside the program does it.",
			aliases: []string{"ssl"},
		},
		{
			Protocol: "dns", Name: "DNS", OSI: []int{7}, TCPIP: 4,
			Note: "The network's own directory, yet an application: programs ask it before they connect.",
		},
		{
			Protocol: "http", Name: "HTTP", OSI: []int{7}, TCPIP: 4,
			Note: "Its Content-Type and Content-Encoding do what OSI would put in layer 6, its cookies serve for layer 5.",
		},
		{
			Protocol: "websocket", Name: "WebSocket", OSI: []int{5, 7}, TCPIP: 4,
			Note:    "Argued about: it begins as an HTTP request (7) and then only keeps a two-way dialogue of messages going for another protocol (5).",
			aliases: []string{"ws"},
		},
		{
			Protocol: "engineio", Name: "Engine.IO", OSI: []int{5, 7}, TCPIP: 4,
			Note:    "Argued about: it keeps one session going over polls and WebSocket, with an id and heartbeats (5), and does it with the means of HTTP (7).",
			aliases: []string{"engine.io", "eio"},
		},
		{
			Protocol: "socketio", Name: "Socket.IO", OSI: []int{5, 7}, TCPIP: 4,
			Note:    "Events and acknowledgements are the application's (7); connecting to a namespace, and coming back after a break, are session work (5).",
			aliases: []string{"socket.io", "sio"},
		},
		{
			Protocol: "data", Name: "Data", OSI: []int{7}, TCPIP: 4,
			Note:    "The program's own bytes: no layer below reads them. What OSI would split into 5, 6 and 7 is all in here.",
			aliases: []string{"payload"},
		},
	}
}
