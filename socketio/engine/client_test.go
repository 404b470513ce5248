package engine

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirelab/packets/engineio"
	"wirelab/wire"
)

// connect opens a session with the server of a talk and says what came of it.
func (k *talk) connect(url string, o ClientOptions, events ClientEvents) (*Client, error) {
	o.URL, o.Dial = url, k.client.Dial
	return Connect(InLab(k.lab, k.client, "client"), o, events)
}

// Everything that is sent comes back once and in order, whichever way the session
// takes and whatever happens to be under way when it moves.
func TestEveryMessageComesBackOnceAndInOrder(t *testing.T) {
	for _, transports := range [][]string{{Polling, WebSocket}, {Polling}, {WebSocket}, {WebSocket, Polling}} {
		for _, pause := range []time.Duration{0, ms, 7 * ms} {
			var came []string
			upgraded, closed := 0, ""
			k := inLab(t, Options{MaxPayload: 200}, func(k *talk) {
				c, err := k.connect("http://server", ClientOptions{Transports: transports}, ClientEvents{
					Message:  func(p engineio.Packet) { came = append(came, string(p.Data)) },
					Upgraded: func(err error) { upgraded++ },
					Closed:   func(reason string) { closed = reason },
				})
				if err != nil {
					t.Error(err)
					return
				}
				for i := range 60 {
					c.Send(engineio.Packet{Type: engineio.Message, Binary: i%3 == 0, Data: fmt.Appendf(nil, "message %d", i)})
					k.lab.Sleep(pause)
				}
				k.lab.Sleep(time.Second)
				if want := transports[len(transports)-1]; len(transports) == 1 && c.Transport() != want || len(transports) == 2 && c.Transport() != WebSocket {
					t.Errorf("%v ends on %s", transports, c.Transport())
				}
				c.Close()
				k.lab.Sleep(100 * ms)
			})
			if len(came) != 60 {
				t.Errorf("%v, pause %v: %d messages came back", transports, pause, len(came))
			}
			for i, m := range came {
				if m != fmt.Sprint("message ", i) {
					t.Fatalf("%v, pause %v: message %d is %q", transports, pause, i, m)
				}
			}
			if want := len(transports) - 1; transports[0] == Polling && upgraded != want || closed != ForcedClose {
				t.Errorf("%v: %d upgrades, closed for %q", transports, upgraded, closed)
			}
			if fmt.Sprint(k.ended) != "["+TransportClose+"]" || k.engine.Sessions() != 0 {
				t.Errorf("%v: on the server it ended with %q, and %d sessions are left", transports, k.ended, k.engine.Sessions())
			}
		}
	}
}

// A POST that is still on its way when the probe has come back is waited for: the
// upgrade packet would overtake it, and the server then refuse it.
func TestTheUpgradeWaitsForTheLastPost(t *testing.T) {
	var came []int
	var upgraded time.Duration
	k := onWire(t, wire.Conditions{Delay: 10 * ms, Rate: 1e6}, Options{}, func(k *talk) {
		c, err := k.connect("http://server", ClientOptions{}, ClientEvents{
			Message:  func(p engineio.Packet) { came = append(came, len(p.Data)) },
			Upgraded: func(error) { upgraded = k.now() },
		})
		if err != nil {
			t.Error(err)
			return
		}
		for i := range 5 {
			c.Send(engineio.Text(engineio.Message, strings.Repeat("x", 20_000+i)))
			k.lab.Sleep(15 * ms)
		}
		k.lab.Sleep(5 * time.Second)
		c.Close()
		k.lab.Sleep(time.Second)
	})
	if want := "[20000 20001 20002 20003 20004]"; fmt.Sprint(came) != want {
		t.Errorf("%v came back, want %s", came, want)
	}
	if first := k.heard[0]; upgraded < first+10*ms {
		t.Errorf("it is upgraded at %v, and the POST was there only at %v", upgraded, first)
	}
}

