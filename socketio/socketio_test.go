package socketio

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wirelab/trace"
)

// counted is how many calls of each of these kinds the programs of a host made.
func counted(tr *trace.Trace, host string, whats ...string) (counts []int) {
	for _, what := range whats {
		n := 0
		for _, c := range calls(tr, host, what) {
			if c.Conn < 0 && c.Result == "" {
				n++
			}
		}
		counts = append(counts, n)
	}
	return counts
}

// What is between the hosts changes no event.
func TestEveryEventIsAnsweredOnAnyWay(t *testing.T) {
	for _, transports := range []string{"polling,websocket", "polling", "websocket"} {
		for _, way := range []string{"ipv6: true", "cold: true", "hops: 3", "middlebox: forward", "middlebox: strip:Upgrade", "profile: lan", "profile: wifi", "profile: 4g", "profile: satellite",
			"loss: 10%", "reorder: 20%", "duplicate: 20%", "corrupt: 5%", "mtu: 300", "rcvbuf: 4096", "nagle: true", "port: 3000"} {
			if transports == "websocket" && strings.HasPrefix(way, "middlebox: strip") {
				continue
			}
			tr := run(t, way, "transports: "+transports, "count: 6", "ack: 3", "size: 3000", "seed: 3")
			if got := fmt.Sprint(counted(tr, "server", "on", "handle", "ack"), counted(tr, "client", "emit", "handle", "ack")); got != "[6 6 3] [6 6 3]" {
				t.Errorf("%s, %s: %s", transports, way, got)
			}
		}
	}
}

func TestVolatileEventsOfTheServer(t *testing.T) {
	// The client polls, and is on its way back and forth with a GET most of the time.
	lines := []string{"transports: polling", "count: 0", "emit-from-server: 50", "every: 7ms", "rate: none", "stay: 2s"}
	sure, volatile := run(t, lines...), run(t, append(lines, "volatile: true")...)
	if got := counted(sure, "client", "on")[0]; got != 50 {
		t.Errorf("%d of 50 events are heard", got)
	}
	if got := counted(volatile, "client", "on")[0]; got < 5 || got > 25 {
		t.Errorf("%d of 50 volatile events are heard, by a client that listens a third of the time", got)
	}
}

func TestTheLayerBelowAlone(t *testing.T) {
	for _, lines := range []string{"count: 5", "count: 5\ntransports: polling", "count: 3\ntransports: websocket\nbinary: 1\nclients: 3", "count: 0\nstay: 3s"} {
		tr := run(t, "engine-only: true", lines)
		s, err := parse(lines)
		if err != nil {
			t.Fatal(err)
		}
		clients := max(s.Int("clients"), 1)
		if got, want := fmt.Sprint(counted(tr, "client", "connect", "send", "disconnect")), fmt.Sprint([]int{clients, clients * s.Int("count"), clients}); got != want {
			t.Errorf("%q: connects, sends, disconnects %s, want %s", lines, got, want)
		}
	}
}

// A message of the client that is too large: over a WebSocket the session is closed
// with 1009, over a POST the answer is 413, and the client has it as an error.
func TestAMessageTooLarge(t *testing.T) {
	for transports, want := range map[string]string{"websocket": "transport close", "polling": "transport error"} {
		tr := run(t, "transports: "+transports, "size: 5000", "max-payload: 1kB", "reconnect: off")
		if got := program(t, tr, "client", "disconnect").Note; got != want {
			t.Errorf("%s: the client is disconnected for %q", transports, got)
		}
	}
}

// A client that is never let in, because the wire is dead, gives up in time.
func TestADeadWire(t *testing.T) {
	tr, err := try(t, "cut: 0s", "attempts: 2", "transports: websocket")
	if err == nil || err.Error() != "client: timeout" {
		t.Errorf("%v", err)
	}
	if got := program(t, tr, "client", "connect"); got.End < 60*time.Second || got.End > 70*time.Second {
		t.Errorf("it gives up after %v: three times 20 s, and two waits", got.End)
	}
}

// One that fails at first, and then is let in, has not failed.
func TestAWireThatComesToLife(t *testing.T) {
	tr := run(t, "cut: 0s", "restore: 30s", "transports: websocket")
	if got := counted(tr, "client", "connect", "emit", "handle"); fmt.Sprint(got) != "[1 1 1]" {
		t.Errorf("connects, emits, answers: %v", got)
	}
}

func TestTheMoments(t *testing.T) {
	tr := run(t, "cut: 3s", "restore: 4s", "stay: 10s", "rate: none", "count: 0")
	var names []string
	for _, m := range tr.Marks {
		names = append(names, fmt.Sprint(m.Name, " ", m.At))
	}
	if want := "[connected 160ms idle 200ms upgraded 200ms cut 3s restored 4s idle-end 10.2s]"; fmt.Sprint(names) != want {
		t.Errorf("they are %v\nwant %s", names, want)
	}
}
