// Package export writes a trace to files that other programs read.
package export

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wirelab/packets/capture"
	"wirelab/story"
	"wirelab/trace"
)

// Both is the vantage of every host's card at once, each an interface of its
// own in the file. Wireshark then sees each packet twice.
const Both = "both"

// Application is what a file says wrote it.
const Application = "wirelab"

// NoScenario stands in the place of the Scenario in the file of a live trace.
const NoScenario = "recorded on the real clock: it cannot be run again, and so carries no Scenario"

// A sighting is a packet as one card saw it.
type sighting struct {
	at   time.Duration
	step uint32
	row  int
	card int
	out  bool
}

// Pcapng writes what was seen at the card of a host (its name), or of all
// (Both), with the Scenario in the section's comment, or NoScenario, and a comment on each
// packet that was lost, damaged or sent again.
func Pcapng(w io.Writer, tr *trace.Trace, events []story.Event, vantage string) error {
	cards, hosts, err := cardsOf(tr, vantage)
	if err != nil {
		return err
	}
	comment := tr.Scenario
	if tr.Origin == trace.Live {
		comment = NoScenario
	}
	if n := len(comment); n > capture.MaxComment {
		return fmt.Errorf("its Scenario takes %d bytes, and a pcapng file has room for %d; send a long message with --file", n, capture.MaxComment)
	}
	out, err := capture.NewWriter(w, capture.Section{Application: Application, Comment: comment}, cards...)
	if err != nil {
		return err
	}
	notes := comments(tr, events)
	for _, s := range sightings(tr, hosts) {
		rec := capture.Record{Card: s.card, At: tr.Start.Add(s.at), Direction: capture.Inbound,
			Frame: tr.Bytes(&tr.Packets[s.row]), Comment: notes[s.row]}
		if s.out {
			rec.Direction = capture.Outbound
		}
		if err := out.Write(rec); err != nil {
			return err
		}
	}
	return out.Flush()
}

// cardsOf names the cards of a vantage, and says for each host which one is its.
func cardsOf(tr *trace.Trace, vantage string) (cards []string, hosts map[uint16]int, err error) {
	hosts = map[uint16]int{}
	for i, h := range tr.Hosts {
		if vantage == Both || vantage == h.Name {
			hosts[uint16(i)] = len(cards)
			cards = append(cards, h.Name)
		}
	}
	if len(cards) == 0 {
		var names []string
		for _, h := range tr.Hosts {
			names = append(names, h.Name)
		}
		return nil, nil, fmt.Errorf("no host is called %q here; the vantages are %s and %s", vantage, strings.Join(names, ", "), Both)
	}
	return cards, hosts, nil
}

// sightings are the packets that the cards of the given hosts saw, in the
// order in which they did.
func sightings(tr *trace.Trace, hosts map[uint16]int) []sighting {
	var seen []sighting
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if card, ok := hosts[p.From]; ok {
			seen = append(seen, sighting{p.Sent, p.Step, i, card, true})
		}
		if card, ok := hosts[p.To]; ok && p.Arrived != trace.Never {
			seen = append(seen, sighting{p.Arrived, p.Landed, i, card, false})
		}
	}
	// In one step what arrives comes before what is sent because of it.
	slices.SortStableFunc(seen, func(a, b sighting) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.step, b.step), cmp.Compare(btoi(a.out), btoi(b.out)))
	})
	return seen
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// comments are what is worth a remark, by packet: its line in the story, and
// why it was sent again.
func comments(tr *trace.Trace, events []story.Event) map[int]string {
	notes := map[int]string{}
	for i := range events {
		e := &events[i]
		if e.Zoom != story.Packets || e.Kind != story.Sent && e.Kind != story.Arrived {
			continue
		}
		p := &tr.Packets[e.Row]
		switch {
		case e.Kind == story.Sent && p.Again:
			notes[e.Row] = e.Text + ". " + e.Why
		case e.Kind == story.Sent && p.Fate.Lost():
			notes[e.Row] = e.Text
		case e.Kind == story.Arrived && (p.Fate == trace.BadChecksum || p.Fate == trace.SocketFull):
			notes[e.Row] = e.Text
		}
	}
	return notes
}
