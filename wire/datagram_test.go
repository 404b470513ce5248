package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"wirelab/trace"
)

func TestDatagramsKeepTheirBoundaries(t *testing.T) {
	sizes := []int{1, 0, 1472, 1473, 100, 8000}
	run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: connDelay}, HostOptions{})
		in, err := server.ListenPacket("udp", ":9")
		if err != nil {
			return err
		}
		l.Go(server, "server", func() error {
			for _, want := range sizes {
				n, from, err := in.ReadFrom(make([]byte, 10_000))
				if err != nil {
					return err
				}
				if n != want || from.(*net.UDPAddr).IP.String() != "10.0.0.1" {
					return fmt.Errorf("got %d bytes from %v, want %d", n, from, want)
				}
				if _, err := in.WriteTo(make([]byte, n), from); err != nil {
					return err
				}
			}
			return nil
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			if err != nil {
				return err
			}
			defer c.Close()
			for _, n := range sizes {
				if _, err := c.Write(make([]byte, n)); err != nil {
					return err
				}
			}
			for _, want := range sizes {
				n, err := c.Read(make([]byte, 50)) // what does not fit is lost
				if err != nil || n != min(want, 50) {
					return fmt.Errorf("read %d bytes of %d, %v", n, want, err)
				}
			}
			c.SetReadDeadline(l.Now().Add(ms))
			if _, err := c.Read(make([]byte, 50)); !errors.Is(err, os.ErrDeadlineExceeded) {
				return fmt.Errorf("one more datagram: %v", err)
			}
			return nil
		})
		return nil
	})
}

func TestDatagramToAClosedPort(t *testing.T) {
	alone(t, func(l *Lab, client, server *Host) error {
		c, err := client.Dial(context.Background(), "udp", "server:9")
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.Write([]byte("x")); err != nil {
			return err
		}
		l.Sleep(connRTT + 1) // the ICMP message has come
		_, err = c.Write([]byte("x"))
		if err := expect(l, "write", err, syscall.ECONNREFUSED, connRTT+1); err != nil {
			return err
		}
		// A reader is told too.
		if _, err := c.Write([]byte("x")); err != nil {
			return err
		}
		_, err = c.Read(make([]byte, 1))
		return expect(l, "read", err, syscall.ECONNREFUSED, 2*connRTT+1)
	})
}

func TestDatagramTooLarge(t *testing.T) {
	alone(t, func(l *Lab, client, server *Host) error {
		c, err := client.Dial(context.Background(), "udp", "server:9")
		if err != nil {
			return err
		}
		defer c.Close()
		const most = 65535 - 20 - 8 // what an IP packet of the longest length has room for
		if _, err := c.Write(make([]byte, most)); err != nil {
			return fmt.Errorf("%d bytes: %w", most, err)
		}
		_, err = c.Write(make([]byte, most+1))
		return expect(l, "write", err, syscall.EMSGSIZE, 0)
	})
}

func TestCloseWakesAReaderOfDatagrams(t *testing.T) {
	alone(t, func(l *Lab, client, server *Host) error {
		in, err := client.ListenPacket("udp", ":9")
		if err != nil {
			return err
		}
		l.AfterFunc(50*ms, func() { in.Close() })
		_, _, err = in.ReadFrom(make([]byte, 1))
		if err := expect(l, "read", err, net.ErrClosed, 50*ms); err != nil {
			return err
		}
		_, err = in.WriteTo([]byte("x"), &net.UDPAddr{IP: net.IPv4(10, 0, 0, 2), Port: 9})
		if err := expect(l, "write", err, net.ErrClosed, 50*ms); err != nil {
			return err
		}
		return expect(l, "close", in.Close(), net.ErrClosed, 50*ms)
	})
}

// TestFragmentsShareTheirDatagram sends one that takes six packets.
func TestFragmentsShareTheirDatagram(t *testing.T) {
	const n = 8000
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: ms, Rate: 1e9}, HostOptions{})
		in, err := server.ListenPacket("udp", ":9")
		if err != nil {
			return err
		}
		l.Go(server, "server", func() error {
			for range 3 {
				if _, _, err := in.ReadFrom(make([]byte, n)); err != nil {
					return err
				}
			}
			return nil
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			for _, size := range []int{10, n, 20} {
				if err == nil {
					_, err = c.Write(make([]byte, size))
				}
			}
			return err
		})
		return nil
	})
	const each = 1480 // of an IP packet's 1,500 bytes, a multiple of 8
	next := int64(0)
	for i := 1; i <= 6; i++ {
		p := &tr.Packets[i]
		if p.Piece != 1 || p.Span.Unit != 2 || p.Span.Lo != next {
			t.Errorf("fragment %d: a piece of row %d, unit %d [%d,%d), want unit 2 from %d", i, p.Piece, p.Span.Unit, p.Span.Lo, p.Span.Hi, next)
		}
		next = min(int64(i*each-8), n)
		if p.Span.Hi != next {
			t.Errorf("fragment %d ends at %d, want %d", i, p.Span.Hi, next)
		}
	}
	for i, c := range tr.CallsOn(trace.Span{Unit: 2, Lo: 0, Hi: n}, "read") {
		if call := &tr.Calls[c]; i > 0 || call.Span != (trace.Span{Unit: 2, Hi: n}) {
			t.Errorf("read %+v", call)
		}
	}
	if p := &tr.Packets[7]; p.Span.Unit != 3 || p.Span.Len() != 20 || p.Piece != -1 {
		t.Errorf("the datagram after it: %+v", p)
	}
}

