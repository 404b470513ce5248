package sockets

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"wirelab/socketio/engine"
)

// echo acknowledges what it gets, and returns it as an event.
func echo(_ *talk, c *Socket) {
	c.On("message", func(args []any, ack func(...any)) {
		ack(args...)
		c.Emit("message-back", args...)
	})
}

func TestAnEventAndItsAcknowledgement(t *testing.T) {
	k := inLab(t, setting{meet: echo}, func(k *talk) {
		p := k.plain()
		defer p.close()
		p.join("")
		p.say(`42["message",1,"<&>"]`)
		equal(t, "without", p.hear(), `42["message-back",1,"<&>"]`)
		p.say(`427["message","x"]`)
		equal(t, "the acknowledgement", p.hear(), `437["x"]`)
		equal(t, "the event", p.hear(), `42["message-back","x"]`)
		p.say(`451-8["message",{"_placeholder":true,"num":0}]`, "=\x01\x02")
		for _, want := range []string{`461-8[{"_placeholder":true,"num":0}]`, "=\x01\x02", `451-["message-back",{"_placeholder":true,"num":0}]`, "=\x01\x02"} {
			equal(t, "with bytes", p.hear(), want)
		}
		p.say(`43999["nobody asked"]`, `42["no handler"]`, `42["message","still there"]`)
		equal(t, "after an acknowledgement of nothing", p.hear(), `42["message-back","still there"]`)
	})
	equal(t, "on", k.notes("server", "on"), []string{`message(1, "<&>")`, `message("x"), asks for acknowledgement 7`,
		`message(2 bytes), asks for acknowledgement 8`, `no handler()`, `message("still there")`})
	equal(t, "ack", k.notes("server", "ack"), []string{`acknowledges 7: "x"`, "acknowledges 8: 2 bytes"})
	equal(t, "why it left", k.left, []string{engine.TransportClose})
}

// What is no packet, or not now, ends the session; the client hears a close frame.
func TestWhatEndsTheSession(t *testing.T) {
	for _, c := range []struct {
		what   string
		joined bool
		say    []string
	}{
		{"no type", false, []string{"4abc"}},
		{"an event before joining", false, []string{`42["message","x"]`}},
		{"bytes before joining", false, []string{"=x"}},
		{"a payload that is none", true, []string{"42{}"}},
		{"an acknowledgement id that is none", true, []string{`42abc["message"]`}},
		{"a reserved name", true, []string{`42["disconnect"]`}},
		{"a connect error", true, []string{`44{"message":"x"}`}},
		{"bytes from nowhere", true, []string{"=x"}},
		{"an attachment missing", true, []string{`452-["message",{"_placeholder":true,"num":0}]`, "=x", `42["message"]`}},
		{"a placeholder of nothing", true, []string{`451-["message",{"_placeholder":true,"num":5}]`, "=x"}},
		{"too many attachments", true, []string{`4511-["message"]`}},
	} {
		k := inLab(t, setting{meet: echo}, func(k *talk) {
			p := k.plain()
			defer p.close()
			if c.joined {
				p.join("")
			}
			if got := p.say(c.say...).hear(); got != "closed 1005" {
				t.Errorf("%s: %s", c.what, got)
			}
		})
		if c.joined {
			equal(t, c.what, k.left, []string{engine.ParseError})
		}
		equal(t, "sessions after "+c.what, k.sio.Engine().Sessions(), 0)
	}
}

// A plain WebSocket client gets the handshake of Engine.IO, and is closed when it
// joins nothing, however well it answers pings.
func TestWhoJoinsNothingIsClosed(t *testing.T) {
	inLab(t, setting{o: Options{ConnectTimeout: time.Second, Engine: engine.Options{PingInterval: 300 * ms}}}, func(k *talk) {
		p := k.plain()
		defer p.close()
		equal(t, "it hears", p.hear(), "closed 1005")
		equal(t, "at", k.lab.Elapsed(), 30*ms+time.Second+10*ms)
	})
}

func TestNamespaces(t *testing.T) {
	inLab(t, setting{meet: echo}, func(k *talk) {
		k.sio.Of("/custom").OnConnect(func(c *Socket) { c.Emit("hello", c.Auth()) })
		k.sio.Of("/closed").Admit(func(c *Socket) error {
			if c.Auth()["key"] != "open" {
				return errors.New("no")
			}
			return nil
		})
		p := k.plain()
		defer p.close()
		for _, c := range []struct{ say, want string }{
			{"40/random", `44/random,{"message":"Invalid namespace"}`},
			{"40/closed,", `44/closed,{"message":"no"}`},
			{`40/closed,{"key":"shut"}`, `44/closed,{"message":"no"}`},
		} {
			equal(t, c.say, p.say(c.say).hear(), c.want)
		}
		p.say(`40/custom,{"a":1}`).hear()
		equal(t, "the event of the other namespace", p.hear(), `42/custom,["hello",{"a":1}]`)
		p.join("")
		p.say("41/custom,", `42/custom,["message","lost"]`, `42["message","heard"]`)
		equal(t, "after leaving one", p.hear(), `42["message-back","heard"]`)
		p.say("41", `42["message","lost"]`, `40/closed,{"key":"open"}`)
		if got := p.hear(); len(got) < 20 || got[:18] != `40/closed,{"sid":"` {
			t.Errorf("the connection outlives its namespaces: %s", got)
		}
	})
}

