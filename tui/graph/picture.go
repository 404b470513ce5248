package graph

import (
	"sort"
	"time"

	"wirelab/trace"
	"wirelab/tui/paint"
)

// A picture is a graph as cells: w columns of time and h rows of values, and
// below them one row for each strip. Each column is worked out once from what
// happened in its time, so that drawing it again costs no more for a long trace
// than for a short one.
type picture struct {
	ix    *index
	h     int
	x     clock
	y     scale
	bars  value  // drawn from the bottom; nil: none
	lines []line // the last lies on top
	dots  []dots // on top of the lines

	strips []string // what the strips show

	cells  []cell          // column by column
	final  []time.Duration // from when on a column is as in cells
	scrap  []cell          // a column of which a part lies after now
	sample []int           // how many samples of the index lie before each column
}

type cell struct {
	r    rune // 0: empty
	role paint.Role
}

// A value is what a sample says; ok is false if it says nothing of it.
type value func(*trace.Sample) (v int64, ok bool)

// A line shows a value as a staircase: it holds from one sample to the next.
type line struct {
	value value
	name  string
	role  paint.Role
	pen   *pen
	form  func(int64) string // writes the value at the line's end
}

// A pen is the characters of a line: level, upright, and the corners of a step
// up (from the left, to the right) and of a step down.
type pen struct{ level, upright, upFrom, upTo, downFrom, downTo rune }

var (
	solid  = pen{'─', '│', '╯', '╭', '╮', '╰'}
	dashed = pen{'┄', '┆', '┆', '┆', '┆', '┆'}
)

// Dots are single things at their time and value.
type dots struct {
	n  int
	at func(i int) time.Duration // in order
	// dot says how thing i looks at a moment; ok is false if it is not there.
	dot func(i int, now time.Duration) (d dot, ok bool)
	// final is when thing i looks as it does for ever; nil: from the beginning.
	final func(i int) time.Duration

	before []int // how many of the things lie before each column
}

// A dot is a mark in the picture. With a sign it fills a cell, in the middle of
// lo..hi; without one it is a stroke from lo to hi, finer than a cell.
type dot struct {
	lo, hi int64
	sign   rune
	role   paint.Role
	strip  int  // -1: none; in this strip instead of at a value
	bottom bool // in the lowest row instead of at a value
}

// resize gives the picture w columns, h rows and the first strips of stripNames,
// and works out every column.
func (p *picture) resize(w, h, strips int) {
	if p.x.w == w && p.h == h && len(p.strips) == strips {
		return
	}
	p.x, p.h, p.strips = clock{p.ix.from, p.ix.to, w}, h, stripNames[:strips]
	rows := p.rows()
	p.cells, p.scrap = make([]cell, w*rows), make([]cell, rows)
	p.final, p.sample = make([]time.Duration, w), make([]int, w+1)
	for c := range w + 1 {
		p.sample[c] = p.ix.until(p.x.start(c) - 1)
	}
	for k := range p.dots {
		d := &p.dots[k]
		d.before = make([]int, w+1)
		for c := range w + 1 {
			start := p.x.start(c)
			d.before[c] = sort.Search(d.n, func(i int) bool { return d.at(i) >= start })
		}
	}
	for c := range w {
		p.final[c] = p.x.start(c+1) - 1
		for k := range p.dots {
			d := &p.dots[k]
			for i := d.before[c]; d.final != nil && i < d.before[c+1]; i++ {
				p.final[c] = max(p.final[c], d.final(i))
			}
		}
		p.column(c, p.final[c], p.cells[c*rows:(c+1)*rows])
	}
}

// stripNames are the strips that there may be.
var stripNames = []string{"lost", "again"}

func (p *picture) rows() int { return p.h + len(p.strips) }

// at returns the cells of a column as they are at a moment.
func (p *picture) at(c int, now time.Duration) []cell {
	rows := p.rows()
	if now >= p.final[c] {
		return p.cells[c*rows : (c+1)*rows]
	}
	p.column(c, now, p.scrap)
	return p.scrap
}

