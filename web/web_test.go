package web_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/web"
	"wirelab/wire"
)

const ms = time.Millisecond

// fetch runs the exchange with some words set.
func fetch(t *testing.T, set ...string) *trace.Trace {
	t.Helper()
	ex := web.Exchange{}
	s := scenario.Default(ex)
	words := scenario.Words(ex)
	for _, w := range set {
		name, value, _ := strings.Cut(w, ": ")
		at := slices.IndexFunc(words, func(w scenario.Word) bool { return w.Name == name })
		if at < 0 {
			t.Fatalf("there is no word %q", name)
		}
		if err := words[at].Set(&s, value); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := scenario.Run(context.Background(), ex, s)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := tr.Check(); wrong != nil {
		t.Errorf("the trace is not sound: %v", wrong)
	}
	return tr
}

func calls(tr *trace.Trace, what string) (list []trace.Call) {
	for _, c := range tr.Calls {
		if c.What == what {
			list = append(list, c)
		}
	}
	return list
}

// stream is what was written to a stream, put together from packets.
func stream(tr *trace.Trace, s trace.Stream) string {
	var b []byte
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if p.Span.Stream != s || p.Span.Lo < 0 {
			continue
		}
		raw := tr.Bytes(p)
		h := packets.Scan(raw)
		if h.Len == 0 {
			continue
		}
		if end := int(p.Span.Lo) + h.Len; end > len(b) {
			b = append(b, make([]byte, end-len(b))...)
		}
		copy(b[p.Span.Lo:], raw[h.Off:h.Off+h.Len])
	}
	return string(b)
}

// Row 12 of the ground truth: a request on a new connection takes two round
// trips, and on one that is open one.
func TestARequestTakesOneRoundTripAndAConnectionOneMore(t *testing.T) {
	const roundTrip = 40 * ms
	for _, c := range []struct {
		words []string
		conns int
		took  []time.Duration
	}{
		{nil, 1, []time.Duration{2 * roundTrip, roundTrip, roundTrip}},
		{[]string{"no-keep-alive: true"}, 3, []time.Duration{2 * roundTrip, 2 * roundTrip, 2 * roundTrip}},
		{[]string{"end: close"}, 3, []time.Duration{2 * roundTrip, 2 * roundTrip, 2 * roundTrip}},
		{[]string{"end: chunked"}, 1, []time.Duration{2 * roundTrip, roundTrip, roundTrip}},
	} {
		tr := fetch(t, append(c.words, "rate: none", "delay: 20ms")...)
		var took []time.Duration
		for _, get := range calls(tr, "get") {
			took = append(took, get.End-get.Start)
		}
		if !slices.Equal(took, c.took) || len(tr.Conns) != c.conns {
			t.Errorf("%v: %d connections, took %v; want %d and %v", c.words, len(tr.Conns), took, c.conns, c.took)
		}
	}
}

func TestHowTheEndOfAPageIsTold(t *testing.T) {
	page := string(scenario.Ruler(200))
	for end, c := range map[string]struct{ field, body, note string }{
		"length":  {"Content-Length: 200\r\n", page, "as long as its head said"},
		"chunked": {"Transfer-Encoding: chunked\r\n", "64\r\n" + page[:100] + "\r\n64\r\n" + page[100:] + "\r\n0\r\n\r\n", "to its last chunk"},
		"close":   {"Connection: close\r\n", page, "until the connection ended"},
	} {
		tr := fetch(t, "count: 1", "end: "+end)
		head, body, _ := strings.Cut(stream(tr, 1), "\r\n\r\n")
		if head += "\r\n"; body != c.body || !strings.Contains(head, c.field) {
			t.Errorf("%s: the answer is %q and %q", end, head, body)
		}
		for _, field := range []string{"Content-Length", "Transfer-Encoding"} {
			if strings.Contains(head, field) && !strings.HasPrefix(c.field, field) {
				t.Errorf("%s: the head has %s too: %q", end, field, head)
			}
		}
		if note := calls(tr, "get")[0].Note; !strings.HasPrefix(note, "200 OK, 200 bytes, "+c.note) {
			t.Errorf("%s: the client says %q", end, note)
		}
	}
}

