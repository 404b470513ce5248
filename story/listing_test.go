package story_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/scenario"
	"wirelab/story"
	"wirelab/tcp"
	"wirelab/trace"
	"wirelab/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The listings of a run each, to be read by a person: every line must be true
// of the very packet.
var listings = []struct {
	name  string
	zooms []story.Zoom
	run   func(*testing.T) *trace.Trace
}{
	{"clean", story.Zooms(), exchange("size=3kB")},
	{"syn-lost", onWire, exchange("message=hi", "reply=none", "drop=client:1,client:2")},
	{"syn-ack-lost", onWire, exchange("message=hi", "reply=none", "drop=server:1")},
	{"third-step-lost", onWire, exchange("message=hi", "reply=none", "drop=client:2")},
	{"middle-lost", onWire, exchange("size=9kB", "reply=none", "drop=client:4")},
	{"middle-lost-no-sack", onWire, exchange("size=9kB", "reply=none", "drop=client:4", "no-sack=true")},
	{"two-lost-no-sack", onWire, exchange("size=12kB", "reply=none", "drop=client:4,client:6", "no-sack=true")},
	{"last-lost", onWire, exchange("size=3kB", "reply=2", "drop=client:5")},
	{"only-lost", onWire, exchange("message=hi", "reply=2", "drop=client:3")},
	{"lost-three-times", onWire, exchange("size=4kB", "reply=2", "drop=client:4,client:6,client:7,client:8")},
	{"ack-lost", onWire, exchange("size=4kB", "reply=none", "drop=server:3")},
	{"fins-lost", onWire, exchange("message=hi", "reply=none", "drop=client:4,server:3,server:4")},
	{"arp", onWire, exchange("message=hi", "reply=none", "cold=true")},
	{"queue-full", onWire, exchange("size=6kB", "reply=none", "queue=2p", "rate=1mbit")},
	{"small-window", onWire, exchange("size=5kB", "reply=none", "rcvbuf=4096")},
	{"nagle", story.Zooms(), exchange("message=hello", "count=3", "reply=none", "nagle=true")},
	{"slow-reader", story.Zooms(), slowReader},
	{"refused", story.Zooms(), refused},
	{"unread", story.Zooms(), unread},
	{"late-bytes", story.Zooms(), lateBytes},
	{"abort", story.Zooms(), abort},
	{"half-close", story.Zooms(), halfClose},
	{"both-close", onWire, bothClose},
	{"stuck", story.Zooms(), stuck},
	{"datagrams", story.Zooms(), datagrams},
	{"fragments", story.Zooms(), fragments},
	{"socket-full", story.Zooms(), socketFull},
	{"nobody-listens-udp", story.Zooms(), nobodyListens},
}

var onWire = []story.Zoom{story.Packets}

func TestListings(t *testing.T) {
	for _, l := range listings {
		t.Run(l.name, func(t *testing.T) {
			golden(t, l.name, listing(t, l.run(t), l.zooms))
		})
	}
}

// Each rule that the listings print, once, with a line that it explains.
func TestRules(t *testing.T) {
	var b strings.Builder
	seen := map[string]bool{}
	for _, l := range listings {
		for _, e := range story.Tell(l.run(t)) {
			if rule := fmt.Sprintf("%s\n    %s\n", wrapped(e.Why), e.RFC); e.Why != "" && !seen[rule] {
				seen[rule] = true
				fmt.Fprintf(&b, "%s: %s: %s\n    %s\n", l.name, e.Who, e.Text, rule)
			}
		}
	}
	golden(t, "rules", b.String())
}

// wrapped breaks text into lines of the width of a page.
func wrapped(text string) string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(text) {
		if len(line)+1+len(w) > 90 {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	return strings.Join(append(lines, line), "\n    ")
}

func listing(t *testing.T, tr *trace.Trace, zooms []story.Zoom) string {
	t.Helper()
	var b strings.Builder
	if err := story.Plain(&b, tr, story.Tell(tr), 0, zooms...); err != nil {
		t.Fatal(err)
	}
	for _, w := range story.Waiting(tr) {
		fmt.Fprintf(&b, "\nat the end %s", w)
	}
	fmt.Fprintf(&b, "\n%s\n", story.Summarise(tr))
	return strings.TrimLeft(b.String(), "\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := string(b); got != want {
		t.Errorf("%s is not what it was; with -update it is written anew\n%s", path, difference(want, got))
	}
}

// difference shows the lines that changed.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for _, l := range w {
		if !slices.Contains(g, l) {
			fmt.Fprintf(&b, "- %s\n", l)
		}
	}
	for _, l := range g {
		if !slices.Contains(w, l) {
			fmt.Fprintf(&b, "+ %s\n", l)
		}
	}
	return b.String()
}

