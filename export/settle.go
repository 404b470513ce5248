package export

import (
	"cmp"
	"math"
	"slices"
)

// Labels stand along their arrows, near where they were sent, each in the half
// of the ladder that is nearer to its sender: so those of the two directions
// cannot meet. Of one direction they may, if one packet takes longer than the
// next. settle then makes room between their rows, or lays a label level.

const (
	labelGap = 9.0  // from the lifeline to the label
	stub     = 16.0 // of the line of a packet that was lost before it left
	middle   = 6.0  // from a label to the middle of the ladder, at least
	steep    = 0.8  // from this slope on a label stands level
	rounds   = 60   // after so many, labels that still meet stand level
)

// A label is a text on the ladder, within the room of one lane's one side.
type label struct {
	row   int // to which it belongs
	arrow int // -1: it is a text beside an inner lifeline
	lane  int
	right bool // on which side of its lane
	text  string
	at    point // of its baseline: where it begins, or if it is on the left, ends
	angle float64
	width float64
	box   box
}

// settle puts everything in its place.
func (l *ladder) settle() {
	l.setScale()
	l.setLanes()
	for round := 0; ; round++ {
		l.place()
		l.setLabels()
		if !l.makeRoom(round >= rounds) {
			break
		}
	}
	l.setSpans()
}

// makeRoom changes what makes labels overlap, and says whether any did. The
// upper one comes down upon the lower one: it stands level if it would need much
// room, and otherwise the lower one goes lower. When it is late both stand
// level, and what still meets then only needs to go lower.
func (l *ladder) makeRoom(late bool) bool {
	pairs := l.meetings()
	for _, pair := range pairs {
		a, b := &l.labels[pair[0]], &l.labels[pair[1]]
		need := l.overlap(a, b)
		if late || need > 1.5*rowStep {
			if l.level(a) || late && l.level(b) {
				continue
			}
		}
		l.rows[b.row].extra += max(need, 1)
	}
	return len(pairs) > 0
}

// level lays a label level, and says whether it was not so before.
func (l *ladder) level(a *label) bool {
	if a.arrow < 0 || l.arrows[a.arrow].flat {
		return false
	}
	l.arrows[a.arrow].flat = true
	return true
}

// overlap is how much lower b would have to be, at its own place along x.
func (l *ladder) overlap(a, b *label) float64 {
	const step = 1.0
	moved := 0.0
	for box := b.box; a.box.overlaps(box); moved += step {
		for i := range box {
			box[i].y += step
		}
	}
	return moved
}

// meetings are the pairs of labels that overlap, the upper one first. Of each
// label only the first is told: what makes room for it moves the others.
func (l *ladder) meetings() (pairs [][2]int) {
	order := make([]int, len(l.labels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := &l.labels[i], &l.labels[j]
		return cmp.Or(cmp.Compare(a.lane, b.lane), btoi(a.right)-btoi(b.right), cmp.Compare(a.at.y, b.at.y))
	})
	for i, upper := range order {
		a := &l.labels[upper]
		_, bottom := a.box.reach()
		for _, lower := range order[i+1:] {
			b := &l.labels[lower]
			if a.lane != b.lane || a.right != b.right {
				break
			}
			if top, _ := b.box.reach(); top > bottom {
				if b.at.y-30 > bottom {
					break
				}
				continue
			}
			if a.box.overlaps(b.box) {
				pairs = append(pairs, [2]int{upper, lower})
				break
			}
		}
	}
	return pairs
}

// setLabels puts the labels where rows and arrows are now.
func (l *ladder) setLabels() {
	l.labels = l.labels[:0]
	for i := range l.arrows {
		l.labels = append(l.labels, l.arrowLabel(i))
	}
	for i := range l.rows {
		if r := &l.rows[i]; r.text != "" && !l.outer(r.lane) {
			l.labels = append(l.labels, l.rowLabel(i))
		}
	}
}

