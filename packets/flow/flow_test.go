package flow_test

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/packets/flow"
)

// open is a handshake at the client's card: 40 ms to the server and back.
const open = `
+0    > S 0:0(0) <mss 1460,sackOK,wscale 7>
+0.04 < S. 0:0(0) ack 1 <mss 1400,sackOK,wscale 2>
+0    > . 1:1(0) ack 1`

// openAtServer is the same at the server's card.
const openAtServer = `
+0    > S 0:0(0) <mss 1460,sackOK,wscale 7>
+0    < S. 0:0(0) ack 1 <mss 1400,sackOK,wscale 2>
+0.04 > . 1:1(0) ack 1`

// openPlain is a handshake without SACK.
const openPlain = `
+0    > S 0:0(0) <mss 1460>
+0.04 < S. 0:0(0) ack 1 <mss 1400>
+0    > . 1:1(0) ack 1`

func TestHandshake(t *testing.T) {
	f := holds(t, open)
	there, back := f.HandshakeRTT()
	if f.Client != 0 || f.SYN != 1 || f.SYNACK != 2 || f.ACK != 3 || there != 40*time.Millisecond || back != 0 {
		t.Errorf("client %d, packets %d %d %d, times %v %v", f.Client, f.SYN, f.SYNACK, f.ACK, there, back)
	}
	s := &f.Sides[1]
	if !s.ISNKnown || s.ISN != 5000 || s.MSS != 1400 || s.Scale != 2 || !s.SACKPermitted || s.Timestamps || !f.Scaled() {
		t.Errorf("server %+v", s)
	}
}

// Three duplicate ACKs, RFC 5681 section 2; then an ACK that covers a part only,
// RFC 6582 section 3.2.
func TestFastRetransmission(t *testing.T) {
	holds(t, openPlain+`
+0    > . 1:1001(1000) ack 1
+0    > . 1001:2001(1000) ack 1
+0    > . 2001:3001(1000) ack 1
+0    > . 3001:4001(1000) ack 1
+0    > . 4001:5001(1000) ack 1
+0    > . 5001:6001(1000) ack 1
+0.04 < . 1:1(0) ack 1001
+0    < . 1:1(0) ack 1001 # duplicate ACK certain x1 by 10 11
+0    < . 1:1(0) ack 1001 # duplicate ACK certain x2 by 10 11
+0    < . 1:1(0) ack 1001 # duplicate ACK certain x3 by 10 11
+0    > . 1001:2001(1000) ack 1 # retransmission certain by 5, fast retransmission certain by 10 11 12 13
+0.04 < . 1:1(0) ack 3001
+0    > . 3001:4001(1000) ack 1 # retransmission certain by 7, fast recovery likely by 15 7
+0.04 < . 1:1(0) ack 6001`)
}

func TestSACKRecovery(t *testing.T) {
	holds(t, open+`
+0    > . 1:1001(1000) ack 1
+0    > . 1001:2001(1000) ack 1
+0    > . 2001:3001(1000) ack 1
+0    > . 3001:4001(1000) ack 1
+0    > . 4001:5001(1000) ack 1
+0    > . 5001:6001(1000) ack 1
+0.04 < . 1:1(0) ack 1 <sack 1001:2001> # duplicate ACK certain x1 by 2 10
+0    < . 1:1(0) ack 1 <sack 1001:2001 3001:4001> # duplicate ACK certain x2 by 2 10
+0    < . 1:1(0) ack 1 <sack 1001:2001 3001:5001> # duplicate ACK certain x3 by 2 10
+0    > . 1:1001(1000) ack 1 # retransmission certain by 4, fast retransmission certain by 2 10 11 12
+0    > . 2001:3001(1000) ack 1 # retransmission certain by 6, retransmission for SACK likely by 2 10 12
+0    < . 1:1(0) ack 1 <sack 1001:2001 3001:6001> # duplicate ACK certain x4 by 2 10
+0.04 < . 1:1(0) ack 2001 <sack 3001:6001>
+0    < . 1:1(0) ack 6001`)
}

func TestTimeoutAndAfter(t *testing.T) {
	holds(t, openPlain+`
+0    > . 1:1001(1000) ack 1
+0    > . 1001:2001(1000) ack 1
+0    > . 2001:3001(1000) ack 1
+0.3  > . 1:1001(1000) ack 1 # retransmission certain by 4, retransmission timeout certain by 2 4
+0.6  > . 1:1001(1000) ack 1 # retransmission certain by 4, retransmission timeout certain by 2 7
+0.04 < . 1:1(0) ack 1001
+0    > . 1001:2001(1000) ack 1 # retransmission certain by 5, after the timeout likely by 9 5
+0    > . 2001:3001(1000) ack 1 # retransmission certain by 6, after the timeout likely by 9 6
+0.04 < . 1:1(0) ack 3001`)
}

