package socketio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// MainNamespace is the namespace that need not be named.
const MainNamespace = "/"

// A Type is the first character of a packet.
type Type byte

// The types of packets.
const (
	Connect      Type = '0'
	Disconnect   Type = '1'
	Event        Type = '2'
	Ack          Type = '3'
	ConnectError Type = '4'
	BinaryEvent  Type = '5'
	BinaryAck    Type = '6'
)

var names = [...]string{"connect", "disconnect", "event", "acknowledgement", "connect error", "binary event", "binary acknowledgement"}

func (t Type) known() bool { return t >= Connect && t <= BinaryAck }

// binary says whether attachments go with packets of this type.
func (t Type) binary() bool { return t == BinaryEvent || t == BinaryAck }

// String is the protocol's word for the type.
func (t Type) String() string {
	if !t.known() {
		return fmt.Sprintf("unknown type %q", byte(t))
	}
	return names[t-Connect]
}

// A Packet is one unit of Socket.IO, its attachments included. Type is Event or
// Ack also where it was, or will be, a binary one on the wire.
type Packet struct {
	Type      Type
	Namespace string // "/" if it is not named
	Asks      bool   // an event that asks for an acknowledgement
	ID        uint64 // of an acknowledgement, or of an event that asks for one

	// Args are the name of an event and its arguments, or the arguments of an
	// acknowledgement, as encoding/json reads them into any, with two more:
	// json.Number for numbers, []byte for attachments.
	Args []any
	// Body is the object of a connect or a connect error; nil if there is none.
	// A connect error may be a mere string.
	Body any
}

// NewEvent is an event without an acknowledgement.
func NewEvent(namespace, name string, args ...any) Packet {
	return Packet{Type: Event, Namespace: namespace, Args: append([]any{name}, args...)}
}

// Name is the name of an event.
func (p *Packet) Name() string {
	if p.Type != Event || len(p.Args) == 0 {
		return ""
	}
	return fmt.Sprint(p.Args[0])
}

// hasID says whether the packet's number stands in it.
func (p *Packet) hasID() bool { return p.Type == Ack || p.Type == Event && p.Asks }

// Encode writes p: the text, and the attachments that follow it.
func (p *Packet) Encode() (text []byte, attachments [][]byte, err error) {
	var payload any
	switch p.Type {
	case Event, Ack:
		payload = takeOut(p.Args, &attachments)
		if p.Args == nil {
			payload = []any{}
		}
	case Connect, ConnectError:
		payload = p.Body
	}
	t := p.Type
	var b bytes.Buffer
	if len(attachments) > 0 {
		t += BinaryEvent - Event
		fmt.Fprintf(&b, "%c%d-", t, len(attachments))
	} else {
		b.WriteByte(byte(t))
	}
	if p.Namespace != MainNamespace && p.Namespace != "" {
		b.WriteString(p.Namespace + ",")
	}
	if p.hasID() {
		b.WriteString(strconv.FormatUint(p.ID, 10))
	}
	if payload != nil {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(payload); err != nil {
			return nil, nil, fmt.Errorf("what is to be sent cannot be written as JSON: %w", err)
		}
		b.Truncate(b.Len() - 1) // the encoder's newline
	}
	return b.Bytes(), attachments, nil
}
