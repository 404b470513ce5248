package dissect

import (
	"fmt"
	"strconv"
	"strings"

	"wirelab/packets"
	"wirelab/packets/http1"
	"wirelab/packets/websocket"
)

// An ask is what a request tells about its answer.
type ask struct {
	method  string
	upgrade bool   // to another protocol, or to a tunnel
	key     string // Sec-WebSocket-Key
	eio     eio
}

// A message is the HTTP message that is being read.
type message struct {
	begun   bool        // some of its bytes have come
	head    *http1.Head // nil: not whole yet
	start   int64       // of the head, if it is whole
	ask     ask         // what a response answers
	eio     eio         // of its content
	content content
}

// readHTTP reads one part, and says whether there may be more in the bytes.
func (h *half) readHTTP(b []byte) (n int, more bool) {
	if !h.message.begun && len(b) > 0 {
		h.message = message{begun: true}
		if h.mode == responses && len(h.other.asked) > 0 {
			h.message.ask = h.other.asked[0]
		}
		h.http.Answers(h.message.ask.method)
	}
	n, part, data := h.http.Next(b)
	end := h.at + int64(n)
	switch part {
	case http1.More:
		if h.http.Idle() {
			h.message.begun = false // empty lines before a request
		}
		return n, false
	case http1.Start:
		h.startHTTP(end)
	case http1.Data:
		h.message.content.add(h.span(end-int64(len(data)), end), data)
	case http1.End:
		h.endHTTP(end, "")
	case http1.Bad:
		h.badHTTP(end, "; the rest of this direction is not read")
		h.mode = raw
	}
	return n, true
}

// startHTTP looks at a head that is whole.
func (h *half) startHTTP(end int64) {
	m, head := &h.message, h.http.Head()
	m.head, m.start = head, end-int64(head.Size)
	if head.Request {
		m.eio = engineOf(head)
		m.content.keep = m.eio.on && head.Method == "POST"
		h.asked = append(h.asked, ask{
			method: head.Method, upgrade: head.Upgrades() || head.Method == "CONNECT", key: head.Get("Sec-WebSocket-Key"), eio: m.eio,
		})
		return
	}
	if head.Interim() {
		return
	}
	m.eio = m.ask.eio
	m.content.keep = m.eio.on && m.ask.method == "GET" && head.Status == 200
	if len(h.other.asked) > 0 {
		h.other.asked = h.other.asked[1:]
	}
}

// endHTTP adds the row of a message that is whole.
func (h *half) endHTTP(end int64, trouble string) {
	m := h.message
	head := m.head
	kind := "http.response"
	if head.Request {
		kind = "http.request"
	}
	row := h.row(kind, -1)
	row.Spans = append(row.Spans, h.span(m.start, end))
	row.Size = int(end - m.start)
	row.Head = row.Size - int(m.content.size)
	row.Text = beginning([]byte(head.StartLine()))
	row.Status, row.Upgrade, row.What = head.Status, head.Upgrades(), head.Method
	if !head.Request {
		row.What = strconv.Itoa(head.Status)
	}
	if m.content.gap && trouble == "" {
		trouble = "some of its content was not captured"
	}
	body, exact, err := unpack(&m.content, head)
	if err != nil && trouble == "" {
		trouble = err.Error()
	}
	if trouble == "" && m.webSocket() && m.ask.key != "" && head.Get("Sec-WebSocket-Accept") != websocket.Accept(m.ask.key) {
		trouble = "its Sec-WebSocket-Accept is not the answer to the request's key (RFC 6455 section 4.1): the client fails the connection"
	}
	row.Trouble = trouble
	parent := h.d.add(row)
	if body != nil {
		h.payload(body, m.content.spans, exact, parent, m.eio)
	}
	h.message = message{}
	h.after(&m)
}

// after lets the connection go on behind a message.
func (h *half) after(m *message) {
	switch {
	case m.head.Request:
		h.asking = len(h.asked) > 0 && (m.head.Upgrades() || m.head.Method == "CONNECT")
		return
	case m.head.Interim():
		return
	}
	switched := m.head.Status == 101 || m.ask.method == "CONNECT" && m.head.Status < 300
	if m.ask.upgrade {
		h.other.asking = false
	}
	if !switched {
		return
	}
	asked := h.other.mode == requests && m.ask.upgrade // and so nothing behind the request was read yet
	if m.webSocket() {
		h.speak(m, false)
		if asked {
			h.other.speak(m, true)
		}
		return
	}
	h.mode = raw
	if asked {
		h.other.mode = raw
	}
}

// webSocket says whether the message makes the connection WebSocket.
func (m *message) webSocket() bool { return m.head.Status == 101 && m.head.Has("Upgrade", "websocket") }

// speak makes a direction WebSocket.
func (h *half) speak(m *message, client bool) {
	deflate, forget := false, false
	for extension := range m.head.List("Sec-WebSocket-Extensions") {
		name, parameters, _ := strings.Cut(extension, ";")
		if strings.TrimSpace(name) == "permessage-deflate" {
			deflate = true
			who := "server"
			if client {
				who = "client"
			}
			forget = strings.Contains(parameters, who+"_no_context_takeover")
		}
	}
	h.mode = frames
	h.ws = &wsReader{Reader: websocket.NewReader(client, deflate), eio: m.ask.eio}
	if deflate {
		h.ws.inflater = websocket.NewInflater(maxContent, forget)
	}
}

// badHTTP adds the row of a message that cannot be read, or is not whole.
func (h *half) badHTTP(end int64, and string) {
	m := h.message
	why := h.http.Err().Error() + and
	if m.head != nil {
		h.message.content.keep = false
		h.endHTTP(end, why)
		return
	}
	kind := "http.response"
	if h.mode == requests {
		kind = "http.request"
	}
	row := h.row(kind, -1)
	head := h.http.Raw() // without empty lines before a request
	if row.Size = len(head); row.Size > 0 {
		row.Spans = append(row.Spans, h.span(end-int64(row.Size), end))
	}
	row.Head = row.Size
	line, _, _ := strings.Cut(string(head), "\n")
	row.Text = beginning([]byte(strings.TrimSuffix(line, "\r")))
	row.Trouble = why
	h.d.add(row)
	h.message = message{}
}

func (h *half) skipHTTP(n int64) {
	h.http.Skip(n)
	if h.http.Err() != nil {
		h.badHTTP(h.at, fmt.Sprintf(": %s were not captured; the rest of this direction is not read", packets.Bytes(n)))
		h.mode = raw
		return
	}
	h.message.content.skip(h.span(h.at, h.at+n))
}

func (h *half) closeHTTP() {
	switch h.http.Close() {
	case http1.End:
		trouble := ""
		if h.cut {
			trouble = "its content ends with the connection, and that has not closed: there may be more"
		}
		h.endHTTP(h.at, trouble)
	case http1.Bad:
		h.badHTTP(h.at, "; the stream ends here")
	}
}
