package inspect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wirelab/packets"
	"wirelab/trace"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
)

func do(t *testing.T, p *Pane, actions ...keys.Action) {
	t.Helper()
	for _, a := range actions {
		if !p.Do(a) {
			t.Fatalf("%q is not known", keys.Of(a).Label())
		}
		draw(p, 80, 24)
	}
}

func chosen(p *Pane) string { return p.ix.nodes[p.chosen].path }

func expect(t *testing.T, p *Pane, path string) {
	t.Helper()
	if got := chosen(p); got != path {
		t.Fatalf("%s is chosen, want %s", got, path)
	}
}

func TestArrowsWalkTheTree(t *testing.T) {
	p := New(shown(t)["syn"]().p)
	expect(t, p, "tcp")
	do(t, p, keys.Down, keys.Down)
	expect(t, p, "tcp/tcp.dstport")
	do(t, p, keys.Right) // it has no parts
	expect(t, p, "tcp/tcp.dstport")
	do(t, p, keys.Last)
	expect(t, p, "tcp/tcp.options")
	do(t, p, keys.Right, keys.Right)
	expect(t, p, "tcp/tcp.options/tcp.options.mss")
	do(t, p, keys.Open, keys.Down)
	expect(t, p, "tcp/tcp.options/tcp.options.mss/tcp.option_kind")
	do(t, p, keys.Left)
	expect(t, p, "tcp/tcp.options/tcp.options.mss")
	do(t, p, keys.Open, keys.Down)
	expect(t, p, "tcp/tcp.options/tcp.options.sack_perm")
	do(t, p, keys.First)
	expect(t, p, "ethernet")
	do(t, p, keys.PageDown)
	expect(t, p, "tcp/tcp.options/tcp.options.sack_perm") // 14 rows on
	do(t, p, keys.Left, keys.Left, keys.Left, keys.Left)
	expect(t, p, "tcp")
	if row := p.rows[len(p.rows)-1]; p.ix.nodes[row].path != "tcp" {
		t.Error("TCP is still open")
	}
}

func TestWhatIsChosenInAClosedOneGivesWayToIt(t *testing.T) {
	p := shown(t)["syn"]()
	expect(t, p, "tcp/tcp.options/tcp.options.mss/tcp.options.mss_val")
	if !p.Click(signTarget(p.ix.byPath["tcp/tcp.options"])) {
		t.Fatal("no such sign")
	}
	expect(t, p, "tcp/tcp.options")
}

func TestMovingInTheBytesMovesTheTree(t *testing.T) {
	p := New(shown(t)["syn"]().p)
	do(t, p, keys.NextPane, keys.First)
	expect(t, p, "ethernet/eth.dst")
	do(t, p, keys.Left) // there is nothing before
	do(t, p, keys.Down)
	expect(t, p, "ipv4/ip.len")
	do(t, p, keys.Right)
	expect(t, p, "ipv4/ip.len") // its second byte
	do(t, p, keys.Right)
	expect(t, p, "ipv4/ip.id")
	do(t, p, keys.Last)
	expect(t, p, "tcp/tcp.options/tcp.options.wscale/tcp.options.wscale.shift")
	do(t, p, keys.Up, keys.PageUp)
	if p.at != 9 {
		t.Errorf("the cursor is on byte %d", p.at)
	}
	// In bits a row has four bytes.
	p.chooseByte(34)
	do(t, p, keys.Bits, keys.Down)
	expect(t, p, "tcp/tcp.seq")
}

func TestTheChosenFieldStaysChosenInTheNextPacket(t *testing.T) {
	tr := run(t, "exchange: tcp", "message: hello")
	syn, segment := Sent(tr, 0, roleOf), Sent(tr, 3, roleOf)
	p := New(syn)
	p.Choose("tcp.window_size_value")
	p.Set(segment)
	expect(t, p, "tcp/tcp.window_size_value")
	p.Choose("data.data")
	p.Set(syn) // has no data
	expect(t, p, "tcp")
	p.Set(segment)
	expect(t, p, "data/data.data")
	if p.Choose("dns.id") {
		t.Error("there is DNS in it")
	}
	expect(t, p, "data/data.data")
}

