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
	label       string // if short is too long for a label
	name        name   // of a segment with data
	flags       packets.Flags
	proto       uint8
	seq, ack    uint32 // relative
}

// tellSent tells that a packet was sent.
func (t *Teller) tellSent(e *Event) {
	p := &t.tr.Packets[e.Row]
	w, why := t.describe(e.Row)
	e.Who, e.Text, e.Why, e.RFC = t.direction(p.From, p.To), w.text+flipWords(p)+fateWords(p.Fate), why.text, why.rfc
}

// tellArrived tells that a packet arrived.
func (t *Teller) tellArrived(e *Event) {
	p := &t.tr.Packets[e.Row]
	w := t.shortly(e.Row)
	var why rule
	if t.final(p) {
		e.Text, why = t.arrival(e.Row, &w)
	} else {
		e.Text, why = t.passes(e.Row, &w)
	}
	e.Who, e.Why, e.RFC = t.tr.Name(p.To), why.text, why.rfc
}

// direction says who sends to whom.
func (t *Teller) direction(from, to uint16) string {
	words, ok := t.between[[2]uint16{from, to}]
	if !ok {
		words = t.tr.Name(from) + " to " + t.tr.Name(to)
		t.between[[2]uint16{from, to}] = words
	}
	return words
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

// describe says what the packet in a row is, and why it was sent.
func (t *Teller) describe(row int) (what, rule) {
	p := &t.tr.Packets[row]
	h := packets.Scan(t.tr.Bytes(p))
	w, why := what{flags: h.Flags, proto: h.Proto}, rule{}
	switch {
	case t.isTCP(p):
		w, why = t.segment(row, w, &h)
	case p.Conn() >= 0:
		w, why = t.datagram(p, w)
	default:
		w, why = t.frame(row, w, &h)
	}
	if own(p) {
		return w, why
	}
	return t.retold(p, w)
}

// shortly is describe without what is said of the sending.
func (t *Teller) shortly(row int) what {
	p := &t.tr.Packets[row]
	if !t.isTCP(p) {
		w, _ := t.describe(row)
		return w
	}
	h := packets.Scan(t.tr.Bytes(p))
	w, _ := t.brief(row, what{flags: h.Flags, proto: h.Proto}, &h)
	return w
}

// A framed is what a packet without ports is, and why it was sent.
type framed struct {
	w   what
	why rule
}

// recentFrames is how many packets without ports a Teller remembers, whose words
// take long to find because they are laid open for it.
const recentFrames = 256

// frame says what the packet without ports in a row is.
func (t *Teller) frame(row int, w what, h *packets.Headers) (what, rule) {
	f, ok := t.frames[row]
	if !ok {
		f.w, f.why = t.opened(&t.tr.Packets[row], w, h)
		if len(t.frames) >= recentFrames {
			clear(t.frames)
		}
		t.frames[row] = f
	}
	return f.w, f.why
}

// opened says what a packet without ports is, by its innermost header.
func (t *Teller) opened(p *trace.Packet, w what, h *packets.Headers) (what, rule) {
	summary := ""
	w.text = "a frame"
	for _, l := range t.tr.Layers(p) {
		if !l.Quoted && l.Protocol != "data" && l.Protocol != "padding" {
			w.text, w.label, summary = l.Name+" "+l.Summary, frameLabel(l.Name, l.Summary), l.Summary
		}
	}
	w.short = w.text
	switch {
	case h.EtherType == packets.EtherTypeARP && strings.HasPrefix(summary, "who has"):
		w.label = "ARP question"
		return w, rule{"On a link, frames go to card addresses. ARP asks everybody on it which card has that IP address.", "RFC 826"}
	case h.EtherType == packets.EtherTypeARP:
		w.label = "ARP answer"
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
