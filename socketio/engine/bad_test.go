package engine

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"wirelab/packets/engineio"
	"wirelab/wire"
)

func TestEveryRefusal(t *testing.T) {
	inLab(t, Options{MaxPayload: 1000}, func(k *talk) {
		s := k.open()
		for _, c := range []struct{ method, query, want string }{
			{"GET", "transport=polling", `400 {"code":5,"message":"Unsupported protocol version"}`},
			{"GET", "EIO=3&transport=polling", `400 {"code":5,"message":"Unsupported protocol version"}`},
			{"GET", "EIO=4", `400 {"code":0,"message":"Transport unknown"}`},
			{"GET", "EIO=4&transport=abc", `400 {"code":0,"message":"Transport unknown"}`},
			{"GET", "EIO=4&transport=websocket", `400 {"code":3,"message":"Bad request"}`},
			{"POST", polling, `400 {"code":2,"message":"Bad handshake method"}`},
			{"PUT", polling, `400 {"code":2,"message":"Bad handshake method"}`},
			{"GET", polling + "&sid=none", `400 {"code":1,"message":"Session ID unknown"}`},
			{"POST", polling + "&sid=none", `400 {"code":1,"message":"Session ID unknown"}`},
			{"PUT", s, `400 {"code":2,"message":"Bad handshake method"}`},
		} {
			status, body := k.do(c.method, c.query, "")
			if got := fmt.Sprint(status, " ", body); got != c.want {
				t.Errorf("%s %s: %s\nwant %s", c.method, c.query, got, c.want)
			}
		}
		if status, body := k.do("POST", s, "4still there"); status != 200 || body != "ok" {
			t.Errorf("after all that: %d %s", status, body)
		}
	})
}

// What is no payload ends the session: nothing that follows could be trusted to
// mean what it says.
func TestAPayloadThatIsWrongEndsTheSession(t *testing.T) {
	for _, body := range []string{"", "abc", "4a\x1f4b\x1e", "4a\x1e\x1e4b", "4\xff\xfe", "b*", "2probe", "5", "6", "0{}", "3again"} {
		k := inLab(t, Options{}, func(k *talk) {
			s := k.open()
			if status, got := k.do("POST", s, body); status != 400 || got != `{"code":3,"message":"Bad request"}` {
				t.Errorf("%q: %d %s", body, status, got)
			}
			if status, got := k.do("GET", s, ""); status != 400 || got != `{"code":1,"message":"Session ID unknown"}` {
				t.Errorf("%q, and then: %d %s", body, status, got)
			}
		})
		if fmt.Sprint(k.ended) != "[parse error]" || k.engine.Sessions() != 0 {
			t.Errorf("%q: it ended with %q, and %d sessions are left", body, k.ended, k.engine.Sessions())
		}
	}
}

func TestABodyTooLarge(t *testing.T) {
	inLab(t, Options{MaxPayload: 1000}, func(k *talk) {
		s := k.open()
		if status, _ := k.do("POST", s, "4"+strings.Repeat("x", 999)); status != 200 {
			t.Errorf("1,000 bytes: %d", status)
		}
		if status, _ := k.do("POST", s, "4"+strings.Repeat("x", 1000)); status != http.StatusRequestEntityTooLarge {
			t.Errorf("1,001 bytes: %d", status)
		}
		// Without a length it shows only when it has come.
		status, _, err := k.try(context.Background(), "POST", s, io.MultiReader(strings.NewReader("4"), strings.NewReader(strings.Repeat("x", 1000))))
		if status != http.StatusRequestEntityTooLarge || err != nil {
			t.Errorf("1,001 bytes without a length: %d, %v", status, err)
		}
	})
}

const frames = "EIO=4&transport=websocket"

