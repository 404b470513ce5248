package wire

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// identified is what the IPv4 headers say of the packets that a host sent: of the
// pieces of each datagram, and of those that are whole.
func identified(t *testing.T, tr *trace.Trace, host uint16) (pieces [][]packets.Headers, whole []packets.Headers) {
	t.Helper()
	for i := range tr.Packets {
		p := &tr.Packets[i]
		h := packets.Scan(tr.Bytes(p))
		if p.From != host || h.IPLen == 0 {
			continue
		}
		if whole := tr.Bytes(p)[h.IPOff+6]&0x40 != 0; whole == h.Fragment() { // DF
			t.Errorf("packet %d: a piece %v, must not be cut %v", i, h.Fragment(), whole)
		}
		switch {
		case !h.Fragment():
			whole = append(whole, h)
		case h.FragOff == 0:
			pieces = append(pieces, []packets.Headers{h})
		default:
			pieces[len(pieces)-1] = append(pieces[len(pieces)-1], h)
		}
	}
	return pieces, whole
}

// share holds that the pieces of a datagram have one identification, and others
// another.
func share(t *testing.T, pieces [][]packets.Headers, want int) {
	t.Helper()
	var ids []uint32
	for _, of := range pieces {
		for _, h := range of {
			if h.Datagram != of[0].Datagram {
				t.Errorf("a piece of %d bears %d", of[0].Datagram, h.Datagram)
			}
		}
		if slices.Contains(ids, of[0].Datagram) || of[0].Datagram == 0 {
			t.Errorf("identification %d after %v", of[0].Datagram, ids)
		}
		ids = append(ids, of[0].Datagram)
	}
	if len(ids) != want {
		t.Errorf("%d datagrams in pieces, want %d", len(ids), want)
	}
}

// Of two datagrams of three pieces the second piece of the one is lost, and the
// first of the other: what is left would make a whole one.
func TestNoDatagramIsMadeOfTheNextOne(t *testing.T) {
	const n = 4000
	var got []byte
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		client.Drop(2)
		client.Drop(4)
		in, err := server.ListenPacket("udp", ":9")
		if err != nil {
			return err
		}
		l.Go(server, "server", func() error {
			b := make([]byte, n)
			for len(got) < 3 {
				if _, _, err := in.ReadFrom(b); err != nil {
					return err
				}
				got = append(got, b[0])
			}
			return nil
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			for i := range 5 {
				if err == nil {
					b := make([]byte, n)
					for j := range b {
						b[j] = byte(i + 1)
					}
					_, err = c.Write(b)
					l.Sleep(time.Second)
				}
			}
			return err
		})
		return nil
	})
	if !slices.Equal(got, []byte{3, 4, 5}) {
		t.Errorf("datagrams %v were read, want 3, 4 and 5", got)
	}
	pieces, _ := identified(t, tr, 0)
	share(t, pieces, 5)
}

// A packet that fits bears no identification and must not be cut, also from a
// socket that sent a larger one before.
func TestOnlyWhatIsCutIsIdentified(t *testing.T) {
	tr := run(t, Options{}, func(l *Lab) error {
		client, _ := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			for _, size := range []int{1473, 1472, 1473} { // 1,500 bytes less the headers is 1,472
				if err == nil {
					_, err = c.Write(make([]byte, size))
				}
			}
			return err
		})
		return nil
	})
	pieces, whole := identified(t, tr, 0)
	share(t, pieces, 2)
	if len(whole) != 1 || whole[0].Datagram != 0 {
		t.Errorf("whole datagrams %v", whole)
	}
}

// Echo requests and the stack's own answers.
func TestPingsThatAreCutAreIdentified(t *testing.T) {
	tr := run(t, Options{}, func(l *Lab) error {
		client, _ := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		l.Go(client, "client", func() error {
			c, err := client.ListenICMP(7)
			if err != nil {
				return err
			}
			defer c.Close()
			for seq, size := range []int{4000, 10, 4000} {
				if err := c.Echo(netip.MustParseAddr("10.0.0.2"), seq+1, 0, make([]byte, size)); err != nil {
					return err
				}
				if m, err := c.Receive(); err != nil || m.Seq != seq+1 || m.Payload != size {
					t.Errorf("answer %+v, %v", m, err)
				}
			}
			return nil
		})
		return nil
	})
	for host := range uint16(2) {
		pieces, whole := identified(t, tr, host)
		share(t, pieces, 2)
		if len(whole) != 1 || whole[0].Datagram != 0 {
			t.Errorf("host %d sent whole %v", host, whole)
		}
	}
}
