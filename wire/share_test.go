package wire

import (
	"context"
	"fmt"
	"io"
	"math"
	"testing"
	"time"

	"wirelab/trace"
)

// staircase sends a message every so often, of which one is lost, and returns how
// long each of those from the lost one on took, one way; 0: it never came. The first
// ones go slowly, so that the window opens for what is sent until the loss shows.
func staircase(t *testing.T, network string, R, every time.Duration) []time.Duration {
	const first, lost, messages, size = 80, 100, 200, 100
	var sent, got [messages]time.Duration
	run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: R / 2}, HostOptions{})
		read := func(c io.Reader) error {
			for b := make([]byte, size); ; {
				if _, err := io.ReadFull(c, b); err != nil {
					return err
				}
				got[b[0]] = l.Elapsed()
			}
		}
		switch network {
		case "udp":
			in, err := server.ListenPacket("udp", ":80")
			if err != nil {
				return err
			}
			l.Background(server, "server", func() error {
				return read(reader(func(b []byte) (int, error) { n, _, err := in.ReadFrom(b); return n, err }))
			})
		case "tcp":
			ln := listen(t, server)
			l.Background(server, "server", func() error {
				c, err := ln.Accept()
				if err != nil {
					return err
				}
				return read(struct{ io.Reader }{c})
			})
		}
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), network, "server:80")
			if err != nil {
				return err
			}
			for i := range messages {
				if i == lost {
					client.Drop(client.Sent() + 1)
				}
				b := make([]byte, size)
				b[0], sent[i] = byte(i), l.Elapsed()
				if _, err := c.Write(b); err != nil {
					return err
				}
				l.Sleep(map[bool]time.Duration{true: R / 4, false: every}[i < first])
			}
			l.Sleep(5 * R)
			return nil
		})
		return nil
	})
	took := make([]time.Duration, messages-lost)
	for i := range took {
		if got[lost+i] > 0 {
			took[i] = got[lost+i] - sent[lost+i]
		}
	}
	return took
}

// reader is a function that reads.
type reader func([]byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }

// Row 5: what TCP loses holds up all that comes behind it. The loss is noticed a
// round trip later, by the first answer to a later message if the reordering
// window of R/4 is over by then (RFC 8985 section 6.2), else when it is, or by the
// third; and the lost message takes the way once more. Each later one waits as
// much less as it was sent later; those that are sent once the loss has shown have
// a smaller window too. Of UDP's messages one is missing, and none late.
func TestALostMessageHoldsUpThoseBehindIt(t *testing.T) {
	for _, c := range []struct{ R, every time.Duration }{
		{20 * ms, 10 * ms}, {40 * ms, 5 * ms}, // LATENCY.md's own
		{40 * ms, 10 * ms}, {40 * ms, 3 * ms}, {100 * ms, 2 * ms}, {100 * ms, 30 * ms}, {8 * ms, 50 * ms},
	} {
		t.Run(fmt.Sprintf("R %v, every %v", c.R, c.every), func(t *testing.T) {
			shows := c.R + min(3*c.every, max(c.every, c.R/4))
			whole := shows + c.R/2
			for i, got := range staircase(t, "tcp", c.R, c.every)[:(shows-1)/c.every+1] {
				if want := max(whole-time.Duration(i)*c.every, c.R/2); got != want {
					t.Errorf("TCP: the one %d behind the lost one took %v, want %v", i, got, want)
				}
			}
			for i, got := range staircase(t, "udp", c.R, c.every) {
				want := c.R / 2
				if i == 0 {
					want = 0
				}
				if got != want {
					t.Errorf("UDP: the one %d behind the lost one took %v, want %v", i, got, want)
				}
			}
		})
	}
}

