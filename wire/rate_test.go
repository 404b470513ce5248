package wire

import (
	"context"
	"io"
	"testing"
	"time"

	"wirelab/trace"
)

// Row 10: a frame of L bytes takes the wire for 8L/B, so those of a burst
// arrive that far apart, and a full queue of Q bytes lets one wait for 8Q/B.
func TestSerialisationAndQueue(t *testing.T) {
	const (
		delay   = 10 * ms
		rate    = 1_000_000 // bit/s
		headers = 14 + 20 + 8
		frame   = 1000 // bytes, with headers
		slots   = 64
		queue   = slots * frame // 64 kB
	)
	perFrame := 8 * frame * time.Second / rate
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: delay, Rate: rate, Queue: Queue{Bytes: queue}}, HostOptions{})
		in, err := server.ListenPacket("udp", ":9")
		if err != nil {
			return err
		}
		l.Background(server, "server", func() error {
			for {
				if _, _, err := in.ReadFrom(make([]byte, frame)); err != nil {
					return err
				}
			}
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			if err != nil {
				return err
			}
			defer c.Close()
			// One is on the wire, as many as fit wait, and two find it full.
			for range 1 + slots + 2 {
				if _, err := c.Write(make([]byte, frame-headers)); err != nil {
					return err
				}
			}
			return nil
		})
		return nil
	})
	alone := perFrame + delay
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Len() != frame {
			t.Fatalf("frame %d has %d bytes, want %d", i+1, p.Len(), frame)
		}
		if i > slots {
			if p.Fate != trace.LostQueue || p.Arrived != trace.Never {
				t.Errorf("frame %d found the queue full and is %v", i+1, p.Fate)
			}
			continue
		}
		if want := time.Duration(i)*perFrame + alone; p.Arrived != want {
			t.Errorf("frame %d arrived at %v, want %v", i+1, p.Arrived, want)
		}
	}
	const fullQueue = 8 * queue * time.Second / rate // 512 ms
	if got := tr.Packets[slots].Arrived - alone; got != fullQueue {
		t.Errorf("a full queue adds %v, want %v", got, fullQueue)
	}
}

// TestTransferAtARate holds a whole TCP transfer to the wire's time: the
// handshake with its frames, then all bytes of the data back to back.
func TestTransferAtARate(t *testing.T) {
	const delay, rate, n = 5 * ms, 10_000_000, 9 * mssWithSACK // one flight
	wire := func(bytes int) time.Duration { return time.Duration(bytes) * 8 * time.Second / rate }
	const (
		syn     = 14 + 20 + 20 + 20 // options: MSS 4, SACK permitted 2, timestamps 10, window scale 3, and a pad
		ack     = 14 + 20 + 20 + 12 // timestamps, and two pads
		segment = ack + mssWithSACK
	)
	var connected, got time.Duration
	run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: delay, Rate: rate}, HostOptions{})
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
			connected = l.Elapsed()
			_, err = c.Write(make([]byte, n))
			return err
		})
		return nil
	})
	if want := 2*wire(syn) + 2*delay; connected != want {
		t.Errorf("connect took %v, want %v", connected, want)
	}
	// The ACK of the handshake goes before the data.
	if want := wire(ack) + 9*wire(segment) + delay; got-connected != want {
		t.Errorf("the data took %v, want %v", got-connected, want)
	}
}

// TestNothingIsSentAgainWithoutALoss sends flights over wires on which a segment
// takes longer than the stack's reordering window, a quarter of a round trip.
func TestNothingIsSentAgainWithoutALoss(t *testing.T) {
	for _, rate := range []int64{0, 1e9, 10e6, 1e6} {
		for _, o := range []HostOptions{{}, {NoSACK: true}, {CongestionControl: "cubic"}} {
			tr := run(t, Options{}, func(l *Lab) error {
				client, server := pair(t, l, Conditions{Delay: 10 * ms, Rate: rate}, o)
				return transfer(l, client, server, 100_000)
			})
			for i := range tr.Packets {
				if tr.Packets[i].Again {
					t.Errorf("at %d bit/s with %+v packet %d was sent again: %v", rate, o, i+1, tr.Packets[i].Span)
					break
				}
			}
		}
	}
}
