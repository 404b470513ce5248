package story

import (
	"fmt"
	"strings"

	"wirelab/packets"
	"wirelab/trace"
)

// learns says what an end learns from the acknowledgement and the window of a
// segment that took it from state before to state after. Its text begins with
// a mark that joins it to what came before.
func (t *teller) learns(p *trace.Packet, w *what, before, after *trace.Sample, h *heard) (string, rule) {
	if !w.flags.Has(packets.ACK) {
		return "", rule{}
	}
	own := p.Span.Stream ^ 1
	window := ""
	switch {
	case before.State == trace.SynSent || before.State == trace.SynReceived: // the first that it hears of
	case after.SndWnd == 0:
		window = "no room"
	case before.SndWnd == 0:
		window = "room for " + group(int64(after.SndWnd))
	}
	if acked := after.SndUna - before.SndUna; acked > 0 && acked < 1<<31 {
		h.duplicates = 0
		text, why := t.acked(own, int64(before.SndUna), int64(after.SndUna))
		if window != "" {
			text += "; " + window
			why = windowRule
		}
		return ": " + text, why
	}
	switch old := int32(w.ack - before.SndUna); {
	case !p.Span.Empty():
		return "", rule{}
	case old < 0:
		return ": old news, it knows of more", rule{"Acknowledgements count from the start, so an old one that comes late says nothing.", "RFC 9293 section 3.10.7.4"}
	case after.SndWnd != before.SndWnd:
		h.duplicates = 0
		why := windowRule
		if before.InFlight() > 0 {
			why = rule{why.text + " Because it says something new, it does not count as a duplicate.", why.rfc + ", RFC 5681 section 2"}
		}
		return " again: room for " + group(int64(after.SndWnd)), why
	case window != "":
		return " again: still " + window, windowRule
	case before.InFlight() == 0:
		return " again: nothing new", rule{}
	}
	sacks := 0
	for range packets.SACKBlocks(t.tr.Bytes(p)) {
		sacks++
	}
	h.duplicates++
	why := rule{"The number wanted is the old one: something arrived behind a hole, or came twice. One or two such may mean that segments changed places; three in a row are taken for a loss.", "RFC 5681 section 3.2"}
	if sacks > 0 {
		why = rule{why.text + " With SACK it learns also what need not be sent again.", why.rfc + ", RFC 6675 section 5"}
	}
	return fmt.Sprintf(" again, duplicate %d", h.duplicates), why
}

var windowRule = rule{"No more than the other side has room for may be on the way. The window of the newest acknowledgement says how much that is.", "RFC 9293 section 3.8.6"}

// acked says what the end that sends on s learns when the oldest number without
// an acknowledgement moves.
func (t *teller) acked(s trace.Stream, from, to int64) (string, rule) {
	total := t.totals[s]
	var what []string
	plural := false
	if from == 0 {
		what = append(what, "SYN")
	}
	if first, last := max(from, 1), min(to-1, total); first <= last {
		what = append(what, bytes(first-1, last))
		plural = first < last
	}
	if to-1 > total {
		what = append(what, "FIN")
	}
	verb := "has"
	if plural || len(what) > 1 {
		verb = "have"
	}
	why := rule{"Only now does the sender know. Until an acknowledgement comes it keeps the bytes, ready to send them again.", "RFC 9293 section 3.4"}
	switch {
	case from == 0 && to == 1:
		why = rule{"A SYN takes a number, so it is acknowledged as a byte is.", "RFC 9293 section 3.4"}
	case from > total:
		why = rule{"A FIN takes a number, so it is acknowledged as a byte is.", "RFC 9293 section 3.4"}
	}
	return fmt.Sprintf("its %s %s arrived", strings.Join(what, " and "), verb), why
}
