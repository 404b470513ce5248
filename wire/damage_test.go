package wire

import (
	"bytes"
	"testing"

	"gvisor.dev/gvisor/pkg/buffer"

	"wirelab/packets"
	"wirelab/trace"
)

// The same bit inverted on two cables is as it was: the receiver finds nothing
// wrong, and the trace must not either.
func TestABitInvertedTwiceIsWhole(t *testing.T) {
	play := func(again int) *trace.Trace {
		return run(t, Options{}, func(l *Lab) error {
			client, server, routers := chain(t, l, 1, false, Conditions{Delay: ms, Rate: 10e6})
			client.Touch(4, Flip, 0)
			if again > 0 {
				routers[0].Touch(again, Flip, 0)
			}
			upload(t, l, client, server, 80, 20_000)
			return nil
		})
	}
	tr := play(0)
	bad := fated(tr, trace.BadChecksum)
	if len(bad) != 1 {
		t.Fatalf("bad checksums in rows %v, want one", bad)
	}
	tr = play(int(tr.Packets[bad[0]].Nth))
	if bad := fated(tr, trace.BadChecksum); len(bad) > 0 {
		t.Errorf("bad checksums in rows %v of bits that are as they were", bad)
	}
	if again := rows(tr, func(p *trace.Packet) bool { return p.Again }); len(again) > 0 {
		t.Errorf("rows %v were sent again; the server had all", again)
	}
	if flipped := rows(tr, func(p *trace.Packet) bool { return p.Flip >= 0 }); len(flipped) != 2 {
		t.Errorf("a bit was inverted in rows %v, want two", flipped)
	}
}

// end collects what comes to it.
type end struct{ came [][]byte }

func (e *end) arrive(f frame)          { e.came = append(e.came, f.buf.Flatten()) }
func (e *end) receiver([6]byte) uint16 { return 0 }

// Behind a switch a frame is on its second cable and still the same row, which
// tells of one bit: so no second one is inverted.
func TestARowTellsOfOneBit(t *testing.T) {
	l, to := New(Options{}), &end{}
	d := l.direction(0, 0, Conditions{}, to)
	sent := make([]byte, 100)
	row, h := l.rec.Packet(trace.Packet{}, sent)
	f := frame{buf: buffer.MakeWithData(sent), row: row, h: h}
	for _, bit := range []int{200, 300} {
		d.dispatch(f, &passage{flip: bit})
		l.events.pop().call()
		f.buf = buffer.MakeWithData(to.came[len(to.came)-1])
		if got, want := to.came[len(to.came)-1], l.tr.Received(&l.tr.Packets[row]); !bytes.Equal(got, want) {
			t.Errorf("after bit %d it is %x, and the trace says %x", bit, got, want)
		}
	}
	if got := l.tr.Packets[row].Flip; got != 200 {
		t.Errorf("the row tells of bit %d, want the first, 200", got)
	}
}

// What the sender is seen to believe of its peer comes from segments that its
// stack took.
func TestDamagedSegmentsTellNothing(t *testing.T) {
	tr := run(t, Options{Seed: 1}, func(l *Lab) error {
		client, server := pairOf(t, l, Conditions{Delay: 5 * ms, Rate: 100e6}, Conditions{Delay: 5 * ms, Corrupt: 0.3}, HostOptions{})
		return transfer(l, client, server, 1_000_000)
	})
	c := &tr.Conns[0]
	type said struct{ una, wnd uint32 }
	words := map[said]bool{}
	damaged := 0
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Span.Stream != 1 {
			continue
		}
		if p.Fate != trace.Delivered {
			damaged++
			continue
		}
		h := packets.Scan(tr.Bytes(p))
		words[said{h.Ack - c.ISN[0], window(&h, c, 1)}] = true
	}
	if damaged < 100 {
		t.Fatalf("only %d segments were damaged", damaged)
	}
	for i := range tr.Samples {
		s := &tr.Samples[i]
		if s.End == 0 && s.SndUna > 0 && s.State == trace.Established && !words[said{s.SndUna, s.SndWnd}] {
			t.Errorf("sample %d at %v: SND.UNA %d and SND.WND %d were never said", i, s.At, s.SndUna, s.SndWnd)
		}
	}
}

// Every bit of a packet is covered by a checksum, but for a few of IPv6's header.
func TestIntact(t *testing.T) {
	versions(t, func(t *testing.T, six bool) {
		seen := map[uint8]bool{}
		for i, frame := range kinds(t, six) {
			h := packets.Scan(frame)
			seen[h.Proto] = true
			if !intact(frame) {
				t.Errorf("frame %d is not intact", i)
			}
			for bit := h.IPOff * 8; bit < (h.IPOff+h.IPLen)*8; bit++ {
				in := bit - h.IPOff*8
				uncovered := six && (in >= 4 && in < 32 || in/8 == 7) // traffic class, flow label, hop limit
				other := six && in/8 == 6                             // the next header: what it names may have no checksum
				frame[bit/8] ^= 0x80 >> (bit % 8)
				if got := intact(frame); !other && got != uncovered {
					t.Errorf("frame %d with bit %d of its packet inverted is intact: %v", i, in, got)
				}
				frame[bit/8] ^= 0x80 >> (bit % 8)
			}
		}
		icmp := uint8(packets.ProtocolICMP)
		if six {
			icmp = packets.ProtocolICMPv6
		}
		for _, proto := range []uint8{packets.ProtocolTCP, packets.ProtocolUDP, icmp} {
			if !seen[proto] {
				t.Errorf("no frame of protocol %d", proto)
			}
		}
	})
}

// kinds are frames of TCP, UDP and ICMP that stacks have sent.
func kinds(t *testing.T, six bool) (frames [][]byte) {
	tr := run(t, Options{}, func(l *Lab) error {
		client, server, _ := chain(t, l, 0, six, Conditions{Delay: ms})
		upload(t, l, client, server, 80, 300)
		l.Go(client, "asks a closed port", func() error {
			c, err := client.Dial(t.Context(), "udp", "server:9")
			if err == nil {
				_, err = c.Write([]byte("anybody there?"))
			}
			if err == nil {
				_, err = c.Read(make([]byte, 1))
			}
			wantError(t, err, "refused")
			return nil
		})
		return nil
	})
	for i := range tr.Packets {
		frames = append(frames, bytes.Clone(tr.Bytes(&tr.Packets[i])))
	}
	return frames
}
