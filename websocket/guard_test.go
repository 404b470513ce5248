package websocket

import (
	"net"
	"testing"

	frames "wirelab/packets/websocket"
)

// guardless is a connection that only reads.
type guardless struct{ net.Conn }

func newTestGuard(c net.Conn) *guard {
	return &guard{Conn: c, most: 1000, frames: frames.NewReader(true, false)}
}

// Frames that come right behind the head of the response, in the same piece or
// not, are read as frames; the head is not.
func TestFramesBehindTheHeadOfTheResponse(t *testing.T) {
	head := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
	bytes := head + "\x81\x05hello" + "\x81\x85keyhello" // the second is masked, which a server's must not be
	for n := 1; n <= len(bytes)+1; n++ {
		g := &guard{Conn: &pieces{b: []byte(bytes), n: n}, head: []byte{}}
		var out []byte
		var err error
		for err == nil {
			buf := make([]byte, 64)
			var k int
			k, err = g.Read(buf)
			out = append(out, buf[:k]...)
		}
		if string(out) != head+"\x81\x05hello" || g.broken == nil || g.broken.Code != frames.CloseProtocol {
			t.Errorf("in pieces of %d: %q passed, %v", n, out, err)
		}
	}
}

// After another answer than 101 there are no frames.
func TestABodyIsNoFrame(t *testing.T) {
	answer := "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	for n := 1; n <= len(answer)+1; n++ {
		g := &guard{Conn: &pieces{b: []byte(answer), n: n}, head: []byte{}}
		var out []byte
		var err error
		for err == nil {
			buf := make([]byte, 64)
			var k int
			k, err = g.Read(buf)
			out = append(out, buf[:k]...)
		}
		if string(out) != answer || err != errDone {
			t.Errorf("in pieces of %d: %q passed, %v", n, out, err)
		}
	}
}

func TestAHeadThatDoesNotEnd(t *testing.T) {
	g := &guard{Conn: &pieces{b: make([]byte, 10*maxHead), n: 100}, head: []byte{}}
	total := 0
	for {
		n, err := g.Read(make([]byte, 4096))
		if total += n; err == errHead {
			break
		}
		if err != nil || total > 2*maxHead {
			t.Fatalf("after %d bytes: %v", total, err)
		}
	}
}