// Of two fields with one path the second has its own.
func TestARepeatedFieldKeepsItsNumber(t *testing.T) {
	p := shown(t)["segment"]()
	i, ok := p.ix.byPath["tcp/tcp.options/tcp.options.nop#2"]
	if !ok || p.ix.nodes[i].lo != 8*(14+20+21) {
		t.Errorf("the second no-operation is at bit %d, known %v", p.ix.nodes[i].lo, ok)
	}
	p.choose(i)
	p.Set(p.p)
	if p.chosen != i {
		t.Errorf("%s is chosen now", chosen(p))
	}
}

func TestAQuotedFieldIsFoundOnlyIfThePacketHasNone(t *testing.T) {
	p := shown(t)["quote"]()
	p.Choose("ip.src")
	expect(t, p, "ipv4/ip.src")
	p.Choose("udp.srcport")
	if n := &p.ix.nodes[p.chosen]; !n.layer.Quoted {
		t.Error("an ICMP error has no UDP of its own")
	}
}

func TestPanesTakeTurns(t *testing.T) {
	p := shown(t)["segment"]()
	focus := func(want ...part) {
		t.Helper()
		for _, w := range want {
			do(t, p, keys.NextPane)
			if got := p.focused(p.room.boxes); got != w {
				t.Fatalf("the focus is %d, want %d", got, w)
			}
		}
	}
	focus(bytes, words, tree)
	do(t, p, keys.PrevPane, keys.Large)
	if len(p.room.boxes) != 1 || p.room.boxes[0].part != words {
		t.Error("the words are not alone")
	}
	focus(tree, bytes, words)
	do(t, p, keys.Words)
	focus(bytes, tree, bytes)
	do(t, p, keys.Back)
	if len(p.room.boxes) != 2 {
		t.Errorf("%d panes", len(p.room.boxes))
	}
	if p.Do(keys.Back) || p.Do(keys.Lose) {
		t.Error("knows what is for others")
	}
	// In a small window bytes have no room until they are alone.
	p = shown(t)["segment"]()
	draw(p, 40, 20)
	p.Do(keys.NextPane)
	if p.focus != words {
		t.Errorf("the focus is %d", p.focus)
	}
	p.Do(keys.Large)
	p.Do(keys.PrevPane)
	if text := draw(p, 40, 20).Text(); !strings.Contains(text, "▌bytes") || !strings.Contains(text, "0030  10 00 d7 50 00 00 01 01 ···P····") {
		t.Errorf("no bytes:\n%s", text)
	}
}

// The words are about what is chosen now, whichever way it was chosen.
func TestTheWordsFollow(t *testing.T) {
	p := shown(t)["syn"]()
	p.Do(keys.NextPane)
	for at := range p.p.Frame {
		p.chooseByte(at)
		f := p.ix.nodes[p.chosen].field
		b, lines := draw(p, 120, 40), ""
		for line := range strings.Lines(b.Text()) {
			if _, right, ok := strings.Cut(line, "│ "); ok {
				lines += right + " "
			}
		}
		said := strings.Join(strings.Fields(lines), " ")
		for _, want := range []string{f.Name[1:], f.Say, "value " + f.Value, f.RFC} {
			if !strings.Contains(said, want) {
				t.Fatalf("%s: %q is missing in\n%s", chosen(p), want, said)
			}
		}
	}
}

func TestLongWordsScroll(t *testing.T) {
	p := shown(t)["damaged"]()
	p.focus = words
	if text := draw(p, 40, 20).Text(); strings.Contains(text, "RFC 9293") {
		t.Fatal("all of it has room")
	}
	do := func(a keys.Action) string { p.Do(a); return draw(p, 40, 20).Text() }
	if text := do(keys.Last); !strings.Contains(text, "RFC 9293") || strings.Contains(text, "is damaged:") {
		t.Errorf("this is not the end:\n%s", text)
	}
	if text := do(keys.First); !strings.Contains(text, "TCP is damaged:") {
		t.Errorf("this is not the beginning:\n%s", text)
	}
	// Every word of it comes by.
	var all strings.Builder
	for range 40 {
		all.WriteString(do(keys.Down))
	}
	for word := range strings.FieldsSeq(p.ix.nodes[p.chosen].layer.Damage) {
		if !strings.Contains(all.String(), strings.Trim(word, ".")) {
			t.Errorf("%q is never shown", word)
		}
	}
}

