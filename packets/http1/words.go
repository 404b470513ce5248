package http1

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"wirelab/packets"
)

func (o *opened) sayRequest() string {
	switch h := o.h; {
	case h.Upgrades():
		return "A request that asks to go on with another protocol on this connection: " + packets.Text([]byte(h.Get("Upgrade")), 40) + "."
	case h.Method == "GET" && len(o.b) == h.Size:
		return "It asks for what the target names, and carries nothing itself."
	}
	return "What the client wants of the server."
}

func (o *opened) sayResponse() string {
	switch h := o.h; {
	case h.Status == 101:
		return "From the next byte on this connection speaks " + packets.Text([]byte(h.Get("Upgrade")), 40) + ", in both directions."
	case h.Interim():
		return "Not the answer yet, only word that it will come."
	}
	return "How the request went. Which one it answers the order tells: answers come in the order of the requests."
}

func sayMethod(m string) string {
	switch m {
	case "GET":
		return "Give me what the target names. It changes nothing, so it may be asked again."
	case "HEAD":
		return "As GET, but without the content: only the head of the answer comes."
	case "POST":
		return "Take this content and do with it what the target is for. Asked twice, it may be done twice."
	case "PUT":
		return "Let the target be this content from now on."
	case "DELETE":
		return "Let the target be gone."
	case "CONNECT":
		return "Open a tunnel to the target; what follows is passed on as it is."
	case "OPTIONS":
		return "Which methods may be used on the target?"
	case "TRACE":
		return "Send back what you received of this request."
	case "PATCH":
		return "Change the target as the content says."
	}
	return "A method that RFC 9110 does not define."
}

func sayTarget(t string) string {
	path, query, asked := strings.Cut(t, "?")
	switch {
	case t == "*":
		return "The server as a whole."
	case !strings.HasPrefix(t, "/"):
		return "The whole address, or the authority of a tunnel: as it is written to a proxy."
	case !asked:
		return "The path on the server."
	}
	values, err := url.ParseQuery(query)
	if err != nil || len(values) == 0 {
		return "The path " + packets.Text([]byte(path), 60) + ", and what is asked of it behind the question mark."
	}
	n := fmt.Sprintf("%d values", len(values))
	if len(values) == 1 {
		n = "one value"
	}
	return "The path " + packets.Text([]byte(path), 60) + ", and behind the question mark " + n + " for the program there."
}

func sayVersion(h *Head) string {
	if h.Minor == 0 {
		return "HTTP/1.0: the connection closes after one answer unless both say keep-alive, and there are no chunks."
	}
	return "HTTP/1.1: the connection stays open for more requests unless somebody says close."
}

// sayStatus says what a status means (RFC 9110 section 15).
func sayStatus(n int) string {
	switch n {
	case 100:
		return "100: go on and send the content."
	case 101:
		return "101: agreed, the connection changes to the protocol in Upgrade."
	case 200:
		return "200: it succeeded."
	case 204:
		return "204: it succeeded, and there is nothing to send."
	case 304:
		return "304: what you have is still good; it is not sent again."
	case 400:
		return "400: the server does not understand the request, and the client should not repeat it unchanged."
	case 404:
		return "404: there is nothing under that target."
	case 413:
		return "413: the content is larger than the server takes."
	case 426:
		return "426: the server refuses this protocol, and would serve another one."
	}
	class := [...]string{"", "the answer is still to come", "it succeeded", "look somewhere else", "the client made a mistake", "the server failed"}
	say := "what it means is not defined"
	if c := n / 100; c < len(class) {
		say = class[c]
	}
	if text := http.StatusText(n); text != "" {
		return fmt.Sprintf("%d, %s: %s.", n, text, say)
	}
	return fmt.Sprintf("%d, like every status of the %d00s: %s.", n, n/100, say)
}

// sayEnd says how the reader knows where the message ends.
func (o *opened) sayEnd() string {
	switch o.framing {
	case Counted:
		if o.length == 0 {
			return "The head ends here, and with it the message: its Content-Length is 0."
		}
		return "The head ends here. The content is the next " + packets.Bytes(o.length) + ": Content-Length says so."
	case Chunked:
		return "The head ends here. The content follows in chunks; the last one, of length 0, ends it."
	case UntilClose:
		return "The head ends here. Nothing says how long the content is: it ends with the connection."
	case Switched:
		if o.h.Status == 101 {
			return "The head ends here, and HTTP with it: the next byte is the other protocol's."
		}
		return "The head ends here. What follows is passed on as it is."
	}
	switch {
	case o.h.Request:
		return "The head ends here, and with it the request: neither Content-Length nor Transfer-Encoding announces content."
	case o.v.Method == "HEAD":
		return "The head ends here, and with it the answer: one to HEAD has no content, whatever its fields announce."
	}
	return "The head ends here, and with it the response: one with this status has no content."
}

func sayChunk(n int64) string {
	if n == 0 {
		return "0: the last chunk. The content is complete."
	}
	if n < 10 {
		return "The chunk has " + packets.Bytes(n) + "."
	}
	return "In hex: the chunk has " + packets.Bytes(n) + "."
}
