package exchanges

import (
	"bytes"
	"fmt"
	"testing"

	"wirelab/packets"
	"wirelab/trace"
)

// deceived are the packets that their receiver took although they are not what
// was sent: a bit was inverted on each of two cables, and in a checksum of 16
// bits two can make up for each other (RFC 1071). No TCP can tell.
func deceived(tr *trace.Trace) (rows []int) {
	landed := map[uint32]int{}
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Landed > 0 {
			landed[p.Landed] = i
		}
		if p.Fate != trace.Delivered {
			continue
		}
		first, flips, on := i, 0, true
		for at := i; on; {
			q := &tr.Packets[at]
			if q.Flip >= 0 {
				flips++
			}
			first = at
			// What a router or middlebox sends on leaves it in the step in which it came.
			at, on = landed[q.Step]
			on = on && q.Hop && at < first && tr.Packets[at].To == q.From
		}
		if flips < 2 {
			continue
		}
		sent, came := tr.Bytes(&tr.Packets[first]), tr.Received(p)
		h := packets.Scan(sent)
		if h.L4Off > 0 && !bytes.Equal(sent[h.L4Off:], came[h.L4Off:]) {
			rows = append(rows, i)
		}
	}
	return rows
}

// Behind a router wrong bytes may arrive, and the trace proves why; on a single
// cable never.
func TestTwoInvertedBitsDeceiveAChecksum(t *testing.T) {
	wrong := 0
	for seed := range 400 {
		text := fmt.Sprintf("exchange: tcp\nseed: %d\nlimit-time: 48h\nmtu: 100\nsize: 300\nreply: none\nup: corrupt=40%%\n", seed)
		tr, err := play(t, text)
		if rows := deceived(tr); len(rows) > 0 {
			t.Errorf("seed %d: packets %v were damaged twice on one cable", seed, rows)
		}
		if _, lacks := inspect(tr); err == nil && lacks != nil {
			t.Errorf("seed %d, one cable: %v", seed, lacks)
		}
		tr, err = play(t, text+"hops: 1")
		if _, lacks := inspect(tr); err == nil && lacks != nil {
			wrong++
			if len(deceived(tr)) == 0 {
				t.Errorf("seed %d: %v, and no packet was damaged twice", seed, lacks)
			}
		}
	}
	if wrong < 5 {
		t.Errorf("in %d runs wrong bytes arrived; the test sees nothing", wrong)
	}
	t.Logf("wrong bytes arrived behind a router in %d of 400 runs", wrong)
}
