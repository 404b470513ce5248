package story

import (
	"bufio"
	"fmt"
	"io"

	"wirelab/packets"
	"wirelab/trace"
)

// Plain writes the listing of a trace: one event a line, the time first and
// constant in width, no boxes, no colour. It has a part for each zoom asked for.
// What is longer than columns goes on in the next line, below its text; 0 is no
// limit.
func Plain(w io.Writer, tr *trace.Trace, events []Event, columns int, zooms ...Zoom) error {
	b := bufio.NewWriter(w)
	width := 0
	for i := range events {
		width = max(width, len(events[i].Who))
	}
	for _, z := range zooms {
		fmt.Fprintf(b, "\n%s: %s\n", z, z.Title())
		n := 0
		for i := range events {
			if e := &events[i]; e.Zoom == z {
				n++
				writeLine(b, Line(tr, e, width), columns, timeWidth+2+width+2)
			}
		}
		if n == 0 {
			fmt.Fprintf(b, "  nothing\n")
		}
	}
	return b.Flush()
}

// timeWidth is how wide times are in a listing.
const timeWidth = 14

// leastText is the room that a text must have beside what stands before it: in
// less it would be a column of words.
const leastText = 20

// writeLine writes a line in so many columns, with what does not fit below the
// text that begins at indent.
func writeLine(b *bufio.Writer, line string, columns, indent int) {
	room := columns - indent
	if columns <= 0 || room < leastText || len(line) <= columns {
		fmt.Fprintf(b, "%s\n", line)
		return
	}
	for i, text := range packets.Wrap(line[indent:], room) {
		if i == 0 {
			fmt.Fprintf(b, "%s%s\n", line[:indent], text)
			continue
		}
		fmt.Fprintf(b, "%*s%s\n", indent, "", text)
	}
}

// Line is the line of one event in a listing whose longest Who is width long.
func Line(tr *trace.Trace, e *Event, width int) string {
	conn := ""
	if len(tr.Conns) > 1 && e.Conn >= 0 {
		conn = fmt.Sprintf("#%d ", e.Conn+1)
	}
	return fmt.Sprintf("%*s  %-*s  %s%s", timeWidth, Milliseconds(e.At), width, e.Who, conn, e.Text)
}
