package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A said is one unit that an end put on a connection: an HTTP message's body, with
// its first line, or the content of a WebSocket frame.
type said struct {
	conn int32
	from string
	at   time.Duration
	head string // "GET", "POST", "200", "400", "101"; empty: a frame
	text string
}

// said is what was said, in the order in which it was sent. Each is one packet in
// these experiments.
func (s *sight) said() (list []said) {
	for _, p := range s.all().data() {
		if p.Again || p.Copy || p.Hop {
			continue
		}
		b := s.Bytes(p.Packet)[p.Off : p.Off+p.Headers.Len]
		u := said{conn: p.Conn(), from: p.from, at: p.Sent}
		head, body, _ := strings.Cut(string(b), "\r\n\r\n")
		words := strings.Fields(head)
		switch {
		case bytes.HasPrefix(b, []byte("HTTP/1.1 ")):
			u.head, u.text = words[1], body
		case bytes.HasPrefix(b, []byte("GET ")), bytes.HasPrefix(b, []byte("POST ")):
			u.head, u.text = words[0], body
		default:
			list = append(list, frames(u, b)...)
			continue
		}
		if u.head == "101" && body != "" { // the first frame rides along
			list = append(list, u)
			list = append(list, frames(said{conn: u.conn, from: u.from, at: u.at}, []byte(body))...)
			continue
		}
		list = append(list, u)
	}
	return list
}

// frames are the contents of whole, short frames.
func frames(u said, b []byte) (list []said) {
	for len(b) >= 2 {
		n, masked := int(b[1]&0x7f), b[1]&0x80 != 0
		at := 2
		if n == 126 {
			n, at = int(binary.BigEndian.Uint16(b[2:])), 4
		}
		content := slices.Clone(b[at:])
		if masked {
			key := b[at : at+4]
			at += 4
			content = slices.Clone(b[at : at+n])
			for i := range content {
				content[i] ^= key[i%4]
			}
		}
		u.text = string(content[:n])
		if b[0]&0x0f < 8 { // a close frame is none of theirs
			list = append(list, u)
		}
		b = b[at+n:]
	}
	return list
}

// heard are the texts of what was said that hold one of these.
func (s *sight) heard(from string, words ...string) (list []string) {
	for _, u := range s.said() {
		for _, part := range strings.Split(u.text, "\x1e") {
			if u.from == from && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(part, w) }) {
				list = append(list, part)
			}
		}
	}
	return list
}

// requests is how many there are before the first frame.
func requests(s *sight) any {
	n := 0
	for _, u := range s.said() {
		if u.head == "101" {
			break
		}
		if u.head == "GET" || u.head == "POST" {
			n++
		}
	}
	return n - 1 // without the upgrade itself
}

// upgrade is the order of what belongs to the upgrade.
func upgrade(s *sight) any {
	var list []string
	for _, u := range s.said() {
		if slices.Contains([]string{"2probe", "3probe", "6", "5"}, u.text) {
			list = append(list, u.from+" "+u.text)
		}
	}
	return list
}

// notes are those of a kind of call of the programs.
func (s *sight) notes(host, what string) (list []string) {
	for i := range s.Calls {
		if c := &s.Calls[i]; s.Name(c.Host) == host && c.What == what && c.Conn < 0 {
			list = append(list, c.Note+c.Result)
		}
	}
	return list
}

// after is how long after the mark a host was disconnected first.
func (s *sight) after(mark, host string) time.Duration {
	for i := range s.Calls {
		if c := &s.Calls[i]; s.Name(c.Host) == host && c.What == "disconnect" && c.Start > s.mark(mark) {
			return c.Start - s.mark(mark)
		}
	}
	return -1
}

func (s *sight) mark(name string) time.Duration {
	for _, m := range s.Marks {
		if m.Name == name {
			return m.At
		}
	}
	return -1
}

// during is how many packets were sent while the clients had nothing to do.
func during(s *sight) any {
	return len(s.all().where(func(p sent) bool { return p.Sent > s.mark("idle") && p.Sent < s.mark("idle-end") }))
}

