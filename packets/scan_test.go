package packets

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestScanReadsTCP(t *testing.T) {
	want := Headers{
		EtherType: EtherTypeIPv4, Src: addr("10.0.0.1"), Dst: addr("10.0.0.2"), Proto: ProtocolTCP, TTL: 64,
		IPOff: 14, IPLen: 57, Datagram: 0x1c47,
		SrcPort: 51234, DstPort: 80, Seq: clientISN + 1, Ack: serverISN + 1, Flags: PSH | ACK, Window: 502,
		L4Off: 34, Off: 66, Len: 5, OK: true,
	}
	if got := Scan(dataFrame); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestScanReadsIPv6(t *testing.T) {
	want := Headers{
		EtherType: EtherTypeIPv6, Src: addr("fd00::1"), Dst: addr("fd00::2"), Proto: ProtocolUDP, TTL: 64,
		IPOff: 14, IPLen: 50, SrcPort: 55555, DstPort: 7, L4Off: 54, Off: 62, Len: 2, OK: true,
	}
	if got := Scan(ipv6UDP); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestScanFindsTheProtocolBehindExtensionHeaders(t *testing.T) {
	const behind = 8 + 16 + 24 + 8 + 24 + 16 // hop-by-hop, destination, routing, fragment, AH, destination
	want := Headers{
		EtherType: EtherTypeIPv6, Src: addr("fd00::1"), Dst: addr("fd00::2"), Proto: ProtocolTCP, TTL: 64,
		IPOff: 14, IPLen: 40 + behind + 40, Datagram: 0xcafebabe,
		SrcPort: 51234, DstPort: 80, Seq: clientISN, Flags: SYN, Window: 64240,
		L4Off: 54 + behind, Off: 54 + behind + 40, OK: true,
	}
	if got := Scan(everyExtension); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestScanReadsPieces(t *testing.T) {
	for _, c := range []struct {
		frame          []byte
		datagram       uint32
		off            int
		more           bool
		port           uint16
		payload, bytes int
	}{
		{firstPiece, 0x1234, 0, true, 7, 42, 1472},
		{secondPiece, 0x1234, 1480, true, 0, 34, 1480},
		{sampleFrame("first piece of IPv6"), 0xcafebabe, 0, true, 7, 70, 1440},
		{sampleFrame("second piece of IPv6"), 0xcafebabe, 1448, false, 0, 62, 1448},
	} {
		h := Scan(c.frame)
		if !h.OK || h.Proto != ProtocolUDP || !h.Fragment() || h.Datagram != c.datagram || h.FragOff != c.off || h.MoreFrags != c.more ||
			h.DstPort != c.port || h.Off != c.payload || h.Len != c.bytes {
			t.Errorf("%+v, want %+v", h, c)
		}
	}
}

// What a later piece begins with is no header, whatever it looks like.
func TestScanLooksForNoHeadersInLaterPieces(t *testing.T) {
	h := Scan(packet6(protocolFragment, piece6(protocolDestination, 8, false), ext(ProtocolUDP, destOptions), udpHi))
	if !h.OK || h.Proto != protocolDestination || h.Off != 62 || h.Len != 26 || h.SrcPort != 0 {
		t.Errorf("%+v", h)
	}
	// Nor is there one in a piece of a piece.
	h = Scan(packet6(protocolFragment, piece6(protocolFragment, 0, true), piece6(ProtocolUDP, 8, false), udpHi))
	if h.Proto != protocolFragment || h.FragOff != 0 || !h.MoreFrags || h.L4Off != 0 {
		t.Errorf("%+v", h)
	}
}

func TestScanOfASegmentThatTheCardHasYetToCut(t *testing.T) {
	for name, frame := range map[string][]byte{"IPv4": patch(dataFrame, 16, 0, 0), "IPv6": patch(packet6(ProtocolTCP, dataFrame[34:]), 18, 0, 0)} {
		if h := Scan(frame); !h.OK || h.Len != 5 || h.DstPort != 80 {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

// sampleFrame finds a frame of the corpus.
func sampleFrame(name string) []byte {
	for _, c := range corpus() {
		if c.name == name {
			return c.frame
		}
	}
	panic("no sample " + name)
}

func TestScanLeavesPaddingAndSurplusOut(t *testing.T) {
	padded := join(seal(udpFrame[:45]), make([]byte, 15)) // 3 bytes of data in a frame of 60
	if h := Scan(padded); h.Len != 3 || h.IPLen != 31 {
		t.Errorf("a padded frame: %d bytes of data, packet of %d", h.Len, h.IPLen)
	}
	if h := Scan(sampleFrame("UDP with bytes behind")); h.Len != 8 || h.IPLen != 40 {
		t.Errorf("bytes behind the datagram: %d bytes of data, packet of %d", h.Len, h.IPLen)
	}
	if h := Scan(sampleFrame("no next header")); h.Proto != protocolNoNext || h.Len != 0 || h.IPLen != 40 || !h.OK {
		t.Errorf("an empty IPv6 packet: %+v", h)
	}
}

func TestScanReadsARP(t *testing.T) {
	want := Headers{EtherType: EtherTypeARP, Src: addr("10.0.0.1"), Dst: addr("10.0.0.2"), OK: true}
	if got := Scan(arpRequestFrame); got != want {
		t.Errorf("%+v", got)
	}
	for _, name := range []string{"ARP of other sizes", "ARP of another protocol"} {
		if got := Scan(sampleFrame(name)); got != (Headers{EtherType: EtherTypeARP}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestScanOfOtherFramesReadsTheirTypeOnly(t *testing.T) {
	for name, want := range map[string]uint16{"VLAN tag": 0x8100, "unknown type": 0x88b5, "IPv6 of version 5": EtherTypeIPv6, "version 5": EtherTypeIPv4} {
		if got := Scan(sampleFrame(name)); got != (Headers{EtherType: want}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A frame that ends early gives what came before the end and nothing else.
func TestScanOfACutFrameReadsNoMoreThanIsThere(t *testing.T) {
	for _, c := range corpus() {
		whole := Scan(c.frame)
		for n := range len(c.frame) {
			h := Scan(c.frame[:n:n])
			if h.Off+h.Len > n || h.IPOff+h.IPLen > n || h.L4Off > h.Off || h.Len < 0 {
				t.Fatalf("%s, %d bytes: %+v", c.name, n, h)
			}
			if h.OK && (h.Src != whole.Src || h.Dst != whole.Dst || h.Proto != whole.Proto || h.TTL != whole.TTL || h.Datagram != whole.Datagram) {
				t.Fatalf("%s, %d bytes: %+v, the whole frame has %+v", c.name, n, h, whole)
			}
			if h.L4Off > 0 && (h.L4Off != whole.L4Off || h.SrcPort != whole.SrcPort || h.Seq != whole.Seq || h.Off != whole.Off) {
				t.Fatalf("%s, %d bytes: %+v, the whole frame has %+v", c.name, n, h, whole)
			}
			if !h.OK && (h.SrcPort != 0 || h.Proto != 0 || h.L4Off != 0) {
				t.Fatalf("%s, %d bytes: not whole, yet %+v", c.name, n, h)
			}
		}
	}
}

// Scan and Decode read the same headers in two ways.
func TestScanAgreesWithDecode(t *testing.T) {
	for _, c := range corpus() {
		if h := Scan(c.frame); h.OK && h.EtherType != EtherTypeARP {
			if s := scanDiffers(c.frame, h); s != "" {
				t.Errorf("%s: %s", c.name, s)
			}
		}
	}
}

// scanDiffers says what Decode reads otherwise, up to the transport header.
func scanDiffers(frame []byte, h Headers) string {
	for _, l := range Decode(frame, LinkEthernet, Context{})[1:] {
		want := map[string]uint64{}
		last := false
		switch l.Protocol {
		case "ipv4", "ipv6":
			if l.Off != h.IPOff { // a tunnel, where Scan does not look
				return ""
			}
			want = map[string]uint64{"ip.ttl": uint64(h.TTL), "ip.proto": uint64(h.Proto), "ip.id": uint64(h.Datagram), "ip.frag_offset": uint64(h.FragOff / 8), "ipv6.hlim": uint64(h.TTL)}
		case "ipv6.hopopts", "ipv6.routing", "ipv6.dstopts", "ah", "ipv6.fraghdr":
			if h.EtherType == EtherTypeIPv4 || h.Off == l.Off { // what Scan takes for a payload
				return ""
			}
			want = map[string]uint64{"ipv6.fraghdr.ident": uint64(h.Datagram), "ipv6.fraghdr.offset": uint64(h.FragOff / 8)}
		default:
			last = true
			if h.L4Off > 0 {
				want = map[string]uint64{
					"tcp.srcport": uint64(h.SrcPort), "tcp.dstport": uint64(h.DstPort), "tcp.seq": uint64(h.Seq), "tcp.window_size_value": uint64(h.Window),
					"udp.srcport": uint64(h.SrcPort), "udp.dstport": uint64(h.DstPort),
				}
				if l.Off != h.L4Off || l.Off+l.Len != h.Off {
					return fmt.Sprintf("%s is at %d, %d bytes; scanned %d to %d", l.Name, l.Off, l.Len, h.L4Off, h.Off)
				}
			}
		}
		for key, got := range want {
			if f, ok := Find([]Layer{l}, key); ok && f.Raw != got {
				return fmt.Sprintf("%s is %d, scanned %d", key, f.Raw, got)
			}
		}
		if last {
			return ""
		}
	}
	return ""
}

func TestScanOfAPacketWithoutALink(t *testing.T) {
	for _, frame := range [][]byte{dataFrame, ipv6UDP, everyExtension, arpReplyFrame} {
		got, want := ScanIP(frame[14:]), Scan(frame)
		if want.EtherType == EtherTypeARP {
			want = Headers{} // no IP packet
		} else {
			want.IPOff, want.Off, want.L4Off = 0, want.Off-14, want.L4Off-14
		}
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	if got := ScanIP(nil); got != (Headers{}) {
		t.Errorf("nothing: %+v", got)
	}
}

func TestScanAllocatesNothing(t *testing.T) {
	for _, frame := range [][]byte{dataFrame, udpFrame, arpRequestFrame, ipv6UDP, everyExtension, secondPiece} {
		if n := testing.AllocsPerRun(100, func() { Scan(frame) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func TestSYNOptionsSayWhatTheSenderTakes(t *testing.T) {
	header := func(options string) []byte { return join(synFrame[34:54], wire(options)) }
	for _, c := range []struct {
		name   string
		header []byte
		mss    uint16
		shift  int8
	}{
		{"SYN", synFrame[34:], 1460, 7},
		{"no options", header(""), 536, -1},
		{"only MSS", header("02 04 02 18"), 536, -1},
		{"a shift of more than 14", header("03 03 ff"), 536, 14},
		{"no-ops, and the end before MSS", header("01 01 03 03 00  00 02 04 05 b4"), 536, 0},
		{"an option of no length", header("02 04 05 b4  08 00  03 03 07"), 1460, -1},
		{"an option past the end", header("03 03 07  02 04 05"), 536, 7},
		{"MSS of a wrong length", header("02 03 05  03 03 07"), 536, 7},
		{"a kind without a length", header("02"), 536, -1},
		{"no whole header", synFrame[34:50], 536, -1},
	} {
		if mss, shift := SYNOptions(c.header); mss != c.mss || shift != c.shift {
			t.Errorf("%s: %d and %d, want %d and %d", c.name, mss, shift, c.mss, c.shift)
		}
	}
}

func TestSACKBlocksOfBothVersionsOfIP(t *testing.T) {
	want := [][2]uint32{{clientISN + 1426, clientISN + 2846}, {clientISN + 4266, clientISN + 5686}}
	withExtensions := packet6(protocolHopByHop, ext(ProtocolTCP, hopOptions), sackFrame[34:])
	for name, frame := range map[string][]byte{"IPv4": sackFrame, "IPv6": packet6(ProtocolTCP, sackFrame[34:]), "extension headers": withExtensions} {
		var got [][2]uint32
		for l, r := range SACKBlocks(frame) {
			got = append(got, [2]uint32{l, r})
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
		for range SACKBlocks(frame) {
			break // a reader may stop
		}
	}
}

func TestSACKBlocksOfOtherFramesAreNone(t *testing.T) {
	cut := patch(sackFrame, 56, 5, 19)   // one byte more than the header has
	piece := patch(sackFrame, 20, 5, 10) // whose IP header would read as an option
	for name, frame := range map[string][]byte{"no options": seal(dataFrame), "UDP": udpFrame, "nothing": nil, "too long": cut, "a piece": piece, "an ended list": patch(sackFrame, 54, 0)} {
		for l, r := range SACKBlocks(frame) {
			t.Errorf("%s: %d to %d", name, l, r)
		}
	}
	for n := range len(sackFrame) {
		for range SACKBlocks(sackFrame[:n]) {
			t.Errorf("%d bytes, and blocks", n)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, c := range corpus() {
		f.Add(c.frame)
		f.Add(c.frame[:len(c.frame)/2])
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		h := Scan(frame)
		if h.Len < 0 || h.Off+h.Len > len(frame) || h.IPLen < 0 || h.IPOff+h.IPLen > len(frame) {
			t.Errorf("beyond the frame: %+v", h)
		}
		if h.L4Off > 0 && (h.L4Off >= h.Off || binary.BigEndian.Uint16(frame[h.L4Off:]) != h.SrcPort) {
			t.Errorf("transport header: %+v", h)
		}
		if h.OK && h.EtherType != EtherTypeARP {
			if s := scanDiffers(frame, h); s != "" {
				t.Error(s)
			}
		}
		for range SACKBlocks(frame) {
		}
		SYNOptions(frame)
		ScanIP(frame)
	})
}
