package scene_test

import (
	"fmt"
	"runtime"
	"testing"

	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

// large are traces of about 100,000 frames: on one connection, and on 1,000.
func large(b testing.TB) map[string]*trace.Trace {
	return map[string]*trace.Trace{
		"1":    run(b, "exchange: tcp", "size: 70MB", "reply: none", "rate: 100mbit", "loss: 1%", "limit-time: 10m"),
		"1000": run(b, "exchange: tcp", "clients: 1000", "size: 30kB", "count: 2", "reply: echo", "rate: 100mbit", "loss: 1%", "limit-time: 10m"),
	}
}

func BenchmarkScene(b *testing.B) {
	for name, tr := range large(b) {
		t := story.NewTeller(tr)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := scene.New(t)
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.Logf("%d frames, %d events, %d calls, %d messages: %.1f bytes a frame", len(tr.Packets), t.Len(), len(tr.Calls), len(tr.Messages),
			float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/float64(len(tr.Packets)))
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
