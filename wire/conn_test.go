package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

const (
	connDelay = 10 * ms
	connRTT   = 2 * connDelay
)

// talk runs a client that is connected to a server; either may end early.
func talk(t *testing.T, client, server func(l *Lab, c *TCPConn) error) *trace.Trace {
	t.Helper()
	return run(t, Options{}, func(l *Lab) error {
		a, b := pair(t, l, Conditions{Delay: connDelay}, HostOptions{})
		ln := listen(t, b)
		l.Go(b, "server", func() error {
			c, err := ln.Accept()
			if err != nil {
				return err
			}
			return server(l, c.(*TCPConn))
		})
		l.Go(a, "client", func() error {
			c, err := a.Dial(context.Background(), "tcp", "server:80")
			if err != nil {
				return err
			}
			return client(l, c.(*TCPConn))
		})
		return nil
	})
}

// idle leaves a connection open for a while.
func idle(l *Lab, c *TCPConn) error {
	l.Sleep(10 * time.Second)
	return c.Close()
}

// expect says how a call ended otherwise than expected.
func expect(l *Lab, what string, err, want error, at time.Duration) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("%s: %v, want %v", what, err, want)
	}
	var op *net.OpError
	if want != io.EOF && !errors.As(err, &op) {
		return fmt.Errorf("%s: %T is no net.OpError", what, err)
	}
	if l.Elapsed() != at {
		return fmt.Errorf("%s ended at %v, want %v", what, l.Elapsed(), at)
	}
	return nil
}

func TestReadDeadlineIsExact(t *testing.T) {
	talk(t, func(l *Lab, c *TCPConn) error {
		defer c.Close()
		for _, d := range []time.Duration{1, ms, 3 * time.Second} {
			at := l.Elapsed() + d
			c.SetReadDeadline(l.Now().Add(d))
			_, err := c.Read(make([]byte, 1))
			if err := expect(l, "read", err, os.ErrDeadlineExceeded, at); err != nil {
				return err
			}
			if ne := net.Error(nil); !errors.As(err, &ne) || !ne.Timeout() {
				return fmt.Errorf("%v is no timeout", err)
			}
			// It stays passed until it is set anew.
			_, err = c.Read(make([]byte, 1))
			if err := expect(l, "second read", err, os.ErrDeadlineExceeded, at); err != nil {
				return err
			}
		}
		// Writing is not concerned; and without a deadline reading waits again.
		if _, err := c.Write([]byte("x")); err != nil {
			return err
		}
		c.SetReadDeadline(time.Time{})
		_, err := c.Read(make([]byte, 1))
		if err != io.EOF {
			return fmt.Errorf("without a deadline: %v", err)
		}
		return nil
	}, func(l *Lab, c *TCPConn) error {
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			return err
		}
		return idle(l, c)
	})
}

func TestDeadlineByGosOwnClock(t *testing.T) {
	talk(t, func(l *Lab, c *TCPConn) error {
		defer c.Close()
		time.Sleep(5 * ms)
		at := l.Elapsed() + 7*ms
		c.SetReadDeadline(time.Now().Add(7 * ms))
		_, err := c.Read(make([]byte, 1))
		return expect(l, "read", err, os.ErrDeadlineExceeded, at)
	}, idle)
}

func TestWriteDeadlineIsExact(t *testing.T) {
	talk(t, func(l *Lab, c *TCPConn) error {
		defer c.Close()
		at := l.Elapsed() + 2*time.Second
		c.SetWriteDeadline(l.Now().Add(2 * time.Second))
		const most = 64 << 20
		n, err := c.Write(make([]byte, most)) // more than all buffers hold
		if err := expect(l, "write", err, os.ErrDeadlineExceeded, at); err != nil {
			return err
		}
		if n == 0 || n == most {
			return fmt.Errorf("wrote %d bytes", n)
		}
		c.Abortive()
		return nil
	}, idle)
}

