package dissect

import (
	"cmp"
	"slices"
	"strings"

	"wirelab/packets"
	"wirelab/packets/engineio"
	"wirelab/packets/http1"
	"wirelab/packets/socketio"
	"wirelab/packets/websocket"
	"wirelab/trace"
)

// An Opened is a message laid open.
type Opened struct {
	Bytes  []byte          // what the places in Layers count from: as on the wire, but for the mask of what is in a frame
	Layers []packets.Layer // its fields cover Bytes
	Spans  []trace.Span    // where Bytes are; nil if not byte for byte, because they were compressed there
	Whole  bool            // Bytes are all of it
}

// On is where bytes [lo, hi) of an Opened are on the streams.
func (o *Opened) On(lo, hi int) []trace.Span { return cutSpans(o.Spans, lo, hi) }

// Open lays the message in a row open, as a packet is: without what carries it,
// and without what it carries. A message that was not made from its bytes is
// data.
func (x *Index) Open(row int) Opened {
	m := &x.t.Messages[row]
	if strings.HasPrefix(m.Kind, "http.") || m.Kind == "ws.frame" {
		return x.openWire(row)
	}
	o := Opened{Spans: m.Spans}
	o.Bytes, o.Whole = x.Plain(row)
	if x.compressed(row) {
		// What it says is only together with all before it; its row has the beginning.
		o.Spans, o.Bytes, o.Whole = nil, []byte(m.Text), len(m.Text) == m.Size
	}
	switch {
	case m.Kind == "eio.packet":
		binary := x.binary(row)
		parts, _ := engineio.Parts(o.Bytes, binary)
		o.Layers = []packets.Layer{layer(engine, o.Bytes, parts, m)}
	case strings.HasPrefix(m.Kind, "sio."):
		text := o.Bytes
		if o.Spans != nil {
			text = o.Bytes[:x.textLen(m, len(o.Bytes))]
		}
		parts, _ := socketio.Parts(text)
		l := layer(socket, text, parts, m)
		o.Layers = []packets.Layer{l}
		if rest := o.Bytes[len(text):]; len(rest) > 0 {
			o.Layers = append(o.Layers, plainLayer("Attachments", len(text), rest, "The bytes that the packet's placeholders stand for."))
		}
	default:
		o.Layers = []packets.Layer{plainLayer("Message", 0, o.Bytes, packets.Bytes(len(o.Bytes))+" of the message.")}
	}
	if len(o.Bytes) == 0 {
		o.Layers = nil
	}
	return o
}

// openWire lays a message open that stands on the wire as it is.
func (x *Index) openWire(row int) Opened {
	m := &x.t.Messages[row]
	o := Opened{Spans: m.Spans, Whole: true}
	if len(m.Spans) > 0 {
		o.Bytes, o.Whole = x.Bytes(m.Spans[0])
	}
	if m.Kind == "ws.frame" {
		o.Layers = websocket.Open(o.Bytes, x.frameView(row))
		return o
	}
	v := http1.View{Request: m.Kind == "http.request", Trouble: m.Trouble}
	if asked := x.Request(row); asked >= 0 {
		h := x.head(asked)
		v.Method, v.Key = h.Method, h.Get("Sec-WebSocket-Key")
	}
	o.Layers = http1.Open(o.Bytes, v)
	return o
}

// frameView is what the frames around one tell of it.
func (x *Index) frameView(row int) websocket.View {
	m := &x.t.Messages[row]
	v := websocket.View{Trouble: m.Trouble}
	if len(m.Spans) == 0 {
		return v
	}
	s := m.Spans[0].Stream
	client, known := x.clients[m.Conn]
	v.Client = client == s
	first := x.firstFrame(row)
	b, _ := x.Bytes(x.t.Messages[first].Spans[0])
	h, _ := websocket.ParseHeader(b)
	if !known {
		v.Client = h.Masked
	}
	v.Message = h.Opcode
	v.Compressed = h.RSV&websocket.RSV1 != 0 && x.deflated[m.Conn]
	return v
}

// firstFrame is the row of the frame that began the message of which a frame is
// a part; of a control frame, its own.
func (x *Index) firstFrame(row int) int {
	if x.t.Messages[row].What != websocket.Continuation.String() {
		return row
	}
	s := x.t.Messages[row].Spans[0]
	rows := x.frames[s.Stream]
	here, _ := slices.BinarySearchFunc(rows, s.Lo, func(row int32, lo int64) int { return cmp.Compare(x.t.Messages[row].Spans[0].Lo, lo) })
	for _, before := range slices.Backward(rows[:here]) {
		if m := &x.t.Messages[before]; m.What == websocket.Text.String() || m.What == websocket.Binary.String() {
			return int(before)
		}
	}
	return row
}

// carrier is the outermost message that carries the one in a row.
func (x *Index) carrier(row int) int {
	for x.t.Messages[row].Parent >= 0 {
		row = int(x.t.Messages[row].Parent)
	}
	return row
}

// compressed says whether a message is on the wire only in another form.
func (x *Index) compressed(row int) bool {
	c := x.carrier(row)
	switch m := &x.t.Messages[c]; m.Kind {
	case "http.request", "http.response":
		h := x.head(c)
		coding := h.Get("Content-Encoding")
		return coding != "" && !strings.EqualFold(coding, "identity")
	case "ws.frame":
		return x.frameView(c).Compressed
	case "ws.message":
		if len(m.Spans) == 0 {
			return false
		}
		first := x.Frame(m.Spans[0].Stream, m.Spans[0].Lo)
		return first >= 0 && x.frameView(first).Compressed
	}
	return false
}

// binary says whether an Engine.IO packet is the content of a binary frame.
func (x *Index) binary(row int) bool {
	m := &x.t.Messages[row]
	if m.Parent < 0 {
		return false
	}
	p := &x.t.Messages[m.Parent]
	return strings.HasPrefix(p.Kind, "ws.") && p.What == websocket.Binary.String()
}

// textLen is how many of the bytes of a Socket.IO packet are its text: what of
// it is in the packet that carries it.
func (x *Index) textLen(m *trace.Message, all int) int {
	if m.Parent < 0 {
		return all
	}
	p := &x.t.Messages[m.Parent]
	return min(all, p.Size-p.Head)
}
