package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// chain builds a client and a server with n routers between them, each link a
// network of its own: 10.0.k.1 near, 10.0.k.2 far, or fd00:0:0:k::1 and ::2.
func chain(t testing.TB, l *Lab, n int, six bool, c Conditions) (client, server *Host, routers []*Host) {
	t.Helper()
	net := func(k int) netip.Prefix {
		if six {
			return netip.MustParsePrefix(fmt.Sprintf("fd00:0:0:%x::/64", k))
		}
		return netip.MustParsePrefix(fmt.Sprintf("10.0.%d.0/24", k))
	}
	near := func(k int) netip.Addr { return net(k).Addr().Next() }
	far := func(k int) netip.Addr { return near(k).Next() }
	client = mustHost(t, l, "client", near(0).String(), HostOptions{})
	all := []*Host{client}
	for i := range n {
		r := mustHost(t, l, fmt.Sprintf("router%d", i+1), far(i).String(), HostOptions{Forward: true})
		if err := r.AddCard(near(i + 1)); err != nil {
			t.Fatal(err)
		}
		routers, all = append(routers, r), append(all, r)
	}
	server = mustHost(t, l, "server", far(n).String(), HostOptions{})
	all = append(all, server)
	for i := range n + 1 {
		l.Cable(all[i], all[i+1], c, c)
	}
	for i, h := range all {
		var routes []Route
		for k := range n + 1 {
			switch {
			case k == i-1:
				routes = append(routes, Route{To: net(k)})
			case k == i:
				routes = append(routes, Route{To: net(k), On: min(i, 1)})
			case k < i:
				routes = append(routes, Route{To: net(k), Via: near(i - 1)})
			default:
				routes = append(routes, Route{To: net(k), Via: far(i), On: min(i, 1)})
			}
		}
		if err := h.Routes(routes...); err != nil {
			t.Fatal(err)
		}
	}
	know(t, all...)
	return client, server, routers
}

func versions(t *testing.T, f func(t *testing.T, six bool)) {
	t.Run("IPv4", func(t *testing.T) { f(t, false) })
	t.Run("IPv6", func(t *testing.T) { f(t, true) })
}

func TestRoutersCountDownAndDeliver(t *testing.T) {
	versions(t, func(t *testing.T, six bool) {
		const n, delay = 3, 5 * ms
		tr := run(t, Options{Seed: 1}, func(l *Lab) error {
			client, server, _ := chain(t, l, n, six, Conditions{Delay: delay, Rate: 10e6, Loss: 0.005})
			upload(t, l, client, server, 80, 100_000)
			return nil
		})
		var sent, hops int
		for i := range tr.Packets {
			p := &tr.Packets[i]
			h := packets.Scan(tr.Bytes(p))
			host := int(p.From) // client 0, routers 1 to n, server n+1
			if end := host == 0 || host == n+1; p.Hop == end {
				t.Fatalf("packet %d of host %d: sent on %v", i, host, p.Hop)
			}
			if !p.Hop {
				sent++
				continue
			}
			hops++
			passed := host
			if p.To < p.From {
				passed = n + 1 - host
			}
			if int(h.TTL) != 64-passed || p.Again || p.Span.Stream < 0 {
				t.Fatalf("packet %d, sent on by router %d towards host %d: TTL %d, again %v, %+v", i, host, p.To, h.TTL, p.Again, p.Span)
			}
		}
		if len(tr.Conns) != 1 || hops < 2*sent {
			t.Errorf("%d connections; %d packets were sent, and sent on %d times", len(tr.Conns), sent, hops)
		}
	})
}

// A damaged packet is as damaged behind a router; only the receiver's checksum
// tells.
func TestRoutersDoNotMendWhatIsDamaged(t *testing.T) {
	tr := run(t, Options{}, func(l *Lab) error {
		client, server, _ := chain(t, l, 2, false, Conditions{Delay: ms, Rate: 10e6})
		client.Touch(4, Flip, 0)
		upload(t, l, client, server, 80, 20_000)
		return nil
	})
	bad := fated(tr, trace.BadChecksum)
	if len(bad) != 1 || tr.Packets[bad[0]].From != 2 || tr.Packets[bad[0]].To != 3 {
		t.Errorf("bad checksums in rows %v; want one, of the last router to the server", bad)
	}
	flipped := rows(tr, func(p *trace.Packet) bool { return p.Flip >= 0 })
	if len(flipped) != 1 || tr.Packets[flipped[0]].From != 0 || tr.Packets[flipped[0]].Fate != trace.Delivered {
		t.Errorf("rows with a bit inverted: %v; want one, which the first router took", flipped)
	}
}

