package story_test

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/trace"
	"wirelab/wire"
)

// TestEveryExchangeRunsOnTheRealClock runs them with programs and stacks that
// act at the same time, which the race detector should see too.
func TestEveryExchangeRunsOnTheRealClock(t *testing.T) {
	settings := map[string]string{
		"ping": "count: 3\ninterval: 5ms", "traceroute": "", "dns": "answers: 40",
		"tcp": "size: 20kB\ncount: 3\ninterval: 1ms\nclients: 4\nloss: 1%", "udp": "size: 3000\ncount: 20\ninterval: 1ms",
	}
	for _, ex := range exchanges.All() {
		t.Run(ex.Name(), func(t *testing.T) {
			own, ok := settings[ex.Name()]
			if !ok {
				t.Fatalf("say here how a short run of %s looks", ex.Name())
			}
			tr := realRun(t, "exchange: "+ex.Name()+"\ndelay: 1ms\nrate: none\n"+own)
			if err := tr.Check(); err != nil {
				t.Errorf("the trace is not sound: %v", err)
			}
			var b bytes.Buffer
			events := story.Tell(tr)
			if err := story.Plain(&b, tr, events, 0, story.Zooms()...); err != nil {
				t.Error(err)
			}
			if n := len(story.Only(events, story.Packets)); n < len(tr.Packets) {
				t.Errorf("%d events tell of %d packets", n, len(tr.Packets))
			}
			if words := story.Overshoot(tr); !strings.HasPrefix(words, "real clock: ") {
				t.Errorf("the overshoot is %q", words)
			}
		})
	}
}

// What is said of a run on the real clock is as true as of any other, although
// programs and stacks act at the same time.
func TestSentencesOfTheRealClockAreTrue(t *testing.T) {
	runs := 30
	if testing.Short() {
		runs = 5
	}
	seen := map[string]int{}
	for seed := range runs {
		text := fmt.Sprintf("exchange: tcp\ndelay: 1ms\nrate: 100mbit\nloss: 3%%\nsize: 60kB\nseed: %d", seed)
		tr := realRun(t, text)
		newReader(t, tr, seen).read(story.Tell(tr))
	}
	for _, claim := range []string{"in order", "kept", "fills", "acked", "sacked", "message"} {
		if seen[claim] == 0 {
			t.Errorf("no run says %q", claim)
		}
	}
}

// realRun runs a Scenario on the real clock.
func realRun(t *testing.T, text string) *trace.Trace {
	t.Helper()
	s, ex, err := exchanges.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := scenario.RunReal(t.Context(), ex, s)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestStoryOfTheEndOfATrace tells of the last packets of a trace alone what it
// tells of them in the whole: the same numbers, and the same names for the
// pieces of the streams.
func TestStoryOfTheEndOfATrace(t *testing.T) {
	l := wire.New(wire.Options{Real: true, Keep: trace.Bound{Packets: 150}})
	if _, err := l.Run(t.Context(), func() error {
		c := wire.Conditions{Delay: 100 * time.Microsecond}
		client, err := l.Host("client", netip.MustParseAddr("10.0.0.1"), wire.HostOptions{})
		if err != nil {
			return err
		}
		server, err := l.Host("server", netip.MustParseAddr("10.0.0.2"), wire.HostOptions{})
		if err != nil {
			return err
		}
		l.Cable(client, server, c, c)
		ln, err := server.Listen("tcp", ":80")
		if err != nil {
			return err
		}
		l.Go(server, "server", func() error {
			c, err := ln.Accept()
			if err != nil {
				return err
			}
			if _, err := io.Copy(io.Discard, c); err != nil {
				return err
			}
			return c.Close()
		})
		l.Go(client, "client", func() error {
			c, err := dial(client)
			if err != nil {
				return err
			}
			for range 200 {
				if _, err := c.Write(make([]byte, 1000)); err != nil {
					return err
				}
			}
			return c.Close()
		})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	whole := l.Trace()
	if whole.Dropped.Packets == 0 {
		t.Fatalf("of %d packets none was dropped", len(whole.Packets))
	}
	sent := func(tr *trace.Trace) map[int]string {
		words := map[int]string{}
		for _, e := range story.Tell(tr) {
			if e.Zoom == story.Packets && e.Kind == story.Sent && tr.Packets[e.Row].Fresh > 0 {
				words[tr.Number(e.Row)] = e.Text
			}
		}
		return words
	}
	all := sent(whole)
	for _, n := range []int{150, 100, 31, 1} {
		tr := l.Snapshot().Latest(n)
		for number, text := range sent(tr) {
			if text != all[number] {
				t.Errorf("of the last %d packets, number %d is told as %q, and of all as %q", n, number, text, all[number])
			}
		}
		var b bytes.Buffer
		if err := story.Open(&b, tr, len(tr.Packets)-1); err != nil {
			t.Error(err)
		}
		if last := whole.Number(len(whole.Packets) - 1); !strings.HasPrefix(b.String(), fmt.Sprintf("packet %d of %d, ", last, last)) {
			t.Errorf("the last of %d packets is %q", last, strings.SplitN(b.String(), "\n", 2)[0])
		}
		if s := story.Summarise(tr); s.Packets != whole.Dropped.Packets+len(whole.Packets) || s.Dropped != s.Packets-n || s.Bytes != story.Summarise(whole).Bytes {
			t.Errorf("of the last %d packets the summary is %+v", n, s)
		}
	}
	// The first ones are gone, so the letters begin later in the alphabet.
	first := ""
	for i := range whole.Packets {
		if whole.Packets[i].Fresh > 0 {
			first = all[whole.Number(i)]
			break
		}
	}
	if strings.HasPrefix(first, "A,") {
		t.Errorf("the first segment that is kept is called %q", first)
	}
}