// The probe repeats the last segment, the timeout the oldest (RFC 8985 section 7).
func TestTailLossProbe(t *testing.T) {
	holds(t, open+`
+0    > . 1:1001(1000) ack 1
+0    > P. 1001:2001(1000) ack 1
+0.08 > P. 1001:2001(1000) ack 1 # retransmission certain by 5, tail loss probe certain by 2 5
+0.04 < . 1:1(0) ack 1 <sack 1001:2001> # duplicate ACK certain x1 by 2 7
+0.2  > . 1:1001(1000) ack 1 # retransmission certain by 4, retransmission timeout certain by 2 4
+0.04 < . 1:1(0) ack 2001`)
}

func TestSpuriousByTimestamp(t *testing.T) {
	holds(t, `
+0    > S 0:0(0) <mss 1460,TS 100 0>
+0.04 < S. 0:0(0) ack 1 <mss 1460,TS 500 100>
+0    > . 1:1(0) ack 1 <TS 140 500>
+0    > P. 1:1001(1000) ack 1 <TS 140 500>
+0.3  > P. 1:1001(1000) ack 1 <TS 440 500> # retransmission certain by 4, retransmission timeout certain by 2 4, spurious certain by 6 4
+0.01 < . 1:1(0) ack 1001 <TS 800 140>`)
}

func TestSpuriousByDSACK(t *testing.T) {
	holds(t, open+`
+0    > P. 1:1001(1000) ack 1
+0.3  > P. 1:1001(1000) ack 1 # retransmission certain by 4, tail loss probe likely by 2 4, spurious certain by 7 4
+0.01 < . 1:1(0) ack 1001
+0.03 < . 1:1(0) ack 1001 <sack 1:1001>`)
}

func TestSpuriousBecauseAcknowledged(t *testing.T) {
	holds(t, openAtServer+`
+0    > P. 1:1001(1000) ack 1
+0    < . 1:1(0) ack 1001
+0.4  > P. 1:1001(1000) ack 1 # retransmission likely by 4, retransmission timeout possible by 5 4, spurious certain by 5 4
+0    < . 1:1(0) ack 1001`)
}

// Sent before what overtook it: by timestamps, by the IP identification, by the
// acknowledgment number, by time.
func TestReorderingIsNoLoss(t *testing.T) {
	holds(t, openAtServer+`
+0    > . 1:1001(1000) ack 1 <TS 5 9>
+0    > . 2001:3001(1000) ack 1 <TS 7 9> # earlier bytes came later certain by 7
+0    < . 1:1(0) ack 1001
+0.5  > . 1001:2001(1000) ack 1 <TS 6 9> # out of order certain by 5
+0    < . 1:1(0) ack 3001`)
	holds(t, openAtServer+`
+0    > . 1:1001(1000) ack 1 id 11
+0    > . 1001:2001(1000) ack 1 id 12
+0    > . 2001:3001(1000) ack 1 id 13
+0    > . 3001:4001(1000) ack 1 id 14
+0    > . 4001:5001(1000) ack 1 id 15
+0    > . 6001:7001(1000) ack 1 id 17 # earlier bytes came later likely by 10
+0.5  > . 5001:6001(1000) ack 1 id 16 # out of order likely by 9`)
	holds(t, openAtServer+`
+0    > . 1:1001(1000) ack 1
+0    < . 1:101(100) ack 1001
+0.04 > . 2001:3001(1000) ack 101 # earlier bytes came later certain by 7
+0.5  > . 1001:2001(1000) ack 1 # out of order certain by 6`)
	// A round trip is shorter than a tick; but it has not heard what was sent it
	// before the hole opened.
	holds(t, `
+0      > S 0:0(0) <TS 5 0>
+0      < S. 0:0(0) ack 1 <TS 900 5>
+0.0002 > . 1:1(0) ack 1 <TS 5 900>
+0.0020 < P. 1:101(100) ack 1 <TS 902 5>
+0      > . 1001:2001(1000) ack 1 <TS 5 900> # earlier bytes came later likely by 7
+0      < . 101:101(0) ack 1 <TS 902 5> # duplicate ACK certain x1 by 2 6
+0.0010 > . 1:1001(1000) ack 1 <TS 5 900> # out of order likely by 5`)
	holds(t, openAtServer+`
+0    > . 1001:2001(1000) ack 1 # earlier bytes came later likely by 5
+0.01 > . 1:1001(1000) ack 1 # out of order likely by 4`)
}

