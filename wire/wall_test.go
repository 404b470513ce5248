package wire

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// live runs one experiment on the real clock, and checks its trace and that it
// leaves no goroutine behind.
func live(t *testing.T, opt Options, setup func(*Lab) error) *trace.Trace {
	t.Helper()
	before := runtime.NumGoroutine()
	opt.Real = true
	tr := run(t, opt, setup)
	lived(t, tr)
	settled(t, before)
	return tr
}

// lived checks what is so of every trace of the real clock: nothing is faster
// than the wire, and how late it was is stated.
func lived(t *testing.T, tr *trace.Trace) {
	t.Helper()
	if tr.Origin != trace.Live || tr.Scenario != "" {
		t.Errorf("the trace's origin is %d", tr.Origin)
	}
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Arrived != trace.Never && p.Arrived < p.Left+MinDelay {
			t.Errorf("packet %d left at %v and arrived at %v", tr.Number(i), p.Left, p.Arrived)
		}
	}
	if l := tr.Lateness; l.Events < len(tr.Packets)/2 || l.Max < l.P99 || l.Max < l.Mean || l.Mean < 0 || l.P99 < 0 {
		t.Errorf("of %d packets the lateness is %+v", len(tr.Packets), l)
	}
}

func TestRealClockCarriesTCPThroughLoss(t *testing.T) {
	const size, delay = 200_000, 2 * ms
	var took time.Duration
	tr := live(t, Options{Seed: 3}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: delay, Rate: 100e6, Loss: 0.03}, HostOptions{})
		client.Drop(5)
		begin := time.Now()
		l.Go(client, "watch", func() error { took = time.Since(begin); return nil })
		return transfer(l, client, server, size)
	})
	var lost, again int
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Fate.Lost() {
			lost++
		}
		if p.Again {
			again++
		}
		if p.Arrived != trace.Never && p.Arrived < p.Sent+delay {
			t.Errorf("packet %d was sent at %v and arrived at %v, on a wire of %v", i, p.Sent, p.Arrived, delay)
		}
	}
	if lost == 0 || again == 0 {
		t.Errorf("%d packets were lost, %d sent again", lost, again)
	}
	if took > tr.End {
		t.Errorf("a program saw %v pass in a run of %v", took, tr.End)
	}
	var states []trace.State
	for _, s := range tr.Samples {
		if s.End == 0 && (len(states) == 0 || states[len(states)-1] != s.State) {
			states = append(states, s.State)
		}
	}
	if len(states) < 3 || states[0] != trace.SynSent {
		t.Errorf("the client's states are %v", states)
	}
}

func TestRealClockCarriesDatagrams(t *testing.T) {
	const n = 200
	tr := live(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 100 * time.Microsecond}, HostOptions{})
		in, err := server.ListenPacket("udp", ":9")
		if err != nil {
			return err
		}
		l.Background(server, "server", func() error {
			b := make([]byte, 3000)
			for {
				n, from, err := in.ReadFrom(b)
				if err != nil {
					return err
				}
				if _, err := in.WriteTo(b[:n], from); err != nil {
					return err
				}
			}
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			if err != nil {
				return err
			}
			got := make([]byte, 3000)
			for i := range n {
				sent := bytes.Repeat([]byte{byte(i)}, 1+i*10) // the larger ones go in fragments
				l.Message(trace.Message{Kind: "datagram", Parent: -1, To: 1, Spans: []trace.Span{{Unit: int32(i + 1), Hi: int64(len(sent))}}})
				if _, err := c.Write(sent); err != nil {
					return err
				}
				k, err := c.Read(got)
				if err != nil || !bytes.Equal(got[:k], sent) {
					return fmt.Errorf("datagram %d came back with %d bytes: %w", i, k, err)
				}
			}
			return nil
		})
		return nil
	})
	reads := map[trace.Span]bool{}
	for _, c := range tr.Calls {
		if c.What == "read" && c.Ended > 0 {
			if c.Span.Unit == 0 || reads[c.Span] {
				t.Errorf("a read of %+v", c.Span)
			}
			reads[c.Span] = true
		}
	}
	if len(reads) != 2*n {
		t.Errorf("%d datagrams were read, want %d", len(reads), 2*n)
	}
	for i, m := range tr.Messages {
		if m.Sent == trace.Never || m.Arrived < m.Sent+100*time.Microsecond {
			t.Errorf("message %d: sent %v, arrived %v", i, m.Sent, m.Arrived)
		}
	}
}

