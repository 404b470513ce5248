package inspect

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wirelab/packets"
	"wirelab/packets/capture"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
)

// captured are the frames of all captures that the project keeps.
func captured(t testing.TB) (all []Packet) {
	t.Helper()
	files, err := filepath.Glob("../../testdata/*.pcapng")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d captures: %v", len(files), err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := capture.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		for {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, Packet{
				From: filepath.Base(name), Number: len(all), Frame: rec.Frame,
				Layers: packets.Decode(rec.Frame, packets.LinkEthernet, packets.Context{}),
			})
		}
	}
	return all
}

// frames are the captured ones and those of the golden files.
func frames(t testing.TB) []Packet {
	all := captured(t)
	for name, open := range shown(t) {
		p := open().p
		p.From = name
		all = append(all, p)
	}
	return all
}

// reversed draws the pane without any colour and returns its characters, and
// which of them are reversed.
func reversed(p *Pane, w, h int) (text [][]rune, rev [][]bool) {
	mono, _ := paint.ThemeOf("mono")
	for line := range strings.SplitSeq(draw(p, w, h).Render(mono), "\n") {
		var chars []rune
		var marks []bool
		on := false
		for line != "" {
			if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
				sgr, after, _ := strings.Cut(rest, "m")
				on = slices.Contains(strings.Split(sgr, ";"), "7")
				line = after
				continue
			}
			r := []rune(line[:min(len(line), 4)])[0]
			chars, marks = append(chars, r), append(marks, on)
			line = line[len(string(r)):]
		}
		text, rev = append(text, chars), append(rev, marks)
	}
	return text, rev
}

// From the bytes to the fields: whatever byte the cursor is on, the field that
// is chosen has bits of it, no field inside of that has all of it, and the tree
// shows it.
func TestEveryByteChoosesAFieldThatHasIt(t *testing.T) {
	n := 0
	for _, packet := range frames(t) {
		p := New(packet)
		for at := range packet.Frame {
			p.chooseByte(at)
			c := &p.ix.nodes[p.chosen]
			if c.field == nil || c.lo >= 8*at+8 || c.hi <= 8*at || p.at != at {
				t.Fatalf("%s %d: byte %d chooses %s, bits %d to %d", packet.From, packet.Number, at, c.path, c.lo, c.hi)
			}
			for _, kid := range c.field.Kids {
				if lo := 8*c.layer.Off + kid.Bit; lo <= 8*at && 8*at+8 <= lo+kid.Bits {
					t.Fatalf("%s %d: byte %d chooses %s, and not %s in it, which has all of it", packet.From, packet.Number, at, c.path, kid.Key)
				}
			}
			if all := c.lo <= 8*at && 8*at+8 <= c.hi; !all && p.ix.nodes[c.parent].field != nil {
				t.Fatalf("%s %d: byte %d chooses %s, which has only a part of it", packet.From, packet.Number, at, c.path)
			}
			if p.rows[p.row()] != p.chosen {
				t.Fatalf("%s %d: the tree does not show %s", packet.From, packet.Number, c.path)
			}
			n++
		}
	}
	if n < 50_000 {
		t.Errorf("only %d bytes", n)
	}
}

// From the fields to the bytes: a field reverses its hexadecimal digits and the
// text of its bytes, and nothing else.
func TestEveryFieldReversesItsBytesAndNoOthers(t *testing.T) {
	seen := map[string]bool{}
	for _, packet := range frames(t) {
		p := New(packet)
		p.Do(keys.NextPane)
		p.Do(keys.Large)
		for _, l := range packet.Layers {
			each(l.Fields, func(f *packets.Field) {
				// What a field looks like follows from where it lies.
				where := fmt.Sprint(len(packet.Frame), 8*l.Off+f.Bit, f.Bits)
				if seen[where] {
					return
				}
				seen[where] = true
				choosePlace(t, p, &l, f)
				expectReversed(t, p, 8*l.Off+f.Bit, 8*l.Off+f.Bit+f.Bits)
			})
		}
	}
	if len(seen) < 500 {
		t.Errorf("only %d places", len(seen))
	}
}

