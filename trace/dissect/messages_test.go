package dissect

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wirelab/packets/websocket"
)

const sampleKey = "dGhlIHNhbXBsZSBub25jZQ=="

// frame makes the bytes of one frame, masked if a client sends it.
func frame(client bool, first byte, payload string) string {
	b := []byte{first}
	mask := byte(0)
	if client {
		mask = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, mask|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(n))
	}
	body := []byte(payload)
	if client {
		key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
		b = append(b, key[:]...)
		websocket.Mask(key, 0, body)
	}
	return string(append(b, body...))
}

// upgrade is a request for WebSocket, and switching the answer to it.
func upgrade(target string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + sampleKey + "\r\n\r\n"
}

func switching(fields string) string {
	return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " + websocket.Accept(sampleKey) + "\r\n" + fields + "\r\n"
}

// ok is a response with content.
func ok(content string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(content), content)
}

// post is a request with content.
func post(target, content string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: server\r\nContent-Length: %d\r\n\r\n%s", target, len(content), content)
}

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// deflated are messages compressed one after the other (RFC 7692 section 7.2.1).
func deflated(messages ...string) (out []string) {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	for _, m := range messages {
		b.Reset()
		w.Write([]byte(m))
		w.Flush()
		out = append(out, strings.TrimSuffix(b.String(), "\x00\x00\xff\xff"))
	}
	return out
}

