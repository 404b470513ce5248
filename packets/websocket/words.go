package websocket

import (
	"fmt"
	"unicode/utf8"

	"wirelab/packets"
)

func (o *opened) sayFin() string {
	switch {
	case o.h.Opcode.Control() && o.h.Fin:
		return "A frame about the connection is always whole."
	case o.h.Opcode.Control():
		return "A frame about the connection must be whole, and this one says that it is not."
	case o.h.Fin && o.h.Opcode == Continuation:
		return "The last frame of its message."
	case o.h.Fin:
		return "The whole message is in this frame."
	}
	return "More frames of this message follow. Between them only frames about the connection may come."
}

func (o *opened) sayRSV() string {
	switch {
	case o.h.RSV == 0 && o.v.Compressed:
		return "None is set. The message is compressed, which only its first frame says."
	case o.h.RSV == 0:
		return "None is set."
	case o.h.RSV == RSV1 && o.v.Compressed:
		return "RSV1 is set: the message is compressed, as was agreed in the handshake (RFC 7692)."
	}
	return "Set, and nothing was agreed that gives this a meaning: the receiver must fail the connection."
}

func sayOpcode(o Opcode) string {
	switch o {
	case Continuation:
		return "The next part of the message that an earlier frame began."
	case Text:
		return "A message of text, which must be UTF-8."
	case Binary:
		return "A message of bytes; what they mean is up to the programs."
	case Close:
		return "Its sender sends nothing more. The other side answers with a close frame, and then the server closes the TCP connection."
	case Ping:
		return "The other side must answer with a pong that brings the same payload back. It shows that the connection lives, and keeps it open."
	case Pong:
		return "The answer to a ping, with its payload; or a sign of life that nobody asked for."
	}
	return "No RFC gives this number a meaning: the receiver must fail the connection."
}

func (o *opened) sayMask() string {
	switch {
	case o.h.Masked && o.v.Client:
		return "The payload is masked: a client must do that, so that no page can make it send bytes that a proxy takes for HTTP."
	case o.h.Masked:
		return "The payload is masked, which a server must not do: the client fails the connection."
	case o.v.Client:
		return "The payload is not masked, which a client must do: the server fails the connection."
	}
	return "The payload stands here as it is: a server does not mask."
}

func (o *opened) sayLength() string {
	n := packets.Bytes(o.h.Len) + " of payload follow"
	if o.h.Len == 1 {
		n = "1 byte of payload follows"
	}
	switch {
	case o.h.Len == 0:
		return "No payload follows."
	case !o.h.minimal():
		return n + ". That would have fitted into fewer bytes, and must be written in the fewest."
	case uint64(len(o.b)-o.h.Size) < o.h.Len:
		return n + ", of which " + packets.Bytes(len(o.b)-o.h.Size) + " are here."
	}
	return n + ", and then the next frame."
}

func sayKey(h *Header) string {
	if h.Key == [4]byte{} {
		return "A key of zeros changes nothing: the payload stands on the wire as it is."
	}
	return "Byte 0 of the payload is XORed with the first byte of the key, byte 1 with the second, byte 4 with the first again. The key stands here for all to see: it hides nothing."
}

func (o *opened) sayPayload() string {
	what := "The " + o.v.Message.String() + " message"
	switch {
	case o.h.Opcode.Control():
		what = "What the " + o.h.Opcode.String() + " carries"
	case !o.h.Fin || o.h.Opcode == Continuation:
		what = "A part of the " + o.v.Message.String() + " message"
	}
	if uint64(len(o.plain)) < o.h.Len {
		what += ", as far as it is here"
	}
	if o.v.Compressed {
		what += ", compressed with DEFLATE; it can be read only together with what came before it"
	}
	if o.h.Masked {
		i := 0
		what += fmt.Sprintf(". On the wire its first byte is %02x: %02x XOR %02x = %02x", o.b[o.h.Size], o.b[o.h.Size], o.h.Key[i], o.plain[i])
		if c := o.plain[i]; c > 0x20 && c < utf8.RuneSelf-1 && !o.v.Compressed {
			what += fmt.Sprintf(", %q", string(rune(c)))
		}
	}
	return what + "."
}

func sayCode(n uint16) string {
	say := fmt.Sprintf("%d is %s.", n, CloseText(n))
	if !Sendable(n) {
		say += " Such a code in a frame is an error."
	}
	return say
}
