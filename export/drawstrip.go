package export

import (
	"fmt"

	"wirelab/story/scene"
)

// Of a strip, in units of the picture.
const (
	stripLabel  = 118.0 // room for the words before it
	leastPiece  = 138.0
	mostPiece   = 260.0
	barHeight   = 13.0
	stripLine   = 100.0 // from one line of pieces to the next
	stripsApart = 40.0  // side by side
)

// drawStrips draws what was sent, as it is at the end of the run.
func (s *sheet) drawStrips(c *canvas, width, y float64) float64 {
	if len(s.strips) == 0 {
		return y
	}
	y += 34
	c.text(pad, y, "sub", "The bytes, and what became of them")
	half := (width - 2*pad - stripsApart) / 2
	for i := 0; i < len(s.strips); i++ {
		y += 30
		next := i + 1
		if next < len(s.strips) && s.strips[i].fits(half) && s.strips[next].fits(half) {
			y = max(s.strips[i].draw(c, pad, half, y), s.strips[next].draw(c, pad+half+stripsApart, half, y))
			i = next
			continue
		}
		y = s.strips[i].draw(c, pad, width-2*pad, y)
	}
	if s.more > 0 {
		y += 24
		c.text(pad, y, "q", fmt.Sprintf("%s that carried bytes too have no strip here.", plural(s.more, "direction", "directions")))
	}
	return y + 10
}

// fits says whether a strip is one line in a width.
func (s *strip) fits(width float64) bool {
	return stripLabel+leastPiece*float64(len(s.pieces)) <= width && widthOf(s.words(), textSize) <= width
}

// draw draws a strip from (x, y) on in lines of as many pieces as have room.
func (s *strip) draw(c *canvas, x, width, y float64) float64 {
	c.text(x, y, s.side.class(), s.words())
	room := width - stripLabel
	for rest := s.pieces; len(rest) > 0; {
		n := min(int(room/leastPiece), len(rest))
		// The others follow in lines as full as this one, not in a last one of two.
		if lines := (len(rest) + n - 1) / n; lines > 1 {
			n = (len(rest) + lines - 1) / lines
		}
		s.line(c, x, min(room, mostPiece*float64(n)), y+8, rest[:n])
		rest = rest[n:]
		y += stripLine
	}
	return y
}

// line draws some pieces side by side, each with the same least room and the
// rest in proportion to its bytes.
func (s *strip) line(c *canvas, x, room, y float64, pieces []scene.Piece) {
	y += 16
	c.text(x, y+16, "q", cut(s.from+" sent", textSize, stripLabel-10))
	c.text(x, y+16+barHeight+4, "q", cut(s.to+" has", textSize, stripLabel-10))
	var total int64
	for i := range pieces {
		total += pieces[i].Span.Len()
	}
	spare := room - leastPiece*float64(len(pieces))
	x += stripLabel
	for i := range pieces {
		p := &pieces[i]
		wide := leastPiece + spare*float64(p.Span.Len())/float64(max(total, 1))
		s.piece(c, p, x, y, wide-6)
		x += wide
	}
}

func (s *strip) piece(c *canvas, p *scene.Piece, x, y, wide float64) {
	class := s.side.class()
	mid := x + wide/2
	c.text(mid, y, "mid st "+class, short(nameOf(p), textSize, wide, ","))
	c.rect(x, y+6, wide, barHeight, sentBar(p, class))
	y += 6 + barHeight + 4
	c.rect(x, y, wide, barHeight, hasBar(p, class))
	if p.Lost || p.Got == scene.ThrownOut {
		c.cross(point{mid, y + barHeight/2})
	}
	y += barHeight
	words := []string{p.Sent.String(), has(p)}
	if s.udp {
		words = words[1:] // nothing is acknowledged
	}
	for _, word := range words {
		y += 15
		c.text(mid, y, "k mid", word)
	}
	c.text(mid, y+14, "t mid", s.rangeOf(p))
}

// sentBar is how what its sender knows of a piece is drawn.
func sentBar(p *scene.Piece, class string) string {
	switch p.Sent {
	case scene.Acknowledged:
		return "box solid " + class
	case scene.NoAck:
		return "box wait-" + class + " " + class
	}
	return "box on " + class
}

// hasBar is how what its receiver has of a piece is drawn.
func hasBar(p *scene.Piece, class string) string {
	switch {
	case inFull(p):
		return "box solid " + class
	case p.Got == scene.Kept:
		return "box kept-" + class + " " + class
	}
	return "box on " + class
}

// patterns fill what is not full, so that it reads without colour.
func patterns() (defs string) {
	defs = "<defs>\n"
	for _, s := range [...]side{client, server} {
		defs += fmt.Sprintf(`<pattern id="wl-wait-%[1]s" width="6" height="6" patternUnits="userSpaceOnUse"><path class="%[1]s" d="M0 6L6 0M-1 1L1 -1M5 7L7 5"/></pattern>
<pattern id="wl-kept-%[1]s" width="6" height="6" patternUnits="userSpaceOnUse"><path class="%[1]s" d="M0 3H6M3 0V6"/></pattern>
`, s.class())
	}
	return defs + "</defs>\n"
}