const (
	polling   = "/socket.io/?EIO=4&transport=polling&sid=abc"
	overSock  = "/socket.io/?EIO=4&transport=websocket&sid=abc"
	handshake = `0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
)

// A conversation is what both ends of a connection send, and the rows that it
// has.
type conversation struct {
	name           string
	client, server string
	want           string // without places and sizes, see brief
}

// brief is a row without places: from, kind, what, its text, what is wrong.
func brief(line string) string {
	fields := strings.Fields(line)
	_, line, _ = strings.Cut(line, " ")
	var b strings.Builder
	b.WriteString(fields[1])
	quote := strings.IndexByte(line, '"')
	for _, f := range strings.Fields(line[:quote])[1:] {
		if !strings.HasPrefix(f, "[") {
			b.WriteString(" " + f)
		}
	}
	return b.String() + " " + line[quote:]
}

func conversations() []conversation {
	packed := deflated(`42["a","hello hello"]`, `42["a","hello hello"]`)
	many := strings.Repeat("x", 70000)
	return []conversation{
		{"keep-alive and pipelining",
			"GET /a HTTP/1.1\r\nHost: server\r\n\r\nGET /b HTTP/1.1\r\nHost: server\r\n\r\nHEAD /c HTTP/1.1\r\nHost: server\r\n\r\n" + post("/d", "hello"),
			ok("one") + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntw\r\n1\r\no\r\n0\r\n\r\n" +
				"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
			`client http.request GET size 33 head 33 "GET /a HTTP/1.1"
client http.request GET size 33 head 33 "GET /b HTTP/1.1"
client http.request HEAD size 34 head 34 "HEAD /c HTTP/1.1"
client http.request POST size 58 head 53 "POST /d HTTP/1.1"
server http.response 200 size 41 head 38 status 200 "HTTP/1.1 200 OK"
server http.response 200 size 65 head 62 status 200 "HTTP/1.1 200 OK"
server http.response 200 size 39 head 39 status 200 "HTTP/1.1 200 OK"
server http.response 100 size 25 head 25 status 100 "HTTP/1.1 100 Continue"
server http.response 204 size 27 head 27 status 204 "HTTP/1.1 204 No Content"`},
		{"content until the end", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nall of it",
			`client http.request GET size 18 head 18 "GET / HTTP/1.0"
server http.response 200 size 28 head 19 status 200 "HTTP/1.0 200 OK"`},
		{"a WebSocket",
			upgrade("/ws") + frame(true, 0x81, "hello") + frame(true, 0x89, "p") + frame(true, 0x82, many) + frame(true, 0x88, "\x03\xe8bye"),
			switching("") + frame(false, 0x01, "wor") + frame(false, 0x8a, "p") + frame(false, 0x80, "ld") + frame(false, 0x88, "\x03\xe8"),
			`client http.request GET size 147 head 147 upgrade "GET /ws HTTP/1.1"
client ws.frame text size 11 head 6 "hello"
client ws.frame ping size 7 head 6 "p"
client ws.frame binary size 70014 head 14 "` + many[:80] + `"
client ws.frame close size 11 head 6 status 1000 "bye"
server http.response 101 size 129 head 129 status 101 upgrade "HTTP/1.1 101 Switching Protocols"
server ws.frame text size 5 head 2 "wor"
server ws.message text size 5 head 0 "world"
server ws.frame pong size 3 head 2 "p"
server ws.frame continuation size 4 head 2 "ld"
server ws.frame close size 4 head 2 status 1000 ""`},
		{"an upgrade that a middlebox stripped, and one that the server refuses",
			"GET /ws HTTP/1.1\r\nHost: server\r\n\r\n" + upgrade("/ws") + "GET /a HTTP/1.1\r\n\r\n",
			"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n" + ok("no") + ok("a"),
			`client http.request GET size 34 head 34 "GET /ws HTTP/1.1"
client http.request GET size 147 head 147 upgrade "GET /ws HTTP/1.1"
client http.request GET size 19 head 19 "GET /a HTTP/1.1"
server http.response 426 size 52 head 52 status 426 "HTTP/1.1 426 Upgrade Required"
server http.response 200 size 40 head 38 status 200 "HTTP/1.1 200 OK"
server http.response 200 size 39 head 38 status 200 "HTTP/1.1 200 OK"`},
		{"a wrong answer to the key", upgrade("/ws"), strings.Replace(switching(""), "s3pP", "S3pP", 1),
			`client http.request GET size 147 head 147 upgrade "GET /ws HTTP/1.1"
server http.response 101 size 129 head 129 status 101 upgrade "HTTP/1.1 101 Switching Protocols" WRONG its Sec-WebSocket-Accept is not the answer to the request's key (RFC 6455 section 4.1): the client fails the connection`},
		{"polling",
			"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n\r\n" + post(polling, "40") + "GET " + polling + " HTTP/1.1\r\n\r\n" +
				"POST " + polling + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n42[\r\n7\r\n\"a\",1]\x1e\r\n1\r\n3\r\n0\r\n\r\n",
			ok(handshake) + ok("ok") + ok(`40{"sid":"x"}`+"\x1e"+`2`) + ok("ok"),
			`client http.request GET size 52 head 52 "GET /socket.io/?EIO=4&transport=polling HTTP/1.1"
client http.request POST size 96 head 94 "POST /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1"
client eio.packet message size 2 head 1 in 1 "40"
client sio.connect size 1 head 0 in 2 "0"
client http.request GET size 60 head 60 "GET /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1"
client http.request POST size 120 head 109 "POST /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1"
client eio.packet message size 9 head 1 in 5 "42[\"a\",1]"
client sio.event a size 8 head 0 in 6 "2[\"a\",1]"
client eio.packet pong size 1 head 1 in 5 "3"
server http.response 200 size 141 head 40 status 200 "HTTP/1.1 200 OK"
server eio.packet open size 101 head 1 in 9 "0{\"sid\":\"abc\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,"
server http.response 200 size 40 head 38 status 200 "HTTP/1.1 200 OK"
server http.response 200 size 54 head 39 status 200 "HTTP/1.1 200 OK"
server eio.packet message size 13 head 1 in 12 "40{\"sid\":\"x\"}"
server sio.connect size 12 head 0 in 13 "0{\"sid\":\"x\"}"
server eio.packet ping size 1 head 1 in 12 "2"
server http.response 200 size 40 head 38 status 200 "HTTP/1.1 200 OK"`},
		{"Socket.IO over a WebSocket",
			upgrade(overSock) + frame(true, 0x81, "2probe") + frame(true, 0x81, "5") +
				frame(true, 0x01, `421["no`) + frame(true, 0x80, `te","x"]`) +
				frame(true, 0x81, `452-/room,7["file",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`) + frame(true, 0x82, "\x01\x02") + frame(true, 0x82, "\x03"),
			switching("") + frame(false, 0x81, "3probe") + frame(false, 0x81, `431["ok"]`) + frame(false, 0x81, `44/x,{"message":"no"}`) + frame(false, 0x81, "41"),
			`client http.request GET size 189 head 189 upgrade "GET /socket.io/?EIO=4&transport=websocket&sid=abc HTTP/1.1"
client ws.frame text size 12 head 6 "2probe"
client eio.packet ping size 6 head 1 in 1 "2probe"
client ws.frame text size 7 head 6 "5"
client eio.packet upgrade size 1 head 1 in 3 "5"
client ws.frame text size 13 head 6 "421[\"no"
client ws.message text size 15 head 0 "421[\"note\",\"x\"]"
client eio.packet message size 15 head 1 in 6 "421[\"note\",\"x\"]"
client sio.event note size 14 head 0 id 1 in 7 "21[\"note\",\"x\"]"
client ws.frame continuation size 14 head 6 "te\",\"x\"]"
client ws.frame text size 85 head 6 "452-/room,7[\"file\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]"
client eio.packet message size 79 head 1 in 10 "452-/room,7[\"file\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]"
client sio.event file size 81 head 0 id 7 in 11 "52-/room,7[\"file\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]"
client ws.frame binary size 8 head 6 "\x01\x02"
client eio.packet message size 2 head 0 in 13 "\x01\x02"
client ws.frame binary size 7 head 6 "\x03"
client eio.packet message size 1 head 0 in 15 "\x03"
server http.response 101 size 129 head 129 status 101 upgrade "HTTP/1.1 101 Switching Protocols"
server ws.frame text size 8 head 2 "3probe"
server eio.packet pong size 6 head 1 in 18 "3probe"
server ws.frame text size 11 head 2 "431[\"ok\"]"
server eio.packet message size 9 head 1 in 20 "431[\"ok\"]"
server sio.ack size 8 head 0 id 1 in 21 "31[\"ok\"]"
server ws.frame text size 23 head 2 "44/x,{\"message\":\"no\"}"
server eio.packet message size 21 head 1 in 23 "44/x,{\"message\":\"no\"}"
server sio.connect_error size 20 head 0 in 24 "4/x,{\"message\":\"no\"}"
server ws.frame text size 4 head 2 "41"
server eio.packet message size 2 head 1 in 26 "41"
server sio.disconnect size 1 head 0 in 27 "1"`},
		{"Engine.IO alone, and what is no packet of it", upgrade("/engine.io/?EIO=4&transport=websocket") + frame(true, 0x81, "4hello") + frame(true, 0x81, "9") + frame(true, 0x82, "\x00"), switching(""),
			`client http.request GET size 181 head 181 upgrade "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1"
client ws.frame text size 12 head 6 "4hello"
client eio.packet message size 6 head 1 in 1 "4hello"
client ws.frame text size 7 head 6 "9"
client eio.packet size 1 head 1 in 3 "9" WRONG unknown packet type '9', at byte 0
client ws.frame binary size 7 head 6 "\x00"
client eio.packet message size 1 head 0 in 5 "\x00"
server http.response 101 size 129 head 129 status 101 upgrade "HTTP/1.1 101 Switching Protocols"`},
		{"what is no packet of Socket.IO, and attachments that nobody announced or that do not come",
			upgrade(overSock) + frame(true, 0x81, "4hello") + frame(true, 0x82, "\x00") + frame(true, 0x81, `451-["a",{"_placeholder":true,"num":0}]`) + frame(true, 0x81, `42["b"]`), switching(""),
			`client http.request GET size 189 head 189 upgrade "GET /socket.io/?EIO=4&transport=websocket&sid=abc HTTP/1.1"
client ws.frame text size 12 head 6 "4hello"
client eio.packet message size 6 head 1 in 1 "4hello" WRONG what it carries is no packet of Socket.IO: unknown packet type 'h', at byte 0
client ws.frame binary size 7 head 6 "\x00"
client eio.packet message size 1 head 0 in 3 "\x00" WRONG these bytes belong to no event
client ws.frame text size 45 head 6 "451-[\"a\",{\"_placeholder\":true,\"num\":0}]"
client eio.packet message size 39 head 1 in 5 "451-[\"a\",{\"_placeholder\":true,\"num\":0}]"
client sio.event a size 38 head 0 in 6 "51-[\"a\",{\"_placeholder\":true,\"num\":0}]" WRONG 1 of its 1 attachments did not follow
client ws.frame text size 13 head 6 "42[\"b\"]"
client eio.packet message size 7 head 1 in 8 "42[\"b\"]"
client sio.event b size 6 head 0 in 9 "2[\"b\"]"
server http.response 101 size 129 head 129 status 101 upgrade "HTTP/1.1 101 Switching Protocols"`},
		{"a body that is packed", "GET " + polling + " HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n",
			fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(zipped("42[\"a\"]\x1e2")), zipped("42[\"a\"]\x1e2")),
			`client http.request GET size 83 head 83 "GET /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1"
server http.response 200 size ` + fmt.Sprint(63+len(zipped("42[\"a\"]\x1e2"))) + ` head 63 status 200 "HTTP/1.1 200 OK"
server eio.packet message size 7 head 1 in 1 "42[\"a\"]"
server sio.event a size 6 head 0 in 2 "2[\"a\"]"
server eio.packet ping size 1 head 1 in 1 "2"`},
		{"messages that are compressed", upgrade(overSock), switching("Sec-WebSocket-Extensions: permessage-deflate\r\n") + frame(false, 0xc1, packed[0]) + frame(false, 0xc1, packed[1]),
			`client http.request GET size 189 head 189 upgrade "GET /socket.io/?EIO=4&transport=websocket&sid=abc HTTP/1.1"
server http.response 101 size 175 head 175 status 101 upgrade "HTTP/1.1 101 Switching Protocols"
server ws.frame text size ` + fmt.Sprint(2+len(packed[0])) + ` head 2 "42[\"a\",\"hello hello\"]"
server eio.packet message size 21 head 1 in 2 "42[\"a\",\"hello hello\"]"
server sio.event a size 20 head 0 in 3 "2[\"a\",\"hello hello\"]"
server ws.frame text size ` + fmt.Sprint(2+len(packed[1])) + ` head 2 "42[\"a\",\"hello hello\"]"
server eio.packet message size 21 head 1 in 5 "42[\"a\",\"hello hello\"]"
server sio.event a size 20 head 0 in 6 "2[\"a\",\"hello hello\"]"`},
		{"packets and frames of no bytes", post(polling, "\x1e\x1e2") + upgrade(overSock) + frame(true, 0x81, "") + frame(true, 0x82, ""), ok("ok") + switching(""),
			`client http.request POST size 97 head 94 "POST /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1"
client eio.packet size 0 head 0 in 0 "" WRONG an empty packet: not even its type is there, at byte 0
client eio.packet size 0 head 0 in 0 "" WRONG an empty packet: not even its type is there, at byte 0
client eio.packet ping size 1 head 1 in 0 "2"
client http.request GET size 189 head 189 upgrade "GET /socket.io/?EIO=4&transport=websocket&sid=abc HTTP/1.1"
client ws.frame text size 6 head 6 ""
client eio.packet size 0 head 0 in 5 "" WRONG an empty packet: not even its type is there, at byte 0
client ws.frame binary size 6 head 6 ""
client eio.packet message size 0 head 0 in 7 "" WRONG these bytes belong to no event
server http.response 200 size 40 head 38 status 200 "HTTP/1.1 200 OK"
server http.response 101 size 129 head 129 status 101 upgrade "HTTP/1.1 101 Switching Protocols"`},
		{"a tunnel", "CONNECT other:443 HTTP/1.1\r\n\r\n\x16\x03\x01GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
			`client http.request CONNECT size 30 head 30 "CONNECT other:443 HTTP/1.1"
server http.response 200 size 19 head 19 status 200 "HTTP/1.1 200 OK"`},
		{"another protocol", "hello\r\n", "220 welcome\r\n", ``},
		{"a request of another protocol", "GET key\r\n", "VALUE\r\n", ``},
		{"requests that get wrong", "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\nGET / HTTP/1.1\r\n\r\n", ok("a") + ok("b"),
			`client http.request GET size 18 head 18 "GET / HTTP/1.1"
client http.request size 26 head 26 "GET / HTTP/1.1" WRONG white space stands before the colon of the field Host  (RFC 9112 section 5.1); the rest of this direction is not read
server http.response 200 size 39 head 38 status 200 "HTTP/1.1 200 OK"
server http.response 200 size 39 head 38 status 200 "HTTP/1.1 200 OK"`},
		{"an answer that is none", "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n",
			`client http.request GET size 18 head 18 "GET / HTTP/1.1"
server http.response size 11 head 11 "SSH-2.0-x" WRONG its first line is no version, status and reason with a space between (RFC 9112 section 4): SSH-2.0-x; the rest of this direction is not read`},
		{"an answer that nobody waited for", "", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
			`server http.response 408 size 51 head 51 status 408 "HTTP/1.1 408 Request Timeout"`},
		{"an answer that the end cuts off", "GET / HTTP/1.1\r\n\r\n", ok("hello")[:40],
			`client http.request GET size 18 head 18 "GET / HTTP/1.1"
server http.response 200 size 40 head 38 status 200 "HTTP/1.1 200 OK" WRONG 2 bytes of its content are here, and 3 bytes are missing; the stream ends here`},
		{"a frame that the end cuts off, and a length that cannot be", upgrade("/ws") + frame(true, 0x81, "hello")[:8], switching("") + "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xffrest",
			`client http.request GET size 147 head 147 upgrade "GET /ws HTTP/1.1"
client ws.frame text size 8 head 6 "he" WRONG the stream ends within its payload, of which 3 bytes are missing
server http.response 101 size 129 head 129 status 101 upgrade "HTTP/1.1 101 Switching Protocols"
server ws.frame size 10 head 10 "" WRONG the highest bit of its 64-bit length is set (RFC 6455 section 5.2): where it ends cannot be told; the rest of this direction is not read`},
		{"a frame that breaks a rule", upgrade("/ws") + frame(false, 0x81, "a") + frame(true, 0x81, "b"), switching(""),
			`client http.request GET size 147 head 147 upgrade "GET /ws HTTP/1.1"
client ws.frame text size 3 head 2 "a" WRONG a client must mask its frames, and this one is not (RFC 6455 section 5.1): a receiver fails the connection with code 1002
client ws.frame text size 7 head 6 "b"
server http.response 101 size 129 head 129 status 101 upgrade "HTTP/1.1 101 Switching Protocols"`},
	}
}

func TestMessagesOfAStream(t *testing.T) {
	for _, c := range conversations() {
		var got []string
		for _, line := range read(t, whole(c.client, c.server)) {
			got = append(got, brief(line))
		}
		var want []string
		if c.want != "" {
			want = strings.Split(c.want, "\n")
		}
		if !slices.Equal(got, want) {
			for i := range max(len(got), len(want)) {
				g, w := "", ""
				if i < len(got) {
					g = got[i]
				}
				if i < len(want) {
					w = want[i]
				}
				if g != w {
					t.Errorf("%s, row %d:\n got %s\nwant %s", c.name, i, g, w)
				}
			}
		}
	}
}