func TestDeadlineInThePastWakesAReaderNow(t *testing.T) {
	for _, past := range []time.Time{time.Unix(1, 0), {}, time.Date(1, 2, 3, 4, 5, 6, 7, time.UTC)} {
		talk(t, func(l *Lab, c *TCPConn) error {
			defer c.Close()
			at := l.Elapsed() + 50*ms
			stop := l.AfterFunc(50*ms, func() {
				if past.IsZero() {
					past = l.Now()
				}
				c.SetReadDeadline(past)
			})
			defer stop()
			_, err := c.Read(make([]byte, 1))
			return expect(l, "read", err, os.ErrDeadlineExceeded, at)
		}, idle)
	}
}

func TestCloseWakesAReader(t *testing.T) {
	talk(t, func(l *Lab, c *TCPConn) error {
		at := l.Elapsed() + 50*ms
		l.AfterFunc(50*ms, func() { c.Close() })
		_, err := c.Read(make([]byte, 1))
		if err := expect(l, "read", err, net.ErrClosed, at); err != nil {
			return err
		}
		for what, f := range map[string]func() error{
			"read":         func() error { _, err := c.Read(make([]byte, 1)); return err },
			"write":        func() error { _, err := c.Write(make([]byte, 1)); return err },
			"close":        c.Close,
			"CloseWrite":   c.CloseWrite,
			"SetDeadline":  func() error { return c.SetDeadline(time.Time{}) },
			"SetRDeadline": func() error { return c.SetReadDeadline(l.Now()) },
			"SetWDeadline": func() error { return c.SetWriteDeadline(l.Now()) },
		} {
			if err := expect(l, what+" after close", f(), net.ErrClosed, at); err != nil {
				return err
			}
		}
		return nil
	}, idle)
}

func TestCloseWakesAWriter(t *testing.T) {
	tr := talk(t, func(l *Lab, c *TCPConn) error {
		at := l.Elapsed() + 500*ms
		l.AfterFunc(500*ms, func() { c.Close() })
		_, err := c.Write(make([]byte, 64<<20))
		return expect(l, "write", err, net.ErrClosed, at)
	}, func(l *Lab, c *TCPConn) error {
		l.Sleep(10 * time.Second)
		_, err := io.Copy(io.Discard, struct{ io.Reader }{c})
		c.Close()
		return err
	})
	// The FIN that close asked for is behind what the stack had accepted.
	for _, c := range tr.Calls {
		if c.What == "close" && c.Host == 0 {
			fins := 0
			for _, i := range tr.PacketsOn(c.Span) {
				p := &tr.Packets[i]
				if packets.Scan(tr.Bytes(p)).Flags.Has(packets.FIN) {
					fins++
				}
			}
			if fins == 0 {
				t.Errorf("no FIN on the span %+v of close", c.Span)
			}
		}
	}
}

func TestCloseWriteClosesOneDirection(t *testing.T) {
	talk(t, func(l *Lab, c *TCPConn) error {
		defer c.Close()
		if _, err := c.Write([]byte("question")); err != nil {
			return err
		}
		if err := c.CloseWrite(); err != nil {
			return err
		}
		if _, err := c.Write([]byte("more")); !errors.Is(err, syscall.EPIPE) {
			return fmt.Errorf("write after CloseWrite: %v", err)
		}
		answer, err := io.ReadAll(c)
		if err != nil || string(answer) != "question!" {
			return fmt.Errorf("answer %q, %v", answer, err)
		}
		return nil
	}, func(l *Lab, c *TCPConn) error {
		question, err := io.ReadAll(c)
		if err != nil {
			return err
		}
		if _, err := c.Write(append(question, '!')); err != nil {
			return err
		}
		return c.Close()
	})
}

func TestCloseWithUnreadDataResets(t *testing.T) {
	tr := talk(t, func(l *Lab, c *TCPConn) error {
		defer c.Close()
		if _, err := c.Write([]byte("nobody reads this")); err != nil {
			return err
		}
		_, err := c.Read(make([]byte, 1))
		return expect(l, "read", err, syscall.ECONNRESET, connRTT+connDelay+50*ms+connDelay)
	}, func(l *Lab, c *TCPConn) error {
		l.Sleep(connRTT + connDelay + 50*ms - l.Elapsed())
		return c.Close()
	})
	wantReset(t, tr, 1)
}

