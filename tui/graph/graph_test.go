package graph

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/trace"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
)

func lossy(t testing.TB) *trace.Trace {
	return run(t, "tcp", "size=100kB", "reply=none", "loss=3%", "seed=4")
}

// moments are times all over a trace, and its ends.
func moments(tr *trace.Trace, n int) []time.Duration {
	ts := []time.Duration{-1, 0, tr.End, tr.End + time.Hour}
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		ts = append(ts, time.Duration(r.Int64N(int64(tr.End))))
	}
	return ts
}

func TestEverySegmentHasItsMark(t *testing.T) {
	tr := lossy(t)
	g := New(tr)
	const w, h = 97, 31
	p := g.plot()
	p.resize(w, h, 0)
	ix := p.ix
	marks := 0
	for _, now := range moments(tr, 40) {
		for i := range tr.Packets {
			q := &tr.Packets[i]
			data := q.Span.Data(100_000)
			if q.Span.Stream != trace.StreamOf(0, 0) || data.Empty() {
				continue
			}
			// In exact fractions, and not in the integers of the picture.
			column := float64(q.Sent-ix.from) / float64(ix.to-ix.from) * w
			row := h - float64(data.Lo+data.Hi)/2/float64(p.y.hi)*h
			c := min(int(column), w-1)
			found := slices.IndexFunc(p.at(c, now), func(k cell) bool { return k.r == lostSign || k.r == againSign || k.r >= noDots }) >= 0
			if q.Sent > now {
				continue
			}
			marks++
			near := false
			for y := max(int(row)-1, 0); y <= min(int(row)+1, h-1); y++ {
				r := p.at(c, now)[y].r
				near = near || r == lostSign || r == againSign || r >= noDots
			}
			if !found || !near {
				t.Fatalf("at %v, packet %d of bytes %d to %d, sent at %v: no mark near column %d, row %.1f\n%s", now, i, data.Lo, data.Hi, q.Sent, c, row, draw(g, w+8, h+8, now))
			}
		}
	}
	if marks < 1000 {
		t.Fatalf("only %d marks were looked at", marks)
	}
}

func TestSignsTellLossAndRepetition(t *testing.T) {
	tr := lossy(t)
	g := New(tr)
	const w, h = 400, 120 // every segment has cells of its own
	p := g.plot()
	p.resize(w, h, 0)
	lost, again := 0, 0
	for i := range tr.Packets {
		q := &tr.Packets[i]
		data := q.Span.Data(100_000)
		if q.Span.Stream != trace.StreamOf(0, 0) || data.Empty() {
			continue
		}
		c, y := p.x.column(q.Sent, w), p.row((data.Lo+data.Hi-1)/2)
		sign := p.at(c, tr.End)[y].r
		switch {
		case q.Fate.Lost():
			lost++
			if sign != lostSign {
				t.Errorf("packet %d is lost, and its sign is %q", i, sign)
			}
			if before := p.at(c, q.Left-1)[y].r; before == lostSign {
				t.Errorf("packet %d: the loss shows before it has left", i)
			}
		case q.Again:
			again++
			if sign != againSign {
				t.Errorf("packet %d is sent again, and its sign is %q", i, sign)
			}
		}
	}
	if lost < 2 || again < 2 {
		t.Fatalf("%d lost, %d again: nothing to see", lost, again)
	}
}

// The line of what is acknowledged stays below what was sent.
func TestAcknowledgedIsNotAboveSent(t *testing.T) {
	tr := lossy(t)
	g := New(tr)
	for _, size := range []int{5, 17, 40, 90} {
		p := g.plot()
		p.resize(2*size, size, 0)
		for c := range 2 * size {
			highest := int64(0)
			for i := range tr.Packets {
				if q := &tr.Packets[i]; q.Span.Stream == trace.StreamOf(0, 0) && q.Sent < p.x.start(c+1) {
					highest = max(highest, q.Span.Data(100_000).Hi)
				}
			}
			for y, k := range p.at(c, tr.End) {
				if strings.ContainsRune("─│╭╯", k.r) && y < p.row(highest) {
					t.Fatalf("%d rows, column %d: the line is in row %d, above byte %d in row %d", size, c, y, highest, p.row(highest))
				}
			}
		}
	}
}

