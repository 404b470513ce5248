package websocket

import (
	"encoding/binary"
	"fmt"

	"wirelab/packets"
)

// table is the frame described once: what each field is for, and where an RFC
// says so. How long a field is, and whether it is there, a frame tells.
var table = packets.ProtocolDoc{
	Key: "websocket", Name: "WebSocket", Title: "WebSocket frame", RFC: "RFC 6455 section 5.2",
	About: "Cuts a TCP connection into messages that both sides may send at any time.",
	Fields: []packets.FieldDoc{
		fin: {Key: "websocket.fin", Name: "FIN", Bit: 0, Bits: 1, RFC: "RFC 6455 section 5.2",
			About: "Set in the last frame of a message."},
		rsv: {Key: "websocket.rsv", Name: "RSV1 to RSV3", Bit: 1, Bits: 3, RFC: "RFC 6455 section 5.2",
			About: "For what both sides agree on in the handshake; compression uses RSV1."},
		opcode: {Key: "websocket.opcode", Name: "opcode", Bit: 4, Bits: 4, RFC: "RFC 6455 section 5.2",
			About: "What the frame is: a message, a part of one, or about the connection."},
		mask: {Key: "websocket.mask", Name: "MASK", Bit: 8, Bits: 1, RFC: "RFC 6455 section 5.3",
			About: "Set if the payload is masked: all that a client sends is, and nothing that a server does."},
		length7: {Key: "websocket.payload_length", Name: "payload length", Bit: 9, Bits: 7, RFC: "RFC 6455 section 5.2",
			About: "Bytes of payload up to 125; 126 and 127 say that the length follows in 16 or 64 bits."},
		length16: {Key: "websocket.payload_length_ext_16", Name: "extended payload length", Bit: 16, Bits: 16, RFC: "RFC 6455 section 5.2", Sometimes: true,
			About: "Bytes of payload, from 126 to 65,535."},
		length64: {Key: "websocket.payload_length_ext_64", Name: "extended payload length", Bit: 16, Bits: 64, RFC: "RFC 6455 section 5.2", Sometimes: true,
			About: "Bytes of payload, from 65,536 on."},
		key: {Key: "websocket.masking_key", Name: "masking key", Bit: -1, Bits: 32, RFC: "RFC 6455 section 5.3", Sometimes: true,
			About: "With what the payload is masked; new and random in every frame."},
		payload: {Key: "websocket.payload", Name: "payload", Bit: -1, RFC: "RFC 6455 section 5.2", Sometimes: true,
			About: "The message, or a part of it."},
		masked: {Key: "websocket.masked_payload", Name: "masked payload", Bit: -1, RFC: "RFC 6455 section 5.3", Sometimes: true,
			About: "The message, or a part of it, each byte changed by a byte of the key."},
		code: {Key: "websocket.payload.close.status_code", Name: "status code", Bit: -1, Bits: 16, RFC: "RFC 6455 section 7.4", Sometimes: true,
			About: "Why the connection is closed."},
		reason: {Key: "websocket.payload.close.reason", Name: "reason", Bit: -1, RFC: "RFC 6455 section 7.1.6", Sometimes: true,
			About: "The same in words, for people who look for mistakes."},
		cut: {Key: "websocket.cut", Name: "cut off", Bit: -1, RFC: "no RFC: what was not sent, or not captured", Sometimes: true,
			About: "What is here of a header that is not whole."},
	},
}

// The rows of the table.
const (
	fin = iota
	rsv
	opcode
	mask
	length7
	length16
	length64
	key
	payload
	masked
	code
	reason
	cut
)

// Reference is the table, for pages of documentation.
func Reference() packets.ProtocolDoc { return table }

// A View is what a frame alone does not tell of itself.
type View struct {
	Client     bool   // a client sent it
	Compressed bool   // it is a part of a message that is compressed
	Message    Opcode // of the message of which it is a part
	Trouble    string // which rules it breaks
}

// Open lays a frame open: b is what is here of it, from its first byte on. The
// fields cover it.
func Open(b []byte, v View) []packets.Layer {
	o := opened{b: b, v: v}
	l := packets.Layer{Protocol: table.Key, Name: table.Name, Len: len(b), Damage: v.Trouble}
	h, err := ParseHeader(b)
	if err != nil {
		l.Damage = err.Error()
	}
	if h.Size == 0 {
		l.Fields = []packets.Field{table.Fields[cut].At(0, 8*len(b), fmt.Sprintf("% x", b), "The header is not whole: what follows is not here.")}
		l.Summary = "the beginning of a frame's header, " + packets.Bytes(len(b))
		return []packets.Layer{l}
	}
	o.h = h
	l.Fields = o.fields()
	l.Summary = o.summary()
	return []packets.Layer{l}
}

