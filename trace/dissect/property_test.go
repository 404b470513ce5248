package dissect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wirelab/packets"
	"wirelab/packets/flow"
	"wirelab/trace"
)

func TestMessagesDoNotDependOnTheSegments(t *testing.T) {
	for _, c := range conversations() {
		want := read(t, whole(c.client, c.server))
		seeds := uint64(20)
		if len(c.client)+len(c.server) > 10000 {
			seeds = 3
		}
		for seed := range seeds {
			tr := cut(rand.New(rand.NewPCG(seed, 0)), c.client, c.server)
			if got := read(t, tr); !slices.Equal(got, want) {
				t.Fatalf("%s, seed %d:\n got %s\nwant %s", c.name, seed, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
			}
		}
	}
}

// A piece of one of two streams.
type piece struct {
	end int
	flow.Piece
}

// fed are the rows of streams that are fed in pieces.
func fed(pieces []piece) []string {
	d := New()
	for _, p := range pieces {
		data := []byte(string(p.Data))
		p.Data = data
		d.Feed(trace.StreamOf(0, p.end), uint16(p.end), uint16(1-p.end), p.Piece)
		for i := range data {
			data[i] = '!' // the caller may use its bytes again
		}
	}
	d.Finish()
	tr := &trace.Trace{Messages: d.Rows()}
	tr.TimeMessages() // one order for all
	return lines(tr.Messages)
}

func bytewise(end int, text string) (pieces []piece) {
	for at := range len(text) {
		pieces = append(pieces, piece{end, flow.Piece{At: int64(at), Data: []byte(text[at : at+1])}})
	}
	return append(pieces, piece{end, flow.Piece{At: int64(len(text)), End: true}})
}

func TestMessagesDoNotDependOnWhichDirectionComesFirst(t *testing.T) {
	for _, c := range conversations() {
		client, server := bytewise(0, c.client), bytewise(1, c.server)
		mixed := mix(rand.New(rand.NewPCG(2, 2)), client, server)
		want := fed(slices.Concat(client, server))
		for name, pieces := range map[string][]piece{
			"the server first": slices.Concat(server, client), "mixed": mixed,
			"at once": {{0, flow.Piece{Data: []byte(c.client)}}, {1, flow.Piece{Data: []byte(c.server)}}, client[len(client)-1], server[len(server)-1]},
		} {
			if got := fed(pieces); !slices.Equal(got, want) {
				t.Fatalf("%s, %s:\n got %s\nwant %s", c.name, name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
			}
		}
		if got := read(t, whole(c.client, c.server)); !slices.Equal(got, want) {
			t.Fatalf("%s: the trace says\n     %s\nand the pieces\n     %s", c.name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

// mix is a and b, each in its order.
func mix(rng *rand.Rand, a, b []piece) (out []piece) {
	for len(a)+len(b) > 0 {
		if rng.IntN(len(a)+len(b)) < len(a) {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return out
}

// A trace that grows gives the same rows as one that is complete.
func TestATraceIsReadOnAsItGrows(t *testing.T) {
	for _, c := range conversations() {
		tr := cut(rand.New(rand.NewPCG(7, 0)), c.client, c.server)
		d, grown := New(), *tr
		var rows []trace.Message
		for n := range tr.Packets {
			grown.Packets = tr.Packets[:n+1]
			d.Read(&grown)
			if !slices.EqualFunc(rows, d.Rows()[:len(rows)], func(a, b trace.Message) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
				t.Fatalf("%s: at packet %d a row has changed", c.name, n+1)
			}
			rows = slices.Clone(d.Rows())
		}
		d.Finish()
		tr.Messages = d.Rows()
		tr.TimeMessages()
		if got, want := lines(tr.Messages), read(t, whole(c.client, c.server)); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

func TestRowsCoverTheirBytesAndParentsContainThem(t *testing.T) {
	for _, c := range conversations() {
		tr := whole(c.client, c.server)
		Add(tr)
		if err := tr.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		texts := [2]string{c.client, c.server}
		x := NewIndex(tr)
		reached := [2]int64{}
		for i := range tr.Messages {
			m := &tr.Messages[i]
			var spanned int64
			for _, s := range m.Spans {
				spanned += s.Len()
			}
			packed := x.compressed(i)
			if !packed && spanned != int64(m.Size) {
				t.Errorf("%s: row %d has %d bytes in spans of %d", c.name, i, m.Size, spanned)
			}
			if strings.HasPrefix(m.Kind, "http.") || m.Kind == "ws.frame" {
				// These follow one another without a gap.
				s := m.Spans[0]
				if end := s.Stream.End(); s.Lo != reached[end] {
					t.Errorf("%s: row %d begins at byte %d, and the one before it ends at %d", c.name, i, s.Lo, reached[end])
				} else {
					reached[end] = s.Hi
				}
				wire, all := x.Bytes(s)
				if want := texts[s.Stream.End()][s.Lo:s.Hi]; string(wire) != want || !all {
					t.Errorf("%s: row %d is %q on the wire, want %q", c.name, i, wire, want)
				}
			}
			plain, all := x.Plain(i)
			if !packed && !strings.HasPrefix(m.Kind, "http.") && m.Status == 0 && (!all || !strings.HasPrefix(string(plain), m.Text)) {
				t.Errorf("%s: row %d is %q, and its text is %q", c.name, i, plain, m.Text)
			}
			if m.Parent < 0 || len(m.Spans) == 0 {
				continue
			}
			own := 1 // the attachments of an event are contents of other packets
			if m.Kind != "sio.event" {
				own = len(m.Spans)
			}
			for _, s := range m.Spans[:own] {
				if !contains(tr.Messages[m.Parent].Spans, s) {
					t.Errorf("%s: row %d has %+v, which is not in its parent %d: %+v", c.name, i, s, m.Parent, tr.Messages[m.Parent].Spans)
				}
			}
		}
	}
}

// contains says whether one of spans holds s.
func contains(spans []trace.Span, s trace.Span) bool {
	return slices.ContainsFunc(spans, func(p trace.Span) bool { return p.Stream == s.Stream && p.Lo <= s.Lo && s.Hi <= p.Hi })
}

// Fields of what is laid open cover the message, and each has its place on the
// stream.
func TestEveryMessageCanBeLaidOpen(t *testing.T) {
	for _, c := range conversations() {
		tr := whole(c.client, c.server)
		Add(tr)
		x := NewIndex(tr)
		for i := range tr.Messages {
			o := x.Open(i)
			off := 0
			for _, l := range o.Layers {
				if l.Off != off {
					t.Errorf("%s: row %d: layer %s begins at byte %d, want %d", c.name, i, l.Name, l.Off, off)
				}
				off += l.Len
				at := 0
				for _, f := range l.Fields {
					if f.Bit != at || f.Say == "" || f.RFC == "" || f.Name == "" {
						t.Errorf("%s: row %d: field %+v, want one at bit %d with name, sentence and source", c.name, i, f, at)
					}
					at += f.Bits
				}
				if at != 8*l.Len {
					t.Errorf("%s: row %d: the fields of %s end at bit %d of %d", c.name, i, l.Name, at, 8*l.Len)
				}
			}
			if off != len(o.Bytes) {
				t.Errorf("%s: row %d: the layers end at byte %d of %d", c.name, i, off, len(o.Bytes))
			}
			if o.Spans == nil {
				continue
			}
			var on int64
			for _, s := range o.On(0, len(o.Bytes)) {
				on += s.Len()
			}
			if on != int64(len(o.Bytes)) {
				t.Errorf("%s: row %d: %d bytes, of which %d have a place", c.name, i, len(o.Bytes), on)
			}
		}
	}
}

func TestBytesThatWereNotCaptured(t *testing.T) {
	gap := func(at, n int64) piece { return piece{1, flow.Piece{At: at, Gap: n}} }
	data := func(end int, at int64, text string) piece { return piece{end, flow.Piece{At: at, Data: []byte(text)}} }
	long := ok(strings.Repeat("x", 100))
	ask := "GET / HTTP/1.1\r\n\r\n"
	shake := switching("")
	n := int64(len(shake))
	packed := deflated("hello hello hello", "hello hello hello")
	deflating := switching("Sec-WebSocket-Extensions: permessage-deflate\r\n")
	m := int64(len(deflating))
	for _, c := range []struct {
		name   string
		pieces []piece
		want   string // the last row but for its places
	}{
		{"within content", []piece{data(0, 0, ask), data(1, 0, long[:60]), gap(60, 50), data(1, 110, long[110:])},
			`server http.response 200 size 140 head 40 status 200 "HTTP/1.1 200 OK" WRONG some of its content was not captured`},
		{"over the end of content", []piece{data(0, 0, ask), data(1, 0, long[:60]), gap(60, 90), data(1, 150, "x")},
			`server http.response 200 size 60 head 40 status 200 "HTTP/1.1 200 OK" WRONG bytes are missing that say where it ends: 90 bytes were not captured; the rest of this direction is not read`},
		{"between messages", []piece{data(0, 0, ask+ask), data(1, 0, long), gap(140, 9), data(1, 149, "x")},
			`server http.response size 0 head 0 "" WRONG bytes are missing that say where it ends: 9 bytes were not captured; the rest of this direction is not read`},
		{"at the beginning", []piece{data(0, 0, ask), gap(0, 9), data(1, 9, "x")},
			`server http.response size 0 head 0 "" WRONG bytes are missing that say where it ends: 9 bytes were not captured; the rest of this direction is not read`},
		{"within a payload", []piece{data(0, 0, upgrade("/")), data(1, 0, shake+"\x81\x0ahel"), gap(n+5, 4), data(1, n+9, "rld")},
			`server ws.frame text size 12 head 2 "helrld"`},
		{"within a compressed message, and another behind it", []piece{
			data(0, 0, upgrade("/")), data(1, 0, deflating+frame(false, 0xc1, packed[0])[:5]), gap(m+5, int64(len(packed[0]))-3), data(1, m+2+int64(len(packed[0])), frame(false, 0xc1, packed[1]))},
			fmt.Sprintf(`server ws.frame text size %d head 2 "" WRONG a message before this one could not be read, and this one may refer to it`, 2+len(packed[1]))},
		{"within a header", []piece{data(0, 0, upgrade("/")), data(1, 0, shake+"\x81"), gap(n+1, 4), data(1, n+5, "rld")},
			`server ws.frame size 1 head 1 "" WRONG bytes are missing that have the length of a frame: 4 bytes were not captured; the rest of this direction is not read`},
	} {
		got := fed(c.pieces)
		if len(got) == 0 || brief(got[len(got)-1]) != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), c.want)
		}
	}
}

// What the other side has acknowledged will not come: a gap is known before the
// end.
func TestAGapIsKnownWhenItIsAcknowledged(t *testing.T) {
	d := newDialogue()
	d.open(0)
	ask, long := "GET / HTTP/1.1\r\n\r\n", ok(strings.Repeat("x", 100))
	d.segment(0, 0, 0, packets.ACK, ask)
	d.segment(0, 1, 0, packets.ACK, long[:60])
	d.lose(0, 1, 60, long[60:])
	d.segment(0, 1, int64(len(long)), packets.ACK, ok("b"))
	reader := New()
	reader.Read(d.tr)
	if got := lines(reader.Rows()); len(got) != 1 {
		t.Errorf("before it is acknowledged there are %q", got)
	}
	d.segment(0, 0, int64(len(ask)), packets.ACK, ask)
	reader.Read(d.tr)
	want := []string{
		`client http.request GET size 18 head 18 "GET / HTTP/1.1"`,
		`client http.request GET size 18 head 18 "GET / HTTP/1.1"`,
		`server http.response 200 size 140 head 40 status 200 "HTTP/1.1 200 OK" WRONG some of its content was not captured`,
		`server http.response 200 size 39 head 38 status 200 "HTTP/1.1 200 OK"`,
	}
	var got []string
	for _, line := range lines(reader.Rows()) {
		got = append(got, brief(line))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("then there are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The attachments of an event may come in a later answer, over another connection.
func TestAttachmentsComeOverAnotherConnection(t *testing.T) {
	d := newDialogue()
	for n, content := range []string{`451-["a",{"_placeholder":true,"num":0}]`, "bAQID"} {
		ask, answer := "GET "+polling+" HTTP/1.1\r\n\r\n", ok(content)
		d.open(n)
		d.segment(n, 0, 0, packets.ACK, ask)
		d.segment(n, 1, 0, packets.ACK, answer)
		d.close(n, [2]int{len(ask), len(answer)})
	}
	Add(d.tr)
	for i := range d.tr.Messages {
		m := &d.tr.Messages[i]
		if m.Kind != "sio.event" {
			continue
		}
		if len(m.Spans) != 2 || m.Spans[0].Stream != trace.StreamOf(0, 1) || m.Spans[1].Stream != trace.StreamOf(1, 1) || m.Spans[1].Len() != 4 || m.Trouble != "" {
			t.Errorf("the event is %+v, want spans on both connections", m)
		}
		o := NewIndex(d.tr).Open(i)
		if want := `51-["a",{"_placeholder":true,"num":0}]` + "AQID"; string(o.Bytes) != want || len(o.Layers) != 2 {
			t.Errorf("laid open it is %q in %d layers, want %q in 2", o.Bytes, len(o.Layers), want)
		}
		return
	}
	t.Error("there is no event")
}

func TestAnAnswerIsFoundForEveryRequest(t *testing.T) {
	c := conversations()[0] // the first answer to the last request is only an announcement
	tr := whole(c.client, c.server)
	Add(tr)
	x := NewIndex(tr)
	var got []string
	for i := range tr.Messages {
		if r := x.Request(i); r >= 0 {
			got = append(got, fmt.Sprint(tr.Messages[i].Status, " ", tr.Messages[r].Text))
		}
	}
	want := []string{"200 GET /a HTTP/1.1", "200 GET /b HTTP/1.1", "200 HEAD /c HTTP/1.1", "100 POST /d HTTP/1.1", "204 POST /d HTTP/1.1"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
