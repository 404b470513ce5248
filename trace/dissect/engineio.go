package dissect

import (
	"net/url"
	"strings"

	"wirelab/packets"
	"wirelab/packets/engineio"
	"wirelab/packets/http1"
	"wirelab/trace"
)

// An eio is what a request says of Engine.IO.
type eio struct {
	on  bool
	sio bool   // Socket.IO is inside
	sid string // the session; empty before it has one
}

// engineOf looks for Engine.IO, version 4, in the target of a request. The path
// is the program's choice, so the query decides; only Engine.IO's own path says
// that nothing else is inside.
func engineOf(head *http1.Head) eio {
	path, query, _ := strings.Cut(head.Target, "?")
	q, err := url.ParseQuery(query)
	if err != nil || q.Get("EIO") != engineio.Version {
		return eio{}
	}
	return eio{on: true, sio: !strings.HasSuffix(strings.TrimSuffix(path, "/"), "/engine.io"), sid: q.Get("sid")}
}

// A place is where the bytes of a packet are.
type place struct {
	spans []trace.Span
	exact bool // byte for byte; if not, they are in there, compressed
}

// part is the place of bytes [lo, hi) of those at p.
func (p place) part(lo, hi int) place {
	if !p.exact {
		return p
	}
	return place{cutSpans(p.spans, lo, hi), true}
}

// payload adds the rows of the packets in the content of an HTTP message.
func (h *half) payload(body []byte, spans []trace.Span, exact bool, parent int32, e eio) {
	if len(body) == 0 {
		return // the answer to a request that was given up
	}
	at := place{spans, exact}
	for s := range engineio.Split(body) {
		h.packet(body[s.From:s.To], false, at.part(s.From, s.To), parent, e)
	}
}

// packet adds the row of an Engine.IO packet, and of what is in it.
func (h *half) packet(b []byte, binary bool, at place, parent int32, e eio) {
	row := h.row("eio.packet", parent)
	row.Spans, row.Size, row.Text = at.spans, len(b), beginning(b)
	if !binary && len(b) > 0 {
		row.Head = 1
	}
	p, err := engineio.ParseFrame(b, binary)
	if err != nil {
		row.Trouble = err.Error()
		h.d.add(row)
		return
	}
	row.What = p.Type.String()
	if p.Type != engineio.Message || !e.sio {
		h.d.add(row)
		return
	}
	key := session{e.sid, h.c.number, h.stream.End() == h.requestEnd()}
	if key.sid != "" {
		key.conn = 0 // its packets may take several connections
	}
	if p.Binary {
		var done *pending
		done, row.Trouble = h.d.attach(key, at.part(row.Head, len(b)), len(p.Data))
		h.d.add(row)
		if done != nil {
			h.d.give(done)
		}
		return
	}
	inner, err := h.event(p.Data, at.part(1, len(b)))
	if err != nil {
		row.Trouble = "what it carries is no packet of Socket.IO: " + err.Error()
	}
	number := h.d.add(row)
	if inner != nil {
		inner.row.Parent = number
		h.d.await(key, inner)
	}
}

// requestEnd is the end that sends requests.
func (h *half) requestEnd() int {
	if h.mode == requests || h.mode == frames && h.ws.Client() {
		return h.stream.End()
	}
	return 1 - h.stream.End()
}

// unpack is the content of an HTTP message to look into, decompressed; nil if
// nobody wants to. exact says that it is byte for byte what was sent.
func unpack(c *content, head *http1.Head) (body []byte, exact bool, err error) {
	if !c.keep || c.gap {
		return nil, false, nil
	}
	if !c.whole() {
		return nil, false, tooLong{}
	}
	coding := head.Get("Content-Encoding")
	if coding == "" || strings.EqualFold(coding, "identity") {
		return c.data, true, nil
	}
	body, err = decompress(coding, c.data)
	return body, false, err
}

type tooLong struct{}

func (tooLong) Error() string {
	return "its content is longer than " + packets.Bytes(maxContent) + ", and is not looked into"
}