type opened struct {
	b     []byte
	h     Header
	v     View
	plain []byte // the payload that is here, unmasked
}

func (o *opened) fields() (fs []packets.Field) {
	h := &o.h
	add := func(row int, bit, bits int, value, say string, kids ...packets.Field) {
		fs = append(fs, o.field(row, bit, bits, value, say, kids...))
	}
	add(fin, 0, 1, set(h.Fin), o.sayFin())
	add(rsv, 1, 3, fmt.Sprintf("%03b", h.RSV), o.sayRSV())
	add(opcode, 4, 4, fmt.Sprintf("%d, %s", uint8(h.Opcode), h.Opcode), sayOpcode(h.Opcode))
	add(mask, 8, 1, set(h.Masked), o.sayMask())
	at := 16
	switch h.Short {
	case 126:
		add(length7, 9, 7, "126", "The length did not fit here: it follows in 16 bits.")
		add(length16, at, 16, packets.Bytes(h.Len), o.sayLength())
		at += 16
	case 127:
		add(length7, 9, 7, "127", "The length did not fit here: it follows in 64 bits.")
		add(length64, at, 64, packets.Bytes(h.Len), o.sayLength())
		at += 64
	default:
		add(length7, 9, 7, packets.Bytes(h.Len), o.sayLength())
	}
	if h.Masked {
		add(key, at, 32, fmt.Sprintf("% x", h.Key), sayKey(h))
		at += 32
	}
	o.plain = append([]byte(nil), o.b[h.Size:min(uint64(len(o.b)), uint64(h.Size)+h.Len)]...)
	if len(o.plain) == 0 {
		return fs
	}
	row := payload
	if h.Masked {
		row = masked
		Mask(h.Key, 0, o.plain)
	}
	add(row, at, 8*len(o.plain), o.text(), o.sayPayload(), o.closing(at)...)
	return fs
}

// field is a row of the table as this frame has it.
func (o *opened) field(row int, bit, bits int, value, say string, kids ...packets.Field) packets.Field {
	f := table.Fields[row].At(bit, bits, value, say, kids...)
	f.Raw = packets.Bits(o.b, bit, bits)
	return f
}

// closing are the code and the reason in the payload of a close frame. Their
// numbers are those after the unmasking.
func (o *opened) closing(at int) (kids []packets.Field) {
	if o.h.Opcode != Close || len(o.plain) < 2 {
		return nil
	}
	n := binary.BigEndian.Uint16(o.plain)
	kid := table.Fields[code].At(at, 16, fmt.Sprint(n), sayCode(n))
	kid.Raw = uint64(n)
	kids = append(kids, kid)
	if words := o.plain[2:]; len(words) > 0 {
		kids = append(kids, table.Fields[reason].At(at+16, 8*len(words), packets.Text(words, 64), "A reason for people; programs go by the code."))
	}
	return kids
}

// text is the payload as people read it.
func (o *opened) text() string {
	if o.h.Opcode == Binary || o.v.Compressed || o.h.Opcode == Close || o.h.Opcode == Continuation && o.v.Message == Binary {
		const most = 16
		if len(o.plain) > most {
			return fmt.Sprintf("% x…", o.plain[:most])
		}
		return fmt.Sprintf("% x", o.plain)
	}
	return packets.Text(o.plain, 64)
}

func (o *opened) summary() string {
	h := &o.h
	s := h.Opcode.String() + ", " + packets.Bytes(h.Len)
	if h.Opcode == Close && len(o.plain) >= 2 {
		n := binary.BigEndian.Uint16(o.plain)
		s = fmt.Sprintf("close with code %d, %s", n, CloseText(n))
		if len(o.plain) > 2 {
			s += ": " + packets.Text(o.plain[2:], 48)
		}
	}
	if o.v.Compressed {
		s += ", compressed"
	}
	if h.Masked {
		s += fmt.Sprintf(", masked with % x", h.Key)
	}
	if !h.Fin && h.Opcode != Continuation {
		s += ", more of the message follows"
	}
	if len(o.plain) > 0 && h.Opcode != Close {
		s += ": " + o.text()
	}
	return s
}

func set(b bool) string {
	if b {
		return "set"
	}
	return "not set"
}
