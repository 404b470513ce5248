package story

import (
	"strings"

	"wirelab/packets"
	"wirelab/trace"
)

// what names a packet: in full for the line of its sending, and short for the
// line of its arrival.
type what struct {
	text, short string
	flags       packets.Flags
	proto       uint8
	seq, ack    uint32 // relative
}

// packets tells of every packet when it was sent, and when it arrived.
func (t *teller) packets(events []Event) []Event {
	whats := make([]what, len(t.tr.Packets))
	said := make([]said, 2*len(t.tr.Conns))
	for i := range t.tr.Packets {
		p := &t.tr.Packets[i]
		var w what
		var why rule
		if own(p) {
			w, why = t.describe(i, said)
		} else {
			w, why = t.retold(i)
		}
		whats[i] = w
		events = append(events, Event{At: p.Sent, Step: p.Step, Zoom: Packets, Kind: Sent, Row: i, Conn: p.Conn(),
			Who: t.direction(p.From, p.To), Text: w.text + flipWords(p) + fateWords(p.Fate), Why: why.text, RFC: why.rfc, rank: packetLeaves, order: i})
	}
	kept := t.keptSegments()
	heard := make([]heard, 2*len(t.tr.Conns))
	for _, row := range t.arrived {
		p := &t.tr.Packets[row]
		var text string
		var why rule
		if t.final(p) {
			text, why = t.arrival(int(row), &whats[row], kept, heard)
		} else {
			text, why = t.passes(int(row), &whats[row])
		}
		events = append(events, Event{At: p.Arrived, Step: p.Landed, Zoom: Packets, Kind: Arrived, Row: int(row), Conn: p.Conn(),
			Who: t.tr.Name(p.To), Text: text, Why: why.text, RFC: why.rfc, rank: packetArrives})
	}
	return events
}

// fateWords says what became of a packet that never arrived.
func fateWords(f trace.Fate) string {
	switch f {
	case trace.UnderWay:
		return "; still under way when the run ended"
	case trace.LostQueue:
		return "; lost, the queue was full"
	case trace.LostCut:
		return "; lost, the cable was cut"
	case trace.LostByHand:
		return "; lost by your hand"
	case trace.LostBlocked:
		return "; blocked on the way"
	case trace.LostRandom:
		return "; lost on the way"
	}
	return ""
}

// describe says what the packet in a row is.
func (t *teller) describe(row int, said []said) (what, rule) {
	p := &t.tr.Packets[row]
	h := packets.Scan(t.tr.Bytes(p))
	w := what{flags: h.Flags, proto: h.Proto}
	switch {
	case t.isTCP(p):
		return t.segment(row, w, &h, &said[p.Span.Stream], &said[p.Span.Stream^1])
	case p.Conn() >= 0:
		return t.datagram(p, w)
	}
	return t.frame(p, w, &h)
}

// frame says what a packet without ports is, by its innermost header.
func (t *teller) frame(p *trace.Packet, w what, h *packets.Headers) (what, rule) {
	summary := ""
	w.text = "a frame"
	for _, l := range t.tr.Layers(p) {
		if !l.Quoted && l.Protocol != "data" && l.Protocol != "padding" {
			w.text, summary = l.Name+" "+l.Summary, l.Summary
		}
	}
	w.short = w.text
	switch {
	case h.EtherType == packets.EtherTypeARP && strings.HasPrefix(summary, "who has"):
		return w, rule{"On a link, frames go to card addresses. ARP asks everybody on it which card has that IP address.", "RFC 826"}
	case h.EtherType == packets.EtherTypeARP:
		return w, rule{"Only the host that has the address answers, and only to the one that asked.", "RFC 826"}
	case h.Proto == packets.ProtocolICMP && strings.Contains(summary, "port unreachable"):
		return w, rule{"No program has that port. UDP itself cannot say so; the host says it with ICMP and quotes the packet that it means.", "RFC 1122 section 4.1.3.1"}
	case h.Proto == packets.ProtocolICMPv6 && strings.Contains(w.text, "neighbor"):
		return w, rule{"On a link, frames go to card addresses. IPv6 finds out with ICMPv6 which card has an IP address; the question goes only to the few cards that listen for such an address.", "RFC 4861 section 7.2"}
	case h.Proto == packets.ProtocolICMPv6:
		return w, rule{"ICMPv6 carries what hosts and routers tell each other about packets.", "RFC 4443"}
	case h.Proto == packets.ProtocolICMP:
		return w, rule{"ICMP carries what hosts and routers tell each other about packets.", "RFC 792"}
	case h.Fragment():
		return w, fragmentRule
	}
	return w, rule{}
}
