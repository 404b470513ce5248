package websocket

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"strings"

	"wirelab/packets"
)

// GUID is what a server appends to the client's key (RFC 6455 section 1.3): a
// number that nobody uses by chance.
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// Version is the only version of the protocol that an RFC describes (RFC 6455
// section 4.1).
const Version = 13

// keyLen is how many random bytes a client's key stands for.
const keyLen = 16

// Accept is what a server must answer in Sec-WebSocket-Accept to a
// Sec-WebSocket-Key: base64 of the SHA-1 of the key as it stands, not decoded,
// and the GUID behind it (RFC 6455 section 4.2.2).
func Accept(key string) string {
	sum := sha1.Sum([]byte(key + GUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// CheckKey says what is wrong with a Sec-WebSocket-Key: it must be 16 bytes in
// base64 (RFC 6455 section 4.1).
func CheckKey(key string) error {
	b, err := base64.StdEncoding.Strict().DecodeString(key)
	switch {
	case err != nil || strings.ContainsAny(key, "\r\n"):
		return fmt.Errorf("the key is no base64")
	case len(b) != keyLen:
		return fmt.Errorf("the key is %d bytes in base64, and must be %d", len(b), keyLen)
	}
	return nil
}

// SayKey says what a Sec-WebSocket-Key is for, and works the answer out.
func SayKey(key string) string {
	what := "16 random bytes in base64."
	if err := CheckKey(key); err != nil {
		what = "It should be 16 random bytes in base64, and is not: " + err.Error() + "."
	}
	return what + " The answer to it is not secret: " + sum(key) + ". It shows that who answers understands WebSocket, and keeps nobody out."
}

// SayAccept says what a Sec-WebSocket-Accept is, and whether it is right for a
// key; the key is empty if it is not known.
func SayAccept(accept, key string) string {
	switch {
	case key == "":
		return "The sum that the server made of the request's key; that key is not here, so it cannot be checked."
	case accept != Accept(key):
		return "This is not the answer to the request's key: " + sum(key) + ". The client must fail the connection."
	}
	return "The right answer to the request's key: " + sum(key) + "."
}

// sum works out the answer to a key.
func sum(key string) string {
	return fmt.Sprintf("the key %s with %s behind it has the SHA-1 % x, which in base64 is %s",
		packets.Text([]byte(key), 32), GUID, sha1.Sum([]byte(key+GUID)), Accept(key))
}
