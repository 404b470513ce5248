package story

import (
	"fmt"

	"wirelab/packets"
	"wirelab/trace"
)

// packets tells of every packet when it was sent, and when it arrived.
func (t *teller) packets(events []Event) []Event {
	acks := make([]ackBefore, 2*len(t.tr.Conns))
	for i := range t.tr.Packets {
		p := &t.tr.Packets[i]
		what, why := t.describe(i, acks)
		sent := Event{At: p.Sent, Step: p.Step, Zoom: Packets, Kind: Sent, Row: i, Conn: p.Conn(),
			Who: t.direction(p.From, p.To), Text: what.text, Why: why.text, RFC: why.rfc, rank: packetLeaves}
		if p.Fate.Lost() {
			sent.Text += "; " + lostWords(p.Fate)
		}
		events = append(events, sent)
		if p.Arrived != trace.Never {
			text, why := t.arrival(i, what)
			events = append(events, Event{At: p.Arrived, Step: p.Landed, Zoom: Packets, Kind: Arrived, Row: i, Conn: p.Conn(),
				Who: t.tr.Name(p.To), Text: text, Why: why.text, RFC: why.rfc})
		}
	}
	return events
}

func lostWords(f trace.Fate) string {
	switch f {
	case trace.LostQueue:
		return "lost, the queue before the wire was full"
	case trace.LostCut:
		return "lost, the cable was cut"
	case trace.LostByHand:
		return "lost on the way, by your hand"
	case trace.LostBlocked:
		return "blocked on the way"
	}
	return "lost on the way"
}

// A rule is why something happens, and where that is written.
type rule struct{ text, rfc string }

// what names a packet: in full for the line of its sending, and short for the
// line of its arrival.
type what struct {
	text, short string
	h           packets.Headers
	seq, ack    uint32 // relative
}

// describe says what the packet in a row is.
func (t *teller) describe(row int, acks []ackBefore) (what, rule) {
	p := &t.tr.Packets[row]
	w := what{h: packets.Scan(t.tr.Bytes(p))}
	switch c := p.Conn(); {
	case c >= 0 && t.tr.Conns[c].Proto == packets.ProtocolTCP && !w.h.Fragment():
		return t.segment(row, w, acks)
	case c >= 0 && w.h.Proto == packets.ProtocolUDP:
		return t.datagram(p, w)
	case w.h.EtherType == packets.EtherTypeARP:
		w.text = topSummary(t.tr.Layers(p), "arp")
		w.short = w.text
		return w, rule{"On a link, frames go to card addresses. ARP asks everybody on it whose IP address that is.", "RFC 826"}
	}
	layers := t.tr.Layers(p)
	w.text = "a frame"
	for _, l := range layers {
		if l.Protocol != "data" {
			w.text = l.Name + " " + l.Summary
		}
	}
	w.short = w.text
	return w, rule{}
}

// topSummary is the line of the layer of one protocol.
func topSummary(layers []packets.Layer, protocol string) string {
	for _, l := range layers {
		if l.Protocol == protocol {
			return l.Name + " " + l.Summary
		}
	}
	return protocol
}

func (t *teller) datagram(p *trace.Packet, w what) (what, rule) {
	if w.h.Fragment() {
		w.text = fmt.Sprintf("fragment of datagram %s, its %s", group(int64(p.Span.Unit)), bytes(p.Span.Lo, p.Span.Hi))
		w.short = fmt.Sprintf("a fragment of datagram %s", group(int64(p.Span.Unit)))
		return w, rule{"The datagram is larger than the MTU, so IP cuts it. If one piece is lost the whole datagram is.", "RFC 791 section 2.3"}
	}
	w.short = fmt.Sprintf("datagram %s", group(int64(p.Span.Unit)))
	w.text = fmt.Sprintf("%s, %s", w.short, count(p.Span.Len(), "byte"))
	return w, rule{"UDP adds ports, a length and a checksum. There is no handshake and no acknowledgement.", "RFC 768"}
}