// heardAfterCut are the events that the client got after the cut, by their number.
func heardAfterCut(s *sight) any {
	var list []string
	for i := range s.Calls {
		c := &s.Calls[i]
		if s.Name(c.Host) == "client" && c.What == "on" && c.Start > s.mark("cut") {
			_, rest, _ := strings.Cut(c.Note, `"from the server", `)
			n, _, _ := strings.Cut(rest, ",")
			list = append(list, strings.TrimSuffix(n, ")"))
		}
	}
	return list
}

// waits says whether each wait before an attempt to come back is longer than the
// one before.
func waits(s *sight) any {
	var list []time.Duration
	for _, note := range s.notes("client", "reconnect") {
		_, rest, _ := strings.Cut(note, " after ")
		rest = strings.TrimSuffix(rest, "timeout")
		d, err := time.ParseDuration(rest)
		if err != nil {
			return note
		}
		list = append(list, d)
	}
	if len(list) < 3 {
		return list
	}
	return slices.IsSorted(list)
}

// The lessons about Socket.IO: each of their experiments is one command line too.
func TestTheExperimentsOfTheLessonsOnSocketIO(t *testing.T) {
	const (
		events = "wirelab socketio --count 2 --ack 1"
		rooms  = "wirelab socketio --clients 4 --rooms 2 --transports websocket"
		cut    = "wirelab socketio --count 0 --transports websocket --ping-interval 5s --ping-timeout 5s --emit-from-server 6 --every 9s --cut 12s --restore 45s --stay 80s"
	)
	for _, lesson := range []struct {
		title string
		facts []fact
	}{
		{"14 events on the wire", []fact{
			{events, "HTTP requests before the first WebSocket byte", requests, "3"},
			{events + " --transports websocket", "with the transports reversed", requests, "0"},
			{events, "the upgrade, in order", upgrade, "[client 2probe server 3probe server 6 client 5]"},
			{events + " --message hi", "events of the client", func(s *sight) any { return s.heard("client", `["message"`) }, `[42["message","hi",1] 420["message","hi",2]]`},
			{events + " --message hi", "the acknowledgement", func(s *sight) any { return s.heard("server", "430") }, `[430["hi",2]]`},
			{events + " --message hi", "who ties it to its event", func(s *sight) any { return s.notes("client", "ack") }, `[acknowledgement 0 has come: "hi", 2]`},
			{events, "emitted, and handled by the server", func(s *sight) any {
				return []int{len(s.notes("client", "emit")), len(s.notes("server", "on")), len(s.notes("server", "handle"))}
			}, "[2 2 2]"},
			{"wirelab socketio --count 30 --interval 5ms", "in the midst of the upgrade: emitted, handled, answered", func(s *sight) any {
				return []int{len(s.notes("client", "emit")), len(s.notes("server", "handle")), len(s.notes("client", "handle"))}
			}, "[30 30 30]"},
			{"wirelab socketio --transports websocket --reply none --ack 1 --ack-timeout 100ms --retries 1 --drop server:8", "an acknowledgement lost on its way, and the event emitted again: handled", func(s *sight) any { return len(s.notes("server", "handle")) }, "2"},
			{"wirelab socketio --transports websocket --reply none --ack 1 --ack-timeout 100ms --retries 1 --drop server:8", "what the client heard of it", func(s *sight) any { return s.notes("client", "ack") }, "[acknowledgement 0: operation has timed out acknowledgement 1 has come: ]"},
			{"wirelab socketio --namespace /,/chat --count 1 --message hi", "two namespaces on one session", func(s *sight) any { return s.heard("client", "40", `["message"`) }, `[40 40/chat, 42/chat,["message","hi"]]`},
		}},
		{"15 who hears it", []fact{
			{rooms, "copies of what is said to room A", func(s *sight) any { return len(s.heard("server", "to room A")) }, "3"},
			{rooms, "of them to the client in both rooms", func(s *sight) any { return s.copies("to room A")[3] }, "1"},
			{rooms, "copies to each client: to myself", func(s *sight) any { return s.copies("to myself") }, "[1 0 0 0]"},
			{rooms, "to all", func(s *sight) any { return s.copies(`to all"`) }, "[1 1 1 1]"},
			{rooms, "to all but me", func(s *sight) any { return s.copies("to all but me") }, "[0 1 1 1]"},
			{rooms, "to room A", func(s *sight) any { return s.copies("to room A") }, "[1 0 1 1]"},
			{rooms, "to A but me", func(s *sight) any { return s.copies("to A but me") }, "[0 0 1 1]"},
			{rooms, "packets of the client that tell of joining", func(s *sight) any { return len(s.heard("client", "join")) }, "0"},
		}},
		{"16 the cut cable", []fact{
			{"wirelab socketio --count 0 --transports websocket --ping-interval 5s --stay 20s", "packets on an idle connection in 20 s, with heartbeat", during, "12"},
			{"wirelab tcp --message hello --reply none --close-after 20s", "and without", func(s *sight) any {
				return len(s.all().where(func(p sent) bool { return p.Sent > time.Second && p.Sent < 20*time.Second }))
			}, "0"},
			{cut, "how long until the client knows", func(s *sight) any { return s.after("cut", "client").Round(time.Millisecond) }, "8.121s"},
			{cut, "and the server", func(s *sight) any { return s.after("cut", "server").Round(time.Millisecond) }, "8.141s"},
			{cut, "why", func(s *sight) any {
				return []string{s.notes("client", "disconnect")[0], s.notes("server", "disconnect")[0]}
			}, "[ping timeout ping timeout]"},
			{cut, "events that the client still sees", heardAfterCut, "[6]"},
			{cut + " --recovery", "and with recovery", heardAfterCut, "[2 3 4 5 6]"},
			{cut + " --recovery --every 13s", "if no event came before the cut", heardAfterCut, "[4 5 6]"},
			{cut, "the socket is another", func(s *sight) any { return len(s.sids()) }, "2"},
			{cut + " --recovery", "with recovery it is not", func(s *sight) any { return len(s.sids()) }, "1"},
			{strings.Replace(cut, "--restore 45s --stay 80s", "--restore 100s --stay 130s", 1), "the waits before the attempts grow", waits, "true"},
			{cut + " --handlers-on-connect", "one event, and calls of a handler after coming back", func(s *sight) any { return s.callsOf(`"from the server", 6`) }, "2"},
			{"wirelab socketio --middlebox strip:Upgrade", "where WebSocket is blocked", func(s *sight) any { return strings.Contains(s.notes("client", "upgrade")[0], "it stays on polling") }, "true"},
			{"wirelab socketio --middlebox strip:Upgrade", "and events are handled all the same", func(s *sight) any { return len(s.notes("client", "handle")) }, "1"},
			{"wirelab socketio --middlebox strip:Upgrade --transports websocket,polling", "also if it began with a WebSocket", func(s *sight) any { return len(s.notes("client", "handle")) }, "1"},
		}},
	} {
		t.Run(lesson.title, func(t *testing.T) {
			for _, f := range lesson.facts {
				if got := fmt.Sprint(f.look(perform(t, f.command))); got != f.want {
					t.Errorf("%s\n%s: %s, want %s", f.command, f.what, got, f.want)
				}
			}
		})
	}
}

// copies is how often each connection carried a text of the server.
func (s *sight) copies(text string) []int {
	counts := make([]int, len(s.Conns))
	for _, u := range s.said() {
		if u.from == "server" && strings.Contains(u.text, `"news"`) && strings.Contains(u.text, text) {
			counts[u.conn]++
		}
	}
	return counts
}

// sids are the different ids of the client's socket, as it was told.
func (s *sight) sids() (list []string) {
	for _, note := range s.notes("client", "connect") {
		sid := strings.TrimSuffix(strings.Fields(note)[1], ",")
		if !slices.Contains(list, sid) {
			list = append(list, sid)
		}
	}
	return list
}

// callsOf is how many calls of a handler of the client an event made.
func (s *sight) callsOf(event string) (n int) {
	for i := range s.Calls {
		if c := &s.Calls[i]; c.Parent >= 0 && c.What == "handle" && strings.Contains(s.Calls[c.Parent].Note, event) {
			n++
		}
	}
	return n
}
