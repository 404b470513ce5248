package wire

import (
	"context"
	"fmt"
	"io"
	"math"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// What gVisor's TCP does, where the RFCs leave it to the stack. The tests below
// state times as formulas of these and hold the lab to them exactly.
const (
	// mssWithSACK is the data of a full segment at an MTU of 1,500 bytes. The
	// MSS option announces 1,460 = 1,500 - 20 (IP) - 20 (TCP); the sender keeps
	// room for all options that it might ever have to send, which is 12 bytes
	// of timestamps and 28 of SACK blocks: three of 8, with 2 of kind and length
	// and 2 of padding: all 40 that a header can hold.
	mssWithSACK = 1460 - 40

	// mssWithoutSACK leaves room for the timestamps only.
	mssWithoutSACK = 1460 - 12

	initialWindow = 10                     // segments (RFC 6928)
	initialRTO    = time.Second            // of a SYN (RFC 6298 section 2.1); it doubles each time
	minRTO        = 200 * time.Millisecond // where RFC 6298 section 2.4 would have 1 s

	// probeDelay is what is added to the two round trips after which a tail loss
	// probe is sent if a single segment is out, in case the receiver delays its
	// ACK (RFC 8985 section 7.2: WCDelAckT). This stack never delays one.
	probeDelay = 200 * time.Millisecond

	// timestampTick is how fine the clock of the timestamps option is. A round
	// trip is measured with it, so SRTT is a whole number of ticks here as long
	// as the round trip is.
	timestampTick = time.Millisecond
)

// oneWay are delays of a cable one way. They are whole ticks, so that the
// smoothed round-trip time is the round-trip time.
var oneWay = []time.Duration{timestampTick, 10 * timestampTick, 50 * timestampTick, 300 * timestampTick}

// TestRoundTripIsMeasuredInTicks: a round trip is measured in whole ticks,
// which begin at an offset that the stack chose.
func TestRoundTripIsMeasuredInTicks(t *testing.T) {
	const delay = 10*ms + 250*time.Microsecond
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: delay}, HostOptions{})
		return transfer(l, client, server, 100)
	})
	for i := range tr.Samples {
		if s := &tr.Samples[i]; s.State == trace.Established && s.SRTT != 20*ms && s.SRTT != 21*ms {
			t.Errorf("SRTT is %v; the round trip is %v, measured in ticks of %v", s.SRTT, 2*delay, timestampTick)
		}
	}
}

// Row 1: a handshake takes one round trip, and the first answer on a new
// connection comes after two; one more if ARP has to ask first.
func TestHandshakeTakesARoundTrip(t *testing.T) {
	for _, delay := range oneWay {
		for _, cold := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v cold %v", delay, cold), func(t *testing.T) {
				R := 2 * delay
				arp := time.Duration(0)
				if cold {
					arp = R
				}
				var connected, answered time.Duration
				tr := run(t, Options{}, func(l *Lab) error {
					client, server := mustHost(t, l, "client", "10.0.0.1", HostOptions{}), mustHost(t, l, "server", "10.0.0.2", HostOptions{})
					l.Cable(client, server, Conditions{Delay: delay}, Conditions{Delay: delay})
					if !cold {
						know(t, client, server)
					}
					echo(t, l, server)
					l.Go(client, "client", func() error {
						c, err := client.Dial(context.Background(), "tcp", "server:80")
						if err != nil {
							return err
						}
						defer c.Close()
						connected = l.Elapsed()
						err = ask(c, 64)
						answered = l.Elapsed()
						return err
					})
					return nil
				})
				if want := arp + R; connected != want {
					t.Errorf("connect took %v, want %v", connected, want)
				}
				if want := arp + 2*R; answered != want {
					t.Errorf("the first answer came after %v, want %v", answered, want)
				}
				if got := packets.Scan(tr.Bytes(&tr.Packets[0])).EtherType == packets.EtherTypeARP; got != cold {
					t.Errorf("the first packet is ARP: %v, want %v", got, cold)
				}
			})
		}
	}
}

