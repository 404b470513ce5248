package story

import (
	"fmt"
	"strings"

	"wirelab/packets"
	"wirelab/trace"
)

// A lesson is what an end learns from the acknowledgement and the window of a
// segment.
type lesson uint8

const (
	nothing       lesson = iota
	acksNew              // bytes, a SYN or a FIN that were not acknowledged before
	oldNews              // less than it knows already
	changesWindow        // how much room there is now, and no more
	stillWindow          // that there is still no room, or room again
	nothingNew           // nothing, and nothing is under way
	duplicate            // that something arrived behind a hole, or came twice
)

// lessonOf is what an end learns from segment p with flags, which took it from
// state before to state after.
func (t *Teller) lessonOf(p *trace.Packet, flags packets.Flags, before, after *trace.Sample) lesson {
	if !flags.Has(packets.ACK) {
		return nothing
	}
	if acked := after.SndUna - before.SndUna; acked > 0 && acked < 1<<31 {
		return acksNew
	}
	if !p.Span.Empty() {
		return nothing
	}
	h := packets.Scan(t.tr.Bytes(p))
	switch {
	case int32(t.ackOf(p, &h)-before.SndUna) < 0:
		return oldNews
	case after.SndWnd != before.SndWnd:
		return changesWindow
	case windowWords(before, after) != "":
		return stillWindow
	case before.InFlight() == 0:
		return nothingNew
	}
	return duplicate
}

// windowWords says how the window opened, or that it is shut; empty if there is
// nothing to say of it.
func windowWords(before, after *trace.Sample) string {
	switch {
	case before.State == trace.SynSent || before.State == trace.SynReceived: // the first that it hears of
	case after.SndWnd == 0:
		return "no room"
	case before.SndWnd == 0:
		return "room for " + group(int64(after.SndWnd))
	}
	return ""
}

// learns says what an end learns from the packet in a row, which took it from
// state before to state after. Its text begins with a mark that joins it to what
// came before.
func (t *Teller) learns(row int, w *what, before, after *trace.Sample) (string, rule) {
	p := &t.tr.Packets[row]
	switch t.lessonOf(p, w.flags, before, after) {
	case acksNew:
		text, why := t.acked(p.Span.Stream^1, int64(before.SndUna), int64(after.SndUna))
		if window := windowWords(before, after); window != "" {
			text += "; " + window
			why = windowRule
		}
		return ": " + text, why
	case oldNews:
		return ": old news, it knows of more", rule{"Acknowledgements count from the start, so an old one that comes late says nothing.", "RFC 9293 section 3.10.7.4"}
	case changesWindow:
		why := windowRule
		if before.InFlight() > 0 {
			why = rule{why.text + " Because it says something new, it does not count as a duplicate.", why.rfc + ", RFC 5681 section 2"}
		}
		return " again: room for " + group(int64(after.SndWnd)), why
	case stillWindow:
		return " again: still " + windowWords(before, after), windowRule
	case nothingNew:
		return " again: nothing new", rule{}
	case duplicate:
		why := rule{"The number wanted is the old one: something arrived behind a hole, or came twice. One or two such may mean that segments changed places; three in a row are taken for a loss.", "RFC 5681 section 3.2"}
		for range packets.SACKBlocks(t.tr.Bytes(p)) {
			why = rule{why.text + " With SACK it learns also what need not be sent again.", why.rfc + ", RFC 6675 section 5"}
			break
		}
		return fmt.Sprintf(" again, duplicate %d", t.facts[row].duplicates), why
	}
	return "", rule{}
}

var windowRule = rule{"No more than the other side has room for may be on the way. The window of the newest acknowledgement says how much that is.", "RFC 9293 section 3.8.6"}

// acked says what the end that sends on s learns when the oldest number without
// an acknowledgement moves.
func (t *Teller) acked(s trace.Stream, from, to int64) (string, rule) {
	total := t.Total(s)
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
