package ping

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
)

func find(name string) (scenario.Exchange, []string) {
	if name == "ping" {
		return Exchange{}, nil
	}
	return Traceroute{}, nil
}

// run runs ping or traceroute with these lines of a Scenario; the rate is
// unlimited, so that times are round.
func run(t *testing.T, exchange string, lines ...string) (*trace.Trace, error) {
	t.Helper()
	s, ex, err := scenario.Parse("exchange: "+exchange+"\nup: rate=none\ndown: rate=none\n"+strings.Join(lines, "\n"), find)
	if err != nil {
		t.Fatalf("%v: %v", lines, err)
	}
	tr, err := scenario.Run(t.Context(), ex, s)
	if tr == nil {
		t.Fatalf("%v: %v", lines, err)
	}
	return tr, err
}

// notes are what the program says of each probe.
func notes(tr *trace.Trace) (list []string) {
	for i := range tr.Calls {
		if c := &tr.Calls[i]; c.Note != "" {
			list = append(list, c.What+": "+c.Note)
		}
	}
	return list
}

// shows compares what a run says, probe by probe, and how it ends; fails is
// empty if it succeeds.
func shows(t *testing.T, tr *trace.Trace, err error, fails string, want ...string) {
	t.Helper()
	if got := notes(tr); !slices.Equal(got, want) {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if said := fmt.Sprint(err); said != fails && (err != nil || fails != "") {
		t.Errorf("it ends with %s, want %s", said, fails)
	}
}

func TestRoundTrips(t *testing.T) {
	tr, err := run(t, "ping", "count: 3", "delay: 7ms")
	shows(t, tr, err, "",
		"ping: seq 1: 56 bytes from 10.0.0.2, ttl 64, 14.000 ms round trip",
		"ping: seq 2: 56 bytes from 10.0.0.2, ttl 64, 14.000 ms round trip",
		"ping: seq 3: 56 bytes from 10.0.0.2, ttl 64, 14.000 ms round trip")
	var sent []string
	for i := range tr.Packets {
		sent = append(sent, tr.Packets[i].Sent.String())
	}
	if want := []string{"0s", "7ms", "1s", "1.007s", "2s", "2.007s"}; !slices.Equal(sent, want) {
		t.Errorf("packets leave at %v, want %v", sent, want)
	}
}

// 98 bytes of frame at 10 Mbit/s take 78.4 us, each way.
func TestTheRateIsInTheRoundTrip(t *testing.T) {
	s, ex, err := scenario.Parse("exchange: ping\ncount: 1", find)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := scenario.Run(t.Context(), ex, s)
	shows(t, tr, err, "", "ping: seq 1: 56 bytes from 10.0.0.2, ttl 64, 40.157 ms round trip")
}

func TestEachRouterTakesFromTheTTL(t *testing.T) {
	tr, err := run(t, "ping", "count: 1", "hops: 3")
	shows(t, tr, err, "", "ping: seq 1: 56 bytes from 10.0.3.2, ttl 61, 160.000 ms round trip")
	tr, err = run(t, "ping", "count: 1", "hops: 3", "ttl: 4")
	shows(t, tr, err, "", "ping: seq 1: 56 bytes from 10.0.3.2, ttl 61, 160.000 ms round trip")
	tr, err = run(t, "ping", "count: 2", "hops: 3", "ttl: 3")
	shows(t, tr, err, "ping: none of the 2 requests was answered",
		"ping: seq 1: 10.0.2.2 says time exceeded (ttl 3), 120.000 ms round trip",
		"ping: seq 2: 10.0.2.2 says time exceeded (ttl 3), 120.000 ms round trip")
}

func TestWhatIsLostIsSaidAndTheNextGoesOn(t *testing.T) {
	for _, touch := range []string{"drop: client:2", "drop: server:2"} {
		tr, err := run(t, "ping", "count: 3", "timeout: 200ms", touch)
		shows(t, tr, err, "",
			"ping: seq 1: 56 bytes from 10.0.0.2, ttl 64, 40.000 ms round trip",
			"ping: seq 2: no answer within 200ms",
			"ping: seq 3: 56 bytes from 10.0.0.2, ttl 64, 40.000 ms round trip")
	}
	tr, err := run(t, "ping", "count: 1", "loss: 100%")
	shows(t, tr, err, "ping: the request was not answered", "ping: seq 1: no answer within 1s")
}

// An answer that comes after its time is not taken for that of the next.
func TestALateAnswerIsNotTheNextOne(t *testing.T) {
	tr, err := run(t, "ping", "count: 2", "timeout: 200ms", "interval: 200ms", "hold: server:1=190ms")
	shows(t, tr, err, "",
		"ping: seq 1: no answer within 200ms",
		"ping: seq 2: 56 bytes from 10.0.0.2, ttl 64, 40.000 ms round trip")
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		size   string
		pieces []int // bytes of each IP packet of the request
	}{
		{"0", []int{28}}, {"1472", []int{1500}}, {"1473", []int{1500, 21}}, {"3000", []int{1500, 1500, 68}},
	} {
		tr, err := run(t, "ping", "count: 1", "size: "+c.size)
		shows(t, tr, err, "", "ping: seq 1: "+c.size+" bytes from 10.0.0.2, ttl 64, 40.000 ms round trip")
		var pieces []int
		for i := range tr.Packets {
			if p := &tr.Packets[i]; tr.Name(p.From) == "client" {
				h := packets.Scan(tr.Bytes(p))
				pieces = append(pieces, h.IPLen)
			}
		}
		if !slices.Equal(pieces, c.pieces) {
			t.Errorf("%s bytes travel in %v, want %v", c.size, pieces, c.pieces)
		}
	}
	tr, err := run(t, "ping", "count: 1", "size: 65507")
	shows(t, tr, err, "", "ping: seq 1: 65507 bytes from 10.0.0.2, ttl 64, 40.000 ms round trip")
	if n := len(tr.Packets); n != 90 {
		t.Errorf("there are %d packets, want 45 each way", n)
	}
}

