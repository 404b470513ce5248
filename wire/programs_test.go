package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// crowd lets n clients exchange two messages each with a server whose programs
// hand each message from a reader to a writer, over channels, mutexes and a condition.
func crowd(l *Lab, client, server *Host, n int) error {
	const rounds = 2
	ln, err := server.Listen("tcp", ":80")
	if err != nil {
		return err
	}
	var mu sync.Mutex
	total, changed := 0, make(chan struct{}, n*rounds)
	l.Background(server, "server", func() error {
		for {
			c, err := ln.Accept()
			if err != nil {
				return err
			}
			in := make(chan []byte, 3)
			go func() {
				defer close(in)
				for {
					b := make([]byte, 100)
					k, err := c.Read(b)
					if err != nil {
						return
					}
					in <- b[:k]
				}
			}()
			go func() {
				for m := range in {
					mu.Lock()
					total += len(m)
					mu.Unlock()
					select {
					case changed <- struct{}{}:
					default:
					}
					c.Write(m)
				}
				c.Close()
			}()
		}
	})
	want := 0
	for i := range n {
		want += rounds * (40 + i%50)
		l.Go(client, fmt.Sprint("client ", i), func() error {
			c, err := client.Dial(context.Background(), "tcp", "server:80")
			if err != nil {
				return err
			}
			buf := make([]byte, 40+i%50)
			for range rounds {
				if _, err := c.Write(buf); err != nil {
					return err
				}
				if _, err := io.ReadFull(c, buf); err != nil {
					return err
				}
			}
			return c.Close()
		})
	}
	l.Go(server, "counter", func() error {
		for range changed {
			mu.Lock()
			done := total == want
			mu.Unlock()
			if done {
				break
			}
		}
		return nil
	})
	return nil
}

// web lets a client poll an HTTP server n times, and another exchange n
// messages with it over a WebSocket.
func web(l *Lab, client, server *Host, n int) error {
	ln, err := server.Listen("tcp", ":80")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/poll", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		l.Sleep(30 * ms)
		fmt.Fprintf(w, "answer %s", strings.Repeat("x", 200))
	})
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		c, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		for {
			kind, m, err := c.ReadMessage()
			if err != nil {
				return
			}
			c.SetWriteDeadline(time.Now().Add(10 * time.Second))
			c.WriteMessage(kind, m)
		}
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 3 * time.Second}
	l.Background(server, "server", func() error { return srv.Serve(ln) })
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return client.Dial(ctx, network, address)
	}
	l.Go(client, "poller", func() error {
		tr := &http.Transport{DialContext: dial}
		defer tr.CloseIdleConnections()
		hc := &http.Client{Transport: tr, Timeout: 20 * time.Second}
		for i := range n {
			r, err := hc.Post("http://server:80/poll", "text/plain", bytes.NewReader(make([]byte, 300*i)))
			if err != nil {
				return err
			}
			io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
		return nil
	})
	l.Go(client, "talker", func() error {
		d := websocket.Dialer{NetDialContext: dial, HandshakeTimeout: 20 * time.Second}
		c, _, err := d.Dial("ws://server:80/ws", nil)
		if err != nil {
			return err
		}
		defer c.Close()
		sent := make(chan error, 1)
		go func() {
			var err error
			for i := 0; i < n && err == nil; i++ {
				l.Sleep(15 * ms)
				err = c.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("m", 10+i*37%900)))
			}
			sent <- err
		}()
		for range n {
			if _, _, err := c.ReadMessage(); err != nil {
				return err
			}
		}
		return <-sent
	})
	return nil
}

// chat is a server that hands every message to n writers, each of which sets a
// deadline and writes it to a connection of its own at the same instant.
func chat(l *Lab, client, server *Host, n int) error {
	ln, err := server.Listen("tcp", ":80")
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var outs []chan []byte
	l.Background(server, "server", func() error {
		for {
			c, err := ln.Accept()
			if err != nil {
				return err
			}
			out := make(chan []byte, 100)
			mu.Lock()
			outs = append(outs, out)
			mu.Unlock()
			go func() {
				for m := range out {
					c.SetWriteDeadline(l.Now().Add(time.Second))
					c.Write(m)
				}
			}()
			go func() {
				defer close(out)
				for {
					m := make([]byte, 100)
					k, err := c.Read(m)
					mu.Lock()
					if err != nil {
						for i := range outs {
							if outs[i] == out {
								outs = append(outs[:i:i], outs[i+1:]...)
								break
							}
						}
						mu.Unlock()
						return
					}
					for _, o := range outs {
						o <- m[:k]
					}
					mu.Unlock()
				}
			}()
		}
	})
	for i := range n {
		l.Go(client, fmt.Sprint("client ", i), func() error {
			l.Sleep(time.Duration(i) * ms)
			c, err := client.Dial(context.Background(), "tcp", "server:80")
			if err != nil {
				return err
			}
			l.Sleep(time.Second - l.Elapsed() + time.Duration(i)*10*ms)
			if _, err := fmt.Fprintf(c, "hello from %d", i); err != nil {
				return err
			}
			c.SetReadDeadline(l.Now().Add(2 * time.Second))
			if _, err := io.Copy(io.Discard, c); !errors.Is(err, os.ErrDeadlineExceeded) {
				return fmt.Errorf("after the last message: %w", err)
			}
			return c.Close()
		})
	}
	return nil
}

// sleepers sleep by Go's own timers, all of them until the same instants, and
// then act at once: get a page over a new connection, set deadlines.
func sleepers(l *Lab, client, server *Host, n int) error {
	ln, err := server.Listen("tcp", ":80")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(10 * ms)
		fmt.Fprintf(w, "for %s", r.URL)
	})}
	l.Background(server, "server", func() error { return srv.Serve(ln) })
	for i := range n {
		l.Go(client, fmt.Sprint("client ", i), func() error {
			tr := &http.Transport{DialContext: client.Dial, DisableKeepAlives: true}
			hc := &http.Client{Transport: tr, Timeout: 10 * time.Second}
			for k := range 3 {
				time.Sleep(time.Duration(k+1)*time.Second - l.Elapsed())
				r, err := hc.Get(fmt.Sprintf("http://server:80/%d/%d", i, k))
				if err != nil {
					return err
				}
				io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
			return nil
		})
	}
	return nil
}

// alarms has n goroutines of one program, all woken by it in one step, wait for
// a datagram until the same instant.
func alarms(l *Lab, client, server *Host, n int) error {
	l.Go(client, "client", func() error {
		start := make(chan struct{})
		var all sync.WaitGroup
		for range n {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			if err != nil {
				return err
			}
			all.Go(func() {
				<-start
				for range 3 { // who comes first is as good as thrown with dice
					select {
					case <-start:
						runtime.Gosched()
					case <-start:
					}
				}
				c.SetReadDeadline(l.Now().Add(time.Second))
				c.Read(make([]byte, 1))
			})
		}
		l.Sleep(ms)
		close(start)
		all.Wait()
		return nil
	})
	return nil
}