// rounds is the number of round trips in which slow start carries n bytes: the
// window is IW, 2 IW, 4 IW, ..., so that k rounds carry (2^k - 1) IW segments.
func rounds(n, mss int) int {
	segments := math.Ceil(float64(n) / float64(mss))
	return int(math.Ceil(math.Log2(segments/initialWindow + 1)))
}

// Row 2: an answer of n bytes is there k round trips after the request.
func TestSlowStartDoublesEachRoundTrip(t *testing.T) {
	const delay = 50 * ms
	for _, o := range []struct {
		mss  int
		host HostOptions
	}{{mssWithSACK, HostOptions{}}, {mssWithoutSACK, HostOptions{NoSACK: true}}} {
		for k, full := range []int{0, 10, 30, 70, 150} {
			for _, n := range []int{full*o.mss - o.mss/2, full * o.mss, full*o.mss + 1} {
				if n <= 0 {
					continue
				}
				want := k
				if n > full*o.mss {
					want++
				}
				if got := rounds(n, o.mss); got != want {
					t.Fatalf("the formula has %d rounds for %d bytes, want %d", got, n, want)
				}
				t.Run(fmt.Sprintf("%d bytes of %d", n, o.mss), func(t *testing.T) {
					var took time.Duration
					tr := run(t, Options{}, func(l *Lab) error {
						client, server := pair(t, l, Conditions{Delay: delay}, o.host)
						respond(t, l, server, n)
						l.Go(client, "client", func() error {
							c, err := client.Dial(context.Background(), "tcp", "server:80")
							if err != nil {
								return err
							}
							defer c.Close()
							asked := l.Elapsed()
							if _, err := c.Write([]byte("?")); err != nil {
								return err
							}
							_, err = io.ReadFull(c, make([]byte, n))
							took = l.Elapsed() - asked
							return err
						})
						return nil
					})
					if want := time.Duration(want) * 2 * delay; took != want {
						t.Errorf("took %v, want %v", took, want)
					}
					for i := range tr.Packets {
						if d := tr.Packets[i].Span.Len(); d > int64(o.mss) {
							t.Errorf("packet %d carries %d bytes; a full segment is %d", i+1, d, o.mss)
						}
					}
				})
			}
		}
	}
}

// Row 3: in a ping-pong nothing follows a lost message that could betray the
// loss, so a timer must: first the tail loss probe, then the retransmission
// timer, which doubles. Without SACK there is no probe.
func TestLostMessageWaitsForATimer(t *testing.T) {
	const delay = 10 * ms
	const R = 2 * delay
	// RTO = max(minRTO, SRTT + 4 RTTVAR); after the handshake RTTVAR = SRTT / 2.
	rto := max(minRTO, R+4*(R/2))
	probe := 2*R + probeDelay
	for _, c := range []struct {
		noSACK bool
		losses int
		want   time.Duration
	}{
		{false, 1, probe + R},
		{false, 2, probe + rto + R},
		{false, 3, probe + rto + 2*rto + R},
		{false, 4, probe + rto + 2*rto + 4*rto + R},
		{true, 1, rto + R},
		{true, 2, rto + 2*rto + R},
		{true, 3, rto + 2*rto + 4*rto + R},
		{true, 4, rto + 2*rto + 4*rto + 8*rto + R},
	} {
		t.Run(fmt.Sprintf("%d lost, without SACK %v", c.losses, c.noSACK), func(t *testing.T) {
			var took time.Duration
			tr := run(t, Options{}, func(l *Lab) error {
				client, server := pair(t, l, Conditions{Delay: delay}, HostOptions{NoSACK: c.noSACK})
				for n := range c.losses {
					client.Drop(3 + n) // 1 is the SYN, 2 the ACK
				}
				echo(t, l, server)
				l.Go(client, "client", func() error {
					c, err := client.Dial(context.Background(), "tcp", "server:80")
					if err != nil {
						return err
					}
					defer c.Close()
					sent := l.Elapsed()
					err = ask(c, 64)
					took = l.Elapsed() - sent
					return err
				})
				return nil
			})
			if took != c.want {
				t.Errorf("took %v, want %v", took, c.want)
			}
			for i := range tr.Samples {
				s := &tr.Samples[i]
				if s.End == 0 && s.State == trace.Established && s.SRTT != R {
					t.Errorf("at %v SRTT is %v; the round trip is %v", s.At, s.SRTT, R)
				}
			}
		})
	}
}