// Each TTL dies at the router that takes its last 1, which says so from the
// address on which the packet came, and quotes the packet.
func TestTimeExceededComesFromTheRightRouter(t *testing.T) {
	versions(t, func(t *testing.T, six bool) {
		const n, delay = 3, 5 * ms
		var got []ICMPMessage
		var at []time.Duration
		var server *Host
		var routers []*Host
		tr := run(t, Options{}, func(l *Lab) error {
			var client *Host
			client, server, routers = chain(t, l, n, six, Conditions{Delay: delay})
			l.Go(client, "trace", func() error {
				c, err := client.ListenICMP(7)
				if err != nil {
					return err
				}
				defer c.Close()
				for ttl := 1; ttl <= n+1; ttl++ {
					start := l.Elapsed()
					if err := c.Echo(server.Addr(), ttl, ttl, make([]byte, 32)); err != nil {
						return err
					}
					m, err := c.Receive()
					if err != nil {
						return err
					}
					got, at = append(got, m), append(at, l.Elapsed()-start)
				}
				return nil
			})
			return nil
		})
		for i, m := range got {
			want, from := TimeExceeded, server.Addr()
			if i < n {
				from = routers[i].Addr()
			} else {
				want = EchoReply
			}
			if m.Kind != want || m.From != from || m.Seq != i+1 || at[i] != time.Duration(2*(i+1))*delay {
				t.Errorf("TTL %d: %+v after %v, want kind %d from %v after %v", i+1, m, at[i], want, from, time.Duration(2*(i+1))*delay)
			}
		}
		quotes := 0
		for i := range tr.Packets {
			p := &tr.Packets[i]
			frame := tr.Bytes(p)
			h := packets.Scan(frame)
			if p.Hop || p.From == 0 || int(p.From) == n+1 {
				continue
			}
			// The ICMP header is 8 bytes; behind it lies the packet it is about.
			q := packets.ScanIP(frame[h.IPOff+h.IPLen-quoteLen(&h, frame):])
			if q.Src != tr.Hosts[0].Addr || q.Dst != server.Addr() || q.Proto != h.Proto {
				t.Errorf("packet %d quotes %v to %v, protocol %d", i, q.Src, q.Dst, q.Proto)
			}
			quotes++
		}
		if quotes != n {
			t.Errorf("%d routers told", quotes)
		}
	})
}

// quoteLen is the length of what an ICMP error quotes.
func quoteLen(h *packets.Headers, frame []byte) int {
	header := 40
	if h.EtherType == packets.EtherTypeIPv4 {
		header = int(frame[h.IPOff]&15) * 4
	}
	return h.IPLen - header - 8
}

