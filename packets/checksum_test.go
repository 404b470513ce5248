package packets

import (
	"slices"
	"strings"
	"testing"
)

func TestRightChecksumsAreFoundRight(t *testing.T) {
	// These two were worked out by hand, not by this package or the test's own sum.
	expect(t, synFrame, Context{},
		said{"ip.checksum", "0x0a74, right", "It fits the header, so no damage shows."},
		said{"tcp.checksum", "0x6717, right", "It fits header, data and IP addresses, so no damage shows."})
	for frame, key := range map[string]string{
		string(udpFrame): "udp.checksum", string(echoRequest): "icmp.checksum", string(dataFrame): "tcp.checksum", string(ipv6UDP): "udp.checksum",
		string(everyExtension): "tcp.checksum", string(neighborSolicit): "icmpv6.checksum",
	} {
		if f, _ := Find(Decode([]byte(frame), LinkEthernet, Context{}), key); !strings.HasSuffix(f.Value, ", right") {
			t.Errorf("%s: %s", key, f.Value)
		}
	}
}

// Any single bit that changes is noticed (RFC 1071): in the header by the IPv4
// checksum, behind it by the transport's.
func TestAnyFlippedBitIsNoticed(t *testing.T) {
	for _, frame := range [][]byte{dataFrame, udpFrame, echoRequest, ipv6UDP, neighborAdvert} {
		transport := 34
		if frame[14]>>4 == 6 { // IPv6 has no checksum of its own: the transport's covers the addresses
			transport = 22
		}
		for i := transport; i < len(frame); i++ {
			for bit := range 8 {
				b := slices.Clone(frame)
				b[i] ^= 1 << bit
				layers := Decode(b, LinkEthernet, Context{})
				for _, key := range []string{"tcp.checksum", "udp.checksum", "icmp.checksum", "icmpv6.checksum"} {
					if f, ok := Find(layers, key); ok && strings.HasSuffix(f.Value, ", right") {
						t.Fatalf("byte %d, bit %d: %s is %s", i, bit, key, f.Value)
					}
				}
			}
		}
	}
	for i := 14; i < 34; i++ {
		b := slices.Clone(dataFrame)
		b[i] ^= 0x10
		if f, _ := Find(Decode(b, LinkEthernet, Context{}), "ip.checksum"); strings.HasSuffix(f.Value, ", right") {
			t.Errorf("byte %d: %s", i, f.Value)
		}
	}
}

func TestAWrongChecksumSaysWhatWouldFitAndWhatHappens(t *testing.T) {
	expect(t, patch(synFrame, 50, 0xde, 0xad), Context{},
		said{"tcp.checksum", "0xdead, wrong: 0x6717 would fit", "It does not fit header, data and IP addresses; 0x6717 would. A receiver drops the segment without a word, and its sender will have to send it again. In a capture made on the sender itself the card may only fill it in later."})
	if s := says(patch(sackFrame, 50, 0xde, 0xad), Context{}, "tcp.checksum"); strings.Contains(s, "send it again") {
		t.Errorf("an acknowledgment without data is not sent again: %q", s)
	}
	expect(t, patch(synFrame, 24, 0, 1), Context{},
		said{"ip.checksum", "0x0001, wrong: 0x0a74 would fit", "It does not fit the header; 0x0a74 would. A receiver drops the packet without a word. In a capture made on the sender itself the card may only fill it in later."})
}

func TestAUDPChecksumOfZeroIsNotUsed(t *testing.T) {
	expect(t, patch(udpFrame, 40, 0, 0), Context{},
		said{"udp.checksum", "0, not used", "0: the sender left it out, so nobody can tell whether the data is damaged."})
}

// All ones and all zeros are one number in one's complement: a sender writes
// 0xffff where 0 would come out (RFC 768).
func TestAChecksumOfAllOnesIsRightWhereZeroWouldCome(t *testing.T) {
	b := slices.Clone(udpFrame)
	b[48], b[49] = 0, 0
	b = seal(b)
	copy(b[48:], b[40:42]) // the checksum of zeros there, put there: all comes out as 0
	b = seal(b)
	if b[40] != 0 || b[41] != 0 {
		t.Fatalf("the test's frame has the checksum % x", b[40:42])
	}
	expect(t, patch(b, 40, 0xff, 0xff), Context{}, said{"udp.checksum", "0xffff, right", ""})
}

func TestWhatIsNotHereCannotBeChecked(t *testing.T) {
	expect(t, dataFrame[:len(dataFrame)-1], Context{},
		said{"tcp.checksum", "", "It cannot be checked here: the frame does not have all the bytes that it covers."},
		said{"ip.checksum", "", "It fits the header, so no damage shows."})
	if got := Decode(dataFrame[:len(dataFrame)-1], LinkEthernet, Context{})[1].Damage; got != "the total length is 57 bytes, only 56 are here" {
		t.Errorf("damage %q", got)
	}
}
