package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"wirelab/trace"
)

// alone runs one program on a client that has a server to talk to.
func alone(t *testing.T, f func(l *Lab, client, server *Host) error) *trace.Trace {
	t.Helper()
	return run(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: connDelay}, HostOptions{})
		l.Go(client, "client", func() error { return f(l, client, server) })
		return nil
	})
}

func TestConnectToAClosedPortIsRefused(t *testing.T) {
	tr := alone(t, func(l *Lab, client, server *Host) error {
		_, err := client.Dial(context.Background(), "tcp", "server:81")
		return expect(l, "dial", err, syscall.ECONNREFUSED, connRTT)
	})
	// The RST takes its number from the SYN's acknowledgement and tells none of
	// its sender's.
	if c := &tr.Conns[0]; !c.Known[0] || c.Known[1] {
		t.Errorf("initial numbers known: %v", c.Known)
	}
}

func TestDialGivesUpWithItsContext(t *testing.T) {
	alone(t, func(l *Lab, client, server *Host) error {
		for n := range 10 {
			client.Drop(1 + n)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2500*ms)
		defer cancel()
		_, err := client.Dial(ctx, "tcp", "server:80")
		if err := expect(l, "dial", err, context.DeadlineExceeded, 2500*ms); err != nil {
			return err
		}
		_, err = client.Dial(ctx, "tcp", "server:80")
		if err := expect(l, "second dial", err, context.DeadlineExceeded, 2500*ms); err != nil {
			return err
		}
		ctx, cancel = context.WithCancel(context.Background())
		l.AfterFunc(70*ms, cancel)
		_, err = client.Dial(ctx, "tcp", "server:80")
		return expect(l, "cancelled dial", err, context.Canceled, 2570*ms)
	})
}

// TestDialTimesOutByItself: after the SYN and six more, doubling from a second,
// the stack gives up: 1 + 2 + 4 + ... + 64 s.
func TestDialTimesOutByItself(t *testing.T) {
	tr := alone(t, func(l *Lab, client, server *Host) error {
		for n := range 20 {
			client.Drop(1 + n)
		}
		_, err := client.Dial(context.Background(), "tcp", "server:80")
		return expect(l, "dial", err, syscall.ETIMEDOUT, 127*time.Second)
	})
	if s := tr.Samples[len(tr.Samples)-1]; s.State != trace.Closed || s.At != 127*time.Second || s.Cause != trace.AtTimer {
		t.Errorf("the last sample is %v at %v by a %v", s.State, s.At, s.Cause)
	}
}

func TestAddressesThatCannotBe(t *testing.T) {
	alone(t, func(l *Lab, client, server *Host) error {
		for _, c := range []struct{ network, address, words string }{
			{"tcp", "nobody:80", `no host is called "nobody"`},
			{"tcp", "server", "missing port"},
			{"tcp", "server:http", "not a number"},
			{"tcp", "server:65536", "not a number"},
			{"unix", "server:80", "unknown network"},
			{"udp", "nobody:80", `no host is called "nobody"`},
		} {
			_, err := client.Dial(context.Background(), c.network, c.address)
			wantError(t, err, "dial "+c.network, c.words)
		}
		_, err := client.Listen("udp", ":80")
		wantError(t, err, "listen", "unknown network")
		_, err = client.Listen("tcp", "server:80")
		if !errors.Is(err, syscall.EADDRNOTAVAIL) {
			t.Errorf("listening on another host's address: %v", err)
		}
		_, err = client.ListenPacket("tcp", ":80")
		wantError(t, err, "listen", "unknown network")
		return nil
	})
}

func TestPortInUse(t *testing.T) {
	alone(t, func(l *Lab, client, server *Host) error {
		ln, err := client.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		if _, err := client.Listen("tcp", ":80"); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("second listener: %v", err)
		}
		if err := ln.Close(); err != nil {
			return err
		}
		if ln, err = client.Listen("tcp", ":80"); err != nil {
			return fmt.Errorf("after close: %w", err)
		}
		ln.Close()
		in, err := client.ListenPacket("udp", ":80") // another port than TCP's
		if err != nil {
			return err
		}
		if _, err := client.ListenPacket("udp", ":80"); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("second socket: %v", err)
		}
		in.Close()
		any, err := client.Listen("tcp", ":0")
		if err != nil || any.Addr().(*net.TCPAddr).Port == 0 {
			t.Errorf("port 0: %v, %v", any.Addr(), err)
		}
		return nil
	})
}

func TestCloseWakesAccept(t *testing.T) {
	alone(t, func(l *Lab, client, server *Host) error {
		ln, err := client.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		l.AfterFunc(50*ms, func() { ln.Close() })
		_, err = ln.Accept()
		if err := expect(l, "accept", err, net.ErrClosed, 50*ms); err != nil {
			return err
		}
		_, err = ln.Accept()
		if err := expect(l, "second accept", err, net.ErrClosed, 50*ms); err != nil {
			return err
		}
		return expect(l, "close", ln.Close(), net.ErrClosed, 50*ms)
	})
}

func TestAcceptHasADeadline(t *testing.T) {
	alone(t, func(l *Lab, client, server *Host) error {
		ln, err := client.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		ln.(*Listener).SetDeadline(l.Now().Add(70 * ms))
		_, err = ln.Accept()
		return expect(l, "accept", err, os.ErrDeadlineExceeded, 70*ms)
	})
}
