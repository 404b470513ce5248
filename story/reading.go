package story

import (
	"fmt"
	"strings"

	"wirelab/packets"
	"wirelab/trace"
	"wirelab/trace/dissect"
)

// reading tells what a message says that was read from the bytes of its stream;
// ok is false for one that a program noted.
func (t *Teller) reading(row int) (text string, why rule, ok bool) {
	m := &t.tr.Messages[row]
	switch {
	case m.Kind == "http.request":
		text, why = t.sayRequest(row, m)
	case m.Kind == "http.response":
		text, why = t.sayResponse(row, m)
	case m.Kind == "ws.frame":
		text, why = t.sayFrame(row, m)
	case m.Kind == "ws.message":
		text = fmt.Sprintf("message: %s, %s in %s: %s", m.What, count(int64(m.Size), "byte"), count(int64(t.framesOf(m)), "frame"), words(m, 32))
		why = rule{"A message may be cut into frames, so that its sender need not know its length when it begins, and pings pass in between.", "RFC 6455 section 5.4"}
	case m.Kind == "eio.packet":
		text, why = t.sayPacket(row, m)
	case strings.HasPrefix(m.Kind, "sio."):
		text, why = t.sayEvent(row, m)
	default:
		return "", rule{}, false
	}
	if m.Trouble != "" {
		text += "; wrong: " + packets.Text([]byte(m.Trouble), 400)
		why = rule{}
	}
	return text, why, true
}

// noun is what people call a message of a kind.
func noun(kind string) string {
	switch kind {
	case "http.request":
		return "request"
	case "http.response":
		return "response"
	case "ws.frame":
		return "frame"
	case "ws.message":
		return "message"
	case "eio.packet":
		return "Engine.IO packet"
	case "sio.event":
		return "event"
	case "sio.ack":
		return "acknowledgement"
	case "sio.connect", "sio.connect_error", "sio.disconnect":
		return "Socket.IO packet"
	}
	return kind
}

// words are the beginning of what a message says.
func words(m *trace.Message, most int) string {
	text := packets.Text([]byte(m.Text), most)
	if len(m.Text) < m.Size-m.Head && !strings.HasSuffix(text, "…") {
		text += "…"
	}
	return text
}

// streams is an Index of the trace.
func (t *Teller) streams() *dissect.Index {
	if t.index == nil {
		t.index = dissect.NewIndex(t.tr)
	}
	return t.index
}

// asked is the start line of a request without its version.
func asked(m *trace.Message) string {
	line := m.Text
	if cut := strings.LastIndex(line, " HTTP/"); cut >= 0 {
		line = line[:cut]
	}
	return packets.Text([]byte(line), 60)
}

func (t *Teller) sayRequest(row int, m *trace.Message) (string, rule) {
	text := asked(m)
	if n := m.Size - m.Head; n > 0 {
		text += ", with " + count(int64(n), "byte") + " of content"
	}
	switch {
	case m.Upgrade:
		if to, ok := packets.Find(t.streams().Open(row).Layers, "http.upgrade"); ok {
			text += ": asks to go on as " + to.Value
		}
		return text,
			rule{"The request is HTTP. If the server answers 101, the same TCP connection goes on with the other protocol; any other answer leaves it HTTP.", "RFC 9110 section 7.8"}
	case m.What == "GET":
		return text, rule{"The client asks and the server can only answer: at once, or, as in long-polling, when it has something to say.", "RFC 9110 section 9.3.1"}
	case m.What == "HEAD":
		return text, rule{"An answer to HEAD has no content, whatever its fields announce.", "RFC 9110 section 9.3.2"}
	case m.What == "POST":
		return text, rule{"What it carries is for the target to deal with. Asked twice, it may be done twice.", "RFC 9110 section 9.3.3"}
	}
	return text, rule{}
}