// A trace with another future looks the same until then.
func TestNothingAfterNowIsDrawn(t *testing.T) {
	for _, run := range []*trace.Trace{
		lossy(t),
		run(t, "udp", "count=40", "interval=10ms", "reply=none", "loss=20%", "jitter=15ms"),
		run(t, "ping", "count=10", "loss=20%", "interval=30ms"),
	} {
		for _, now := range moments(run, 30) {
			other := *run
			other.Packets = slices.Clone(run.Packets)
			for i := range other.Packets {
				if p := &other.Packets[i]; wasted(p) && wastedAt(p) > now {
					p.Fate = trace.UnderWay
				} else if p.Sent > now {
					p.Again = !p.Again
				}
			}
			other.Samples = slices.Clone(run.Samples)
			turnAround(other.Samples, now)
			g, o := New(run), New(&other)
			for _, k := range []Kind{Sequence, Flight, RoundTrip} {
				if k == RoundTrip && g.index().tcp() {
					continue // what was measured decides how high the scale is
				}
				g.Show(k)
				o.Show(k)
				if a, b := draw(g, 110, 33, now), draw(o, 110, 33, now); a != b {
					t.Errorf("%v at %v tells what is still to come:\n%s\n%s", k, now, a, b)
				}
			}
		}
	}
}

// turnAround puts what the samples of each end after now say into the opposite
// order, and leaves their times.
func turnAround(samples []trace.Sample, now time.Duration) {
	for end := range uint8(2) {
		var rows []int
		for i := range samples {
			if samples[i].End == end && samples[i].At > now {
				rows = append(rows, i)
			}
		}
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			a, b := &samples[rows[i]], &samples[rows[j]]
			*a, *b = *b, *a
			a.At, b.At = b.At, a.At
			a.Step, b.Step = b.Step, a.Step
		}
	}
}

func TestRightOfNowIsEmpty(t *testing.T) {
	tr := lossy(t)
	g := New(tr)
	for _, k := range all {
		g.Show(k)
		p := g.plot()
		p.resize(90, 30, 2)
		for _, now := range moments(tr, 30) {
			for c := range 90 {
				empty := !slices.ContainsFunc(p.at(c, now), func(k cell) bool { return k.r != 0 })
				if p.x.start(c) > now && !empty {
					t.Fatalf("%v at %v: column %d begins at %v, and is not empty", k, now, c, p.x.start(c))
				}
			}
		}
	}
}

// What is drawn depends on the moment only, not on what was drawn before.
func TestEveryWayToAMomentShowsTheSame(t *testing.T) {
	tr := lossy(t)
	walker := New(tr)
	for _, now := range moments(tr, 25) {
		for _, k := range all {
			for _, w := range []int{40, 118} {
				fresh := New(tr)
				fresh.Show(k)
				walker.Show(k)
				if a, b := draw(walker, w, 30, now), draw(fresh, w, 30, now); a != b {
					t.Fatalf("%v at %v:\n%s\nbut by itself:\n%s", k, now, a, b)
				}
			}
		}
	}
}

func TestEverySizeIsDrawn(t *testing.T) {
	traces := []*trace.Trace{
		{}, run(t, "tcp", "message=hi"), run(t, "ping"), run(t, "udp"), run(t, "dns"), run(t, "traceroute"),
		run(t, "tcp", "message=hi", "drop=client:1,client:2,client:3"),
	}
	for n, tr := range traces {
		g := New(tr)
		for conn := int32(-1); conn < int32(len(tr.Conns)+1); conn++ {
			for end := -1; end < 2; end++ {
				g.Set(conn, end)
				for _, k := range all {
					g.Show(k)
					for w := 1; w <= 130; w += 1 + 3*n {
						for h := 1; h <= 50; h += 1 + 2*n {
							draw(g, w, h, tr.End*time.Duration(w*h%7)/5-1)
						}
					}
					draw(g, 0, 0, 0)
				}
			}
		}
	}
}

