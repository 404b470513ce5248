package websocket

import "fmt"

// An Opcode says what a frame is (RFC 6455 section 5.2).
type Opcode uint8

// The opcodes. Those from 8 on are of control frames.
const (
	Continuation Opcode = 0
	Text         Opcode = 1
	Binary       Opcode = 2
	Close        Opcode = 8
	Ping         Opcode = 9
	Pong         Opcode = 10
)

// Control says whether the frame is about the connection, not a part of a
// message.
func (o Opcode) Control() bool { return o >= Close }

// known says whether an RFC gives the opcode a meaning.
func (o Opcode) known() bool { return o <= Binary || o >= Close && o <= Pong }

func (o Opcode) String() string {
	switch o {
	case Continuation:
		return "continuation"
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	}
	return fmt.Sprintf("reserved opcode %d", uint8(o))
}

// The codes with which an endpoint closes (RFC 6455 section 7.4.1).
const (
	CloseNormal       = 1000
	CloseGoingAway    = 1001
	CloseProtocol     = 1002
	CloseUnsupported  = 1003
	closeNone         = 1005 // never in a frame
	closeAbnormal     = 1006 // never in a frame
	CloseInvalid      = 1007
	ClosePolicy       = 1008
	CloseTooBig       = 1009
	CloseExtension    = 1010
	CloseError        = 1011
	closeRestart      = 1012 // IANA's registry
	closeTryAgain     = 1013
	closeBadGateway   = 1014
	closeTLSHandshake = 1015 // never in a frame
)

// CloseText says in words what a code means.
func CloseText(code uint16) string {
	switch code {
	case CloseNormal:
		return "normal closure: what the connection was for is done"
	case CloseGoingAway:
		return "going away: a server stops, or a page is left"
	case CloseProtocol:
		return "protocol error: the other side broke a rule"
	case CloseUnsupported:
		return "unsupported data: a type of message that it cannot take"
	case closeNone, closeAbnormal, closeTLSHandshake:
		return "a code for programs only, which no frame may carry"
	case CloseInvalid:
		return "invalid payload: text that is no UTF-8, for example"
	case ClosePolicy:
		return "policy violation: a message that its rules do not allow"
	case CloseTooBig:
		return "message too big"
	case CloseExtension:
		return "mandatory extension: the server did not agree to one that the client needs"
	case CloseError:
		return "internal error: the server met something unexpected"
	case closeRestart:
		return "service restart"
	case closeTryAgain:
		return "try again later"
	case closeBadGateway:
		return "bad gateway"
	}
	switch {
	case code >= 3000 && code < 4000:
		return "a code that a library or framework has registered"
	case code >= 4000 && code < 5000:
		return "a code that the two programs have agreed on"
	}
	return "a code without a meaning"
}

// Sendable says whether a frame may carry a code (RFC 6455 section 7.4).
func Sendable(code uint16) bool {
	switch code {
	case closeNone, closeAbnormal, closeTLSHandshake, 1004:
		return false
	}
	return code >= CloseNormal && code <= closeBadGateway || code >= 3000 && code < 5000
}