// net/http starts goroutines of its own, kicks readers with deadlines in the
// past and keeps connections open.
func TestRealClockCarriesHTTP(t *testing.T) {
	body := bytes.Repeat([]byte("wire"), 20_000)
	live(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 200 * time.Microsecond, Rate: 1e9}, HostOptions{})
		ln := listen(t, server)
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			w.Write(got)
		})}
		l.Background(server, "server", func() error {
			if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		l.Go(client, "client", func() error {
			c := &http.Client{Transport: &http.Transport{DialContext: client.Dial}}
			for range 5 {
				resp, err := c.Post("http://server:80/", "text/plain", bytes.NewReader(body))
				if err != nil {
					return err
				}
				got, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || !bytes.Equal(got, body) {
					return fmt.Errorf("got %d bytes: %w", len(got), err)
				}
			}
			c.CloseIdleConnections()
			return srv.Shutdown(context.Background())
		})
		return nil
	})
}

// A goroutine that the lab did not start and does not know is as good as one of
// its programs.
func TestOutsideGoroutineTakesPart(t *testing.T) {
	hosts := make(chan *Host, 1)
	done := make(chan error, 1)
	go func() {
		client := <-hosts
		done <- func() error {
			c, err := client.Dial(context.Background(), "tcp", "server:80")
			if err != nil {
				return err
			}
			if _, err := c.Write([]byte("from outside")); err != nil {
				return err
			}
			got := make([]byte, 12)
			if _, err := io.ReadFull(c, got); err != nil || string(got) != "from outside" {
				return fmt.Errorf("got %q: %w", got, err)
			}
			return c.Close()
		}()
	}()
	tr := live(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		echo(t, l, server)
		l.Go(server, "open", func() error { return <-done })
		hosts <- client
		return nil
	})
	writes := 0
	for _, c := range tr.Calls {
		if c.What == "write" && c.Span.Len() == 12 {
			writes++
		}
	}
	if writes != 2 {
		t.Errorf("%d writes of 12 bytes are recorded, want that from outside and its echo", writes)
	}
}

func TestOutsideCancelEndsADial(t *testing.T) {
	tr := live(t, Options{}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: ms, Loss: 1}, HostOptions{})
		ctx, cancel := context.WithCancel(context.Background())
		l.Go(client, "client", func() error {
			_, err := client.Dial(ctx, "tcp", "server:80")
			if !errors.Is(err, context.Canceled) {
				return fmt.Errorf("Dial gave %v", err)
			}
			return nil
		})
		l.Go(server, "cancel", func() error {
			for client.Sent() == 0 { // the SYN is on its way, to be lost
				runtime.Gosched()
			}
			go cancel()
			return nil
		})
		return nil
	})
	if tr.End > time.Minute {
		t.Errorf("it took %v", tr.End)
	}
	for _, c := range tr.Calls {
		if c.What == "connect" && c.Result == "" {
			t.Errorf("a connect succeeded: %+v", c)
		}
	}
}