// A page that breaks off is noticed, unless the end of the connection is all
// that tells its end.
func TestAPageThatBreaksOff(t *testing.T) {
	for end, want := range map[string]string{
		"length":  "100 bytes came, and then no more: unexpected EOF",
		"chunked": "100 bytes came, and then no more: unexpected EOF",
		"close":   "200 OK, 100 bytes, until the connection ended",
	} {
		get := calls(fetch(t, "count: 1", "break-off: 100", "end: "+end), "get")[0]
		if got := get.Note + get.Result; !strings.HasPrefix(got, want) {
			t.Errorf("%s: the client says %q, want %q", end, got, want)
		}
	}
}

func TestThereIsOnlyOnePage(t *testing.T) {
	if note := calls(fetch(t, "count: 1", "path: /nothing"), "get")[0].Note; !strings.HasPrefix(note, "404 Not Found") {
		t.Errorf("the client says %q", note)
	}
}

// Dates are of the lab's time.
func TestTheDateIsTheLabs(t *testing.T) {
	if got := stream(fetch(t, "interval: 10s"), 1); !strings.Contains(got, "Date: Sat, 01 Jan 2000 00:00:00 GMT") || !strings.Contains(got, "Date: Sat, 01 Jan 2000 00:00:20 GMT") {
		t.Errorf("the answers are %q", got)
	}
}

// A client that takes its time over the head of its request is sent away after
// 30 s, and one that asks nothing more after two minutes.
func TestASlowClientIsSentAway(t *testing.T) {
	for _, c := range []struct {
		say  string
		want time.Duration
	}{
		{"G", 30*time.Second + 20*ms},
		{"GET / HTTP/1.1\r\nHost: server\r\n\r\n", 2*time.Minute + 20*ms},
	} {
		l := wire.New(wire.Options{})
		_, err := l.Run(t.Context(), func() error {
			client, err := l.Host("client", netip.MustParseAddr("10.0.0.1"), wire.HostOptions{})
			if err != nil {
				return err
			}
			server, err := l.Host("server", netip.MustParseAddr("10.0.0.2"), wire.HostOptions{})
			if err != nil {
				return err
			}
			l.Cable(client, server, wire.Conditions{Delay: 10 * ms}, wire.Conditions{Delay: 10 * ms})
			if err := errors.Join(client.Know(), server.Know()); err != nil {
				return err
			}
			ln, err := server.Listen("tcp", ":80")
			if err != nil {
				return err
			}
			srv := web.NewServer(http.NotFoundHandler())
			l.Background(server, "server", func() error { return srv.Serve(ln) })
			l.Go(client, "client", func() error {
				conn, err := client.Dial(context.Background(), "tcp", "server:80")
				if err != nil {
					return err
				}
				defer conn.Close()
				from := l.Elapsed()
				if _, err := io.WriteString(conn, c.say); err != nil {
					return err
				}
				if _, err := io.Copy(io.Discard, conn); err != nil {
					return err
				}
				if took := l.Elapsed() - from; took != c.want {
					t.Errorf("after %q the connection lasted %v, want %v", c.say, took, c.want)
				}
				return nil
			})
			return nil
		})
		if err != nil {
			t.Errorf("%q: %v", c.say, err)
		}
	}
}

func TestWhoIsWelcome(t *testing.T) {
	for _, c := range []struct {
		origin  string
		origins []string
		want    bool
	}{
		{"", nil, true},
		{"http://server", nil, true},
		{"http://SERVER", nil, true},
		{"http://server:8080", nil, false},
		{"http://evil.test", nil, false},
		{"http://evil.test", []string{"*"}, true},
		{"http://friend.test", []string{"http://friend.test"}, true},
		{"http://friend.test.evil.test", []string{"http://friend.test"}, false},
		{"null", nil, false},
		{"%", nil, false},
	} {
		r := httptest.NewRequest("GET", "http://server/", nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if got := web.Welcome(r, c.origins); got != c.want {
			t.Errorf("origin %q with %v: %v", c.origin, c.origins, got)
		}
	}
}

func TestWhatCannotBe(t *testing.T) {
	ex := web.Exchange{}
	for _, c := range []struct{ name, value, want string }{
		{"size", "0", "a page has from 1 byte"},
		{"size", "1GB", "a page has from 1 byte"},
		{"chunk", "0", "1 byte or more"},
		{"break-off", "200", "a page of 200 is over"},
		{"path", "news", "begins with a slash"},
	} {
		s := scenario.Default(ex)
		s.Args[c.name] = c.value
		if err := s.Validate(ex); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v", c.name, c.value, err)
		}
	}
}
