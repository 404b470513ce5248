package stage

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"wirelab/story/scene"
	"wirelab/tui/paint"
)

// drawLadder draws the ladder that every textbook draws, growing downward as
// time passes: a packet a row, and the time at which it was sent.
func (s *Stage) drawLadder(a paint.Area) {
	if a.H() < 3 || a.W() < 30 {
		return
	}
	lanes := s.way()
	at := s.laneColumns(a, lanes)
	for i, h := range lanes {
		name := paint.Shorten(s.now.tr.Name(h), max(4, a.W()/len(lanes)-2))
		x := min(max(at[i]-paint.Width(name)/2, at[0]-2), a.W()-paint.Width(name))
		a.Put(x, 0, paint.In(s.roleOf(h)).B(), name)
	}
	rows := a.H() - 2 // one for the names, one for now
	rungs, _ := s.now.scene.Ladder(s.which(), s.at, rows)
	quiet := paint.In(paint.Quiet)
	y := 1
	if s.above(rungs) && rows >= 4 { // the chosen one is always there
		r := s.now.scene.Rung(s.which(), s.at, s.chosen)
		s.drawRung(a, y, &r, at, false)
		a.Right(timeColumn, y+1, quiet, "…")
		for _, x := range at {
			a.Put(x, y+1, quiet, "┆")
		}
		y += 2
		rungs = rungs[2:]
	}
	for i := range rungs {
		s.drawRung(a, y, &rungs[i], at, i > 0 && rungs[i-1].Sent == rungs[i].Sent)
		y++
	}
	// The dashed line is now.
	first, last := at[0], at[len(at)-1]
	a.Fill(first, y, last-first, paint.In(paint.Waiting), '╌')
	a.Put(first, y, paint.In(paint.Waiting), "├")
	a.Put(last, y, paint.In(paint.Waiting), "┤")
	a.Right(first-1, y, paint.In(paint.Waiting), milliseconds(s.at.At))
	a.Cut(last+2, y, a.W()-last-2, paint.In(paint.Waiting), "now")
	for y++; y < a.H(); y++ {
		for _, x := range at {
			a.Put(x, y, quiet, "│")
		}
	}
}

// above says whether the chosen packet was sent before those of a ladder, and
// would belong to it if there were more room.
func (s *Stage) above(rungs []scene.Rung) bool {
	if s.chosen < 0 || len(rungs) < 2 || !s.shows(s.chosen) || !s.tell.Sent(s.chosen, s.at) {
		return false
	}
	return !slices.ContainsFunc(rungs, func(r scene.Rung) bool { return r.Row == s.chosen })
}

// timeColumn is how wide the times beside a ladder are.
const timeColumn = 10

// laneColumns are where the hosts' lines stand.
func (s *Stage) laneColumns(a paint.Area, lanes []uint16) []int {
	first, last := timeColumn+1, a.W()-5
	at := make([]int, len(lanes))
	for i := range at {
		at[i] = first + i*(last-first)/max(1, len(lanes)-1)
	}
	return at
}

