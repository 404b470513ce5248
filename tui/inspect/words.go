package inspect

import (
	"slices"
	"strings"

	"wirelab/osi"
	"wirelab/packets"
	"wirelab/story"
	"wirelab/tui/paint"
)

// A saying is a paragraph of the words pane.
type saying struct {
	text  string
	style paint.Style
	label string // stands before it
	right string // at the end of its line, or below
	short string // stands for right if only that fits into the line
	close bool   // to what is above: no empty line between
}

// written is what is said about a field, and how that lies in a room.
type written struct {
	sayings []saying
	w, h    int
	lines   []line
}

// A line has a text at x and perhaps one at the right.
type line struct {
	label, text, right string
	style              paint.Style
}

// labelWidth is the room of a label, in columns.
const labelWidth = 8

// drawWords shows what the chosen field says, and returns which lines these are
// if there is no room for all.
func (p *Pane) drawWords(a paint.Area) (note string) {
	w, h, quiet := a.W(), a.H(), paint.In(paint.Quiet)
	lines := p.write(w, h)
	p.unrol = max(min(p.unrol, len(lines)-h), 0)
	for y := 0; y < h && p.unrol+y < len(lines); y++ {
		l := &lines[p.unrol+y]
		x := 0
		if l.label != "" {
			a.Put(0, y, quiet, l.label)
			x = labelWidth
		}
		a.Put(x, y, l.style, l.text)
		a.Right(w, y, quiet, l.right)
	}
	if p.focused(p.room.boxes) == words {
		a.Cursor(0, 0)
	}
	return shownOf(p.unrol, h, len(lines))
}

// write lays what is to be said out in lines of w columns; empty lines only
// stay if they do not push others out of h.
func (p *Pane) write(w, h int) []line {
	if p.chosen < 0 {
		return nil
	}
	if p.said == nil {
		p.said = &written{sayings: p.say()}
	}
	s := p.said
	if s.lines != nil && s.w == w && s.h == h {
		return s.lines
	}
	s.w, s.h, s.lines = w, h, nil
	for i, say := range s.sayings {
		if i > 0 && !say.close {
			s.lines = append(s.lines, line{})
		}
		s.lines = append(s.lines, say.lay(w)...)
	}
	if len(s.lines) > h {
		s.lines = slices.DeleteFunc(s.lines, func(l line) bool { return l == line{} })
	}
	return s.lines
}

func (s saying) lay(w int) (lines []line) {
	room := w
	if s.label != "" {
		room -= labelWidth
	}
	for i, text := range packets.Wrap(s.text, room) {
		label := s.label
		if i > 0 && label != "" {
			label = " "
		}
		lines = append(lines, line{label: label, text: text, style: s.style})
	}
	if s.right == "" {
		return lines
	}
	for _, right := range []string{s.right, s.short} {
		k := len(lines) - 1
		if k >= 0 && right != "" && paint.Width(lines[k].text)+2+paint.Width(right) <= w {
			lines[k].right = right
			return lines
		}
	}
	for _, text := range packets.Wrap(s.right, w) {
		lines = append(lines, line{right: text})
	}
	return lines
}

// say is what there is to say about what is chosen.
func (p *Pane) say() []saying {
	n := &p.ix.nodes[p.chosen]
	var list []saying
	if n.field == nil {
		list = sayLayer(n.layer)
	} else {
		list = sayField(n.layer, n.field)
	}
	var above []saying
	if n.layer.Damage != "" {
		above = append(above, saying{text: "╳ " + n.layer.Name + " is damaged: " + n.layer.Damage + ".", style: paint.In(paint.Lost)})
	}
	if n.layer.Quoted {
		above = append(above, saying{text: "Quoted: this is the beginning of an earlier packet, which the error is about.", style: paint.In(paint.Quiet)})
	}
	return slices.Insert(list, 1, above...)
}

// place says where in its header a field lies, in full and short.
func place(l *packets.Layer, f *packets.Field) (full, short string) {
	at := story.FieldPlace(*f) + " of "
	return at + called(l), at + l.Name
}

// called is what the bytes of a layer are called.
func called(l *packets.Layer) string {
	switch l.Protocol {
	case "data", "padding":
		return "the " + l.Protocol
	case "arp", "dns", "icmpv6":
		return "the " + l.Name + " message"
	}
	return "the " + l.Name + " header"
}

func sayField(l *packets.Layer, f *packets.Field) []saying {
	full, short := place(l, f)
	list := []saying{{text: capital(f.Name), style: paint.Strong, right: full, short: short}}
	if f.Say != "" {
		list = append(list, saying{text: f.Say})
	}
	holds, bits := numberOf(f)
	list = append(list, saying{label: "value", text: f.Value})
	if holds != "" {
		list = append(list, saying{label: "holds", text: holds, close: true})
	}
	if bits != "" {
		list = append(list, saying{label: "bits", text: bits, close: true})
	}
	return append(list, saying{right: f.RFC})
}

func sayLayer(l *packets.Layer) []saying {
	list := []saying{
		{text: l.Name, style: paint.Strong, right: "frame bytes " + grouped(l.Off) + " to " + grouped(l.Off+max(l.Len, 1)-1)},
		{text: l.Summary},
	}
	docs := packets.Reference()
	doc := slices.IndexFunc(docs, func(d packets.ProtocolDoc) bool { return d.Key == l.Protocol })
	if doc >= 0 {
		list = append(list, saying{text: docs[doc].About})
	}
	if stands, ok := osi.Place(l.Protocol); ok {
		for i, at := range stands.Layers(osi.OSI) {
			list = append(list, saying{label: "OSI " + numbers([]int{at.Number}), text: at.Name + ": " + at.Question, close: i > 0})
		}
		for _, at := range stands.Layers(osi.TCPIP) {
			list = append(list, saying{label: "TCP/IP", text: at.Name, close: true})
		}
		if stands.Note != "" {
			list = append(list, saying{text: stands.Note, style: paint.In(paint.Quiet)})
		}
	}
	if doc >= 0 {
		list = append(list, saying{right: docs[doc].RFC})
	}
	return list
}

// capital begins a heading.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
