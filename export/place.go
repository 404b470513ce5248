package export

import (
	"cmp"
	"slices"
	"time"
)

// How time becomes height. The typical flight of a packet is flightHeight high,
// and so is every other time in proportion, but where rows need more room, and
// where a time in which nothing happens would be higher than foldFrom: that is
// folded to foldHeight, with a mark.
const (
	flightHeight = 50.0
	foldFrom     = 150.0
	foldHeight   = 54.0
	margin       = 376.0 // beside the outer lifelines
	spanColumn   = 17.0
	openSpan     = 60.0 // of a message that was never read
	maxColumns   = 3
	laneTop      = 46.0 // from the hosts' names to the first row
)

// A tick is a moment at which something happens, and the heights that it takes.
type tick struct {
	at       time.Duration
	top, end float64
}

// A fold is a time that is left out.
type fold struct {
	y    float64 // its middle
	took time.Duration
	busy bool // packets were under way meanwhile
}

// setScale decides how high a nanosecond is.
func (l *ladder) setScale() {
	l.flight = l.typicalFlight()
	switch {
	case l.flight > 0:
		l.scale = flightHeight / float64(l.flight)
	case l.until > 0:
		l.scale = 400 / float64(l.until)
	}
}

// setLanes puts the lifelines side by side.
func (l *ladder) setLanes() {
	l.gap = 720
	switch n := len(l.lanes); {
	case n == 3:
		l.gap = 500
	case n > 3:
		l.gap = 420
	}
	for i := range l.lanes {
		l.lanes[i].x = margin + float64(i)*l.gap
	}
	l.width = 2*margin + l.gap*float64(max(len(l.lanes)-1, 1))
}

// used is how far down a lane is taken: by what is in the ladder, by texts
// beside it, and by times.
type used struct{ inside, beside, stamps float64 }

// place gives every row its height.
func (l *ladder) place() {
	l.breaks, l.clock = l.breaks[:0], l.clock[:0]
	lanes := make([]used, len(l.lanes))
	for i := range lanes {
		lanes[i] = used{laneTop - rowStep, laneTop - rowStep, laneTop - rowStep}
	}
	y := laneTop
	for i := 0; i < len(l.rows); {
		at := l.rows[i].at
		if n := len(l.clock); n > 0 {
			y = l.after(&l.clock[n-1], at)
		}
		t := tick{at, y, y}
		first := map[int]float64{} // by lane: where this moment begins there
		for ; i < len(l.rows) && l.rows[i].at == at; i++ {
			r := &l.rows[i]
			from, ok := first[r.lane]
			if !ok || r.text == "" {
				from = y
			}
			r.stamp = !ok && !r.silent && l.outer(r.lane)
			l.put(r, from, &lanes[r.lane])
			if !ok && !r.silent {
				first[r.lane] = r.y
			}
			t.end = max(t.end, r.y)
		}
		l.clock = append(l.clock, t)
	}
	l.bottom = laneTop
	if n := len(l.clock); n > 0 {
		l.bottom = l.clock[n-1].end
	}
}

// put places one row, which is not above y.
func (l *ladder) put(r *row, y float64, u *used) {
	if r.silent {
		r.y = max(y, u.beside)
		return
	}
	inside := r.text == "" || !l.outer(r.lane)
	beside := r.text != "" || !l.outer(r.lane)
	if inside {
		y = max(y, u.inside+rowStep)
	}
	if beside {
		y = max(y, u.beside+rowStep)
	}
	if r.stamp {
		y = max(y, u.stamps+rowStep)
	}
	r.y = y + r.extra
	if inside {
		u.inside = r.y
	}
	if beside {
		u.beside = r.y
	}
	if r.stamp {
		u.stamps = r.y
	}
}

// outer says whether a lane has a margin beside it.
func (l *ladder) outer(lane int) bool { return lane == 0 || lane == len(l.lanes)-1 }

// after is where a moment begins that comes after t.
func (l *ladder) after(t *tick, at time.Duration) float64 {
	took := at - t.at
	high := max(l.scale*float64(took), 1)
	if high <= foldFrom {
		return t.end + high
	}
	l.breaks = append(l.breaks, fold{y: t.end + foldHeight/2, took: took, busy: l.busy(t.at, at)})
	return t.end + foldHeight
}

// busy says whether a packet was on the way from one moment to the next.
func (l *ladder) busy(from, to time.Duration) bool {
	return slices.ContainsFunc(l.arrows, func(a arrow) bool {
		p := &l.tr.Packets[a.packet]
		return p.Sent <= from && (p.Arrived >= to || a.end == open)
	})
}

// height is where time d is.
func (l *ladder) height(d time.Duration) float64 {
	i, _ := slices.BinarySearchFunc(l.clock, d, func(t tick, d time.Duration) int { return cmp.Compare(t.at, d) })
	switch {
	case i == 0:
		return laneTop
	case i == len(l.clock):
		t := &l.clock[i-1]
		return t.end + min(l.scale*float64(d-t.at), foldHeight)
	}
	before, after := &l.clock[i-1], &l.clock[i]
	return before.end + (after.top-before.end)*float64(d-before.at)/float64(after.at-before.at)
}

// setSpans gives the brackets of the messages their columns, and says how many
// found none.
func (l *ladder) setSpans() {
	var ends [2][maxColumns]float64
	kept := l.spans[:0]
	l.leftSpans = 0
	for _, s := range l.spans {
		margin := &ends[0]
		if s.right {
			margin = &ends[1]
		}
		top, end := l.extent(&s)
		s.column = slices.IndexFunc(margin[:], func(used float64) bool { return used+4 <= top })
		if s.column < 0 {
			l.leftSpans++
			continue
		}
		margin[s.column] = end
		s.x = pad - 10 + float64(s.column)*spanColumn
		if s.right {
			s.x = l.width - s.x
		}
		kept = append(kept, s)
	}
	l.spans = kept
}

// extent is from where to where a message goes. Of one that was never read only
// the beginning is drawn.
func (l *ladder) extent(s *span) (top, end float64) {
	top = l.rows[s.sent].y
	if s.arrived >= 0 {
		return top, max(l.rows[s.arrived].y, top)
	}
	return top, top + openSpan
}