// drawRung draws a packet in its row: its name where it began, and its head as
// far as it has come.
func (s *Stage) drawRung(a paint.Area, y int, r *scene.Rung, at []int, sameTime bool) {
	quiet := paint.In(paint.Quiet)
	if !sameTime {
		a.Right(timeColumn, y, quiet, milliseconds(r.Sent))
	}
	for _, x := range at {
		a.Put(x, y, quiet, "│")
	}
	if r.Row == s.chosen {
		a.Put(0, y, paint.In(paint.Client), "▌")
		a.Cursor(0, y)
	}
	a.Click(0, y, a.W(), 1, packetTarget(r.Row))
	if r.FromLane < 0 || r.ToLane < 0 || r.FromLane == r.ToLane {
		a.Cut(at[0]+2, y, at[len(at)-1]-at[0]-3, quiet, r.Label)
		return
	}
	from, to := at[r.FromLane], at[r.ToLane]
	right := to > from
	lo, hi := min(from, to)+1, max(from, to) // free columns between the lines
	n := hi - lo
	style := paint.In(paint.Client)
	if !right {
		style = paint.In(paint.Server)
	}
	body := style
	if r.Lost {
		body = paint.In(paint.Lost)
	}
	pad, room := 2, n-8 // the line is seen at both sides
	switch {
	case n < 16: // there is room for the head only
		pad, room = 0, n-1
	case n < 24:
		room = n - 4
	}
	label := fitting(max(room, 1), s.labels(r)...)
	if pad > 0 {
		label = " " + label + " "
	}
	// The head is where the packet is, and its name between its sender and that,
	// or beyond if it has not come so far.
	head := min(n-1, int(r.Part*float64(n-1)))
	if right {
		a.Fill(lo, y, head, style, '─')
		a.Fill(lo+head, y, n-head, quiet, '·')
		a.Put(lo+pad, y, s.rungStyle(r, body), label)
	} else {
		a.Fill(hi-head, y, head, style, '─')
		a.Fill(lo, y, n-head, quiet, '·')
		a.Put(hi-pad-paint.Width(label), y, s.rungStyle(r, body), label)
	}
	s.drawHead(a, y, r, lo, hi, head, right, pad+paint.Width(label), body)
}

// labels say what a rung is, the most telling first.
func (s *Stage) labels(r *scene.Rung) []string {
	name := label(s.tell, r.Row)
	if r.Lost {
		return []string{r.Label + ", " + lostWord(r.Fate), name + ", " + lostWord(r.Fate), name + ", lost"}
	}
	return append(beginnings(r.Label), name, strings.TrimPrefix(name, "ICMP "))
}

// drawHead draws the arrow's head of a rung.
func (s *Stage) drawHead(a paint.Area, y int, r *scene.Rung, lo, hi, head int, right bool, label int, style paint.Style) {
	sign := "▸"
	if !right {
		sign = "◂"
	}
	if r.Lost {
		sign = "╳"
	}
	// Where the name would cover it the head stands beside the name.
	if head < label {
		if !r.Lost && r.Waiting {
			return // it has not left yet
		}
		head = min(label, hi-lo-1)
	}
	x := lo + head
	if !right {
		x = hi - 1 - head
	}
	a.Put(x, y, style.B(), sign)
}

func (s *Stage) rungStyle(r *scene.Rung, style paint.Style) paint.Style {
	style.Bold = true
	if r.Row == s.chosen {
		return style.R()
	}
	if s.linked(r.Row) {
		style.Under = true
	}
	return style
}

// drawSlanted draws the ladder with room for it: time runs down in true order,
// a row an event, and a packet slopes from where it was sent to where it lands.
func (s *Stage) drawSlanted(a paint.Area) {
	if a.H() < 4 || a.W() < 30 {
		return
	}
	lanes := s.way()
	at := s.laneColumns(a, lanes)
	for i, h := range lanes {
		name := s.now.tr.Name(h)
		a.Put(min(max(at[i]-paint.Width(name)/2, 0), a.W()-paint.Width(name)), 0, paint.In(s.roleOf(h)).B(), name)
	}
	rungs, _ := s.now.scene.Ladder(s.which(), s.at, a.H())
	marks := marksOf(rungs, s.at.At, a.H()-2)
	quiet := paint.In(paint.Quiet)
	body := a.Rows(1, a.H()-1)
	for _, x := range at {
		body.Down(x, 0, body.H(), quiet, '│')
	}
	for y, m := range marks {
		if y == 0 || marks[y-1].at != m.at {
			body.Right(timeColumn, y, quiet, milliseconds(m.at))
		}
	}
	var names []func() // drawn over all lines
	for i := range rungs {
		if name := s.drawSlope(body, &rungs[i], i, at, marks); name != nil {
			names = append(names, name)
		}
	}
	for _, draw := range names {
		draw()
	}
	y, first, last := len(marks), at[0], at[len(at)-1]
	body.Fill(first, y, last-first+1, paint.In(paint.Waiting), '╌')
	body.Right(timeColumn, y, paint.In(paint.Waiting), milliseconds(s.at.At))
	body.Cut(last+2, y, a.W()-last-2, paint.In(paint.Waiting), "now")
}

