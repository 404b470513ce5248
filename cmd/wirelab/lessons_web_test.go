package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	wsframes "wirelab/packets/websocket"
	"wirelab/trace"
)

// Lessons 10 to 13 are about the web's ways to push: what an HTTP message is,
// polling, the upgrade, and frames.
func TestTheExperimentsOfTheLessonsOnTheWeb(t *testing.T) {
	for _, lesson := range []struct {
		title string
		facts []fact
	}{
		{"10 a page over a connection", []fact{
			{"wirelab http --no-keep-alive", "handshakes of three requests, a connection each", handshakes, "3"},
			{"wirelab http", "handshakes on one connection", handshakes, "1"},
			{"wirelab http --no-keep-alive --rate none", "what each took", gets, "[80ms 80ms 80ms]"},
			{"wirelab http --rate none", "what each took on one", gets, "[80ms 40ms 40ms]"},
			{"wirelab http", "bytes of head for a body of 200", func(s *sight) any { return s.messages("http.response")[0].Head }, "103"},
			{"wirelab http --size 3000", "and for one of 3,000", func(s *sight) any { return s.messages("http.response")[0].Head }, "104"},
			{"wirelab http --size 3000", "packets of request 2, and of its answer", func(s *sight) any {
				return []int{s.packetsOf(s.messages("http.request")[1]), s.packetsOf(s.messages("http.response")[1])}
			}, "[1 3]"},
			{"wirelab http --count 1", "how the end is told", func(s *sight) any { return s.contains("http.response", "Content-Length: 200") }, "true"},
			{"wirelab http --count 1 --end chunked", "how else", func(s *sight) any { return s.contains("http.response", "Transfer-Encoding: chunked") }, "true"},
			{"wirelab http --count 1 --end close", "who closes if nothing tells", func(s *sight) any { return s.fin("server") < s.fin("client") }, "true"},
			{"wirelab http --count 1 --break-off 100", "the server dies in the middle", func(s *sight) any { return s.notes("client", "get") }, "[100 bytes came, and then no more: unexpected EOF]"},
			{"wirelab http --count 1 --break-off 100 --end close", "and nobody notices", func(s *sight) any { return s.notes("client", "get")[0][:17] }, "200 OK, 100 bytes"},
		}},
		{"11 are we there yet", []fact{
			{"wirelab longpoll --every 5s --for 30s", "requests in 30 s", func(s *sight) any { return len(s.messages("http.request")) }, "6"},
			{"wirelab longpoll --every 5s --for 30s", "answers without news", func(s *sight) any { return s.status(204) }, "4"},
			{"wirelab longpoll", "requests of long-polling for the same events", func(s *sight) any { return len(s.messages("http.request")) }, "3"},
			{"wirelab longpoll", "answers without news", func(s *sight) any { return s.status(204) }, "0"},
			{"wirelab longpoll --every 5s", "worst delay within the time between two requests", func(s *sight) any { w := s.worstDelay(); return w > time.Second && w < 5*time.Second }, "true"},
			{"wirelab longpoll --rate none", "worst delay of long-polling", func(s *sight) any { return s.worstDelay() }, "20ms"},
			{"wirelab longpoll", "who sends the first packet after the event", func(s *sight) any { return s.firstAfter("event-1") }, "server"},
			{"wirelab longpoll --every 5s", "who with polling", func(s *sight) any { return s.firstAfter("event-1") }, "client"},
			{"wirelab longpoll --at 20s", "packets between the request and the event", func(s *sight) any {
				return len(s.all().where(func(p sent) bool { return p.Sent > time.Second && p.Sent < 20*time.Second }))
			}, "0"},
			{"wirelab longpoll --at 1s,1.05s,1.06s", "events heard of", func(s *sight) any { return s.notes("client", "sum up")[0][:24] }, "3 of 3 events heard of; "},
			{"wirelab longpoll --at 1s,1.05s,1.06s --no-since", "and without numbers", func(s *sight) any { return s.notes("client", "sum up")[0][:24] }, "2 of 3 events heard of; "},
			{"wirelab longpoll --at 30s --wait 10s", "a proxy would not wait so long: statuses", func(s *sight) any { return s.statuses() }, "[204 204 200]"},
			{"wirelab longpoll --no-keep-alive", "connections", handshakes, "3"},
		}},
		{"12 from HTTP to WebSocket", []fact{
			{"wirelab websocket", "TCP connections", handshakes, "1"},
			{"wirelab websocket", "statuses", func(s *sight) any { return s.statuses() }, "[101]"},
			{"wirelab websocket --count 3", "HTTP behind the 101", func(s *sight) any { return s.after101("http.") }, "0"},
			{"wirelab websocket --count 3", "frames behind it", func(s *sight) any { return s.after101("ws.frame") }, "8"},
			{"wirelab websocket", "the accept is that of the key", func(s *sight) any {
				key := s.field("http.request", "Sec-WebSocket-Key")
				return len(key) == 24 && s.field("http.response", "Sec-WebSocket-Accept") == wsframes.Accept(key)
			}, "true"},
			{"wirelab websocket --answer 200", "a server that speaks only HTTP", func(s *sight) any { return s.notes("client", "dial") }, "[no WebSocket: 200 OK, an ordinary page]"},
			{"wirelab websocket --middlebox strip:Upgrade", "what reaches the server", func(s *sight) any { return s.statuses() }, "[426]"},
			{"wirelab websocket --middlebox strip:Upgrade", "what the client says", func(s *sight) any { return s.notes("client", "dial") }, "[no WebSocket: 426 Upgrade Required, because no Upgrade came to the server]"},
			{"wirelab websocket --origin http://evil.test", "a page of another site", func(s *sight) any { return s.statuses() }, "[403]"},
			{"wirelab websocket --origin http://server", "a page of its own", func(s *sight) any { return s.statuses() }, "[101]"},
		}},
		{"13 inside a frame", []fact{
			{"wirelab websocket --message hello", "bytes of hello from the client, and from the server", func(s *sight) any { return s.sizes("text") }, "[11 7]"},
			{"wirelab websocket --size 125", "125 bytes", func(s *sight) any { return s.sizes("text") }, "[131 127]"},
			{"wirelab websocket --size 126", "126 bytes", func(s *sight) any { return s.sizes("text") }, "[134 130]"},
			{"wirelab websocket --size 65535", "65,535 bytes", func(s *sight) any { return s.sizes("text") }, "[65543 65539]"},
			{"wirelab websocket --size 65536", "65,536 bytes", func(s *sight) any { return s.sizes("text") }, "[65550 65546]"},
			{"wirelab websocket --size 70000", "packets of one frame", func(s *sight) any { return s.packetsOf(s.messages("ws.frame")[0]) > 40 }, "true"},
			{"wirelab websocket --size 70000 --fragment 4096", "frames of one message", func(s *sight) any {
				return len(slices.DeleteFunc(s.messages("ws.frame"), func(m *trace.Message) bool { return s.Name(m.From) != "client" || m.What == "close" }))
			}, "18"},
			{"wirelab websocket --size 100 --fragment 10 --nagle", "most frames in one packet", func(s *sight) any { return s.mostFrames() > 1 }, "true"},
			{"wirelab websocket --size 70000 --push 1 --push-size 70000", "both sides had data in flight", func(s *sight) any { return s.overlap() > 0 }, "true"},
			{"wirelab websocket --idle 3s --ping-interval 1s", "pings and pongs", func(s *sight) any { return []int{len(s.sizes("ping")), len(s.sizes("pong"))} }, "[3 3]"},
			{"wirelab websocket --close 1001 --reason bye", "codes of the close frames", func(s *sight) any { return s.codes() }, "[1001 1001]"},
			{"wirelab websocket --illegal unmasked", "a client that does not mask", func(s *sight) any { return s.codes() }, "[1002 1002]"},
			{"wirelab websocket --illegal no-utf8", "text that is none", func(s *sight) any { return s.codes() }, "[1007 1007]"},
			{"wirelab websocket --size 2kB --max-message 1kB", "too much", func(s *sight) any { return s.codes() }, "[1009 1009]"},
			{"wirelab websocket --takes binary", "the wrong type", func(s *sight) any { return s.codes() }, "[1003 1003]"},
			{"wirelab websocket --close none", "no goodbye", func(s *sight) any { return s.codes() }, "[]"},
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

// handshakes is how many connections were asked for.
func handshakes(s *sight) any {
	return len(s.from("client").where(func(p sent) bool { return slices.Equal(sents{p}.flags(), []string{"SYN"}) }))
}

// gets is what each page took.
func gets(s *sight) any {
	var list []time.Duration
	for _, c := range s.calls("client", "get") {
		list = append(list, c.End-c.Start)
	}
	return list
}

// messages are those whose kind begins so.
func (s *sight) messages(kind string) (list []*trace.Message) {
	for i := range s.Messages {
		if m := &s.Messages[i]; strings.HasPrefix(m.Kind, kind) {
			list = append(list, m)
		}
	}
	return list
}

func (s *sight) statuses() (list []int) {
	for _, m := range s.messages("http.response") {
		list = append(list, m.Status)
	}
	return list
}

// status is how many responses have that status.
func (s *sight) status(n int) (count int) {
	for _, status := range s.statuses() {
		if status == n {
			count++
		}
	}
	return count
}

// after101 is how many messages of a kind were sent behind the upgrade.
func (s *sight) after101(kind string) (n int) {
	answer := s.messages("http.response")[0]
	for _, m := range s.messages(kind) {
		if m.Sent > answer.Sent {
			n++
		}
	}
	return n
}

// sizes are the bytes of the frames of one type.
func (s *sight) sizes(what string) (list []int) {
	for _, m := range s.messages("ws.frame") {
		if m.What == what {
			list = append(list, m.Size)
		}
	}
	return list
}

// codes are those of the frames that close.
func (s *sight) codes() (list []int) {
	for _, m := range s.messages("ws.frame") {
		if m.What == "close" {
			list = append(list, m.Status)
		}
	}
	return list
}

// packetsOf is how many packets carry a part of a message.
func (s *sight) packetsOf(m *trace.Message) (n int) {
	for i := range s.Packets {
		if covers(m, s.Packets[i].Span) {
			n++
		}
	}
	return n
}

func covers(m *trace.Message, in trace.Span) bool {
	return slices.ContainsFunc(m.Spans, func(span trace.Span) bool {
		return span.Stream == in.Stream && span.Lo < in.Hi && in.Lo < span.Hi
	})
}

// mostFrames is the most frames of which one packet carries a part.
func (s *sight) mostFrames() (most int) {
	for i := range s.Packets {
		n := 0
		for _, m := range s.messages("ws.frame") {
			if covers(m, s.Packets[i].Span) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// overlap is how long both sides had bytes on the wire.
func (s *sight) overlap() time.Duration {
	var from, to [2]time.Duration
	for end, name := range []string{"client", "server"} {
		large := s.from(name).where(func(p sent) bool { return p.Headers.Len > 1000 })
		from[end], to[end] = large[0].Sent, large[len(large)-1].Arrived
	}
	return min(to[0], to[1]) - max(from[0], from[1])
}

// contains says whether the bytes of a message of that kind hold some words.
func (s *sight) contains(kind, words string) bool {
	return strings.Contains(s.head(s.messages(kind)[0]), words)
}

// field is the value of a field of the first message of a kind.
func (s *sight) field(kind, name string) string {
	_, rest, _ := strings.Cut(s.head(s.messages(kind)[0]), "\r\n"+name+": ")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

// head is what the packet that a message begins with carries.
func (s *sight) head(m *trace.Message) string {
	for i := range s.Packets {
		if p := &s.Packets[i]; covers(m, p.Span) {
			h := s.all()[i].Headers
			return string(s.Bytes(p)[h.Off : h.Off+h.Len])
		}
	}
	return ""
}

// firstAfter is who sends the first packet after a moment.
func (s *sight) firstAfter(mark string) string {
	for _, m := range s.Marks {
		if m.Name == mark {
			return s.all().where(func(p sent) bool { return p.Sent >= m.At })[0].from
		}
	}
	return ""
}

// worstDelay is the longest time from an event to its arrival at the client.
func (s *sight) worstDelay() (worst time.Duration) {
	for _, mark := range s.Marks {
		for _, m := range s.messages("http.response") {
			if strings.Contains(s.head(m), `"event `+strings.TrimPrefix(mark.Name, "event-")+`"`) {
				worst = max(worst, m.Arrived-mark.At)
				break
			}
		}
	}
	return worst
}
