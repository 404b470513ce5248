package door_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wirelab/door"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/trace"
)

// listen opens a port of this machine that nobody else has.
func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := door.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

// server is a real server that deals with each connection.
func server(t testing.TB, deal func(*net.TCPConn)) (address string) {
	t.Helper()
	ln := listen(t)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				deal(c.(*net.TCPConn))
			}()
		}
	}()
	return ln.Addr().String()
}

func echo(c *net.TCPConn) { io.Copy(c, c) }

// A tapped is a tap that runs.
type tapped struct {
	t     testing.TB
	at    string // where clients come
	live  *door.Live
	close func() *trace.Trace
}

// tap puts a wire of these lines of a Scenario before the server at an address.
func tap(t testing.TB, to string, lines ...string) *tapped {
	t.Helper()
	s := scenario.Default(door.Tap{})
	ln := listen(t)
	s.Args["to"], s.Args["listen"] = to, ln.Addr().String()
	set(t, &s, append([]string{"delay: 1ms", "rate: none"}, lines...)...)
	ctx, cancel := context.WithCancel(context.Background())
	opened := make(chan *door.Live, 1)
	type result struct {
		tr  *trace.Trace
		err error
	}
	ended := make(chan result, 1)
	go func() {
		tr, err := door.TapTCP(ctx, s, ln, door.Options{Opened: func(l *door.Live) { opened <- l }})
		ended <- result{tr, err}
	}()
	var r *result
	tp := &tapped{t: t, at: ln.Addr().String()}
	tp.close = func() *trace.Trace {
		cancel()
		if r == nil {
			got := <-ended
			r = &got
			if got.err != nil {
				t.Errorf("the tap ended with %v", got.err)
			}
			if err := got.tr.Check(); err != nil {
				t.Errorf("the trace is not sound: %v", err)
			}
		}
		return r.tr
	}
	t.Cleanup(func() { tp.close() })
	select {
	case tp.live = <-opened:
	case got := <-ended:
		t.Fatal(got.err)
	}
	return tp
}

// set sets words of a Scenario.
func set(t testing.TB, s *scenario.Scenario, lines ...string) {
	t.Helper()
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		found := false
		for _, w := range scenario.Words(door.Tap{}) {
			if w.Name == name {
				found = true
				if err := w.Set(s, value); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !found {
			t.Fatalf("there is no word %q", name)
		}
	}
}

func (tp *tapped) dial() *net.TCPConn {
	tp.t.Helper()
	c, err := net.Dial("tcp", tp.at)
	if err != nil {
		tp.t.Fatal(err)
	}
	tp.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c.(*net.TCPConn)
}

func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed)})
	r.Read(b)
	return b
}

func TestBytesPassUnchangedThroughLoss(t *testing.T) {
	tp := tap(t, server(t, echo), "loss: 2%", "reorder: 1%", "duplicate: 1%")
	c := tp.dial()
	sent := noise(300_000, 1)
	go func() {
		c.Write(sent)
		c.CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%d bytes came back of %d, equal: %v; %v", len(got), len(sent), bytes.Equal(got, sent), err)
	}
	tr := tp.close()
	if s := story.Summarise(tr); s.Lost == 0 || s.Again == 0 {
		t.Errorf("it crossed no bad wire: %+v", s)
	}
}

func TestOneDirectionCanEndBeforeTheOther(t *testing.T) {
	tp := tap(t, server(t, func(c *net.TCPConn) {
		got, err := io.ReadAll(c) // to the end of what the client says
		if err == nil {
			fmt.Fprintf(c, "you said %s", got)
		}
	}))
	c := tp.dial()
	io.WriteString(c, "hello")
	c.CloseWrite()
	if got, err := io.ReadAll(c); err != nil || string(got) != "you said hello" {
		t.Errorf("the answer is %q, %v", got, err)
	}
}

func TestAServerThatIsNotThereIsAReset(t *testing.T) {
	nobody := listen(t)
	nobody.Close()
	tp := tap(t, nobody.Addr().String())
	c, err := net.Dial("tcp", tp.at)
	if err == nil { // otherwise the reset was there before the connection was ready
		defer c.Close()
		_, err = c.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client hears %v, not a reset", err)
	}
	tr := tp.close()
	told := false
	for _, e := range story.Tell(tr) {
		told = told || e.Zoom == story.Calls && strings.Contains(e.Text, "pass on") && strings.Contains(e.Text, "connection refused")
	}
	if !told {
		t.Error("nothing tells that the connection was refused")
	}
}

