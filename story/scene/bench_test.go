package scene_test

import (
	"fmt"
	"runtime"
	"testing"

	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

// large are traces of about 100,000 frames: on one connection, on 1,000, and of
// datagrams.
func large(b testing.TB) map[string]*trace.Trace {
	return map[string]*trace.Trace{
		"tcp":   run(b, "exchange: tcp", "size: 70MB", "reply: none", "rate: 100mbit", "loss: 1%", "limit-time: 10m"),
		"conns": run(b, "exchange: tcp", "clients: 1000", "size: 30kB", "reply: 20kB", "rate: 100mbit", "loss: 1%", "limit-time: 10m"),
		"udp":   run(b, "exchange: udp", "size: 100", "count: 50000", "rate: 100mbit", "delay: 1ms", "loss: 1%", "timeout: 10ms", "limit-time: 1h"),
	}
}

// bytesPerFrame bounds what a Scene keeps of a frame: with the Teller's the
// player stays under 100.
const bytesPerFrame = 24

func TestAFrameTakesLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 300,000 frames")
	}
	for name, tr := range large(t) {
		of := story.NewTeller(tr)
		var before, after runtime.MemStats
		settle(&before)
		s := scene.New(of)
		settle(&after)
		each := float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / float64(len(tr.Packets))
		t.Logf("%s: %d frames, %d events, %.1f bytes a frame", name, len(tr.Packets), of.Len(), each)
		if each > bytesPerFrame || each < 4 {
			t.Errorf("%s: a frame takes %.1f bytes, want at most %d", name, each, bytesPerFrame)
		}
		runtime.KeepAlive(s)
		runtime.KeepAlive(of)
	}
}

// settle reads how much memory is in use when what nobody needs is gone.
func settle(m *runtime.MemStats) {
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(m)
}

func BenchmarkScene(b *testing.B) {
	for name, tr := range large(b) {
		t := story.NewTeller(tr)
		s := scene.New(t)
		b.Run(name+"/New", func(b *testing.B) {
			for b.Loop() {
				scene.New(t)
			}
		})
		var ms []story.Moment
		for i := range 1000 {
			ms = append(ms, t.After(t.Len()*i/1000))
		}
		ms = append(ms, t.After(t.Len()-1))
		bench := func(what string, query func(m story.Moment)) {
			b.Run(fmt.Sprintf("%s/%s", name, what), func(b *testing.B) {
				i := 0
				for b.Loop() {
					query(ms[i*7919%len(ms)])
					i++
				}
			})
		}
		conn := int32(len(tr.Conns) / 2)
		bench("UnderWayAll", func(m story.Moment) { s.UnderWay(scene.All(), m) })
		bench("UnderWayConn", func(m story.Moment) { s.UnderWay(scene.OfConn(conn), m) })
		bench("Ends", func(m story.Moment) { s.Ends(conn, m) })
		bench("CurrentAll", func(m story.Moment) { s.Current(scene.All(), m) })
		bench("Strip", func(m story.Moment) {
			of, _ := s.Current(scene.OfConn(conn), m)
			s.Strip(of, m, 40)
		})
		bench("LadderAll", func(m story.Moment) { s.Ladder(scene.All(), m, 40) })
		bench("LadderConn", func(m story.Moment) { s.Ladder(scene.OfConn(conn), m, 40) })
		bench("LadderBetween", func(m story.Moment) { s.Ladder(scene.Between(0, 1), m, 40) })
		bench("Carries", func(m story.Moment) { s.Carries(len(tr.Packets) * (m.Done + 1) / (t.Len() + 2)) })
		bench("Links", func(m story.Moment) { s.Links(trace.Ref{Table: trace.Packets, Row: len(tr.Packets) / 2}) })
		runtime.KeepAlive(s)
	}
}
