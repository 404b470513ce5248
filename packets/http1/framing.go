package http1

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"wirelab/packets"
)

// A Framing is how the reader of a message knows where its content ends (RFC
// 9112 section 6.3).
type Framing uint8

// The framings.
const (
	NoContent  Framing = iota // there is none
	Counted                   // Content-Length says how much
	Chunked                   // it comes in chunks, and the last one says so
	UntilClose                // it ends with the connection
	Switched                  // what follows is no HTTP: another protocol, or a tunnel
)

// Framing says how the content of h ends, and how long it is if it is Counted.
// method is that of the request that a response answers; empty if it is not
// known.
func (h *Head) Framing(method string) (f Framing, length int64, err error) {
	switch {
	case h.Request:
	case method == "HEAD", h.Status == 204, h.Status == 304, h.Interim():
		return NoContent, 0, nil
	case h.Status == 101, method == "CONNECT" && h.Status < 300:
		return Switched, 0, nil
	}
	if h.Get("Transfer-Encoding") != "" {
		return h.coded()
	}
	length, ok, err := h.length()
	switch {
	case err != nil:
		return NoContent, 0, err
	case ok:
		return Counted, length, nil
	case h.Request:
		return NoContent, 0, nil
	}
	return UntilClose, 0, nil
}

// coded is the framing of a message with Transfer-Encoding, which counts more
// than a Content-Length. (RFC 9112 section 6.1: both together are an error of
// the sender, or an attack.)
func (h *Head) coded() (Framing, int64, error) {
	last, n := "", 0
	for coding := range h.List("Transfer-Encoding") {
		coding, _, _ = strings.Cut(coding, ";")
		if last = strings.ToLower(strings.TrimSpace(coding)); last == "chunked" {
			n++
		}
	}
	switch {
	case h.Minor == 0:
		return NoContent, 0, errors.New("HTTP/1.0 has no Transfer-Encoding, so that nobody can tell where it ends (RFC 9112 section 6.1)")
	case last == "chunked" && n == 1:
		return Chunked, 0, nil
	case n > 0:
		return NoContent, 0, errors.New("chunked is not the last of its transfer codings, or stands there twice (RFC 9112 section 6.1)")
	case h.Request:
		return NoContent, 0, errors.New("its transfer coding does not say where a request ends (RFC 9112 section 6.3)")
	}
	return UntilClose, 0, nil
}

// maxLength bounds a Content-Length, so that no sum overflows.
const maxLength = 1 << 62

// length reads Content-Length. The same number several times is one.
func (h *Head) length() (n int64, ok bool, err error) {
	for member := range h.List("Content-Length") {
		v, err := strconv.ParseUint(member, 10, 62)
		if err != nil || member[0] == '+' || v > maxLength {
			return 0, false, fmt.Errorf("its Content-Length is no number of bytes (RFC 9110 section 8.6): %s", packets.Text([]byte(member), 30))
		}
		if ok && int64(v) != n {
			return 0, false, errors.New("it has two Content-Lengths that differ (RFC 9112 section 6.3)")
		}
		n, ok = int64(v), true
	}
	return n, ok, nil
}

// maxChunkLine is how many bytes the line before a chunk may have.
const maxChunkLine = 4096

// chunkSize reads the line before a chunk, without its end (RFC 9112 section
// 7.1). What stands behind a semicolon is an extension; nobody uses them.
func chunkSize(line string) (int64, error) {
	size, extension, _ := strings.Cut(line, ";")
	size = strings.TrimRight(size, " \t")
	if size == "" || len(size) > 15 || strings.Trim(strings.ToLower(size), "0123456789abcdef") != "" {
		return 0, fmt.Errorf("the length of a chunk is no hex number (RFC 9112 section 7.1): %s", packets.Text([]byte(line), 30))
	}
	if i := control(extension); i >= 0 {
		return 0, fmt.Errorf("the extension of a chunk holds the byte 0x%02x (RFC 9112 section 7.1.1)", extension[i])
	}
	return strconv.ParseInt(size, 16, 64)
}
