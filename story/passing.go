package story

import (
	"wirelab/packets"
	"wirelab/trace"
)

// Packets do not always go straight from one end to the other as they were
// sent: routers and middleboxes send them on, and a wire may deliver one twice
// or with a bit inverted.

// final says whether p goes to the other end of its connection itself, and not
// to something on the way. Without a connection nobody can tell: it does.
func (t *Teller) final(p *trace.Packet) bool {
	c := p.Conn()
	return c < 0 || t.tr.Conns[c].Ends[1-p.Span.Stream.End()].Host == p.To
}

// own says whether p is its sender's own, and not something that the wire made
// or that is sent on for another.
func own(p *trace.Packet) bool { return !p.Hop && !p.Copy }

// retold describes packet p, which is w and not its sender's own, without
// why its first sender sent it.
func (t *Teller) retold(p *trace.Packet, w what) (what, rule) {
	if p.Copy {
		w.text += ": a copy, made by the wire"
		return w, rule{"Something on the way repeated the packet. IP allows for that: it may arrive twice.", "RFC 791 section 1.4"}
	}
	w.text += ", sent on"
	if !t.tr.Hosts[p.From].Addr.IsValid() {
		return w, rule{} // a middlebox, which is in no standard
	}
	return w, rule{"A router sends on what is for others, after it has taken 1 from the TTL (hop limit).", "RFC 1812 section 5.2.1"}
}

// passes says what something on the way does with the packet in a row.
func (t *Teller) passes(row int, w *what) (string, rule) {
	if t.tr.Packets[row].Fate == trace.LostBlocked {
		return "receives " + w.short + ", and throws it away", rule{}
	}
	return "receives " + w.short + ", which is for another", rule{}
}

// flipWords says that a bit of p was inverted.
func flipWords(p *trace.Packet) string {
	if p.Flip < 0 {
		return ""
	}
	return "; a bit is inverted on the way"
}

// versionSpoiled says whether the bit that was inverted is one of those that say
// that p is IPv6, which no checksum covers.
func (t *Teller) versionSpoiled(p *trace.Packet) bool {
	h := packets.Scan(t.tr.Bytes(p))
	bit := int(p.Flip) - h.IPOff*8
	return h.EtherType == packets.EtherTypeIPv6 && bit >= 0 && bit < 4
}