// A server that is none, or that is slow, is an error in words, in time.
func TestAServerThatIsNone(t *testing.T) {
	long := "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + strings.Repeat("4", 3000)
	for _, c := range []struct {
		answer string
		want   string // the error begins so
		at     time.Duration
	}{
		{"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone", "the server answered 404 Not Found: none", 40 * ms},
		{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "unknown packet type 'a', at byte 0", 40 * ms},
		{"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n4hello", "the first packet is of type message, and should be open", 40 * ms},
		{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n0{}", "the open packet names no sid", 40 * ms},
		{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "an empty packet: not even its type is there, at byte 0", 40 * ms},
		{long, "the server's answer is longer than 2000 bytes", 40 * ms},
		{"", "timeout", time.Second},
	} {
		inLab(t, Options{}, func(k *talk) {
			ln, err := k.server.Listen("tcp", ":81")
			if err != nil {
				t.Error(err)
				return
			}
			k.lab.Background(k.server, "other", func() error {
				conn, err := ln.Accept()
				if err != nil {
					return err
				}
				defer conn.Close()
				conn.Read(make([]byte, 1000))
				io.WriteString(conn, c.answer)
				io.Copy(io.Discard, conn)
				return nil
			})
			_, err = k.connect("http://server:81", ClientOptions{Transports: []string{Polling}, Timeout: time.Second, MaxMessage: 2000}, ClientEvents{})
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || k.now() < c.at || k.now() > c.at+25*ms {
				t.Errorf("%.30q: %v at %v\nwant %s", c.answer, err, k.now(), c.want)
			}
		})
	}
	for url, want := range map[string]string{"server:80": "is no address of a server", "https://server": "is no address of a server", "http://": "is no address of a server"} {
		if _, err := Connect(System{}, ClientOptions{URL: url}, ClientEvents{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := Connect(System{}, ClientOptions{URL: "http://localhost", Transports: []string{"pigeon"}}, ClientEvents{}); err == nil || !strings.Contains(err.Error(), `there is no transport "pigeon"`) {
		t.Errorf("another transport: %v", err)
	}
}

// A WebSocket whose opening hangs is given up in time, and the session stays
// where it is.
func TestAnUpgradeThatHangs(t *testing.T) {
	var upgrade error
	came := 0
	inLab(t, Options{}, func(k *talk) {
		ln, err := k.server.Listen("tcp", ":81")
		if err != nil {
			t.Error(err)
			return
		}
		k.lab.Background(k.server, "black hole", func() error {
			c, err := ln.Accept()
			if err == nil {
				io.Copy(io.Discard, c)
				c.Close()
			}
			return err
		})
		dials := 0
		o := ClientOptions{URL: "http://server", Timeout: time.Second, Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dials++; dials == 3 { // the opening, the GET beside the POST, and the WebSocket
				addr = "server:81"
			}
			return k.client.Dial(ctx, network, addr)
		}}
		c, err := Connect(InLab(k.lab, k.client, "client"), o, ClientEvents{
			Open:     func(c *Client) { c.Send(engineio.Text(engineio.Message, "first")) },
			Message:  func(engineio.Packet) { came++ },
			Upgraded: func(err error) { upgrade = err },
		})
		if err != nil {
			t.Error(err)
			return
		}
		k.lab.Sleep(2 * time.Second)
		c.Send(engineio.Text(engineio.Message, "second"))
		k.lab.Sleep(time.Second)
		c.Close()
		k.lab.Sleep(time.Second)
	})
	if upgrade == nil || came != 2 {
		t.Errorf("the upgrade: %v; %d messages came back", upgrade, came)
	}
}

// A client of whose session nothing is left but an entry costs little.
func TestWhatAnIdleSessionTakes(t *testing.T) {
	const n, most = 1000, 4 << 10 // bytes
	s := NewServer(System{}, Options{}, func(*Session) Events { return Events{} })
	before := heap()
	for range n {
		r := httptest.NewRequest(http.MethodGet, "/engine.io/?"+polling, nil)
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	each := (heap() - before) / n
	t.Logf("%d bytes a session", each)
	if s.Sessions() != n || each > most {
		t.Errorf("%d sessions take %d bytes each, more than %d", s.Sessions(), each, most)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Pages of other origins may not use the server, unless it says so.
func TestOrigins(t *testing.T) {
	own := NewServer(System{}, Options{}, func(*Session) Events { return Events{} })
	open := NewServer(System{}, Options{AllowOrigin: func(*http.Request) bool { return true }}, func(*Session) Events { return Events{} })
	for _, c := range []struct {
		s      *Server
		origin string
		status int
		allow  string
	}{
		{own, "", 200, ""},
		{own, "http://example.com", 200, "http://example.com"},
		{own, "http://evil.example", 403, ""},
		{own, "null", 403, ""},
		{open, "http://evil.example", 200, "http://evil.example"},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://example.com/engine.io/?"+polling, nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		c.s.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Access-Control-Allow-Origin") != c.allow {
			t.Errorf("origin %q: %d, allowed %q", c.origin, w.Code, w.Header().Get("Access-Control-Allow-Origin"))
		}
	}
	r := httptest.NewRequest(http.MethodOptions, "http://example.com/engine.io/", nil)
	r.Header.Set("Origin", "http://example.com")
	w := httptest.NewRecorder()
	own.ServeHTTP(w, r)
	if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("a browser that asks first hears %d %v", w.Code, w.Header())
	}
	w = httptest.NewRecorder()
	own.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/other", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("another path gets %d", w.Code)
	}
}
