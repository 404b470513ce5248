package socketio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"wirelab/packets/engineio"
)

// A layout says where the parts of a packet end. Each begins where the one
// before ends; one that is not there has no bytes.
type layout struct {
	attachments int // behind its "-"
	namespace   int // behind its ","
	id          int
	end         int
}

func wrong(at int, format string, a ...any) error {
	return &engineio.Error{At: at, Reason: fmt.Sprintf(format, a...)}
}

// reserved are the names that no event may have: the libraries' own.
var reserved = []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}

// Reserved says whether no event may have this name.
func Reserved(event string) bool { return slices.Contains(reserved, event) }

// Parse reads the text of a packet, and how many attachments will follow. Until
// they have come, placeholders stand in Args.
func Parse(b []byte) (p *Packet, attachments int, err error) {
	p, attachments, _, err = parse(b)
	return p, attachments, err
}

// parse also returns where the parts are, as far as it came.
func parse(b []byte) (p *Packet, n int, at layout, err error) {
	if len(b) == 0 {
		return nil, 0, at, wrong(0, "an empty packet: not even its type is there")
	}
	t := Type(b[0])
	if !t.known() {
		return nil, 0, at, wrong(0, "unknown packet type %q", b[0])
	}
	p = &Packet{Type: t, Namespace: MainNamespace}
	at = layout{1, 1, 1, len(b)}
	if t.binary() {
		if n, at.attachments, err = attachmentCount(b); err != nil {
			return nil, 0, at, err
		}
		p.Type -= BinaryEvent - Event
	}
	at.namespace = at.attachments
	if rest := b[at.attachments:]; len(rest) > 0 && rest[0] == '/' {
		name, _, comma := bytes.Cut(rest, []byte(","))
		p.Namespace = string(name)
		at.namespace += len(name)
		if comma {
			at.namespace++
		}
	}
	at.id = at.namespace
	for at.id < len(b) && isDigit(b[at.id]) {
		at.id++
	}
	if digits := b[at.namespace:at.id]; len(digits) > 0 {
		if p.Type != Event && p.Type != Ack {
			return nil, 0, at, wrong(at.namespace, "a %s packet with an acknowledgement id, which it never has", t)
		}
		if p.ID, err = strconv.ParseUint(string(digits), 10, 64); err != nil {
			return nil, 0, at, wrong(at.namespace, "an acknowledgement id that is too large")
		}
		p.Asks = p.Type == Event
	} else if p.Type == Ack {
		return nil, 0, at, wrong(at.id, "an acknowledgement that does not say of which event")
	}
	if err := p.payload(b[at.id:], at.id); err != nil {
		return nil, 0, at, err
	}
	return p, n, at, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// attachmentCount reads "2-" behind the type.
func attachmentCount(b []byte) (n, end int, err error) {
	const digits = 6 // more than any limit has
	i := 1
	for i < len(b) && i <= digits && isDigit(b[i]) {
		i++
	}
	if i == 1 || i == len(b) || b[i] != '-' {
		return 0, 1, wrong(i, "illegal attachments: a binary packet says how many follow, and then \"-\"")
	}
	n, err = strconv.Atoi(string(b[1:i]))
	return n, i + 1, err
}

// payload reads the JSON of p, which begins at byte at, and says what in it does
// not fit the type.
func (p *Packet) payload(b []byte, at int) error {
	var v any
	if len(b) > 0 {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			return wrong(at, "a payload that is not JSON")
		}
		if _, err := d.Token(); err != io.EOF {
			return wrong(at+int(d.InputOffset()), "more than one JSON value")
		}
	}
	list, isList := v.([]any)
	_, isObject := v.(map[string]any)
	_, isText := v.(string)
	switch p.Type {
	case Connect:
		if len(b) > 0 && !isObject {
			return wrong(at, "a connect packet's payload is an object, or is not there")
		}
		p.Body = v
	case ConnectError:
		if !isObject && !isText {
			return wrong(at, "a connect error's payload is an object")
		}
		p.Body = v
	case Disconnect:
		if len(b) > 0 {
			return wrong(at, "a disconnect packet with a payload, which it never has")
		}
	case Event:
		if !isList || len(list) == 0 || !isName(list[0]) {
			return wrong(at, "an event's payload is an array that begins with the event's name, and not with a reserved one")
		}
		p.Args = list
	case Ack:
		if !isList {
			return wrong(at, "an acknowledgement's payload is an array")
		}
		p.Args = list
	}
	return nil
}

// isName says whether an event may be called so. The official libraries also
// take a number.
func isName(v any) bool {
	switch v := v.(type) {
	case string:
		return !Reserved(v)
	case json.Number:
		return true
	}
	return false
}
