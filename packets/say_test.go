package packets

import (
	"strings"
	"testing"
)

// client and server are what a trace knows of the frames here: the sender's
// and the receiver's side.
var (
	fromClient = Context{
		From: "client", To: "server", SeqBase: clientISN, AckBase: serverISN, SeqKnown: true, AckKnown: true,
		Scale: 7, ScaleKnown: true,
	}
	fromServer = Context{
		From: "server", To: "client", SeqBase: serverISN, AckBase: clientISN, SeqKnown: true, AckKnown: true,
		Scale: 7, ScaleKnown: true,
	}
)

// said is what is shown of one field: its value and its sentence. An empty one
// is not compared.
type said struct {
	key, value, say string
}

// expect compares what a frame's fields say, word for word.
func expect(t *testing.T, frame []byte, ctx Context, want ...said) {
	t.Helper()
	layers := Decode(frame, LinkEthernet, ctx)
	for _, w := range want {
		f, ok := Find(layers, w.key)
		switch {
		case !ok:
			t.Errorf("%s is not there", w.key)
		case w.value != "" && f.Value != w.value:
			t.Errorf("%s\n  is   %q\n  want %q", w.key, f.Value, w.value)
		case w.say != "" && f.Say != w.say:
			t.Errorf("%s\n  says %q\n  want %q", w.key, f.Say, w.say)
		}
	}
}

// says finds the sentence of one field.
func says(frame []byte, ctx Context, key string) string {
	f, _ := Find(Decode(frame, LinkEthernet, ctx), key)
	return f.Say
}

func TestEthernetSaysWhichCardsAreMeant(t *testing.T) {
	expect(t, dataFrame, Context{},
		said{"eth.dst", "02:00:00:00:00:02", "The frame is for the card 02:00:00:00:00:02; any other card on this link ignores it."},
		said{"eth.src", "02:00:00:00:00:01", ""},
		said{"eth.dst.lg", "local", ""},
		said{"eth.dst.ig", "individual", "Not set: the frame is for one card."},
		said{"eth.type", "0x0800, IPv4", "The receiver is to hand what follows to its IPv4."})
	expect(t, arpRequestFrame, Context{},
		said{"eth.dst", "ff:ff:ff:ff:ff:ff", "All ones is the broadcast address: every card on this link takes the frame."},
		said{"eth.dst.ig", "group", ""},
		said{"eth.padding", "", "18 bytes of zeros fill the frame up to the 60 that Ethernet demands. They mean nothing: the packet's own length field leaves them out."})
	expect(t, patch(dataFrame, 0, 1, 0, 0x5e), Context{},
		said{"eth.dst", "", "A group address: every card that listens to this group takes the frame."})
	expect(t, join(arpReplyFrame, []byte{1, 2, 3, 4}), Context{},
		said{"eth.trailer", "01 02 03 04", "4 bytes behind the end of the packet, as its own length field gives it. No layer above reads them."})
}

func TestAnEthernetLengthSaysHowMuchFollows(t *testing.T) {
	frame := join(wire("01 80 c2 00 00 00  02 00 00 00 00 01  00 26"), make([]byte, 46))
	expect(t, frame, Context{},
		said{"eth.len", "38", "A value up to 1,500 is a length, not a type: 38 bytes follow, and an LLC header in them says what they are."})
}

func TestARPAsksAndAnswers(t *testing.T) {
	expect(t, arpRequestFrame, Context{},
		said{"arp.opcode", "1, request", "A question to everybody on this link: \"Who holds 10.0.0.2? Tell 10.0.0.1.\""},
		said{"arp.src.hw_mac", "02:00:00:00:00:01", "Whoever reads this may remember: 10.0.0.1 is held by the card 02:00:00:00:00:01."},
		said{"arp.dst.hw_mac", "00:00:00:00:00:00", "Zeros: this is what the question wants to know."},
		said{"arp.dst.proto_ipv4", "10.0.0.2", "Asked about: whoever holds 10.0.0.2 should answer."})
	expect(t, arpReplyFrame, Context{},
		said{"arp.opcode", "2, reply", "An answer: \"10.0.0.2 is held by the card 02:00:00:00:00:02.\""},
		said{"arp.dst.proto_ipv4", "10.0.0.1", "The answer is for 10.0.0.1."})
	expect(t, patch(arpRequestFrame, 0, 2, 0, 0, 0, 0, 2), Context{}, // a question may go to one card
		said{"arp.opcode", "", "A question: \"Who holds 10.0.0.2? Tell 10.0.0.1.\""})
}

