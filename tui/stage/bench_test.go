package stage

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"wirelab/story"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

// large are runs of about 100,000 frames: one connection with losses, and 1,000
// of them.
var large = []struct {
	name     string
	settings []string
}{
	{"1", []string{"size=70MB", "reply=none", "rate=1gbit", "loss=1%"}},
	{"1000", []string{"clients=1000", "size=30kB", "count=2", "rate=100mbit", "loss=1%"}},
}

// A use is what one does with a stage: prepare puts it in a state, do is
// measured, from the key to the text for the terminal.
type use struct {
	name    string
	prepare func(s *Stage)
	do      func(s *Stage)
}

func key(actions ...keys.Action) func(s *Stage) {
	return func(s *Stage) {
		for _, a := range actions {
			s.Do(a)
		}
	}
}

var uses = []use{
	{"step", key(), key(keys.Right)},
	{"back", key(), key(keys.Left)},
	{"ten steps", key(), key(keys.PageDown)},
	{"up", key(), key(keys.Up)},
	{"down", key(keys.Up, keys.Up, keys.Up), key(keys.Down)},
	{"calls", key(), key(keys.Zoom)},
	{"messages", key(keys.Zoom), key(keys.Zoom)},
	{"packets", key(keys.Zoom, keys.Zoom), key(keys.Zoom)},
	{"step calls", key(keys.Zoom), key(keys.Right)},
	{"up calls", key(keys.Zoom), key(keys.Up)},
	{"open call", key(keys.Zoom), key(keys.Open)},
	{"graph sequence", key(), key(keys.Graphs)},
	{"graph flight", key(keys.Graphs), key(keys.Graphs)},
	{"graph round trip", key(keys.Graphs, keys.Graphs), key(keys.Graphs)},
	{"graph step", key(keys.Graphs), key(keys.Right)},
	{"large", key(), key(keys.Large)},
	{"large message", key(keys.NextPane), key(keys.Large)},
	{"up in message", key(keys.NextPane), key(keys.Up)},
	{"connection", key(), key(keys.NextConn)},
	{"step connection", key(keys.NextConn), key(keys.Right)},
	{"back connection", key(keys.NextConn, keys.NextConn), key(keys.Left)},
	{"loss", key(), key(keys.NextLoss)},
	{"loss before", key(), key(keys.PrevLoss)},
	{"again", key(), key(keys.NextAgain)},
	{"state", key(), key(keys.NextChange)},
	{"call before", key(), key(keys.PrevCall)},
	{"first", key(), key(keys.First)},
	{"last", key(), key(keys.Last)},
	{"tick", key(keys.Play), func(s *Stage) { s.Tick(33 * time.Millisecond) }},
	{"tick calls", key(keys.Zoom, keys.Play), func(s *Stage) { s.Tick(33 * time.Millisecond) }},
	{"scrub", key(), func(s *Stage) { s.Click(timeTarget{120, 77}) }},
}

// BenchmarkKey answers keys at random places of large traces at 120x40: what
// takes the longest in a hundred must not be felt.
func BenchmarkKey(b *testing.B) {
	for _, l := range large {
		ex, sc, tr, err := run(b, "tcp", l.settings...)
		b.Logf("%s: %d packets", l.name, len(tr.Packets))
		s := New(ex, sc, tr, err)
		for _, u := range uses {
			b.Run(l.name+"/"+u.name, func(b *testing.B) { answer(b, s, u) })
		}
	}
}

func answer(b *testing.B, s *Stage, u use) {
	theme, _ := paint.ThemeOf("dark")
	look := screen.Look{Theme: "dark", Words: true}
	c := paint.NewCanvas(120, 38)
	r := rand.New(rand.NewPCG(1, uint64(len(u.name))))
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		s.reset(s.tell.After(r.IntN(s.tell.Len())))
		u.prepare(s)
		c.Reset(120, 38)
		s.Draw(c.All(), look)
		b.StartTimer()
		begin := time.Now()
		u.do(s)
		c.Reset(120, 38)
		s.Draw(c.All(), look)
		c.Render(theme)
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	report := func(d time.Duration, unit string) { b.ReportMetric(float64(d)/float64(time.Millisecond), unit) }
	report(took[len(took)/2], "p50-ms")
	report(took[len(took)*99/100], "p99-ms")
	report(took[len(took)-1], "max-ms")
}

// reset is the stage as it begins, at a moment.
func (s *Stage) reset(at story.Moment) {
	s.playing, s.picked, s.pinned, s.large, s.showGr, s.pane = false, false, false, false, false, rowsPane
	s.zoom = packetsZoom
	s.stopAt(at)
}

func BenchmarkNew(b *testing.B) {
	for _, l := range append(large, struct {
		name     string
		settings []string
	}{"default", nil}) {
		ex, sc, tr, err := run(b, "tcp", l.settings...)
		b.Run(fmt.Sprintf("%s/%d", l.name, len(tr.Packets)), func(b *testing.B) {
			for b.Loop() {
				New(ex, sc, tr, err)
			}
		})
	}
}

// TestThePlayerTakesUnder100BytesAFrame holds what the stage keeps beyond the
// trace: the places of the events, and what a scene finds out beforehand.
func TestThePlayerTakesUnder100BytesAFrame(t *testing.T) {
	for _, settings := range [][]string{
		{"size=20MB", "reply=none", "rate=1gbit", "loss=1%"},
		{"clients=200", "size=30kB", "count=2", "rate=100mbit", "loss=1%"},
	} {
		ex, sc, tr, err := run(t, "tcp", settings...)
		heap := func() uint64 {
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before := heap()
		s := New(ex, sc, tr, err)
		c := paint.NewCanvas(120, 38)
		for _, k := range []keys.Action{keys.Graphs, keys.Graphs, keys.Graphs, keys.Graphs, keys.Zoom, keys.NextConn} {
			s.Do(k) // what is found out when somebody asks is there too
			s.Draw(c.All(), screen.Look{Words: true})
		}
		a := float64(int64(heap())-int64(before)) / float64(len(tr.Packets))
		t.Logf("%d frames: %.1f bytes a frame", len(tr.Packets), a)
		if a >= 100 {
			t.Errorf("%d frames: %.1f bytes a frame, want under 100", len(tr.Packets), a)
		}
		runtime.KeepAlive(s)
	}
}

// BenchmarkHistories opens the two histories of a large trace, of which the last
// packets are not the same.
func BenchmarkHistories(b *testing.B) {
	for _, l := range large {
		ex, sc, tr, err := run(b, "tcp", l.settings...)
		s := New(ex, sc, tr, err)
		s.before = s.now
		c := paint.NewCanvas(120, 38)
		b.Run(fmt.Sprintf("%s/%d", l.name, s.tell.Len()), func(b *testing.B) {
			for b.Loop() {
				h := newHistories(s)
				h.Draw(c.All(), screen.Look{})
				h.Do(keys.Last)
				h.Draw(c.All(), screen.Look{})
			}
		})
	}
}

// BenchmarkFind looks through all events of a large trace for a text that none
// has; in between the screen must answer.
func BenchmarkFind(b *testing.B) {
	for _, l := range large {
		s := New(run(b, "tcp", l.settings...))
		b.Run(fmt.Sprintf("%s/%d", l.name, s.tell.Len()), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				s.goTo(s.tell.After(-1))
				s.found = "nobody says this"
				begin := time.Now()
				s.find(1)
				for s.Moving() {
					took = append(took, time.Since(begin))
					begin = time.Now()
					s.Tick(0)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
			b.ReportMetric(float64(took[len(took)-1])/1e6, "max-ms")
		})
	}
}
