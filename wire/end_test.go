package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"wirelab/trace"
)

func TestGoroutineThatStaysIsAnError(t *testing.T) {
	before := runtime.NumGoroutine()
	l := New(Options{})
	var never chan int
	tr, err := l.Run(context.Background(), func() error {
		h := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
		never = make(chan int)
		l.Go(h, "client", func() error {
			go func() { <-never }()
			return nil
		})
		return nil
	})
	wantError(t, err, "a program left goroutines behind")
	if tr == nil || tr.Err == "" {
		t.Error("the trace does not say so")
	}
	// Two: the one that stays, and the bubble's own.
	settled(t, before+2)
}

// TestGoroutineThatSleepsSeesTheEnd has a program that waits with Go's own
// clock and looks only then.
func TestGoroutineThatSleepsSeesTheEnd(t *testing.T) {
	_, err := attempt(t, context.Background(), Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		l.Background(server, "retry", func() error {
			for {
				c, err := server.Dial(context.Background(), "tcp", "client:80")
				if errors.Is(err, errOver) {
					return nil
				}
				if err == nil {
					return c.Close()
				}
				time.Sleep(time.Minute)
			}
		})
		l.Go(client, "client", func() error { l.Sleep(time.Second); return nil })
		return nil
	})
	if err != nil {
		t.Errorf("it is over, but: %v", err)
	}
}

// TestListenerAfterTheEnd has a program that would listen anew whenever its
// listener fails.
func TestListenerAfterTheEnd(t *testing.T) {
	_, err := attempt(t, context.Background(), Options{}, func(l *Lab) error {
		h := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
		l.Background(h, "server", func() error {
			for port := 80; port < 83; port++ {
				ln, err := h.Listen("tcp", fmt.Sprint(":", port))
				if err != nil {
					return err
				}
				for err == nil {
					_, err = ln.Accept()
				}
			}
			return nil
		})
		l.Go(h, "client", func() error { l.Sleep(time.Second); return nil })
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// silenced has a client that says hello and closes, and a wire that loses what
// it sends from its n-th packet on.
func silenced(t *testing.T, n int) (*trace.Trace, error) {
	return attempt(t, context.Background(), Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 10 * ms}, HostOptions{})
		for ; n < 100; n++ {
			client.Drop(n)
		}
		ln := listen(t, server)
		l.Background(server, "server", func() error {
			c, err := ln.Accept()
			if err == nil {
				_, err = io.Copy(io.Discard, struct{ io.Reader }{c})
			}
			return err
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "tcp", "server:80")
			if err != nil {
				return err
			}
			if _, err := c.Write([]byte("hello")); err != nil {
				return err
			}
			return c.Close()
		})
		return nil
	})
}

// TestConnectionThatNobodyAcknowledgesEnds cuts the wire under a connection
// whose programs have returned: its stack gives it up by itself, and there is
// nobody but the run to say that the bytes are lost.
func TestConnectionThatNobodyAcknowledgesEnds(t *testing.T) {
	tr, err := silenced(t, 3)
	wantError(t, err, "bytes may be lost that were sent before a close: client gave up 10.0.0.1:", " to 10.0.0.2:80 at ", "with 5 bytes that nobody acknowledged")
	last := &tr.Packets[len(tr.Packets)-1]
	if tr.End < last.Sent || tr.End > last.Sent+2*time.Minute {
		t.Errorf("the last packet was sent at %v, and the run ended at %v", last.Sent, tr.End)
	}
	var state trace.State
	for _, s := range tr.Samples {
		if s.End == 0 {
			state = s.State
		}
	}
	if state != trace.Closed {
		t.Errorf("the client that gave up is %v in the end", state)
	}
}

// Only the FIN is lost, again and again: no byte is.
func TestFINThatNobodyAcknowledgesLosesNothing(t *testing.T) {
	tr, err := silenced(t, 4)
	if err != nil {
		t.Error(err)
	}
	if n := len(tr.Packets); n < 15 {
		t.Errorf("there are only %d packets: the FIN was not lost", n)
	}
}

// TestRunEndsWhenAllIsRead sees that what arrives at the last moment is still
// handed to the program that waits for it.
func TestRunEndsWhenAllIsRead(t *testing.T) {
	tr, err := attempt(t, context.Background(), Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 10 * ms}, HostOptions{})
		in, err := server.ListenPacket("udp", ":9")
		if err != nil {
			return err
		}
		l.Background(server, "server", func() error {
			_, _, err := in.ReadFrom(make([]byte, 100))
			return err
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			if err == nil {
				_, err = c.Write([]byte("last words"))
			}
			return err
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range tr.Calls {
		if c.What == "read" && (c.End != 10*ms || c.Span.Len() != 10) {
			t.Errorf("the server's read: %+v", c)
		}
	}
}