func TestLostBeforeTheVantage(t *testing.T) {
	holds(t, openAtServer+`
+0    > . 1:1001(1000) ack 1 <TS 5 9>
+0    < . 1:1(0) ack 1001
+0    > . 2001:3001(1000) ack 1 <TS 5 9> # earlier bytes lost likely by 12
+0    < . 1:1(0) ack 1001 <sack 2001:3001> # duplicate ACK certain x1 by 5 7
+0    > . 3001:4001(1000) ack 1 <TS 5 9>
+0    < . 1:1(0) ack 1001 <sack 2001:4001> # duplicate ACK certain x2 by 5 7
+0    > . 4001:5001(1000) ack 1 <TS 5 9>
+0    < . 1:1(0) ack 1001 <sack 2001:5001> # duplicate ACK certain x3 by 5 7
+0.04 > . 1001:2001(1000) ack 1 <TS 45 9> # retransmission certain by 6, fast retransmission likely by 5 7 9 11
+0    < . 1:1(0) ack 5001`)
	holds(t, openAtServer+`
+0    > . 2001:3001(1000) ack 1 # earlier bytes not seen certain by 3
+0    < . 1:1(0) ack 1 <sack 2001:3001> # duplicate ACK certain x1 by 2 5
+1.2  > . 1:1001(1000) ack 1 # retransmission likely by 4, retransmission timeout possible by 2`)
}

// What looked lost comes after its repetition: the network had kept it.
func TestTheOriginalComesAfterItsRepetition(t *testing.T) {
	holds(t, openAtServer+`
+0    > . 1:1001(1000) ack 1 <TS 5 9>
+0    > . 2001:3001(1000) ack 1 <TS 7 9> # earlier bytes came later certain by 6
+0.3  > . 1001:2001(1000) ack 1 <TS 300 9> # retransmission certain by 7, retransmission timeout possible by 2, spurious certain by 7
+0.1  > . 1001:2001(1000) ack 1 <TS 6 9> # out of order certain by 6`)
}

func TestNotCaptured(t *testing.T) {
	holds(t, openAtServer+`
+0    > . 1:1001(1000) ack 1
+0    > . 2001:3001(1000) ack 1 # earlier bytes not captured certain by 6
+0    < . 1:1(0) ack 3001
+0    < . 1:1(0) ack 4001 # ACK of bytes not captured certain by 5
+0.1  > . 4001:5001(1000) ack 1`)
}

// A copy has the same identification; a retransmission has another.
func TestCopiesOfTheNetwork(t *testing.T) {
	holds(t, openAtServer+`
+0    > P. 1:1001(1000) ack 1 id 21
+0    > P. 1:1001(1000) ack 1 id 21 # copy certain by 4
+0    < . 1:1(0) ack 1001 id 7
+0    < . 1:1(0) ack 1001 id 7 # copy certain by 6
+0.3  > P. 1:1001(1000) ack 1 id 22 # retransmission likely by 4, retransmission timeout possible by 6 4, spurious certain by 6 4`)
	holds(t, openAtServer+`
+0    > P. 1:1001(1000) ack 1
+0    > P. 1:1001(1000) ack 1 # copy likely by 4`)
}

func TestZeroWindow(t *testing.T) {
	holds(t, openPlain+`
+0    > . 1:1001(1000) ack 1
+0.04 < . 1:1(0) ack 1001 win 0 # zero window certain
+0.3  > . 1000:1000(0) ack 1 # window probe certain by 5
+0.04 < . 1:1(0) ack 1001 win 0 # window probe ACK likely by 6, zero window certain
+0.6  > . 1001:1002(1) ack 1 # window probe certain by 7
+0.04 < . 1:1(0) ack 1001 win 0 # window probe ACK likely by 8, zero window certain
+1    < . 1:1(0) ack 1001 win 500 # window update certain by 9
+0    > . 1001:1501(500) ack 1`)
}

func TestKeepAlive(t *testing.T) {
	holds(t, openPlain+`
+0    > P. 1:11(10) ack 1
+0.04 < . 1:1(0) ack 11
+75   > . 10:10(0) ack 1 # keep-alive likely by 5
+0.04 < . 1:1(0) ack 11 # keep-alive ACK likely by 6
+75   > . 10:11(1) ack 1 # keep-alive likely by 5
+0.04 < . 1:1(0) ack 11 # keep-alive ACK likely by 8
+0    < R. 1:1(0) ack 11 # reset certain`)
}

func TestSYNAgainAndPortReused(t *testing.T) {
	holds(t, `
+0    > S 0:0(0) <mss 1460>
+1    > S 0:0(0) <mss 1460> # SYN retransmission certain by 1, retransmission timeout likely by 1
+0.04 < S. 0:0(0) ack 1 <mss 1460>
+0    > . 1:1(0) ack 1
+0    > R. 1:1(0) ack 1 # reset certain
+1    > S 77:77(0) <mss 1460> # port reused certain by 1`)
}

