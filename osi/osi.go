// Package osi teaches the two layer models, the seven layers of OSI and the
// four of TCP/IP, and places every protocol of the lab in both, frankly where
// they disagree.
package osi

import "slices"

// Model says which of the two models a layer belongs to.
type Model uint8

// The two models.
const (
	OSI   Model = iota // ISO/IEC 7498-1:1994, also ITU-T X.200: seven layers
	TCPIP              // RFC 1122 section 1.1.3: four layers
)

// String is the name of the model as people say it: "OSI" or "TCP/IP".
func (m Model) String() string {
	if m == TCPIP {
		return "TCP/IP"
	}
	return "OSI"
}

// Layers are the layers of the model, lowest first. The slice is the
// caller's own.
func (m Model) Layers() []Layer {
	if m == TCPIP {
		return tcpipLayers()
	}
	return osiLayers()
}

// Layer is one layer of one model.
type Layer struct {
	Model     Model
	Number    int      // from below, from 1; RFC 1122 itself does not number its layers
	Name      string   // in the words of its source: "data link", "internet"
	Question  string   // the question that the layer answers
	Unit      string   // what it handles a piece at a time (PDU), in the field's words
	Adds      string   // what it puts around what the layer above hands down
	Who       string   // who does its work on a common computer
	Protocols []string // examples
	Source    string   // where it is defined

	aliases []string // other words people use for it, lower case
}

// Across gives the layers of the other model that do the same work, lowest
// first: the seven and the four meet at transport, and nowhere else so neatly.
func (l Layer) Across() []Layer {
	other := TCPIP
	if l.Model == TCPIP {
		other = OSI
	}
	var out []Layer
	for _, o := range other.Layers() {
		seven, four := o.Number, l.Number
		if l.Model == OSI {
			seven, four = l.Number, o.Number
		}
		if tcpipOf(seven) == four {
			out = append(out, o)
		}
	}
	return out
}

// tcpipOf gives the TCP/IP layer that does the work of an OSI layer.
func tcpipOf(seven int) int {
	switch {
	case seven <= 2:
		return 1
	case seven == 3:
		return 2
	case seven == 4:
		return 3
	default:
		return 4
	}
}

// Gap is an OSI layer that owns no byte of a typical TCP exchange.
type Gap struct {
	Layer Layer
	Why   string
}

// Gaps says which OSI layers own no byte in the capture of a typical TCP
// exchange, a program's message in TCP in IP in Ethernet, and why; lowest first.
func Gaps() []Gap {
	why := []struct {
		number int
		text   string
	}{
		{1, "The signals are real, but a capture begins where the card has already turned them into bytes: preamble and symbols are gone, and mostly the frame check sequence too."},
		{5, "No header is left for it: TCP itself opens and closes the connection, and what a program calls a session (a login, a cookie) travels inside its own messages."},
		{6, "No header is left for it: both programs agree on UTF-8, JSON or the like beforehand, and the encoded bytes are the message itself."},
	}
	layers := osiLayers()
	gaps := make([]Gap, 0, len(why))
	for _, w := range why {
		i := slices.IndexFunc(layers, func(l Layer) bool { return l.Number == w.number })
		gaps = append(gaps, Gap{layers[i], w.text})
	}
	return gaps
}