func TestAResetPassesThrough(t *testing.T) {
	heard := make(chan error, 1)
	tp := tap(t, server(t, func(c *net.TCPConn) {
		_, err := io.Copy(io.Discard, c)
		heard <- err
	}))
	c := tp.dial()
	io.WriteString(c, "hello")
	c.SetLinger(0)
	c.Close()
	if err := <-heard; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the server heard %v, not a reset", err)
	}
}

func TestAServerThatDoesNotReadMakesTheClientWait(t *testing.T) {
	release := make(chan struct{})
	tp := tap(t, server(t, func(c *net.TCPConn) {
		<-release
		n, _ := io.Copy(io.Discard, c)
		fmt.Fprint(c, n)
	}), "delay: 0s")
	c := tp.dial()
	var n int
	c.SetWriteDeadline(time.Now().Add(2 * time.Second))
	chunk := make([]byte, 64<<10)
	for {
		k, err := c.Write(chunk)
		n += k
		if err != nil {
			break
		}
	}
	if n > 64<<20 {
		t.Errorf("%d bytes were taken that nobody read", n)
	}
	close(release)
	c.SetDeadline(time.Now().Add(20 * time.Second))
	c.CloseWrite()
	if got, err := io.ReadAll(c); err != nil || string(got) != fmt.Sprint(n) {
		t.Errorf("the server read %q of %d bytes, %v", got, n, err)
	}
}

func TestManyConnectionsAtOnce(t *testing.T) {
	const n = 200
	tp := tap(t, server(t, echo))
	var wg sync.WaitGroup
	for i := range n {
		c := tp.dial()
		wg.Go(func() {
			sent := noise(5000, uint64(i))
			go func() { c.Write(sent); c.CloseWrite() }()
			if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, sent) {
				t.Errorf("connection %d: %d bytes came back, %v", i, len(got), err)
			}
		})
	}
	wg.Wait()
	if tr := tp.close(); len(tr.Conns) != n {
		t.Errorf("%d connections crossed the wire", len(tr.Conns))
	}
}

func TestTheEndLeavesNothingBehind(t *testing.T) {
	at := server(t, echo)
	before := runtime.NumGoroutine()
	tp := tap(t, at)
	var clients []*net.TCPConn
	for range 5 {
		c := tp.dial()
		io.WriteString(c, "hello")
		io.ReadFull(c, make([]byte, 5))
		clients = append(clients, c)
	}
	tp.close()
	for _, c := range clients {
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("a client's connection outlived the tap")
		}
	}
	if _, err := net.Dial("tcp", tp.at); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the door is still there: %v", err)
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
}

func TestTheNextPacketCanBeLost(t *testing.T) {
	tp := tap(t, server(t, echo))
	c := tp.dial()
	io.WriteString(c, "a")
	io.ReadFull(c, make([]byte, 1))
	n, err := tp.live.LoseNext("client")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, "b")
	io.ReadFull(c, make([]byte, 1))
	tr := tp.close()
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if lost := p.Fate == trace.LostByHand; lost != (p.From == 0 && p.Nth == uint32(n)) {
			t.Errorf("packet %d, number %d of its sender: %v", i, p.Nth, p.Fate)
		}
	}
	if _, err := tp.live.LoseNext("nobody"); err == nil {
		t.Error("a packet of nobody could be lost")
	}
}

// BenchmarkTap is how fast bulk data crosses the wire, both stacks in this process.
func BenchmarkTap(b *testing.B) {
	const size = 32 << 20
	tp := tap(b, server(b, func(c *net.TCPConn) {
		n, _ := io.Copy(io.Discard, c)
		fmt.Fprint(c, n)
	}), "delay: 0s")
	chunk := make([]byte, 64<<10)
	b.SetBytes(size)
	for b.Loop() {
		c := tp.dial()
		for n := 0; n < size; n += len(chunk) {
			if _, err := c.Write(chunk); err != nil {
				b.Fatal(err)
			}
		}
		c.CloseWrite()
		if got, err := io.ReadAll(c); err != nil || string(got) != fmt.Sprint(size) {
			b.Fatalf("the server read %q, %v", got, err)
		}
	}
	b.ReportMetric(float64(size)*8*float64(b.N)/1e6/b.Elapsed().Seconds(), "Mbit/s")
}