func TestSYNACKAgain(t *testing.T) {
	holds(t, `
+0    > S 0:0(0) <mss 1460>
+0    < S. 0:0(0) ack 1 <mss 1460>
+1    < S. 0:0(0) ack 1 <mss 1460> # SYN retransmission certain by 2, retransmission timeout likely by 2
+0.5  > S 0:0(0) <mss 1460> # SYN retransmission certain by 1, retransmission timeout likely by 2 1, spurious certain by 2 1
+0    < S. 0:0(0) ack 1 <mss 1460> # SYN retransmission certain by 2, answers a repeated SYN likely by 3`)
}

func TestWithoutAHandshake(t *testing.T) {
	f := holds(t, `
+0    > . 1001:2001(1000) ack 501
+0.04 < . 501:501(0) ack 2001
+0    > . 2001:3001(1000) ack 501
+0.3  > . 2001:3001(1000) ack 501 # retransmission certain by 3, retransmission timeout certain by 2 3
+0    > . 1:1001(1000) ack 501 # retransmission likely, spurious likely by 2`)
	if f.Client != -1 || f.Sides[0].ISNKnown || f.Rel(0, 1000+2001) != 1001 {
		t.Errorf("client %d, first number %d", f.Client, f.Rel(0, 1000+2001))
	}
}

func TestDamaged(t *testing.T) {
	holds(t, openAtServer+`
+0    > P. 1:1001(1000) ack 1 bad # bad checksum certain
+0.3  > P. 1:1001(1000) ack 1`)
}

func TestWindowFull(t *testing.T) {
	holds(t, openPlain+`
+0    > . 1:1001(1000) ack 1
+0.04 < . 1:1(0) ack 1001 win 2000
+0    > . 1001:2001(1000) ack 1
+0    > . 2001:3001(1000) ack 1 # window full certain by 5`)
}

func TestNumbersFarAway(t *testing.T) {
	holds(t, openPlain+`
+0    > . 2000000000:2000001000(1000) ack 1 # not of this stream likely
+0    > . 1:1001(1000) ack 1`)
}

// Numbers wrap around (RFC 9293 section 3.4); addresses may be IPv6.
func TestWrapAroundAndIPv6(t *testing.T) {
	e := ends{netip.MustParseAddrPort("[2001:db8::1]:40000"), netip.MustParseAddrPort("[2001:db8::2]:80")}
	f := holdsWith(t, openPlain+`
+0    > . 1:1001(1000) ack 1
+0    > . 1001:2001(1000) ack 1
+0.3  > . 1:1001(1000) ack 1 # retransmission certain by 4, retransmission timeout certain by 2 4
+0.04 < . 1:1(0) ack 2001`, e, map[string]uint32{">": math.MaxUint32 - 700, "<": math.MaxUint32})
	if n := f.Rel(0, 2001-701); n != 2001 || f.Ends[1] != e.server {
		t.Errorf("next number %d, server %v", n, f.Ends[1])
	}
}

func TestUDPExchanges(t *testing.T) {
	var a flow.Analyser
	h := packets.Headers{OK: true, Proto: packets.ProtocolUDP, Src: netip.MustParseAddr("10.0.0.2"), Dst: netip.MustParseAddr("10.0.0.1"), SrcPort: 4000, DstPort: 53, Len: 30}
	there, end, _ := a.Add(&flow.Packet{Number: 1, Headers: &h})
	h.Src, h.Dst, h.SrcPort, h.DstPort, h.Len = h.Dst, h.Src, 53, 4000, 100
	back, end2, found := a.Add(&flow.Packet{Number: 2, At: time.Second, Headers: &h})
	if there != back || end != 0 || end2 != 1 || len(found) != 0 || there.Sides[1].Bytes != 100 || there.Ended != time.Second || there.Last != 2 {
		t.Errorf("%+v", there)
	}
	h.FragOff = 1480 // has no ports
	if f, _, _ := a.Add(&flow.Packet{Number: 3, Headers: &h}); f != nil {
		t.Errorf("a later piece is of %v", f.Ends)
	}
}

// Every label says what it is, and of what it is one answer.
func TestEveryLabelIsDescribed(t *testing.T) {
	for l := flow.NoLabel + 1; l.String() != ""; l++ {
		if l.About() == "" || !strings.HasPrefix(l.RFC(), "RFC ") || !strings.HasSuffix(l.About(), ".") {
			t.Errorf("%v: %q %q", l, l.About(), l.RFC())
		}
		if l == flow.BadChecksum {
			return
		}
	}
	t.Error("a label before the last has no name")
}