func TestAFrameThatIsWrong(t *testing.T) {
	for _, c := range []struct {
		what, frame string
		want        string // what the client hears
		reason      string
	}{
		{"no packet", "abc", "closed 1005", ParseError},
		{"an empty message", "", "closed 1005", ParseError},
		{"a second open", "0{}", "closed 1005", ParseError},
		{"a ping", "2", "closed 1005", ParseError},
		{"too large", "4" + strings.Repeat("x", 1000), "closed 1009", TransportError},
		{"no UTF-8", "4\xff", "closed 1007", TransportError},
		{"a close", "1", "closed 1005", TransportClose},
	} {
		k := inLab(t, Options{MaxPayload: 1000}, func(k *talk) {
			ws := k.socket(frames)
			defer ws.Close()
			next(ws) // the handshake
			ws.WriteMessage(websocket.TextMessage, []byte("4hello"))
			if got := next(ws); got != "4hello" {
				t.Errorf("the echo is %q", got)
			}
			ws.WriteMessage(websocket.TextMessage, []byte(c.frame))
			if got := next(ws); got != c.want {
				t.Errorf("%s: %s, want %s", c.what, got, c.want)
			}
		})
		if fmt.Sprint(k.ended) != "["+c.reason+"]" || k.engine.Sessions() != 0 {
			t.Errorf("%s: it ended with %q, and %d sessions are left", c.what, k.ended, k.engine.Sessions())
		}
	}
}

// A WebSocket that is cut off in its middle, or reset, is a closed transport.
func TestAConnectionThatBreaks(t *testing.T) {
	for _, reset := range []bool{false, true} {
		k := inLab(t, Options{}, func(k *talk) {
			ws := k.socket(frames)
			next(ws)
			c := ws.NetConn().(*wire.TCPConn)
			c.Write([]byte{0x81, 0xfe, 0x10}) // of a frame that announces more
			if reset {
				c.Abortive()
			}
			c.Close()
			k.lab.Sleep(50 * ms)
		})
		if fmt.Sprint(k.ended) != "["+TransportClose+"]" {
			t.Errorf("reset %v: it ended with %q", reset, k.ended)
		}
	}
}

func TestTwoGetsAtOnce(t *testing.T) {
	k := inLab(t, Options{}, func(k *talk) {
		s := k.open()
		k.beside(func() {
			if status, body := k.do("GET", s, ""); status != 200 || body != "1" {
				t.Errorf("the one that is held gets %d %q", status, body)
			}
		})
		k.lab.Sleep(ms)
		if status, _ := k.do("GET", s, ""); status != 400 {
			t.Errorf("the second gets %d", status)
		}
	})
	if fmt.Sprint(k.ended) != "["+TransportError+"]" {
		t.Errorf("it ended with %q", k.ended)
	}
}

func TestTwoPostsAtOnce(t *testing.T) {
	k := inLab(t, Options{}, func(k *talk) {
		s := k.open()
		r, w := io.Pipe()
		k.beside(func() {
			if status, _, _ := k.try(context.Background(), "POST", s, r); status != 400 && status != 408 {
				t.Errorf("the first gets %d", status)
			}
		})
		w.Write([]byte("4he"))
		k.lab.Sleep(50 * ms)
		if status, _ := k.do("POST", s, "4a"); status != 400 {
			t.Errorf("the second gets %d", status)
		}
		w.Close()
	})
	if fmt.Sprint(k.ended) != "["+TransportError+"]" {
		t.Errorf("it ended with %q", k.ended)
	}
}

func TestAGetThatIsTakenBack(t *testing.T) {
	k := inLab(t, Options{}, func(k *talk) {
		s := k.open()
		ctx, cancel := context.WithCancel(context.Background())
		k.lab.AfterFunc(50*ms, cancel)
		if _, _, err := k.try(ctx, "GET", s, nil); err == nil {
			t.Error("it is answered")
		}
		k.lab.Sleep(20 * ms)
		if status, _ := k.do("GET", s, ""); status != 400 {
			t.Errorf("the next gets %d", status)
		}
	})
	if fmt.Sprint(k.ended) != "["+TransportError+"]" {
		t.Errorf("it ended with %q", k.ended)
	}
}