// A live lab is ended by its context, while peers are in the middle of things.
func TestContextEndsALiveRun(t *testing.T) {
	before := runtime.NumGoroutine()
	why := errors.New("the user pressed q")
	ctx, cancel := context.WithCancelCause(context.Background())
	l := New(Options{Real: true})
	var outside sync.WaitGroup
	tr, err := l.Run(ctx, func() error {
		client, server := pair(t, l, Conditions{Delay: ms}, HostOptions{})
		if l.Trace() != nil {
			t.Error("there is a whole trace before the end")
		}
		echo(t, l, server)
		l.Go(server, "open", func() error { <-ctx.Done(); return nil })
		l.Go(client, "sleeper", func() error { l.Sleep(time.Hour); return nil })
		for range 8 {
			outside.Go(func() {
				for {
					c, err := client.Dial(context.Background(), "tcp", "server:80")
					if err != nil {
						return
					}
					for err == nil && l.Elapsed() < 20*ms {
						_, err = c.Write(make([]byte, 100))
						if err == nil {
							_, err = c.Read(make([]byte, 100))
						}
					}
					if err == nil {
						cancel(why)
					}
					c.Close()
				}
			})
		}
		return nil
	})
	outside.Wait()
	if !errors.Is(err, why) {
		t.Errorf("Run gave %v, want an error that says %v", err, why)
	}
	if tr.Err != "" {
		t.Errorf("the trace calls it a failure: %s", tr.Err)
	}
	if err := tr.Check(); err != nil {
		t.Errorf("the trace is not sound: %v", err)
	}
	lived(t, tr)
	if l.Trace() != tr || l.Lateness() != tr.Lateness {
		t.Errorf("afterwards the lab has another trace, or a lateness of %+v, not %+v", l.Lateness(), tr.Lateness)
	}
	if a, b := fingerprint(l.Snapshot().Trace()), fingerprint(tr); a != b {
		t.Error("afterwards a snapshot is not the trace")
	}
	if len(tr.Waiting) == 0 {
		t.Error("nothing is listed as waiting, and a program slept for an hour")
	}
	settled(t, before)
}

