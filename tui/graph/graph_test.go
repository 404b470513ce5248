package graph

import (
	"math"
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

func TestTicksAreRoundAndIncrease(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	round := func(step int64) bool {
		for step%10 == 0 {
			step /= 10
		}
		return step == 1 || step == 2 || step == 5
	}
	for range 20_000 {
		hi := int64(math.Exp(r.Float64() * 35))
		n := 3 + r.IntN(10)
		s := scale{hi: hi, name: bytesName}
		if r.IntN(2) == 0 {
			s.name = spanName
		}
		ts := s.ticks(n)
		if len(ts) < 2 || len(ts) > n || ts[0].value != 0 || !round(ts[1].value) {
			t.Fatalf("0..%d, %d ticks wanted: %v", hi, n, ts)
		}
		for i := 1; i < len(ts); i++ {
			if ts[i].value-ts[i-1].value != ts[1].value || ts[i].name == ts[i-1].name || ts[i].value > hi {
				t.Fatalf("0..%d: %v", hi, ts)
			}
		}

		from := time.Duration(r.Int64N(1e12))
		c := clock{from, from + time.Duration(hi), 50}
		ms := c.ticks(n)
		for i := 1; i < len(ms); i++ {
			if step := ms[i].value - ms[i-1].value; !round(step) || ms[i].value%step != 0 || ms[i].value > int64(c.to) || ms[0].value < int64(from) {
				t.Fatalf("%v..%v: %v", c.from, c.to, ms)
			}
		}
	}
}

func TestLogarithmicTicks(t *testing.T) {
	names := func(s scale, n int) (names []string) {
		for _, t := range s.ticks(n) {
			names = append(names, t.name)
		}
		return names
	}
	s := timeScale(int64(ms(40)), int64(3*time.Second))
	if got, want := names(s, 8), []string{"50 ms", "100 ms", "200 ms", "500 ms", "1 s", "2 s"}; !slices.Equal(got, want) {
		t.Errorf("ticks are %v, want %v", got, want)
	}
	if got, want := names(s, 4), []string{"100 ms", "300 ms", "1 s", "3 s"}; !slices.Equal(got, want) {
		t.Errorf("ticks are %v, want %v", got, want)
	}
}

func TestColumnsAndTheirFirstMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		from := time.Duration(r.Int64N(1e12))
		c := clock{from, from + 1 + time.Duration(math.Exp(r.Float64()*32)), 1 + r.IntN(130)}
		for i := range c.w {
			start := c.start(i)
			if start > c.to { // fewer nanoseconds than columns
				break
			}
			if got := c.column(start, c.w); got < i || c.start(i+1) > start && got != i {
				t.Fatalf("%+v: column %d begins at %v, which is in column %d", c, i, start, got)
			}
			if i > 0 && c.start(i-1) < start && c.column(start-1, c.w) != i-1 {
				t.Fatalf("%+v: the moment before column %d is in %d", c, i, c.column(start-1, c.w))
			}
		}
	}
}

// Karn: what was sent twice is not measured, nor what waited for it.
func TestMeasuredRoundTrips(t *testing.T) {
	for _, tr := range []*trace.Trace{run(t, "tcp", "size=100kB", "reply=none", "rate=none"), lossy(t)} {
		ix := newIndex(tr, 0, 0)
		if len(ix.trips) < 30 {
			t.Fatalf("only %d round trips", len(ix.trips))
		}
		for i, trip := range ix.trips {
			p, s := &tr.Packets[trip.row], &tr.Samples[trip.back]
			if took := ix.took(i); took < ms(40) || p.Again || p.Span.Hi >= int64(s.SndUna) || s.Cause != trace.AtReceive {
				t.Errorf("packet %d took %v until sample %d", trip.row, took, trip.back)
			}
			for j := range tr.Samples[:trip.back] {
				if o := &tr.Samples[j]; o.End == 0 && o.Step >= p.Step && p.Span.Hi < int64(o.SndUna) {
					t.Errorf("packet %d was acknowledged in sample %d already, not in %d", trip.row, j, trip.back)
				}
			}
			for j := range tr.Packets {
				if q := &tr.Packets[j]; q.Again && q.Span.Stream == p.Span.Stream && q.Span.Lo < p.Span.Hi && q.Sent >= p.Sent && q.Sent < s.At {
					t.Errorf("packet %d was timed, and packet %d sent bytes at or below it again", trip.row, j)
				}
			}
		}
	}
	// Without a rate nothing waits: there and back is twice the delay, to the nanosecond.
	ix := newIndex(run(t, "tcp", "size=10kB", "reply=none", "rate=none", "delay=7ms"), 0, 0)
	for i := range ix.trips {
		if ix.took(i) != ms(14) {
			t.Errorf("round trip %d took %v, want 14ms", i, ix.took(i))
		}
	}
}

func TestEchoesAndDatagrams(t *testing.T) {
	for _, test := range []struct {
		name           string
		exchange       string
		settings       []string
		conn           int32
		sent, came     int
		lost           int
		shortest, most time.Duration
	}{
		{"ping", "ping", []string{"rate=none"}, -1, 4, 4, 0, ms(40), ms(40)},
		{"IPv6", "ping", []string{"rate=none", "ipv6=true"}, -1, 4, 4, 0, ms(40), ms(40)},
		{"through routers", "ping", []string{"rate=none", "hops=2"}, -1, 4, 4, 0, ms(120), ms(120)},
		{"a request lost", "ping", []string{"rate=none", "drop=client:2"}, -1, 4, 3, 1, ms(40), ms(40)},
		{"a reply lost", "ping", []string{"rate=none", "drop=server:2"}, -1, 4, 3, 1, ms(40), ms(40)},
		{"in fragments", "ping", []string{"rate=none", "size=3000"}, -1, 4, 4, 0, ms(40), ms(40)},
		{"a fragment lost", "ping", []string{"rate=none", "ipv6=true", "size=3000", "drop=client:5"}, -1, 4, 3, 1, ms(40), ms(40)},
		{"datagrams", "udp", []string{"rate=none", "count=5", "reply=none", "drop=client:2"}, 0, 5, 4, 1, ms(20), ms(20)},
		{"large datagrams", "udp", []string{"rate=none", "count=5", "size=4000", "reply=none", "drop=client:5"}, 0, 5, 4, 1, ms(20), ms(20)},
		{"a held fragment", "udp", []string{"rate=none", "count=2", "size=4000", "reply=none", "hold=client:2=30ms"}, 0, 2, 2, 0, ms(20), ms(50)},
		{"twice", "udp", []string{"rate=none", "count=5", "reply=none", "dup=client:2"}, 0, 5, 5, 0, ms(20), ms(20)},
		{"damaged", "udp", []string{"rate=none", "count=5", "reply=none", "flip=client:2"}, 0, 5, 4, 1, ms(20), ms(20)},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := run(t, test.exchange, test.settings...)
			ix := newIndex(tr, test.conn, 0)
			if len(ix.sent) != test.sent || len(ix.arrivals) != test.came || len(ix.losses) != test.lost {
				t.Errorf("%d sent, %d came, %d lost; want %d, %d, %d", len(ix.sent), len(ix.arrivals), len(ix.losses), test.sent, test.came, test.lost)
			}
			shortest, most := time.Hour, time.Duration(0)
			for i := range ix.trips {
				if arrived, _ := ix.ended(i); arrived != trace.Never {
					shortest, most = min(shortest, ix.took(i)), max(most, ix.took(i))
				}
			}
			if shortest != test.shortest || most != test.most {
				t.Errorf("from %v to %v, want %v to %v", shortest, most, test.shortest, test.most)
			}
		})
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
