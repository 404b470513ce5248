package udp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
)

// run runs the UDP exchange with these lines of a Scenario; the rate is
// unlimited, so that times are round.
func run(t *testing.T, lines ...string) (*trace.Trace, error) {
	t.Helper()
	s, err := parse(append([]string{"rate: none"}, lines...)...)
	if err != nil {
		t.Fatalf("%v: %v", lines, err)
	}
	tr, err := scenario.Run(t.Context(), Exchange{}, s)
	if tr == nil {
		t.Fatalf("%v: %v", lines, err)
	}
	if bad := tr.Check(); bad != nil {
		t.Errorf("%v: %v", lines, bad)
	}
	return tr, err
}

func runs(t *testing.T, lines ...string) *trace.Trace {
	t.Helper()
	tr, err := run(t, lines...)
	if err != nil {
		t.Errorf("%v: %v", lines, err)
	}
	return tr
}

func parse(lines ...string) (scenario.Scenario, error) {
	text := "exchange: udp\n" + strings.Join(lines, "\n")
	s, _, err := scenario.Parse(text, func(string) (scenario.Exchange, []string) { return Exchange{}, nil })
	return s, err
}

// did are the calls of one kind on a host that returned: when it began, how
// many bytes, when it ended, and what came of it if it was no success.
func did(tr *trace.Trace, host, what string) (list []string) {
	for i := range tr.Calls {
		c := &tr.Calls[i]
		if tr.Name(c.Host) != host || c.What != what || c.End == trace.Never {
			continue
		}
		line := fmt.Sprintf("%v-%v %d", c.Start, c.End, c.Span.Len())
		if c.Result != "" {
			line += c.Result[strings.LastIndex(c.Result, ":"):]
		}
		list = append(list, line)
	}
	return list
}

