package trace

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMessagesAreTimedByTheCallsThatCarryThem(t *testing.T) {
	tr := &Trace{Hosts: []Host{{Name: "a"}, {Name: "b"}}, Conns: make([]Conn, 2), End: time.Second}
	call := func(what string, s Span, start, end time.Duration) {
		tr.Calls = append(tr.Calls, Call{Parent: -1, Host: uint16(s.Stream.End()), Conn: s.Stream.Conn(), What: what, Span: s, Start: start, End: end, Began: uint32(start / ms), Ended: uint32(end / ms)})
	}
	on := func(lo, hi int64) Span { return Span{Stream: 0, Lo: lo, Hi: hi} }
	call("write", on(0, 100), 1*ms, 1*ms)
	call("write", on(100, 150), 2*ms, 2*ms)
	call("read", on(0, 60), 11*ms, 12*ms)
	call("read", on(60, 120), 13*ms, 14*ms)
	call("read", on(120, 150), 15*ms, 16*ms)
	call("write", Span{Stream: 2, Unit: 1, Lo: 0, Hi: 9}, 20*ms, 20*ms)
	call("write", on(150, 170), 30*ms, 30*ms) // nobody reads it
	message := func(text string, parent int32, spans ...Span) {
		tr.Messages = append(tr.Messages, Message{Parent: parent, Text: text, Spans: spans})
	}
	message("never written", -1, on(500, 510))
	message("last", -1, on(150, 170))
	message("part of the first write", 3, on(50, 60))
	message("two writes, three reads", -1, on(0, 10), on(140, 150))
	message("datagram", -1, Span{Stream: 2, Unit: 1, Lo: 0, Hi: 9})
	message("nowhere", -1)
	tr.TimeMessages()
	var got []string
	for _, m := range tr.Messages {
		parent := "-"
		if m.Parent >= 0 {
			parent = tr.Messages[m.Parent].Text
		}
		got = append(got, fmt.Sprint(m.Text, " ", m.Sent, " ", m.Arrived, " in ", parent))
	}
	want := []string{
		"two writes, three reads 1ms 16ms in -",
		"part of the first write 1ms 12ms in two writes, three reads",
		"datagram 20ms -1ns in -",
		"last 30ms -1ns in -",
		"never written -1ns -1ns in -",
		"nowhere -1ns -1ns in -",
	}
	if !slices.Equal(got, want) {
		t.Errorf("messages\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if err := tr.Check(); err != nil {
		t.Errorf("the trace is not sound: %v", err)
	}
}

func TestSpansOverlap(t *testing.T) {
	s := Span{Stream: 1, Lo: 10, Hi: 20}
	for _, c := range []struct {
		o    Span
		want bool
	}{
		{Span{Stream: 1, Lo: 0, Hi: 10}, false}, {Span{Stream: 1, Lo: 0, Hi: 11}, true}, {Span{Stream: 1, Lo: 19, Hi: 20}, true},
		{Span{Stream: 1, Lo: 20, Hi: 30}, false}, {Span{Stream: 1, Lo: 12, Hi: 13}, true}, {Span{Stream: 1, Lo: 0, Hi: 99}, true},
		{Span{Stream: 0, Lo: 10, Hi: 20}, false}, {Span{Stream: 1, Unit: 1, Lo: 10, Hi: 20}, false}, {Span{}, false},
		{Span{Stream: 1, Lo: 15, Hi: 15}, false}, {Span{Stream: 1, Lo: 10, Hi: 10}, false},
	} {
		if s.Overlaps(c.o) != c.want || c.o.Overlaps(s) != c.want {
			t.Errorf("%+v overlaps %+v: want %v", s, c.o, c.want)
		}
	}
	if d := (Span{Lo: -1, Hi: 8}).Data(7); d.Lo != 0 || d.Hi != 7 {
		t.Errorf("the data of SYN, 7 bytes and FIN is %+v", d)
	}
}
