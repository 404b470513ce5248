package wire

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"
)

// Row 8: write, write, read. Nagle holds the second write until the first is
// acknowledged, which this stack does at once: two round trips instead of one.
func TestNagleHoldsTheSecondWrite(t *testing.T) {
	const delay = 10 * ms
	const R = 2 * delay
	for nagle, want := range map[bool]time.Duration{false: R, true: 2 * R} {
		var took time.Duration
		run(t, Options{}, func(l *Lab) error {
			client, server := pair(t, l, Conditions{Delay: delay}, HostOptions{Nagle: nagle})
			ln, err := server.Listen("tcp", ":80")
			if err != nil {
				return err
			}
			l.Go(server, "server", func() error {
				c, err := ln.Accept()
				if err != nil {
					return err
				}
				defer c.Close()
				if _, err := io.ReadFull(c, make([]byte, 20)); err != nil {
					return err
				}
				_, err = c.Write([]byte("."))
				return err
			})
			l.Go(client, "client", func() error {
				c, err := client.Dial(context.Background(), "tcp", "server:80")
				if err != nil {
					return err
				}
				defer c.Close()
				began := l.Elapsed()
				for range 2 {
					if _, err := c.Write(make([]byte, 10)); err != nil {
						return err
					}
				}
				_, err = c.Read(make([]byte, 1))
				took = l.Elapsed() - began
				return err
			})
			return nil
		})
		if took != want {
			t.Errorf("Nagle %v: took %v, want %v", nagle, took, want)
		}
	}
}

// Row 15: without SACK three duplicate acknowledgements mean loss. A segment that
// three others overtake is sent again for nothing; one that two overtake is not.
func TestThreeOvertakersMakeASpuriousRetransmission(t *testing.T) {
	const segments, handshake = 10, 2 // a first flight; the SYN and its ACK are packets too
	for overtakers, want := range map[int]int{1: 0, 2: 0, 3: 1, 4: 1} {
		t.Run(fmt.Sprint(overtakers), func(t *testing.T) {
			tr := run(t, Options{}, func(l *Lab) error {
				client, server := pair(t, l, Conditions{Delay: 10 * ms}, HostOptions{NoSACK: true})
				client.Touch(handshake+segments-overtakers, Hold, time.Microsecond)
				return transfer(l, client, server, segments*mssWithoutSACK)
			})
			again := 0
			for i := range tr.Packets {
				if p := &tr.Packets[i]; p.Again && p.From == 0 && p.Span.Len() > 1 {
					again++
				}
			}
			if again != want {
				t.Errorf("%d overtake it: %d segments are sent again, want %d", overtakers, again, want)
			}
		})
	}
}
