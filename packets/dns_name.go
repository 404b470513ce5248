package packets

import (
	"errors"
	"fmt"
	"strings"
)

// Names on the wire (RFC 1035 sections 3.1 and 4.1.4): labels, each behind a
// byte with its length, to a label of no length, or to two bytes that point
// back at an earlier place where the name goes on.
//
//	03 w w w 07 e x a m p l e 00     www.example
//	04 m a i l c0 10                 mail, and on with what stands at 16
//
// As text they have dots between the labels and none at the end; the root is
// ".". A dot or a backslash in a label, and what is no printable ASCII, is
// written with a backslash (RFC 1035 section 5.1): "a\.b", "\255".
const (
	maxName  = 255 // bytes of a name on the wire, lengths counted
	maxLabel = 63
)

// readName reads the name at off of a message into text, which may be nil. It
// gives where the name ends there. Pointers may only point backward, ever
// further, so that they come to an end.
func readName(msg []byte, off int, text *strings.Builder) (end int, err error) {
	length, lowest := 0, off
	for at := off; ; {
		if at >= len(msg) {
			return 0, errors.New("a name goes on behind the end")
		}
		n := int(msg[at])
		switch n >> 6 {
		case 0:
			if at+1+n > len(msg) {
				return 0, errors.New("a name goes on behind the end")
			}
			if length += 1 + n; length > maxName {
				return 0, fmt.Errorf("a name is longer than %d bytes", maxName)
			}
			at++
			if n == 0 {
				if text != nil && length == 1 {
					text.WriteByte('.')
				}
				return max(end, at), nil
			}
			if text != nil {
				if length > 1+n {
					text.WriteByte('.')
				}
				writeLabel(text, msg[at:at+n])
			}
			if at += n; end > 0 {
				continue
			}
		case 3:
			if at+2 > len(msg) {
				return 0, errors.New("a name goes on behind the end")
			}
			to := n&0x3f<<8 | int(msg[at+1])
			if to >= lowest {
				return 0, fmt.Errorf("a name points to byte %d, which is not before it", to)
			}
			end = max(end, at+2)
			at, lowest = to, to
		default:
			return 0, fmt.Errorf("a label has the kind %02b, which is not in use", n>>6)
		}
	}
}

func writeLabel(text *strings.Builder, label []byte) {
	for _, c := range label {
		switch {
		case c == '.' || c == '\\':
			text.WriteByte('\\')
			text.WriteByte(c)
		case c <= ' ' || c > '~':
			fmt.Fprintf(text, `\%03d`, c)
		default:
			text.WriteByte(c)
		}
	}
}

// nameAt is the name at off of a message as text, or "" if there is none.
func nameAt(msg []byte, off int) string {
	var text strings.Builder
	if _, err := readName(msg, off, &text); err != nil {
		return ""
	}
	return text.String()
}

// appendName writes a name. Names that ended the same way before are pointed
// at: ends knows where, by what follows on the wire; nil compresses nothing.
func appendName(b []byte, name string, ends map[string]int) ([]byte, error) {
	wire, err := nameBytes(name)
	if err != nil {
		return nil, fmt.Errorf("name %q: %w", name, err)
	}
	for len(wire) > 1 {
		if at, ok := ends[string(wire)]; ok {
			return append(b, 0xc0|byte(at>>8), byte(at)), nil
		}
		if ends != nil && len(b) < 0x4000 { // further no pointer reaches
			ends[string(wire)] = len(b)
		}
		n := 1 + int(wire[0])
		b, wire = append(b, wire[:n]...), wire[n:]
	}
	return append(b, 0), nil
}

// nameBytes is a name on the wire, without compression.
func nameBytes(name string) ([]byte, error) {
	if name == "." || name == "" {
		return []byte{0}, nil
	}
	var b []byte
	label := func(start int) error {
		switch n := len(b) - start - 1; {
		case n == 0:
			return errors.New("a label is empty")
		case n > maxLabel:
			return fmt.Errorf("a label has %d bytes, more than %d", n, maxLabel)
		default:
			b[start] = byte(n)
			return nil
		}
	}
	start := 0
	b = append(b, 0)
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '.':
			if err := label(start); err != nil {
				return nil, err
			}
			if i == len(name)-1 { // the dot that ends an absolute name
				return checkName(append(b, 0))
			}
			start = len(b)
			b = append(b, 0)
		case c == '\\':
			c, n, err := escaped(name[i+1:])
			if err != nil {
				return nil, err
			}
			b = append(b, c)
			i += n
		default:
			b = append(b, c)
		}
	}
	if err := label(start); err != nil {
		return nil, err
	}
	return checkName(append(b, 0))
}

func checkName(wire []byte) ([]byte, error) {
	if len(wire) > maxName {
		return nil, fmt.Errorf("it takes %d bytes, more than %d", len(wire), maxName)
	}
	return wire, nil
}

// escaped reads what stands behind a backslash: three digits, or one character.
func escaped(s string) (c byte, n int, err error) {
	digit := func(i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }
	switch {
	case digit(0) && digit(1) && digit(2):
		v := int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0')
		if v > 255 {
			return 0, 0, fmt.Errorf("\\%s is no byte", s[:3])
		}
		return byte(v), 3, nil
	case s == "" || digit(0):
		return 0, 0, errors.New("a backslash stands alone")
	}
	return s[0], 1, nil
}