func equal[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestOneWriteIsOneDatagramIsOneRead(t *testing.T) {
	tr := runs(t, "message: hello", "count: 3", "interval: 100ms", "reply: 7")
	equal(t, "writes", did(tr, "client", "write"), "0s-0s 5", "140ms-140ms 5", "280ms-280ms 5")
	equal(t, "reads", did(tr, "server", "read"), "0s-20ms 5", "20ms-160ms 5", "160ms-300ms 5")
	equal(t, "answers", did(tr, "server", "write"), "20ms-20ms 7", "160ms-160ms 7", "300ms-300ms 7")
	equal(t, "their reads", did(tr, "client", "read"), "0s-40ms 7", "140ms-180ms 7", "280ms-320ms 7")
	if len(tr.Packets) != 6 || len(tr.Messages) != 6 {
		t.Errorf("there are %d packets and %d messages", len(tr.Packets), len(tr.Messages))
	}
}

// Without an answer to wait for, the interval is all there is between two.
func TestTheIntervalIsExact(t *testing.T) {
	tr := runs(t, "count: 5", "interval: 10ms", "reply: none")
	equal(t, "writes", did(tr, "client", "write"), "0s-0s 100", "10ms-10ms 100", "20ms-20ms 100", "30ms-30ms 100", "40ms-40ms 100")
	equal(t, "reads", did(tr, "server", "read"), "0s-20ms 100", "20ms-30ms 100", "30ms-40ms 100", "40ms-50ms 100", "50ms-60ms 100")
}

func TestDatagramsSentAtOnceStayApart(t *testing.T) {
	tr := runs(t, "count: 20", "reply: none")
	if reads := did(tr, "server", "read"); len(reads) != 20 {
		t.Errorf("the server reads %v", reads)
	}
}

func TestALostAnswerEndsWithTheTimeout(t *testing.T) {
	for _, touch := range []string{"drop: client:2", "drop: server:2"} {
		tr := runs(t, "message: hello", "count: 3", "timeout: 300ms", touch)
		equal(t, touch, did(tr, "client", "read"), "0s-40ms 5", "40ms-340ms 0: i/o timeout", "340ms-380ms 5")
	}
}

// Loss never stalls a run: it ends when the last answer came or was given up.
func TestLossNeverStallsARun(t *testing.T) {
	for seed := range 20 {
		for _, reply := range []string{"echo", "none", "3kB"} {
			tr := runs(t, "count: 30", "loss: 30%", "duplicate: 10%", "reorder: 10%", "timeout: 100ms", "reply: "+reply, fmt.Sprintf("seed: %d", seed))
			if n := len(did(tr, "client", "write")); n != 30 || tr.End > 30*101*time.Millisecond {
				t.Errorf("seed %d, reply %s: %d writes, the end at %v", seed, reply, n, tr.End)
			}
		}
	}
}

func TestALargeDatagramTravelsInPieces(t *testing.T) {
	for _, c := range []struct {
		lines  []string
		pieces []int // bytes of each IP packet
		read   []string
	}{
		{[]string{"size: 1472"}, []int{1500}, []string{"0s-20ms 1472"}},
		{[]string{"size: 1473"}, []int{1500, 21}, []string{"0s-20ms 1473"}},
		{[]string{"size: 3000"}, []int{1500, 1500, 68}, []string{"0s-20ms 3000"}},
		{[]string{"size: 3000", "drop: client:1"}, []int{1500, 1500, 68}, nil},
		{[]string{"size: 3000", "drop: client:3"}, []int{1500, 1500, 68}, nil},
		{[]string{"size: 1000", "mtu: 576"}, []int{572, 476}, []string{"0s-20ms 1000"}},
		{[]string{"size: 1452", "ipv6: true"}, []int{1500}, []string{"0s-20ms 1452"}},
		{[]string{"size: 1453", "ipv6: true"}, []int{1496, 61}, []string{"0s-20ms 1453"}},
		{[]string{"size: 1453", "ipv6: true", "drop: client:2"}, []int{1496, 61}, nil},
	} {
		tr := runs(t, append(c.lines, "reply: none")...)
		var pieces []int
		for i := range tr.Packets {
			h := packets.Scan(tr.Bytes(&tr.Packets[i]))
			pieces = append(pieces, h.IPLen)
		}
		equal(t, fmt.Sprint(c.lines, " pieces"), pieces, c.pieces...)
		equal(t, fmt.Sprint(c.lines, " read"), did(tr, "server", "read"), c.read...)
	}
}

func TestTheLargestDatagram(t *testing.T) {
	for _, v6 := range []string{"ipv6: false", "ipv6: true"} {
		tr := runs(t, "size: 65507", v6)
		equal(t, v6+" answers", did(tr, "client", "read"), "0s-40ms 65507")
	}
}

// The first write succeeds whatever becomes of it. The ICMP message that comes
// back is told to the next call on the socket, and once.
func TestAClosedPort(t *testing.T) {
	tr := runs(t, "message: hello", "to-port: 81", "count: 4", "interval: 100ms", "reply: none")
	equal(t, "writes", did(tr, "client", "write"), "0s-0s 5", "100ms-100ms 0: connection refused", "200ms-200ms 5", "300ms-300ms 0: connection refused")
	tr = runs(t, "message: hello", "to-port: 81", "count: 2", "interval: 100ms")
	equal(t, "writes that wait for an answer", did(tr, "client", "write"), "0s-0s 5", "140ms-140ms 5")
	equal(t, "their reads", did(tr, "client", "read"), "0s-40ms 0: connection refused", "140ms-180ms 0: connection refused")
	tr = runs(t, "message: hello", "to-port: 81", "count: 2", "block: icmp", "timeout: 100ms")
	equal(t, "reads where ICMP does not pass", did(tr, "client", "read"), "0s-100ms 0: i/o timeout", "100ms-200ms 0: i/o timeout")
}

func TestWhatDoesNotFitTheReadIsGone(t *testing.T) {
	tr := runs(t, "message: 0123456789", "read-size: 3", "count: 2", "interval: 1s")
	equal(t, "reads", did(tr, "server", "read"), "0s-20ms 3", "20ms-1.06s 3")
	equal(t, "answers", did(tr, "client", "read"), "0s-40ms 3", "1.04s-1.08s 3")
	tr = runs(t, "message: 0123456789", "read-size: 10")
	equal(t, "a read that fits", did(tr, "server", "read"), "0s-20ms 10")
}

// A program that does not read has room for some datagrams; the rest arrive and
// are thrown away.
func TestAFullSocketBuffer(t *testing.T) {
	tr := runs(t, "count: 99", "reply: none", "rcvbuf: 4096", "read-after: 1s")
	reads := did(tr, "server", "read")
	full := 0
	for i := range tr.Packets {
		if tr.Packets[i].Fate == trace.SocketFull {
			full++
		}
	}
	if len(reads) != 41 || reads[40] != "1s-1s 100" || full != 58 {
		t.Errorf("%d were read, the last %s, and %d found no room", len(reads), reads[len(reads)-1], full)
	}
}

func TestTheOtherIPAndRouters(t *testing.T) {
	for _, lines := range [][]string{{"ipv6: true"}, {"hops: 2"}, {"hops: 2", "ipv6: true"}, {"middlebox: forward"}, {"cold: true"}, {"ipv6: true", "cold: true"}} {
		tr := runs(t, append(lines, "message: hello", "timeout: 5s")...)
		if reads := did(tr, "client", "read"); len(reads) != 1 || !strings.HasSuffix(reads[0], " 5") {
			t.Errorf("%v: the client reads %v", lines, reads)
		}
	}
	tr := runs(t, "hops: 2", "message: hello")
	equal(t, "across two routers", did(tr, "client", "read"), "0s-120ms 5")
}

func TestArgumentsThatCannotBe(t *testing.T) {
	for line, want := range map[string]string{
		"size: 65508":      "size: 65508 cannot be; a message has from 1 byte to 65507",
		"size: 0":          "size: 0 cannot be; a message has from 1 byte to 65507",
		"reply: 0":         "reply: 0 cannot be; a datagram carries from 1 to 65507 bytes",
		"reply: 70kB":      "reply: 70kB cannot be; a datagram carries from 1 to 65507 bytes",
		"read-size: 0":     "read-size: 0 cannot be; a read offers from 1 byte to 1MiB",
		"read-size: 2MiB":  "read-size: 2MiB cannot be; a read offers from 1 byte to 1MiB",
		"timeout: 0s":      "timeout: 0 leaves no time for an answer; for none write --reply none",
		"count: 0":         `line 2: count: "0" cannot be; it is a whole number from 1 to 100000`,
		"half-close: true": `line 2: "half-close" is not known`,
	} {
		if _, err := parse(line); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", line, err, want)
		}
	}
}
