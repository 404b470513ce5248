package dissect

import (
	"strings"
	"testing"

	"wirelab/packets/flow"
	"wirelab/trace"
)

// BenchmarkFrames reads 10 MB of frames that a client sends, as segments bring
// them.
func BenchmarkFrames(b *testing.B) {
	for _, c := range []struct {
		name string
		size int
	}{{"125 bytes", 125}, {"1 kB", 1000}, {"100 kB", 100_000}} {
		b.Run(c.name, func(b *testing.B) {
			var stream strings.Builder
			stream.WriteString(upgrade("/ws"))
			for one := frame(true, 0x81, strings.Repeat("x", c.size)); stream.Len() < 10<<20; {
				stream.WriteString(one)
			}
			bench(b, stream.String(), switching(""))
		})
	}
}

// BenchmarkEvents reads 10 MB of Socket.IO events over a WebSocket.
func BenchmarkEvents(b *testing.B) {
	var stream strings.Builder
	stream.WriteString(upgrade(overSock))
	for one := frame(true, 0x81, `42["message","`+strings.Repeat("x", 100)+`"]`); stream.Len() < 10<<20; {
		stream.WriteString(one)
	}
	bench(b, stream.String(), switching(""))
}

// BenchmarkRequests reads 10 MB of requests and their answers.
func BenchmarkRequests(b *testing.B) {
	ask, answer := post("/path", strings.Repeat("x", 100)), ok(strings.Repeat("y", 1000))
	bench(b, strings.Repeat(ask, 5<<10), strings.Repeat(answer, 5<<10))
}

func bench(b *testing.B, client, server string) {
	const segment = 1420
	b.SetBytes(int64(len(client) + len(server)))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		d := New()
		for _, end := range []int{1, 0} { // so that the long one does not wait
			text := []string{client, server}[end]
			for at := 0; at < len(text); at += segment {
				d.Feed(trace.StreamOf(0, end), uint16(end), uint16(1-end), flow.Piece{At: int64(at), Data: []byte(text[at:min(len(text), at+segment)])})
			}
		}
		d.Finish()
		rows = len(d.Rows())
	}
	b.ReportMetric(float64(rows), "rows")
}
