package packets

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// tiled says what is wrong with the way that layers cover a frame, or "".
func tiled(frame []byte, layers []Layer) string {
	at := 0
	for _, l := range layers {
		if l.Off != at || l.Len <= 0 {
			return fmt.Sprintf("%s at %d, %d bytes: the layer before it ended at %d", l.Name, l.Off, l.Len, at)
		}
		at += l.Len
		bit := 0
		for _, f := range l.Fields {
			if f.Bit != bit || f.Bits <= 0 {
				return fmt.Sprintf("%s at bit %d, %d bits: the field before it ended at %d", f.Key, f.Bit, f.Bits, bit)
			}
			bit += f.Bits
			if s := nested(f); s != "" {
				return s
			}
		}
		if bit != l.Len*8 {
			return fmt.Sprintf("the fields of %s cover %d bits of %d", l.Name, bit, l.Len*8)
		}
	}
	if at != len(frame) {
		return fmt.Sprintf("the layers cover %d bytes of %d", at, len(frame))
	}
	return ""
}

// nested says whether kids stick out of their parents or overlap.
func nested(f Field) string {
	at := f.Bit
	for _, k := range f.Kids {
		if k.Bit < at || k.Bit+k.Bits > f.Bit+f.Bits {
			return fmt.Sprintf("%s at bit %d, %d bits, is not inside %s or overlaps", k.Key, k.Bit, k.Bits, f.Key)
		}
		at = k.Bit + k.Bits
		if s := nested(k); s != "" {
			return s
		}
	}
	return ""
}

func TestLayersAndFieldsCoverEveryBitOfAFrameOnce(t *testing.T) {
	for _, c := range corpus() {
		if s := tiled(c.frame, Decode(c.frame, LinkEthernet, Context{})); s != "" {
			t.Errorf("%s: %s", c.name, s)
		}
	}
}

func TestAFrameCutAnywhereIsStillCoveredAndSaysSo(t *testing.T) {
	for _, c := range corpus() {
		for n := range len(c.frame) {
			if s := tiled(c.frame[:n], Decode(c.frame[:n], LinkEthernet, Context{SeqKnown: true, AckKnown: true})); s != "" {
				t.Errorf("%s, %d bytes: %s", c.name, n, s)
			}
		}
	}
	for n := 1; n < len(dataFrame); n++ {
		layers := Decode(dataFrame[:n], LinkEthernet, Context{})
		if !slices.ContainsFunc(layers, func(l Layer) bool { return l.Damage != "" }) {
			t.Errorf("%d of %d bytes, and no layer says that something is missing", n, len(dataFrame))
		}
	}
}

func TestAWholeFrameSaysNoDamage(t *testing.T) {
	for _, c := range corpus() {
		damaged := slices.ContainsFunc(Decode(c.frame, LinkEthernet, Context{}), func(l Layer) bool { return l.Damage != "" })
		if quiet := c.name == "total length 0" || c.name == "UDP with bytes behind"; damaged != (c.damaged && !quiet) {
			t.Errorf("%s: damage said: %v", c.name, damaged)
		}
	}
}

// shape is the layers of a frame in short: "ethernet ipv4 tcp data".
func shape(layers []Layer) string {
	var s []string
	for _, l := range layers {
		name := l.Protocol
		if l.Quoted {
			name = "(" + name + ")"
		}
		s = append(s, name)
	}
	return strings.Join(s, " ")
}

