package socketio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"wirelab/packets/engineio"
)

// Parts are the parts of the text of one packet, the content of an Engine.IO
// message: places in bytes of b. They cover all its bytes. What cannot be read
// is said in an error, beside the parts that can.
func Parts(b []byte) ([]engineio.Part, error) {
	p, n, at, err := parse(b)
	if len(b) == 0 {
		return nil, err
	}
	t := Type(b[0])
	parts := []engineio.Part{{Name: "type", To: 1, Value: t.String(), Sentence: typeSentence(t)}}
	add := func(name string, from, to int, sentence string) {
		if to > from {
			parts = append(parts, engineio.Part{Name: name, From: from, To: to, Value: string(b[from:to]), Sentence: sentence})
		}
	}
	if at.end == 0 { // an unknown type: nothing more is known
		add("data", 1, len(b), "What it would say depends on the type.")
		return parts, err
	}
	add("attachments", 1, at.attachments, fmt.Sprintf("%d binary messages follow this one and belong to it.", n))
	add("namespace", at.attachments, at.namespace, "The channel on the shared connection; without it, the main one, /.")
	add("ack id", at.namespace, at.id, idSentence(t, b[at.namespace:at.id]))
	if p != nil && p.Type == Event {
		name := endOfName(b, at.id)
		add("event", at.id, name, fmt.Sprintf("The event is called %q: handlers of that name are called.", p.Name()))
		add("arguments", name, at.end, fmt.Sprintf("What they are called with: %s.", count(len(p.Args)-1, "argument")))
		return parts, err
	}
	add("payload", at.id, at.end, payloadSentence(p, err))
	return parts, err
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// endOfName is where the first value of the array that begins at a place ends.
func endOfName(b []byte, at int) int {
	d := json.NewDecoder(bytes.NewReader(b[at:]))
	d.UseNumber()
	for range 2 { // the bracket, and the name
		if _, err := d.Token(); err != nil {
			return len(b)
		}
	}
	return at + int(d.InputOffset())
}

func typeSentence(t Type) string {
	switch t {
	case Connect:
		return "Connect: the client asks to join a namespace, or the server lets it in and names its socket."
	case Disconnect:
		return "Disconnect: it leaves the namespace; the connection below stays."
	case Event:
		return "Event: one side emits it, and the other side's handlers of its name are called."
	case Ack:
		return "Acknowledgement: the other side's program answers an event. TCP's acknowledgement is another thing: it says that bytes came, not that a program took them."
	case ConnectError:
		return "Connect error: the server does not let the client into the namespace."
	case BinaryEvent:
		return "Binary event: an event some of whose arguments are bytes, which follow."
	case BinaryAck:
		return "Binary acknowledgement: an answer to an event, some of it bytes, which follow."
	}
	return "No type of packet begins like this."
}

func idSentence(t Type, digits []byte) string {
	if t == Ack || t == BinaryAck {
		return fmt.Sprintf("It answers the event that carried the number %s.", digits)
	}
	return fmt.Sprintf("The sender waits for an acknowledgement that carries the number %s.", digits)
}

func payloadSentence(p *Packet, err error) string {
	switch {
	case err != nil || p == nil:
		return "This cannot be read as what the type asks for."
	case p.Type == Ack:
		return fmt.Sprintf("What the sender's callback is called with: %s.", count(len(p.Args), "argument"))
	case p.Type == ConnectError:
		return "Why it is not let in."
	}
	object, _ := p.Body.(map[string]any)
	sid, joined := object["sid"]
	pid, recovers := object["pid"]
	_, offset := object["offset"]
	switch {
	case joined && recovers:
		return fmt.Sprintf("The socket's id is %v; with the private id %v it can be taken up again after a cut.", sid, pid)
	case joined:
		return fmt.Sprintf("The socket's id is %v: not the session's of the layer below.", sid)
	case recovers && offset:
		return "The client was here before: it names its private id and the last event it had, to get what it missed."
	}
	return "What the client says of itself, such as a token."
}
