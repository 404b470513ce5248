package scenario

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"wirelab/trace"
)

// page is an exchange of net/http and gorilla/websocket: a client gets, polls and
// posts, and then talks over a WebSocket.
type page struct {
	talk
	compress bool // the WebSocket's messages
}

func (page) Name() string              { return "page" }
func (page) Args() []Arg               { return nil }
func (page) Check(*Scenario) error     { return nil }
func (page) Network(*Scenario) Network { return Chain(0) }
func (page) Dissect(s *Scenario) bool  { return s.Seed != undissected }
func (p page) Start(b *Bench) error    { return p.serve(b) }

// undissected is a seed with which the exchange does not ask for messages.
const undissected = 99

func (p page) serve(b *Bench) error {
	client, server := b.Host("client"), b.Host("server")
	ln, err := server.Listen("tcp", ":80")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	mux.HandleFunc("/poll", func(w http.ResponseWriter, _ *http.Request) {
		b.Sleep(3 * time.Second)
		for _, part := range []string{"three ", "parts, ", "one by one"} {
			io.WriteString(w, part)
			w.(http.Flusher).Flush()
			b.Sleep(10 * time.Millisecond)
		}
	})
	mux.HandleFunc("/form", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		c, err := (&websocket.Upgrader{EnableCompression: p.compress}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		for {
			kind, m, err := c.ReadMessage()
			if err != nil {
				return
			}
			if err := c.WriteMessage(kind, m); err != nil {
				return
			}
		}
	})
	srv := &http.Server{Handler: mux, IdleTimeout: 5 * time.Second}
	b.Background(server, "server", func() error { return srv.Serve(ln) })
	b.Go(client, "client", func() error {
		tr := &http.Transport{DialContext: client.Dial}
		defer tr.CloseIdleConnections()
		hc := &http.Client{Transport: tr}
		for _, ask := range []func() (*http.Response, error){
			func() (*http.Response, error) { return hc.Get("http://server/page") },
			func() (*http.Response, error) { return hc.Get("http://server/poll?since=3") },
			func() (*http.Response, error) { return hc.Head("http://server/page") },
			func() (*http.Response, error) {
				return hc.Post("http://server/form", "text/plain", bytes.NewReader(bytes.Repeat([]byte("x"), 5000)))
			},
			func() (*http.Response, error) { // of a length that the client does not know: in chunks
				return hc.Post("http://server/form", "text/plain", io.MultiReader(strings.NewReader("some"), strings.NewReader("thing")))
			},
		} {
			r, err := ask()
			if err != nil {
				return err
			}
			io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
		return p.speak(b)
	})
	return nil
}

// speak sends messages over a WebSocket, whole and in fragments.
func (p page) speak(b *Bench) error {
	d := websocket.Dialer{NetDialContext: b.Host("client").Dial, WriteBufferSize: 1000, EnableCompression: p.compress}
	c, _, err := d.Dial("ws://server/ws", nil)
	if err != nil {
		return err
	}
	defer c.Close()
	var wrote sync.WaitGroup
	wrote.Go(func() {
		for _, m := range spoken {
			c.WriteMessage(websocket.TextMessage, []byte(m))
		}
		c.WriteControl(websocket.PingMessage, []byte("still there?"), time.Now().Add(time.Second))
	})
	for range spoken {
		if _, _, err := c.ReadMessage(); err != nil {
			return err
		}
	}
	wrote.Wait()
	c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "done"), time.Now().Add(time.Second))
	_, _, err = c.ReadMessage()
	if !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		return fmt.Errorf("the connection should have closed: %w", err)
	}
	return nil
}

var spoken = []string{"hello", strings.Repeat("long ", 500), ""}

func runPage(t *testing.T, change func(*Scenario)) *trace.Trace {
	t.Helper()
	return page{}.run(t, change)
}