func TestARPProbesAndAnnounces(t *testing.T) {
	probe := patch(arpRequestFrame, 28, 0, 0, 0, 0)
	expect(t, probe, Context{},
		said{"arp.opcode", "", "A probe: \"Does anybody hold 10.0.0.2? I would like to use it.\""},
		said{"arp.src.hw_mac", "", "The message comes from the card 02:00:00:00:00:01."},
		said{"arp.src.proto_ipv4", "0.0.0.0", "0.0.0.0: the sender has no address yet, and only asks whether the one below is taken (RFC 5227)."})
	announcement := patch(arpRequestFrame, 28, 10, 0, 0, 2)
	expect(t, announcement, Context{},
		said{"arp.opcode", "", "Sender and target are the same: the sender announces to everybody that it holds 10.0.0.2 (RFC 5227)."})
}

func TestIPv4SaysItsLengths(t *testing.T) {
	expect(t, dataFrame, Context{},
		said{"ip.version", "4", "4: read what follows as an IPv4 header."},
		said{"ip.hdr_len", "5 x 4 = 20 bytes", "The payload begins after 20 bytes: there are no options."},
		said{"ip.len", "57 bytes", "The packet ends after 57 bytes: 20 of header and 37 of payload. What a frame has behind that is not part of it."})
	expect(t, patch(dataFrame, 16, 0, 0), Context{},
		said{"ip.len", "0 bytes", "0 is no legal length. A sender's own capture shows it when the network card is left to cut a big segment into packets."},
		said{"tcp.seq", "", "The first data byte of this segment has sequence number 1,000,000,001, the last 1,000,000,005."})
	for _, c := range corpus() {
		if c.name == "IPv4 options" {
			expect(t, c.frame, Context{},
				said{"ip.hdr_len", "8 x 4 = 32 bytes", "The payload begins after 32 bytes: 20 that every header has, and 12 of options."},
				said{"ip.options", "12 bytes", ""},
				said{"ip.options.router_alert", "4 bytes", "To every router: look into this packet, even though it is not for you."})
		}
	}
}

func TestIPv4SaysWhatRoutersMayDo(t *testing.T) {
	expect(t, dataFrame, Context{},
		said{"ip.flags", "don't fragment", "No router may cut the packet, and no piece comes behind this one."},
		said{"ip.id", "0x1c47", "The packet is whole and may not be cut, so this number means nothing (RFC 6864)."},
		said{"ip.frag_offset", "0", "The packet is whole, not a piece."},
		said{"ip.ttl", "64", "Every router takes 1 off and throws away what reaches 0: from here the packet can pass 63 more."},
		said{"ip.dsfield.ecn", "0, Not-ECT", ""})
	expect(t, udpFrame, Context{},
		said{"ip.id", "0x0007", "If a router cuts this packet, every piece will carry 0x0007, so that the receiver can join them."})
	expect(t, patch(dataFrame, 22, 1), Context{},
		said{"ip.ttl", "1", "Every router takes 1 off and throws away what reaches 0: this packet can reach a host on this link, and pass no router."})
	expect(t, patch(dataFrame, 15, 46<<2|3), Context{},
		said{"ip.dsfield.dscp", "46, EF, expedited", "To every router: treat this as class EF, expedited, if you know it; you may also rewrite or ignore it."},
		said{"ip.dsfield.ecn", "3, CE", "A router on the way was crowded and marked this packet instead of dropping it. The receiver should tell the sender."})
}

