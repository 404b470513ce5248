package osi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestOSIHasSevenLayersAndTCPIPFour(t *testing.T) {
	want := map[Model]string{
		OSI:   "physical, data link, network, transport, session, presentation, application",
		TCPIP: "link, internet, transport, application",
	}
	for m, want := range want {
		var names []string
		for i, l := range m.Layers() {
			names = append(names, l.Name)
			if l.Number != i+1 || l.Model != m {
				t.Errorf("%s layer %s: number %d, model %s", m, l.Name, l.Number, l.Model)
			}
			if l.Question == "" || l.Unit == "" || l.Adds == "" || l.Who == "" || len(l.Protocols) == 0 || l.Source == "" {
				t.Errorf("%s layer %s lacks something: %+v", m, l.Name, l)
			}
			if !strings.HasSuffix(l.Question, "?") {
				t.Errorf("%s layer %s asks nothing: %q", m, l.Name, l.Question)
			}
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("%s: %s", m, got)
		}
	}
}

func TestWhatACallerChangesIsItsOwn(t *testing.T) {
	l := OSI.Layers()
	l[0].Name, l[0].Protocols[0] = "changed", "changed"
	p := Placements()
	p[0].OSI[0] = 99
	if got := OSI.Layers()[0]; got.Name != "physical" || got.Protocols[0] == "changed" {
		t.Errorf("the model changed: %+v", got)
	}
	if Placements()[0].OSI[0] == 99 {
		t.Error("a placement changed")
	}
}

func TestLayersMeetTheOtherModel(t *testing.T) {
	want := map[string]string{
		"OSI 1": "[1]", "OSI 2": "[1]", "OSI 3": "[2]", "OSI 4": "[3]", "OSI 5": "[4]", "OSI 6": "[4]", "OSI 7": "[4]",
		"TCP/IP 1": "[1 2]", "TCP/IP 2": "[3]", "TCP/IP 3": "[4]", "TCP/IP 4": "[5 6 7]",
	}
	for _, l := range both() {
		name := fmt.Sprint(l.Model, " ", l.Number)
		if got := fmt.Sprint(numbersOf(l.Across())); got != want[name] {
			t.Errorf("%s is across from %s, want %s", name, got, want[name])
		}
	}
}

func numbersOf(layers []Layer) []int {
	var n []int
	for _, l := range layers {
		n = append(n, l.Number)
	}
	return n
}

func TestEveryProtocolHasAPlaceInBothModels(t *testing.T) {
	for _, key := range []string{"ethernet", "arp", "ipv4", "ipv6", "ah", "icmp", "icmpv6", "tcp", "udp", "dns", "http", "websocket", "engineio", "socketio", "tls", "data", "padding"} {
		p, ok := Place(key)
		if !ok || len(p.Layers(OSI)) != len(p.OSI) || len(p.Layers(TCPIP)) != 1 || !slices.IsSorted(p.OSI) {
			t.Errorf("%s: %v, %+v", key, ok, p)
		}
	}
	if p, ok := Place("ipv6.fraghdr"); !ok || p.Protocol != "ipv6" {
		t.Errorf("a part of IPv6 has another place: %+v", p)
	}
	if _, ok := Place("nonsense"); ok {
		t.Error("nonsense has a place")
	}
}

// The TCP/IP layer of a protocol is across from each of its OSI layers, with
// one exception, which is said: ARP reaches into OSI's network layer.
func TestPlacesInTheTwoModelsFitOrSayWhyNot(t *testing.T) {
	for _, p := range Placements() {
		fits := true
		for _, n := range p.OSI {
			fits = fits && tcpipOf(n) == p.TCPIP
		}
		if !fits && (p.Protocol != "arp" || !strings.Contains(p.Note, "Argued")) {
			t.Errorf("%s is in OSI %d and in TCP/IP %d", p.Protocol, p.OSI, p.TCPIP)
		}
		if len(p.OSI) > 1 && p.Note == "" {
			t.Errorf("%s is in more than one layer, and no note says why", p.Protocol)
		}
	}
}

