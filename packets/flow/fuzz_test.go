package flow_test

import (
	"encoding/binary"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/packets/flow"
)

// frames cuts fuzz input into frames: two bytes of length, two of time since
// the one before in milliseconds, and the frame.
func frames(data []byte, each func(at time.Duration, frame []byte)) {
	var at time.Duration
	for len(data) >= 4 {
		n := min(int(binary.BigEndian.Uint16(data)), len(data)-4)
		at += time.Duration(binary.BigEndian.Uint16(data[2:])) * time.Millisecond
		each(at, data[4:4+n])
		data = data[4+n:]
	}
}

// FuzzAnalyser feeds any frames. Whatever they hold, nothing panics, and every
// finding is about a packet that was seen.
func FuzzAnalyser(f *testing.F) {
	for seed := range uint64(4) {
		tr := experiment(f, append(chance(seed), "size", "9000", "clients", "1", "loss", "5%", "reorder", "10%", "limit-frames", "80"))
		var all []byte
		for i := range tr.Packets {
			p := &tr.Packets[i]
			b := tr.Bytes(p)[:min(p.Len(), 100)]
			all = binary.BigEndian.AppendUint16(all, uint16(len(b)))
			all = binary.BigEndian.AppendUint16(all, 20)
			all = append(all, b...)
		}
		f.Add(all)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var a flow.Analyser
		n := uint32(0)
		frames(data, func(at time.Duration, frame []byte) {
			n++
			h := packets.Scan(frame)
			_, _, found := a.Add(&flow.Packet{Number: n, At: at, Headers: &h, Options: flow.Options(frame, &h)})
			for _, x := range found {
				if x.Packet == 0 || x.Packet > n || x.Label == flow.NoLabel || x.Label.String() == "" {
					t.Fatalf("packet %d: %+v", n, x)
				}
				for _, p := range x.Proof {
					if p > n {
						t.Fatalf("packet %d is proven by a later one: %+v", n, x)
					}
				}
			}
		})
	})
}

// FuzzSegments feeds one connection with any numbers, which reach deeper than
// frames do.
func FuzzSegments(f *testing.F) {
	f.Add([]byte{0x01, 0, 0, 0, 5, 0, 9, 7, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, data []byte) {
		var a flow.Analyser
		h := packets.Headers{OK: true, Proto: packets.ProtocolTCP}
		src, dst := ipv4Ends.client, ipv4Ends.server
		for n := uint32(1); len(data) >= 12; n++ {
			from, to := src, dst
			if data[0]&0x80 != 0 {
				from, to = to, from
			}
			h.Src, h.SrcPort, h.Dst, h.DstPort = from.Addr(), from.Port(), to.Addr(), to.Port()
			h.Flags = packets.Flags(data[1])
			h.Seq = uint32(int8(data[2]))<<(data[0]&31) + uint32(data[3])
			h.Ack = uint32(int8(data[4]))<<(data[5]&31) + uint32(data[6])
			h.Len, h.Window, h.Datagram = int(data[7]), uint16(data[8])<<4, uint32(data[9]&15)
			opt := []byte{1, 1, 5, 10, 0, 0, 0, data[10], 0, 0, data[11], 0}
			a.Add(&flow.Packet{Number: n, At: time.Duration(n) * time.Duration(data[10]) * time.Millisecond, Headers: &h, Options: opt})
			data = data[12:]
		}
	})
}

// FuzzStream feeds one direction with any segments: what comes out follows
// without a break, and little is held.
func FuzzStream(f *testing.F) {
	f.Add([]byte{1, 2, 0, 5, 3, 1, 0, 9, 2, 0, 0, 4})
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 4096
		s := flow.NewStream(limit)
		var next int64
		take := func(pieces []flow.Piece) {
			for _, p := range pieces {
				if p.At != next || len(p.Data) > 0 && p.Gap > 0 {
					t.Fatalf("%+v, and %d was to come", p, next)
				}
				next += int64(len(p.Data)) + p.Gap
			}
		}
		for ; len(data) >= 4; data = data[4:] {
			seq := uint32(int8(data[0]))<<(data[2]&31) + uint32(data[1])
			if data[3] == 255 {
				take(s.Acked(seq))
				continue
			}
			take(s.Add(seq, packets.Flags(data[2]>>5), make([]byte, data[3])))
		}
		take(s.Close())
		if s.Delivered()+s.Missing() != next {
			t.Fatalf("%d delivered, %d missing, %d in all", s.Delivered(), s.Missing(), next)
		}
	})
}
