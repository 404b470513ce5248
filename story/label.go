package story

import "strings"

// labelLen is how many characters a label has at most.
const labelLen = 24

// Label is what the packet in a row is called where there is little room: "A",
// "SYN and ACK", "ack 1,421", "ICMP port unreachable"; at most 24 characters.
func (t *Teller) Label(row int) string {
	w := t.shortly(row)
	if w.label == "" {
		w.label = w.short
	}
	return shortened(w.label, labelLen)
}

// Arrow is what the packet in a row is, without what became of it: "A, bytes 1
// to 1,420".
func (t *Teller) Arrow(row int) string {
	w, _ := t.describe(row)
	return w.text
}

// frameLabel is a label for a frame whose innermost header has a name and a
// summary: the reason that stands last in it, or else the type before that.
func frameLabel(name, summary string) string {
	summary, _, _ = strings.Cut(summary, ", ")
	kind, reason, ok := strings.Cut(summary, ": ")
	if !ok {
		reason = kind
	}
	for _, label := range []string{name + " " + reason, name + " " + kind, reason, kind} {
		if len([]rune(label)) <= labelLen {
			return label
		}
	}
	return name + " " + kind
}

// shortened is text, or its beginning if it has more than n characters.
func shortened(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	return string(r[:n-1]) + "…"
}
