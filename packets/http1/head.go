package http1

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"

	"wirelab/packets"
)

// MaxHead is how many bytes of start line and fields a message may have, or of
// trailer fields.
const MaxHead = 256 << 10

// A Range is bytes [Lo, Hi) of a message.
type Range struct{ Lo, Hi int }

// A Field is a field line (RFC 9112 section 5).
type Field struct {
	Name, Value string // the value without the white space around it
	Line        Range  // with its end
	name, value Range
}

// Is says whether the field has that name; case does not matter (RFC 9110
// section 5.1).
func (f *Field) Is(name string) bool { return strings.EqualFold(f.Name, name) }

// A Head is what stands before the content of a message.
type Head struct {
	Request bool
	Minor   int    // of the version, HTTP/1.Minor
	Method  string // of a request
	Target  string // of a request: most often a path, and what is asked behind it
	Status  int    // of a response, from 100 to 999
	Reason  string // of a response; may be empty
	Fields  []Field
	Size    int // bytes, the empty line at its end among them

	line  Range
	parts [3]Range // of the start line
}

// Get returns the value of a field; of several lines with that name, all,
// with commas (RFC 9110 section 5.3).
func (h *Head) Get(name string) string {
	var all []string
	for i := range h.Fields {
		if f := &h.Fields[i]; f.Is(name) {
			all = append(all, f.Value)
		}
	}
	return strings.Join(all, ", ")
}

// List yields the members of a field that is a list (RFC 9110 section 5.6.1).
func (h *Head) List(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for member := range strings.SplitSeq(h.Get(name), ",") {
			if member = strings.Trim(member, " \t"); member != "" && !yield(member) {
				return
			}
		}
	}
}

// Has says whether a field that is a list has a member; case does not matter.
func (h *Head) Has(name, member string) bool {
	for m := range h.List(name) {
		if strings.EqualFold(m, member) {
			return true
		}
	}
	return false
}

// Upgrades says whether a request asks for another protocol on this connection,
// or a response switches to it (RFC 9110 section 7.8).
func (h *Head) Upgrades() bool {
	if h.Request {
		return h.Has("Connection", "Upgrade") && h.Get("Upgrade") != "" && h.Minor >= 1
	}
	return h.Status == 101
}

// Interim says whether a response only announces another one (RFC 9110 section
// 15.2). After 101 the connection is no longer HTTP.
func (h *Head) Interim() bool { return !h.Request && h.Status < 200 && h.Status != 101 }

// StartLine is the start line without its end.
func (h *Head) StartLine() string {
	if h.Request {
		return fmt.Sprintf("%s %s HTTP/1.%d", h.Method, h.Target, h.Minor)
	}
	return strings.TrimSuffix(fmt.Sprintf("HTTP/1.%d %d %s", h.Minor, h.Status, h.Reason), " ")
}

// A headReader reads a head line by line.
type headReader struct {
	head  Head
	buf   []byte
	begun bool // the start line has been read
	line  int  // where the line begins that is being read
}

// errLong says that a head is too long.
var errLong = fmt.Errorf("its head has more than %s", packets.Bytes(MaxHead))

// next takes bytes up to the end of the head, and says whether it is there.
func (r *headReader) next(b []byte) (n int, done bool, err error) {
	for n < len(b) {
		room := b[n:min(len(b), n+MaxHead-len(r.buf))]
		if i := bytes.IndexByte(room, '\n'); i >= 0 {
			room = room[:i+1]
		}
		r.buf = append(r.buf, room...)
		n += len(room)
		if r.buf[len(r.buf)-1] == '\n' {
			if done, err = r.endLine(); done || err != nil {
				return n, done, err
			}
		}
		if len(r.buf) == MaxHead {
			return n, false, errLong
		}
	}
	return n, false, nil
}

// endLine reads the line that has just ended.
func (r *headReader) endLine() (done bool, err error) {
	whole := Range{r.line, len(r.buf)}
	r.line = whole.Hi
	text := Range{whole.Lo, whole.Hi - 1}
	if text.Hi > text.Lo && r.buf[text.Hi-1] == '\r' {
		text.Hi--
	}
	empty := text.Hi == text.Lo
	switch {
	case empty && !r.begun && r.head.Request: // RFC 9112 section 2.2
		r.buf, r.line = r.buf[:0], 0
		return false, nil
	case empty && !r.begun:
		return false, errors.New("an empty line where a status line should be (RFC 9112 section 4)")
	case empty:
		r.head.Size = len(r.buf)
		return true, nil
	case !r.begun:
		r.begun = true
		r.head.line = whole
		if r.head.Request {
			return false, r.head.requestLine(r.buf, text)
		}
		return false, r.head.statusLine(r.buf, text)
	}
	f, err := fieldLine(r.buf, text)
	f.Line = whole
	r.head.Fields = append(r.head.Fields, f)
	return false, err
}

