package dissect

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"wirelab/packets"
	"wirelab/packets/http1"
	"wirelab/packets/websocket"
	"wirelab/trace"
)

// An Index finds the bytes of a trace's streams and messages, and which messages
// belong together. It is of the trace as it was when the Index was made.
type Index struct {
	t       *trace.Trace
	runs    map[unit][]run
	frames  map[trace.Stream][]int32 // rows of the frames, by place
	clients map[int32]trace.Stream   // by connection: on which stream requests are
	answers map[int32]int32          // by row of a response: that of its request

	deflated map[int32]bool // by connection: its WebSocket may compress messages
}

// A unit is a TCP stream, or a datagram of a UDP one.
type unit struct {
	stream trace.Stream
	unit   int32
}

func unitOf(s trace.Span) unit { return unit{s.Stream, s.Unit} }

// A run is where a packet has bytes of a unit that none before it had.
type run struct {
	lo, hi int64
	packet int32
	off    int32 // in the frame
}

// NewIndex reads t once.
func NewIndex(t *trace.Trace) *Index {
	x := &Index{t: t, runs: map[unit][]run{}, frames: map[trace.Stream][]int32{}, clients: map[int32]trace.Stream{}, answers: map[int32]int32{}, deflated: map[int32]bool{}}
	for i := range t.Packets {
		p := &t.Packets[i]
		if p.Copy || p.Hop || p.Span.Stream < 0 {
			continue
		}
		if h := packets.Scan(t.Bytes(p)); h.Len > 0 && !h.Flags.Has(packets.RST) {
			u, lo := unitOf(p.Span), max(p.Span.Lo, 0) // behind a SYN
			x.runs[u] = append(x.runs[u], run{lo, lo + int64(h.Len), int32(i), int32(h.Off)})
		}
	}
	for u, all := range x.runs {
		x.runs[u] = apart(all)
	}
	x.relate()
	return x
}

// apart sorts runs and cuts off of each what one before it has.
func apart(all []run) []run {
	byPlace := func(a, b run) int { return cmp.Or(cmp.Compare(a.lo, b.lo), cmp.Compare(a.packet, b.packet)) }
	if !slices.IsSortedFunc(all, byPlace) {
		slices.SortFunc(all, byPlace)
	}
	out, reach := all[:0], int64(0)
	for _, r := range all {
		if skip := reach - r.lo; skip > 0 {
			r.lo, r.off = r.lo+skip, r.off+int32(skip)
		}
		if r.lo < r.hi {
			out = append(out, r)
			reach = r.hi
		}
	}
	return out
}

// relate finds which messages belong together.
func (x *Index) relate() {
	heads := map[trace.Stream][]int32{}
	for i := range x.t.Messages {
		m := &x.t.Messages[i]
		if len(m.Spans) == 0 {
			continue
		}
		s := m.Spans[0].Stream
		switch m.Kind {
		case "http.request":
			heads[s] = append(heads[s], int32(i))
			x.clients[m.Conn] = s
		case "http.response":
			heads[s] = append(heads[s], int32(i))
		case "ws.frame":
			x.frames[s] = append(x.frames[s], int32(i))
		}
	}
	place := func(a, b int32) int {
		return cmp.Compare(x.t.Messages[a].Spans[0].Lo, x.t.Messages[b].Spans[0].Lo)
	}
	for _, rows := range x.frames {
		slices.SortFunc(rows, place)
	}
	for _, rows := range heads {
		slices.SortFunc(rows, place)
	}
	// Answers come in the order of the requests (RFC 9112 section 9.3.2).
	for conn, s := range x.clients {
		asked := heads[s]
		for _, row := range heads[trace.StreamOf(conn, 1-s.End())] {
			if len(asked) == 0 {
				break
			}
			x.answers[row] = asked[0]
			if m := &x.t.Messages[row]; m.Status == 101 {
				h := x.head(int(row))
				x.deflated[m.Conn] = strings.Contains(h.Get("Sec-WebSocket-Extensions"), "permessage-deflate")
			}
			if n := x.t.Messages[row].Status; n >= 200 || n == 101 {
				asked = asked[1:]
			}
		}
	}
}

// Bytes returns what of s is in the packets, and whether that is all of it. What
// is missing in between reads as zeros.
func (x *Index) Bytes(s trace.Span) (b []byte, whole bool) {
	all := x.runs[unitOf(s)]
	at := s.Lo
	whole = true
	i := sort.Search(len(all), func(i int) bool { return all[i].hi > s.Lo })
	for ; i < len(all) && all[i].lo < s.Hi; i++ {
		r := &all[i]
		if r.lo > at {
			b = append(b, make([]byte, r.lo-at)...)
			at, whole = r.lo, false
		}
		frame := x.t.Bytes(&x.t.Packets[r.packet])
		from, to := r.off+int32(at-r.lo), r.off+int32(min(r.hi, s.Hi)-r.lo)
		b = append(b, frame[from:to]...)
		at += int64(to - from)
	}
	return b, whole && at >= s.Hi
}

// Plain returns the bytes of the spans of a message, one behind the other, with
// the masks of WebSocket taken off, and whether all are there. Of a ws.frame it
// is the payload, of an HTTP message all of it.
func (x *Index) Plain(row int) (b []byte, whole bool) {
	m := &x.t.Messages[row]
	spans := m.Spans
	if m.Kind == "ws.frame" {
		spans = cutSpans(spans, m.Head, m.Size)
	}
	whole = true
	for _, s := range spans {
		part, all := x.Bytes(s)
		whole = whole && all
		if frame := x.Frame(s.Stream, s.Lo); frame >= 0 {
			x.unmask(frame, s.Lo, part)
		}
		b = append(b, part...)
	}
	return b, whole
}

// Frame is the row of the ws.frame that holds a byte, or -1.
func (x *Index) Frame(s trace.Stream, at int64) int {
	rows := x.frames[s]
	i := sort.Search(len(rows), func(i int) bool { return x.t.Messages[rows[i]].Spans[0].Hi > at })
	if i == len(rows) || !x.t.Messages[rows[i]].Spans[0].Contains(at) {
		return -1
	}
	return int(rows[i])
}

// unmask takes the mask of a frame off bytes that begin at a place of its stream.
func (x *Index) unmask(frame int, at int64, b []byte) {
	m := &x.t.Messages[frame]
	head, _ := x.Bytes(cutSpans(m.Spans, 0, m.Head)[0])
	h, err := websocket.ParseHeader(head)
	if start := m.Spans[0].Lo + int64(m.Head); err == nil && h.Masked && at >= start {
		websocket.Mask(h.Key, uint64(at-start), b)
	}
}

// Request is the row of the request that a response answers, or -1.
func (x *Index) Request(response int) int {
	if row, ok := x.answers[int32(response)]; ok {
		return int(row)
	}
	return -1
}

// FromClient says whether requests are on a stream.
func (x *Index) FromClient(s trace.Stream) bool {
	client, ok := x.clients[s.Conn()]
	return ok && client == s
}

// head reads the head of an HTTP message.
func (x *Index) head(row int) http1.Head {
	m := &x.t.Messages[row]
	b, _ := x.Bytes(m.Spans[0])
	h, err := http1.ParseHead(b, m.Kind == "http.request")
	if err != nil {
		return http1.Head{Request: m.Kind == "http.request"}
	}
	return h
}
