package http1

import (
	"bytes"
	"strings"
)

// A Guess is what the beginning of a stream looks like.
type Guess uint8

// The guesses.
const (
	TooShort Guess = iota // more bytes are needed
	NoHTTP
	LooksRequest
	LooksResponse
)

// methods are those of RFC 9110 section 9, and PATCH (RFC 5789).
var methods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// sniffed is how many bytes a first line may have to be taken for HTTP.
const sniffed = 64 << 10

// Sniff guesses what the first bytes of a stream are, whatever its port. It goes
// by the first line: one that names the version is meant as HTTP, also if it is
// wrong.
func Sniff(b []byte) Guess {
	const status = "HTTP/1."
	if n := min(len(b), len(status)); string(b[:n]) == status[:n] {
		if n == len(status) {
			return LooksResponse
		}
		return TooShort
	}
	b = bytes.TrimLeft(b, "\r\n")
	if !maybeMethod(b) {
		return NoHTTP
	}
	switch end := bytes.IndexByte(b[:min(len(b), sniffed)], '\n'); {
	case end >= 0 && bytes.Contains(b[:end], []byte(" HTTP/1.")):
		return LooksRequest
	case end >= 0 || len(b) >= sniffed:
		return NoHTTP
	}
	return TooShort
}

// maybeMethod says whether b begins with a method and a space, or with the
// beginning of that.
func maybeMethod(b []byte) bool {
	for _, m := range methods {
		m += " "
		if n := min(len(b), len(m)); strings.HasPrefix(m, string(b[:n])) {
			return true
		}
	}
	return false
}
