package longpoll

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"wirelab/web"
)

// A Server answers polls of a Feed: an http.Handler.
//
//	GET ?since=3   events after number 3, as an Answer: 200; 204 if there are none
//	GET            the newest event, whatever the client has seen
//	POST           the body is the text of a new event: 201
type Server struct {
	Env  web.Env
	Feed *Feed
	// Hold is how long a poll is held that finds nothing new; 0: it is answered
	// at once.
	Hold time.Duration
	// MaxWaiting is how many polls are held at most; 0: DefaultMaxWaiting. More
	// are answered with 503.
	MaxWaiting int
	// MaxEvent is the longest text that a client may publish, in bytes; 0: none
	// may publish. A longer one is answered with 413.
	MaxEvent int64
	// Origins are those whose pages may poll, as in web.Welcome.
	Origins []string
}

// DefaultMaxWaiting is how many polls a Server holds if nothing else is said.
const DefaultMaxWaiting = 10_000

// An Answer is the body of an answer to a poll.
type Answer struct {
	Events []Event `json:"events"`
	Last   int     `json:"last"` // ID of the last event: the next poll's since
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case !web.Welcome(r, s.Origins):
		http.Error(w, "pages of that origin may not come here", http.StatusForbidden)
	case r.Method == http.MethodGet:
		_ = s.Env.Call("answer", func() (string, error) { return s.poll(w, r) })
	case r.Method == http.MethodPost && s.MaxEvent > 0:
		_ = s.Env.Call("publish", func() (string, error) { return s.publish(w, r) })
	default:
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "a poll is a GET", http.StatusMethodNotAllowed)
	}
}

// poll answers a poll, at once or when there is something to say.
func (s *Server) poll(w http.ResponseWriter, r *http.Request) (note string, err error) {
	since, numbered, err := number(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return "", fmt.Errorf("400: %w", err)
	}
	began := s.Env.Now()
	if !numbered {
		// Without a number the client says only that it wants what comes next, or
		// if it is not to wait, what came last.
		_, since = s.Feed.Since(0)
	}
	if s.Hold > 0 {
		if full := s.wait(r.Context(), since); full {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many polls are waiting", http.StatusServiceUnavailable)
			return "503, too many polls are waiting", nil
		}
	} else if !numbered {
		since--
	}
	if r.Context().Err() != nil {
		return "", errors.New("the client is gone")
	}
	events, last := s.Feed.Since(since)
	if !numbered && len(events) > 1 {
		events = events[len(events)-1:]
	}
	waited := "at once"
	if d := s.Env.Now().Sub(began); d > 0 {
		waited = "after " + web.Took(d)
	}
	if len(events) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return "204, nothing new, " + waited, nil
	}
	b, err := json.Marshal(Answer{events, last})
	if err != nil {
		return "", err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, err = w.Write(b)
	return fmt.Sprintf("200, %s, %s", name(events), waited), err
}

// wait holds a poll until there is an event after since, its time is over, or
// its client is gone.
func (s *Server) wait(ctx context.Context, since int) (full bool) {
	most := s.MaxWaiting
	if most <= 0 {
		most = DefaultMaxWaiting
	}
	w, full := s.Feed.hold(since, most)
	if w == nil {
		return full
	}
	defer s.Env.AfterFunc(s.Hold, w.settle)()
	defer context.AfterFunc(ctx, w.settle)()
	<-w.done
	return false
}

// number is the since of a poll, if it has one.
func number(r *http.Request) (n int, has bool, err error) {
	if !r.URL.Query().Has("since") {
		return 0, false, nil
	}
	n, err = strconv.Atoi(r.URL.Query().Get("since"))
	if err != nil || n < 0 {
		return 0, false, errors.New("since is the number of the last event that was seen: 0 or more")
	}
	return n, true, nil
}

// name names events in a note.
func name(events []Event) string {
	if len(events) == 1 {
		return fmt.Sprintf("event %d", events[0].ID)
	}
	return fmt.Sprintf("events %d to %d", events[0].ID, events[len(events)-1].ID)
}

// publish makes an event of what a client says.
func (s *Server) publish(w http.ResponseWriter, r *http.Request) (note string, err error) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.MaxEvent))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		http.Error(w, fmt.Sprintf("an event has at most %d bytes", s.MaxEvent), http.StatusRequestEntityTooLarge)
		return "413, it is too long", nil
	case err != nil:
		return "", err
	case !utf8.Valid(b) || len(b) == 0:
		http.Error(w, "an event is text, in UTF-8", http.StatusBadRequest)
		return "400, it is no text", nil
	}
	e, waiting := s.Feed.Publish(string(b))
	w.WriteHeader(http.StatusCreated)
	return fmt.Sprintf("event %d, for which %d polls wait", e.ID, waiting), nil
}
