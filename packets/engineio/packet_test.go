package engineio

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestAPacketAsItStandsInAPayload(t *testing.T) {
	for _, c := range []struct {
		text string
		want Packet
	}{
		{"0{}", Text(Open, "{}")},
		{"1", Packet{Type: Close, Data: []byte{}}},
		{"2", Text(Ping, "")},
		{"2probe", Text(Ping, Probe)},
		{"3probe", Text(Pong, Probe)},
		{"4hello", Text(Message, "hello")},
		{"4", Text(Message, "")},
		{"4\u00e9\U0001f600", Text(Message, "\u00e9\U0001f600")},
		{"5", Text(Upgrade, "")},
		{"6", Text(Noop, "")},
		{"bAQIDBA==", Packet{Type: Message, Binary: true, Data: []byte{1, 2, 3, 4}}},
	} {
		p, err := Parse([]byte(c.text))
		if err != nil || p.Type != c.want.Type || p.Binary != c.want.Binary || !bytes.Equal(p.Data, c.want.Data) {
			t.Errorf("%q is read as %+v, %v", c.text, p, err)
		}
		if got := string(c.want.AppendText(nil)); got != c.text || c.want.TextLen() != len(c.text) {
			t.Errorf("%+v is written as %q, of length %d", c.want, got, c.want.TextLen())
		}
	}
	content, binary := Packet{Type: Message, Binary: true, Data: []byte{1}}.Frame()
	if !binary || !bytes.Equal(content, []byte{1}) {
		t.Errorf("a frame of bytes is %x, binary %v", content, binary)
	}
	if p, err := ParseFrame(content, binary); err != nil || !p.Binary || p.Type != Message {
		t.Errorf("and is read as %+v, %v", p, err)
	}
}