func TestAbortiveCloseResets(t *testing.T) {
	tr := talk(t, func(l *Lab, c *TCPConn) error {
		c.Abortive()
		return c.Close()
	}, func(l *Lab, c *TCPConn) error {
		_, err := c.Read(make([]byte, 1))
		if err := expect(l, "read", err, syscall.ECONNRESET, connRTT+connDelay); err != nil {
			return err
		}
		return c.Close()
	})
	wantReset(t, tr, 0)
}

// wantReset looks for a RST of host from, and for a close call that claims no FIN.
func wantReset(t *testing.T, tr *trace.Trace, from uint16) {
	t.Helper()
	resets := 0
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.From == from && packets.Scan(tr.Bytes(p)).Flags.Has(packets.RST) {
			resets++
		}
	}
	if resets == 0 {
		t.Errorf("%s sent no RST", tr.Name(from))
	}
	for _, c := range tr.Calls {
		if c.What == "close" && c.Host == from && !c.Span.Empty() {
			t.Errorf("the close that reset the connection claims a FIN: %+v", c.Span)
		}
	}
}

// TestManyGoroutinesUseOneConnection reads and writes from several at a time:
// no byte is lost or comes twice.
func TestManyGoroutinesUseOneConnection(t *testing.T) {
	const each, n = 100, 8
	talk(t, func(l *Lab, c *TCPConn) error {
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				for range each {
					c.Write([]byte{byte(i)})
				}
			})
		}
		all.Wait()
		return c.Close()
	}, func(l *Lab, c *TCPConn) error {
		var mu sync.Mutex
		var got [n]int
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				b := make([]byte, 7)
				for {
					k, err := c.Read(b)
					mu.Lock()
					for _, x := range b[:k] {
						got[x]++
					}
					mu.Unlock()
					if err != nil {
						return
					}
				}
			})
		}
		all.Wait()
		for i := range got {
			if got[i] != each {
				return fmt.Errorf("%d bytes of writer %d, want %d", got[i], i, each)
			}
		}
		return c.Close()
	})
}

func TestCallsNestInCalls(t *testing.T) {
	tr := alone(t, func(l *Lab, client, server *Host) error {
		done := make(chan error)
		go func() { // a goroutine that the lab does not know
			done <- l.Call(client, "outer", func() (string, error) {
				err := l.Call(client, "inner", func() (string, error) {
					_, err := client.Dial(context.Background(), "tcp", "server:81")
					return "refused", err
				})
				l.Sleep(ms)
				return "", err
			})
		}()
		if err := <-done; !errors.Is(err, syscall.ECONNREFUSED) {
			return fmt.Errorf("the call returned %v", err)
		}
		return nil
	})
	var words []string
	for _, c := range tr.Calls {
		parent := ""
		if c.Parent >= 0 {
			parent = tr.Calls[c.Parent].What
		}
		words = append(words, fmt.Sprintf("%s in %q %v-%v %s", c.What, parent, c.Start, c.End, c.Note))
	}
	want := []string{`outer in "" 0s-21ms `, `inner in "outer" 0s-20ms refused`, `connect in "inner" 0s-20ms `}
	if fmt.Sprint(words) != fmt.Sprint(want) {
		t.Errorf("calls\n%q\nwant\n%q", words, want)
	}
}

// A program that begins after a connection was opened comes behind it in the
// order of a moment; what it calls on it is still a part of its own call.
func TestACallStandsBeforeItsParts(t *testing.T) {
	tr := alone(t, func(l *Lab, client, server *Host) error {
		ln, err := server.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		l.Background(server, "server", func() error {
			_, err := ln.Accept()
			return err
		})
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "tcp", "server:80")
			if err != nil {
				return err
			}
			l.Go(client, "later", func() error {
				return l.Call(client, "say", func() (string, error) {
					_, err := c.Write([]byte("hello"))
					return "", err
				})
			})
			return nil
		})
		return nil
	})
	if err := tr.Check(); err != nil {
		t.Error(err)
	}
	last := tr.Calls[len(tr.Calls)-1]
	if last.What != "write" || last.Parent < 0 || tr.Calls[last.Parent].What != "say" {
		t.Errorf("the last call is %+v", last)
	}
}