func TestContextEndsALiveRunInWhichNothingHappens(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	l := New(Options{Real: true})
	_, err := l.Run(ctx, func() error {
		h := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
		l.Go(h, "sleeper", func() error {
			go func() {
				for !l.sleeping.Load() {
					runtime.Gosched()
				}
				cancel()
			}()
			l.Sleep(time.Hour)
			return nil
		})
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run gave %v", err)
	}
}

// A program that was woken by the last thing that happened may not have come to
// act yet: the run does not end without it.
func TestRealClockWaitsForProgramsThatWereWoken(t *testing.T) {
	for range 50 {
		tr := live(t, Options{}, func(l *Lab) error {
			client, server := pair(t, l, Conditions{Delay: 10 * time.Microsecond}, HostOptions{})
			ln := listen(t, server)
			l.Background(server, "server", func() error {
				c, err := ln.Accept()
				if err != nil {
					return err
				}
				runtime.Gosched()
				l.Go(server, "answer", func() error {
					if _, err := io.ReadAll(c); err != nil {
						return err
					}
					return c.Close()
				})
				return nil
			})
			l.Go(client, "client", func() error {
				c, err := client.Dial(context.Background(), "tcp", "server:80")
				if err == nil {
					err = c.Close()
				}
				return err
			})
			return nil
		})
		if last := tr.Calls[len(tr.Calls)-1]; last.What != "close" || last.Host != 1 {
			t.Fatalf("the last call is %+v, want the server's close", last)
		}
	}
}

func TestRealClockHasItsLimits(t *testing.T) {
	before := runtime.NumGoroutine()
	for words, limits := range map[string]Limits{
		"limit of 20ms of lab time": {Time: 20 * ms}, "more than 100 frames": {Frames: 100}, "100000 bytes of memory": {Bytes: 100_000},
	} {
		tr, err := attempt(t, context.Background(), Options{Real: true, Limits: limits}, func(l *Lab) error { return flood(t, l) })
		wantError(t, err, words)
		if tr.Err != err.Error() {
			t.Errorf("the trace says %q, the error is %q", tr.Err, err)
		}
	}
	settled(t, before)
}

func TestProgramThatStaysOnTheRealClockIsAnError(t *testing.T) {
	before := runtime.NumGoroutine()
	l := New(Options{Real: true})
	l.grace = ms
	never := make(chan struct{})
	tr, err := l.Run(context.Background(), func() error {
		h := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
		l.Background(h, "stays", func() error { <-never; return nil })
		return nil
	})
	wantError(t, err, "a program left goroutines behind")
	if tr.Err != err.Error() {
		t.Errorf("the trace says %q", tr.Err)
	}
	close(never)
	settled(t, before)
}

func TestPanicOnTheRealClockIsAnError(t *testing.T) {
	_, err := attempt(t, context.Background(), Options{Real: true}, func(l *Lab) error {
		client, _ := pair(t, l, Conditions{}, HostOptions{})
		l.Go(client, "client", func() error { panic("on purpose") })
		return nil
	})
	if p := (*PanicError)(nil); !errors.As(err, &p) || p.Value != "on purpose" {
		t.Errorf("a panic gave %v", err)
	}
}

// Real clients must not be able to foresee what the lab chooses.
func TestRealClockKeepsSecrets(t *testing.T) {
	chosen := map[int64]bool{}
	for range 2 {
		secure := crand.Reader
		live(t, Options{Seed: 1}, func(l *Lab) error {
			client, server := pair(t, l, Conditions{}, HostOptions{})
			chosen[l.source("host client").Int63()] = true
			if crand.Reader != secure {
				t.Error("crypto/rand was replaced")
			}
			v := New(Options{})
			if _, err := v.Run(context.Background(), func() error { return nil }); !errors.Is(err, errLive) {
				t.Errorf("a run in virtual time within gave %v", err)
			}
			return transfer(l, client, server, 1)
		})
	}
	if len(chosen) != 2 {
		t.Error("two runs with one seed have the same chance for their stacks")
	}
	run(t, Options{}, func(*Lab) error { return nil }) // now it may
}

// Routers, a switch and a middlebox, all with programs that act at once.
func TestRealClockCarriesOverRoutersAndSwitches(t *testing.T) {
	tr := live(t, Options{}, func(l *Lab) error {
		a := mustHost(t, l, "a", "10.0.1.1", HostOptions{})
		r := mustHost(t, l, "r", "10.0.1.254", HostOptions{Forward: true})
		b := mustHost(t, l, "b", "10.0.2.1", HostOptions{})
		if err := r.AddCard(netip.MustParseAddr("10.0.2.254")); err != nil {
			return err
		}
		c := Conditions{Delay: 50 * time.Microsecond}
		s := l.Switch()
		s.Plug(a, c, c)
		s.Plug(r, c, c)
		l.Middlebox("box", Rule{Block: []Block{{Proto: packets.ProtocolUDP}}}, r, b, c, c)
		near, far := netip.MustParsePrefix("10.0.1.0/24"), netip.MustParsePrefix("10.0.2.0/24")
		for h, routes := range map[*Host][]Route{
			a: {{To: near}, {To: far, Via: r.Addr()}},
			b: {{To: far}, {To: near, Via: netip.MustParseAddr("10.0.2.254")}},
			r: {{To: near}, {To: far, On: 1}},
		} {
			if err := h.Routes(routes...); err != nil {
				return err
			}
		}
		ln, err := b.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		l.Background(b, "b", func() error {
			for {
				c, err := ln.Accept()
				if err != nil {
					return err
				}
				l.Go(b, "b", func() error {
					defer c.Close()
					_, err := io.Copy(struct{ io.Writer }{c}, c)
					return err
				})
			}
		})
		// The router's own programs send while it forwards: their checksums are right.
		for _, h := range []*Host{a, a, r, r} {
			l.Go(h, h.name, func() error {
				c, err := h.Dial(context.Background(), "tcp", "b:80")
				if err != nil {
					return err
				}
				for i := range 50 {
					sent := bytes.Repeat([]byte{byte(i)}, 500)
					if _, err := c.Write(sent); err != nil {
						return err
					}
					got := make([]byte, len(sent))
					if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, sent) {
						return fmt.Errorf("round %d: %w", i, err)
					}
				}
				return c.Close()
			})
		}
		return nil
	})
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Fate == trace.BadChecksum {
			t.Errorf("packet %d of %s has a bad checksum", i+1, tr.Name(p.From))
		}
	}
}
