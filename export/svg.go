package export

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// A canvas is a piece of an SVG that grows.
type canvas struct{ strings.Builder }

// num writes a length: a tenth of a pixel is fine enough.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	s = strings.TrimSuffix(s, ".0")
	if s == "-0" {
		return "0"
	}
	return s
}

// mostText is how many characters of one text go into a file.
const mostText = 2000

// escape makes text safe in XML, whoever wrote it: without what a reader cannot
// see or XML 1.0 forbids, and without a markup of its own.
func escape(text string) string {
	var b strings.Builder
	// It fails only if the writer does.
	_ = xml.EscapeText(&b, []byte(clean(text)))
	return b.String()
}

// text writes text at (x, y) in a class; its classes say how it is aligned.
func (c *canvas) text(x, y float64, class, text string) {
	if text != "" {
		fmt.Fprintf(c, "<text x=\"%s\" y=\"%s\" class=\"%s\">%s</text>\n", num(x), num(y), class, escape(text))
	}
}

// whole writes a text that may be a part only, with the whole for who points at it.
func (c *canvas) whole(x, y float64, class, text, whole string) {
	if text == whole || text == "" {
		c.text(x, y, class, text)
		return
	}
	fmt.Fprintf(c, "<text x=\"%s\" y=\"%s\" class=\"%s\">%s<title>%s</title></text>\n", num(x), num(y), class, escape(text), escape(whole))
}

// turned writes text that is turned by an angle in degrees about (x, y).
func (c *canvas) turned(x, y, degrees float64, class, text string) {
	if text == "" {
		return
	}
	if degrees == 0 {
		c.text(x, y, class, text)
		return
	}
	fmt.Fprintf(c, "<text transform=\"translate(%s %s) rotate(%s)\" class=\"%s\">%s</text>\n", num(x), num(y), strconv.FormatFloat(degrees, 'f', 2, 64), class, escape(text))
}

func (c *canvas) line(a, b point, class string) {
	fmt.Fprintf(c, "<path d=\"M%s %sL%s %s\" class=\"%s\"/>\n", num(a.x), num(a.y), num(b.x), num(b.y), class)
}

func (c *canvas) rect(x, y, w, h float64, class string) {
	fmt.Fprintf(c, "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" class=\"%s\"/>\n", num(x), num(y), num(w), num(h), class)
}

func (c *canvas) path(class, format string, lengths ...float64) {
	args := make([]any, len(lengths))
	for i, v := range lengths {
		args[i] = num(v)
	}
	fmt.Fprintf(c, "<path d=\"%s\" class=\"%s\"/>\n", fmt.Sprintf(format, args...), class)
}

// cross draws the sign of a loss.
func (c *canvas) cross(at point) {
	const r = 4.8
	c.path("x", "M%s %sL%s %sM%s %sL%s %s", at.x-r, at.y-r, at.x+r, at.y+r, at.x-r, at.y+r, at.x+r, at.y-r)
}
