package http1

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// said is what a Reader finds in bytes that come in pieces. methods are those of
// the requests that responses answer, in order; a response without one answers
// GET.
func said(request bool, methods []string, closed bool, pieces ...string) (out []string) {
	r := NewReader(request)
	var h *Head
	var content []byte
	answer := func() {
		if len(methods) > 0 {
			r.Answers(methods[0])
		}
	}
	answer()
	message := func() {
		line := fmt.Sprintf("%s (%d bytes of head) %q", h.StartLine(), h.Size, content)
		if h.Upgrades() {
			line += " upgrade"
		}
		out = append(out, line)
		if !h.Interim() && len(methods) > 0 {
			methods = methods[1:]
			answer()
		}
		h, content = nil, nil
	}
	for _, piece := range pieces {
		b := []byte(piece)
		for {
			n, part, data := r.Next(b)
			b = b[n:]
			if part == More {
				break
			}
			switch part {
			case Start:
				h = r.Head()
			case Data:
				content = append(content, data...)
			case End:
				message()
				if r.Framing() == Switched {
					return append(out, fmt.Sprintf("then %q", b))
				}
			case Bad:
				return append(out, "stops: "+r.Err().Error())
			}
		}
	}
	if closed {
		switch r.Close() {
		case End:
			message()
		case Bad:
			out = append(out, "cut: "+r.Err().Error())
		}
	}
	return out
}

// raw cuts a string into its bytes.
func raw(s string) (pieces []string) {
	for i := range len(s) {
		pieces = append(pieces, s[i:i+1])
	}
	return pieces
}

