package story

import (
	"bufio"
	"fmt"
	"io"

	"wirelab/trace"
)

// Plain writes the listing of a trace: one event a line, the time first and
// constant in width, no boxes, no colour. It has a part for each zoom asked for.
func Plain(w io.Writer, tr *trace.Trace, events []Event, zooms ...Zoom) error {
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
				fmt.Fprintf(b, "%s\n", Line(tr, e, width))
			}
		}
		if n == 0 {
			fmt.Fprintf(b, "  nothing\n")
		}
	}
	return b.Flush()
}

// Line is the line of one event in a listing whose longest Who is width long.
func Line(tr *trace.Trace, e *Event, width int) string {
	conn := ""
	if len(tr.Conns) > 1 && e.Conn >= 0 {
		conn = fmt.Sprintf("#%d ", e.Conn+1)
	}
	return fmt.Sprintf("%14s  %-*s  %s%s", Milliseconds(e.At), width, e.Who, conn, e.Text)
}
