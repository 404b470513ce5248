package engineio

import "fmt"

// A Part is one part of a packet as it stands on the wire: bytes [From, To) of
// what was given, what they are called, what they say, and a sentence for
// people. Value may hold a stranger's bytes.
type Part struct {
	Name     string
	From, To int
	Value    string
	Sentence string
}

// Parts are the parts of one packet as it lies in a payload or in a text frame,
// or of the content of a binary frame. They cover all its bytes. What cannot be
// read is said in an error, beside the parts that can.
func Parts(b []byte, binary bool) ([]Part, error) {
	if binary {
		return []Part{{"bytes", 0, len(b), "", "Bytes of a message: a binary frame has no digit for a type, because only messages are binary."}}, nil
	}
	p, err := Parse(b)
	if len(b) == 0 {
		return nil, err
	}
	if b[0] == base64Mark {
		parts := []Part{{"type", 0, 1, "b", "A message of bytes; an HTTP body is text, so they are written as base64."}}
		if len(b) > 1 {
			parts = append(parts, Part{"base64", 1, len(b), string(b[1:]), base64Sentence(p, err)})
		}
		return parts, err
	}
	t := Type(b[0])
	parts := []Part{{"type", 0, 1, t.String(), typeSentence(t)}}
	if len(b) > 1 {
		name := "data"
		if t == Open {
			name = "handshake"
		}
		parts = append(parts, Part{name, 1, len(b), string(b[1:]), dataSentence(p, t, err)})
	}
	return parts, err
}

// PayloadParts are the parts of all packets of a payload, the separators among
// them, up to the first packet that is wrong.
func PayloadParts(payload []byte) (all []Part, err error) {
	for s := range Split(payload) {
		if s.From > 0 {
			all = append(all, Part{"separator", s.From - 1, s.From, "0x1e", "The next packet of the same body begins behind this byte."})
		}
		parts, err := Parts(payload[s.From:s.To], false)
		for _, p := range parts {
			p.From += s.From
			p.To += s.From
			all = append(all, p)
		}
		if e, ok := err.(*Error); ok {
			return all, &Error{At: s.From + e.At, Reason: e.Reason}
		}
	}
	return all, nil
}

func base64Sentence(p Packet, err error) string {
	if err != nil {
		return "This is not base64."
	}
	return fmt.Sprintf("%d bytes of the message, a third more as base64.", len(p.Data))
}

func typeSentence(t Type) string {
	switch t {
	case Open:
		return "Open: the server begins a session and says how the two will talk."
	case Close:
		return "Close: the session is over, and its transport need not be kept."
	case Ping:
		return "Ping: are you there? In version 4 it is the server that asks."
	case Pong:
		return "Pong: yes, I am."
	case Message:
		return "Message: what the layer above has to say; of Socket.IO, one packet or one attachment."
	case Upgrade:
		return "Upgrade: all that follows comes over this transport; polling is over."
	case Noop:
		return "Noop: nothing; it sets a held request free."
	}
	return "No type of packet begins like this."
}

func dataSentence(p Packet, t Type, err error) string {
	switch {
	case err != nil:
		return "This does not belong here."
	case t == Open:
		h, err := ParseHandshake(p)
		if err != nil {
			return "This should be the handshake."
		}
		say := fmt.Sprintf("Session %q; a ping every %v, answered within %v; at most %d bytes a payload", h.SID, h.PingInterval, h.PingTimeout, h.MaxPayload)
		if len(h.Upgrades) > 0 {
			return say + "; a WebSocket may be tried."
		}
		return say + "; there is nothing better to change to."
	case (t == Ping || t == Pong) && string(p.Data) == Probe:
		return "A probe: it goes over the new transport, to see whether it works."
	case t == Message:
		return fmt.Sprintf("%d bytes of the layer above.", len(p.Data))
	}
	return fmt.Sprintf("%d bytes that go with it.", len(p.Data))
}
