package story_test

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/story"
	"wirelab/trace"
	"wirelab/wire"
)

// followed runs a few clients that talk in bursts with pauses, on a wire that
// loses and reorders, and tells of it as it grows and once more at the end.
func followed(t *testing.T, keep trace.Bound) (lines []string, events []story.Event, missed int, whole *trace.Trace) {
	t.Helper()
	l := wire.New(wire.Options{Seed: 1, Real: true, Keep: keep})
	f := story.NewFollower()
	look := func(final bool) {
		tr, more, lost := f.More(l.Snapshot(), final)
		for i := range more {
			lines = append(lines, f.Line(tr, &more[i]))
		}
		events, missed = append(events, more...), missed+lost
	}
	whole, err := l.Run(t.Context(), func() error {
		cond := wire.Conditions{Delay: 2 * time.Millisecond, Loss: 0.02, Jitter: time.Millisecond}
		client, err := l.Host("client", netip.MustParseAddr("10.0.0.1"), wire.HostOptions{})
		if err != nil {
			return err
		}
		server, err := l.Host("server", netip.MustParseAddr("10.0.0.2"), wire.HostOptions{})
		if err != nil {
			return err
		}
		l.Cable(client, server, cond, cond)
		ln, err := server.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		l.Background(server, "server", func() error {
			for {
				c, err := ln.Accept()
				if err != nil {
					return err
				}
				l.Background(server, "echo", func() error { defer c.Close(); _, err := io.Copy(c, c); return err })
			}
		})
		for i := range 3 {
			l.Go(client, "client", func() error {
				c, err := client.Dial(context.Background(), "tcp", "server:80")
				if err != nil {
					return err
				}
				defer c.Close()
				n := int64(0)
				for range 6 {
					m := make([]byte, 20_000)
					l.Message(trace.Message{Parent: -1, Kind: "message", From: 0, To: 1, Size: len(m),
						Spans: []trace.Span{c.(*wire.TCPConn).Span(true, n, n+int64(len(m)))}})
					n += int64(len(m))
					go c.Write(m)
					if _, err := io.ReadFull(c, m); err != nil {
						return err
					}
					l.Sleep(time.Duration(i*17) * time.Millisecond)
				}
				return nil
			})
		}
		go func() {
			for l.Trace() == nil {
				look(false)
				time.Sleep(3 * time.Millisecond) // a look more or less tells the same
			}
			done <- struct{}{}
		}()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	<-done
	look(true)
	return lines, events, missed, whole
}

var done = make(chan struct{}, 1)

func TestAFollowerTellsEveryEventOnce(t *testing.T) {
	_, events, missed, whole := followed(t, trace.Bound{})
	if missed != 0 {
		t.Errorf("%d packets were missed", missed)
	}
	// A follower looks at a stretch of the trace: of what a packet repeats from
	// before that, on the real clock rarely, it knows the bytes and not the name.
	id := func(e story.Event, text string) string {
		return fmt.Sprint(e.At, " ", e.Step, " ", e.Zoom, " ", e.Kind, " ", e.Conn, " ", e.Who, " ", text)
	}
	count, words := map[string]int{}, map[string]bool{}
	for _, e := range story.Tell(whole) {
		count[id(e, "")]++
		words[id(e, e.Text)] = true
	}
	others := 0
	for _, e := range events {
		count[id(e, "")]--
		if !words[id(e, strings.Replace(e.Text, "; still waiting when the run ended", ", and waits", 1))] {
			others++
		}
	}
	if others*50 > len(events) {
		t.Errorf("%d of %d events are told in other words", others, len(events))
	}
	wrong := 0
	for what, n := range count {
		if n != 0 {
			if wrong++; wrong < 10 {
				t.Errorf("%s: %d times too few", what, n)
			}
		}
	}
	ofTheWire := slices.DeleteFunc(events, func(e story.Event) bool { return e.Zoom == story.Messages })
	if !slices.IsSortedFunc(ofTheWire, func(a, b story.Event) int { return int(a.At - b.At) }) {
		t.Error("they are not in order")
	}
}