// For one emit so many copies leave the server as sockets hear it: one to each,
// also to who is in two rooms.
func TestWhoHearsIt(t *testing.T) {
	var all []*Socket
	inLab(t, setting{meet: func(_ *talk, c *Socket) {
		all = append(all, c)
		for _, room := range []string{"A", "B"}[min(len(all)-1, 2)%2:] {
			if len(all) == 3 || room == []string{"A", "B"}[(len(all)-1)%2] {
				c.Join(room)
			}
		}
	}}, func(k *talk) {
		var ps []*plain
		for range 4 { // A, B, A and B, B
			p := k.plain()
			defer p.close()
			p.join("")
			ps = append(ps, p)
		}
		n := k.sio.Of("/")
		a := all[0]
		for i, c := range []struct {
			to   Audience
			want []int
		}{
			{n.To(), []int{0, 1, 2, 3}},
			{n.To("A"), []int{0, 2}},
			{n.To("A", "B"), []int{0, 1, 2, 3}},
			{n.To("nobody"), nil},
			{a.Broadcast(), []int{1, 2, 3}},
			{a.Broadcast("A"), []int{2}},
			{n.To(a.ID()), []int{0}},
			{n.To("B").Except("A"), []int{1, 3}},
		} {
			copies, err := c.to.Emit("news", i)
			if err != nil || copies != len(c.want) {
				t.Errorf("case %d: %d copies, %v; want %d", i, copies, err, len(c.want))
			}
			for _, w := range c.want {
				equal(t, fmt.Sprintf("case %d: client %d hears", i, w), ps[w].hear(), fmt.Sprintf(`42["news",%d]`, i))
			}
		}
		equal(t, "rooms of the third", all[2].Rooms()[1:], []string{"A", "B"})
		all[2].Leave("A")
		if copies, _ := n.To("A").Emit("news"); copies != 1 {
			t.Errorf("after one has left, %d hear it", copies)
		}
		if _, err := n.To().Emit("connect"); err == nil {
			t.Error("a reserved name can be emitted")
		}
		if _, err := n.To().Emit("x", func() {}); err == nil {
			t.Error("a function can be emitted")
		}
	})
}

func TestAServerThatAsks(t *testing.T) {
	var replies []string
	k := inLab(t, setting{meet: func(k *talk, c *Socket) {
		for i := range 3 {
			c.EmitAck(time.Second, func(args []any, err error) {
				replies = append(replies, fmt.Sprint(i, " ", args, " ", err, " at ", k.lab.Elapsed()))
			}, "question", i)
		}
	}}, func(k *talk) {
		p := k.plain()
		p.join("")
		for i := range 3 {
			equal(t, "it asks", p.hear(), fmt.Sprintf(`42%d["question",%d]`, i, i))
		}
		p.say(`431["yes"]`, `431["twice"]`)
		k.lab.Sleep(500 * ms)
		p.close()
		k.lab.Sleep(2 * time.Second)
	})
	equal(t, "the replies", replies, []string{"1 [yes] <nil> at 70ms", "0 [] socket has been disconnected at 570ms", "2 [] socket has been disconnected at 570ms"})
	equal(t, "ack", k.notes("server", "ack"), []string{`acknowledgement 1 has come: "yes"`,
		"acknowledgement 0: socket has been disconnected", "acknowledgement 2: socket has been disconnected"})

	replies = nil
	inLab(t, setting{meet: func(k *talk, c *Socket) {
		c.EmitAck(time.Second, func(args []any, err error) { replies = append(replies, fmt.Sprint(args, err, " at ", k.lab.Elapsed())) }, "question")
	}}, func(k *talk) {
		p := k.plain()
		defer p.close()
		p.join("")
		k.lab.Sleep(2 * time.Second)
		p.say(`430["late"]`)
		k.lab.Sleep(100 * ms)
	})
	equal(t, "an answer that is late", replies, []string{"[] operation has timed out at 1.05s"})
}

// A volatile event goes out at once or not at all: a client that does not poll at
// this moment does not get it.
func TestVolatileEvents(t *testing.T) {
	inLab(t, setting{}, func(k *talk) {
		p := k.plain()
		defer p.close()
		p.join("")
		to := k.sio.Of("/").To()
		for _, c := range []struct{ copies, want int }{{volatile(to), 1}, {volatile(to), 0}} { // the second while the first still waits to be written
			equal(t, "copies", c.copies, c.want)
		}
		k.lab.Sleep(ms)
		equal(t, "copies when all is written", volatile(to), 1)
	})
}

