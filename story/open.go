package story

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"wirelab/osi"
	"wirelab/packets"
	"wirelab/trace"
)

// Open writes the packet in a row laid open: every layer with its place in both
// models, and every field with its bits, its value and what it says.
func Open(w io.Writer, tr *trace.Trace, row int) error {
	b := bufio.NewWriter(w)
	p := &tr.Packets[row]
	fmt.Fprintf(b, "packet %d of %d, %s to %s, %s; %s\n", tr.Number(row), tr.Number(len(tr.Packets)-1), tr.Name(p.From), tr.Name(p.To),
		Times(p), count(int64(p.Len()), "frame byte"))
	for _, l := range tr.Layers(p) {
		fmt.Fprintf(b, "\n%s, %s%s\n  %s\n", l.Name, count(int64(l.Len), "byte"), placeWords(l.Protocol), l.Summary)
		if l.Damage != "" {
			fmt.Fprintf(b, "  damaged: %s\n", l.Damage)
		}
		for _, f := range l.Fields {
			writeField(b, f, 1)
		}
	}
	return b.Flush()
}

// Times says when a packet was sent, and when it arrived or what became of it.
func Times(p *trace.Packet) string {
	sent := "sent at " + Milliseconds(p.Sent)
	if p.Arrived == trace.Never {
		return sent + ", " + p.Fate.String()
	}
	return sent + ", arrived at " + Milliseconds(p.Arrived)
}

// placeWords says where a protocol stands in both models.
func placeWords(protocol string) string {
	place, ok := osi.Place(protocol)
	if !ok {
		return ""
	}
	var ns []string
	for _, n := range place.OSI {
		ns = append(ns, fmt.Sprint(n))
	}
	words := "; OSI layer"
	if len(ns) > 1 {
		words += "s"
	}
	words += " " + strings.Join(ns, " and ")
	if t := place.Layers(osi.TCPIP); len(t) > 0 {
		words += ", TCP/IP " + t[0].Name
	}
	return words
}

// writeField writes a field and, one step further in, its parts.
func writeField(b *bufio.Writer, f packets.Field, depth int) {
	indent := strings.Repeat("  ", depth)
	fmt.Fprintf(b, "%s%s: %s   [%s]\n", indent, f.Name, f.Value, FieldPlace(f))
	if f.Say != "" {
		say := f.Say
		if f.RFC != "" {
			say += " (" + f.RFC + ")"
		}
		fmt.Fprintf(b, "%s    %s\n", indent, say)
	}
	for _, k := range f.Kids {
		writeField(b, k, depth+1)
	}
}

// FieldPlace says where a field lies in its header, counted from 0: "bytes 14 to
// 15", "byte 12, bits 0 to 3".
func FieldPlace(f packets.Field) string {
	switch {
	case f.Bits == 0:
		return "no bits"
	case f.Bit%8 == 0 && f.Bits == 8:
		return fmt.Sprintf("byte %d", f.Bit/8)
	case f.Bit%8 == 0 && f.Bits%8 == 0:
		return fmt.Sprintf("bytes %d to %d", f.Bit/8, (f.Bit+f.Bits)/8-1)
	case f.Bits == 1:
		return fmt.Sprintf("byte %d, bit %d", f.Bit/8, f.Bit%8)
	}
	if f.Bit/8 == (f.Bit+f.Bits-1)/8 {
		return fmt.Sprintf("byte %d, bits %d to %d", f.Bit/8, f.Bit%8, (f.Bit+f.Bits-1)%8)
	}
	return fmt.Sprintf("bits %d to %d", f.Bit, f.Bit+f.Bits-1)
}
