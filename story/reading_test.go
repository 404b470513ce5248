package story

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/socketio"
	"wirelab/trace"
)

// sockets is a run of Socket.IO over long-polling and a WebSocket.
func sockets(t *testing.T, args map[string]string) *trace.Trace {
	t.Helper()
	ex := socketio.Exchange{}
	s := scenario.Default(ex)
	for name, value := range args {
		s.Args[name] = value
	}
	tr, err := scenario.Run(t.Context(), ex, s)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// tellings are the events of kind k, by the kind of message that they are about.
func tellings(tr *trace.Trace, k Kind) map[string][]Event {
	all := map[string][]Event{}
	for _, e := range Tell(tr) {
		if e.Kind == k {
			kind := tr.Messages[e.Row].Kind
			all[kind] = append(all[kind], e)
		}
	}
	return all
}

func TestMessagesThatWereReadAreTold(t *testing.T) {
	tr := sockets(t, map[string]string{"message": "hi", "count": "2", "ack": "1"})
	told := tellings(tr, MessageSent)
	for _, c := range []struct{ kind, text, why, rfc string }{
		{"http.request", `^GET /socket\.io/\?EIO=4&transport=polling&t=\w+$`, "The client asks and the server can only answer", "RFC 9110 section 9.3.1"},
		{"http.request", `^POST /socket\.io/\S+, with 2 bytes of content$`, "Asked twice, it may be done twice.", "RFC 9110 section 9.3.3"},
		{"http.request", `^GET /socket\.io/\?EIO=4&transport=websocket&\S+: asks to go on as websocket$`, "If the server answers 101", "RFC 9110 section 7.8"},
		{"http.response", `^200 OK, \d+ bytes of content: answers GET /socket\.io/\?EIO=4&transport=polling&t=\w+ at once$`, "Content-Length says so.", "RFC 9112 section 6.3"},
		{"http.response", `^200 OK, \d+ bytes? of content: answers GET \S+, which the server had for \d+(\.\d)? \w+$`, "The head ends here.", "RFC 9112 section 6.3"},
		{"http.response", `^101 Switching Protocols: answers GET \S+ at once$`, "no longer HTTP", "RFC 9110 section 15.2.2"},
		{"ws.frame", `^frame: text, 6 bytes, masked with .. .. .. ..: 2probe$`, "The payload is masked: a client must do that", "RFC 6455 sections 5.2 and 5.3"},
		{"ws.frame", `^frame: text, 6 bytes: 3probe$`, "A message of text, which must be UTF-8.", "RFC 6455 section 5.2"},
		{"eio.packet", `^Engine\.IO: open, 0\{"sid":"`, "a WebSocket may be tried", "Engine.IO protocol 4"},
		{"eio.packet", `^Engine\.IO: upgrade, 5$`, "polling is over", "Engine.IO protocol 4"},
		{"sio.connect", `^0: asks to join the namespace$`, "over the same connection", "Socket.IO protocol 5"},
		{"sio.connect", `^0\{"sid":"\S+"\}: lets the client into the namespace$`, "names this socket", "Socket.IO protocol 5"},
		{"sio.event", `^2\["message","hi",1\]: event message, no acknowledgement wanted$`, "whether a program took it", "Socket.IO protocol 5"},
		{"sio.event", `^20\["message","hi",2\]: event message, acknowledgement 0 wanted$`, "answers with a packet that carries this number", "Socket.IO protocol 5"},
		{"sio.ack", `^30\[.*\]: acknowledges event 0$`, "not TCP", "Socket.IO protocol 5"},
		{"sio.disconnect", `^1: leaves the namespace$`, "The connection below stays", "Socket.IO protocol 5"},
	} {
		ok := false
		for _, e := range told[c.kind] {
			ok = ok || regexp.MustCompile(c.text).MatchString(e.Text) && strings.Contains(e.Why, c.why) && e.RFC == c.rfc
		}
		if !ok {
			t.Errorf("no %s says %s, because %q (%s); they say", c.kind, c.text, c.why, c.rfc)
			for _, e := range told[c.kind] {
				t.Errorf("\t%s\n\t\t%s (%s)", e.Text, e.Why, e.RFC)
			}
		}
	}
}

// What a sentence says of a message's time is so.
func TestAnAnswerSaysHowLongTheServerHadTheRequest(t *testing.T) {
	tr := sockets(t, nil)
	teller := NewTeller(tr)
	n := 0
	for i := range tr.Messages {
		m := &tr.Messages[i]
		r := teller.streams().Request(i)
		if m.Kind != "http.response" || r < 0 {
			continue
		}
		n++
		q := &tr.Messages[r]
		text, _, _ := teller.reading(i)
		want := asked(q) + " at once"
		if m.Sent > q.Arrived {
			want = asked(q) + ", which the server had for " + Shorter(m.Sent-q.Arrived)
		}
		if q.Conn != m.Conn || q.To != m.From || !strings.HasSuffix(text, want) {
			t.Errorf("response %d says %q, want %q at its end", i, text, want)
		}
	}
	if n < 5 {
		t.Errorf("only %d responses", n)
	}
}

func TestEveryMessageIsLaidOpen(t *testing.T) {
	tr := sockets(t, map[string]string{"binary": "2", "message": "hi"})
	kinds := map[string]bool{}
	for i := range tr.Messages {
		kinds[tr.Messages[i].Kind] = true
		var b strings.Builder
		if err := OpenMessage(&b, tr, i); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if want := fmt.Sprintf("message %d of %d, ", i+1, len(tr.Messages)); !strings.HasPrefix(text, want) {
			t.Errorf("message %d begins %.80q, want %q", i, text, want)
		}
		if m := &tr.Messages[i]; m.Parent >= 0 && !strings.Contains(text, fmt.Sprintf("\n  in message %d, ", m.Parent+1)) {
			t.Errorf("message %d does not name the message that carries it", i)
		}
		if flat := strings.ReplaceAll(text, "\n", ""); packets.Text([]byte(flat), len(flat)) != flat {
			t.Errorf("message %d holds bytes that are not for a terminal: %q", i, text)
		}
	}
	for _, kind := range []string{"http.request", "http.response", "ws.frame", "eio.packet", "sio.event", "sio.connect"} {
		if !kinds[kind] {
			t.Errorf("no %s was laid open", kind)
		}
	}
}