// TestSocketThatIsFullLosesDatagrams sends more than the socket has room for.
func TestSocketThatIsFullLosesDatagrams(t *testing.T) {
	const sent = 200
	read := 0
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		in, err := server.ListenPacket("udp", ":9")
		if err != nil {
			return err
		}
		l.Go(server, "server", func() error {
			l.Sleep(50 * ms)
			in.SetReadDeadline(l.Now())
			in.SetReadDeadline(l.Now().Add(ms))
			for {
				if _, _, err := in.ReadFrom(make([]byte, 1400)); err != nil {
					return nil
				}
				read++
			}
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			for range sent {
				if err == nil {
					_, err = c.Write(make([]byte, 1400))
				}
			}
			return err
		})
		return nil
	})
	fates := map[trace.Fate]int{}
	for i := range tr.Packets {
		fates[tr.Packets[i].Fate]++
	}
	if read == 0 || fates[trace.Delivered] != read || fates[trace.SocketFull] != sent-read || fates[trace.SocketFull] == 0 {
		t.Errorf("%d were read of %d sent; fates %v", read, sent, fates)
	}
	// Each read gives the datagram that it was: those that found no room are left out.
	var units []int32
	for i := range tr.Packets {
		if tr.Packets[i].Fate == trace.Delivered {
			units = append(units, tr.Packets[i].Span.Unit)
		}
	}
	for _, row := range tr.CallsOn(trace.Span{Unit: units[len(units)-1], Lo: 0, Hi: 1400}, "read") {
		if tr.Calls[row].Result != "" {
			t.Errorf("the last read: %+v", tr.Calls[row])
		}
	}
}

// A datagram that waits for a card address which nobody tells is never sent, and
// the next ones are still themselves.
func TestDatagramsThatNeverLeave(t *testing.T) {
	const out = 4 * time.Second // of order; ARP asks for 3 s
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := mustHost(t, l, "client", "10.0.0.1", HostOptions{}), mustHost(t, l, "server", "10.0.0.2", HostOptions{})
		cut := Conditions{Delay: ms, Cut: []time.Duration{0}, Restore: []time.Duration{out}}
		l.Cable(client, server, cut, Conditions{Delay: ms})
		sink(t, l, server)
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			for n := 1; n <= 5 && err == nil; n++ {
				if n == 3 {
					l.Sleep(out)
				}
				_, err = c.Write(make([]byte, 100*n))
			}
			return err
		})
		return nil
	})
	var sent, read []int64
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Span.Unit > 0 {
			sent = append(sent, int64(p.Span.Unit), p.Span.Len())
		}
	}
	for i := range tr.Calls {
		switch c := &tr.Calls[i]; {
		case c.Span.Unit > 0 && c.Span.Len() != 100*int64(c.Span.Unit):
			t.Errorf("%s of %d bytes is said to be of datagram %d", c.What, c.Span.Len(), c.Span.Unit)
		case c.What == "read" && c.Span.Unit > 0:
			read = append(read, int64(c.Span.Unit), c.Span.Len())
		}
	}
	if want := []int64{3, 300, 4, 400, 5, 500}; !slices.Equal(sent, want) || !slices.Equal(read, want) {
		t.Errorf("sent are %v and read %v (unit, bytes), want %v", sent, read, want)
	}
}

// A stack holds 256 packets back until it knows a card address, and throws the
// oldest away when there are more, also single pieces.
func TestPiecesThatNeverLeave(t *testing.T) {
	const datagrams, pieces, held = 100, 3, 256
	for _, addrs := range [][2]string{{"10.0.0.1", "10.0.0.2"}, {"fd00::1", "fd00::2"}} {
		tr := run(t, Options{}, func(l *Lab) error {
			client, server := mustHost(t, l, "client", addrs[0], HostOptions{}), mustHost(t, l, "server", addrs[1], HostOptions{})
			l.Cable(client, server, Conditions{Delay: ms}, Conditions{Delay: ms})
			l.Go(client, "client", func() error {
				c, err := client.Dial(context.Background(), "udp", "server:9")
				for n := 1; n <= datagrams && err == nil; n++ {
					_, err = c.Write(make([]byte, 4000+n))
				}
				return err
			})
			return nil
		})
		size := map[int32]int64{}
		for i := range tr.Packets {
			if p := &tr.Packets[i]; p.Span.Unit > 0 {
				size[p.Span.Unit] += p.Span.Len()
			}
		}
		const first = datagrams - held/pieces + 1
		for n := int32(1); n <= 2*datagrams; n++ {
			want := int64(0)
			if n >= first && n <= datagrams {
				want = 4000 + int64(n)
			}
			if size[n] != want {
				t.Errorf("%s: %d bytes of datagram %d were sent, want %d", addrs[0], size[n], n, want)
			}
		}
	}
}
