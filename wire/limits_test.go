package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirelab/trace"
)

// attempt runs one experiment that may fail, and sees that it leaves no
// goroutine behind.
func attempt(t *testing.T, ctx context.Context, opt Options, setup func(*Lab) error) (*trace.Trace, error) {
	t.Helper()
	before := runtime.NumGoroutine()
	l := New(opt)
	tr, err := l.Run(ctx, func() error { return setup(l) })
	settled(t, before)
	if wrong := tr.Check(); wrong != nil {
		t.Errorf("the trace is not sound: %v", wrong)
	}
	return tr, err
}

// settled waits a little until there are no more goroutines than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for range 100_000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	buf := make([]byte, 1<<20)
	t.Errorf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that says %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

// deaf starts a server that accepts one connection and does nothing with it,
// and a client that waits for its answer.
func deaf(t *testing.T, l *Lab) error {
	client, server := pair(t, l, Conditions{Delay: 10 * ms}, HostOptions{})
	ln := listen(t, server)
	l.Background(server, "server", func() error {
		_, err := ln.Accept()
		return err
	})
	l.Go(client, "client", func() error {
		c, err := client.Dial(context.Background(), "tcp", "server:80")
		if err != nil {
			return err
		}
		_, err = c.Read(make([]byte, 1))
		return err
	})
	return nil
}

func TestStuckRunSaysWhoWaits(t *testing.T) {
	tr, err := attempt(t, context.Background(), Options{}, func(l *Lab) error { return deaf(t, l) })
	wantError(t, err, "the run is stuck: after 30ms nothing was left to happen", "client read (10.0.0.1:", "to 10.0.0.2:80) since 20ms")
	if tr.Err != err.Error() {
		t.Errorf("the trace says %q, the error is %q", tr.Err, err)
	}
	if tr.End != 30*ms {
		t.Errorf("the trace ends at %v; the last thing happened at %v", tr.End, 30*ms)
	}
	var waits []string
	for _, w := range tr.Waiting {
		waits = append(waits, fmt.Sprint(tr.Name(w.Host), " ", w.What))
	}
	if got, want := strings.Join(waits, ", "), "client read, client ESTABLISHED, server ESTABLISHED"; got != want {
		t.Errorf("waiting are %s; want %s", got, want)
	}
}

// The server's stack gives up what it has to say, and its reset is lost like
// all else: a client that only reads waits for ever, in any TCP.
func TestStuckRunSaysThatAnEndIsNoMore(t *testing.T) {
	_, err := attempt(t, context.Background(), Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 10 * ms}, HostOptions{})
		for n := 2; n < 100; n++ {
			server.Drop(n)
		}
		ln := listen(t, server)
		l.Background(server, "server", func() error {
			c, err := ln.Accept()
			if err == nil {
				_, err = c.Write([]byte("hello"))
			}
			return err
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "tcp", "server:80")
			if err == nil {
				_, err = c.Read(make([]byte, 5))
			}
			return err
		})
		return nil
	})
	wantError(t, err, "the run is stuck: after ", "nothing was left to happen; neither side will send again: 10.0.0.1:",
		" to 10.0.0.2:80 (client, which has nothing to send, cannot know that the other end is no more); still waiting: client read")
}

// Should a stack be left without a timer all the same, the run says so.
func TestSilenceOfAnEndWithoutATimer(t *testing.T) {
	l := New(Options{})
	client := &Host{l: l, name: "client"}
	l.tr.Conns = []trace.Conn{{}}
	l.watch = []*endpoint{{host: client, now: trace.Sample{State: trace.Established, SndUna: 1, SndNxt: 2}}, nil}
	if got, want := l.silence(0), "client has sent what was not acknowledged, and no timer is left that would send it again"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

func TestLimitOfTime(t *testing.T) {
	tr, err := attempt(t, context.Background(), Options{Limits: Limits{Time: 5 * time.Second}}, func(l *Lab) error {
		h := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
		l.Go(h, "sleeper", func() error {
			for {
				l.Sleep(time.Second)
				if l.over.Load() {
					return nil
				}
			}
		})
		return nil
	})
	wantError(t, err, "limit of 5s of lab time")
	if tr.End != 5*time.Second {
		t.Errorf("the trace ends at %v, want the limit", tr.End)
	}
}

// flood sends datagrams until it is stopped.
func flood(t *testing.T, l *Lab) error {
	client, server := pair(t, l, Conditions{Delay: ms, Rate: 1e9}, HostOptions{})
	in, err := server.ListenPacket("udp", ":9")
	if err != nil {
		return err
	}
	l.Background(server, "server", func() error {
		for {
			if _, _, err := in.ReadFrom(make([]byte, 1500)); err != nil {
				return err
			}
		}
	})
	l.Go(client, "client", func() error {
		c, err := client.Dial(context.Background(), "udp", "server:9")
		for err == nil {
			_, err = c.Write(make([]byte, 1000))
			l.Sleep(time.Microsecond)
		}
		return err
	})
	return nil
}

func TestLimitOfFrames(t *testing.T) {
	tr, err := attempt(t, context.Background(), Options{Limits: Limits{Frames: 100}}, func(l *Lab) error { return flood(t, l) })
	wantError(t, err, "it sent more than 100 frames", "server read")
	if n := len(tr.Packets); n != 101 {
		t.Errorf("the trace has %d packets, want the one too many and no more", n)
	}
}

func TestLimitOfMemory(t *testing.T) {
	const limit = 100_000
	tr, err := attempt(t, context.Background(), Options{Limits: Limits{Bytes: limit}}, func(l *Lab) error { return flood(t, l) })
	wantError(t, err, "took more than 100000 bytes of memory")
	if n := len(tr.Packets); n > limit/1000 {
		t.Errorf("the trace has %d packets of a kilobyte", n)
	}
}

// TestLimitOfMemoryCountsCalls has a program that makes calls for ever without
// letting time pass or sending anything.
func TestLimitOfMemoryCountsCalls(t *testing.T) {
	_, err := attempt(t, context.Background(), Options{Limits: Limits{Bytes: 1 << 20}}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		ln := listen(t, server)
		l.Background(server, "server", func() error {
			c, err := ln.Accept()
			if err == nil {
				err = c.Close()
			}
			return err
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "tcp", "server:80")
			for err == nil || err == io.EOF {
				_, err = c.Read(make([]byte, 1))
			}
			return err
		})
		return nil
	})
	wantError(t, err, "took more than 1048576 bytes of memory")
}

