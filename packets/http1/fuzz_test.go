package http1

import (
	"slices"
	"testing"
)

// FuzzReader holds the Reader to its promise: no panic, and the same however the
// bytes are cut; and Open to covering what it is given.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\n\n",
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.0 200 OK\r\n\r\nuntil the end", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n folded\r\n\r\n",
	} {
		f.Add([]byte(s), true, "")
		f.Add([]byte(s), false, "HEAD")
	}
	f.Fuzz(func(t *testing.T, b []byte, request bool, method string) {
		methods := []string{method, "GET"}
		whole := said(request, methods, true, string(b))
		if n := len(whole); n > 0 && len(whole[n-1]) > 4 && whole[n-1][:4] == "then" {
			return // what comes then is not the Reader's
		}
		if cut := said(request, methods, true, raw(string(b))...); !slices.Equal(whole, cut) {
			t.Errorf("at once %q, byte by byte %q", whole, cut)
		}
		Sniff(b)
		if err := covered(Open(b, View{Request: request, Method: method}), len(b)); len(b) > 0 && err != nil {
			t.Error(err)
		}
	})
}