func TestLayersOfEveryKindOfFrame(t *testing.T) {
	want := map[string]string{
		"SYN":                           "ethernet ipv4 tcp",
		"data":                          "ethernet ipv4 tcp data",
		"UDP":                           "ethernet ipv4 udp data",
		"UDP with bytes behind":         "ethernet ipv4 udp data padding",
		"echo request":                  "ethernet ipv4 icmp data",
		"short packet":                  "ethernet ipv4 icmp data padding",
		"ICMP timestamp":                "ethernet ipv4 icmp",
		"port unreachable":              "ethernet ipv4 icmp (ipv4) (udp)",
		"fragmentation needed":          "ethernet ipv4 icmp (ipv4) (tcp)",
		"time exceeded with extensions": "ethernet ipv4 icmp (ipv4) (tcp) padding",
		"ARP request":                   "ethernet arp padding",
		"ARP reply":                     "ethernet arp",
		"ARP with a trailer":            "ethernet arp padding",
		"first piece":                   "ethernet ipv4 udp data",
		"second piece":                  "ethernet ipv4 data",
		"IPv4 in IPv4":                  "ethernet ipv4 ipv4 udp data",
		"IEEE 802.3 with LLC":           "ethernet llc padding",
		"VLAN tag":                      "ethernet dot1q ipv4 udp data",
		"unknown type":                  "ethernet data",
		"UDP in IPv6":                   "ethernet ipv6 udp data",
		"every extension header":        "ethernet ipv6 ipv6.hopopts ipv6.dstopts ipv6.routing ipv6.fraghdr ah ipv6.dstopts tcp",
		"no next header":                "ethernet ipv6 padding",
		"bytes behind no next header":   "ethernet ipv6 data",
		"first piece of IPv6":           "ethernet ipv6 ipv6.fraghdr udp data",
		"second piece of IPv6":          "ethernet ipv6 ipv6.fraghdr data",
		"IPv6 in IPv4":                  "ethernet ipv4 ipv6 udp data",
		"echo request of IPv6":          "ethernet ipv6 icmpv6 data",
		"port unreachable of IPv6":      "ethernet ipv6 icmpv6 (ipv6) (udp) (data)",
		"packet too big":                "ethernet ipv6 icmpv6 (ipv6) (tcp)",
		"hop limit exceeded":            "ethernet ipv6 icmpv6 (ipv6) (udp) padding",
		"router advertisement":          "ethernet ipv6 icmpv6",
		"redirect of IPv6":              "ethernet ipv6 icmpv6",
		"multicast listener report":     "ethernet ipv6 icmpv6 data",
		"data offset too small":         "ethernet ipv4 tcp data",
	}
	for _, c := range corpus() {
		if got := shape(Decode(c.frame, LinkEthernet, Context{})); want[c.name] != "" && got != want[c.name] {
			t.Errorf("%s: %s, want %s", c.name, got, want[c.name])
		}
	}
}

func TestNoBytesAreNoLayers(t *testing.T) {
	if layers := Decode(nil, LinkEthernet, Context{}); len(layers) != 0 {
		t.Errorf("%d layers", len(layers))
	}
}

func TestAnUnknownLinkIsOnlyBytes(t *testing.T) {
	if got := shape(Decode(dataFrame, Link(99), Context{})); got != "data" {
		t.Errorf("got %s", got)
	}
}

func TestTunnelsWithoutEndAreNotOpenedForEver(t *testing.T) {
	frame := slices.Clone(udpFrame[:14])
	for range 100 {
		frame = append(frame, udpFrame[14:34]...)
		frame[len(frame)-11] = 4 // IPv4 again
	}
	for i := 14; i < len(frame); i += 20 {
		n := len(frame) - i
		frame[i+2], frame[i+3] = byte(n>>8), byte(n)
	}
	layers := Decode(frame, LinkEthernet, Context{})
	if len(layers) != maxLayers+1 || !strings.Contains(layers[maxLayers-1].Damage, "not opened") {
		t.Errorf("%d layers, the last header says %q", len(layers), layers[len(layers)-2].Damage)
	}
	if s := tiled(frame, layers); s != "" {
		t.Error(s)
	}
}

func TestNumbersThatAreNotHereReadAsZero(t *testing.T) {
	p := &part{frame: []byte{1, 2, 3, 4, 5, 6, 7, 8}, off: 2, end: 6} // 3, 4, 5, 6
	for i, want := range []uint32{0x03040506, 0, 0, 0, 0} {
		if got := p.u32(i); got != want {
			t.Errorf("u32(%d) is %#x", i, got)
		}
	}
	for i, want := range []uint16{0x0304, 0x0405, 0x0506, 0, 0} {
		if got := p.u16(i); got != want {
			t.Errorf("u16(%d) is %#x", i, got)
		}
	}
	for i, want := range []uint8{3, 4, 5, 6, 0, 0} {
		if got := p.u8(i); got != want {
			t.Errorf("u8(%d) is %#x", i, got)
		}
	}
}

