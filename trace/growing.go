package trace

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"
	"unsafe"

	"wirelab/packets"
)

// A Bound is how much of a growing trace is kept: while there is more, the
// oldest rows of its tables are dropped. A zero field means its default.
type Bound struct {
	Packets int   // DefaultPackets
	Bytes   int64 // of frames and rows together; DefaultBytes
}

// Defaults of Bound: some minutes of a busy page, in memory that any machine has.
const (
	DefaultPackets = 200_000
	DefaultBytes   = 256 << 20
)

// Dropped is what of a trace came before its first rows and is not in it: the
// oldest rows of a bounded one, or those that a reader did not ask for. Rows
// keep their numbers, so the tables begin with these.
type Dropped struct {
	Packets, Calls, Messages, Samples, Marks int
	Bytes                                    int64 // of the frames of the packets
}

// growing is what a recorder of a growing trace keeps in place of the tables of
// the trace, some of whose rows still change: a packet that has not landed, a
// call that has not returned, a message that has not been read.
type growing struct {
	bound    Bound
	packets  table[Packet]
	calls    table[Call]
	messages table[noted]
	frames   int64 // bytes of all frames ever sent
	size     int64 // of the rows that are kept, with their frames and texts
	shared   int   // connections that a reader has too
	touched  map[touch][]int32
	awaited  map[touch][]awaited
	spare    Packet // in the place of one that was dropped
}

// noted is a message with the moment at which its program told of it.
type noted struct {
	Message
	at time.Duration
}

// touch is what a socket call did with which bytes.
type touch struct {
	stream Stream
	unit   int32
	what   string
}

// awaited is a message of which byte n was not yet written, or read.
type awaited struct {
	n       int64
	message int
}

// NewGrowing returns a recorder for an empty trace that is read while it grows,
// by Freeze, and of which no more than bound is kept. Calls and messages are
// recorded with Begin, Return and Message; in the tables of t there are
// only samples and marks.
func NewGrowing(t *Trace, bound Bound) *Recorder {
	r := NewRecorder(t)
	bound.Packets = cmp.Or(bound.Packets, DefaultPackets)
	bound.Bytes = cmp.Or(bound.Bytes, DefaultBytes)
	r.g = &growing{bound: bound, touched: map[touch][]int32{}, awaited: map[touch][]awaited{}}
	return r
}

// Begin appends a call that has begun and returns its row, those counted that
// were dropped.
func (r *Recorder) Begin(c Call) (row int32) {
	row = int32(r.g.calls.add(c))
	r.g.size += sizeOfCall(&c)
	r.trim()
	return row
}

// Return lets set write down how the call in a row returned, unless it was
// dropped.
func (r *Recorder) Return(row int32, set func(*Call)) {
	g := r.g
	c := g.calls.change(int(row))
	if c == nil {
		return
	}
	g.size -= sizeOfCall(c)
	set(c)
	g.size += sizeOfCall(c)
	if c.Span.Empty() || c.What != "read" && c.What != "write" {
		return
	}
	k := touch{c.Span.Stream, c.Span.Unit, c.What}
	g.touched[k] = append(g.touched[k], row)
	list := g.awaited[k]
	for len(list) > 0 && list[0].n < c.Span.Hi {
		if c.Span.Contains(list[0].n) {
			g.time(list[0].message, c)
		}
		list = list[1:]
	}
	if len(list) > 0 {
		g.awaited[k] = list
	} else {
		delete(g.awaited, k)
	}
}

// Block notes that the call in a row has to wait.
func (r *Recorder) Block(row int32) {
	if c := r.g.calls.change(int(row)); c != nil {
		c.Blocked = true
	}
}

// Open yields the calls of a growing trace that are kept and have not returned,
// with their rows.
func (r *Recorder) Open(yield func(int32, *Call) bool) {
	g := r.g
	if g == nil {
		return
	}
	for row := g.calls.first; row < g.calls.n; row++ {
		if c := g.calls.get(row); c.End == Never && !yield(int32(row), c) {
			return
		}
	}
}

// time notes when a message was sent, or arrived, by the call c that touched
// its first byte, or its last.
func (g *growing) time(message int, c *Call) {
	m := g.messages.change(message)
	switch {
	case m == nil:
	case c.What == "write":
		m.Sent = c.Start
	default:
		m.Arrived = c.End
	}
}

// Message appends a message of which its program tells at a moment. It is timed
// by the calls that touch it, before and after.
func (r *Recorder) Message(m Message, at time.Duration) {
	g := r.g
	m.Sent, m.Arrived = Never, Never
	row := g.messages.add(noted{m, at})
	g.size += sizeOfMessage(&m)
	if len(m.Spans) > 0 {
		first, last := m.Spans[0], m.Spans[len(m.Spans)-1]
		g.await(row, touch{first.Stream, first.Unit, "write"}, first.Lo)
		g.await(row, touch{last.Stream, last.Unit, "read"}, last.Hi-1)
	}
	r.trim()
}