func TestTheMouseChooses(t *testing.T) {
	p := shown(t)["segment"]()
	c := draw(p, 80, 24)
	hit := func(x, y int) {
		t.Helper()
		if !p.Click(c.Hit(x, y)) {
			t.Fatalf("nothing at %d, %d", x, y)
		}
		c = draw(p, 80, 24)
	}
	hit(10, 5) // a row
	expect(t, p, "tcp/tcp.srcport")
	hit(1, 3) // the sign before IPv4: it opens, and nothing else is chosen
	expect(t, p, "tcp/tcp.srcport")
	if !p.isOpen(p.ix.byPath["ipv4"]) {
		t.Error("IPv4 is closed")
	}
	hit(7+3, 19) // the second byte in hex
	expect(t, p, "ethernet/eth.dst")
	hit(58+14, 19) // the byte with version and header length, as text
	expect(t, p, "ipv4/ip.version")
	hit(60, 5)
	if p.focus != words {
		t.Errorf("the focus is %d", p.focus)
	}
	for _, strange := range []any{nil, 7, "tcp", rowTarget(9999), signTarget(-1)} {
		if p.Click(strange) {
			t.Errorf("%v is known", strange)
		}
	}
}

func TestOffersSayWhatCannotWork(t *testing.T) {
	not := func(p *Pane, a keys.Action) string {
		t.Helper()
		for _, o := range p.Offers() {
			if o.Action == a {
				return o.Not
			}
		}
		t.Fatalf("%q is not offered", keys.Of(a).Label())
		return ""
	}
	p := shown(t)["segment"]()
	draw(p, 80, 24)
	if not(p, keys.Right) == "" || not(p, keys.Left) != "" || not(p, keys.Bits) != "" {
		t.Errorf("a field without parts: %+v", p.Offers())
	}
	p.Choose("ipv4")
	if not(p, keys.Right) != "" || not(p, keys.Left) == "" {
		t.Errorf("a closed layer: %+v", p.Offers())
	}
	p.Do(keys.Large)
	draw(p, 80, 24)
	if not(p, keys.Bits) == "" {
		t.Error("there is no room for bits beside a large tree")
	}
}

func TestAnInvertedBitShowsInWhatArrived(t *testing.T) {
	tr := run(t, "exchange: tcp", "message: hello", "flip: client:3")
	row := slices.IndexFunc(tr.Packets, func(p trace.Packet) bool { return p.Flip >= 0 })
	if row < 0 {
		t.Fatal("no bit was inverted")
	}
	flip := int(tr.Packets[row].Flip)
	sent, arrived := Sent(tr, row, roleOf), Arrived(tr, row, roleOf)
	if sent.Frame[flip/8]^arrived.Frame[flip/8] != 0x80>>(flip%8) {
		t.Error("the frames do not differ in that bit")
	}
	if want := fmt.Sprintf("frame byte %d, bit %d inverted on the way", flip/8, flip%8); !strings.HasSuffix(arrived.When, want) {
		t.Errorf("%q does not say %q", arrived.When, want)
	}
	f, _ := packets.Find(arrived.Layers, "tcp.checksum")
	if !strings.Contains(f.Value, "wrong") {
		t.Errorf("the checksum is %s", f.Value)
	}
}

// Whatever the size and whatever was done before, drawing goes well, the cursor
// is on the canvas, and what is chosen is in sight.
func TestEverySize(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	all := []keys.Action{keys.Up, keys.Down, keys.Left, keys.Right, keys.PageUp, keys.PageDown, keys.First, keys.Last,
		keys.Open, keys.NextPane, keys.PrevPane, keys.Large, keys.Bits, keys.Words, keys.Back}
	list := frames(t)
	list = append(list, Packet{}, Packet{Frame: []byte{1}, Layers: packets.Decode([]byte{1}, packets.LinkIP, packets.Context{})})
	p := New(Packet{})
	for w := 1; w <= 130; w++ {
		for h := 1; h <= 50; h++ {
			if r.IntN(10) == 0 {
				p.Set(list[r.IntN(len(list))])
			}
			for range 4 {
				p.Do(all[r.IntN(len(all))])
			}
			p.Offers()
			c := draw(p, w, h)
			if b, ok := p.room.box(tree); ok && b.h > 0 && p.chosen >= 0 {
				if row := p.row() - p.treeTop; row < 0 || row >= b.h {
					t.Fatalf("%dx%d: row %d of %d in the tree", w, h, row, b.h)
				}
			}
			if at, ok := c.Cursor(); ok && (at.X < 0 || at.X >= w || at.Y < 0 || at.Y >= h) {
				t.Fatalf("%dx%d: the cursor is at %v", w, h, at)
			}
		}
	}
}