// Row 6: a segment lost in the middle of a flight is noticed by the ACKs of
// those behind it and costs one round trip; the last one costs a timer.
func TestRecoveryInsideAFlight(t *testing.T) {
	const delay = 50 * ms
	const R = 2 * delay
	const n = initialWindow * mssWithSACK
	flight := func(t *testing.T, drop int) time.Duration {
		var sent, got time.Duration
		run(t, Options{}, func(l *Lab) error {
			client, server := pair(t, l, Conditions{Delay: delay}, HostOptions{})
			if drop > 0 {
				client.Drop(2 + drop) // 1 is the SYN, 2 the ACK
			}
			ln := listen(t, server)
			l.Go(server, "server", func() error {
				c, err := ln.Accept()
				if err != nil {
					return err
				}
				defer c.Close()
				_, err = io.ReadFull(c, make([]byte, n))
				got = l.Elapsed()
				return err
			})
			l.Go(client, "client", func() error {
				c, err := client.Dial(context.Background(), "tcp", "server:80")
				if err != nil {
					return err
				}
				defer c.Close()
				sent = l.Elapsed()
				_, err = c.Write(make([]byte, n))
				if err == nil {
					l.Sleep(10 * R) // no FIN in the flight
				}
				return err
			})
			return nil
		})
		return got - sent
	}
	if took := flight(t, 0); took != delay {
		t.Errorf("with nothing lost the flight took %v, want %v", took, delay)
	}
	for _, middle := range []int{1, 2, 5, initialWindow - 3} {
		if took := flight(t, middle); took != delay+R {
			t.Errorf("with segment %d of %d lost it took %v, want %v", middle, initialWindow, took, delay+R)
		}
	}
	// The ACK of the one before the last comes after R and starts the probe's
	// timer; the probe, which is the lost segment, takes the way once more.
	if took, want := flight(t, initialWindow), R+(2*R+probeDelay)+delay; took != want {
		t.Errorf("with the last segment lost it took %v, want %v", took, want)
	}
}

// Row 7: a lost SYN is sent again after 1, 2, 4 s.
func TestLostSYNWaitsASecondAndDoubles(t *testing.T) {
	const delay = 50 * ms
	for losses := range 5 {
		var took time.Duration
		run(t, Options{}, func(l *Lab) error {
			client, server := pair(t, l, Conditions{Delay: delay}, HostOptions{})
			for n := range losses {
				client.Drop(1 + n)
			}
			listen(t, server)
			l.Go(client, "client", func() error {
				c, err := client.Dial(context.Background(), "tcp", "server:80")
				if err != nil {
					return err
				}
				took = l.Elapsed()
				return c.Close()
			})
			return nil
		})
		if want := (1<<losses-1)*initialRTO + 2*delay; took != want {
			t.Errorf("with %d SYNs lost connect took %v, want %v", losses, took, want)
		}
	}
}

// know tells hosts each other's card addresses.
func know(t testing.TB, hosts ...*Host) {
	t.Helper()
	for _, h := range hosts {
		if err := h.Know(); err != nil {
			t.Fatal(err)
		}
	}
}

// ask sends n bytes and waits for as many.
func ask(c io.ReadWriter, n int) error {
	b := make([]byte, n)
	if _, err := c.Write(b); err != nil {
		return err
	}
	_, err := io.ReadFull(c, b)
	return err
}

// respond starts a server that answers one byte with n.
func respond(t testing.TB, l *Lab, server *Host, n int) {
	ln := listen(t, server)
	l.Go(server, "server", func() error {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			return err
		}
		if _, err := c.Write(make([]byte, n)); err != nil {
			return err
		}
		_, err = c.Read(make([]byte, 1))
		if err == io.EOF {
			err = nil
		}
		return err
	})
}
