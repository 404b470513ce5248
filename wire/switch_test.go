package wire

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// hub builds n hosts on one switch, 10.0.0.1 upwards, with the same conditions
// in both directions.
func hub(t testing.TB, l *Lab, n int, c Conditions, o HostOptions) []*Host {
	t.Helper()
	s := l.Switch()
	var hosts []*Host
	for i := range n {
		h := mustHost(t, l, fmt.Sprintf("h%d", i), netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}).String(), o)
		s.Plug(h, c, c)
		hosts = append(hosts, h)
	}
	return hosts
}

// upload sends size bytes from one host to a port of another.
func upload(t testing.TB, l *Lab, from, to *Host, port, size int) {
	t.Helper()
	ln, err := to.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		t.Fatal(err)
	}
	sent := make([]byte, size)
	for i := range sent {
		sent[i] = byte(i*7>>3) ^ byte(port)
	}
	l.Go(to, fmt.Sprint(to.name, " server ", port), func() error {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		defer c.Close()
		got, err := io.ReadAll(c)
		if err == nil && !bytes.Equal(got, sent) {
			err = fmt.Errorf("got %d bytes that are not the %d sent", len(got), size)
		}
		return err
	})
	l.Go(from, fmt.Sprint(from.name, " client ", port), func() error {
		c, err := from.Dial(context.Background(), "tcp", net.JoinHostPort(to.addr.String(), strconv.Itoa(port)))
		if err != nil {
			return err
		}
		if _, err := c.Write(sent); err != nil {
			return err
		}
		return c.Close()
	})
}

func TestSwitchAsksAllAndThenKnowsWhere(t *testing.T) {
	for _, n := range []int{3, 10, 100} {
		t.Run(fmt.Sprint(n, " hosts"), func(t *testing.T) {
			tr := run(t, Options{}, func(l *Lab) error {
				hosts := hub(t, l, n, Conditions{Delay: ms, Rate: 100e6}, HostOptions{})
				upload(t, l, hosts[0], hosts[n-1], 80, 10_000)
				return nil
			})
			asked := map[uint16]bool{}
			for i := range tr.Packets {
				p := &tr.Packets[i]
				h := packets.Scan(tr.Bytes(p))
				broadcast := bytes.Equal(tr.Bytes(p)[:6], []byte{255, 255, 255, 255, 255, 255})
				switch {
				case h.EtherType == packets.EtherTypeARP && broadcast:
					if p.From != 0 || asked[p.To] {
						t.Errorf("the question goes from host %d to %d", p.From, p.To)
					}
					asked[p.To] = true
					// Both cables, and the time on each of them.
					if want := 2*ms + 2*42*80; p.Fate != trace.Delivered || p.Arrived != want { // 80 ns a byte
						t.Errorf("the question came to host %d at %v: %v", p.To, p.Arrived, p.Fate)
					}
				case p.From != 0 && p.To != 0, p.From != uint16(n-1) && p.To != uint16(n-1):
					t.Errorf("packet %d goes from host %d to %d", i, p.From, p.To)
				}
			}
			if len(asked) != n-1 || asked[0] {
				t.Errorf("%d of %d others were asked", len(asked), n-1)
			}
		})
	}
}

// Nothing is flooded once the hosts know each other: the switch has learned.
// The first frame to a host that has not spoken goes to all.
func TestSwitchFloodsWhatItDoesNotKnow(t *testing.T) {
	const n = 5
	tr := run(t, Options{}, func(l *Lab) error {
		hosts := hub(t, l, n, Conditions{Delay: ms, Rate: 100e6}, HostOptions{})
		know(t, hosts...)
		upload(t, l, hosts[0], hosts[1], 80, 5_000)
		return nil
	})
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if first := i < n-1; first != (p.From == 0 && p.Sent == 0) || !first && p.To > 1 {
			t.Errorf("packet %d goes from host %d to %d at %v", i, p.From, p.To, p.Sent)
		}
		if i < n-1 && int(p.To) != i+1 {
			t.Errorf("the %d-th row of the first frame is of host %d", i, p.To)
		}
	}
}

// What a cable of the switch does to a frame for all is of that cable alone.
func TestFloodOverUnequalCables(t *testing.T) {
	tr := run(t, Options{}, func(l *Lab) error {
		s := l.Switch()
		var hosts []*Host
		for i, c := range []Conditions{{}, {Corrupt: 1}, {Loss: 1}, {Delay: 5 * ms}, {Duplicate: 1}} {
			h := mustHost(t, l, fmt.Sprintf("h%d", i), fmt.Sprintf("10.0.0.%d", i+1), HostOptions{})
			s.Plug(h, Conditions{}, c)
			hosts = append(hosts, h)
		}
		know(t, hosts[0])
		l.Go(hosts[0], "client", func() error { return burst(hosts[0], "10.0.0.9:9", 0, 1) })
		l.Go(hosts[0], "client", func() error { return burst(hosts[0], "h4:9", 1, 100) })
		return nil
	})
	type outcome struct {
		to           uint16
		lost, damage bool
		copy         bool
	}
	var got []outcome
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.From == 0 && p.Sent == 0 {
			got = append(got, outcome{p.To, p.Fate == trace.LostRandom, p.Flip >= 0, p.Copy})
		}
	}
	want := []outcome{{1, false, true, false}, {2, true, false, false}, {3, false, false, false}, {4, false, false, false}, {4, false, false, true}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the frame came to %v, want %v", got, want)
	}
}

