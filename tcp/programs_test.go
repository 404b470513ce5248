package tcp

import (
	"fmt"
	"testing"
	"time"

	"wirelab/trace"
)

// calls are those of one kind on a host that returned.
func calls(tr *trace.Trace, host, what string) (list []*trace.Call) {
	for i := range tr.Calls {
		if c := &tr.Calls[i]; tr.Name(c.Host) == host && c.What == what && c.End != trace.Never {
			list = append(list, c)
		}
	}
	return list
}

func lens(cs []*trace.Call) (list []int64) {
	for _, c := range cs {
		list = append(list, c.Span.Len())
	}
	return list
}

func TestAServerThatReadsLittleAtATime(t *testing.T) {
	tr := run(t, "message: 0123456789", "reply: none", "read-size: 4")
	equal(t, "reads", lens(calls(tr, "server", "read")), []int64{4, 4, 2, 0})
	if m := tr.Messages[0]; m.Arrived != calls(tr, "server", "read")[2].End {
		t.Errorf("the message is read whole at %v", m.Arrived)
	}
}

// What was read at a rate is paid for before the next read.
func TestAServerThatReadsSlowly(t *testing.T) {
	tr := run(t, "size: 1000", "reply: none", "read-size: 100", "read-rate: 1kB/s", "rate: none")
	reads := calls(tr, "server", "read")
	if len(reads) != 11 {
		t.Fatalf("there are %d reads, want 10 and the end", len(reads))
	}
	for i, c := range reads[1:] {
		if gap := c.Start - reads[i].End; gap != 100*time.Millisecond {
			t.Errorf("read %d begins %v after the one before", i+2, gap)
		}
	}
}

func TestAServerThatBeginsToReadLate(t *testing.T) {
	tr := run(t, "message: hello", "read-after: 3s", "rate: none")
	if c := calls(tr, "server", "read")[0]; c.Start != 3*time.Second+60*time.Millisecond {
		t.Errorf("the first read begins at %v, want 3 s after the accept", c.Start)
	}
}

// Each client is a connection of its own, and each visit another port.
func TestClientsAndTheirVisits(t *testing.T) {
	for _, c := range []struct{ clients, again, visits int }{{1, 1, 2}, {3, 0, 3}, {4, 2, 12}, {50, 0, 50}} {
		lines := []string{fmt.Sprintf("clients: %d", c.clients), "message: hello"}
		if c.again > 0 {
			lines = append(lines, fmt.Sprintf("reconnect: %d", c.again))
		}
		tr := run(t, lines...)
		ports := map[uint16]bool{}
		for i := range tr.Conns {
			ports[tr.Conns[i].Ends[0].Addr.Port()] = true
			if got := string(content(t, tr, trace.StreamOf(int32(i), 1))); got != "hello" {
				t.Errorf("%v: connection %d is answered %q", lines, i+1, got)
			}
		}
		if len(tr.Conns) != c.visits || len(ports) != c.visits || len(calls(tr, "server", "accept")) != c.visits {
			t.Errorf("%v: %d connections from %d ports, %d accepted", lines, len(tr.Conns), len(ports), len(calls(tr, "server", "accept")))
		}
	}
}

func TestARefusedClientDoesNotComeAgain(t *testing.T) {
	tr := run(t, "to-port: 81", "reconnect: 3", "clients: 2")
	if n := len(calls(tr, "client", "connect")); n != 2 {
		t.Errorf("it connects %d times, want once each", n)
	}
}

// close-after says when a reset leaves, too.
func TestAResetAfterAWhile(t *testing.T) {
	tr := run(t, "message: hello", "reset: true", "close-after: 2s", "rate: none")
	if c := calls(tr, "client", "close")[0]; c.Start != 2*time.Second+40*time.Millisecond {
		t.Errorf("the client closes at %v", c.Start)
	}
	if n := len(calls(tr, "client", "read")); n != 0 {
		t.Errorf("it reads %d times", n)
	}
}

// What is between the hosts changes none of the bytes.
func TestEveryByteArrivesOnAnyWay(t *testing.T) {
	for _, lines := range [][]string{
		{"ipv6: true"}, {"ipv6: true", "cold: true"}, {"cold: true"}, {"hops: 1"}, {"hops: 3", "ipv6: true"}, {"hops: 30"},
		{"middlebox: forward"}, {"middlebox: strip:Upgrade"}, {"middlebox: forward", "ipv6: true"},
		{"profile: lan"}, {"profile: wifi"}, {"profile: 4g"}, {"profile: satellite"}, {"profile: bad"},
	} {
		tr := run(t, append(lines, "size: 30kB", "reply: 20kB")...)
		var read, answered int64
		for _, n := range lens(calls(tr, "server", "read")) {
			read += n
		}
		for _, n := range lens(calls(tr, "client", "read")) {
			answered += n
		}
		if read != 30_000 || answered != 20_000 {
			t.Errorf("%v: the server reads %d bytes and the client %d", lines, read, answered)
		}
	}
}

func TestTheWaysToEndThatContradict(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"reset: true\nhalf-close: true", "reset and half-close are two ways to end a connection; give one of them"},
		{"close-after: 1s\nhalf-close: true", "close-after and half-close: the one closes without reading, the other reads to the end; give one of them"},
		{"read-size: 0", "read-size: 0 cannot be; a read takes 1 byte or more"},
		{"clients: 10000\nreconnect: 10000", fmt.Sprintf("%d messages of %d bytes are more than the 1GiB that a run may send", 10_000*10_001, DefaultSize)},
	} {
		if _, err := parse(c.lines); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v\nwant %s", c.lines, err, c.want)
		}
	}
	if s := read(t, "read-rate: 10kB/s"); s.Speed("read-rate") != 10_000 {
		t.Errorf("the rate is %d", s.Speed("read-rate"))
	}
}