// segment says what a TCP segment is.
func (t *teller) segment(row int, w what, acks []ackBefore) (what, rule) {
	p := &t.tr.Packets[row]
	c, end := &t.tr.Conns[p.Conn()], p.Span.Stream.End()
	h := &w.h
	w.seq, w.ack = h.Seq-c.ISN[end], h.Ack-c.ISN[1-end]
	before := acks[p.Span.Stream]
	if h.Flags.Has(packets.ACK) && !h.Flags.Has(packets.RST) {
		acks[p.Span.Stream] = ackBefore{true, h.Ack}
	}
	again := ""
	if p.Again {
		again = " again"
	}
	switch n := t.names[row]; {
	case h.Flags.Has(packets.RST):
		w.short = "RST"
		w.text = fmt.Sprintf("RST, seq %s", group(int64(w.seq)))
		if h.Flags.Has(packets.ACK) {
			w.text += ", ack " + group(int64(w.ack))
		}
		return w, rule{"A RST ends the connection at once, in both directions. Nobody acknowledges it.", "RFC 9293 section 3.5.2"}
	case h.Flags.Has(packets.SYN | packets.ACK):
		w.short = "SYN and ACK" + again
		w.text = fmt.Sprintf("SYN and ACK%s, seq 0, ack %s", again, group(int64(w.ack)))
		return w, t.sendRule(p, rule{"It answers the SYN and sends its own: each direction counts its bytes from a number of its own.", "RFC 9293 section 3.5"})
	case h.Flags.Has(packets.SYN):
		w.short = "SYN" + again
		w.text = fmt.Sprintf("SYN%s, seq 0", again)
		return w, t.sendRule(p, rule{"A SYN asks for a connection. It takes one sequence number itself, so the first byte of data is number 1.", "RFC 9293 section 3.5"})
	case n.text != "":
		lo, hi := dataOf(t.tr, p)
		w.short = n.String() + again
		w.text = fmt.Sprintf("%s, %s", w.short, bytes(lo, hi))
		if h.Flags.Has(packets.FIN) {
			w.text += ", and FIN"
			w.short += " and FIN"
		}
		return w, t.sendRule(p, rule{"TCP carries a stream of bytes. A segment takes as many of them as fit, wherever a message begins or ends.", "RFC 9293 section 3.8"})
	case h.Flags.Has(packets.FIN):
		w.short = "FIN" + again
		w.text = fmt.Sprintf("FIN%s, seq %s, ack %s", again, group(int64(w.seq)), group(int64(w.ack)))
		return w, t.sendRule(p, rule{"A FIN says: I have no more to send. It closes one direction; the other may go on.", "RFC 9293 section 3.6"})
	}
	return t.acknowledgement(p, w, before)
}

// sendRule is why a segment is sent: first, or again and then why that.
func (t *teller) sendRule(p *trace.Packet, first rule) rule {
	if !p.Again {
		return first
	}
	if p.Cause == trace.AtTimer {
		s := t.stateAt(p.Span.Stream, p.Step)
		switch {
		case s != nil && s.State == trace.SynSent, s != nil && s.State == trace.SynReceived:
			return rule{"No answer came within the retransmission timeout. It doubles with each try.", "RFC 6298 section 5"}
		case s != nil && s.Recovery == trace.RTORecovery:
			return rule{"No acknowledgement came within the retransmission timeout, so the oldest segment is sent again and the timeout doubles.", "RFC 6298 section 5"}
		}
		return rule{"The acknowledgement of the last segment is late. A tail loss probe sends it again, so that the receiver answers and a loss is found before the slower retransmission timer.", "RFC 8985 section 7"}
	}
	again := "Acknowledgements that came back say that something is missing. The sender takes this segment for lost and sends it again, without waiting for a timer."
	if s := t.stateAt(p.Span.Stream, p.Step); s != nil && s.Recovery == trace.FastRecovery {
		return rule{again, "RFC 5681 section 3.2"}
	}
	return rule{again, "RFC 6675 section 5, RFC 8985 section 6"}
}
