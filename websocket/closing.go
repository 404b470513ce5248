package websocket

import (
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"

	gorilla "github.com/gorilla/websocket"

	frames "wirelab/packets/websocket"
)

// unreadable says what an error in the middle of a message means: bytes that
// cannot be decompressed are not what they claim to be.
func unreadable(err error) error {
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) {
		return &RuleError{frames.CloseInvalid, "the message cannot be decompressed"}
	}
	return err
}

// Close sends a close frame. Serve then returns when the other side has
// answered it.
func (c *Conn) Close(code uint16, reason string) error {
	closed := &Closed{Code: code, Reason: reason, Here: true}
	return c.env.Call("close", func() (string, error) { return closed.Words(), c.sendClose(code, reason) })
}

// sendClose sends a close frame, once.
func (c *Conn) sendClose(code uint16, reason string) error {
	if c.closed.Swap(true) {
		return nil
	}
	var payload []byte
	if code != gorilla.CloseNoStatusReceived {
		payload = append(binary.BigEndian.AppendUint16(nil, code), reason...)
	}
	err := c.ws.WriteControl(gorilla.CloseMessage, payload, c.env.Now().Add(closeWait))
	if errors.Is(err, gorilla.ErrCloseSent) {
		return nil
	}
	if err == nil {
		// The answer is to come in time.
		err = c.ws.SetReadDeadline(c.env.Now().Add(closeWait))
	}
	return err
}

// onClose answers the close frame of the other side with the same code, if
// it is not itself the answer to one.
func (c *Conn) onClose(code int, reason string) error {
	closed := &Closed{Code: uint16(code), Reason: reason}
	return c.env.Call("on close", func() (string, error) {
		if c.closed.Load() {
			return closed.Words() + ", in answer to its own", nil
		}
		return closed.Words() + ", and answers with the same", c.sendClose(uint16(code), "")
	})
}

// finish ends the connection after err, and says in this package's words how it
// ended.
func (c *Conn) finish(err error) error {
	defer c.guard.Conn.Close()
	here := c.closed.Load()
	var rule *RuleError
	var closed *gorilla.CloseError
	switch {
	case errors.As(err, &closed) && closed.Code != gorilla.CloseAbnormalClosure:
		if !c.server {
			c.drain() // the server is the one to close the TCP connection
		}
		return &Closed{Code: uint16(closed.Code), Reason: closed.Text, Here: here}
	case errors.As(err, &rule):
		if here {
			return &Closed{Code: rule.Code, Reason: rule.Rule, Here: true}
		}
		if err := c.Close(rule.Code, short(rule.Rule)); err != nil {
			return err
		}
		// A connection that is closed with bytes unread is reset, and a reset may
		// overtake the close frame: say that nothing more comes, and read on.
		if half, ok := c.guard.Conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
			c.drain()
		}
		return &Closed{Code: rule.Code, Reason: rule.Rule, Here: true}
	case errors.As(err, &closed) || errors.Is(err, io.EOF):
		_ = c.env.Call("on close", func() (string, error) { return "TCP has ended and no close frame came: 1006", nil })
	}
	return err
}

// drain reads to the end of the TCP connection, but not for ever.
func (c *Conn) drain() {
	if c.guard.Conn.SetReadDeadline(c.env.Now().Add(closeWait)) == nil {
		var b [512]byte
		for {
			if _, err := c.guard.Conn.Read(b[:]); err != nil {
				return
			}
		}
	}
}

// maxReason is how many bytes of reason a close frame has room for (RFC 6455
// section 5.5).
const maxReason = frames.MaxControl - 2

// short is a reason cut to what fits.
func short(reason string) string {
	if len(reason) <= maxReason {
		return reason
	}
	cut := maxReason
	for !utf8.RuneStart(reason[cut]) {
		cut--
	}
	return reason[:cut]
}
