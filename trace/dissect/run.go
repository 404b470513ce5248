package dissect

import (
	"wirelab/packets"
	"wirelab/packets/flow"
	"wirelab/trace"
)

// maxHoles is how many bytes of a stream wait behind holes in it.
const maxHoles = 1 << 20

// A source is how far a trace has been read.
type source struct {
	packets int
	streams map[trace.Stream]*flow.Stream
}

// Read reads what t has more than when it was read last, which it must be the
// same trace as. What is lost on the way to the other host was sent all the
// same: whether it arrived is for the times to tell.
func (d *Dissector) Read(t *trace.Trace) {
	src := &d.source
	if src.streams == nil {
		src.streams = map[trace.Stream]*flow.Stream{}
	}
	for ; src.packets < len(t.Packets); src.packets++ {
		p := &t.Packets[src.packets]
		if s, h, ok := segment(t, p); ok {
			d.segment(t, s, &h, t.Bytes(p))
		}
	}
}

// segment returns the stream and the headers of a packet that its sender put
// there; a copy, or what is sent on, tells nothing new.
func segment(t *trace.Trace, p *trace.Packet) (s trace.Stream, h packets.Headers, ok bool) {
	if p.Copy || p.Hop || p.Span.Stream < 0 || t.Conns[p.Conn()].Proto != packets.ProtocolTCP {
		return 0, h, false
	}
	h = packets.Scan(t.Bytes(p))
	return p.Span.Stream, h, !h.Fragment() && !h.Flags.Has(packets.RST)
}

func (d *Dissector) segment(t *trace.Trace, s trace.Stream, h *packets.Headers, frame []byte) {
	c := &t.Conns[s.Conn()]
	host := func(s trace.Stream) uint16 { return c.Ends[s.End()].Host }
	back := trace.StreamOf(s.Conn(), 1-s.End())
	for _, p := range d.source.stream(s).Add(h.Seq, h.Flags, frame[h.Off:h.Off+h.Len]) {
		d.Feed(s, host(s), host(back), p)
	}
	// What a capture does not have and the other side acknowledges will not come.
	if h.Flags.Has(packets.ACK) {
		for _, p := range d.source.stream(back).Acked(h.Ack) {
			d.Feed(back, host(back), host(s), p)
		}
	}
}

func (src *source) stream(s trace.Stream) *flow.Stream {
	st := src.streams[s]
	if st == nil {
		st = flow.NewStream(maxHoles)
		src.streams[s] = st
	}
	return st
}

// Add adds the messages in the streams of t, which is complete, to those that
// its programs noted, and puts them all in order.
func Add(t *trace.Trace) {
	d := New()
	d.Read(t)
	for s := range trace.Stream(2 * len(t.Conns)) {
		if st := d.source.streams[s]; st != nil {
			c := &t.Conns[s.Conn()]
			for _, p := range st.Close() {
				d.Feed(s, c.Ends[s.End()].Host, c.Ends[1-s.End()].Host, p)
			}
		}
	}
	d.Finish()
	base := int32(len(t.Messages))
	for _, m := range d.rows {
		if m.Parent >= 0 {
			m.Parent += base
		}
		t.Messages = append(t.Messages, m)
	}
	t.TimeMessages()
}
