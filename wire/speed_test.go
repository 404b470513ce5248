package wire

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/pipe"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

const (
	bulk        = 8 << 20  // bytes of one transfer
	benchWindow = 64 << 10 // bytes
)

// Two wires to compare with link/pipe, which has none: a short one, on which
// few segments are on their way at a time, because the receive buffer is fixed
// at benchWindow, and a longer one with the stack's own, which grows: gVisor's
// loss detection walks all segments in flight at every ACK. On link/pipe
// hundreds are in flight too, but one ACK in five segments is sent.
var (
	shortWire = Conditions{Delay: MinDelay, Rate: 10e9}
	longWire  = Conditions{Delay: 50 * time.Microsecond, Rate: 10e9}
)

// wireBulk moves bulk bytes over a cable, everything captured, and returns the
// frames and the time it took.
func wireBulk(t testing.TB, c Conditions, o HostOptions) (frames int, took time.Duration) {
	begin := time.Now()
	tr := runUnchecked(t, Options{Seed: 1}, func(l *Lab) error {
		a, b := pair(t, l, c, o)
		return stream(l, a, b, bulk)
	})
	return len(tr.Packets), time.Since(begin)
}

// stream sends size bytes to a server that throws them away.
func stream(l *Lab, client, server *Host, size int) error {
	ln, err := server.Listen("tcp", ":80")
	if err != nil {
		return err
	}
	l.Go(server, "server", func() error {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		if n, err := io.Copy(struct{ io.Writer }{io.Discard}, c); err != nil || n != int64(size) {
			return fmt.Errorf("got %d of %d bytes: %w", n, size, err)
		}
		return c.Close()
	})
	l.Go(client, "client", func() error {
		c, err := client.Dial(context.Background(), "tcp", "server:80")
		if err != nil {
			return err
		}
		if _, err := c.Write(make([]byte, size)); err != nil {
			return err
		}
		return c.Close()
	})
	return nil
}

// pipeBulk moves bulk bytes over gVisor's own in-memory link, which has no
// clock and records nothing: the ceiling.
func pipeBulk(t testing.TB) (frames int, took time.Duration) {
	begin := time.Now()
	la, lb := pipe.New("\x02\x00\x00\x00\x00\x01", "\x02\x00\x00\x00\x00\x02", DefaultMTU)
	a, b := pipeHost(t, la, "\x0a\x00\x00\x01"), pipeHost(t, lb, "\x0a\x00\x00\x02")
	defer a.Destroy()
	defer b.Destroy()
	addr := tcpip.FullAddress{NIC: 1, Addr: tcpip.AddrFromSlice([]byte("\x0a\x00\x00\x02")), Port: 80}
	ln, err := gonet.ListenTCP(b, addr, ipv4.ProtocolNumber)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		c, err := ln.Accept()
		if err == nil {
			_, err = io.Copy(struct{ io.Writer }{io.Discard}, c)
			c.Close()
		}
		done <- err
	}()
	c, err := gonet.DialTCP(a, addr, ipv4.ProtocolNumber)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(make([]byte, bulk)); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	sent := func(s *stack.Stack) int { return int(s.Stats().IP.PacketsSent.Value()) }
	return sent(a) + sent(b), time.Since(begin)
}

func pipeHost(t testing.TB, link stack.LinkEndpoint, addr string) *stack.Stack {
	s := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol},
	})
	if err := s.CreateNIC(1, link); err != nil {
		t.Fatal(err)
	}
	pa := tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber, AddressWithPrefix: tcpip.AddrFromSlice([]byte(addr)).WithPrefix()}
	if err := s.AddProtocolAddress(1, pa, stack.AddressProperties{}); err != nil {
		t.Fatal(err)
	}
	s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: 1}})
	return s
}

func median[T cmp.Ordered](v []T) T { slices.Sort(v); return v[len(v)/2] }

// BenchmarkAgainstPipe compares the frames a second of a captured cable with
// those of gVisor's bare link/pipe, in interleaved pairs on one processor. The
// target is a ratio of 0.7 on the short wire.
func BenchmarkAgainstPipe(b *testing.B) {
	for _, wire := range []struct {
		name string
		c    Conditions
		o    HostOptions
	}{{"short", shortWire, HostOptions{ReceiveBuffer: benchWindow}}, {"long", longWire, HostOptions{}}} {
		b.Run(wire.name, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			const pairs = 11
			var ratios, wires, pipes []float64
			rate := func(frames int, took time.Duration) float64 { return float64(frames) / took.Seconds() }
			for b.Loop() {
				for range pairs {
					w, p := rate(wireBulk(b, wire.c, wire.o)), rate(pipeBulk(b))
					wires, pipes, ratios = append(wires, w), append(pipes, p), append(ratios, w/p)
				}
			}
			b.ReportMetric(median(wires), "wire-frames/s")
			b.ReportMetric(median(pipes), "pipe-frames/s")
			b.ReportMetric(median(ratios), "ratio")
		})
	}
}

// BenchmarkPingPong is a 64-byte round trip over TCP. The target is 60 us on
// one processor, whatever the delay of the cable.
func BenchmarkPingPong(b *testing.B) {
	for _, delay := range []time.Duration{time.Microsecond, 20 * ms, time.Second} {
		b.Run(delay.String(), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			b.ReportAllocs()
			runUnchecked(b, Options{Seed: 1, Limits: Limits{Time: 1e6 * time.Hour}}, func(l *Lab) error {
				client, server := pair(b, l, Conditions{Delay: delay, Rate: 1e9}, HostOptions{})
				ln, err := server.Listen("tcp", ":80")
				if err != nil {
					return err
				}
				l.Go(server, "server", func() error {
					c, err := ln.Accept()
					if err == nil {
						_, err = io.Copy(struct{ io.Writer }{c}, c)
						c.Close()
					}
					return err
				})
				l.Go(client, "client", func() error {
					c, err := client.Dial(context.Background(), "tcp", "server:80")
					if err != nil {
						return err
					}
					msg := make([]byte, 64)
					for range b.N {
						if _, err := c.Write(msg); err != nil {
							return err
						}
						if _, err := io.ReadFull(c, msg); err != nil {
							return err
						}
					}
					return c.Close()
				})
				return nil
			})
		})
	}
}
