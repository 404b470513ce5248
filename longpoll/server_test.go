package longpoll_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirelab/longpoll"
	"wirelab/web"
)

// serve runs a server on this machine's own network, as any program may.
func serve(t *testing.T, s *longpoll.Server) (url string) {
	t.Helper()
	s.Env = web.Outside{}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return srv.URL
}

// waitFor lets others run until so many polls are held.
func waitFor(f *longpoll.Feed, n int) {
	for f.Waiting() != n {
		runtime.Gosched()
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func TestWhatAPollIsAnswered(t *testing.T) {
	f := longpoll.NewFeed(web.Outside{}, 3)
	url := serve(t, &longpoll.Server{Feed: f})
	if status, body := get(t, url+"?since=0"); status != 204 || body != "" {
		t.Errorf("without events: %d %q", status, body)
	}
	for i := range 5 {
		f.Publish(fmt.Sprintf("event %d", i+1))
	}
	for query, want := range map[string]string{
		"?since=5": "204 ",
		"?since=9": "204 ",
		"?since=4": `200 {"events":[{"id":5,"text":"event 5"}],"last":5}`,
		"?since=2": `200 {"events":[{"id":3,"text":"event 3"},{"id":4,"text":"event 4"},{"id":5,"text":"event 5"}],"last":5}`,
		"?since=0": `200 {"events":[{"id":3,"text":"event 3"},{"id":4,"text":"event 4"},{"id":5,"text":"event 5"}],"last":5}`, // three are kept
		"":         `200 {"events":[{"id":5,"text":"event 5"}],"last":5}`,
	} {
		if status, body := get(t, url+query); fmt.Sprint(status, " ", body) != want {
			t.Errorf("%q: %d %s, want %s", query, status, body, want)
		}
	}
	for _, bad := range []string{"?since=", "?since=-1", "?since=x", "?since=99999999999999999999"} {
		if status, _ := get(t, url+bad); status != 400 {
			t.Errorf("%q: %d, want 400", bad, status)
		}
	}
}

func TestStrangersRequests(t *testing.T) {
	f := longpoll.NewFeed(web.Outside{}, 0)
	url := serve(t, &longpoll.Server{Feed: f, MaxEvent: 10})
	for _, c := range []struct {
		method, body, origin string
		status               int
	}{
		{"POST", "hello", "", 201},
		{"POST", "", "", 400},
		{"POST", "h\xffllo", "", 400},
		{"POST", strings.Repeat("x", 11), "", 413},
		{"POST", "hello", "http://evil.test", 403},
		{"GET", "", "http://evil.test", 403},
		{"PUT", "hello", "", 405},
	} {
		r, err := http.NewRequest(c.method, url, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		if got.StatusCode != c.status {
			t.Errorf("%s %q from %q: %s, want %d", c.method, c.body, c.origin, got.Status, c.status)
		}
	}
	if events, _ := f.Since(0); len(events) != 1 || events[0].Text != "hello" {
		t.Errorf("the events are %v", events)
	}
	silent := serve(t, &longpoll.Server{Feed: f})
	if r, err := http.Post(silent, "text/plain", strings.NewReader("hello")); err != nil || r.StatusCode != 405 {
		t.Errorf("a server to which nobody may publish: %v, %v", r.Status, err)
	}
}

// The polls that wait are bounded, and a client that goes leaves nothing behind.
func TestPollsThatWait(t *testing.T) {
	const most = 20
	f := longpoll.NewFeed(web.Outside{}, 0)
	url := serve(t, &longpoll.Server{Feed: f, Hold: time.Hour, MaxWaiting: most})
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error, most)
	for range most {
		go func() {
			c := longpoll.Client{HTTP: &http.Client{Transport: &http.Transport{}}, URL: url}
			_, _, err := c.Poll(ctx, 0)
			gone <- err
		}()
	}
	waitFor(f, most)
	if status, _ := get(t, url+"?since=0"); status != 503 {
		t.Errorf("one more than may wait is answered %d", status)
	}
	leave()
	for range most {
		if err := <-gone; err == nil {
			t.Error("a poll was answered although nothing happened")
		}
	}
	waitFor(f, 0)

	answers := make(chan longpoll.Answer)
	for range 3 {
		go func() {
			c := longpoll.Client{HTTP: http.DefaultClient, URL: url}
			a, _, _ := c.Poll(t.Context(), 0)
			answers <- a
		}()
	}
	waitFor(f, 3)
	if _, waiting := f.Publish("at last"); waiting != 3 {
		t.Errorf("%d polls waited", waiting)
	}
	for range 3 {
		if a := <-answers; a.Last != 1 || len(a.Events) != 1 || a.Events[0].Text != "at last" {
			t.Errorf("a poll was answered %+v", a)
		}
	}
}
