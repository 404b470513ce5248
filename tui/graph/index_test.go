package graph

import (
	"testing"
	"time"

	"wirelab/trace"
)

// Karn: what was sent twice is not measured, nor what waited for it.
func TestMeasuredRoundTrips(t *testing.T) {
	for _, tr := range []*trace.Trace{run(t, "tcp", "size=100kB", "reply=none", "rate=none"), lossy(t)} {
		ix := newIndex(tr, 0, 0)
		if len(ix.trips) < 30 {
			t.Fatalf("only %d round trips", len(ix.trips))
		}
		for i, trip := range ix.trips {
			p, s := &tr.Packets[trip.row], &tr.Samples[trip.back]
			if took := ix.took(i); took < ms(40) || p.Again || p.Span.Hi >= int64(s.SndUna) || s.Cause != trace.AtReceive {
				t.Errorf("packet %d took %v until sample %d", trip.row, took, trip.back)
			}
			for j := range tr.Samples[:trip.back] {
				if o := &tr.Samples[j]; o.End == 0 && o.Step >= p.Step && p.Span.Hi < int64(o.SndUna) {
					t.Errorf("packet %d was acknowledged in sample %d already, not in %d", trip.row, j, trip.back)
				}
			}
			for j := range tr.Packets {
				if q := &tr.Packets[j]; q.Again && q.Span.Stream == p.Span.Stream && q.Span.Lo < p.Span.Hi && q.Sent >= p.Sent && q.Sent < s.At {
					t.Errorf("packet %d was timed, and packet %d sent bytes at or below it again", trip.row, j)
				}
			}
		}
	}
	// Without a rate nothing waits: there and back is twice the delay, to the nanosecond.
	ix := newIndex(run(t, "tcp", "size=10kB", "reply=none", "rate=none", "delay=7ms"), 0, 0)
	for i := range ix.trips {
		if ix.took(i) != ms(14) {
			t.Errorf("round trip %d took %v, want 14ms", i, ix.took(i))
		}
	}
}

func TestEchoesAndDatagrams(t *testing.T) {
	for _, test := range []struct {
		name           string
		exchange       string
		settings       []string
		conn           int32
		sent, came     int
		lost           int
		shortest, most time.Duration
	}{
		{"ping", "ping", []string{"rate=none"}, -1, 4, 4, 0, ms(40), ms(40)},
		{"IPv6", "ping", []string{"rate=none", "ipv6=true"}, -1, 4, 4, 0, ms(40), ms(40)},
		{"through routers", "ping", []string{"rate=none", "hops=2"}, -1, 4, 4, 0, ms(120), ms(120)},
		{"a request lost", "ping", []string{"rate=none", "drop=client:2"}, -1, 4, 3, 1, ms(40), ms(40)},
		{"a reply lost", "ping", []string{"rate=none", "drop=server:2"}, -1, 4, 3, 1, ms(40), ms(40)},
		{"in fragments", "ping", []string{"rate=none", "size=3000"}, -1, 4, 4, 0, ms(40), ms(40)},
		{"a fragment lost", "ping", []string{"rate=none", "ipv6=true", "size=3000", "drop=client:5"}, -1, 4, 3, 1, ms(40), ms(40)},
		{"datagrams", "udp", []string{"rate=none", "count=5", "reply=none", "drop=client:2"}, 0, 5, 4, 1, ms(20), ms(20)},
		{"large datagrams", "udp", []string{"rate=none", "count=5", "size=4000", "reply=none", "drop=client:5"}, 0, 5, 4, 1, ms(20), ms(20)},
		{"a held fragment", "udp", []string{"rate=none", "count=2", "size=4000", "reply=none", "hold=client:2=30ms"}, 0, 2, 2, 0, ms(20), ms(50)},
		{"twice", "udp", []string{"rate=none", "count=5", "reply=none", "dup=client:2"}, 0, 5, 5, 0, ms(20), ms(20)},
		{"damaged", "udp", []string{"rate=none", "count=5", "reply=none", "flip=client:2"}, 0, 5, 4, 1, ms(20), ms(20)},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := run(t, test.exchange, test.settings...)
			ix := newIndex(tr, test.conn, 0)
			if len(ix.sent) != test.sent || len(ix.arrivals) != test.came || len(ix.losses) != test.lost {
				t.Errorf("%d sent, %d came, %d lost; want %d, %d, %d", len(ix.sent), len(ix.arrivals), len(ix.losses), test.sent, test.came, test.lost)
			}
			shortest, most := time.Hour, time.Duration(0)
			for i := range ix.trips {
				if arrived, _ := ix.ended(i); arrived != trace.Never {
					shortest, most = min(shortest, ix.took(i)), max(most, ix.took(i))
				}
			}
			if shortest != test.shortest || most != test.most {
				t.Errorf("from %v to %v, want %v to %v", shortest, most, test.shortest, test.most)
			}
		})
	}
}

// A datagram has arrived when its last piece has.
func TestAPieceStillUnderWay(t *testing.T) {
	tr := run(t, "udp", "count=1", "size=4000", "reply=none")
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Span.Lo > 0 {
			p.Fate, p.Arrived = trace.UnderWay, trace.Never
			break
		}
	}
	if ix := newIndex(tr, 0, 0); len(ix.sent) != 1 || len(ix.arrivals) != 0 || len(ix.losses) != 0 {
		t.Errorf("%d sent, %d arrived, %d lost; a piece is still under way", len(ix.sent), len(ix.arrivals), len(ix.losses))
	}
}
