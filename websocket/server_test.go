package websocket_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	frames "wirelab/packets/websocket"
	"wirelab/web"
	"wirelab/websocket"
)

// serve runs a server on this machine's own network, as any program may, and
// returns its address and how each connection ended.
func serve(t *testing.T, s *websocket.Server) (address string, ended <-chan error) {
	t.Helper()
	ends := make(chan error, 2000)
	s.Env = web.Outside{}
	s.OnEnd = func(_ *websocket.Conn, err error) { ends <- err }
	srv := httptest.NewUnstartedServer(s)
	srv.Config = web.NewServer(s)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String(), ends
}

// handshake is a request for an upgrade, with some lines replaced or, if they
// end with a colon, left out.
func handshake(change ...string) string {
	lines := []string{"GET / HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket",
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}
	for _, c := range change {
		name, value, _ := strings.Cut(c, ":")
		found := false
		for i := range lines {
			if strings.HasPrefix(lines[i], name) {
				lines[i], found = c, true
			}
		}
		if !found && value != "" {
			lines = append(lines, c)
		}
	}
	var b strings.Builder
	for _, l := range lines {
		if !strings.HasSuffix(l, ":") {
			b.WriteString(l + "\r\n")
		}
	}
	return b.String() + "\r\n"
}

// dial opens a TCP connection, says something, and reads the answer's head.
func dial(t *testing.T, address, request string) (net.Conn, *bufio.Reader, *http.Response) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(c)
	r, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, br, r
}

func TestBadHandshakes(t *testing.T) {
	address, _ := serve(t, &websocket.Server{Origins: []string{"http://friend.test"}})
	for _, c := range []struct {
		change []string
		status int
	}{
		{nil, 101},
		{[]string{"Origin: http://localhost"}, 101},
		{[]string{"Origin: http://friend.test"}, 101},
		{[]string{"Origin: http://evil.test"}, 403},
		{[]string{"Origin: null"}, 403},
		{[]string{"Sec-WebSocket-Key:"}, 400},
		{[]string{"Sec-WebSocket-Key: short"}, 400},
		{[]string{"Sec-WebSocket-Version: 8"}, 426},
		{[]string{"Sec-WebSocket-Version:"}, 426},
		{[]string{"Upgrade:"}, 426},
		{[]string{"Upgrade: h2c"}, 426},
		{[]string{"Connection: close"}, 426},
		{[]string{"GET: ", "POST / HTTP/1.1"}, 405},
	} {
		request := handshake(c.change...)
		if c.status == 405 {
			request = strings.Replace(handshake(), "GET", "POST", 1)
		}
		_, _, r := dial(t, address, request)
		if r.StatusCode != c.status {
			t.Errorf("%v: %s, want %d", c.change, r.Status, c.status)
		}
		if c.status == 426 && (r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Sec-WebSocket-Version") != "13") {
			t.Errorf("%v: 426 without what it would take: %v", c.change, r.Header)
		}
		if c.status == 101 && r.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // RFC 6455 section 1.3
			t.Errorf("%v: accept %q", c.change, r.Header.Get("Sec-WebSocket-Accept"))
		}
	}
}

// A client that speaks before it is answered has not understood the protocol.
func TestAClientThatDoesNotWait(t *testing.T) {
	address, _ := serve(t, &websocket.Server{})
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(c, handshake()+"\x81\x85keyhello")
	if b, err := io.ReadAll(c); err == nil && bytes.Contains(b, []byte(" 101 ")) {
		t.Errorf("it was answered %q", b)
	}
}

// clientFrame is a masked frame.
func clientFrame(first byte, payload []byte) []byte {
	b := []byte{first, 0x80 | 127}
	switch n := len(payload); {
	case n < 126:
		b[1] = 0x80 | byte(n)
	case n <= 0xffff:
		b[1] = 0x80 | 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	key := [4]byte{1, 2, 3, 4}
	b = append(b, key[:]...)
	at := len(b)
	b = append(b, payload...)
	frames.Mask(key, 0, b[at:])
	return b
}

// closeCode reads frames until the one that closes, and returns its code.
func closeCode(t *testing.T, br *bufio.Reader) (code int) {
	t.Helper()
	for {
		head, err := br.Peek(2)
		if err != nil {
			t.Fatalf("no close frame: %v", err)
		}
		n := int(head[1] & 0x7f)
		if n > 125 {
			t.Fatalf("a frame of the server begins with %x", head)
		}
		f := make([]byte, 2+n)
		if _, err := io.ReadFull(br, f); err != nil {
			t.Fatal(err)
		}
		if frames.Opcode(f[0]&15) == frames.Close {
			if n < 2 {
				return 1005
			}
			return int(binary.BigEndian.Uint16(f[2:]))
		}
	}
}

// deflated is compressed as RFC 7692 wants it.
func deflated(b []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.BestCompression)
	w.Write(b)
	w.Flush()
	return bytes.TrimSuffix(out.Bytes(), []byte{0, 0, 0xff, 0xff})
}

