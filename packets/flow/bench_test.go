package flow_test

import (
	"testing"

	"wirelab/packets"
	"wirelab/packets/flow"
)

// sightings scans what the client's card saw of a transfer.
func sightings(b *testing.B, words ...string) []flow.Packet {
	tr := experiment(b, words)
	v := look(tr, 0)
	ps := make([]flow.Packet, len(v.seen))
	for i, s := range v.seen {
		frame := tr.Bytes(s.p)
		h := packets.Scan(frame)
		ps[i] = flow.Packet{At: s.at(), Headers: &h, Options: flow.Options(frame, &h)}
	}
	return ps
}

// analyse runs captures through the analyser, as one packet after the other of
// connections under way at once, each time with fresh connections.
func analyse(b *testing.B, ps []flow.Packet, together int) {
	b.ReportAllocs()
	headers := make([]packets.Headers, 0, len(ps)*together)
	all := make([]flow.Packet, 0, len(ps)*together)
	for i := range ps {
		for k := range together {
			h := *ps[i].Headers
			if h.DstPort == 80 {
				h.SrcPort += uint16(k)
			} else {
				h.DstPort += uint16(k)
			}
			headers = append(headers, h)
			p := ps[i]
			p.Headers = &headers[len(headers)-1]
			p.Number = uint32(len(all) + 1)
			all = append(all, p)
		}
	}
	n := 0
	for b.Loop() {
		var a flow.Analyser
		for i := range all {
			a.Add(&all[i])
		}
		n += len(all)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds()/1e6, "Mpackets/s")
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(n), "ns/packet")
}

func BenchmarkOneConnection(b *testing.B) {
	analyse(b, sightings(b, "size", "8MB", "reply", "none", "rate", "100mbit", "limit-frames", "20000"), 1)
}

func BenchmarkManyConnections(b *testing.B) {
	analyse(b, sightings(b, "size", "400kB", "reply", "none", "rate", "100mbit", "rcvbuf", "64kB"), 2000)
}

func BenchmarkLossAndReordering(b *testing.B) {
	analyse(b, sightings(b, "size", "4MB", "reply", "none", "rate", "100mbit", "loss", "2%", "reorder", "2%", "limit-frames", "20000"), 1)
}
