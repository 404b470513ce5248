package http1

import (
	"fmt"
	"strings"
	"testing"

	"wirelab/packets"
	"wirelab/packets/websocket"
)

// covered says where the fields of layers do not cover so many bytes.
func covered(layers []packets.Layer, size int) error {
	off := 0
	for _, l := range layers {
		if l.Off != off {
			return fmt.Errorf("%s begins at byte %d, want %d", l.Name, l.Off, off)
		}
		off += l.Len
		at := 0
		for _, f := range l.Fields {
			if f.Bit != at {
				return fmt.Errorf("%s begins at bit %d, want %d", f.Key, f.Bit, at)
			}
			at += f.Bits
			for _, k := range f.Kids {
				if k.Bit < f.Bit || k.Bit+k.Bits > at {
					return fmt.Errorf("%s is not in %s", k.Key, f.Key)
				}
			}
		}
		if at != 8*l.Len {
			return fmt.Errorf("the fields of %s end at bit %d of %d", l.Name, at, 8*l.Len)
		}
	}
	if off != size {
		return fmt.Errorf("the layers end at byte %d of %d", off, size)
	}
	return nil
}

func each(fields []packets.Field, f func(packets.Field)) {
	for _, x := range fields {
		f(x)
		each(x.Kids, f)
	}
}

const sampleKey = "dGhlIHNhbXBsZSBub25jZQ=="

func TestOpenMessages(t *testing.T) {
	for _, c := range []struct {
		name, bytes, summary string
		view                 View
		says                 map[string]string // by the text on which a field lies
	}{
		{"a poll", "GET /poll?since=3 HTTP/1.1\r\nHost: server\r\nX-Other: \x1b[2J\r\n\r\n", "GET /poll?since=3 HTTP/1.1", View{Request: true}, map[string]string{
			"GET":                  "Give me what the target names. It changes nothing, so it may be asked again.",
			"/poll?since=3":        "The path /poll, and behind the question mark one value for the program there.",
			"Host: server\r\n":     "The name by which the client knows the server. One address may serve many names, so this tells which is meant.",
			"X-Other: \x1b[2J\r\n": "",
		}},
		{"content with a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK, 5 bytes of content", View{Method: "GET"}, map[string]string{
			"200":                   "200: it succeeded.",
			"Content-Length: 5\r\n": "The content is the 5 bytes behind the head. So the reader knows where the message ends.",
			"\r\n":                  "The head ends here. The content is the next 5 bytes: Content-Length says so.",
			"hello":                 "The 5 bytes that Content-Length announced; the next message begins behind them.",
		}},
		{"the same, of which a part is here", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "HTTP/1.1 200 OK, 5 bytes of content", View{}, map[string]string{
			"hel": "What is here of the content: 3 bytes of 5 bytes.",
		}},
		{"an answer to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK", View{Method: "HEAD"}, map[string]string{
			"Content-Length: 5\r\n": "How much content the answer to GET would have; the answer to HEAD has none.",
			"\r\n":                  "The head ends here, and with it the answer: one to HEAD has no content, whatever its fields announce.",
		}},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n", "HTTP/1.1 200 OK, content in chunks", View{}, map[string]string{
			"b\r\n":       "In hex: the chunk has 11 bytes.",
			"hello world": "11 bytes of the content.",
			"0\r\n":       "0: the last chunk. The content is complete.",
		}},
		{"content until the end", "HTTP/1.0 200 OK\r\n\r\nabc", "HTTP/1.0 200 OK, content until the connection closes", View{}, map[string]string{
			"\r\n": "The head ends here. Nothing says how long the content is: it ends with the connection.",
			"abc":  "The content: 3 bytes, up to the end of the stream.",
		}},
		{"an upgrade", "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: " + sampleKey + "\r\n\r\n", "GET /ws HTTP/1.1", View{Request: true}, map[string]string{
			"GET /ws HTTP/1.1\r\n":                     "A request that asks to go on with another protocol on this connection: websocket.",
			"Connection: Upgrade\r\n":                  "The field Upgrade is about this connection only: a proxy that does not understand it takes both away.",
			"Sec-WebSocket-Key: " + sampleKey + "\r\n": websocket.SayKey(sampleKey),
		}},
		{"its answer", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", "HTTP/1.1 101 Switching Protocols", View{Method: "GET", Key: sampleKey}, map[string]string{
			"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n": websocket.SayAccept(websocket.Accept(sampleKey), sampleKey),
			"\r\n": "The head ends here, and HTTP with it: the next byte is the other protocol's.",
		}},
	} {
		layers := Open([]byte(c.bytes), c.view)
		if c.view.Request != strings.HasPrefix(c.bytes, "GET") {
			t.Fatalf("%s: a request or not?", c.name)
		}
		damaged := strings.Contains(c.bytes, "\x1b")
		if err := covered(layers, len(c.bytes)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if !damaged && layers[0].Summary != c.summary {
			t.Errorf("%s: %q, want %q", c.name, layers[0].Summary, c.summary)
		}
		found := map[string]string{}
		for _, l := range layers {
			each(l.Fields, func(f packets.Field) {
				text := c.bytes[l.Off+f.Bit/8 : l.Off+(f.Bit+f.Bits)/8]
				if _, there := found[text]; !there || f.Key == "http.head_end" {
					found[text] = f.Say
				}
				if f.Say == "" || f.RFC == "" {
					t.Errorf("%s: %s says %q (%s)", c.name, f.Key, f.Say, f.RFC)
				}
				if shown := f.Name + f.Value + f.Say; packets.Text([]byte(shown), len(shown)) != shown {
					t.Errorf("%s: %s holds bytes that are not for a terminal: %q", c.name, f.Key, shown)
				}
			})
		}
		for text, want := range c.says {
			if got := found[text]; want != "" && got != want {
				t.Errorf("%s: of %q it says %q, want %q", c.name, text, got, want)
			}
		}
	}
}

func TestAHeadThatCannotBeReadIsShownAsFarAsItCan(t *testing.T) {
	const b = "GET / HTTP/1.1\r\nHost: a\r\nwrong\r\nMore: b\r\n\r\n"
	layers := Open([]byte(b), View{Request: true})
	if err := covered(layers, len(b)); err != nil {
		t.Error(err)
	}
	want := "http.request.line http.host http.cut"
	var got []string
	for _, f := range layers[0].Fields {
		got = append(got, f.Key)
	}
	if strings.Join(got, " ") != want || layers[0].Damage != "a field line has no colon (RFC 9112 section 5): wrong" {
		t.Errorf("%q, %q; want %s", got, layers[0].Damage, want)
	}
}

func TestTheTableSaysWhatEachPartIsFor(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Reference().Fields {
		if f.Key == "" || f.Name == "" || f.RFC == "" || !strings.HasSuffix(f.About, ".") || !strings.HasPrefix(f.Key, "http.") || seen[f.Key] {
			t.Errorf("%+v lacks something, or stands there twice", f)
		}
		seen[f.Key] = true
	}
}