// exchange is a run of tcp with these settings.
func exchange(settings ...string) func(*testing.T) *trace.Trace {
	return func(t *testing.T) *trace.Trace {
		t.Helper()
		tr, err := runExchange(settings...)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
}

func runExchange(settings ...string) (*trace.Trace, error) {
	ex := tcp.Exchange{}
	s := scenario.Default(ex)
	words := scenario.Words(ex)
	for _, set := range settings {
		name, value, _ := strings.Cut(set, "=")
		i := slices.IndexFunc(words, func(w scenario.Word) bool { return w.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no word %q", name)
		}
		if err := words[i].Set(&s, value); err != nil {
			return nil, err
		}
	}
	return scenario.Run(context.Background(), ex, s)
}

// lab runs two programs on a wire of 20 ms and 10 Mbit/s.
func lab(t *testing.T, o wire.HostOptions, c wire.Conditions, client, server func(l *wire.Lab, h *wire.Host) error) *trace.Trace {
	t.Helper()
	if c.Delay == 0 {
		c.Delay, c.Rate = scenario.DefaultDelay, scenario.DefaultRate
	}
	l := wire.New(wire.Options{Seed: 1})
	tr, err := l.Run(context.Background(), func() error {
		var hosts [2]*wire.Host
		for i, name := range []string{"client", "server"} {
			h, err := l.Host(name, netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), o)
			if err != nil {
				return err
			}
			hosts[i] = h
		}
		l.Cable(hosts[0], hosts[1], c, c)
		for i, program := range []func(l *wire.Lab, h *wire.Host) error{client, server} {
			if err := hosts[i].Know(); err != nil {
				return err
			}
			if program != nil {
				l.Go(hosts[i], hosts[i].Name(), func() error { return program(l, hosts[i]) })
			}
		}
		return nil
	})
	if err != nil {
		t.Logf("the run ended with: %v", err)
	}
	return tr
}

// accept waits for one client on port 80.
func accept(h *wire.Host) (*wire.TCPConn, error) {
	ln, err := h.Listen("tcp", ":80")
	if err != nil {
		return nil, err
	}
	c, err := ln.Accept()
	if err != nil {
		return nil, err
	}
	return c.(*wire.TCPConn), nil
}

func dial(h *wire.Host) (*wire.TCPConn, error) {
	c, err := h.Dial(context.Background(), "tcp", "server:80")
	if err != nil {
		return nil, err
	}
	return c.(*wire.TCPConn), nil
}

// The server has 4,096 bytes of buffer and reads only after three seconds.
func slowReader(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{ReceiveBuffer: 4096}, wire.Conditions{},
		func(_ *wire.Lab, h *wire.Host) error {
			c, err := dial(h)
			if err != nil {
				return err
			}
			if _, err := c.Write(make([]byte, 4000)); err != nil {
				return err
			}
			return c.Close()
		},
		func(l *wire.Lab, h *wire.Host) error {
			c, err := accept(h)
			if err != nil {
				return err
			}
			l.Sleep(3 * time.Second)
			if _, err := io.Copy(io.Discard, c); err != nil {
				return err
			}
			return c.Close()
		})
}

func refused(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{}, wire.Conditions{}, func(_ *wire.Lab, h *wire.Host) error {
		_, err := dial(h)
		if err == nil {
			return errors.New("somebody listens")
		}
		return nil
	}, nil)
}

// The client closes while the server's answer lies unread.
func unread(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{}, wire.Conditions{},
		func(l *wire.Lab, h *wire.Host) error {
			c, err := dial(h)
			if err != nil {
				return err
			}
			l.Sleep(100 * time.Millisecond)
			return c.Close()
		},
		func(_ *wire.Lab, h *wire.Host) error {
			c, err := accept(h)
			if err != nil {
				return err
			}
			if _, err := c.Write([]byte("hello, client")); err != nil {
				return err
			}
			if _, err := c.Read(make([]byte, 10)); err == nil {
				return errors.New("the connection was not reset")
			}
			return c.Close()
		})
}

// The client closes, and then the server writes.
func lateBytes(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{}, wire.Conditions{},
		func(_ *wire.Lab, h *wire.Host) error {
			c, err := dial(h)
			if err != nil {
				return err
			}
			return c.Close()
		},
		func(l *wire.Lab, h *wire.Host) error {
			c, err := accept(h)
			if err != nil {
				return err
			}
			l.Sleep(100 * time.Millisecond)
			if _, err := c.Write([]byte("too late")); err != nil {
				return err
			}
			l.Sleep(100 * time.Millisecond)
			if _, err := c.Write([]byte("far too late")); err == nil {
				return errors.New("the connection was not reset")
			}
			return c.Close()
		})
}