// ParseHead reads the head that b begins with. Its Size is 0 if b does not have
// all of it.
func ParseHead(b []byte, request bool) (Head, error) {
	r := headReader{head: Head{Request: request}}
	_, _, err := r.next(b)
	return r.head, err
}

// requestLine reads the first line of a request (RFC 9112 section 3).
func (h *Head) requestLine(b []byte, at Range) error {
	line := string(b[at.Lo:at.Hi])
	method, rest, ok := strings.Cut(line, " ")
	target, version, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 || !token(method) || target == "" {
		return fmt.Errorf("its first line is no method, target and version with a space between (RFC 9112 section 3): %s", packets.Text([]byte(line), 40))
	}
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c == 0x7f {
			return fmt.Errorf("its target holds the byte 0x%02x (RFC 9112 section 3.2)", c)
		}
	}
	minor, err := readVersion(version)
	if err != nil {
		return err
	}
	h.Method, h.Target, h.Minor = method, target, minor
	first, second := at.Lo+len(method), at.Lo+len(method)+1+len(target)
	h.parts = [3]Range{{at.Lo, first}, {first + 1, second}, {second + 1, at.Hi}}
	return nil
}

// statusLine reads the first line of a response (RFC 9112 section 4). The space
// behind the status may be missing if there is no reason: many servers forget it.
func (h *Head) statusLine(b []byte, at Range) error {
	line := string(b[at.Lo:at.Hi])
	version, rest, ok := strings.Cut(line, " ")
	if !ok || len(rest) < 3 || len(rest) > 3 && rest[3] != ' ' {
		return fmt.Errorf("its first line is no version, status and reason with a space between (RFC 9112 section 4): %s", packets.Text([]byte(line), 40))
	}
	minor, err := readVersion(version)
	if err != nil {
		return err
	}
	for _, c := range []byte(rest[:3]) {
		if c < '0' || c > '9' {
			return fmt.Errorf("its status %s is no number of three digits (RFC 9112 section 4)", packets.Text([]byte(rest[:3]), 3))
		}
		h.Status = h.Status*10 + int(c-'0')
	}
	if h.Status < 100 {
		return fmt.Errorf("its status is %03d, and none is below 100 (RFC 9110 section 15)", h.Status)
	}
	h.Minor, h.Reason = minor, rest[min(4, len(rest)):]
	if i := control(h.Reason); i >= 0 {
		return fmt.Errorf("its reason holds the byte 0x%02x (RFC 9112 section 4)", h.Reason[i])
	}
	code := at.Lo + len(version) + 1
	h.parts = [3]Range{{at.Lo, code - 1}, {code, code + 3}, {at.Hi - len(h.Reason), at.Hi}}
	return nil
}

// readVersion reads HTTP/1.x (RFC 9112 section 2.3).
func readVersion(text string) (minor int, err error) {
	digit, ok := strings.CutPrefix(text, "HTTP/1.")
	if !ok || len(digit) != 1 || digit[0] < '0' || digit[0] > '9' {
		return 0, fmt.Errorf("its version is not HTTP/1.0 or HTTP/1.1 (RFC 9112 section 2.3): %s", packets.Text([]byte(text), 20))
	}
	return int(digit[0] - '0'), nil
}

// fieldLine reads a field line (RFC 9112 section 5).
func fieldLine(b []byte, at Range) (f Field, err error) {
	line := string(b[at.Lo:at.Hi])
	name, value, ok := strings.Cut(line, ":")
	switch {
	case line[0] == ' ' || line[0] == '\t':
		return f, errors.New("a field line is folded, which is no longer allowed (RFC 9112 section 5.2)")
	case !ok:
		return f, fmt.Errorf("a field line has no colon (RFC 9112 section 5): %s", packets.Text([]byte(line), 40))
	case strings.TrimRight(name, " \t") != name:
		return f, fmt.Errorf("white space stands before the colon of the field %s (RFC 9112 section 5.1)", packets.Text([]byte(name), 40))
	case !token(name):
		return f, fmt.Errorf("a field has a name that cannot be (RFC 9110 section 5.1): %s", packets.Text([]byte(name), 40))
	}
	if i := control(value); i >= 0 {
		return f, fmt.Errorf("the field %s holds the byte 0x%02x (RFC 9110 section 5.5)", name, value[i])
	}
	f.name = Range{at.Lo, at.Lo + len(name)}
	left := strings.TrimLeft(value, " \t")
	f.value.Lo = at.Hi - len(left)
	f.Name, f.Value = name, strings.TrimRight(left, " \t")
	f.value.Hi = f.value.Lo + len(f.Value)
	return f, nil
}

// control finds a byte that may stand in no field, or -1. A CR that does not end
// its line is one.
func control(s string) int {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return i
		}
	}
	return -1
}

// token says whether s is a word in the sense of RFC 9110 section 5.6.2.
func token(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0 {
			continue
		}
		return false
	}
	return s != ""
}
