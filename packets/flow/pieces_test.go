package flow

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"wirelab/packets"
)

// Whatever two hosts send, the pieces of each direction lie one behind the
// other up to the highest number seen, and they are not many.
func TestPiecesLieOneBehindTheOther(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		var a Analyser
		h := packets.Headers{OK: true, Proto: packets.ProtocolTCP}
		addr := [2]netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")}
		next := [2]uint32{r.Uint32(), r.Uint32()}
		for n := uint32(1); n < 6000; n++ {
			end := r.IntN(2)
			h.Src, h.Dst = addr[end], addr[1-end]
			h.SrcPort, h.DstPort = uint16(1+end), uint16(2-end)
			h.Len, h.Window, h.Flags = r.IntN(1500), uint16(r.IntN(3)*500), packets.ACK
			h.Seq = next[end] + uint32(r.IntN(20000)) - 10000*uint32(r.IntN(2))
			h.Ack = next[1-end] - uint32(r.IntN(200000))
			if r.IntN(3) == 0 {
				h.Seq = next[end]
				next[end] += uint32(h.Len)
			}
			if r.IntN(500) == 0 {
				h.Flags |= packets.FIN
			}
			f, _, _ := a.Add(&Packet{Number: n, At: time.Duration(n) * time.Millisecond, Headers: &h})
			for i := range f.Sides {
				check(t, seed, n, &f.Sides[i])
			}
		}
	}
}

func check(t *testing.T, seed uint64, n uint32, s *Side) {
	ps := s.sent.all
	if len(ps) > mostPieces || s.sent.acked > len(ps) || len(s.gaps) > mostGaps {
		t.Fatalf("seed %d packet %d: %d pieces, %d of them acknowledged, %d gaps", seed, n, len(ps), s.sent.acked, len(s.gaps))
	}
	sacked := 0
	for i := range ps {
		next := s.nxt
		if i+1 < len(ps) {
			next = ps[i+1].lo
		}
		if ps[i].lo >= ps[i].hi || ps[i].hi != next {
			t.Fatalf("seed %d packet %d: piece %d is %d to %d, and %d follows", seed, n, i, ps[i].lo, ps[i].hi, next)
		}
		if acked := i < s.sent.acked; acked != (ps[i].hi <= s.una) {
			t.Fatalf("seed %d packet %d: piece %d of %d is %d to %d, and all before %d is acknowledged, %d pieces", seed, n, i, len(ps), ps[i].lo, ps[i].hi, s.una, s.sent.acked)
		}
		if ps[i].sacked {
			sacked++
		}
	}
	if sacked != s.sacked && len(ps) < mostPieces/2 {
		t.Fatalf("seed %d packet %d: %d pieces are sacked, and %d counted", seed, n, sacked, s.sacked)
	}
}
