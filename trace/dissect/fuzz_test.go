package dissect

import (
	"slices"
	"strings"
	"testing"

	"wirelab/packets/flow"
)

// FuzzStreams holds strangers' streams to what holds for all: no panic, the same
// rows whichever direction comes first and however it is cut, and every row can
// be laid open.
func FuzzStreams(f *testing.F) {
	for _, c := range conversations() {
		if len(c.client)+len(c.server) < 10000 {
			f.Add(c.client, c.server)
		}
	}
	f.Fuzz(func(t *testing.T, client, server string) {
		if len(client)+len(server) > 1<<16 {
			return
		}
		end := func(e int, text string) piece { return piece{e, flow.Piece{At: int64(len(text)), End: true}} }
		want := fed([]piece{{0, flow.Piece{Data: []byte(client)}}, end(0, client), {1, flow.Piece{Data: []byte(server)}}, end(1, server)})
		if got := fed(slices.Concat(bytewise(1, server), bytewise(0, client))); !slices.Equal(got, want) {
			t.Errorf("the server first, byte by byte:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
		tr := whole(client, server)
		if got := read(t, tr); !slices.Equal(got, want) {
			t.Errorf("as a trace:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
		x := NewIndex(tr)
		for i := range tr.Messages {
			o, off := x.Open(i), 0
			for _, l := range o.Layers {
				off += l.Len
			}
			if off != len(o.Bytes) {
				t.Errorf("row %d: its layers have %d bytes of %d", i, off, len(o.Bytes))
			}
		}
	})
}
