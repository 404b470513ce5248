package wire

import (
	"net/netip"
	"testing"

	"wirelab/packets"
	"wirelab/trace"
)

func pair6(t testing.TB, l *Lab, c Conditions, cold bool) (client, server *Host) {
	t.Helper()
	client, server = mustHost(t, l, "client", "fd00::1", HostOptions{}), mustHost(t, l, "server", "fd00::2", HostOptions{})
	l.Cable(client, server, c, c)
	if !cold {
		know(t, client, server)
	}
	return client, server
}

func TestTransferOverIPv6(t *testing.T) {
	for _, cold := range []bool{false, true} {
		tr := run(t, Options{Seed: 1}, func(l *Lab) error {
			client, server := pair6(t, l, Conditions{Delay: 5 * ms, Rate: 10e6, Loss: 0.01, Corrupt: 0.01, Reorder: 0.01}, cold)
			return transfer(l, client, server, 100_000)
		})
		first := packets.Scan(tr.Bytes(&tr.Packets[0]))
		if asks := first.Proto == packets.ProtocolICMPv6; asks != cold || first.EtherType != packets.EtherTypeIPv6 {
			t.Errorf("cold %v: the first packet has protocol %d", cold, first.Proto)
		}
		if !cold && first.Flags != packets.SYN {
			t.Errorf("the first packet is no SYN: %v", first.Flags)
		}
	}
}

// Neighbour discovery takes one round trip before the first packet.
func TestColdNeighboursOfIPv6(t *testing.T) {
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pair6(t, l, Conditions{Delay: 5 * ms}, true)
		sink(t, l, server)
		l.Go(client, "client", func() error { return burst(client, "server:9", 1, 10) })
		return nil
	})
	var udp []int
	for i := range tr.Packets {
		if packets.Scan(tr.Bytes(&tr.Packets[i])).Proto == packets.ProtocolUDP {
			udp = append(udp, i)
		}
	}
	if len(udp) != 1 || udp[0] != 2 || tr.Packets[2].Sent != 10*ms || tr.Packets[2].Fate != trace.Delivered {
		t.Errorf("%d packets, datagrams in rows %v", len(tr.Packets), udp)
	}
}

func TestFragmentsOverIPv6(t *testing.T) {
	const size = 10_000
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pair6(t, l, Conditions{Delay: ms, Rate: 100e6}, false)
		in, err := server.ListenPacket("udp", ":9")
		if err != nil {
			return err
		}
		l.Go(server, "server", func() error {
			n, _, err := in.ReadFrom(make([]byte, 2*size))
			if err == nil && n != size {
				t.Errorf("%d bytes arrived of %d", n, size)
			}
			return err
		})
		l.Go(client, "client", func() error { return burst(client, "server:9", 1, size) })
		return nil
	})
	const each = (1500 - 40 - 8) / 8 * 8 // behind the header and the fragment header
	next := int64(0)
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Piece != 0 || p.Span.Lo != next || p.Span.Unit != 1 {
			t.Errorf("fragment %d: a piece of %d, %+v, want from %d", i, p.Piece, p.Span, next)
		}
		next = p.Span.Hi
	}
	if want := (size + 8 + each - 1) / each; len(tr.Packets) != want || next != size {
		t.Errorf("%d fragments up to byte %d, want %d", len(tr.Packets), next, want)
	}
}

func TestLeastMTUOfIPv6(t *testing.T) {
	l := New(Options{})
	for mtu, says := range map[int]string{MinMTU6: "", MinMTU6 - 1: "an MTU of 1279 bytes cannot work; it must be from 1280"} {
		_, err := l.Host("h", netip.MustParseAddr("fd00::1"), HostOptions{MTU: mtu})
		if says == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		wantError(t, err, says)
	}
}

// A filter for ICMP means that of IPv6 too, and lets neighbour discovery pass.
func TestBlockOfICMPOverIPv6(t *testing.T) {
	tr := run(t, Options{}, func(l *Lab) error {
		c := Conditions{Delay: ms, Block: []Block{{Proto: packets.ProtocolICMP}}}
		client, server := pair6(t, l, c, true)
		l.Go(client, "ping", func() error {
			icmp, err := client.ListenICMP(1)
			if err != nil {
				return err
			}
			defer icmp.Close()
			return icmp.Echo(server.Addr(), 1, 0, nil)
		})
		l.Go(client, "sleeper", func() error { l.Sleep(100 * ms); return nil })
		return nil
	})
	blocked := fated(tr, trace.LostBlocked)
	if len(blocked) != 1 || blocked[0] != 2 || len(tr.Packets) < 3 {
		t.Errorf("blocked are rows %v of %d", blocked, len(tr.Packets))
	}
}

// No checksum covers the header of IPv6: what a bit of it makes of a packet is
// one that no socket takes, or one as good as before, never one of other bytes.
func TestDamagedHeadersOfIPv6(t *testing.T) {
	tr := run(t, Options{Seed: 1}, func(l *Lab) error {
		client, server := pair6(t, l, Conditions{Delay: 2 * ms, Rate: 10e6, Corrupt: 0.2}, false)
		return transfer(l, client, server, 200_000)
	})
	bad, good := 0, 0
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Flip < 0 {
			continue
		}
		// Traffic class and flow label, and the hop limit, are nobody's concern.
		at := int(p.Flip) - packets.EthernetHeaderLen*8
		free := at >= 4 && at < 32 || at >= 56 && at < 64
		if free != (p.Fate == trace.Delivered) {
			t.Errorf("packet %d: bit %d of the IP packet was inverted, and it is %v", i, at, p.Fate)
		}
		if free {
			good++
		} else {
			bad++
		}
	}
	if bad < 20 || good < 1 {
		t.Errorf("%d were thrown away and %d taken", bad, good)
	}
}