func TestBitsAreCountedFromTheMostSignificant(t *testing.T) {
	b := []byte{0b1010_0110, 0b0101_1111, 0xff, 0, 0, 0, 0, 0, 1}
	for _, c := range []struct {
		bit, bits int
		want      uint64
	}{{0, 1, 1}, {1, 2, 0b01}, {0, 8, 0xa6}, {4, 8, 0b0110_0101}, {6, 4, 0b1001}, {12, 12, 0xfff}, {8, 64, 0x5fff000000000001}, {3, 0, 0}} {
		if got := bitsOf(b, c.bit, c.bits); got != c.want {
			t.Errorf("%d bits from %d: %b, want %b", c.bits, c.bit, got, c.want)
		}
	}
}

func TestFindPrefersThePacketToItsQuote(t *testing.T) {
	layers := Decode(portUnreachable, LinkEthernet, Context{})
	if f, ok := Find(layers, "ip.src"); !ok || f.Value != "10.0.0.2" {
		t.Errorf("ip.src is %q", f.Value)
	}
	if f, ok := Find(layers, "udp.dstport"); !ok || f.Value != "7" {
		t.Errorf("udp.dstport of the quote is %q", f.Value)
	}
	if f, ok := Find(layers, "ip.dsfield.dscp"); !ok || f.Raw != 48 {
		t.Errorf("a kid is not found: %+v", f)
	}
	if _, ok := Find(layers, "tcp.seq"); ok {
		t.Error("found a field that the frame does not have")
	}
}

func TestReadGivesNumbersWithoutWords(t *testing.T) {
	p := Open(portUnreachable, LinkEthernet)
	var ttls []uint64
	var quoted []bool
	for v := range p.Read("ip.ttl") {
		ttls, quoted = append(ttls, v.Uint), append(quoted, v.Quoted)
	}
	if fmt.Sprint(ttls, quoted) != "[64 64] [false true]" {
		t.Errorf("ip.ttl: %d, quoted %v", ttls, quoted)
	}
	for v := range Open(dataFrame, LinkEthernet).Read("data.data") {
		if string(v.Bytes) != "hello" || v.Bits != 40 {
			t.Errorf("data: %q, %d bits", v.Bytes, v.Bits)
		}
	}
	for v := range Open(sackFrame, LinkEthernet).Read("tcp.options.sack_le") {
		if v.Uint != clientISN+1426 {
			t.Errorf("first left edge %d", v.Uint)
		}
		break // a reader may stop
	}
	if !p.Has("udp") || p.Has("tcp") {
		t.Error("Has is wrong about udp or tcp")
	}
}

func TestReadAndDecodeGiveTheSameNumbers(t *testing.T) {
	for _, c := range corpus() {
		p := Open(c.frame, LinkEthernet)
		read := make(map[string][]uint64)
		for _, key := range Keys() {
			for v := range p.Read(key) {
				read[key] = append(read[key], v.Uint)
			}
		}
		decoded := make(map[string][]uint64)
		for _, l := range p.Layers(Context{}) {
			eachField(l.Fields, func(f Field) { decoded[f.Key] = append(decoded[f.Key], f.Raw) })
		}
		if fmt.Sprint(read) != fmt.Sprint(decoded) {
			t.Errorf("%s: read %v, decoded %v", c.name, read, decoded)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range corpus() {
		f.Add(c.frame, uint32(0), 0, true)
		f.Add(c.frame[:len(c.frame)/2], uint32(clientISN), 14, false)
	}
	f.Fuzz(func(t *testing.T, frame []byte, base uint32, scale int, known bool) {
		ctx := Context{SeqBase: base, AckBase: ^base, SeqKnown: known, AckKnown: known, Scale: scale, ScaleKnown: known, Again: known}
		if s := tiled(frame, Decode(frame, LinkEthernet, ctx)); s != "" {
			t.Error(s)
		}
	})
}
