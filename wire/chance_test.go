package wire

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"wirelab/trace"
)

// TestChanceIsUniform counts in how many of equal parts of [0, 1) each number
// falls. With 99 degrees of freedom chi-square exceeds 148 once in a thousand.
func TestChanceIsUniform(t *testing.T) {
	const parts, n, limit = 100, 100_000, 148.2
	for seed := range uint64(3) {
		for cable := range 3 {
			for end := range 2 {
				var count [parts]float64
				for i := range uint64(n) {
					x := chance(seed, cable, end, chanceLoss, i)
					if x < 0 || x >= 1 {
						t.Fatalf("chance is %v", x)
					}
					count[int(x*parts)]++
				}
				sum := 0.0
				for _, c := range count {
					d := c - n/parts
					sum += d * d / (n / parts)
				}
				if sum > limit {
					t.Errorf("seed %d, cable %d, end %d: chi-square is %.1f, more than %v", seed, cable, end, sum, limit)
				}
			}
		}
	}
}

// TestChanceOfNeighboursIsUnrelated counts how often two keys that differ in
// one thing agree on losing a frame: as often as chance would have it.
func TestChanceOfNeighboursIsUnrelated(t *testing.T) {
	const n, p = 100_000, 0.1
	key := func(seed uint64, cable, end int, what purpose, n uint64) bool {
		return chance(seed, cable, end, what, n) < p
	}
	for name, other := range map[string]func(n uint64) bool{
		"seed":      func(n uint64) bool { return key(2, 0, 0, chanceLoss, n) },
		"cable":     func(n uint64) bool { return key(1, 1, 0, chanceLoss, n) },
		"direction": func(n uint64) bool { return key(1, 0, 1, chanceLoss, n) },
		"condition": func(n uint64) bool { return key(1, 0, 0, chanceLoss+1, n) },
		"frame":     func(n uint64) bool { return key(1, 0, 0, chanceLoss, n+1) },
	} {
		both, one := 0, 0
		for i := range uint64(n) {
			a := key(1, 0, 0, chanceLoss, i)
			if a {
				one++
			}
			if a && other(i) {
				both++
			}
		}
		// Standard deviations: 95 and 31. Five of them.
		if one < n*p-475 || one > n*p+475 || both < n*p*p-155 || both > n*p*p+155 {
			t.Errorf("another %s: %d lost, %d by both; about %v and %v were to be expected", name, one, both, n*p, n*p*p)
		}
	}
}

// TestLossIsKeyedByTheFrame sends the same datagrams under other conditions:
// the same ones are lost.
func TestLossIsKeyedByTheFrame(t *testing.T) {
	lost := func(c Conditions, size int, drop ...int) string {
		c.Loss = 0.1
		tr := run(t, Options{Seed: 5}, func(l *Lab) error {
			client, server := pair(t, l, c, HostOptions{})
			in, err := server.ListenPacket("udp", ":9")
			if err != nil {
				return err
			}
			l.Background(server, "server", func() error {
				for {
					if _, _, err := in.ReadFrom(make([]byte, size)); err != nil {
						return err
					}
				}
			})
			for _, n := range drop {
				client.Drop(n)
			}
			l.Go(client, "client", func() error {
				return burst(client, "server:9", 500, size)
			})
			return nil
		})
		var which []int
		for i := range tr.Packets {
			if tr.Packets[i].Fate == trace.LostRandom {
				which = append(which, i)
			}
		}
		return fmt.Sprint(which)
	}
	want := lost(Conditions{}, 100)
	if want == "[]" {
		t.Fatal("nothing was lost")
	}
	if got := lost(Conditions{}, 100, 1, 2, 3); got != want {
		t.Errorf("with three dropped by hand %s are lost, without %s", got, want)
	}
	for _, c := range []Conditions{{Delay: 100 * ms}, {Rate: 1e6}, {Rate: 64e3, Delay: ms, Queue: Queue{Bytes: 1 << 20}}} {
		for _, size := range []int{1, 1000} {
			if got := lost(c, size); got != want {
				t.Errorf("with %+v and %d bytes %s are lost, without %s", c, size, got, want)
			}
		}
	}
}

// burst sends n datagrams at once.
func burst(from *Host, to string, n, size int) error {
	c, err := from.Dial(context.Background(), "udp", to)
	for range n {
		if err == nil {
			_, err = c.Write(make([]byte, size))
		}
	}
	return err
}

// TestTouchChangesNothingBeforeItself drops one packet after the other: up to
// the moment at which it is sent the traces are the same in all.
func TestTouchChangesNothingBeforeItself(t *testing.T) {
	setup := func(touch func(client, server *Host)) *trace.Trace {
		return run(t, Options{Seed: 3}, func(l *Lab) error {
			client, server := pair(t, l, Conditions{Delay: 10 * ms, Rate: 10e6, Loss: 0.02}, HostOptions{})
			touch(client, server)
			return transfer(l, client, server, 60_000)
		})
	}
	plain := setup(func(_, _ *Host) {})
	for row := range plain.Packets {
		p := &plain.Packets[row]
		if p.Fate != trace.Delivered {
			continue
		}
		touched := setup(func(client, server *Host) { []*Host{client, server}[p.From].Drop(int(p.Nth)) })
		if q := &touched.Packets[row]; q.Fate != trace.LostByHand {
			t.Fatalf("packet %d was to be dropped and is %v", row, q.Fate)
		}
		for i := range row + 1 {
			a, b := plain.Packets[i], touched.Packets[i]
			if i == row || a.Arrived > p.Sent || b.Arrived > p.Sent {
				// Its fate may be another one; but it was sent the same.
				a.Arrived, a.Landed, a.Fate = b.Arrived, b.Landed, b.Fate
			}
			if a != b || !bytes.Equal(plain.Bytes(&a), touched.Bytes(&b)) {
				t.Fatalf("with packet %d dropped, packet %d is %+v; it was %+v", row, i, b, a)
			}
		}
		for i, s := range plain.Samples {
			if s.Step >= p.Step {
				break
			}
			if touched.Samples[i] != s {
				t.Fatalf("with packet %d dropped, sample %d is %+v; it was %+v", row, i, touched.Samples[i], s)
			}
		}
		for i, c := range plain.Calls {
			if c.Ended == 0 || c.Ended >= p.Step {
				break
			}
			if touched.Calls[i] != c {
				t.Fatalf("with packet %d dropped, call %d is %+v; it was %+v", row, i, touched.Calls[i], c)
			}
		}
	}
}
