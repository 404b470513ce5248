package dissect

import (
	"unicode/utf8"

	"wirelab/packets"
	"wirelab/packets/websocket"
	"wirelab/trace"
)

// A wsReader reads the frames of one direction.
type wsReader struct {
	*websocket.Reader
	eio      eio
	inflater *websocket.Inflater // nil: nothing is compressed
	start    int64               // of the frame
	text     []byte              // the beginning of its payload
	message  *content            // nil: none has begun
	parts    int                 // frames of the message so far
}

// readFrame reads one part, and says whether there may be more in the bytes.
func (h *half) readFrame(b []byte) (n int, more bool) {
	w := h.ws
	n, part, data := w.Next(b)
	end := h.at + int64(n)
	switch part {
	case websocket.More:
		return n, false
	case websocket.Head:
		h.startFrame(end)
	case websocket.Data:
		w.text = append(w.text, data[:min(len(data), trace.TextLen-len(w.text))]...)
		if w.inMessage() {
			w.message.add(h.span(end-int64(n), end), data)
		}
	case websocket.End:
		h.endFrame(end)
	case websocket.Bad:
		h.brokenFrame(end, w.Err().Error()+"; the rest of this direction is not read")
		h.mode = raw
	}
	return n, true
}

// inMessage says whether the payload of the frame is a part of a message.
func (w *wsReader) inMessage() bool {
	f := w.Frame()
	return w.message != nil && !f.Opcode.Control()
}

func (h *half) startFrame(end int64) {
	w := h.ws
	f := w.Frame()
	w.start, w.text = end-int64(f.Size), w.text[:0]
	switch {
	case f.Opcode.Control():
	case f.Opcode != websocket.Continuation:
		_, compressed := w.Reader.Message()
		w.message, w.parts = &content{keep: compressed || w.eio.on}, 1
	default:
		w.parts++
	}
}

// endFrame adds the row of a frame, and of what ends with it.
func (h *half) endFrame(end int64) {
	w := h.ws
	f := w.Frame()
	op, compressed := w.Reader.Message()
	row := h.row("ws.frame", -1)
	row.Spans = []trace.Span{h.span(w.start, end)}
	row.Size, row.Head = int(end-w.start), f.Size
	row.What = f.Opcode.String()
	row.Trouble = w.Trouble()
	if row.Status = int(w.Code()); row.Status != 0 {
		w.text = w.text[min(2, len(w.text)):] // the reason is behind the code
	}
	if !compressed {
		row.Text = string(w.text)
	}
	ends := f.Fin && w.inMessage()
	if !ends {
		h.d.add(row)
		return
	}
	m := w.message
	w.message = nil
	if len(m.spans) == 0 {
		m.spans = []trace.Span{h.span(end, end)}
	}
	data, trouble := w.unpack(m, op, compressed)
	if w.parts > 1 {
		h.d.add(row)
		row = h.row("ws.message", -1)
		row.Spans, row.Size, row.What = m.spans, int(m.size), op.String()
	}
	if row.Trouble == "" {
		row.Trouble = trouble
	}
	row.Text = beginning(data)
	parent := h.d.add(row)
	if w.eio.on && m.whole() && trouble == "" {
		h.packet(data, op == websocket.Binary, place{m.spans, !compressed}, parent, w.eio)
	}
}

// unpack returns what a message says, or its beginning.
func (w *wsReader) unpack(m *content, op websocket.Opcode, compressed bool) (data []byte, trouble string) {
	switch {
	case !compressed && m.keep && !m.gap && !m.whole():
		return m.data, "it is longer than " + packets.Bytes(maxContent) + ", and is not looked into"
	case !compressed:
		return m.data, ""
	case !m.whole():
		w.inflater.Lose()
		return nil, "some of it is not here, so it cannot be decompressed"
	}
	data, err := w.inflater.Message(m.data)
	switch {
	case err != nil:
		return nil, err.Error()
	case op == websocket.Text && !utf8.Valid(data):
		return data, "its text is no UTF-8 (RFC 6455 section 8.1): a receiver fails the connection with code 1007"
	}
	return data, ""
}

// brokenFrame adds the row of a frame that is not whole, or cannot be read.
func (h *half) brokenFrame(end int64, trouble string) {
	w := h.ws
	row := h.row("ws.frame", -1)
	here, _ := w.Pending()
	row.Spans = []trace.Span{h.span(end-int64(here), end)}
	row.Size, row.Trouble = int(here), trouble
	row.Head = row.Size
	if f := w.Frame(); w.Inside() {
		row.What, row.Head, row.Text = f.Opcode.String(), f.Size, string(w.text)
	}
	h.d.add(row)
}

func (h *half) skipFrames(n int64) {
	w := h.ws
	before, _ := w.Pending()
	w.Skip(uint64(n))
	switch {
	case w.Err() != nil:
		row := h.row("ws.frame", -1)
		if before > 0 {
			row.Spans = []trace.Span{h.span(h.at-int64(before), h.at)}
		}
		row.Size = int(before)
		row.Head = row.Size
		row.Trouble = w.Err().Error() + ": " + packets.Bytes(n) + " were not captured; the rest of this direction is not read"
		h.d.add(row)
		h.mode = raw
	case w.inMessage():
		w.message.skip(h.span(h.at, h.at+n))
	}
}

func (h *half) closeFrames() {
	if here, missing := h.ws.Pending(); here > 0 {
		why := "the stream ends within its header"
		if h.ws.Inside() {
			why = "the stream ends within its payload, of which " + packets.Bytes(missing) + " are missing"
		}
		h.brokenFrame(h.at, why)
	}
}