func (p page) run(t *testing.T, change func(*Scenario)) *trace.Trace {
	t.Helper()
	s := Default(p)
	s.Up.Rate, s.Down.Rate = 0, 0
	if change != nil {
		change(&s)
	}
	tr, err := Run(t.Context(), p, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Check(); err != nil {
		t.Error(err)
	}
	return tr
}

// said is what one end of the trace said, a line a message.
func said(tr *trace.Trace, from string) (out []string) {
	for i := range tr.Messages {
		m := &tr.Messages[i]
		if tr.Name(m.From) != from {
			continue
		}
		text := m.Text
		if len(text) > 30 {
			text = text[:30]
		}
		line := fmt.Sprintf("%s %s %d", m.Kind, m.What, m.Size-m.Head)
		if strings.HasPrefix(m.Kind, "ws.") { // how long a head is, is net/http's affair
			line += fmt.Sprintf(" of %d", m.Size)
		}
		line += fmt.Sprintf(" %q", text)
		if m.Trouble != "" {
			line += " WRONG " + m.Trouble
		}
		out = append(out, line)
	}
	return out
}

func TestAnExchangeThatAsksForItGetsItsMessagesFromTheBytes(t *testing.T) {
	tr := runPage(t, nil)
	for from, want := range map[string][]string{
		"client": {
			`http.request GET 0 "GET /page HTTP/1.1"`,
			`http.request GET 0 "GET /poll?since=3 HTTP/1.1"`,
			`http.request HEAD 0 "HEAD /page HTTP/1.1"`,
			`http.request POST 5000 "POST /form HTTP/1.1"`,
			`http.request POST 9 "POST /form HTTP/1.1"`,
			`http.request GET 0 "GET /ws HTTP/1.1"`,
			`ws.frame text 5 of 11 "hello"`,
			`ws.frame text 1000 of 1008 "long long long long long long "`,
			`ws.message text 2500 of 2500 "long long long long long long "`,
			`ws.frame continuation 1000 of 1008 "long long long long long long "`,
			`ws.frame continuation 500 of 508 "long long long long long long "`,
			`ws.frame text 0 of 6 ""`,
			`ws.frame ping 12 of 18 "still there?"`,
			`ws.frame close 6 of 12 "done"`,
		},
		"server": {
			`http.response 200 5 "HTTP/1.1 200 OK"`,
			`http.response 200 23 "HTTP/1.1 200 OK"`,
			`http.response 200 0 "HTTP/1.1 200 OK"`,
			`http.response 204 0 "HTTP/1.1 204 No Content"`,
			`http.response 204 0 "HTTP/1.1 204 No Content"`,
			`http.response 101 0 "HTTP/1.1 101 Switching Protoco"`,
			`ws.frame text 5 of 7 "hello"`,
			`ws.frame text 2500 of 2504 "long long long long long long "`,
			`ws.frame text 0 of 2 ""`,
			`ws.frame pong 12 of 14 "still there?"`,
			`ws.frame close 2 of 4 ""`,
		},
	} {
		if got := said(tr, from); !slices.Equal(got, want) {
			t.Errorf("the %s said\n%s\nwant\n%s", from, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	for i := range tr.Messages {
		if m := &tr.Messages[i]; m.Sent < 0 || m.Arrived < m.Sent+DefaultDelay {
			t.Errorf("message %d, %s %q: sent at %v, arrived at %v, over a wire of %v", i, m.Kind, m.Text, m.Sent, m.Arrived, DefaultDelay)
		}
	}
	if tr := runPage(t, func(s *Scenario) { s.Seed = undissected }); len(tr.Messages) != 0 {
		t.Errorf("an exchange that does not ask for them has %d messages", len(tr.Messages))
	}
}

// Loss, reordering and duplicates cut and repeat segments; the messages stay.
func TestMessagesAreTheSameOverABadWire(t *testing.T) {
	good := runPage(t, nil)
	for seed := range uint64(5) {
		bad := runPage(t, func(s *Scenario) {
			s.Seed = seed + 1
			for _, c := range []*struct{ Loss, Duplicate, Reorder *float64 }{
				{&s.Up.Loss, &s.Up.Duplicate, &s.Up.Reorder}, {&s.Down.Loss, &s.Down.Duplicate, &s.Down.Reorder},
			} {
				*c.Loss, *c.Duplicate, *c.Reorder = 0.05, 0.05, 0.05
			}
		})
		for _, from := range []string{"client", "server"} {
			got, want := said(bad, from), said(good, from)
			slices.Sort(got) // a message that was sent at once may be sent later than another
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("seed %d: the %s said\n%s\nwant\n%s", seed, from, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

func TestMessagesFromTheBytesAreAlwaysTheSame(t *testing.T) {
	a, b := runPage(t, nil), runPage(t, nil)
	if !reflect.DeepEqual(a.Messages, b.Messages) {
		t.Error("two runs of one Scenario have messages that differ")
	}
}

func TestCompressedMessagesSayWhatTheyMean(t *testing.T) {
	tr := page{compress: true}.run(t, nil)
	for _, from := range []string{"client", "server"} {
		var got []string
		for i := range tr.Messages {
			m := &tr.Messages[i]
			if tr.Name(m.From) != from || m.What != "text" {
				continue
			}
			got = append(got, m.Text)
			if m.Kind != "ws.frame" || m.Trouble != "" || m.Size > 100 {
				t.Errorf("%s: %s of %d bytes, %q; want a frame that is right and short", from, m.Kind, m.Size, m.Trouble)
			}
		}
		if want := []string{spoken[0], spoken[1][:trace.TextLen], spoken[2]}; !slices.Equal(got, want) {
			t.Errorf("the %s said %q, want %q", from, got, want)
		}
	}
}