// Two transfers to one host share its cable: both come whole, the queue loses
// some of each, and neither takes more than three times as long as the other.
func TestTwoTransfersShareABottleneck(t *testing.T) {
	tr := run(t, Options{Seed: 2}, func(l *Lab) error {
		s := l.Switch()
		fast, slow := Conditions{Delay: 5 * ms, Rate: 100e6}, Conditions{Delay: 5 * ms, Rate: 5e6, Queue: Queue{Frames: 50}}
		var hosts []*Host
		for i := range 3 {
			h := mustHost(t, l, fmt.Sprintf("h%d", i), fmt.Sprintf("10.0.0.%d", i+1), HostOptions{})
			to := fast
			if i == 2 {
				to = slow
			}
			s.Plug(h, fast, to)
			hosts = append(hosts, h)
		}
		know(t, hosts...)
		upload(t, l, hosts[0], hosts[2], 80, 1_000_000)
		upload(t, l, hosts[1], hosts[2], 81, 1_000_000)
		return nil
	})
	var drops [3]int
	for _, i := range fated(tr, trace.LostQueue) {
		drops[tr.Packets[i].From]++
	}
	if drops[0] == 0 || drops[1] == 0 || drops[2] != 0 {
		t.Errorf("the queue lost so many of each host: %v", drops)
	}
	// How far each was when the first of them had all of its bytes there.
	var done [2]int64
	for i := range tr.Calls {
		if c := &tr.Calls[i]; c.What == "read" && c.Span.Len() > 0 {
			done[c.Conn] = c.Span.Hi
			if c.Span.Hi == 1_000_000 {
				break
			}
		}
	}
	if less := min(done[0], done[1]); less < 1_000_000/3 {
		t.Errorf("when one had all the other had %d", less)
	}
	// Neither cable is faster than it is: 2 MB at 5 Mbit/s are 3.2 s.
	if tr.End < 3200*ms || tr.End > 4000*ms {
		t.Errorf("it took %v", tr.End)
	}
	t.Logf("drops %v, %v read when the first had all, end %v", drops, done, tr.End)
}

// everything is a wire that does all that a wire can do.
func everything() Conditions {
	return Conditions{Delay: 5 * ms, Jitter: 3 * ms, Rate: 20e6, Queue: Queue{Frames: 50}, Loss: 0.01, Burst: Burst{0.01, 3},
		Duplicate: 0.02, Reorder: 0.03, Corrupt: 0.01, Cut: durations(200*ms, 600*ms), Restore: durations(250*ms, 620*ms),
		Block: []Block{{Proto: packets.ProtocolUDP, Port: 7}}}
}

func durations(d ...time.Duration) []time.Duration { return d }

func TestSameTraceWithAllConditions(t *testing.T) {
	stop := busy(3)
	defer stop()
	for _, e := range []experiment{
		{"two hosts", 10, func(t testing.TB, l *Lab) error {
			client, server := pair(t, l, everything(), HostOptions{})
			client.Touch(9, Hold, 30*ms)
			client.Touch(12, Swap, 0)
			server.Touch(4, Flip, 0)
			return transfer(l, client, server, 200_000)
		}},
		{"10 hosts, cold", 10, func(t testing.TB, l *Lab) error {
			hosts := hub(t, l, 10, everything(), HostOptions{})
			for i, h := range hosts[1:] {
				upload(t, l, h, hosts[0], 80+i, 10_000)
			}
			return nil
		}},
		{"100 hosts", 10, func(t testing.TB, l *Lab) error {
			hosts := hub(t, l, 100, everything(), HostOptions{})
			know(t, hosts...)
			for i, h := range hosts {
				upload(t, l, h, hosts[(i+1)%len(hosts)], 80, 1_000)
			}
			return nil
		}},
		{"3 routers, IPv6", 10, func(t testing.TB, l *Lab) error {
			client, server, _ := chain(t, l, 3, true, everything())
			upload(t, l, client, server, 80, 50_000)
			return nil
		}},
		{"a middlebox", 10, func(t testing.TB, l *Lab) error {
			client, server := mustHost(t, l, "client", "10.0.0.1", HostOptions{}), mustHost(t, l, "server", "10.0.0.2", HostOptions{})
			l.Middlebox("box", Rule{}, client, server, everything(), everything())
			upload(t, l, client, server, 80, 50_000)
			return nil
		}},
	} {
		t.Run(e.name, func(t *testing.T) { repeat(t, e, e.runs, Options{Seed: 7}) })
	}
}

func TestSameTraceWith1000Connections(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("takes seconds")
	}
	e := experiment{"1,000 connections", 2, func(t testing.TB, l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 5 * ms, Rate: 1e9, Loss: 0.005, Burst: Burst{0.002, 3},
			Jitter: ms, Reorder: 0.01, Duplicate: 0.01, Corrupt: 0.002, Cut: durations(200 * ms), Restore: durations(250 * ms)}, HostOptions{})
		return crowd(l, client, server, 1000)
	}}
	repeat(t, e, e.runs, Options{Seed: 7})
}