// A mark is a row of the slanted ladder: a packet's first bit leaves, or it lands.
type mark struct {
	at    time.Duration
	rung  int
	lands bool
}

// marksOf are the last rows up to now, in the order of time. A packet that still
// waits for the wire has none yet.
func marksOf(rungs []scene.Rung, now time.Duration, most int) []mark {
	var marks []mark
	for i := range rungs {
		if rungs[i].Starts > now {
			continue
		}
		marks = append(marks, mark{rungs[i].Starts, i, false})
		if rungs[i].Landed {
			marks = append(marks, mark{rungs[i].Lands, i, true})
		}
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
	return marks[max(0, len(marks)-most):]
}

// drawSlope draws packet i over the rows between its two times. What began above
// the first row comes in from there.
func (s *Stage) drawSlope(a paint.Area, r *scene.Rung, i int, at []int, marks []mark) (name func()) {
	if r.FromLane < 0 || r.ToLane < 0 || r.FromLane == r.ToLane {
		return nil
	}
	y0 := max(float64(slices.IndexFunc(marks, func(m mark) bool { return m.rung == i && !m.lands })), -1)
	y1 := float64(slices.IndexFunc(marks, func(m mark) bool { return m.rung == i && m.lands }))
	switch {
	case y1 < 0 && r.Landed, r.Starts > s.at.At:
		return nil // all of it lies above, or below
	case y1 < 0:
		y1 = float64(len(marks))
	}
	from, to := at[r.FromLane], at[r.ToLane]
	right := to > from
	n := max(from, to) - min(from, to) - 1
	end := int(r.Part * float64(n))
	style := paint.In(paint.Client)
	if !right {
		style = paint.In(paint.Server)
	}
	if r.Lost {
		style = paint.In(paint.Lost)
	}
	if r.Row == s.chosen {
		style = style.R()
	}
	column := func(i int) int {
		if right {
			return from + 1 + i
		}
		return from - 1 - i
	}
	// The middle of the first row to the middle of the last.
	height := func(i int) float64 {
		return 0.5 + y0 + (y1-y0)*float64(i)/float64(max(1, end-1))
	}
	for i := range end {
		if y := height(i); y >= 0 {
			a.Put(column(i), int(y), style, string(slopes[int((y-math.Floor(y))*float64(len(slopes)))]))
		}
	}
	sign := "▸"
	if !right {
		sign = "◂"
	}
	if r.Lost {
		sign = "╳"
	}
	text := " " + label(s.tell, r.Row) + " "
	if r.Lost && end < paint.Width(text)+4 { // it never left, or hardly
		text = sign + text + lostWord(r.Fate) + " "
		return func() { s.nameSlope(a, r, column(0), int(height(0)), right, style, text) }
	}
	if end > 0 {
		a.Put(column(end-1), int(height(end-1)), style.B(), sign)
	}
	if end < paint.Width(text)+4 {
		return nil
	}
	k := 3
	if y0 < 0 { // where it is in the picture
		k = end / 2
	}
	return func() { s.nameSlope(a, r, column(k), int(height(k+paint.Width(text)/2)), right, style, text) }
}

// nameSlope writes the name of a packet on its line, from column x on in its
// direction.
func (s *Stage) nameSlope(a paint.Area, r *scene.Rung, x, y int, right bool, style paint.Style, text string) {
	if !right {
		x -= paint.Width(text) - 1
	}
	a.Put(x, y, style.B(), text)
	a.Click(x, y, paint.Width(text), 1, packetTarget(r.Row))
	if r.Row == s.chosen {
		a.Cursor(x, y)
	}
}

// slopes are lines at rising depth in a cell.
var slopes = []rune("⎺⎻─⎼⎽")