func TestMiddlebox(t *testing.T) {
	const request = "GET / HTTP/1.1\r\nHost: server\r\nUpgrade: websocket\r\n\r\n"
	flip := 0 // a packet of the client that is damaged before the box
	play := func(rule Rule, up Conditions) (tr *trace.Trace, got string, err error) {
		l := New(Options{Seed: 1})
		tr, err = l.Run(context.Background(), func() error {
			client, server := mustHost(t, l, "client", "10.0.0.1", HostOptions{}), mustHost(t, l, "server", "10.0.0.2", HostOptions{})
			l.Middlebox("box", rule, client, server, up, Conditions{Delay: 5 * ms})
			know(t, client, server)
			if flip > 0 {
				client.Touch(flip, Flip, 0)
			}
			ln := listen(t, server)
			l.Background(server, "server", func() error {
				c, err := ln.Accept()
				if err != nil {
					return err
				}
				b, err := io.ReadAll(c)
				got = string(b)
				c.Close()
				return err
			})
			l.Go(client, "client", func() error {
				c, err := client.Dial(context.Background(), "tcp", "server:80")
				if err != nil {
					return err
				}
				if _, err := io.WriteString(c, request); err != nil {
					return err
				}
				return c.Close()
			})
			return nil
		})
		if wrong := tr.Check(); wrong != nil {
			t.Errorf("%+v: the trace is not sound: %v", rule, wrong)
		}
		return tr, got, err
	}
	up := Conditions{Delay: 5 * ms}
	t.Run("forward", func(t *testing.T) {
		tr, got, err := play(Rule{}, up)
		if err != nil || got != request {
			t.Errorf("%q, %v", got, err)
		}
		var sent, on int
		for i := range tr.Packets {
			p := &tr.Packets[i]
			if p.Hop != (tr.Name(p.From) == "box") || p.Hop && p.Again {
				t.Errorf("packet %d of %s: sent on %v, again %v", i, tr.Name(p.From), p.Hop, p.Again)
			}
			if p.Hop {
				on++
			} else {
				sent++
			}
		}
		if on != sent {
			t.Errorf("%d were sent and %d sent on", sent, on)
		}
	})
	t.Run("block", func(t *testing.T) {
		tr, _, err := play(Rule{Block: []Block{{Proto: packets.ProtocolTCP, Port: 80}}}, up)
		wantError(t, err, "connection timed out")
		for i := range tr.Packets {
			if p := &tr.Packets[i]; p.Fate != trace.LostBlocked || p.Arrived != p.Sent+5*ms || tr.Name(p.To) != "box" {
				t.Errorf("packet %d to %s is %v, arrived %v", i, tr.Name(p.To), p.Fate, p.Arrived)
			}
		}
	})
	t.Run("strip", func(t *testing.T) {
		tr, got, err := play(Rule{Strip: []string{"upgrade"}}, up)
		if want := strings.Replace(request, "Upgrade", "xxxxxxx", 1); err != nil || got != want {
			t.Errorf("%q, %v", got, err)
		}
		if bad := fated(tr, trace.BadChecksum); len(bad) > 0 {
			t.Errorf("the checksum is wrong in %v", bad)
		}
	})
	t.Run("strip what comes damaged", func(t *testing.T) {
		for flip = range 5 {
			if flip == 0 {
				continue
			}
			tr, got, err := play(Rule{Strip: []string{"upgrade"}}, up)
			if want := strings.Replace(request, "Upgrade", "xxxxxxx", 1); err != nil || got != want {
				t.Errorf("packet %d damaged: %q, %v", flip, got, err)
			}
			if bad := fated(tr, trace.BadChecksum); len(bad) != 1 || !tr.Packets[bad[0]].Hop {
				t.Errorf("packet %d damaged: the checksum is wrong in rows %v, want one that the box sent on", flip, bad)
			}
		}
	})
}

func TestPing(t *testing.T) {
	versions(t, func(t *testing.T, six bool) {
		const delay = 10 * ms
		size := 5000
		if six {
			size = 1400 // this stack's raw socket is not given what came in pieces over IPv6
		}
		tr := run(t, Options{}, func(l *Lab) error {
			client, server, _ := chain(t, l, 0, six, Conditions{Delay: delay})
			l.Go(client, "ping", func() error {
				c, err := client.ListenICMP(9)
				if err != nil {
					return err
				}
				defer c.Close()
				for seq, n := range []int{0, 56, size} {
					start := l.Elapsed()
					if err := c.Echo(server.Addr(), seq, 0, make([]byte, n)); err != nil {
						return err
					}
					m, err := c.Receive()
					if err != nil {
						return err
					}
					left := 64
					if six {
						left = 0 // a raw socket of IPv6 does not tell
					}
					if m.Kind != EchoReply || m.Seq != seq || m.Payload != n || m.From != server.Addr() || m.HopLimit != left || l.Elapsed()-start != 2*delay {
						return fmt.Errorf("%+v after %v", m, l.Elapsed()-start)
					}
				}
				start := l.Elapsed()
				c.SetReadDeadline(l.Now().Add(30 * ms))
				if _, err := c.Receive(); !errors.Is(err, os.ErrDeadlineExceeded) || l.Elapsed()-start != 30*ms {
					return fmt.Errorf("one more answer: %v after %v", err, l.Elapsed()-start)
				}
				return nil
			})
			return nil
		})
		pieces := rows(tr, func(p *trace.Packet) bool { return p.Piece >= 0 })
		if want := 2 * ((size + 8 + 1479) / 1480); !six && len(pieces) != want || six && len(pieces) != 0 {
			t.Errorf("%d fragments", len(pieces))
		}
	})
}
