package story

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"wirelab/packets"
	"wirelab/trace"
	"wirelab/trace/dissect"
)

// OpenMessage writes the message in a row laid open: what it says, which packets
// carried it, and every field with its place in the message and on the stream.
func OpenMessage(w io.Writer, tr *trace.Trace, row int) error {
	b := bufio.NewWriter(w)
	m := &tr.Messages[row]
	t := NewTeller(tr)
	fmt.Fprintf(b, "message %d of %d, %s, %s to %s, %s; %s\n", row+1, len(tr.Messages), noun(m.Kind), tr.Name(m.From), tr.Name(m.To),
		messageTimes(m), count(int64(m.Size), "byte"))
	if i, ok := t.Find(MessageSent, row); ok {
		e := t.Event(i)
		fmt.Fprintf(b, "  %s\n", e.Text)
		if e.Why != "" {
			fmt.Fprintf(b, "  %s (%s)\n", e.Why, e.RFC)
		}
	} else if m.Trouble != "" {
		fmt.Fprintf(b, "  wrong: %s\n", packets.Text([]byte(m.Trouble), 400))
	}
	if m.Parent >= 0 {
		fmt.Fprintf(b, "  in message %d, %s\n", m.Parent+1, noun(tr.Messages[m.Parent].Kind))
	}
	if of := carrying(tr, m.Spans); of != "" {
		fmt.Fprintf(b, "  in %s\n", of)
	}
	o := t.streams().Open(row)
	switch {
	case o.Spans == nil && m.Size > 0:
		fmt.Fprintf(b, "  compressed on the wire: these are the first %s of what it says\n", count(int64(len(o.Bytes)), "byte"))
	case !o.Whole:
		fmt.Fprintf(b, "  not all of it is in the packets: missing bytes read as 00\n")
	}
	if len(o.Spans) > 0 && o.Spans[0].Unit == 0 {
		fmt.Fprintf(b, "  in brackets: where in the message, counted from 0; where on the stream, counted from 1 as in the listing\n")
	}
	for _, l := range o.Layers {
		fmt.Fprintf(b, "\n%s, %s%s\n  %s\n", l.Name, count(int64(l.Len), "byte"), placeWords(l.Protocol), l.Summary)
		if l.Damage != "" {
			fmt.Fprintf(b, "  damaged: %s\n", l.Damage)
		}
		for _, f := range l.Fields {
			writePlaced(b, &o, l.Off, f, 1)
		}
	}
	return b.Flush()
}

func messageTimes(m *trace.Message) string {
	switch {
	case m.Sent == trace.Never:
		return "never sent"
	case m.Arrived == trace.Never:
		return "sent at " + Milliseconds(m.Sent) + ", never read"
	}
	return "sent at " + Milliseconds(m.Sent) + ", read at " + Milliseconds(m.Arrived)
}

// carrying names the packets that carry bytes of spans, a few of them.
func carrying(tr *trace.Trace, spans []trace.Span) string {
	const most = 8
	var numbers []string
	seen := map[int]bool{}
	for _, s := range spans {
		for _, row := range tr.PacketsOn(s) {
			if !seen[row] {
				seen[row] = true
				numbers = append(numbers, fmt.Sprint(row+1))
			}
		}
	}
	switch n := len(numbers); {
	case n == 0:
		return ""
	case n == 1:
		return "packet " + numbers[0]
	case n > most:
		return fmt.Sprintf("%d packets, %s to %s", n, numbers[0], numbers[n-1])
	}
	return "packets " + strings.Join(numbers, ", ")
}

// writePlaced writes a field of a layer that begins at byte off of a message,
// and, one step further in, its parts.
func writePlaced(b *bufio.Writer, o *dissect.Opened, off int, f packets.Field, depth int) {
	indent := strings.Repeat("  ", depth)
	at := f
	at.Bit += 8 * off
	fmt.Fprintf(b, "%s%s: %s   [%s%s]\n", indent, f.Name, f.Value, FieldPlace(at), streamPlace(o.On(at.Bit/8, (at.Bit+at.Bits+7)/8)))
	if f.Say != "" {
		say := f.Say
		if f.RFC != "" {
			say += " (" + f.RFC + ")"
		}
		fmt.Fprintf(b, "%s    %s\n", indent, say)
	}
	for _, k := range f.Kids {
		writePlaced(b, o, off, k, depth+1)
	}
}

// streamPlace says where bytes of a message are on their stream. A datagram has
// no bytes but the message's.
func streamPlace(spans []trace.Span) string {
	if len(spans) == 0 || spans[0].Unit > 0 {
		return ""
	}
	var parts []string
	for _, s := range spans {
		parts = append(parts, bytes(s.Lo, s.Hi))
	}
	const most = 3
	if n := len(parts) - most; n > 0 {
		parts = append(parts[:most], fmt.Sprintf("%d more pieces", n))
	}
	return "; stream " + strings.Join(parts, ", ")
}
