package graph

import (
	"slices"
	"strings"
	"time"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/tui/paint"
)

// A layout is which rows of an area hold what. A graph gives up its parts in
// this order: strips, further rows of the legend, title, legend, and at last the
// picture itself; the words go last.
type layout struct {
	title, legend, strips int
	plot                  int // rows of the picture; 0: there is none
	words                 int
}

const (
	leastPlot  = 4  // rows
	leastWidth = 24 // columns
	around     = 3  // rows above and below the picture: names of the axes, the axis
)

// layOut shares h rows out. Words get the same number of rows at every moment, so
// that the picture does not jump.
func layOut(w, h, legend int) (l layout) {
	switch {
	case w >= 100:
		l.words = 2
	case w >= 60:
		l.words = 3
	default:
		l.words = 4
	}
	free := h - l.words - around - leastPlot
	if w < leastWidth || free < 0 {
		l.words = h
		return l
	}
	take := func(n int) int {
		n = min(n, free)
		free -= n
		return n
	}
	l.legend = take(1)
	l.title = take(1)
	l.legend += take(legend - 1)
	if free >= 4 {
		l.strips = take(len(stripNames))
	}
	if free >= 8 {
		take(1) // an empty row before the words
	}
	l.plot = leastPlot + free
	return l
}

// Draw draws the graph as it is at a moment.
func (g *Graphs) Draw(a paint.Area, now time.Duration) {
	w, h := a.W(), a.H()
	if w <= 0 || h <= 0 {
		return
	}
	if why := g.empty(); why != "" {
		y := 0
		if h > 4 {
			a.Cut(0, 0, w, paint.Strong, g.title())
			y = 2
		}
		words(a.Rows(y, h-y), []string{why})
		return
	}
	legend := g.legend(w)
	l := layOut(w, h, len(legend))
	if g.kind == Sequence || !g.index().tcp() {
		l.plot, l.strips = l.plot+l.strips, 0
	}
	y := 0
	if l.title > 0 {
		g.drawTitle(a, y)
		y++
	}
	for i := range l.legend {
		drawLegend(a, y, legend[i])
		y++
	}
	if l.plot > 0 {
		g.drawPlot(a.Rows(y, l.plot+l.strips+around), l, now)
	}
	words(a.Rows(h-l.words, l.words), g.caption(now))
}

// words draws sentences, as many as fit. If not even the first does, "…" shows
// that there was more.
func words(a paint.Area, sentences []string) {
	text := ""
	for i, s := range sentences {
		more := strings.TrimSpace(text + " " + s)
		if i > 0 && len(packets.Wrap(more, a.W())) > a.H() {
			break
		}
		text = more
	}
	for y, line := range packets.Wrap(text, a.W()) {
		if y == a.H()-1 {
			// What is left of the text begins here.
			line = strings.Join(packets.Wrap(text, a.W())[y:], " ")
		}
		a.Cut(0, y, a.W(), paint.Style{}, line)
	}
}

func (g *Graphs) title() string {
	ix := g.index()
	switch {
	case g.kind != RoundTrip || ix.tcp():
		return g.kind.String()
	case ix.conn < 0:
		return "Round trips of ping"
	default:
		return "Delay of each datagram"
	}
}

func (g *Graphs) drawTitle(a paint.Area, y int) {
	x := a.Put(0, y, paint.Strong, g.title())
	if g.conn < 0 {
		return
	}
	from, to := g.names()
	if x+2+paint.Width(from+" to "+to) <= a.W() {
		x = a.Put(x+2, y, paint.In(senderRole(g.end)).B(), from)
		x = a.Put(x, y, paint.Style{}, " to ")
		a.Put(x, y, paint.In(senderRole(1-g.end)).B(), to)
	}
}

// A sign is an entry of the legend.
type sign struct {
	sign rune
	role paint.Role
	word string
}

// legend returns the entries, as rows that fit into w.
func (g *Graphs) legend(w int) (rows [][]sign) {
	own, peer := senderRole(g.end), senderRole(1-g.end)
	p := g.plot()
	var all []sign
	switch {
	case !p.ix.tcp() && g.conn < 0:
		all = []sign{{p.point(), own, "answered"}, {lostSign, paint.Lost, "request or reply lost"}}
	case !p.ix.tcp():
		all = []sign{{p.point(), own, "arrived"}, {lostSign, paint.Lost, "lost"}}
	case g.kind == Sequence:
		all = []sign{{'⡇', own, "segment"}, {againSign, paint.Waiting, "sent again"}, {lostSign, paint.Lost, "lost"},
			{'─', peer, "acknowledged"}, {'┄', paint.Quiet, "edge of the window"}}
	case g.kind == Flight:
		all = []sign{{'█', own, "in flight"}, {'─', paint.Waiting, "cwnd: congestion window"}, {'┄', paint.Quiet, "receiver's window"}}
	default:
		all = []sign{{p.point(), own, "measured"}, {'─', paint.Plain, "SRTT: smoothed"}, {'┄', paint.Waiting, "RTO: timeout"}}
	}
	x := w + 1
	for _, s := range all {
		n := s.width()
		if x+2+n > w {
			rows, x = append(rows, nil), -2
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], s)
		x += 2 + n
	}
	return rows
}

