package websocket

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"wirelab/packets"
)

// covered says where the fields of a layer do not cover its bits, or a part does
// not lie in its field.
func covered(l packets.Layer) error {
	at := 0
	for _, f := range l.Fields {
		if f.Bit != at {
			return fmt.Errorf("%s begins at bit %d, want %d", f.Key, f.Bit, at)
		}
		at += f.Bits
		for _, k := range f.Kids {
			if k.Bit < f.Bit || k.Bit+k.Bits > at {
				return fmt.Errorf("%s is at bits %d to %d, not in %s", k.Key, k.Bit, k.Bit+k.Bits, f.Key)
			}
		}
	}
	if at != 8*l.Len {
		return fmt.Errorf("the fields end at bit %d of %d", at, 8*l.Len)
	}
	return nil
}

func values(l packets.Layer) (out []string) {
	for _, f := range l.Fields {
		out = append(out, f.Key+" "+f.Value)
		for _, k := range f.Kids {
			out = append(out, k.Key+" "+k.Value)
		}
	}
	return out
}

func TestOpenFrames(t *testing.T) {
	for _, c := range []struct {
		name, bytes string
		view        View
		summary     string
		want        string // values
		says        map[string]string
	}{
		{"masked text", frame(finText, "Hello", 0x37, 0xfa, 0x21, 0x3d), View{Client: true, Message: Text},
			"text, 5 bytes, masked with 37 fa 21 3d: Hello",
			"websocket.fin set|websocket.rsv 000|websocket.opcode 1, text|websocket.mask set|websocket.payload_length 5 bytes|websocket.masking_key 37 fa 21 3d|websocket.masked_payload Hello",
			map[string]string{"websocket.masked_payload": `The text message. On the wire its first byte is 7f: 7f XOR 37 = 48, "H".`, "websocket.fin": "The whole message is in this frame."}},
		{"close", frame(finClose, "\x03\xf1too big"), View{Message: Close},
			"close with code 1009, message too big: too big",
			"websocket.fin set|websocket.rsv 000|websocket.opcode 8, close|websocket.mask not set|websocket.payload_length 9 bytes|websocket.payload 03 f1 74 6f 6f 20 62 69 67|websocket.payload.close.status_code 1009|websocket.payload.close.reason too big",
			map[string]string{"websocket.payload.close.status_code": "1009 is message too big."}},
		{"a first fragment", frame(firstText, strings.Repeat("x", 200)), View{Message: Text},
			"text, 200 bytes, more of the message follows: " + strings.Repeat("x", 63) + "…",
			"websocket.fin not set|websocket.rsv 000|websocket.opcode 1, text|websocket.mask not set|websocket.payload_length 126|websocket.payload_length_ext_16 200 bytes|websocket.payload " + strings.Repeat("x", 63) + "…",
			map[string]string{"websocket.payload": "A part of the text message.", "websocket.payload_length_ext_16": "200 bytes of payload follow, and then the next frame."}},
		{"bytes", frame(finBinary, "\x00\x01"), View{Message: Binary}, "binary, 2 bytes: 00 01",
			"websocket.fin set|websocket.rsv 000|websocket.opcode 2, binary|websocket.mask not set|websocket.payload_length 2 bytes|websocket.payload 00 01", nil},
		{"nothing", frame(finText, "", 0, 0, 0, 0), View{Client: true, Message: Text}, "text, 0 bytes, masked with 00 00 00 00",
			"websocket.fin set|websocket.rsv 000|websocket.opcode 1, text|websocket.mask set|websocket.payload_length 0 bytes|websocket.masking_key 00 00 00 00",
			map[string]string{"websocket.masking_key": "A key of zeros changes nothing: the payload stands on the wire as it is."}},
		{"half a frame", frame(finText, "Hello")[:4], View{Message: Text}, "text, 5 bytes: He",
			"websocket.fin set|websocket.rsv 000|websocket.opcode 1, text|websocket.mask not set|websocket.payload_length 5 bytes|websocket.payload He",
			map[string]string{"websocket.payload_length": "5 bytes of payload follow, of which 2 bytes are here."}},
		{"half a header", "\x81", View{}, "the beginning of a frame's header, 1 byte", "websocket.cut 81", nil},
	} {
		layers := Open([]byte(c.bytes), c.view)
		if len(layers) != 1 {
			t.Errorf("%s: %d layers", c.name, len(layers))
			continue
		}
		l := layers[0]
		if err := covered(l); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := strings.Join(values(l), "|"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if l.Summary != c.summary {
			t.Errorf("%s: %q, want %q", c.name, l.Summary, c.summary)
		}
		for key, want := range c.says {
			if f, ok := packets.Find(layers, key); !ok || f.Say != want {
				t.Errorf("%s: %s says %q, want %q", c.name, key, f.Say, want)
			}
		}
	}
}

func TestEverySentenceOfAFrameIsSafeAndHasASource(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		s := stream(rng)
		for _, l := range Open([]byte(s), View{Client: rng.IntN(2) == 0, Compressed: rng.IntN(2) == 0, Message: Opcode(rng.IntN(3))}) {
			if err := covered(packets.Layer{Len: coveredLen(l), Fields: l.Fields}); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for _, f := range l.Fields {
				if f.Say == "" || f.RFC == "" || !strings.HasSuffix(f.Say, ".") {
					t.Errorf("seed %d: %s says %q (%s)", seed, f.Key, f.Say, f.RFC)
				}
				if text := f.Value + f.Say + l.Summary; packets.Text([]byte(text), len(text)) != text {
					t.Errorf("seed %d: %s holds bytes that are not for a terminal: %q", seed, f.Key, text)
				}
			}
		}
	}
}

// coveredLen is the end of the first frame: Open is given more than one here.
func coveredLen(l packets.Layer) int {
	f := l.Fields[len(l.Fields)-1]
	return (f.Bit + f.Bits) / 8
}

func TestTheTableSaysWhatEachFieldIsFor(t *testing.T) {
	doc := Reference()
	for _, f := range doc.Fields {
		if f.Key == "" || f.Name == "" || f.RFC == "" || !strings.HasSuffix(f.About, ".") || !strings.HasPrefix(f.Key, doc.Key+".") {
			t.Errorf("%+v lacks something", f)
		}
	}
}
