package scene_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

// run runs a Scenario; a run that ends with an error has a trace too.
func run(t testing.TB, lines ...string) *trace.Trace {
	t.Helper()
	s, ex, err := exchanges.Parse(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := scenario.Run(context.Background(), ex, s)
	if tr == nil {
		t.Fatal(err)
	}
	return tr
}

// anyTCP is a random Scenario of TCP, over a wire that does everything wrong.
func anyTCP(seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 7))
	some := func(words ...string) string { return words[r.IntN(len(words))] }
	size := 1 + r.IntN(1<<(3+r.IntN(13)))
	lines := []string{"exchange: tcp", fmt.Sprintf("seed: %d", seed), "limit-time: 10m", fmt.Sprintf("size: %d", size), fmt.Sprintf("count: %d", 1+r.IntN(3)),
		"reply: " + some("echo", "none", "1", "3000")}
	maybe := func(words ...string) {
		if r.IntN(4) == 0 {
			lines = append(lines, some(words...))
		}
	}
	six := r.IntN(4) == 0
	if six {
		lines = append(lines, "ipv6: true")
		maybe("mtu: 1280", "mtu: 9000")
	} else if size < 300 {
		maybe("mtu: 82", "mtu: 100") // 2 bytes a segment
	} else {
		maybe("mtu: 296", "mtu: 576", "mtu: 9000")
	}
	maybe("clients: 2", "clients: 5", "clients: 20")
	maybe("interval: 100ms", "interval: 10ms")
	maybe("no-sack: true")
	maybe("nagle: true")
	maybe("cold: true")
	maybe("half-close: true")
	maybe("cc: cubic")
	maybe("rcvbuf: 4096", "rcvbuf: 8192", "rcvbuf: 20000")
	maybe("read-after: 800ms", "read-rate: 20kB/s")
	corrupt := false
	for _, way := range []string{"up", "down"} {
		cs := []string{"delay=" + some("0ms", "3ms", "40ms"), "rate=" + some("64kbit", "1000kbit", "10mbit", "1000mbit")}
		add := func(words ...string) {
			if r.IntN(3) == 0 {
				cs = append(cs, some(words...))
			}
		}
		add("loss=3%", "loss=10%", "loss=20%", "burst-loss=5%:3")
		add("jitter=30ms")
		add("reorder=20%", "reorder=5%")
		add("duplicate=20%")
		if r.IntN(6) == 0 {
			corrupt = true
			cs = append(cs, "corrupt=5%")
		}
		add("queue=3p", "queue=20p", "queue=9kB")
		add("cut=300ms,restore=900ms")
		lines = append(lines, way+": "+strings.Join(cs, ","))
	}
	if !corrupt && !six {
		maybe("hops: 1", "hops: 3", "middlebox: forward")
	}
	return lines
}

// anyUDP is one of UDP.
func anyUDP(seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 8))
	some := func(words ...string) string { return words[r.IntN(len(words))] }
	lines := []string{"exchange: udp", fmt.Sprintf("seed: %d", seed), fmt.Sprintf("size: %d", 1+r.IntN(1<<(3+r.IntN(12)))),
		fmt.Sprintf("count: %d", 1+r.IntN(12)), "reply: " + some("echo", "none", "1", "3000")}
	maybe := func(words ...string) {
		if r.IntN(4) == 0 {
			lines = append(lines, some(words...))
		}
	}
	maybe("ipv6: true")
	maybe("interval: 10ms", "interval: 300ms")
	maybe("cold: true")
	maybe("rcvbuf: 4096", "rcvbuf: 8192")
	maybe("read-after: 800ms")
	maybe("read-size: 100")
	for _, way := range []string{"up", "down"} {
		cs := []string{"delay=" + some("0ms", "3ms", "40ms"), "rate=" + some("64kbit", "1000kbit", "1000mbit")}
		for _, words := range [][]string{{"loss=10%", "loss=30%"}, {"jitter=30ms"}, {"reorder=20%"}, {"duplicate=30%"}, {"queue=2p"}, {"corrupt=5%"}} {
			if r.IntN(3) == 0 {
				cs = append(cs, some(words...))
			}
		}
		lines = append(lines, way+": "+strings.Join(cs, ","))
	}
	return lines
}

// moments are those at which a trace is looked at: behind every event of a small
// one, and of a larger one some.
func moments(s *scene.Scene, r *rand.Rand, most int) []story.Moment {
	t := s.Teller()
	ms := []story.Moment{{}}
	every := max(t.Len()/most, 1)
	for i := 0; i < t.Len(); i += 1 + r.IntN(2*every-1) {
		ms = append(ms, t.After(i))
		if next := t.Place(min(i+1, t.Len()-1)).At; r.IntN(3) == 0 && next > t.Place(i).At+1 {
			ms = append(ms, t.At((t.Place(i).At+next)/2))
		}
	}
	return append(ms, t.After(t.Len()-1), t.At(t.Trace().End))
}