// The client breaks the connection off.
func abort(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{}, wire.Conditions{},
		func(l *wire.Lab, h *wire.Host) error {
			c, err := dial(h)
			if err != nil {
				return err
			}
			c.Abortive()
			l.Sleep(50 * time.Millisecond)
			return c.Close()
		},
		func(_ *wire.Lab, h *wire.Host) error {
			c, err := accept(h)
			if err != nil {
				return err
			}
			if _, err := c.Read(make([]byte, 10)); err == nil {
				return errors.New("the connection was not reset")
			}
			return c.Close()
		})
}

// The client closes its half, and the server goes on.
func halfClose(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{}, wire.Conditions{},
		func(_ *wire.Lab, h *wire.Host) error {
			c, err := dial(h)
			if err != nil {
				return err
			}
			if _, err := c.Write([]byte("that is all")); err != nil {
				return err
			}
			if err := c.CloseWrite(); err != nil {
				return err
			}
			if _, err := io.Copy(io.Discard, c); err != nil {
				return err
			}
			return c.Close()
		},
		func(_ *wire.Lab, h *wire.Host) error {
			c, err := accept(h)
			if err != nil {
				return err
			}
			if _, err := io.Copy(io.Discard, c); err != nil {
				return err
			}
			if _, err := c.Write([]byte("but I have more")); err != nil {
				return err
			}
			return c.Close()
		})
}

// Both sides close at one moment, so that their FINs cross.
func bothClose(t *testing.T) *trace.Trace {
	const at = 100 * time.Millisecond
	return lab(t, wire.HostOptions{}, wire.Conditions{},
		func(l *wire.Lab, h *wire.Host) error {
			c, err := dial(h)
			if err != nil {
				return err
			}
			l.Sleep(at - l.Elapsed())
			return c.Close()
		},
		func(l *wire.Lab, h *wire.Host) error {
			c, err := accept(h)
			if err != nil {
				return err
			}
			l.Sleep(at - l.Elapsed())
			return c.Close()
		})
}

// Both sides read, and neither has anything to say.
func stuck(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{}, wire.Conditions{},
		func(_ *wire.Lab, h *wire.Host) error {
			c, err := dial(h)
			if err != nil {
				return err
			}
			_, err = c.Read(make([]byte, 10))
			return err
		},
		func(_ *wire.Lab, h *wire.Host) error {
			c, err := accept(h)
			if err != nil {
				return err
			}
			_, err = c.Read(make([]byte, 10))
			return err
		})
}

// sends writes each of these datagrams to port 9000 of the server.
func sends(sizes ...int) func(*wire.Lab, *wire.Host) error {
	return func(_ *wire.Lab, h *wire.Host) error {
		c, err := h.Dial(context.Background(), "udp", "server:9000")
		if err != nil {
			return err
		}
		for _, n := range sizes {
			if _, err := c.Write(make([]byte, n)); err != nil {
				return err
			}
		}
		return c.Close()
	}
}

// reads reads n datagrams at port 9000, with a buffer of size bytes.
func reads(n, size int) func(*wire.Lab, *wire.Host) error {
	return func(l *wire.Lab, h *wire.Host) error {
		c, err := h.ListenPacket("udp", ":9000")
		if err != nil {
			return err
		}
		for range n {
			if _, _, err := c.ReadFrom(make([]byte, size)); err != nil {
				return err
			}
		}
		return c.Close()
	}
}

func datagrams(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{}, wire.Conditions{}, sends(5, 0, 10), reads(3, 3))
}

// Two datagrams in three pieces each; the queue loses a piece of the second.
func fragments(t *testing.T) *trace.Trace {
	c := wire.Conditions{Delay: time.Millisecond, Rate: scenario.DefaultRate, Queue: wire.Queue{Frames: 4}}
	return lab(t, wire.HostOptions{}, c, sends(3000, 3000), reads(1, 4000))
}

// The server reads too late: its socket does not hold all that comes.
func socketFull(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{MTU: 60_000}, wire.Conditions{}, sends(55_000, 55_000, 55_000, 55_000, 55_000), func(l *wire.Lab, h *wire.Host) error {
		c, err := h.ListenPacket("udp", ":9000")
		if err != nil {
			return err
		}
		l.Sleep(time.Second)
		if _, _, err := c.ReadFrom(make([]byte, 60_000)); err != nil {
			return err
		}
		return c.Close()
	})
}

func nobodyListens(t *testing.T) *trace.Trace {
	return lab(t, wire.HostOptions{}, wire.Conditions{}, func(l *wire.Lab, h *wire.Host) error {
		c, err := h.Dial(context.Background(), "udp", "server:9000")
		if err != nil {
			return err
		}
		if _, err := c.Write([]byte("anybody?")); err != nil {
			return err
		}
		l.Sleep(100 * time.Millisecond)
		if _, err := c.Write([]byte("nobody?")); err == nil {
			return errors.New("the second write was not refused")
		}
		return c.Close()
	}, nil)
}