// await times a message by the call that touched byte n, or waits for it.
func (g *growing) await(message int, k touch, n int64) {
	rows := g.touched[k]
	i := sort.Search(len(rows), func(i int) bool { return g.calls.get(int(rows[i])).Span.Hi > n })
	if i < len(rows) {
		if c := g.calls.get(int(rows[i])); c.Span.Contains(n) {
			g.time(message, c)
		}
		return
	}
	list := g.awaited[k]
	at, _ := slices.BinarySearchFunc(list, n+1, func(a awaited, n int64) int { return cmp.Compare(a.n, n) })
	g.awaited[k] = slices.Insert(list, at, awaited{n, message})
}

// trim drops the oldest rows until no more is kept than the bound allows.
func (r *Recorder) trim() {
	g := r.g
	for g.packets.len() > g.bound.Packets || g.size > g.bound.Bytes {
		if !r.dropOldest() {
			return
		}
	}
}

// dropOldest drops the row of any table that is the oldest; false: there is none.
func (r *Recorder) dropOldest() bool {
	g, t := r.g, r.t
	oldest := time.Duration(math.MaxInt64)
	var drop func()
	consider := func(kept int, at func() time.Duration, how func()) {
		if kept > 0 && at() < oldest {
			oldest, drop = at(), how
		}
	}
	consider(g.packets.len(), func() time.Duration { return g.packets.get(g.packets.first).Sent }, r.dropPacket)
	consider(g.calls.len(), func() time.Duration { return g.calls.get(g.calls.first).Start }, r.dropCall)
	consider(g.messages.len(), func() time.Duration { return g.messages.get(g.messages.first).at }, r.dropMessage)
	consider(len(t.Samples), func() time.Duration { return t.Samples[0].At }, func() {
		t.Samples = t.Samples[1:]
		t.Dropped.Samples++
		g.size -= sizeOfSample
	})
	consider(len(t.Marks), func() time.Duration { return t.Marks[0].At }, func() {
		t.Marks = t.Marks[1:]
		t.Dropped.Marks++
	})
	if drop == nil {
		return false
	}
	drop()
	return true
}

func (r *Recorder) dropPacket() {
	g := r.g
	row := g.packets.first
	p := g.packets.get(row)
	// What is known of datagrams by their identification goes with them.
	if h := packets.Scan(r.t.Bytes(p)); h.IPLen > 0 && (h.Proto == packets.ProtocolUDP || h.Fragment()) {
		d := datagram{h.Src, h.Dst, h.Proto, h.Datagram}
		if r.units[d] == p.Span.Unit {
			delete(r.units, d)
		}
		if first, ok := r.pieces[d]; ok && int(first) <= row {
			delete(r.pieces, d)
		}
	}
	r.t.Dropped.Packets++
	g.size -= sizeOfPacket(p)
	r.t.arena.release(p.ref)
	g.packets.drop()
}

func (r *Recorder) dropCall() {
	g := r.g
	row := g.calls.first
	c := g.calls.get(row)
	k := touch{c.Span.Stream, c.Span.Unit, c.What}
	if rows := g.touched[k]; len(rows) > 0 && int(rows[0]) == row {
		if len(rows) > 1 {
			g.touched[k] = rows[1:]
		} else {
			delete(g.touched, k)
		}
	}
	r.t.Dropped.Calls++
	g.size -= sizeOfCall(c)
	g.calls.drop()
}

func (r *Recorder) dropMessage() {
	g := r.g
	row := g.messages.first
	m := g.messages.get(row)
	if n := len(m.Spans); n > 0 {
		g.forget(row, touch{m.Spans[0].Stream, m.Spans[0].Unit, "write"})
		g.forget(row, touch{m.Spans[n-1].Stream, m.Spans[n-1].Unit, "read"})
	}
	r.t.Dropped.Messages++
	g.size -= sizeOfMessage(&m.Message)
	g.messages.drop()
}

// forget waits no longer for what a message would be timed by.
func (g *growing) forget(message int, k touch) {
	list := slices.DeleteFunc(g.awaited[k], func(a awaited) bool { return a.message == message })
	if len(list) > 0 {
		g.awaited[k] = list
	} else {
		delete(g.awaited, k)
	}
}

const sizeOfSample = int64(unsafe.Sizeof(Sample{}))

func sizeOfPacket(p *Packet) int64 { return int64(unsafe.Sizeof(*p)) + int64(p.Len()) }

func sizeOfCall(c *Call) int64 {
	return int64(unsafe.Sizeof(*c)) + int64(len(c.Result)+len(c.Note))
}

func sizeOfMessage(m *Message) int64 {
	return int64(unsafe.Sizeof(noted{})) + int64(len(m.Text)) + int64(len(m.Spans))*int64(unsafe.Sizeof(Span{}))
}
