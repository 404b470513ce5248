package export

import (
	"slices"

	"wirelab/story/scene"
)

// A sign is an entry of the legend: what it looks like, from x on and signWide
// wide with its middle at height y, and what it means.
type sign struct {
	words string
	draw  func(c *canvas, x, y float64)
}

const signWide = 44.0

// drawLegend explains the signs that are in use, and no others.
func (s *sheet) drawLegend(c *canvas, width, y float64) float64 {
	const column, line = 345.0, 25.0
	y += 34
	c.text(pad, y, "sub", "The signs")
	y += 8 + line
	x := pad
	for _, sign := range s.signs() {
		room := column * float64(int((signWide+12+widthOf(sign.words, textSize))/column)+1)
		if x > pad && x+room > width-pad+24 {
			x = pad
			y += line
		}
		sign.draw(c, x, y-4.5)
		c.text(x+signWide+12, y, "", sign.words)
		x += room
	}
	y += 14
	for _, words := range wrap(s.scaleWords(), textSize, width-2*pad, 3) {
		y += 20
		c.text(pad, y, "q", words)
	}
	return y + pad
}

// scaleWords say how time is drawn.
func (s *sheet) scaleWords() string {
	words := "Time runs downward, in proportion, except that rows which need room stretch it"
	if len(s.ladder.breaks) > 0 {
		words += " and long waits are folded"
	}
	return words + "."
}

// signs are those that the picture uses, in the order in which one needs them.
func (s *sheet) signs() []sign {
	l := s.ladder
	var signs []sign
	add := func(words string, like arrow, is func(a *arrow) bool) {
		if !slices.ContainsFunc(l.arrows, func(a arrow) bool { return is(&a) }) {
			return
		}
		signs = append(signs, sign{words, func(c *canvas, x, y float64) {
			from, tip := point{x, y}, point{x + signWide, y}
			switch like.end {
			case lost:
				tip.x = x + 12 + 20*like.part
			case open:
				tip.x -= 6
			}
			c.line(from, tip, "a "+like.class())
			like.drawEnd(c, from, tip)
		}})
	}
	add("a segment with data, SYN, FIN or RST", with(func(a *arrow) {}), func(a *arrow) bool { return !a.thin && l.isTCP(a) })
	add("a packet", with(func(a *arrow) {}), func(a *arrow) bool { return !l.isTCP(a) })
	add("an acknowledgement alone", with(func(a *arrow) { a.thin = true }), func(a *arrow) bool { return a.thin && l.isTCP(a) })
	add("sent again", with(func(a *arrow) { a.again = true }), func(a *arrow) bool { return a.again && !a.copy })
	add("a copy that the wire made", with(func(a *arrow) { a.copy = true }), func(a *arrow) bool { return a.copy })
	add("lost on the way, where is not known", with(func(a *arrow) { a.end, a.part = lost, 1 }), func(a *arrow) bool { return a.end == lost && a.part > 0 })
	add("lost before it left", with(func(a *arrow) { a.end = lost }), func(a *arrow) bool { return a.end == lost && a.part == 0 })
	add("arrived, and was thrown away", with(func(a *arrow) { a.end = stopped }), func(a *arrow) bool { return a.end == stopped })
	add("not arrived when the picture ends", with(func(a *arrow) { a.end = open }), func(a *arrow) bool { return a.end == open })
	return append(append(signs, s.marginSigns()...), s.stripSigns()...)
}

// with is an arrow that shows one thing.
func with(set func(a *arrow)) arrow {
	a := arrow{side: client}
	set(&a)
	return a
}

// marginSigns are those beside the lifelines.
func (s *sheet) marginSigns() (signs []sign) {
	l := s.ladder
	if slices.ContainsFunc(l.rows, func(r row) bool { return r.state }) {
		signs = append(signs, sign{"the state of TCP from here on", func(c *canvas, x, y float64) {
			c.rect(x, y-8, signWide, 16, "state c")
			c.text(x+signWide/2, y+4, "st mid", "STATE")
		}})
	}
	if len(l.bars) > 0 {
		signs = append(signs, sign{"a call, until it returns", func(c *canvas, x, y float64) {
			c.rect(x+signWide/2-2, y-9, 4, 18, "bar c")
		}})
	}
	if len(l.spans) > 0 {
		signs = append(signs, sign{"a message, from its first byte written to its last one read", func(c *canvas, x, y float64) {
			c.path("span c", "M%s %sh-5v18h5", x+signWide/2+3, y-9)
		}})
	}
	if len(l.breaks) > 0 {
		signs = append(signs, sign{"a long wait, folded", func(c *canvas, x, y float64) {
			c.path("life c", "M%s %sv4l-6 2l12 4l-12 4l12 4l-6 2v3", x+signWide/2, y-11)
		}})
	}
	return signs
}

// stripSigns are those of the strips.
func (s *sheet) stripSigns() (signs []sign) {
	add := func(words, class string, is func(p *scene.Piece) bool) {
		for i := range s.strips {
			if slices.ContainsFunc(s.strips[i].pieces, func(p scene.Piece) bool { return is(&p) }) {
				signs = append(signs, sign{words, func(c *canvas, x, y float64) { c.rect(x, y-barHeight/2, signWide, barHeight, class) }})
				return
			}
		}
	}
	add("acknowledged; delivered in order, or read", "box solid c", func(p *scene.Piece) bool { return p.Sent == scene.Acknowledged || inFull(p) })
	add("sent, and no acknowledgement came", "box wait-c c", func(p *scene.Piece) bool { return p.Sent == scene.NoAck })
	add("kept: something else is missing", "box kept-c c", func(p *scene.Piece) bool { return p.Got == scene.Kept })
	add("not there", "box on c", func(p *scene.Piece) bool { return !inFull(p) && p.Got != scene.Kept || p.Sent < scene.NoAck })
	return signs
}