// The real cursor is on the field, on the byte, on the words.
func TestTheCursorIsInTheFocus(t *testing.T) {
	p := shown(t)["segment"]()
	for _, where := range []part{tree, bytes, words} {
		p.focus = where
		c := draw(p, 80, 24)
		b, _ := p.room.box(where)
		at, ok := c.Cursor()
		if !ok || at.X < b.x || at.X >= b.x+b.w || at.Y < b.y || at.Y >= b.y+b.h {
			t.Errorf("pane %d: the cursor is at %v, shown %v", where, at, ok)
		}
	}
}

// A stranger's bytes come as hex and as printable ASCII, and never raw.
func TestHostileBytesAreOnlyShown(t *testing.T) {
	payload := []byte("\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\u200f" + "世界👩‍👩‍👧 a\u0301 \xff\xfe")
	for i := range 256 {
		payload = append(payload, byte(i))
	}
	segment := shown(t)["segment"]().p
	segment.Frame = slices.Concat(segment.Frame[:66], payload)
	segment.Frame[16], segment.Frame[17] = byte((52+len(payload))>>8), byte(52+len(payload))
	segment.Layers = packets.Decode(segment.Frame, packets.LinkEthernet, packets.Context{From: "\x1b[31m", To: "\u202e"})
	segment.From, segment.To, segment.When = "\x1b[31mclient", "ser\u202ever", "\a"
	p := New(segment)
	p.Choose("data.data")
	text := draw(p, 120, 60).Text()
	p.focus, p.large = bytes, true
	text += draw(p, 120, 60).Text()
	for _, r := range text {
		if r != '\n' && !(r >= 0x20 && r < 0x7f) && !strings.ContainsRune("─│┬┴╭╮▸▾▌·…", r) {
			t.Errorf("%U is on the screen", r)
		}
	}
	for line := range strings.Lines(text) {
		if n := paint.Width(strings.TrimSuffix(line, "\n")); n > 120 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// Every sign has one in ASCII.
func TestScreensHaveASCII(t *testing.T) {
	mono, _ := paint.ThemeOf("mono")
	mono.ASCII = true
	for name, open := range shown(t) {
		c := draw(open(), 120, 40)
		if was, is := strings.Count(c.Text(), "?"), strings.Count(c.Render(mono), "?"); was != is {
			t.Errorf("%s: %d question marks instead of %d", name, is, was)
		}
	}
}

func large(n int) Packet {
	segment := make([]byte, n)
	copy(segment, []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5}) // an experiment's Ethernet type
	return Packet{Frame: segment, Layers: packets.Decode(segment, packets.LinkEthernet, packets.Context{})}
}

// What drawing costs does not grow with the frame.
func TestDrawingALargeFrameCostsNoMore(t *testing.T) {
	c := paint.NewCanvas(120, 40)
	allocs := func(n int) float64 {
		p := New(large(n))
		p.chooseByte(n / 2)
		return testing.AllocsPerRun(20, func() { c.Reset(120, 40); p.Draw(c.All()) })
	}
	small, big := allocs(9_000), allocs(65_535)
	if big > small+2 {
		t.Errorf("%.0f allocations for 9,000 bytes, %.0f for 65,535", small, big)
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, n := range []int{1_500, 9_000, 65_535} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p, c := New(large(n)), paint.NewCanvas(120, 40)
			p.Do(keys.NextPane)
			for b.Loop() {
				p.Do(keys.Down)
				c.Reset(120, 40)
				p.Draw(c.All())
			}
		})
	}
	b.Run("segment", func(b *testing.B) {
		p, c := shown(b)["segment"](), paint.NewCanvas(120, 40)
		for b.Loop() {
			p.Do(keys.Up)
			c.Reset(120, 40)
			p.Draw(c.All())
		}
	})
}
