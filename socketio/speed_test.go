package socketio

import (
	"testing"

	"wirelab/trace"
)

// crowd is 1,000 clients on one wire, each of which acknowledges 10 events of the
// server.
func crowd(transports string) []string {
	return []string{"clients: 1000", "count: 0", "emit-from-server: 10", "every: 100ms", "ask: true", "transports: " + transports,
		"delay: 20ms", "rate: 1gbit", "queue: 100000p"}
}

func acknowledged(tr *trace.Trace) (n int) {
	for i := range tr.Calls {
		if c := &tr.Calls[i]; c.What == "ack" && tr.Name(c.Host) == "server" && c.Result == "" {
			n++
		}
	}
	return n
}

func benchmarkCrowd(b *testing.B, transports string) {
	for b.Loop() {
		tr := run(b, crowd(transports)...)
		if n := acknowledged(tr); n != 10_000 {
			b.Fatalf("%d acknowledgements came, want 10,000", n)
		}
		b.ReportMetric(float64(len(tr.Packets)), "frames")
		b.ReportMetric(tr.End.Seconds(), "lab-s")
	}
}

// 1,000 clients, each acknowledging 10 events, over a WebSocket from the start.
func BenchmarkThousandClientsOnWebSockets(b *testing.B) { benchmarkCrowd(b, "websocket") }

// The same with polling first, and an upgrade.
func BenchmarkThousandClientsPollingFirst(b *testing.B) { benchmarkCrowd(b, bothWays) }
