package stage

import (
	"strconv"
	"strings"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/tui/paint"
)

// drawWords says what has just happened, and why: the same words as the plain
// listing's.
func (s *Stage) drawWords(a paint.Area) {
	now, why, rfc := s.words()
	const indent = 6
	w := a.W() - indent - 1
	put := func(y int, head string, style paint.Style, lines []string) {
		if len(lines) > 0 {
			a.Put(1, y, paint.Strong, head)
		}
		for i, line := range lines {
			a.Put(indent, y+i, style, line)
		}
	}
	// What happened goes before the rule behind it.
	lines := wrapped(now, "", w, a.H())
	put(0, "Now", paint.Style{}, lines)
	put(len(lines), "Why", paint.In(paint.Quiet), wrapped(why, rfc, w, a.H()-len(lines)))
}

// wrapped is a text in at most so many lines of w columns, and where it stands
// written behind it. If there is too little room the text is shortened, and of
// several places the first is named.
func wrapped(text, source string, w, most int) []string {
	if text == "" || most <= 0 {
		return nil
	}
	lines := packets.Wrap(strings.TrimSpace(text+" "+source), w)
	if len(lines) <= most {
		return lines
	}
	source, _, _ = strings.Cut(source, ", ")
	lines = packets.Wrap(strings.TrimSpace(text+" "+source), w)
	if len(lines) <= most {
		return lines
	}
	lines = packets.Wrap(text, w)
	most = min(most, len(lines))
	room := w - paint.Width(source) - min(1, len(source))
	last := lines[most-1]
	if most < len(lines) {
		last += " " + lines[most]
	}
	lines[most-1] = strings.TrimSpace(paint.Shorten(last, max(room, 1)) + " " + source)
	return lines[:most]
}

// words are Now and Why of this moment, and where the rule stands.
func (s *Stage) words() (now, why, rfc string) {
	i := s.event()
	switch {
	case i < 0 && s.tell.Count(s.zoom) == 0:
		return "Nothing happens at this zoom. z looks at another one.", "", ""
	case i < 0 && s.at.Done > 0 && s.pinned:
		return "Nothing has happened on this connection yet.", "", ""
	case i < 0:
		return "Nothing has happened yet. space plays it; → goes to the first step.", "", ""
	}
	e := s.tell.Event(i)
	now = sentence(&e)
	now = strings.ToUpper(now[:1]) + now[1:]
	if !strings.HasSuffix(now, ".") {
		now += "."
	}
	if s.now.failed != nil && s.at.Done >= s.tell.Len() {
		// What still waits is among the calls, and with the hosts.
		reason, _, _ := strings.Cut(s.now.failed.Error(), "; still waiting: ")
		if !strings.HasPrefix(reason, "the run ") {
			reason = "the run ended: " + reason
		}
		now += " Then " + reason + "."
	}
	return now, e.Why, strings.ReplaceAll(e.RFC, " section ", " §")
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

// fitting is the first of some texts that fits into w columns, or what there is
// room for of the last.
func fitting(w int, texts ...string) string {
	for _, t := range texts {
		if paint.Width(t) <= w {
			return t
		}
	}
	return paint.Shorten(texts[len(texts)-1], w)
}

// beginnings are a text, and the same with ever more of its end left out, clause
// by clause.
func beginnings(text string) (all []string) {
	for {
		all = append(all, text)
		i := strings.LastIndexAny(text, ":;")
		if i < 0 {
			return all
		}
		text = text[:i]
	}
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
