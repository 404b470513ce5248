package export

import (
	"fmt"
	"math"
	"slices"

	"wirelab/story"
)

// draw draws the ladder from height y on, and returns where it ends.
func (l *ladder) draw(c *canvas, y float64) float64 {
	if len(l.lanes) == 0 {
		c.text(pad, y, "q", "Nothing crossed the wire.")
		return y + 24
	}
	end := l.end()
	fmt.Fprintf(c, "<g transform=\"translate(0 %s)\">\n", num(y))
	l.drawLanes(c, end)
	for i := range l.spans {
		l.drawSpan(c, &l.spans[i])
	}
	for i := range l.bars {
		l.drawBar(c, &l.bars[i])
	}
	for i := range l.breaks {
		l.drawFold(c, &l.breaks[i])
	}
	for i := range l.arrows {
		l.drawArrow(c, &l.arrows[i])
	}
	for i := range l.labels {
		l.drawLabel(c, &l.labels[i])
	}
	for i := range l.rows {
		l.drawRow(c, &l.rows[i])
	}
	c.WriteString("</g>\n")
	return y + end + 20
}

// end is how far down the ladder goes.
func (l *ladder) end() float64 {
	end := l.bottom
	for i := range l.arrows {
		from, to := l.course(&l.arrows[i])
		end = max(end, l.tip(&l.arrows[i], from, to).y)
	}
	for i := range l.labels {
		_, bottom := l.labels[i].box.reach()
		end = max(end, bottom)
	}
	return end + 18
}

// drawLanes draws the lifelines, with the hosts' names at both ends.
func (l *ladder) drawLanes(c *canvas, end float64) {
	for i := range l.lanes {
		lane := &l.lanes[i]
		name := l.tr.Name(lane.host)
		wide := widthOf(name, 15) + 24
		for _, y := range [...]float64{0, end - 2} {
			c.rect(lane.x-wide/2, y, wide, 26, "host "+lane.side.class())
			c.text(lane.x, y+18, "name mid "+lane.side.class(), name)
		}
		at := 26.0
		for _, f := range l.breaks {
			c.line(point{lane.x, at}, point{lane.x, f.y - 13}, "life "+lane.side.class())
			c.path("life "+lane.side.class(), "M%s %sl-6 4l12 6l-12 6l12 6l-6 4", lane.x, f.y-13)
			at = f.y + 13
		}
		c.line(point{lane.x, at}, point{lane.x, end - 2}, "life "+lane.side.class())
	}
}

// drawFold says what was left out.
func (l *ladder) drawFold(c *canvas, f *fold) {
	words := story.Shorter(f.took) + ", nothing happens"
	if f.busy {
		words = story.Shorter(f.took) + ", packets are under way"
	}
	for i := range l.lanes[1:] {
		c.line(point{l.lanes[i].x + 14, f.y}, point{l.lanes[i+1].x - 14, f.y}, "fold")
	}
	mid, wide := l.lanes[0].x+l.gap/2, widthOf(words, textSize)
	place := boxOf(point{mid + wide/2, f.y + 4.5}, 0, wide, true)
	if slices.ContainsFunc(l.labels, func(b label) bool { return b.box.overlaps(place) }) {
		c.text(l.lanes[0].x-14, f.y+4.5, "q end", words) // a label comes down into the fold
		return
	}
	c.rect(mid-wide/2-10, f.y-11, wide+20, 22, "ground")
	c.text(mid, f.y+4.5, "q mid", words)
}

// drawArrow draws the line of a packet, and what is at its end.
func (l *ladder) drawArrow(c *canvas, a *arrow) {
	from, to := l.course(a)
	tip := l.tip(a, from, to)
	fmt.Fprintf(c, "<g><title>packet %s, %s to %s, sent at %s: %s</title>\n", group(a.packet+1), escape(l.tr.Name(l.lanes[a.from].host)),
		escape(l.tr.Name(l.lanes[a.to].host)), story.Milliseconds(l.rows[a.sent].at), escape(a.text))
	c.line(from, tip, "a "+a.class())
	a.drawEnd(c, from, tip)
	c.WriteString("</g>\n")
}