func TestMessagesOfAConnection(t *testing.T) {
	for _, c := range []struct {
		name    string
		request bool
		methods []string
		bytes   string
		want    []string
	}{
		{"requests in a row", true, nil,
			"GET /a?b=c HTTP/1.1\r\nHost: server\r\n\r\n" +
				"POST /d HTTP/1.1\r\nHost: server\r\nContent-Length: 5\r\n\r\nhello" +
				"\r\n" + // forgiven: RFC 9112 section 2.2
				"GET * HTTP/1.0\n\n", // lines that end with LF alone
			[]string{`GET /a?b=c HTTP/1.1 (37 bytes of head) ""`, `POST /d HTTP/1.1 (53 bytes of head) "hello"`, `GET * HTTP/1.0 (16 bytes of head) ""`}},
		{"a request in chunks", true, nil,
			"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n" +
				"5\r\nhello\r\n" +
				"00A ; name=\"value\"\r\n, world!!!\r\n" +
				"0\r\nTrailer: x\r\n\r\n" +
				"GET / HTTP/1.1\r\n\r\n",
			[]string{`POST / HTTP/1.1 (53 bytes of head) "hello, world!!!"`, `GET / HTTP/1.1 (18 bytes of head) ""`}},
		{"responses", false, []string{"GET", "HEAD", "GET", "DELETE", "GET"},
			"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi" +
				"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + // answers HEAD
				"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n" +
				"HTTP/1.1 204\r\n\r\n" +
				"HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n",
			[]string{`HTTP/1.1 200 OK (41 bytes of head) "hi"`, `HTTP/1.1 200 OK (41 bytes of head) ""`, `HTTP/1.1 304 Not Modified (48 bytes of head) ""`,
				`HTTP/1.1 204 (16 bytes of head) ""`, `HTTP/1.1 404 (36 bytes of head) ""`}},
		{"a response that is only announced", false, []string{"POST", "GET"},
			"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
			[]string{`HTTP/1.1 100 Continue (25 bytes of head) ""`, `HTTP/1.1 103 Early Hints (40 bytes of head) ""`, `HTTP/1.1 200 OK (38 bytes of head) "a"`}},
		{"content until the connection closes", false, []string{"GET"}, "HTTP/1.0 200 OK\r\n\r\nall\r\nof it",
			[]string{`HTTP/1.0 200 OK (19 bytes of head) "all\r\nof it"`}},
		{"a transfer coding that does not say where it ends", false, nil, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxyz",
			[]string{`HTTP/1.1 200 OK (44 bytes of head) "xyz"`}},
		{"chunks count more than Content-Length", false, nil, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n",
			[]string{`HTTP/1.1 200 OK (66 bytes of head) "abc"`}},
		{"a field twice, and white space around its value", true, nil, "GET / HTTP/1.1\r\nConnection: \t a \t\r\nconnection:upgrade\r\nUpgrade: websocket\r\n\r\n",
			[]string{`GET / HTTP/1.1 (77 bytes of head) "" upgrade`}},
		{"HTTP/1.0 does not upgrade", true, nil, "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
			[]string{`GET / HTTP/1.0 (59 bytes of head) ""`}},
		{"an upgrade", false, []string{"GET"}, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nContent-Length: 9\r\n\r\n\x81\x00",
			[]string{`HTTP/1.1 101 Switching Protocols (75 bytes of head) "" upgrade`, `then "\x81\x00"`}},
		{"a tunnel", false, []string{"CONNECT"}, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x16\x03",
			[]string{`HTTP/1.1 200 OK (38 bytes of head) ""`, `then "\x16\x03"`}},
		{"a tunnel that is refused", false, []string{"CONNECT"}, "HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\nx",
			[]string{`HTTP/1.1 403 No (38 bytes of head) "x"`}},
	} {
		if got := said(c.request, c.methods, true, c.bytes); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if strings.HasPrefix(c.want[len(c.want)-1], "then ") {
			continue // what comes then is not the Reader's
		}
		if got := said(c.request, c.methods, true, raw(c.bytes)...); !slices.Equal(got, c.want) {
			t.Errorf("%s, byte by byte:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestWhatCannotBeReadEndsIt(t *testing.T) {
	const ok = "GET / HTTP/1.1\r\n"
	for _, c := range []struct {
		name    string
		request bool
		bytes   string
		want    string
	}{
		{"two spaces", true, "GET  / HTTP/1.1\r\n", "stops: its first line is no method, target and version with a space between (RFC 9112 section 3): GET  / HTTP/1.1"},
		{"no version", true, "GET /\r\n", "stops: its first line is no method, target and version with a space between (RFC 9112 section 3): GET /"},
		{"a method that is no token", true, "GE(T / HTTP/1.1\r\n", "stops: its first line is no method, target and version with a space between (RFC 9112 section 3): GE(T / HTTP/1.1"},
		{"a space in the target", true, "GET /a b HTTP/1.1\r\n", "stops: its version is not HTTP/1.0 or HTTP/1.1 (RFC 9112 section 2.3): b HTTP/1.1"},
		{"a control in the target", true, "GET /\x01 HTTP/1.1\r\n", "stops: its target holds the byte 0x01 (RFC 9112 section 3.2)"},
		{"HTTP/2", true, "PRI * HTTP/2.0\r\n", "stops: its version is not HTTP/1.0 or HTTP/1.1 (RFC 9112 section 2.3): HTTP/2.0"},
		{"lower case", true, "GET / http/1.1\r\n", "stops: its version is not HTTP/1.0 or HTTP/1.1 (RFC 9112 section 2.3): http/1.1"},
		{"white space before the colon", true, ok + "Host : a\r\n", "stops: white space stands before the colon of the field Host  (RFC 9112 section 5.1)"},
		{"a folded line", true, ok + "A: b\r\n c\r\n", "stops: a field line is folded, which is no longer allowed (RFC 9112 section 5.2)"},
		{"no colon", true, ok + "Host\r\n", "stops: a field line has no colon (RFC 9112 section 5): Host"},
		{"no name", true, ok + ": a\r\n", "stops: a field has a name that cannot be (RFC 9110 section 5.1): "},
		{"a CR within a value", true, ok + "A: b\rc\r\n", "stops: the field A holds the byte 0x0d (RFC 9110 section 5.5)"},
		{"a zero within a value", true, ok + "A: b\x00\r\n", "stops: the field A holds the byte 0x00 (RFC 9110 section 5.5)"},
		{"two lengths", true, ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "stops: it has two Content-Lengths that differ (RFC 9112 section 6.3)"},
		{"a length with a sign", true, ok + "Content-Length: +1\r\n\r\n", "stops: its Content-Length is no number of bytes (RFC 9110 section 8.6): +1"},
		{"a length that is too large", true, ok + "Content-Length: 9223372036854775808\r\n\r\n", "stops: its Content-Length is no number of bytes (RFC 9110 section 8.6): 9223372036854775808"},
		{"chunked twice", true, ok + "Transfer-Encoding: chunked, chunked\r\n\r\n", "stops: chunked is not the last of its transfer codings, or stands there twice (RFC 9112 section 6.1)"},
		{"chunked before another", true, ok + "Transfer-Encoding: chunked, gzip\r\n\r\n", "stops: chunked is not the last of its transfer codings, or stands there twice (RFC 9112 section 6.1)"},
		{"a request without an end", true, ok + "Transfer-Encoding: gzip\r\n\r\n", "stops: its transfer coding does not say where a request ends (RFC 9112 section 6.3)"},
		{"chunks in HTTP/1.0", true, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "stops: HTTP/1.0 has no Transfer-Encoding, so that nobody can tell where it ends (RFC 9112 section 6.1)"},
		{"a chunk without a length", true, ok + "Transfer-Encoding: chunked\r\n\r\n\r\n", "stops: the length of a chunk is no hex number (RFC 9112 section 7.1): "},
		{"a chunk with a sign", true, ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "stops: the length of a chunk is no hex number (RFC 9112 section 7.1): -1"},
		{"a chunk of more than anybody has", true, ok + "Transfer-Encoding: chunked\r\n\r\n1000000000000000\r\n", "stops: the length of a chunk is no hex number (RFC 9112 section 7.1): 1000000000000000"},
		{"a chunk that is longer than it says", true, ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "stops: no end of line stands behind a chunk (RFC 9112 section 7.1)"},
		{"a chunk line without an end", true, ok + "Transfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", 5000), "stops: the line before a chunk has more than 4,096 bytes"},
		{"a head without an end", true, ok + "A: " + strings.Repeat("x", MaxHead), "stops: its head has more than 262,144 bytes"},
		{"a head of many lines", true, ok + strings.Repeat("A: b\r\n", MaxHead/6+1), "stops: its head has more than 262,144 bytes"},
		{"an empty status line", false, "\r\n", "stops: an empty line where a status line should be (RFC 9112 section 4)"},
		{"another protocol", false, "SSH-2.0-x\r\n", "stops: its first line is no version, status and reason with a space between (RFC 9112 section 4): SSH-2.0-x"},
		{"a status of letters", false, "HTTP/1.1 2x0 OK\r\n", "stops: its status 2x0 is no number of three digits (RFC 9112 section 4)"},
		{"a status of four digits", false, "HTTP/1.1 2000\r\n", "stops: its first line is no version, status and reason with a space between (RFC 9112 section 4): HTTP/1.1 2000"},
		{"a status below 100", false, "HTTP/1.1 099 No\r\n", "stops: its status is 099, and none is below 100 (RFC 9110 section 15)"},
		{"content that is cut off", false, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "cut: 3 bytes of its content are here, and 2 bytes are missing"},
		{"chunks that are cut off", false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "cut: 3 bytes of its content are here, and the last chunk is missing"},
		{"a head that is cut off", false, "HTTP/1.1 200 OK\r\nA: b", "cut: its head is not whole"},
	} {
		for _, pieces := range [][]string{{c.bytes}, raw(c.bytes)} {
			got := said(c.request, nil, true, pieces...)
			if len(got) != 1 || got[0] != c.want {
				t.Errorf("%s, in %d pieces:\n got %q\nwant %q", c.name, len(pieces), got, c.want)
			}
		}
	}
}

func TestWhatAStreamLooksLike(t *testing.T) {
	for _, c := range []struct {
		bytes string
		want  Guess
	}{
		{"", TooShort}, {"G", TooShort}, {"GET", TooShort}, {"GET /", TooShort}, {"\r\nGET / HTTP/1.1\r\n", LooksRequest},
		{"GET / HTTP/1.1\r\n", LooksRequest}, {"GET /a b HTTP/1.1\r\n", LooksRequest}, {"GET key\r\n", NoHTTP}, {"GETS", NoHTTP}, {"get /", NoHTTP},
		{"PRI * HTTP/2.0\r\n", NoHTTP}, {"H", TooShort}, {"HTTP/1", TooShort}, {"HTTP/1.1", LooksResponse}, {"HTTP/2", NoHTTP}, {"HEAD / HTTP/1.0\n", LooksRequest},
		{"hello", NoHTTP}, {"\x16\x03\x01", NoHTTP}, {"GET /" + strings.Repeat("x", sniffed), NoHTTP},
	} {
		if got := Sniff([]byte(c.bytes)); got != c.want {
			t.Errorf("%.40q: %d, want %d", c.bytes, got, c.want)
		}
	}
}

func TestGapsWithinContentDoNotMatter(t *testing.T) {
	for _, c := range []struct {
		name, before string
		gap          int64
		behind       string
		want         Part
	}{
		{"counted", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", 8, "", End},
		{"of a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 3, "\r\n0\r\n\r\n", End},
		{"beyond the content", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab", 9, "", Bad},
		{"of the line before a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5", 4, "", Bad},
		{"of a head", "HTTP/1.1 200 OK\r\n", 4, "", Bad},
	} {
		r := NewReader(false)
		var part Part
		feed := func(s string) {
			for b := []byte(s); ; {
				n, p, _ := r.Next(b)
				b = b[n:]
				if p == More {
					return
				}
				if part = p; p == Bad {
					return
				}
			}
		}
		feed(c.before)
		r.Skip(c.gap)
		feed(c.behind)
		if part != c.want {
			t.Errorf("a gap %s: %v, want %v", c.name, part, c.want)
		}
	}
}