// The client's close may overtake its GET, which came on another connection: one
// late GET is still answered.
func TestAGetThatComesBehindTheClose(t *testing.T) {
	k := inLab(t, Options{}, func(k *talk) {
		s := k.open()
		if status, body := k.do("POST", s, "1"); status != 200 || body != "ok" {
			t.Errorf("the close gets %d %q", status, body)
		}
		if status, body := k.do("GET", s, ""); status != 200 || body != "6" {
			t.Errorf("the late GET gets %d %q", status, body)
		}
		if status, _ := k.do("GET", s, ""); status != 400 {
			t.Errorf("the next gets %d", status)
		}
		k.lab.Sleep(lateness)
		if n := k.engine.Sessions(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
	if fmt.Sprint(k.ended) != "["+TransportClose+"]" {
		t.Errorf("it ended with %q", k.ended)
	}
}

// The server pings after its interval and waits for its timeout, counted from
// when the ping was due.
func TestTheHeartbeat(t *testing.T) {
	o := Options{PingInterval: 300 * ms, PingTimeout: 200 * ms}
	k := inLab(t, o, func(k *talk) {
		ws := k.socket(frames)
		next(ws)
		opened := 30 * ms // at the server: the SYN's round trip, and half another
		for range 3 {
			if got := next(ws); got != "2" || k.now() != opened+o.PingInterval+10*ms {
				t.Errorf("%q at %v, want a ping at %v", got, k.now(), opened+o.PingInterval+10*ms)
			}
			k.lab.Sleep(5 * ms)
			ws.WriteMessage(websocket.TextMessage, []byte("3"))
			opened = k.now() + 10*ms
		}
		next(ws) // a ping that is not answered
		if got := next(ws); got != "closed 1006" || k.now() != opened+o.PingInterval+o.PingTimeout+10*ms {
			t.Errorf("%s at %v", got, k.now())
		}
	})
	if fmt.Sprint(k.ended) != "["+PingTimeout+"]" {
		t.Errorf("it ended with %q", k.ended)
	}
}

// A request that comes when the time for the pong has passed finds no session,
// also before a busy machine has come to end it.
func TestARequestBehindThePingTimeout(t *testing.T) {
	late := lateEnv{System{}}
	closed := make(chan string, 1)
	s := NewServer(late, Options{PingInterval: ms, PingTimeout: ms}, func(*Session) Events { return Events{Closed: func(reason string) { closed <- reason }} })
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/engine.io/?"+polling, nil))
	p, err := engineio.Parse(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	h, err := engineio.ParseHandshake(p)
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); time.Since(begin) < 2*ms; {
	}
	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/engine.io/?"+polling+"&sid="+h.SID, nil))
	if w.Code != http.StatusBadRequest || <-closed != PingTimeout || s.Sessions() != 0 {
		t.Errorf("it gets %d %s", w.Code, w.Body)
	}
}

// A lateEnv is a machine so busy that no timer ever fires.
type lateEnv struct{ System }

func (lateEnv) AfterFunc(time.Duration, func()) (stop func() bool) {
	return func() bool { return true }
}

// A client that sends its body a byte at a time is not waited for longer than a
// heartbeat may take.
func TestASlowSender(t *testing.T) {
	k := inLab(t, Options{PingInterval: 2 * time.Second, PingTimeout: time.Second}, func(k *talk) {
		s := k.open()
		c, err := k.client.Dial(context.Background(), "tcp", "server:80")
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		fmt.Fprintf(c, "POST /engine.io/?%s HTTP/1.1\r\nHost: server\r\nContent-Length: 1000\r\n\r\n4", s)
		began := k.now()
		for range 100 {
			k.lab.Sleep(100 * ms)
			if _, err := c.Write([]byte("x")); err != nil {
				break
			}
		}
		if took := k.now() - began; took < 3*time.Second || took > 3500*ms {
			t.Errorf("it is borne for %v, want 3 s", took)
		}
	})
	if k.engine.Sessions() != 0 {
		t.Errorf("%d sessions are left", k.engine.Sessions())
	}
}

// A client that takes nothing of what is for it costs no more than the limit.
func TestAClientThatDoesNotRead(t *testing.T) {
	o := Options{MaxQueue: 1 << 20}
	most := 0
	k := inLab(t, o, func(k *talk) {
		ws := k.socket(frames)
		defer ws.Close()
		next(ws)
		big := "4" + strings.Repeat("x", 500_000)
		for range 100 {
			if ws.WriteMessage(websocket.TextMessage, []byte(big)) != nil {
				break
			}
			k.engine.mu.Lock()
			for _, e := range k.engine.sessions {
				e.mu.Lock()
				most = max(most, e.out.bytes)
				e.mu.Unlock()
			}
			k.engine.mu.Unlock()
		}
	})
	if fmt.Sprint(k.ended) != "["+TransportError+"]" || most > o.MaxQueue || most == 0 {
		t.Errorf("it ended with %q, and at most %d bytes waited", k.ended, most)
	}
}

// A thousand connections on which nothing is said are closed when a request's
// head is overdue; a thousand sessions of which no more is heard, when a pong is.
func TestAThousandIdleConnections(t *testing.T) {
	inLab(t, Options{PingInterval: 2 * time.Second, PingTimeout: time.Second}, func(k *talk) {
		for i := range 1000 {
			c, err := k.client.Dial(context.Background(), "tcp", "server:80")
			if err != nil {
				t.Error(err)
				return
			}
			k.beside(func() {
				defer c.Close()
				began := k.now()
				if i%2 == 0 {
					fmt.Fprintf(c, "GET /engine.io/?%s HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n", polling)
				}
				io.Copy(io.Discard, c)
				if wait := k.now() - began; i%2 == 1 && wait > 10*time.Second+20*ms {
					t.Errorf("a silent connection lives for %v", wait)
				}
			})
		}
		k.lab.Sleep(5 * time.Second)
		if n := k.engine.Sessions(); n != 0 {
			t.Errorf("%d sessions live on", n)
		}
	})
}

// A frame that tries a WebSocket and then says nothing, or the wrong thing, leaves
// the session as it was.
func TestAProbeThatFails(t *testing.T) {
	for _, say := range []string{"", "4hello", "2", "2probe", "5"} {
		inLab(t, Options{UpgradeTimeout: time.Second}, func(k *talk) {
			s := k.open()
			ws := k.socket(strings.Replace(s, "polling", "websocket", 1))
			defer ws.Close()
			if say != "" {
				ws.WriteMessage(websocket.TextMessage, []byte(say))
			}
			for got := next(ws); !strings.HasPrefix(got, "closed"); got = next(ws) {
			}
			if status, _ := k.do("POST", s, "4hi"); status != 200 {
				t.Errorf("%q: then a POST gets %d", say, status)
			}
			if status, body := k.do("GET", s, ""); status != 200 || body != "4hi" {
				t.Errorf("%q: then a GET gets %d %q", say, status, body)
			}
		})
	}
}

// The upgrade packet and a GET come on different connections, and either may be
// first.
func TestAGetThatRacesTheUpgrade(t *testing.T) {
	for _, c := range []struct {
		behind time.Duration // the upgrade packet behind the GET
		status int
		body   string
	}{
		{-ms, 400, `{"code":3,"message":"Bad request"}`},
		{50 * ms, 400, `{"code":3,"message":"Bad request"}`},
		{200 * ms, 200, "6"},
	} {
		inLab(t, Options{}, func(k *talk) {
			s := k.open()
			ws := k.socket(strings.Replace(s, "polling", "websocket", 1))
			defer ws.Close()
			ws.WriteMessage(websocket.TextMessage, []byte("2probe"))
			if got := next(ws); got != "3probe" {
				t.Errorf("the probe's answer is %q", got)
			}
			k.beside(func() {
				k.lab.Sleep(20*ms + c.behind) // the GET's SYN takes as long
				ws.WriteMessage(websocket.TextMessage, []byte("5"))
			})
			status, body := k.do("GET", s, "")
			if status != c.status || body != c.body {
				t.Errorf("%v behind: %d %s", c.behind, status, body)
			}
			k.lab.Sleep(300 * ms)
			ws.WriteMessage(websocket.TextMessage, []byte("4hello"))
			if got := next(ws); got != "4hello" {
				t.Errorf("%v behind: then the echo is %q", c.behind, got)
			}
			second := k.socket(strings.Replace(s, "polling", "websocket", 1))
			if got := next(second); !strings.HasPrefix(got, "closed") {
				t.Errorf("a second WebSocket hears %q", got)
			}
			second.Close()
		})
	}
}
