// Package scene computes what is so at one moment of a trace, for pictures:
// which packets are on the cable and how far they have come, what each end of a
// connection knows, and which bytes of a message are where. It draws nothing.
package scene

import (
	"cmp"
	"slices"
	"time"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
)

// A Scene answers questions about any moment of one trace. What it finds out
// beforehand are a few numbers a packet; each answer then takes less than a
// millisecond. It is of the trace as it was when the Scene was made, and not
// for several goroutines at once.
type Scene struct {
	t  *story.Teller
	tr *trace.Trace

	order     []int32         // rows of the packets in the order of their sending; nil: that of the table
	sent      grouped         // the same, by stream, behind those of no stream: see group
	firsts    grouped         // packets with bytes that were not sent before, by stream, in order
	repeats   grouped         // packets with other bytes, by stream, in the order of their bytes
	longest   []int32         // bytes of the longest of both, by stream
	fins      []int32         // the first packet with a FIN, by stream; -1: none
	before    []uint16        // by row: how many rows back the packet before it on its wire is; 0: see previous
	lost      []loss          // packets that did not arrive, by row
	gone      []time.Duration // when the last of each stretch of order is out of the picture
	kept      bits            // packets that came behind a hole and were kept there
	reads     grouped         // calls, by stream, in order
	writes    grouped
	listeners []int32     // calls with which a socket began to listen
	turns     grouped     // samples with a new state, by stream of the sender
	inboxes   []inbox     // of UDP, by stream
	talks     bits        // connections with messages
	cards     cards       // packets of no connection, by host
	ways      [][2]uint16 // from which host to which packets went
	passing   [][]uint16  // what lies between the ends of a connection
	lanes     []lane      // by host
	segment   []int32     // bytes in a full segment, by connection; 0: not TCP
	sacks     bits        // connections that use SACK
}

// New looks through the trace of which t tells, once.
func New(t *story.Teller) *Scene {
	s := &Scene{t: t, tr: t.Trace()}
	s.order = inOrder(s.tr.Packets)
	s.carry()
	s.lay()
	s.greet()
	s.sample()
	s.call()
	s.receive()
	s.unconnected()
	s.line()
	return s
}

// Teller is the one with which s was made.
func (s *Scene) Teller() *story.Teller { return s.t }

// inOrder are the rows of packets in the order of their sending, as the Teller
// has it; nil if that is the order of the table. Only a switch that sends one
// frame to several hosts writes rows later.
func inOrder(ps []trace.Packet) []int32 {
	before := func(a, b *trace.Packet) int { return cmp.Or(cmp.Compare(a.Sent, b.Sent), cmp.Compare(a.Step, b.Step)) }
	sorted := true
	for i := 1; i < len(ps) && sorted; i++ {
		sorted = before(&ps[i-1], &ps[i]) <= 0
	}
	if sorted {
		return nil
	}
	rows := allRows(len(ps))
	slices.SortStableFunc(rows, func(a, b int32) int { return before(&ps[a], &ps[b]) })
	return rows
}

func allRows(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// rows yields the packets in the order of their sending.
func (s *Scene) rows() func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		for i := range s.tr.Packets {
			if !yield(s.at(i)) {
				return
			}
		}
	}
}

// at is the packet that was sent i-th.
func (s *Scene) at(i int) int32 {
	if s.order == nil {
		return int32(i)
	}
	return s.order[i]
}

// isUDP says whether a stream is one of datagrams.
func (s *Scene) isUDP(st trace.Stream) bool {
	return st >= 0 && s.tr.Conns[st.Conn()].Proto == packets.ProtocolUDP
}

// final says whether p goes to the other end of its stream itself.
func (s *Scene) final(p *trace.Packet) bool {
	st := p.Span.Stream
	return st < 0 || s.tr.Conns[st.Conn()].Ends[1-st.End()].Host == p.To
}

// own says whether p is its sender's own, and not something that the wire made
// or that is sent on for another.
func own(p *trace.Packet) bool { return !p.Hop && !p.Copy }

// grouped are rows of a table, put together by a key from 0 on, and of each key
// in the order in which they came.
type grouped struct {
	start []int32 // where the rows of a key begin, and behind the last one's
	rows  []int32
}

// group puts rows together. Those with a negative key are left out.
func group(keys int, rows func(yield func(int32) bool), key func(row int32) int) grouped {
	g := grouped{start: make([]int32, keys+1)}
	for row := range rows {
		if k := key(row); k >= 0 {
			g.start[k+1]++
		}
	}
	for i := 1; i < len(g.start); i++ {
		g.start[i] += g.start[i-1]
	}
	g.rows = make([]int32, g.start[keys])
	next := slices.Clone(g.start)
	for row := range rows {
		if k := key(row); k >= 0 {
			g.rows[next[k]] = row
			next[k]++
		}
	}
	return g
}

// of are the rows of a key.
func (g *grouped) of(key int) []int32 { return g.rows[g.start[key]:g.start[key+1]] }

// upTo yields 0 to n-1.
func upTo(n int) func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		for i := range int32(n) {
			if !yield(i) {
				return
			}
		}
	}
}

// bits are a set of rows.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

func (b bits) add(row int32)      { b[row/64] |= 1 << (row % 64) }
func (b bits) drop(row int32)     { b[row/64] &^= 1 << (row % 64) }
func (b bits) has(row int32) bool { return b[row/64]>>(row%64)&1 != 0 }
