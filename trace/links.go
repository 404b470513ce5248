package trace

import (
	"iter"

	"wirelab/packets"
)

// A Table is one of the three.
type Table uint8

const (
	Calls Table = iota
	Messages
	Packets
)

// A Ref is a row of a table.
type Ref struct {
	Table Table
	Row   int
}

// On yields what touches the bytes of s in every table: calls, then messages,
// then packets, each in their order. Links are never stored; they are this.
func (t *Trace) On(s Span) iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		for i := range t.Calls {
			if t.Calls[i].Span.Overlaps(s) && !yield(Ref{Calls, i}) {
				return
			}
		}
		for i := range t.Messages {
			if t.Messages[i].touches(s) && !yield(Ref{Messages, i}) {
				return
			}
		}
		for i := range t.Packets {
			if t.Packets[i].Span.Overlaps(s) && !yield(Ref{Packets, i}) {
				return
			}
		}
	}
}

func (m *Message) touches(s Span) bool {
	for _, p := range m.Spans {
		if p.Overlaps(s) {
			return true
		}
	}
	return false
}

// PacketsOn returns the rows of the packets that carry bytes of s.
func (t *Trace) PacketsOn(s Span) (rows []int) {
	for i := range t.Packets {
		if t.Packets[i].Span.Overlaps(s) {
			rows = append(rows, i)
		}
	}
	return rows
}

// CallsOn returns the rows of the socket calls of one kind ("read", "write")
// that touch bytes of s.
func (t *Trace) CallsOn(s Span, what string) (rows []int) {
	for i := range t.Calls {
		if t.Calls[i].What == what && t.Calls[i].Span.Overlaps(s) {
			rows = append(rows, i)
		}
	}
	return rows
}

// Context returns what the rest of the trace knows of packet p, for decoding.
func (t *Trace) Context(p *Packet) packets.Context {
	ctx := packets.Context{From: t.Name(p.From), To: t.Name(p.To), Again: p.Again}
	if c := p.Conn(); c >= 0 && t.Conns[c].Proto == packets.ProtocolTCP {
		conn, end := &t.Conns[c], p.Span.Stream.End()
		ctx.SeqBase, ctx.SeqKnown = conn.ISN[end], conn.Known[end]
		ctx.AckBase, ctx.AckKnown = conn.ISN[1-end], conn.Known[1-end]
		if conn.Known[0] && conn.Known[1] {
			ctx.ScaleKnown = true
			if conn.Scaled() {
				ctx.Scale = int(conn.Scale[end])
			}
		}
	}
	return ctx
}

// Layers lays packet p open.
func (t *Trace) Layers(p *Packet) []packets.Layer {
	return packets.Decode(t.Bytes(p), packets.LinkEthernet, t.Context(p))
}
