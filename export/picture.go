package export

import (
	"fmt"
	"io"
	"strings"

	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

// About is what a picture says of its run besides what is in the trace.
type About struct {
	Command string // the command line that gives this run; empty: there is none
	Wire    string // the conditions of the wire; empty: not known
	Scheme  Scheme
}

// A Scheme says in which colours a picture is drawn.
type Scheme uint8

const (
	Reader Scheme = iota // light or dark, as who looks at it has chosen; print is light
	Light
	Dark
)

// Limits of a picture. What is beyond them is left out, and the picture says so.
const (
	MaxArrows = 400 // packets
	maxRows   = 800 // calls and states beside the lifelines
	maxPieces = 48  // of one strip
	maxStrips = 6
)

// SVG draws the trace of which t tells as one picture that stands alone: the ladder of its packets
// between the lifelines of the hosts, the calls and states beside them, and the
// messages as strips of bytes below. It reads in black and white, and has
// neither scripts nor references to anything outside of it.
func SVG(w io.Writer, t *story.Teller, about About) error {
	_, err := io.WriteString(w, newSheet(t, about).String())
	return err
}

// A sheet is a picture on which everything has its place.
type sheet struct {
	tr     *trace.Trace
	about  About
	ladder *ladder
	strips []strip
	more   int  // strips that were left out
	bare   bool // what it is about stands elsewhere
}

func newSheet(t *story.Teller, about About) *sheet {
	sc := scene.New(t)
	s := &sheet{tr: t.Trace(), about: about, ladder: newLadder(sc)}
	s.strips, s.more = stripsOf(sc)
	s.ladder.settle()
	return s
}

// String draws the sheet.
func (s *sheet) String() string {
	var body canvas
	width := s.ladder.width
	y := pad
	if !s.bare {
		y = s.drawHead(&body, width)
	}
	y = s.drawNotes(&body, width, y)
	y = s.ladder.draw(&body, y)
	y = s.drawStrips(&body, width, y)
	y = s.drawLegend(&body, width, y)
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" class="wl" role="img" aria-labelledby="wl-title wl-desc" viewBox="0 0 %s %s" width="%s" height="%s">`+"\n",
		num(width), num(y), num(width), num(y))
	fmt.Fprintf(&out, "<title id=\"wl-title\">%s</title>\n<desc id=\"wl-desc\">%s</desc>\n", escape(s.title()), escape(s.describe()))
	fmt.Fprintf(&out, "<style>\n%s</style>\n%s", style(s.about.Scheme), patterns())
	fmt.Fprintf(&out, `<rect class="ground" width="%s" height="%s"/>`+"\n", num(width), num(y))
	out.WriteString(body.String())
	out.WriteString("</svg>\n")
	return out.String()
}

func (s *sheet) title() string {
	if s.about.Command == "" {
		return "What crossed the wire"
	}
	return s.about.Command
}

// describe says in words what the picture shows, for who does not see it.
func (s *sheet) describe() string {
	words := "A sequence diagram, time running downward: " + story.Heading(s.tr) + ". " + story.Summarise(s.tr).String() + "."
	for _, line := range s.ladder.notes() {
		words += " " + line
	}
	return words
}

// drawHead writes what the picture is about, and returns where the rest begins.
func (s *sheet) drawHead(c *canvas, width float64) float64 {
	y := 44.0
	c.text(pad, y, "h", short(story.Heading(s.tr), 22, width-2*pad, ","))
	y += 8
	if s.about.Command != "" {
		for _, line := range wrap("$ "+s.about.Command, 15, width-2*pad, 3) {
			y += 22
			c.text(pad, y, "cmd", line)
		}
	}
	lines := []string{story.Summarise(s.tr).String()}
	if s.about.Wire != "" {
		lines = append([]string{"the wire: " + s.about.Wire}, lines...)
	}
	if s.tr.Err != "" {
		lines = append(lines, "The run ended with an error: "+s.tr.Err)
	}
	return writeLines(c, width, y, lines)
}

// drawNotes writes what is not on the picture.
func (s *sheet) drawNotes(c *canvas, width, y float64) float64 {
	return writeLines(c, width, y, s.ladder.notes()) + 36
}

func writeLines(c *canvas, width, y float64, lines []string) float64 {
	for _, line := range lines {
		for _, part := range wrap(line, textSize, width-2*pad, 2) {
			y += 20
			c.text(pad, y, "q", part)
		}
	}
	return y
}
