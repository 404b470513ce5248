package scenario

import (
	"crypto/sha256"
	"fmt"
	"os"
)

// maxText is the longest message given as text, in bytes: a saved capture
// carries its Scenario in a comment, which has its limits.
const maxText = 8192

// MessageArgs are the words with which every exchange says what its client
// sends; Message reads them.
func MessageArgs(defaultSize int) []Arg {
	return []Arg{
		{Name: "message", Kind: Text, Help: "text that the client sends, instead of --size bytes"},
		{Name: "size", Kind: Size, Default: FormatSize(int64(defaultSize)), Help: "bytes of each message"},
		{Name: "file", Kind: File, Help: "file whose bytes the client sends, instead of --size bytes"},
		{Name: "file-sha256", Kind: Text, Hidden: true, Help: "what the file's SHA-256 must be; noted by itself, so that a replay sends the same bytes"},
	}
}

// Reply returns what the server of s answers to a message: the same, so many
// bytes, or nothing.
func Reply(s *Scenario, message []byte) []byte {
	switch s.Args["reply"] {
	case "none":
		return nil
	case "echo":
		return message
	}
	return Ruler(s.Size("reply"))
}

// Message returns what the client of s sends, at most so many bytes, where the
// message has defaultSize bytes if nothing else is said.
func Message(s *Scenario, defaultSize, most int) ([]byte, error) {
	given := 0
	for _, name := range []string{"message", "size", "file"} {
		if v := s.Args[name]; v != "" && (name != "size" || v != FormatSize(int64(defaultSize))) {
			given++
		}
	}
	switch {
	case given > 1:
		return nil, fmt.Errorf("message, size and file each say what to send; give one of them")
	case given == 1 && s.Args["size"] == FormatSize(int64(defaultSize)):
		delete(s.Args, "size") // the default gives way
	}
	if text := s.Args["message"]; text != "" {
		if len(text) > min(most, maxText) {
			return nil, fmt.Errorf("message: %d bytes of text are more than the %d that fit here; put them into a file and write --file", len(text), min(most, maxText))
		}
		return []byte(text), nil
	}
	if path := s.Args["file"]; path != "" {
		return file(s, path, most)
	}
	n := s.Size("size")
	if n < 1 || n > most {
		return nil, fmt.Errorf("size: %s cannot be; a message has from 1 byte to %s", s.Args["size"], FormatSize(int64(most)))
	}
	return Ruler(n), nil
}

// file reads the message from a file, and notes or checks its hash: the same
// Scenario must send the same bytes.
func file(s *Scenario, path string, most int) ([]byte, error) {
	b, err := regular(path, most)
	if err != nil {
		return nil, InputError{Err: fmt.Errorf("file: %w", err)}
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(b))
	switch want := s.Args["file-sha256"]; want {
	case "":
		s.Args["file-sha256"] = sum
	case sum:
	default:
		return nil, InputError{Err: fmt.Errorf("file: %s has changed since this Scenario was made; its SHA-256 is %s and should be %s", path, sum, want)}
	}
	return b, nil
}

// regular reads a file that is neither a folder nor a device, empty, or too
// long for a message.
func regular(path string, most int) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case info.Size() < 1 || info.Size() > int64(most):
		return nil, fmt.Errorf("%s has %d bytes; a message has from 1 byte to %s", path, info.Size(), FormatSize(int64(most)))
	}
	return os.ReadFile(path)
}

// Ruler returns n bytes that say where they are: the numbers end at the byte
// that they name, as on a ruler.
func Ruler(n int) []byte {
	const step = 10
	b := make([]byte, (n+step-1)/step*step)
	for at := step; at <= len(b); at += step {
		part := b[at-step : at]
		i := step
		for v := at; v > 0 && i > 0; v /= 10 {
			i--
			part[i] = '0' + byte(v%10)
		}
		for i > 0 {
			i--
			part[i] = '-'
		}
	}
	return b[:n]
}
