package websocket

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// rules holds the frames of one direction to what RFC 6455 and RFC 7692 ask of
// them.
type rules struct {
	message    Opcode // of the message that has begun; Continuation: none has
	compressed bool   // that message is
	last       bool   // that message has ended
	closed     bool   // a close frame has passed
	gap        bool   // some of the frame is not known
	broken     []string
	code       uint16 // with which a receiver fails the connection, for the first of them
}

// say notes a rule that is broken, where it stands, and the code for it.
func (r *rules) say(what, section string, code uint16) {
	if len(r.broken) == 0 {
		r.code = code
	}
	rfc := "RFC 6455 "
	if strings.HasPrefix(section, "RFC") {
		rfc = ""
	}
	r.broken = append(r.broken, fmt.Sprintf("%s (%s%s)", what, rfc, section))
}

// begin holds a header to the rules.
func (r *rules) begin(h *Header, client, deflate bool) {
	r.broken, r.gap = r.broken[:0], false
	if r.closed {
		r.say("it comes behind a close frame, after which nothing is read", "section 5.5.1", CloseProtocol)
	}
	if client && !h.Masked {
		r.say("a client must mask its frames, and this one is not", "section 5.1", CloseProtocol)
	}
	if !client && h.Masked {
		r.say("a server must not mask its frames, and this one is", "section 5.1", CloseProtocol)
	}
	if !h.Opcode.known() {
		r.say(h.Opcode.String()+" has no meaning", "section 5.2", CloseProtocol)
	}
	if !h.minimal() {
		r.say("its length is written with more bytes than it needs", "section 5.2", CloseProtocol)
	}
	r.reserved(h, deflate)
	if h.Opcode.Control() {
		if !h.Fin {
			r.say("a control frame must not be fragmented", "section 5.5", CloseProtocol)
		}
		if h.Len > MaxControl {
			r.say(fmt.Sprintf("a control frame has at most %d bytes of payload", MaxControl), "section 5.5", CloseProtocol)
		}
		return
	}
	if r.last {
		r.message, r.compressed, r.last = Continuation, false, false
	}
	switch {
	case h.Opcode == Continuation && r.message == Continuation:
		r.say("it continues a message, and none has begun", "section 5.4", CloseProtocol)
	case h.Opcode != Continuation && r.message != Continuation:
		r.say("it begins a message before the one before it has ended", "section 5.4", CloseProtocol)
		fallthrough
	case h.Opcode != Continuation:
		r.message, r.compressed = h.Opcode, deflate && h.RSV&RSV1 != 0
	}
}

// reserved holds the reserved bits to what was agreed.
func (r *rules) reserved(h *Header, deflate bool) {
	switch {
	case h.RSV&RSV1 == 0:
	case !deflate:
		r.say("RSV1 is set, and nothing was agreed that gives it a meaning", "section 5.2", CloseProtocol)
	case h.Opcode.Control():
		r.say("RSV1 is set, and a control frame is never compressed", "RFC 7692 section 6.1", CloseProtocol)
	case h.Opcode == Continuation:
		r.say("RSV1 is set, which only the first frame of a message may have", "RFC 7692 section 6.1", CloseProtocol)
	}
	if h.RSV&RSV2 != 0 {
		r.say("RSV2 is set, and nothing was agreed that gives it a meaning", "section 5.2", CloseProtocol)
	}
	if h.RSV&RSV3 != 0 {
		r.say("RSV3 is set, and nothing was agreed that gives it a meaning", "section 5.2", CloseProtocol)
	}
}

// close holds the payload of a close frame to the rules.
func (r *rules) close(payload []byte) {
	switch {
	case r.gap || len(payload) == 0:
	case len(payload) == 1:
		r.say("a code takes two bytes, and here is one", "section 5.5.1", CloseProtocol)
	case !Sendable(binary.BigEndian.Uint16(payload)):
		r.say(fmt.Sprintf("no frame may carry the code %d", binary.BigEndian.Uint16(payload)), "section 7.4", CloseProtocol)
	case !utf8.Valid(payload[2:]):
		r.say("its reason is no UTF-8", "section 5.5.1", CloseInvalid)
	}
}

// end notes what a whole frame means for those behind it.
func (r *rules) end(h *Header) {
	switch {
	case h.Opcode == Close:
		r.closed = true
	case !h.Opcode.Control() && h.Fin:
		r.last = true
	}
}

// trouble is what was said of the frame, and what comes of it.
func (r *rules) trouble() string {
	if len(r.broken) == 0 {
		return ""
	}
	return strings.Join(r.broken, "; ") + fmt.Sprintf(": a receiver fails the connection with code %d", r.code)
}