// arrowLabel is the label of an arrow: along it, or level if it is steep.
func (l *ladder) arrowLabel(i int) label {
	a := &l.arrows[i]
	from, to := l.course(a)
	right := to.x > from.x
	slope := (to.y - from.y) / math.Abs(to.x-from.x)
	if slope > steep {
		a.flat = true
	}
	sign := 1.0
	if !right {
		sign = -1
	}
	gap := labelGap
	if a.end == lost && a.part == 0 || a.end == open && math.Abs(l.tip(a, from, to).x-from.x) < 2*stub {
		gap += stub // behind the sign
	}
	b := label{row: a.sent, arrow: i, lane: a.from, right: right, at: point{from.x + sign*gap, from.y - 4}}
	if !a.flat {
		b.angle = sign * math.Atan(slope)
		b.at.y += gap * slope
	}
	room := l.half(a.from, right) - gap - middle
	b.text = l.labelText(a, room)
	b.width = widthOf(b.text, textSize)
	b.box = boxOf(b.at, b.angle, b.width, !right)
	return b
}

// labelText is what an arrow is called, in so much room. What became of it
// stays. One that stands level, on top of others, has only its name.
func (l *ladder) labelText(a *arrow, room float64) string {
	name, fate := a.text, ""
	if a.end != head {
		name, fate = lastClause(a.text)
	}
	if a.flat {
		name = firstClause(name)
	}
	if fate != "" && widthOf(firstClause(name)+fate, textSize) > room {
		fate = "; " + l.tr.Packets[a.packet].Fate.String()
	}
	if name = short(name, textSize, room-widthOf(fate, textSize), ",;:"); name == "" {
		return cut(a.text, textSize, room)
	}
	return name + fate
}

// rowLabel is a text beside a lifeline that has others on both sides.
func (l *ladder) rowLabel(i int) label {
	r := &l.rows[i]
	b := label{row: i, arrow: -1, lane: r.lane, at: point{l.lanes[r.lane].x - labelGap, r.y}}
	b.text = short(r.text, textSize, l.half(r.lane, false)-labelGap-middle, ",;")
	b.width = widthOf(b.text, textSize)
	b.box = boxOf(b.at, 0, b.width, true)
	return b
}

// half is half of the way from a lane to the next one.
func (l *ladder) half(lane int, right bool) float64 {
	next := lane - 1
	if right {
		next = lane + 1
	}
	return math.Abs(l.lanes[next].x-l.lanes[lane].x) / 2
}

// course is from where to where a packet goes; where it would have come to if
// it did not arrive.
func (l *ladder) course(a *arrow) (from, to point) {
	from = point{l.lanes[a.from].x, l.rows[a.sent].y}
	to = point{x: l.lanes[a.to].x}
	if a.landed >= 0 {
		to.y = l.rows[a.landed].y
		return from, to
	}
	to.y = max(l.height(l.rungs[a.packet].Lands), from.y+1)
	before, after := l.neighbours(a)
	if before >= 0 {
		to.y = max(to.y, l.rows[l.arrows[before].landed].y)
	}
	if after >= 0 && l.rows[l.arrows[after].landed].y > from.y {
		to.y = min(to.y, l.rows[l.arrows[after].landed].y)
	}
	return from, to
}

// neighbours are the nearest packets sent the same way before and after one, in
// the same flight, that arrived; -1: there is none.
func (l *ladder) neighbours(a *arrow) (before, after int) {
	before, after = -1, -1
	at := l.rows[a.sent].at
	for i := range l.arrows {
		o := &l.arrows[i]
		sent := l.rows[o.sent].at
		if o.from != a.from || o.to != a.to || o.landed < 0 || sent < at-l.flight || sent > at+l.flight {
			continue
		}
		if o.sent < a.sent {
			before = i
		} else if after < 0 {
			after = i
		}
	}
	return before, after
}

// tip is where the line of a packet ends, which goes from one point to another
// if it arrives.
func (l *ladder) tip(a *arrow, from, to point) point {
	part, least := 1.0, stub/math.Abs(to.x-from.x)
	switch a.end {
	case lost:
		part = max(a.part, least)
	case open:
		r := l.rungs[a.packet]
		part = min(max(float64(l.until-r.Starts)/float64(r.Lands-r.Starts), least), 1-least)
	}
	return point{from.x + part*(to.x-from.x), from.y + part*(to.y-from.y)}
}