// With IPv6 a program is not told the hop limit of what it receives.
func TestPingWithIPv6(t *testing.T) {
	tr, err := run(t, "ping", "count: 1", "ipv6: true")
	shows(t, tr, err, "", "ping: seq 1: 56 bytes from fd00::2, 40.000 ms round trip")
	tr, err = run(t, "ping", "count: 1", "ipv6: true", "size: 1452")
	shows(t, tr, err, "", "ping: seq 1: 1452 bytes from fd00::2, 40.000 ms round trip")
}

func TestTheHopsOfTraceroute(t *testing.T) {
	tr, err := run(t, "traceroute")
	shows(t, tr, err, "",
		"hop 1: seq 1: 10.0.0.2 says time exceeded (ttl 1), 40.000 ms round trip",
		"hop 2: seq 2: 10.0.1.2 says time exceeded (ttl 2), 80.000 ms round trip",
		"hop 3: seq 3: 10.0.2.2 says time exceeded (ttl 3), 120.000 ms round trip",
		"hop 4: seq 4: 56 bytes from 10.0.3.2, ttl 61, 160.000 ms round trip")
	tr, err = run(t, "traceroute", "hops: 0")
	shows(t, tr, err, "", "hop 1: seq 1: 56 bytes from 10.0.0.2, ttl 64, 40.000 ms round trip")
	tr, err = run(t, "traceroute", "ipv6: true", "hops: 1")
	shows(t, tr, err, "",
		"hop 1: seq 1: fd00::2 says time exceeded (ttl 1), 40.000 ms round trip",
		"hop 2: seq 2: 56 bytes from fd00:0:0:1::2, 80.000 ms round trip")
}

func TestThirtyHops(t *testing.T) {
	for _, v6 := range []string{"ipv6: false", "ipv6: true"} {
		tr, err := run(t, "traceroute", "hops: 30", "max-ttl: 31", "timeout: 5s", v6)
		if err != nil {
			t.Error(err)
		}
		said := notes(tr)
		if len(said) != 31 {
			t.Fatalf("%s: it says %d lines, want 31", v6, len(said))
		}
		for i, line := range said {
			from := fmt.Sprintf(" 10.0.%d.2", i)
			if v6 == "ipv6: true" {
				from = strings.Replace(fmt.Sprintf(" fd00:0:0:%x::2", i), ":0:0:0::", "::", 1)
			}
			if !strings.HasPrefix(line, fmt.Sprintf("hop %d: seq %d:", i+1, i+1)) || !strings.Contains(line, from) ||
				!strings.HasSuffix(line, fmt.Sprintf(" %d.000 ms round trip", 40*(i+1))) || len(line)-len("hop 1: ") > 80 {
				t.Errorf("%s: line %d is %s", v6, i+1, line)
			}
		}
	}
}

func TestTracerouteGivesUp(t *testing.T) {
	tr, err := run(t, "traceroute", "max-ttl: 1")
	shows(t, tr, err, "traceroute: the server did not answer within 1 hop",
		"hop 1: seq 1: 10.0.0.2 says time exceeded (ttl 1), 40.000 ms round trip")
	tr, err = run(t, "traceroute", "hops: 30", "timeout: 5s")
	if n := len(notes(tr)); n != 30 || fmt.Sprint(err) != "traceroute: the server did not answer within 30 hops" {
		t.Errorf("it says %d lines and ends with %v", n, err)
	}
}

// A router that does not answer leaves a gap, and the way goes on.
func TestALostProbe(t *testing.T) {
	tr, err := run(t, "traceroute", "hops: 1", "probes: 2", "timeout: 300ms", "drop: router1:1")
	shows(t, tr, err, "",
		"hop 1: seq 1: no answer within 300ms",
		"hop 1: seq 2: 10.0.0.2 says time exceeded (ttl 1), 40.000 ms round trip",
		"hop 2: seq 3: 56 bytes from 10.0.1.2, ttl 63, 80.000 ms round trip",
		"hop 2: seq 4: 56 bytes from 10.0.1.2, ttl 63, 80.000 ms round trip")
}

func TestArgumentsThatCannotBe(t *testing.T) {
	for text, want := range map[string]string{
		"ping\nsize: 65508":       "size: 65508 cannot be; an echo request carries at most 65507 bytes",
		"ping\ntimeout: 0s":       "timeout: 0 leaves no time for an answer",
		"ping\nttl: 0":            `line 2: ttl: "0" cannot be; it is a whole number from 1 to 255`,
		"ping\nttl: 256":          `line 2: ttl: "256" cannot be; it is a whole number from 1 to 255`,
		"ping\ncount: 0":          `line 2: count: "0" cannot be; it is a whole number from 1 to 65535`,
		"traceroute\ntimeout: 0s": "timeout: 0 leaves no time for an answer",
		"traceroute\nprobes: 11":  `line 2: probes: "11" cannot be; it is a whole number from 1 to 10`,
		"traceroute\nhops: 31":    `line 2: hops: "31" cannot be; it is a whole number from 0 to 30`,
	} {
		if _, _, err := scenario.Parse("exchange: "+text, find); err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}