const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover"

func TestStrangersMessages(t *testing.T) {
	address, ended := serve(t, &websocket.Server{Options: websocket.Options{MaxMessage: 1000, Compress: true}})
	for _, c := range []struct {
		name  string
		bytes []byte
		code  int
	}{
		{"too long", clientFrame(0x82, make([]byte, 1001)), 1009},
		{"too long in pieces", append(clientFrame(0x02, make([]byte, 600)), clientFrame(0x80, make([]byte, 401))...), 1009},
		{"only claimed to be long", clientFrame(0x82, make([]byte, 1<<20))[:20], 1009},
		{"a little that becomes much", clientFrame(0xc2, deflated(make([]byte, 500_000))), 1009},
		{"compressed text that is no UTF-8", clientFrame(0xc1, deflated([]byte("h\xffi"))), 1007},
		{"what cannot be decompressed", clientFrame(0xc1, []byte{0xff, 0xff, 0xff}), 1007},
		{"text that is no UTF-8, in pieces", append(clientFrame(0x01, []byte("\xc3")), clientFrame(0x80, []byte("x"))...), 1007},
		{"a letter in two pieces", append(append(clientFrame(0x01, []byte("\xc3")), clientFrame(0x80, []byte("\xa9"))...), clientFrame(0x88, []byte{3, 232})...), 1000},
		{"a close without a code", clientFrame(0x88, nil), 1005},
	} {
		conn, br, r := dial(t, address, handshake(offer))
		if r.StatusCode != 101 {
			t.Fatal(r.Status)
		}
		conn.Write(c.bytes)
		if code := closeCode(t, br); code != c.code {
			t.Errorf("%s: closed with %d, want %d", c.name, code, c.code)
		}
		conn.Close()
		var closed *websocket.Closed
		if err := <-ended; !errors.As(err, &closed) || int(closed.Code) != c.code {
			t.Errorf("%s: the server says %v", c.name, err)
		}
	}
}

// What fails in the program closes with the code that it chose, or 1011.
func TestTheProgramsErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
	}{
		{errors.New("the disk is full"), 1011},
		{fmt.Errorf("not here: %w", &websocket.RuleError{Code: 1008, Rule: "no swearing"}), 1008},
	} {
		address, _ := serve(t, &websocket.Server{OnMessage: func(*websocket.Conn, websocket.Message) error { return c.err }})
		conn, br, _ := dial(t, address, handshake())
		conn.Write(clientFrame(0x81, []byte("hello")))
		if code := closeCode(t, br); code != c.code {
			t.Errorf("%v: closed with %d, want %d", c.err, code, c.code)
		}
	}
}

// A thousand clients that say nothing, some of which began a message and stopped,
// cost little each, and no goroutine is left when they are gone.
func TestAThousandIdleConnections(t *testing.T) {
	const clients, most = 1000, 64 << 10 // bytes each, both ends together
	address, ended := serve(t, &websocket.Server{Options: websocket.Options{MaxMessage: 1 << 20}})
	before, goroutines := heap(), runtime.NumGoroutine()
	var conns []net.Conn
	for i := range clients {
		c, _, r := dial(t, address, handshake())
		if r.StatusCode != 101 {
			t.Fatal(r.Status)
		}
		if i%2 == 0 {
			c.Write(clientFrame(0x82, make([]byte, 1<<20))[:100]) // it claims a megabyte, and sends little
		}
		conns = append(conns, c)
	}
	if each := (heap() - before) / clients; each > most {
		t.Errorf("a connection costs %d bytes, more than %d", each, most)
	} else {
		t.Logf("a connection costs %d bytes, both ends together", each)
	}
	for _, c := range conns {
		c.Close()
	}
	for range conns {
		<-ended
	}
	for runtime.NumGoroutine() > goroutines {
		runtime.Gosched() // a handler returns a moment after it says so
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
