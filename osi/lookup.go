package osi

import (
	"fmt"
	"slices"
	"strings"
)

// Found is what a word stands for: layers, and the protocol if it named one.
type Found struct {
	Layers   []Layer   // OSI's first, then TCP/IP's, each lowest first
	Protocol Placement // the zero value if the word is no protocol
}

// Lookup finds what a person means by word: a number ("4", "l4", "layer 4";
// always OSI's, as everybody counts), a layer's name in either model or at
// least three letters of its start ("transport", "inter"), a unit ("frame"), a
// model ("osi", "tcp/ip") or a protocol ("tcp", "ping"). The error lists what
// works.
func Lookup(word string) (Found, error) {
	w := strings.Join(strings.Fields(strings.ToLower(word)), " ")
	w = strings.TrimSuffix(w, " layer")
	if m, ok := model(w); ok {
		return Found{Layers: m.Layers()}, nil
	}
	for _, p := range Placements() {
		if w == p.Protocol || w == strings.ToLower(p.Name) || slices.Contains(p.aliases, w) {
			return Found{Layers: append(p.Layers(OSI), p.Layers(TCPIP)...), Protocol: p}, nil
		}
	}
	for _, fits := range []func(Layer) bool{
		func(l Layer) bool { return l.named(w) },
		func(l Layer) bool { return len(w) >= 3 && strings.HasPrefix(l.Name, w) },
	} {
		if layers := slices.DeleteFunc(both(), func(l Layer) bool { return !fits(l) }); len(layers) > 0 {
			return Found{Layers: layers}, nil
		}
	}
	return Found{}, fmt.Errorf("no layer or protocol is called %q; try a number from 1 to 7, a layer (%s) or a protocol (%s)",
		word, strings.Join(layerNames(), ", "), strings.Join(protocolKeys(), ", "))
}

func model(w string) (Model, bool) {
	switch w {
	case "osi", "iso", "seven":
		return OSI, true
	case "tcp/ip", "tcpip", "tcp-ip", "four":
		return TCPIP, true
	}
	return 0, false
}

// named says whether w, in lower case, is one of the layer's names. Only OSI's
// layers are known by number.
func (l Layer) named(w string) bool {
	if w == l.Name || slices.Contains(l.aliases, w) {
		return true
	}
	n := fmt.Sprint(l.Number)
	return l.Model == OSI && (w == n || w == "l"+n || w == "layer "+n || w == "layer"+n || w == "osi "+n)
}

func both() []Layer { return append(osiLayers(), tcpipLayers()...) }

func layerNames() []string {
	var names []string
	for _, l := range both() {
		if !slices.Contains(names, l.Name) {
			names = append(names, l.Name)
		}
	}
	return names
}

func protocolKeys() []string {
	var keys []string
	for _, p := range Placements() {
		keys = append(keys, p.Protocol)
	}
	return keys
}