// drawEnd draws what there is at the end of a packet's line.
func (a *arrow) drawEnd(c *canvas, from, tip point) {
	switch a.end {
	case head:
		c.head(from, tip, a.class())
	case lost, stopped:
		c.cross(tip)
	case open:
		fmt.Fprintf(c, "<circle cx=\"%s\" cy=\"%s\" r=\"3.5\" class=\"open %s\"/>\n", num(tip.x), num(tip.y), a.side.class())
	}
}

// head draws the head of an arrow.
func (c *canvas) head(from, tip point, class string) {
	const long, wide = 11.0, 4.2
	sin, cos := math.Sincos(math.Atan2(tip.y-from.y, tip.x-from.x))
	x, y := tip.x-long*cos, tip.y-long*sin
	c.path("head "+class, "M%s %sL%s %sL%s %sZ", tip.x, tip.y, x-wide*sin, y+wide*cos, x+wide*sin, y-wide*cos)
}

func (l *ladder) drawLabel(c *canvas, b *label) {
	class := "l"
	if b.arrow >= 0 {
		class += " " + l.arrows[b.arrow].side.class()
		if l.arrows[b.arrow].end == lost || l.arrows[b.arrow].end == stopped {
			class += " gone"
		}
	} else if l.rows[b.row].state {
		class += " st"
	}
	if !b.right {
		class += " end"
	}
	c.turned(b.at.x, b.at.y, b.angle*180/math.Pi, class, b.text)
}

// drawRow writes what is beside an outer lifeline: the time, and a text.
func (l *ladder) drawRow(c *canvas, r *row) {
	if !l.outer(r.lane) {
		return
	}
	right := r.lane == len(l.lanes)-1 && r.lane > 0
	x, sign, align := l.lanes[r.lane].x, -1.0, " end"
	if right {
		sign, align = 1, ""
	}
	stamp := widthOf(story.Milliseconds(l.until), stampSize)
	if r.stamp {
		c.text(x+sign*14, r.y+4, "t"+align, story.Milliseconds(r.at))
	}
	if r.text == "" {
		return
	}
	at := 14 + stamp + 12
	room := margin - at - pad - float64(l.columns(right))*spanColumn
	class := "k" + align
	if r.state {
		class = "st" + align
		wide := 1.2*widthOf(r.text, textSize-1) + 10 // capitals
		left := x + sign*at - 5
		if !right {
			left = x - at - wide + 5
		}
		c.rect(left, r.y-8, wide, 16, "state "+l.lanes[r.lane].side.class())
	}
	c.whole(x+sign*at, r.y+4, class, short(r.text, textSize-1, room, ",;"), r.text)
}

const stampSize = 11.0

// columns is how many columns of brackets there are at a side.
func (l *ladder) columns(right bool) int {
	n := 0
	for i := range l.spans {
		if l.spans[i].right == right {
			n = max(n, l.spans[i].column+1)
		}
	}
	return n
}

// drawBar draws how long a call takes.
func (l *ladder) drawBar(c *canvas, b *bar) {
	top, end := l.rows[b.began].y, l.bottom
	if b.end >= 0 {
		end = l.rows[b.end].y
	}
	x := l.lanes[b.lane].x - 8
	if b.lane == len(l.lanes)-1 && b.lane > 0 {
		x += 12
	}
	c.rect(x, top, 4, max(end-top, 2), "bar "+l.lanes[b.lane].side.class())
}

// drawSpan draws the bracket of a message, and its name along it.
func (l *ladder) drawSpan(c *canvas, s *span) {
	top, end := l.extent(s)
	hook := 5.0
	if s.right {
		hook = -5
	}
	class := "span " + s.side.class()
	if s.arrived < 0 { // open
		c.path(class, "M%s %sh%sV%s", s.x+hook, top, -hook, end)
	} else {
		c.path(class, "M%s %sh%sV%sh%s", s.x+hook, top, -hook, end, hook)
	}
	const size = textSize - 1
	for _, words := range s.words {
		if widthOf(words, size) <= end-top {
			x := s.x - 4
			if s.right {
				x = s.x + 12
			}
			c.turned(x, (top+end)/2, -90, "k mid "+s.side.class(), words)
			return
		}
	}
}