func each(fields []packets.Field, do func(*packets.Field)) {
	for i := range fields {
		do(&fields[i])
		each(fields[i].Kids, do)
	}
}

// choosePlace chooses a field in the tree.
func choosePlace(t *testing.T, p *Pane, l *packets.Layer, f *packets.Field) {
	t.Helper()
	for i := range p.ix.nodes {
		if n := &p.ix.nodes[i]; n.field != nil && n.field.Key == f.Key && n.lo == 8*l.Off+f.Bit && n.hi == n.lo+f.Bits {
			p.choose(i)
			return
		}
	}
	t.Fatalf("no node for %s", f.Key)
}

// expectReversed compares what is reversed in a window that shows all bytes
// with bits [lo, hi).
func expectReversed(t *testing.T, p *Pane, lo, hi int) {
	t.Helper()
	frame := p.p.Frame
	text, rev := reversed(p, 80, len(frame)/16+8)
	for at, b := range frame {
		y, i := 3+at/16, at%16
		x := 7 + 3*i + i/8
		if got := string(text[y][x : x+2]); got != fmt.Sprintf("%02x", b) {
			t.Fatalf("byte %d is drawn as %q", at, got)
		}
		high, low := lo < 8*at+4 && hi > 8*at, lo < 8*at+8 && hi > 8*at+4
		if rev[y][x] != high || rev[y][x+1] != low || rev[y][58+i] != (high || low) {
			t.Fatalf("bits %d to %d: byte %d is reversed in hex %v %v, as text %v", lo, hi, at, rev[y][x], rev[y][x+1], rev[y][58+i])
		}
		if i > 0 && rev[y][x-1] != (lo < 8*at && hi > 8*at) {
			t.Fatalf("bits %d to %d: what is before byte %d is reversed: %v", lo, hi, at, rev[y][x-1])
		}
	}
}

// In the tree one row alone is reversed, that of the field, with a bar before it.
func TestTheTreeReversesTheChosenRow(t *testing.T) {
	for _, packet := range frames(t) {
		if packet.From == "hello.pcapng" || packet.From == "lossy.pcapng" {
			continue // the golden ones have such segments
		}
		p := New(packet)
		p.Do(keys.Words)
		for i := range p.ix.nodes {
			p.choose(i)
			text, rev := reversed(p, 100, 30)
			tree, _ := p.room.box(tree)
			rows := 0
			for y := tree.y; y < tree.y+tree.h; y++ {
				if !slices.Contains(rev[y], true) {
					continue
				}
				rows++
				name := p.ix.nodes[i].name()
				if row := string(text[y]); !strings.HasPrefix(row, "▌") || !strings.Contains(row, name) {
					t.Fatalf("%s: %s is shown as %q", packet.From, p.ix.nodes[i].path, row)
				}
			}
			if rows != 1 {
				t.Fatalf("%s: %d rows for %s", packet.From, rows, p.ix.nodes[i].path)
			}
		}
	}
}

// Bits of the header are reversed where the field has them.
func TestBitsAreThoseOfTheField(t *testing.T) {
	p := shown(t)["syn"]()
	p.Do(keys.Bits)
	p.Do(keys.NextPane)
	p.Do(keys.Large)
	for i := range p.ix.nodes {
		n := &p.ix.nodes[i]
		if n.field == nil {
			continue
		}
		p.choose(i)
		text, rev := reversed(p, 80, 40)
		head := 8 * n.layer.Off
		for bit := head; bit < head+8*n.layer.Len; bit++ {
			y, x := 4+(bit-head)/32, 5+2*((bit-head)%32)
			want := '0' + rune(p.p.Frame[bit/8]>>(7-bit%8)&1)
			if text[y][x] != want || rev[y][x] != (n.lo <= bit && bit < n.hi) {
				t.Fatalf("%s: bit %d of the header is %c, reversed %v", n.path, bit-head, text[y][x], rev[y][x])
			}
		}
	}
}
