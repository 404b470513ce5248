// Package graph draws a connection over time: Stevens' sequence numbers, what is
// in flight and what may be, round trips and the timeout; and of datagrams and
// echo requests how long they took. Only what has happened is drawn: what lies
// after the player's moment stays empty, though the axes have room for it.
package graph

import (
	"time"

	"wirelab/trace"
	"wirelab/tui/keys"
)

// A Kind is one of the graphs.
type Kind uint8

const (
	Sequence  Kind = iota // sequence numbers over time
	Flight                // bytes in flight, congestion window, receiver's window
	RoundTrip             // round trips and the retransmission timeout; without TCP, delays
)

var kindNames = [...]string{"Sequence numbers", "Bytes in flight", "Round trip and timeout"}

func (k Kind) String() string { return kindNames[k] }

// Next is the graph after k; after the last comes the first.
func (k Kind) Next() Kind { return (k + 1) % Kind(len(kindNames)) }

// Graphs draws the graphs of one direction of a connection of a trace. The trace
// must not grow meanwhile: of one that does, take a snapshot.
type Graphs struct {
	tr   *trace.Trace
	conn int32
	end  int
	kind Kind

	ix      *index   // of conn and end; nil until something is drawn
	picture *picture // of kind; nil likewise
}

// New returns the graphs of tr, of its first connection in the direction in which
// more data goes.
func New(tr *trace.Trace) *Graphs {
	g := &Graphs{tr: tr}
	g.Set(0, -1)
	return g
}

// Set chooses a connection, and the end whose sending is shown: 0 is the client.
// With an end of -1 it is the one that sends more. A connection of -1 is none:
// the echo requests of ping are shown.
func (g *Graphs) Set(conn int32, end int) {
	if conn >= int32(len(g.tr.Conns)) {
		conn = -1
	}
	if end < 0 || end > 1 {
		end = g.busier(conn)
	}
	if conn != g.conn || end != g.end {
		g.ix, g.picture = nil, nil
	}
	g.conn, g.end = conn, end
}

// busier is the end of conn that sends more numbers.
func (g *Graphs) busier(conn int32) int {
	if conn < 0 {
		return 0
	}
	var sent [2]int64
	for i := range g.tr.Packets {
		if p := &g.tr.Packets[i]; p.Conn() == conn {
			sent[p.Span.Stream.End()] += p.Span.Len()
		}
	}
	if sent[1] > sent[0] {
		return 1
	}
	return 0
}

// Show chooses a graph.
func (g *Graphs) Show(k Kind) {
	if k != g.kind {
		g.picture = nil
	}
	g.kind = k
}

// Kind is the graph that is shown.
func (g *Graphs) Kind() Kind { return g.kind }

// Shown returns the connection and the end that are shown.
func (g *Graphs) Shown() (conn int32, end int) { return g.conn, g.end }

// Do turns to the other direction of the connection.
func (g *Graphs) Do(a keys.Action) bool {
	if a != keys.Layers {
		return false
	}
	if g.conn >= 0 {
		g.Set(g.conn, 1-g.end)
	}
	return true
}

// Offers are the keys that matter here.
func (g *Graphs) Offers() []keys.Offer {
	other := keys.Offer{Action: keys.Layers, Short: "direction"}
	if g.conn < 0 {
		other.Not = "echo requests go one way, and replies come back"
	}
	return []keys.Offer{{Action: keys.Graphs, Short: "next graph"}, other}
}

// A Moment is what a column of a graph means to the mouse.
type Moment time.Duration

func (g *Graphs) index() *index {
	if g.ix == nil {
		g.ix = newIndex(g.tr, g.conn, g.end)
	}
	return g.ix
}

// plot returns the picture of the graph that is shown, which may still be of
// another size.
func (g *Graphs) plot() *picture {
	if g.picture != nil {
		return g.picture
	}
	ix := g.index()
	p := &picture{ix: ix}
	switch {
	case !ix.tcp():
		delays(ix, p)
	case g.kind == Sequence:
		sequence(ix, p)
	case g.kind == Flight:
		flight(ix, p)
	default:
		roundTrip(ix, p)
	}
	g.picture = p
	return p
}

// names are the two ends, the one that sends first.
func (g *Graphs) names() (from, to string) {
	c := &g.tr.Conns[g.conn]
	return g.tr.Name(c.Ends[g.end].Host), g.tr.Name(c.Ends[1-g.end].Host)
}

// empty says why there is nothing to draw, and what there would be; "" if there
// is something.
func (g *Graphs) empty() string {
	ix := g.index()
	switch {
	case ix.conn < 0 && len(ix.trips) == 0 && len(g.tr.Conns) > 0:
		return "No connection is chosen. [ and ] choose one, and its graphs are here."
	case ix.conn < 0 && len(ix.trips) == 0:
		return "Graphs show a TCP connection, UDP datagrams, or the round trips of ping. This run has none of them."
	case ix.conn < 0 && g.kind == Sequence:
		return "This graph shows how TCP numbers its bytes and how they are acknowledged. ping has no connection: each request is answered by itself. v: their round trips."
	case ix.conn < 0 && g.kind == Flight:
		return "This graph shows how much TCP has in flight, and how much it may. ping waits for nobody's permission: there is no window. v: the round trips."
	case ix.tcp() && g.kind == Sequence && ix.total == 0:
		from, _ := g.names()
		return "This graph shows the bytes that one end sends. The " + from + " sends no data on this connection. o: the other direction."
	case ix.tcp() && g.kind != Sequence && len(ix.samples) == 0:
		from, _ := g.names()
		return "This graph shows what the " + from + "'s TCP knows: its windows, its round trips, its timer. Nobody recorded that here."
	case ix.tcp():
		return ""
	case ix.conn >= 0 && g.kind == Sequence:
		return "This graph shows how TCP numbers its bytes and how they are acknowledged. UDP does neither (RFC 768): each datagram is by itself. v: how long each took."
	case ix.conn >= 0 && g.kind == Flight:
		return "This graph shows how much TCP has in flight, and how much it may. UDP has no window and no acknowledgement (RFC 768): it sends when the program says so. v: how long each datagram took."
	case ix.conn >= 0 && len(ix.trips) == 0:
		from, _ := g.names()
		return "This graph shows how long each datagram took. The " + from + " sends none here. o: the other direction."
	}
	return ""
}