func (t *Teller) sayResponse(row int, m *trace.Message) (string, rule) {
	text := packets.Text([]byte(strings.TrimPrefix(strings.TrimPrefix(m.Text, "HTTP/1.1 "), "HTTP/1.0 ")), 60)
	if n := m.Size - m.Head; n > 0 {
		text += ", " + count(int64(n), "byte") + " of content"
	}
	if r := t.streams().Request(row); r >= 0 {
		q := &t.tr.Messages[r]
		text += ": answers " + asked(q)
		switch had := m.Sent - q.Arrived; {
		case q.Arrived == trace.Never || had < 0:
		case had == 0:
			text += " at once"
		default:
			text += ", which the server had for " + Shorter(had)
		}
	}
	if m.Upgrade {
		return text, rule{"Behind this head the connection is no longer HTTP, in both directions.", "RFC 9110 section 15.2.2"}
	}
	if end, ok := packets.Find(t.streams().Open(row).Layers, "http.head_end"); ok {
		return text, rule{end.Say, "RFC 9112 section 6.3"}
	}
	return text, rule{}
}

func (t *Teller) sayFrame(row int, m *trace.Message) (string, rule) {
	layers := t.streams().Open(row).Layers
	if len(layers) == 0 {
		return "frame: " + m.What, rule{}
	}
	text := "frame: " + layers[0].Summary
	if op, ok := packets.Find(layers, "websocket.opcode"); ok {
		why := rule{op.Say, op.RFC}
		if mask, ok := packets.Find(layers, "websocket.mask"); ok && mask.Raw == 1 && m.What != "close" {
			why = rule{op.Say + " " + mask.Say, "RFC 6455 sections 5.2 and 5.3"}
		}
		return text, why
	}
	return text, rule{}
}

// framesOf is how many frames a message takes.
func (t *Teller) framesOf(m *trace.Message) int {
	seen := map[int]bool{}
	for _, s := range m.Spans {
		for at := s.Lo; at < s.Hi; {
			row := t.streams().Frame(s.Stream, at)
			if row < 0 {
				break
			}
			seen[row] = true
			at = t.tr.Messages[row].Spans[0].Hi
		}
	}
	return len(seen)
}

const engineSource, socketSource = "Engine.IO protocol 4", "Socket.IO protocol 5"

func (t *Teller) sayPacket(row int, m *trace.Message) (string, rule) {
	layers := t.streams().Open(row).Layers
	text := fmt.Sprintf("Engine.IO: %s", m.What)
	if m.Size > 0 {
		text += ", " + words(m, 40)
	}
	if len(layers) > 0 && len(layers[0].Fields) > 0 {
		say := layers[0].Fields[0].Say
		if m.What == "open" && len(layers[0].Fields) > 1 {
			say += " " + layers[0].Fields[1].Say
		}
		return text, rule{say, engineSource}
	}
	return text, rule{}
}

func (t *Teller) sayEvent(row int, m *trace.Message) (string, rule) {
	text := words(m, 56) + ": "
	name := packets.Text([]byte(m.What), 32)
	switch m.Kind {
	case "sio.event":
		text += "event " + name
		if m.ID == "" {
			return text + ", no acknowledgement wanted",
				rule{"No acknowledgement belongs to it: whether a program took it the sender learns only if that program says so in an event of its own.", socketSource}
		}
		return text + ", acknowledgement " + m.ID + " wanted",
			rule{"The other side's program answers with a packet that carries this number.", socketSource}
	case "sio.ack":
		return text + "acknowledges event " + m.ID,
			rule{"A program sends it, not TCP: it says that the event was dealt with. Only the number ties it to its event.", socketSource}
	case "sio.connect_error":
		return text + "the client is not let into the namespace", rule{"The connection below stays; other namespaces on it go on.", socketSource}
	case "sio.disconnect":
		return text + "leaves the namespace", rule{"The connection below stays; other namespaces on it go on.", socketSource}
	}
	if t.asks(m) {
		return text + "asks to join the namespace", rule{"Each namespace is joined by a packet of its own, over the same connection.", socketSource}
	}
	return text + "lets the client into the namespace", rule{"The sid in it names this socket; it is not the session's of the layer below.", socketSource}
}

// asks says whether a client sent the message.
func (t *Teller) asks(m *trace.Message) bool {
	return len(m.Spans) > 0 && t.streams().FromClient(m.Spans[0].Stream)
}
