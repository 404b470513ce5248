package websocket

import "unicode/utf8"

// A textCheck finds out whether bytes that come in pieces are UTF-8.
type textCheck struct {
	rest [utf8.UTFMax]byte // the beginning of a character
	n    int
	bad  bool
}

// add takes the next bytes.
func (c *textCheck) add(b []byte) {
	for c.n > 0 && len(b) > 0 && !c.bad {
		c.rest[c.n] = b[0]
		c.n, b = c.n+1, b[1:]
		if utf8.FullRune(c.rest[:c.n]) {
			c.bad = !utf8.Valid(c.rest[:c.n])
			c.n = 0
		}
	}
	if c.bad || len(b) == 0 {
		return
	}
	whole := len(b) // without a character that is not all here yet
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				whole = i
			}
			break
		}
	}
	if c.bad = !utf8.Valid(b[:whole]); !c.bad {
		c.n = copy(c.rest[:], b[whole:])
	}
}

// done says whether all of it was UTF-8, and starts anew.
func (c *textCheck) done() bool {
	ok := !c.bad && c.n == 0
	*c = textCheck{}
	return ok
}