func (s sign) width() int { return 2 + paint.Width(s.word) }

func drawLegend(a paint.Area, y int, row []sign) {
	x := 0
	for _, s := range row {
		end := a.Put(x, y, paint.In(s.role), string(s.sign))
		x = a.Put(end+1, y, paint.In(paint.Quiet), s.word) + 2
	}
}

// axisName says what the values are.
func (g *Graphs) axisName() string {
	switch {
	case g.conn < 0:
		return "round trip"
	case !g.index().tcp():
		return "one way"
	case g.kind == RoundTrip:
		return "round trip"
	case g.kind == Flight:
		return "bytes in flight"
	}
	return "bytes sent"
}

// drawPlot draws the axes and the picture between them.
func (g *Graphs) drawPlot(a paint.Area, l layout, now time.Duration) {
	p := g.plot()
	left := 0
	ticks := p.y.ticks(max(l.plot/3, 3))
	for _, t := range ticks {
		left = max(left, paint.Width(t.name))
	}
	if l.strips > 0 {
		left = max(left, len("again"))
	}
	left++
	right := 0
	if a.W() >= 100 {
		right = 22 // for the lines' own names
	}
	w := max(a.W()-left-1-right, 1)
	p.resize(w, l.plot, l.strips)

	name := g.axisName()
	if p.y.log > 0 {
		name += ", log scale"
	}
	a.Put(0, 0, paint.In(paint.Quiet), paint.Shorten(name, a.W()))
	plot := a.Sub(left+1, 1, a.W()-left-1, p.rows())
	g.drawAxes(a, p, left, ticks)
	for c := range w {
		for y, cell := range p.at(c, now) {
			if cell.r != 0 {
				plot.Fill(c, y, 1, paint.In(cell.role), cell.r)
			}
		}
		plot.Click(c, 0, 1, p.rows(), Moment(p.x.start(c)))
	}
	if now < p.x.from {
		return
	}
	at := min(p.x.column(now, w), w-1)
	if now <= p.x.to {
		last := p.at(at, now)
		for y := range p.h {
			if last[y].r == 0 {
				plot.Fill(at, y, 1, paint.In(paint.Waiting), '╎')
			}
		}
		a.Put(left+1+at, 1+p.rows(), paint.In(paint.Waiting), "▲")
		const word = "now"
		x := max(min(left+at, a.W()-len(word)), paint.Width(name)+1)
		if x <= left+1+at && x+len(word) <= a.W() {
			a.Put(x, 0, paint.In(paint.Waiting), word)
		}
	}
	g.nameLines(plot, p, at+2, now)
}

func (g *Graphs) drawAxes(a paint.Area, p *picture, left int, ticks []tick) {
	quiet := paint.In(paint.Quiet)
	a.Down(left, 1, p.rows(), quiet, '│')
	taken := -1
	for _, t := range slices.Backward(ticks) {
		if row := p.row(t.value); row >= 0 && row != taken {
			a.Right(left-1, 1+row, quiet, t.name)
			a.Fill(left, 1+row, 1, quiet, '┤')
			taken = row
		}
	}
	for i, name := range p.strips {
		a.Right(left-1, 1+p.h+i, quiet, name)
	}
	axis, names := 1+p.rows(), 2+p.rows()
	a.Fill(left, axis, 1, quiet, '└')
	a.Fill(left+1, axis, p.x.w, quiet, '─')
	const title = "lab time"
	end := a.W() - paint.Width(title) - 1
	if end < a.W()/2 {
		end = a.W()
	} else {
		a.Put(end+1, names, quiet, title)
	}
	free := 0
	for _, t := range p.x.ticks(max(p.x.w/12, 3)) {
		x := left + 1 + p.x.column(time.Duration(t.value), p.x.w)
		a.Fill(x, axis, 1, quiet, '┬')
		n := paint.Width(t.name)
		if from := max(x-n/2, 0); from >= free && from+n <= end {
			a.Put(from, names, quiet, t.name)
			free = from + n + 1
		}
	}
}

// nameLines writes beside each line, from column x on, what it is and its value
// now: signs and colours are not needed to tell the lines apart.
func (g *Graphs) nameLines(plot paint.Area, p *picture, x int, now time.Duration) {
	n := p.ix.until(now)
	if n == 0 {
		return
	}
	taken := map[int]bool{}
	put := func(v int64, role paint.Role, text string) {
		row := max(p.row(v), 0)
		if p.row(v) < 0 {
			text += " ↑"
		}
		if x+paint.Width(text) > plot.W() {
			return
		}
		for _, r := range []int{row, row - 1, row + 1, row - 2, row + 2} {
			if r >= 0 && r < p.h && !taken[r] {
				taken[r] = true
				plot.Put(x, r, paint.In(role), text)
				return
			}
		}
	}
	s := p.state(n - 1)
	for _, l := range slices.Backward(p.lines) {
		if v, ok := l.value(s); ok {
			put(v, l.role, l.name+" "+l.form(v))
		}
	}
	if p.bars != nil {
		v, _ := p.bars(s)
		put(v, senderRole(g.end), "in flight "+grouped(v))
	}
}

func took(ns int64) string { return story.Shorter(time.Duration(ns)) }
