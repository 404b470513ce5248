package export

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Sizes in the units of the picture, which are pixels at its natural size.
const (
	pad      = 28.0
	textSize = 13.0
	rowStep  = 16.0 // least distance of two rows at one lifeline
)

// em is how wide a character is, as a part of the size of the font: that of a
// monospaced one, so that no reader's font needs more room than was planned.
const em = 0.6

// widthOf estimates how wide a text is. East Asian characters take two places.
func widthOf(text string, size float64) float64 {
	n := 0
	for _, r := range text {
		n++
		if r >= 0x1100 && r != '…' && r != '╳' && (r < 0x2000 || r >= 0x2e80) {
			n++
		}
	}
	return float64(n) * em * size
}

// short is a text that fits into a width: without its last parts, which are set
// off by one of these marks, and if its first is still too long, with "…" at
// its end.
func short(text string, size, width float64, marks string) string {
	for widthOf(text, size) > width {
		at := -1
		for _, mark := range marks {
			at = max(at, strings.LastIndex(text, string(mark)+" "))
		}
		if at <= 0 {
			return cut(text, size, width)
		}
		text = text[:at]
	}
	return text
}

// cut ends a text that is too long with "…".
func cut(text string, size, width float64) string {
	if widthOf(text, size) <= width {
		return text
	}
	for text != "" && widthOf(text+"…", size) > width {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	if text = strings.TrimRight(text, " "); text == "" {
		return ""
	}
	return text + "…"
}

// wrap breaks a text into at most so many lines; the last ends with "…" if there
// is more.
func wrap(text string, size, width float64, most int) (lines []string) {
	for widthOf(text, size) > width && len(lines) < most-1 {
		n := 0
		for i := range text {
			if widthOf(text[:i], size) > width {
				break
			}
			n = i
		}
		if at := strings.LastIndexByte(text[:n], ' '); at > n/2 {
			n = at + 1
		}
		lines = append(lines, strings.TrimRight(text[:n], " "))
		text = text[n:]
	}
	return append(lines, cut(text, size, width))
}

// A point is a place on the sheet, y downward.
type point struct{ x, y float64 }

// A box is a rectangle that may be turned.
type box [4]point

// boxOf is the box of a text that stands on a line from at into the direction
// angle (radians, clockwise): from at on, or, if back is true, up to at.
func boxOf(at point, angle, width float64, back bool) box {
	const up, down = 12.0, 3.0 // of the baseline
	sin, cos := math.Sincos(angle)
	from, to := 0.0, width
	if back {
		from, to = -width, 0
	}
	corner := func(along, across float64) point {
		return point{at.x + along*cos - across*sin, at.y + along*sin + across*cos}
	}
	return box{corner(from, -up), corner(to, -up), corner(to, down), corner(from, down)}
}

// overlaps says whether two boxes have a part in common: whether no side of
// either has them apart (the separating axis theorem).
func (b box) overlaps(o box) bool {
	for _, side := range [...][2]point{{b[0], b[1]}, {b[1], b[2]}, {o[0], o[1]}, {o[1], o[2]}} {
		axis := point{side[1].y - side[0].y, side[0].x - side[1].x}
		lo1, hi1 := b.along(axis)
		lo2, hi2 := o.along(axis)
		// Boxes that only touch are apart, whatever the last digit says.
		if slack := 1e-6 * (math.Abs(hi1-lo1) + math.Abs(hi2-lo2)); hi1 <= lo2+slack || hi2 <= lo1+slack {
			return false
		}
	}
	return true
}

func (b box) along(axis point) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, p := range b {
		v := p.x*axis.x + p.y*axis.y
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// reach is from which height to which the box goes.
func (b box) reach() (top, bottom float64) {
	return b.along(point{0, 1})
}