func TestContextEndsARun(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("the user pressed q")
	_, err := attempt(t, ctx, Options{}, func(l *Lab) error {
		h := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
		l.Go(h, "sleeper", func() error {
			for i := range 1_000_000 {
				if i == 100 {
					cancel(why)
				}
				l.Sleep(ms)
				if l.over.Load() {
					break
				}
			}
			return nil
		})
		return nil
	})
	wantError(t, err, "stopped at", "of lab time", why.Error())
	if !errors.Is(err, why) {
		t.Errorf("the error %v is not %v", err, why)
	}
	if _, err := attempt(t, ctx, Options{}, func(l *Lab) error { return deaf(t, l) }); !errors.Is(err, why) {
		t.Errorf("a run whose context had ended gave %v", err)
	}
}

func TestPanicOfAProgramIsAnError(t *testing.T) {
	for _, start := range []string{"Go", "Background", "setup"} {
		_, err := attempt(t, context.Background(), Options{}, func(l *Lab) error {
			client, server := pair(t, l, Conditions{Delay: 10 * ms}, HostOptions{})
			echo(t, l, server)
			f := func() error {
				c, err := client.Dial(context.Background(), "tcp", "server:80")
				if err != nil {
					return err
				}
				var none []int
				c.Write(make([]byte, none[3]))
				return nil
			}
			switch start {
			case "Go":
				l.Go(client, "client", f)
			case "Background":
				l.Background(client, "client", f)
				l.Go(server, "waiter", func() error { l.Sleep(time.Second); return nil })
			case "setup":
				panic("on purpose")
			}
			return nil
		})
		wantError(t, err, "internal error")
		var p *PanicError
		if !errors.As(err, &p) || len(p.Stack) == 0 {
			t.Errorf("%s: the error %v has no stack", start, err)
		}
	}
}

func TestGoexitOfAProgramIsAnError(t *testing.T) {
	_, err := attempt(t, context.Background(), Options{}, func(l *Lab) error {
		h := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
		l.Go(h, "client", func() error { runtime.Goexit(); return nil })
		return nil
	})
	wantError(t, err, "client", "Goexit")
}

func TestErrorOfAProgramEndsTheRun(t *testing.T) {
	oops := errors.New("oops")
	tr, err := attempt(t, context.Background(), Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 10 * ms}, HostOptions{})
		ln := listen(t, server)
		l.Go(server, "server", func() error { // would wait for ever
			c, err := ln.Accept()
			if err == nil {
				_, err = c.Read(make([]byte, 1))
			}
			return err
		})
		l.Go(client, "client", func() error {
			if _, err := client.Dial(context.Background(), "tcp", "server:80"); err != nil {
				return err
			}
			l.Sleep(time.Second)
			return oops
		})
		return nil
	})
	if !errors.Is(err, oops) || err.Error() != "client: oops" {
		t.Errorf("the error is %q, want that of the client", err)
	}
	if want := 20*ms + time.Second; tr.End != want {
		t.Errorf("the run ended at %v, want %v", tr.End, want)
	}
}

// TestFirstProgramsErrorCounts lets programs fail in one step: that of the one
// started first is reported, whatever the scheduler does.
func TestFirstProgramsErrorCounts(t *testing.T) {
	for range 50 {
		_, err := attempt(t, context.Background(), Options{}, func(l *Lab) error {
			h := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
			start := make(chan struct{})
			for i := range 8 {
				l.Go(h, fmt.Sprint("program ", i), func() error { <-start; return errors.New("oops") })
			}
			l.Go(h, "starter", func() error { close(start); return nil })
			return nil
		})
		wantError(t, err, "program 0: oops")
	}
}

func TestErrorOfSetupEndsTheRun(t *testing.T) {
	oops := errors.New("oops")
	_, err := attempt(t, context.Background(), Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{}, HostOptions{})
		if err := transfer(l, client, server, 100); err != nil {
			return err
		}
		return oops
	})
	if !errors.Is(err, oops) {
		t.Errorf("the error is %v, want that of setup", err)
	}
	_, err = attempt(t, context.Background(), Options{}, func(l *Lab) error {
		_, err := l.Host("client", netip.MustParseAddr("10.0.0.1"), HostOptions{CongestionControl: "westwood"})
		return err
	})
	wantError(t, err, "client", "westwood", "reno and cubic")
}