func TestDSCPNames(t *testing.T) {
	for n, want := range map[uint64]string{0: "default (CS0)", 8: "CS1", 10: "AF11", 14: "AF13", 34: "AF41", 38: "AF43", 46: "EF, expedited", 48: "CS6", 1: "LE, lower effort", 3: "without a standard name", 42: "without a standard name"} {
		if got := dscpName(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestPiecesSayWhereTheyBelong(t *testing.T) {
	expect(t, secondPiece, Context{},
		said{"ip.flags", "more fragments", "This is a piece of a datagram, and more pieces come behind it."},
		said{"ip.id", "0x1234", "Every piece of this datagram carries 0x1234, so that the receiver knows which belong together."},
		said{"ip.frag_offset", "185 x 8 = 1,480", "This piece carries bytes 1,480 to 2,959 of the datagram's payload."},
		said{"data.data", "", "A piece of a larger datagram: bytes 1,480 to 2,959 of its payload, counted from 0. The receiver puts the pieces together before any program sees them."})
	expect(t, firstPiece, Context{},
		said{"ip.frag_offset", "0", "The first piece: it carries bytes 0 to 1,479 of the datagram's payload."},
		said{"udp.length", "3,008 bytes", "8 bytes of header and 3,000 bytes of data."},
		said{"udp.checksum", "0x1234, not checked", "It cannot be checked here: it covers the whole datagram, and this is only a piece of it."},
		said{"data.data", "", "The first 1,472 bytes of what UDP carries in this datagram; the rest is in the other pieces."})
}

func TestAddressesNameTheHostsThatAreKnown(t *testing.T) {
	expect(t, dataFrame, fromClient,
		said{"ip.src", "10.0.0.1", "10.0.0.1 is the client. Answers go back to this address, which nothing in the packet proves."},
		said{"ip.dst", "10.0.0.2", "Every router reads this to choose the next hop: the packet is for 10.0.0.2, the server."})
	expect(t, dataFrame, Context{},
		said{"ip.src", "10.0.0.1", "Answers go back to 10.0.0.1, which nothing in the packet proves."},
		said{"ip.dst", "10.0.0.2", "Every router reads this to choose the next hop: the packet is for 10.0.0.2."})
	expect(t, dataFrame, Context{From: "client 2", To: "hub"},
		said{"tcp.dstport", "80", "For the program at port 80 of the hub."},
		said{"ip.src", "", "10.0.0.1 is client 2. Answers go back to this address, which nothing in the packet proves."})
	expect(t, patch(udpFrame, 30, 255, 255, 255, 255), Context{},
		said{"ip.dst", "255.255.255.255", "Every host on this link is meant; routers do not pass it on."})
	expect(t, patch(udpFrame, 30, 224, 0, 0, 251), Context{},
		said{"ip.dst", "224.0.0.251", "A group address: every host that joined the group 224.0.0.251 is meant."})
}

func TestICMPAsksAndAnswers(t *testing.T) {
	expect(t, echoRequest, Context{},
		said{"icmp.type", "8, echo request", "\"Are you there? Send this back.\""},
		said{"icmp.ident", "42", "Questions and answers of one program carry the same identifier, here 42."},
		said{"icmp.seq", "3", "The question's number is 3; the answer repeats it."},
		said{"data.data", "abcd", "4 bytes that the reply must bring back unchanged."})
	expect(t, seal(patch(echoRequest, 34, 0)), Context{},
		said{"icmp.type", "0, echo reply", "\"Yes, I am here; this is what you sent.\""},
		said{"icmp.seq", "3", "This answers the question with number 3."},
		said{"icmp.code", "0", "0: this type has no variants."})
}

func TestICMPErrorsSayWhy(t *testing.T) {
	expect(t, portUnreachable, Context{},
		said{"icmp.type", "3, destination unreachable", "\"Your packet, quoted below, could not be delivered.\" The code says why."},
		said{"icmp.code", "3, port unreachable", "The host is there, but no program listens on that port."},
		said{"icmp.checksum", "", "It fits the message, so no damage shows."},
		said{"udp.checksum", "", "It cannot be checked here: the quote does not have all the bytes that it covers."})
	for _, c := range corpus() {
		switch c.name {
		case "fragmentation needed":
			expect(t, c.frame, fromServer,
				said{"icmp.code", "4, fragmentation needed", "The packet is too big for the next link, and it says that it may not be cut."},
				said{"icmp.mtu", "576 bytes", "\"The next link takes packets of at most 576 bytes: send smaller ones.\""},
				// The context is about the packet that carries the quote.
				said{"tcp.seq", "1,000,000,000", "The first number that the quoted segment used is 1,000,000,000; it tells its sender which one it was."})
		case "time exceeded with extensions":
			expect(t, c.frame, Context{},
				said{"icmp.code", "0, time to live exceeded", "A router took the last 1 off the packet's time to live, and threw it away."},
				said{"icmp.length", "9 x 4 = 36 bytes", "The quote below takes 36 bytes; extensions follow it."})
		case "redirect":
			expect(t, c.frame, Context{},
				said{"icmp.redir_gw", "10.0.0.254", "\"For packets like the one below, use the router 10.0.0.254.\""})
		case "parameter problem":
			expect(t, c.frame, Context{},
				said{"icmp.pointer", "20", "The problem is at byte 20 of the packet quoted below, counted from 0."})
		}
	}
}

func TestUDPSaysItsLengthAndPorts(t *testing.T) {
	expect(t, udpFrame, fromClient,
		said{"udp.srcport", "55555", "An answer goes to port 55555 of the client."},
		said{"udp.dstport", "7", "For the program at port 7 of the server."},
		said{"udp.length", "16 bytes", "8 bytes of header and 8 bytes of data."},
		said{"data.data", "ping 001", "One datagram of 8 bytes for port 7 of the server, which gets it whole or not at all."})
	expect(t, seal(udpFrame[:42]), Context{},
		said{"udp.length", "8 bytes", "The header's 8 bytes and no data; an empty datagram is a message too."})
	expect(t, udpFrame[:46], Context{},
		said{"data.data", "ping", "One datagram of 4 bytes (of 8; the rest is not in this frame) for port 7 of 10.0.0.2, which gets it whole or not at all."})
}

func TestSummariesAreOneLine(t *testing.T) {
	want := map[string]string{
		"ethernet": "02:00:00:00:00:01 to 02:00:00:00:00:02",
		"ipv4":     "10.0.0.1 to 10.0.0.2, ttl 64",
		"tcp":      "51234 to 80, PSH, ACK, seq 1, ack 1, 5 bytes",
		"data":     "5 bytes: hello",
	}
	for _, l := range Decode(dataFrame, LinkEthernet, fromClient) {
		if l.Summary != want[l.Protocol] {
			t.Errorf("%s: %q, want %q", l.Name, l.Summary, want[l.Protocol])
		}
	}
	for frame, want := range map[string]string{
		string(arpRequestFrame): "who has 10.0.0.2? tell 10.0.0.1",
		string(arpReplyFrame):   "10.0.0.2 is at 02:00:00:00:00:02",
	} {
		if got := Decode([]byte(frame), LinkEthernet, Context{})[1].Summary; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Decode(portUnreachable, LinkEthernet, Context{})[2].Summary; got != "destination unreachable: port unreachable" {
		t.Errorf("ICMP: %q", got)
	}
	if got := Decode(secondPiece, LinkEthernet, Context{})[1].Summary; got != "10.0.0.1 to 10.0.0.2, ttl 64, piece 1,480 to 2,959" {
		t.Errorf("piece: %q", got)
	}
}

func TestAContextThatKnowsNothingClaimsNothing(t *testing.T) {
	for _, c := range corpus() {
		for _, l := range Decode(c.frame, LinkEthernet, Context{}) {
			eachField(l.Fields, func(f Field) {
				for _, word := range []string{"absolute", "the client", "the server", "of the stream;", "sent before"} {
					if strings.Contains(f.Say+f.Value, word) {
						t.Errorf("%s: %s: %q, %q", c.name, f.Key, f.Value, f.Say)
					}
				}
			})
		}
	}
}
