package graph

import (
	"testing"
	"time"

	"wirelab/trace"
	"wirelab/tui/paint"
)

// large is a trace of more than 100,000 frames.
func large(b *testing.B) *trace.Trace {
	tr := run(b, "tcp", "size=72MB", "reply=none", "loss=0.01%", "rate=1gbit", "delay=2ms", "limit-time=1h")
	if len(tr.Packets) < 100_000 {
		b.Fatalf("%d frames", len(tr.Packets))
	}
	return tr
}

func TestMemoryOfTheIndex(t *testing.T) {
	tr := run(t, "tcp", "size=5MB", "reply=none", "loss=0.01%", "rate=1gbit", "delay=2ms")
	for end := range 2 {
		ix := newIndex(tr, 0, end)
		bytes := 4*(cap(ix.samples)+cap(ix.sent)+cap(ix.again)) + 8*(cap(ix.trips)+cap(ix.losses)+cap(ix.arrivals))
		if most := 16 * len(tr.Samples); bytes > most {
			t.Errorf("end %d: the index takes %d bytes for %d samples, more than %d", end, bytes, len(tr.Samples), most)
		}
	}
}

// One frame of playing: the moment moves on.
func BenchmarkDraw(b *testing.B) {
	tr := large(b)
	for _, k := range all {
		b.Run(k.String(), func(b *testing.B) {
			g := New(tr)
			g.Show(k)
			c := paint.NewCanvas(120, 40)
			g.Draw(c.All(), tr.End)
			n := 0
			for b.Loop() {
				n++
				c.Reset(120, 40)
				g.Draw(c.All(), tr.End*time.Duration(n%1000)/1000)
			}
		})
	}
}

// The window takes another size.
func BenchmarkResize(b *testing.B) {
	tr := large(b)
	for _, k := range all {
		b.Run(k.String(), func(b *testing.B) {
			g := New(tr)
			g.Show(k)
			n := 0
			for b.Loop() {
				n++
				c := paint.NewCanvas(119+n%2, 40)
				g.Draw(c.All(), tr.End)
			}
		})
	}
}

// The graphs are opened for the first time.
func BenchmarkOpen(b *testing.B) {
	tr := large(b)
	c := paint.NewCanvas(120, 40)
	for b.Loop() {
		c.Reset(120, 40)
		New(tr).Draw(c.All(), tr.End/2)
	}
}