func volatile(to Audience) int {
	n, err := to.Volatile().Emit("now")
	if err != nil {
		return -1
	}
	return n
}

func TestStateIsRecovered(t *testing.T) {
	n := 0
	meet := func(k *talk, c *Socket) {
		if n++; n == 1 {
			c.Join("A")
			c.Data = "kept"
			c.Emit("first")
		} else if c.Recovered() && (c.Data != "kept" || len(c.Rooms()) != 2) {
			t.Errorf("it comes back with %v in %v", c.Data, c.Rooms())
		}
	}
	for _, c := range []struct {
		what    string
		away    time.Duration
		auth    string // %s: the private id, and the offset
		recover bool
	}{
		{"at once", time.Second, `{"pid":"%s","offset":"%s"}`, true},
		{"after the time for which it is kept", 3 * time.Minute, `{"pid":"%s","offset":"%s"}`, false},
		{"with a wrong offset", time.Second, `{"pid":"%s","offset":"x%s"}`, false},
		{"with a wrong id", time.Second, `{"pid":"x%s","offset":"%s"}`, false},
		{"without one", time.Second, `{"pida":"%s","offset":"%s"}`, false},
	} {
		n = 0
		inLab(t, setting{o: Options{Recovery: 2 * time.Minute}, meet: meet}, func(k *talk) {
			p := k.plain()
			sid, pid := p.join("")
			var offset string
			fmt.Sscanf(p.hear(), `42["first",%q]`, &offset)
			if offset == "" || pid == "" {
				t.Errorf("offset %q, private id %q", offset, pid)
			}
			p.close()
			k.lab.Sleep(100 * ms)
			ns := k.sio.Of("/")
			ns.To("A").Emit("missed", 1)
			ns.To("B").Emit("not for it")
			ns.To().Volatile().Emit("not kept")
			ns.To(sid).Emit("missed", 2)
			k.lab.Sleep(c.away)
			p = k.plain()
			defer p.close()
			again, pid2 := p.join(fmt.Sprintf(c.auth, pid, offset))
			if (again == sid) != c.recover || (pid2 == pid) != c.recover {
				t.Errorf("%s: the id is %s and was %s, the private id is %s and was %s", c.what, again, sid, pid2, pid)
			}
			if c.recover {
				for i := range 2 {
					if got, want := p.hear(), fmt.Sprintf(`42["missed",%d,"`, i+1); len(got) < len(want) || got[:len(want)] != want {
						t.Errorf("%s: it hears %s", c.what, got)
					}
				}
			}
			k.sio.Of("/").To().Emit("next")
			if got := p.hear(); got[:9] != `42["next"` {
				t.Errorf("%s: and then %s", c.what, got)
			}
		})
	}
}

// Who leaves of its own will is not expected back.
func TestNoStateIsKeptOfWhoLeft(t *testing.T) {
	inLab(t, setting{o: Options{Recovery: time.Minute}, meet: func(_ *talk, c *Socket) { c.Emit("first") }}, func(k *talk) {
		p := k.plain()
		sid, pid := p.join("")
		var offset string
		fmt.Sscanf(p.hear(), `42["first",%q]`, &offset)
		p.say("41")
		k.lab.Sleep(100 * ms)
		if again, _ := p.join(fmt.Sprintf(`{"pid":%q,"offset":%q}`, pid, offset)); again == sid {
			t.Error("it is taken up again")
		}
		p.close()
	})
}

// What is kept for those who are gone has its limits.
func TestWhatIsKeptHasItsLimits(t *testing.T) {
	inLab(t, setting{o: Options{Recovery: time.Minute, MaxRecovery: 10}}, func(k *talk) {
		n := k.sio.Of("/")
		for i := range 100 {
			n.To().Emit("x", i)
		}
		equal(t, "events kept", len(n.log), 10)
		equal(t, "the last of them", n.log[9].p.Args[1], any(99))
		k.lab.Sleep(2 * time.Minute)
		n.To().Emit("x")
		equal(t, "events kept after their time", len(n.log), 1)
	})
}

func TestAServerThatThrowsOut(t *testing.T) {
	k := inLab(t, setting{meet: func(_ *talk, c *Socket) {
		c.On("out", func([]any, func(...any)) { c.Disconnect(false) })
		c.On("break", func([]any, func(...any)) {
			c.Emit("farewell")
			c.Disconnect(true)
		})
	}}, func(k *talk) {
		p := k.plain()
		p.join("")
		equal(t, "out of the namespace", p.say(`42["out"]`).hear(), "41")
		p.join("")
		equal(t, "what was queued still comes", p.say(`42["break"]`).hear(), `42["farewell"]`)
		equal(t, "and then", p.hear(), "closed 1005")
		p.close()
	})
	equal(t, "why it left", k.left, []string{"server namespace disconnect", engine.ForcedClose})
}