func TestWhatIsNoPacket(t *testing.T) {
	for text, want := range map[string]string{
		"":          "an empty packet: not even its type is there, at byte 0",
		"abc":       `unknown packet type 'a', at byte 0`,
		"7":         `unknown packet type '7', at byte 0`,
		"\x1e":      `unknown packet type '\x1e', at byte 0`,
		"1x":        "a packet of type close with data, which it never has, at byte 1",
		"5x":        "a packet of type upgrade with data, which it never has, at byte 1",
		"6x":        "a packet of type noop with data, which it never has, at byte 1",
		"4ab\xff":   "text that is not UTF-8, at byte 3",
		"4\xc3":     "text that is not UTF-8, at byte 1",
		"bA":        "a binary message that is not base64, at byte 1",
		"bAQ=":      "a binary message that is not base64, at byte 4",
		"bAQID\n":   "a binary message that is not base64, at byte 5",
		"bAQI*DBA=": "a binary message that is not base64, at byte 4",
	} {
		if _, err := Parse([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}

func TestAPayload(t *testing.T) {
	ps := []Packet{Text(Message, "hello"), Text(Ping, ""), {Type: Message, Binary: true, Data: []byte{1, 2, 3, 4}}}
	b := Payload(ps)
	if want := "4hello\x1e2\x1ebAQIDBA=="; string(b) != want {
		t.Errorf("the payload is %q, want %q", b, want)
	}
	var got []Packet
	for p, err := range Packets(b) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	}
	if fmt.Sprint(got) != fmt.Sprint(ps) {
		t.Errorf("it is read as %v", got)
	}
}

// What came before a packet that is wrong is read; what follows is not.
func TestAPayloadThatIsWrong(t *testing.T) {
	for payload, want := range map[string]string{
		"4a\x1ex\x1e4b": `1 packets, unknown packet type 'x', at byte 3`,
		"4a\x1e":        "1 packets, an empty packet: not even its type is there, at byte 3",
		"\x1e4a":        "0 packets, an empty packet: not even its type is there, at byte 0",
		"4a\x1e\x1e4b":  "1 packets, an empty packet: not even its type is there, at byte 3",
		"4a\x1e1\x1f2":  "1 packets, a packet of type close with data, which it never has, at byte 4",
	} {
		n, last := 0, error(nil)
		for _, err := range Packets([]byte(payload)) {
			if last = err; err == nil {
				n++
			}
		}
		if got := fmt.Sprintf("%d packets, %v", n, last); got != want {
			t.Errorf("%q: %s\nwant %s", payload, got, want)
		}
	}
}

// A batch is as large as fits, base64 and separators counted, and never empty.
func TestABatchFits(t *testing.T) {
	ps := []Packet{Text(Message, "12345"), {Type: Message, Binary: true, Data: make([]byte, 4)}, Text(Message, ""), Text(Message, strings.Repeat("x", 50))}
	for most, want := range map[int]int{0: 1, 1: 1, 6: 1, 15: 1, 16: 2, 17: 2, 18: 3, 69: 3, 70: 4, 1000: 4} {
		if n := Batch(ps, most); n != want || most >= 6 && len(Payload(ps[:n])) > most {
			t.Errorf("%d bytes hold %d packets, want %d; they take %d", most, n, want, len(Payload(ps[:n])))
		}
	}
	if Batch(nil, 10) != 0 {
		t.Error("of nothing")
	}
}

func TestTheHandshake(t *testing.T) {
	h := Handshake{SID: "abc", Upgrades: []string{"websocket"}, PingInterval: 25 * time.Second, PingTimeout: 20 * time.Second, MaxPayload: 1e6}
	p := h.Packet()
	if want := `0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`; string(p.AppendText(nil)) != want {
		t.Errorf("it is %s", p.AppendText(nil))
	}
	if got, err := ParseHandshake(p); err != nil || !reflect.DeepEqual(got, h) {
		t.Errorf("it is read as %+v, %v", got, err)
	}
	h.Upgrades = nil
	if p := h.Packet(); !bytes.Contains(p.Data, []byte(`"upgrades":[]`)) {
		t.Errorf("without upgrades it is %s", p.Data)
	}
	for text, want := range map[string]string{
		`4{}`: "the first packet is of type message, and should be open",
		`0x`:  "the open packet is no JSON that can be read",
		`0{}`: "the open packet names no sid",
		`0{"sid":"a","pingInterval":0,"pingTimeout":1}`:                       "the open packet names a pingInterval of 0 ms",
		`0{"sid":"a","pingInterval":1,"pingTimeout":-1}`:                      "the open packet names a pingInterval of 1 ms and a pingTimeout of -1 ms",
		`0{"sid":"a","pingInterval":9223372036854775807,"pingTimeout":1}`:     "the open packet names a pingInterval of 9223372036854775807 ms",
		`0{"sid":"a","pingInterval":1,"pingTimeout":1,"maxPayload":-1}`:       "the open packet names a maxPayload of -1",
		`0{"sid":"a","upgrades":"websocket","pingInterval":1,"pingTimeout":1`: "the open packet is no JSON that can be read",
	} {
		p, err := Parse([]byte(text))
		if err == nil {
			_, err = ParseHandshake(p)
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}

// places are the parts of a packet as it stands: name[bytes].
func places(b []byte, parts []Part) string {
	var list []string
	for _, p := range parts {
		list = append(list, fmt.Sprintf("%s[%s]", p.Name, b[p.From:p.To]))
	}
	return strings.Join(list, " ")
}

func TestTheParts(t *testing.T) {
	for text, want := range map[string]string{
		"0{\"sid\":\"a\",\"pingInterval\":1,\"pingTimeout\":1}": `type[0] handshake[{"sid":"a","pingInterval":1,"pingTimeout":1}]`,
		"2probe":          "type[2] data[probe]",
		"4hello\x1e3":     "type[4] data[hello] separator[\x1e] type[3]",
		"bAQID\x1e4a":     "type[b] base64[AQID] separator[\x1e] type[4] data[a]",
		"4a\x1e9b\x1e4c":  "type[4] data[a] separator[\x1e] type[9] data[b]",
		"1":               "type[1]",
		"4[\"\u00e9\"]":   "type[4] data[[\"\u00e9\"]]",
		"4a\x1e\x1e4b":    "type[4] data[a] separator[\x1e]",
		"bA*\x1e4never":   "type[b] base64[A*]",
		"6\x1e6":          "type[6] separator[\x1e] type[6]",
		"4\x1ebAQ==\x1e2": "type[4] separator[\x1e] type[b] base64[AQ==] separator[\x1e] type[2]",
	} {
		parts, _ := PayloadParts([]byte(text))
		if got := places([]byte(text), parts); got != want {
			t.Errorf("%q: %s\nwant %s", text, got, want)
		}
		for _, p := range parts {
			if !strings.HasSuffix(p.Sentence, ".") {
				t.Errorf("%q: %s says %q", text, p.Name, p.Sentence)
			}
		}
	}
	if parts, err := Parts([]byte{1, 2}, true); err != nil || len(parts) != 1 || parts[0].To != 2 {
		t.Errorf("bytes have parts %v, %v", parts, err)
	}
}

// Whatever is read as a payload is written as the same bytes, and its parts cover
// it without gap.
func FuzzPayload(f *testing.F) {
	for _, seed := range []string{"", "4hello", "4a\x1e2probe\x1ebAQIDBA==", "0{\"sid\":\"a\",\"pingInterval\":1,\"pingTimeout\":1}", "\x1e", "b====", "4\xff", "1x", "bAQ=\x1e4"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var ps []Packet
		var wrong error
		for p, err := range Packets(b) {
			if wrong = err; err == nil {
				ps = append(ps, p)
				ParseHandshake(p)
			}
		}
		parts, err := PayloadParts(b)
		if (err == nil) != (wrong == nil) {
			t.Errorf("the packets say %v, and the parts %v", wrong, err)
		}
		at := 0
		for _, p := range parts {
			if p.From != at || p.To <= p.From || p.To > len(b) {
				t.Errorf("part %+v does not begin at %d", p, at)
			}
			at = p.To
		}
		if wrong == nil && at != len(b) {
			t.Errorf("the parts end at %d of %d", at, len(b))
		}
		if wrong == nil && !bytes.Equal(Payload(ps), b) {
			t.Errorf("%q is written as %q", b, Payload(ps))
		}
		if e, ok := wrong.(*Error); ok && (e.At < 0 || e.At > len(b)) {
			t.Errorf("the error is at %d of %d", e.At, len(b))
		}
	})
}
