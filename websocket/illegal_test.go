package websocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	frames "wirelab/packets/websocket"
	"wirelab/scenario"
)

// Every illegal frame closes the connection with the code of its rule, and the
// client hears which.
func TestEveryIllegalFrameGetsItsCode(t *testing.T) {
	for _, f := range theIllegal() {
		for _, compress := range []bool{false, true} {
			if compress && f.name == "reserved-bit" {
				continue // the bit then has a meaning, and the text is what is wrong
			}
			s := scenario.Default(Exchange{})
			s.Args["illegal"] = f.name
			if compress {
				s.Args["compress"] = "true"
			}
			tr, err := scenario.Run(context.Background(), Exchange{}, s)
			if err != nil {
				t.Errorf("%s: %v", f.name, err)
				continue
			}
			want, closed, heard := fmt.Sprintf("%d ", f.code), "", ""
			for _, c := range tr.Calls {
				switch {
				case c.What == "close" && c.Note != "" && tr.Name(c.Host) == "server":
					closed = c.Note
				case c.What == "on close" && tr.Name(c.Host) == "client":
					heard = c.Note
				}
			}
			if !strings.HasPrefix(closed, want) || !strings.HasPrefix(heard, want) {
				t.Errorf("%s, compressed %v: the server closes with %q and the client hears %q, want %s", f.name, compress, closed, heard, want)
			}
		}
	}
}

// pieces is a connection on which bytes arrive in pieces of that length.
type pieces struct {
	guardless
	b []byte
	n int
}

// Read gives the next piece.
func (p *pieces) Read(b []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, errDone
	}
	n := copy(b, p.b[:min(p.n, len(p.b))])
	p.b = p.b[n:]
	return n, nil
}

var errDone = errors.New("no more")

// FuzzGuard holds the guard to this: which frames it lets pass and why it stops
// do not depend on the pieces in which bytes arrive, and the end of a frame that
// breaks a rule never passes.
func FuzzGuard(f *testing.F) {
	for _, i := range theIllegal() {
		f.Add(append(masked(0x81, []byte("good")), i.make()...), 1)
	}
	f.Add(append(masked(0x81, []byte("one")), masked(0x88, []byte{3, 232})...), 3)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if n < 1 || n > 4096 {
			n = 1
		}
		once, why := pass(b, len(b)+1)
		pieces, whyPieces := pass(b, n)
		if !bytes.HasPrefix(b, once) || !bytes.HasPrefix(b, pieces) {
			t.Errorf("%x became %x, and in pieces %x", b, once, pieces)
		}
		frames := whole(once)
		if !bytes.Equal(frames, whole(pieces)) || why != whyPieces {
			t.Errorf("at once %x, %s; in pieces of %d %x, %s", once, why, n, pieces, whyPieces)
		}
		if again, why := pass(frames, len(frames)+1); !bytes.Equal(again, frames) || why != errDone.Error() {
			t.Errorf("what passed, %x, passes as %x, %s", frames, again, why)
		}
	})
}

// whole is b without a frame at its end that is not whole.
func whole(b []byte) []byte {
	end := 0
	for {
		h, err := frames.ParseHeader(b[end:])
		if err != nil || h.Size == 0 || uint64(len(b)-end-h.Size) < h.Len {
			return b[:end]
		}
		end += h.Size + int(h.Len)
	}
}

// pass is what a guard of a server lets pass, and its last error.
func pass(b []byte, n int) (out []byte, why string) {
	g := newTestGuard(&pieces{b: b, n: n})
	for {
		buf := make([]byte, 4096)
		n, err := g.Read(buf)
		out = append(out, buf[:n]...)
		if err != nil {
			return out, err.Error()
		}
	}
}
