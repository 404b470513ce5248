package stage

import (
	"strconv"
	"strings"

	"wirelab/story"
	"wirelab/tui/paint"
)

// drawWords says what has just happened, and why: the same words as the plain
// listing's.
func (s *Stage) drawWords(a paint.Area) {
	now, why := s.words()
	indent := 5
	y := 0
	put := func(head string, style paint.Style, text string, most int) {
		if text == "" || y >= a.H() || most <= 0 {
			return
		}
		a.Put(1, y, paint.Strong, head)
		lines := paint.Wrap(text, a.W()-indent-2)
		for i, line := range lines {
			if i == most-1 && len(lines) > most {
				line = paint.Shorten(line+" "+lines[i+1], a.W()-indent-2)
			}
			if i == most {
				break
			}
			a.Put(indent+1, y, style, line)
			y++
		}
	}
	// What happened goes before the rule behind it.
	nowLines := len(paint.Wrap(now, a.W()-indent-2))
	put("Now", paint.Style{}, now, a.H())
	put("Why", paint.In(paint.Quiet), why, a.H()-min(nowLines, a.H()))
}

// words are Now and Why of this moment.
func (s *Stage) words() (now, why string) {
	i := s.event()
	switch {
	case i < 0 && s.tell.Count(s.zoom) == 0:
		return "Nothing happens at this zoom. z looks at another one.", ""
	case i < 0 && s.at.Done > 0 && s.pinned:
		return "Nothing has happened on this connection yet.", ""
	case i < 0:
		return "Nothing has happened yet. space plays it; → goes to the first step.", ""
	case s.gliding:
		// The event that is glided to has not happened yet: what was last stays.
	}
	e := s.tell.Event(i)
	now = sentence(&e)
	now = strings.ToUpper(now[:1]) + now[1:]
	if !strings.HasSuffix(now, ".") {
		now += "."
	}
	if s.now.failed != nil && s.at.Done >= s.tell.Len() {
		now += " Then the run ended: " + s.now.failed.Error() + "."
	}
	why = e.Why
	if e.RFC != "" {
		why += "  " + strings.ReplaceAll(e.RFC, " section ", " §")
	}
	return now, why
}

// sentence is an event in a line of its own.
func sentence(e *story.Event) string {
	switch {
	case e.Who == "":
		return e.Text
	case e.Kind == story.Arrived, e.Kind == story.State, e.Kind == story.MessageArrived:
		return e.Who + " " + e.Text
	}
	return e.Who + ": " + e.Text
}

// group writes a number with its thousands apart: "1,420".
func group(n int64) string {
	text := strconv.FormatInt(n, 10)
	digits := strings.TrimPrefix(text, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n < 0 {
		return "-" + digits
	}
	return digits
}