func TestPlacesThatPeopleArgueAbout(t *testing.T) {
	for key, want := range map[string]string{
		"ethernet": "[1 2] 1", "arp": "[2 3] 1", "icmp": "[3] 2", "tcp": "[4] 3", "tls": "[5 6] 4", "websocket": "[5 7] 4", "http": "[7] 4",
	} {
		if p, _ := Place(key); fmt.Sprint(p.OSI, p.TCPIP) != want {
			t.Errorf("%s: %v %d, want %s", key, p.OSI, p.TCPIP, want)
		}
	}
}

func TestThreeOSILayersOwnNoByteOfATCPExchange(t *testing.T) {
	var numbers []int
	for _, g := range Gaps() {
		numbers = append(numbers, g.Layer.Number)
		if g.Layer.Model != OSI || g.Why == "" {
			t.Errorf("%+v", g)
		}
	}
	if !slices.Equal(numbers, []int{1, 5, 6}) {
		t.Errorf("gaps are %d", numbers)
	}
}

func TestLookupKnowsTheWordsOfPeople(t *testing.T) {
	for word, want := range map[string]string{
		"4": "OSI 4", "l4": "OSI 4", "Layer 4": "OSI 4", "layer4": "OSI 4",
		"transport": "OSI 4, TCP/IP 3", "TRANSPORT LAYER": "OSI 4, TCP/IP 3", "trans": "OSI 4, TCP/IP 3",
		"link": "OSI 2, TCP/IP 1", "data link": "OSI 2", "network": "OSI 3", "internet": "TCP/IP 2",
		"application": "OSI 7, TCP/IP 4", "session": "OSI 5", "physical": "OSI 1",
		"segment": "OSI 4, TCP/IP 3", "frame": "OSI 2, TCP/IP 1", "packet": "OSI 3, TCP/IP 2",
		"tcp": "OSI 4, TCP/IP 3", "ip": "OSI 3, TCP/IP 2", "ping": "OSI 3, TCP/IP 2", "arp": "OSI 2, OSI 3, TCP/IP 1",
		"Socket.IO": "OSI 5, OSI 7, TCP/IP 4", "ws": "OSI 5, OSI 7, TCP/IP 4",
		"osi":    "OSI 1, OSI 2, OSI 3, OSI 4, OSI 5, OSI 6, OSI 7",
		"tcp/ip": "TCP/IP 1, TCP/IP 2, TCP/IP 3, TCP/IP 4",
	} {
		found, err := Lookup(word)
		var names []string
		for _, l := range found.Layers {
			names = append(names, fmt.Sprint(l.Model, " ", l.Number))
		}
		if got := strings.Join(names, ", "); err != nil || got != want {
			t.Errorf("%q is %s (%v), want %s", word, got, err, want)
		}
	}
}

func TestLookupTellsAProtocolFromALayer(t *testing.T) {
	if f, _ := Lookup("tcp"); f.Protocol.Protocol != "tcp" {
		t.Errorf("tcp is %+v", f.Protocol)
	}
	if f, _ := Lookup("transport"); f.Protocol.Protocol != "" {
		t.Errorf("transport is %+v", f.Protocol)
	}
}

func TestLookupErrorListsWhatWorks(t *testing.T) {
	for _, word := range []string{"9", "", "xy", "l0"} {
		_, err := Lookup(word)
		if err == nil {
			t.Errorf("%q was found", word)
			continue
		}
		for _, want := range []string{fmt.Sprintf("%q", word), "1 to 7", "data link", "internet", "socketio"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: the error does not say %q: %v", word, want, err)
			}
		}
	}
}

// Every word that the error offers works.
func TestEveryNameThatIsOfferedIsFound(t *testing.T) {
	for _, word := range append(layerNames(), protocolKeys()...) {
		if _, err := Lookup(word); err != nil {
			t.Error(err)
		}
	}
}

func TestNoWordMeansTwoProtocols(t *testing.T) {
	seen := make(map[string]string)
	for _, p := range Placements() {
		for _, w := range append([]string{p.Protocol}, p.aliases...) {
			if seen[w] != "" {
				t.Errorf("%q is both %s and %s", w, seen[w], p.Protocol)
			}
			seen[w] = p.Protocol
		}
	}
}