func TestDirection(t *testing.T) {
	g := New(run(t, "tcp", "message=hi", "reply=5000"))
	if conn, end := g.Shown(); conn != 0 || end != 1 {
		t.Errorf("connection %d, end %d is shown first; the server sends more", conn, end)
	}
	if !g.Do(keys.Layers) || g.Do(keys.Up) {
		t.Error("the direction is turned with the key of the layers, and no other key is known")
	}
	if _, end := g.Shown(); end != 0 {
		t.Error("the direction was not turned")
	}
	if got := draw(g, 80, 20, ms(1000)); !strings.Contains(got, "client to server") {
		t.Errorf("no word of the direction:\n%s", got)
	}
}

func TestAClickIsAMoment(t *testing.T) {
	tr := lossy(t)
	g := New(tr)
	c := paint.NewCanvas(120, 36)
	g.Draw(c.All(), tr.End)
	seen := 0
	last := Moment(-1)
	for x := range 120 {
		if m, ok := c.Hit(x, 15).(Moment); ok {
			if m <= last || time.Duration(m) > tr.End {
				t.Errorf("column %d is %v, after %v", x, m, last)
			}
			last = m
			seen++
		}
	}
	if seen < 80 {
		t.Errorf("%d columns can be clicked", seen)
	}
}

// What the words say of the windows is so, counted in packets.
func TestWordsOfTheWindows(t *testing.T) {
	for _, test := range []struct {
		word string
		tr   *trace.Trace
		want int
	}{
		{"congestion window is full", run(t, "tcp", "size=100kB", "reply=none"), 20},
		{"receiver's window is full", run(t, "tcp", slow...), 10},
		{"receiver has no room", run(t, "tcp", "size=100kB", "reply=none", "rcvbuf=16kB", "read-after=2s"), 1},
	} {
		g := New(test.tr)
		g.Show(Flight)
		said := 0
		for _, row := range g.index().samples {
			s := &test.tr.Samples[row]
			if after := g.index().at(s.At); after != s || !strings.Contains(strings.Join(g.caption(s.At), " "), test.word) {
				continue
			}
			said++
			segments, bytes := 0, int64(0)
			for i := range test.tr.Packets {
				p := &test.tr.Packets[i]
				if p.Span.Stream == trace.StreamOf(0, 0) && !p.Again && p.Sent <= s.At && p.Span.Hi >= int64(s.SndUna) {
					segments++
					bytes += p.Span.Len()
				}
			}
			switch {
			case test.word == "congestion window is full" && segments < int(s.Cwnd),
				test.word == "receiver's window is full" && bytes < int64(s.SndWnd),
				test.word == "receiver has no room" && s.SndWnd > 0:
				t.Errorf("at %v: %q, with %d segments of %d bytes in flight, cwnd %d, window %d", s.At, test.word, segments, bytes, s.Cwnd, s.SndWnd)
			}
		}
		if said < test.want {
			t.Errorf("%q was said %d times, want %d or more", test.word, said, test.want)
		}
	}
}

// A capture has packets, and nobody's state.
func TestWithoutSamples(t *testing.T) {
	tr := *lossy(t)
	tr.Samples = nil
	g := New(&tr)
	for k, want := range []string{"only what it sent is drawn", "Nobody recorded", "Nobody recorded"} {
		g.Show(Kind(k))
		got := draw(g, 120, 20, tr.End)
		if !strings.Contains(got, want) || Kind(k) == Sequence && !strings.ContainsRune(got, lostSign) {
			t.Errorf("%v says nothing of %q:\n%s", Kind(k), want, got)
		}
	}
}

// Each line has a sign of its own, in ASCII too.
func TestSignsDifferInASCII(t *testing.T) {
	mono, _ := paint.ThemeOf("mono")
	mono.ASCII = true
	ascii := func(r rune) string {
		c := paint.NewCanvas(1, 1)
		c.All().Fill(0, 0, 1, paint.Style{}, r)
		return c.Render(mono)
	}
	g := New(lossy(t))
	for _, k := range all {
		g.Show(k)
		seen := map[string]string{}
		for _, row := range g.legend(120) {
			for _, s := range row {
				if was, ok := seen[ascii(s.sign)]; ok || ascii(s.sign) == "?" {
					t.Errorf("%v: %q looks like %q", k, s.word, was)
				}
				seen[ascii(s.sign)] = s.word
			}
		}
	}
}