// Row 9: how fast a sender gets on a wire that loses segments at random:
// MSS/R * sqrt(3/2)/sqrt(p), where p is the share of segments that make it halve its
// window (Mathis and others, 1997: all losses of one round trip are one signal). It
// is measured between the tenth signal, when slow start is long over, and the last.
//
// The formula's sender loses no time over a loss and has a window of any size; a real
// one waits for a round trip in recovery, sometimes for a timer, and halves and adds
// whole segments, so that it is slower the smaller its window is. And what is drawn
// by chance lies about its mean. Hence a band, and no equality: 0.75 to 1.05.
func TestThroughputFollowsTheSquareRootOfLoss(t *testing.T) {
	const R = 20 * ms
	const mtu = 576 // small segments, for what counts is how many
	const mss = mtu - 40 - 40
	for _, c := range []struct {
		p        float64
		segments int
	}{{0.001, 120_000}, {0.003, 50_000}, {0.01, 30_000}} {
		t.Run(fmt.Sprint(c.p), func(t *testing.T) {
			if testing.Short() {
				t.Skip("it takes many segments")
			}
			tr := run(t, Options{Seed: 1}, func(l *Lab) error {
				client, server := pairOf(t, l, Conditions{Delay: R / 2, Loss: c.p}, Conditions{Delay: R / 2}, HostOptions{CongestionControl: "reno", MTU: mtu})
				return transfer(l, client, server, c.segments*mss)
			})
			var from, to *trace.Sample
			signals, was := 0, trace.Open
			for i := range tr.Samples {
				s := &tr.Samples[i]
				if s.End != 0 || s.Recovery == was {
					continue
				}
				if was = s.Recovery; was == trace.SACKRecovery || was == trace.RTORecovery {
					signals++
					to = s
					if signals == 10 {
						from = s
					}
				}
			}
			if signals < 50 {
				t.Fatalf("there were only %d losses to be seen", signals)
			}
			got := float64(to.SndUna-from.SndUna) / (to.At - from.At).Seconds()
			sent := len(rows(tr, func(p *trace.Packet) bool { return p.From == 0 && p.Sent >= from.At && p.Sent < to.At }))
			p := float64(signals-10) / float64(sent)
			model := mss / R.Seconds() * math.Sqrt(1.5/p)
			t.Logf("%d signals, one in %.0f segments: %.2f Mbit/s, %.3f of the formula's", signals, 1/p, got*8/1e6, got/model)
			if share := got / model; share < 0.75 || share > 1.05 {
				t.Errorf("%.2f Mbit/s is %.3f of the formula's %.2f", got*8/1e6, share, model*8/1e6)
			}
		})
	}
}

// In congestion avoidance a window of w grows by one segment when w were
// acknowledged (RFC 5681 section 3.1, formula 3).
func TestCongestionAvoidanceAddsASegmentAWindow(t *testing.T) {
	for _, o := range []HostOptions{{}, {NoSACK: true}} {
		mss := mssWithSACK
		if o.NoSACK {
			mss = mssWithoutSACK
		}
		tr := run(t, Options{}, func(l *Lab) error {
			client, server := pair(t, l, Conditions{Delay: 10 * ms}, o)
			client.Drop(30)
			return transfer(l, client, server, 1_000_000)
		})
		var grown, before *trace.Sample // when the window grew last; the one before
		times := 0
		for i := range tr.Samples {
			s := &tr.Samples[i]
			switch {
			case s.End != 0:
				continue
			case s.Recovery != trace.Open || s.Cwnd <= s.Ssthresh:
				grown = nil
			case before.Recovery != trace.Open || before.Cwnd < s.Cwnd && s.SndUna-before.SndUna > uint32(mss):
				grown = nil // what is acknowledged at the end of a recovery counts for the next window too
			case s.Cwnd > before.Cwnd:
				if grown != nil {
					times++
					if got, want := s.SndUna-grown.SndUna, grown.Cwnd*uint32(mss); s.Cwnd != grown.Cwnd+1 || got != want {
						t.Errorf("%+v: from %d to %d segments after %d bytes were acknowledged, want %d", o, grown.Cwnd, s.Cwnd, got, want)
					}
				}
				grown = s
			}
			before = s
		}
		if times < 10 {
			t.Errorf("%+v: the window grew only %d times", o, times)
		}
	}
}