// column draws what happened in the time of column c, as far as it is known now.
func (p *picture) column(c int, now time.Duration, cells []cell) {
	clear(cells)
	if p.x.start(c) > now {
		return
	}
	if p.bars != nil {
		p.bar(c, now, cells)
	}
	for i := range p.lines {
		p.line(&p.lines[i], c, now, cells)
	}
	for k := range p.dots {
		d := &p.dots[k]
		for i := d.before[c]; i < d.before[c+1] && d.at(i) <= now; i++ {
			if dot, ok := d.dot(i, now); ok {
				p.dot(dot, p.x.column(d.at(i), 2*p.x.w)-2*c, cells)
			}
		}
	}
}

// values yields a value in the time of a column: first the one that holds from
// before, then each that is sampled in it. fresh is false for the first.
func (p *picture) values(v value, c int, now time.Duration, yield func(v int64, fresh bool)) {
	if first := p.sample[c]; first > 0 {
		if n, ok := v(p.state(first - 1)); ok {
			yield(n, false)
		}
	}
	for i := p.sample[c]; i < p.sample[c+1]; i++ {
		s := p.state(i)
		if s.At > now {
			return
		}
		if n, ok := v(s); ok {
			yield(n, true)
		}
	}
}

func (p *picture) state(i int) *trace.Sample { return &p.ix.tr.Samples[p.ix.samples[i]] }

// bar draws the greatest value of the column, an eighth of a cell fine.
func (p *picture) bar(c int, now time.Duration, cells []cell) {
	most := int64(0)
	p.values(p.bars, c, now, func(v int64, _ bool) { most = max(most, v) })
	if most == 0 {
		return
	}
	eighths := min(p.y.level(most, 8*p.h)+1, 8*p.h)
	for row := p.h - 1; row >= 0 && eighths > 0; row, eighths = row-1, eighths-8 {
		cells[row] = cell{'▁' + rune(min(eighths, 8)) - 1, senderRole(p.ix.end)}
	}
}

// line draws a line through a column: where it comes from, how high and low it
// goes, and where it is in the end.
func (p *picture) line(l *line, c int, now time.Duration, cells []cell) {
	in, out, top, bottom := 0, 0, 0, 0
	some, joined := false, false
	p.values(l.value, c, now, func(v int64, fresh bool) {
		row := p.row(v)
		if !some {
			some, joined, in, top, bottom = true, !fresh, row, row, row
		}
		out, top, bottom = row, min(top, row), max(bottom, row)
	})
	if !some {
		return
	}
	set := func(row int, r rune) {
		if row >= 0 && row < p.h {
			cells[row] = cell{r, l.role}
		}
	}
	for row := top; row <= bottom; row++ {
		set(row, l.pen.upright)
	}
	switch {
	case in == out && top == bottom, !joined && in == out:
		set(in, l.pen.level)
	case in == out: // there and back
	case in > out:
		set(in, l.pen.upFrom)
		set(out, l.pen.upTo)
	default:
		set(in, l.pen.downFrom)
		set(out, l.pen.downTo)
	}
}

// row is where a value stands: 0 is the uppermost row, -1 above the picture.
func (p *picture) row(v int64) int { return max(p.h-1-p.y.level(v, p.h), -1) }

// braille are the dots of a cell of two by four, by column and row from above
// (Unicode's Braille patterns from U+2800 on).
var braille = [2][4]rune{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}

const noDots = '\u2800'

func (p *picture) dot(d dot, half int, cells []cell) {
	if d.strip >= 0 {
		if d.strip < len(p.strips) {
			cells[p.h+d.strip] = cell{d.sign, d.role}
		}
		return
	}
	if d.sign != 0 {
		row := p.row(d.lo + (d.hi-d.lo)/2)
		if d.bottom {
			row = p.h - 1
		}
		if row >= 0 && row < p.h {
			cells[row] = cell{d.sign, d.role}
		}
		return
	}
	lo := p.y.level(d.lo, 4*p.h)
	hi := lo
	if d.hi != d.lo {
		hi = p.y.level(d.hi, 4*p.h)
	}
	for level := max(lo, 0); level <= min(hi, 4*p.h-1); level++ {
		y := 4*p.h - 1 - level
		to := &cells[y/4]
		if to.r < noDots || to.r > noDots+0xff {
			*to = cell{noDots, d.role}
		}
		to.r |= braille[half][y%4]
	}
}
