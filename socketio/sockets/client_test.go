package sockets

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wirelab/socketio/engine"
	"wirelab/wire"
)

func TestTheWaitsOfABackoff(t *testing.T) {
	b := Backoff{Min: time.Second, Max: 5 * time.Second, Jitter: 0.5}
	for _, c := range []struct {
		n      int
		chance float64
		want   time.Duration
	}{
		{0, 0.5, time.Second}, {1, 0.5, 2 * time.Second}, {2, 0.5, 4 * time.Second}, {3, 0.5, 5 * time.Second}, {1000, 0.5, 5 * time.Second},
		{0, 0, 500 * ms}, {0, 0.75, 1250 * ms}, {2, 0, 2 * time.Second},
		{2, 0.625, 4500 * ms}, {3, 0, 2500 * ms}, {3, 0.9, 5 * time.Second},
	} {
		if got := b.Wait(c.n, c.chance); got != c.want {
			t.Errorf("before attempt %d with chance %v: %v, want %v", c.n, c.chance, got, c.want)
		}
	}
	if got := (Backoff{Min: time.Second, Max: time.Minute}).Wait(4, 0.9); got != 16*time.Second {
		t.Errorf("without jitter %v", got)
	}
}

// events is what a client tells of itself.
type events struct{ list []string }

func (e *events) add(k *talk, what string, a ...any) {
	e.list = append(e.list, fmt.Sprint(k.lab.Elapsed(), " ", what))
	if len(a) > 0 {
		e.list[len(e.list)-1] += " " + fmt.Sprint(a...)
	}
}

func (e *events) watch(k *talk, s *ClientSocket) {
	s.OnConnect(func() { e.add(k, "connect") })
	s.OnDisconnect(func(reason string) { e.add(k, "disconnect", reason) })
	s.OnRefused(func(err error) { e.add(k, "refused", err) })
}

// What is emitted before the connection waits for it; an acknowledgement comes, or
// an error that says why not.
func TestWhatAClientEmits(t *testing.T) {
	var e events
	k := inLab(t, setting{meet: func(_ *talk, c *Socket) {
		c.On("message", func(args []any, ack func(...any)) { ack(append(args, "seen")...) })
		c.On("silent", func([]any, func(...any)) {})
	}}, func(k *talk) {
		m, s := k.visitor(ClientOptions{Engine: onlyWebSocket})
		e.watch(k, s)
		reply := func(args []any, err error) { e.add(k, "reply", args, err) }
		s.Emit("message", 0)
		s.EmitAck(0, reply, "message", 1)
		s.EmitAck(10*ms, reply, "message", 2) // overdue before it goes out
		if err := s.EmitVolatile("message", 3); !errors.Is(err, ErrNotSent) {
			t.Errorf("volatile: %v", err)
		}
		if err := s.Emit("disconnect"); err == nil {
			t.Error("a reserved name can be emitted")
		}
		if err := s.EmitAck(0, reply, "x", func() {}); err != nil {
			t.Errorf("what cannot be written shows when it goes out: %v", err)
		}
		m.Open()
		k.lab.Sleep(200 * ms)
		s.EmitAck(50*ms, reply, "silent")
		s.EmitAck(0, reply, "silent")
		k.lab.Sleep(100 * ms)
		m.Close()
		k.lab.Sleep(100 * ms)
	})
	equal(t, "it tells", e.list, []string{"10ms reply [] operation has timed out", "60ms connect", "80ms reply [1 seen] <nil>",
		"250ms reply [] operation has timed out", "300ms reply [] socket has been disconnected", "300ms reply [] socket has been disconnected",
		"300ms disconnect io client disconnect"}[:7])
	equal(t, "on", k.notes("server", "on"), []string{"message(0)", "message(1), asks for acknowledgement 0",
		"silent(), asks for acknowledgement 3", "silent(), asks for acknowledgement 4"})
	equal(t, "why it left", k.left, []string{"client namespace disconnect"})
}

// A cable that is cut for longer than the heartbeat lets both know; the client
// comes back, later and later each time, and is another one.
func TestAClientComesBack(t *testing.T) {
	var e events
	waits := []time.Duration{}
	cut := wire.Conditions{Cut: []time.Duration{3 * time.Second}, Restore: []time.Duration{40 * time.Second}}
	k := inLab(t, setting{wire: cut, o: Options{Engine: engine.Options{PingInterval: time.Second, PingTimeout: time.Second}}}, func(k *talk) {
		o := ClientOptions{Engine: onlyWebSocket}
		o.Engine.Timeout = 2 * time.Second
		o.Failed = func(err error) { e.add(k, "failed", err) }
		m, s := k.visitor(o)
		e.watch(k, s)
		first := ""
		m.Open()
		k.lab.Sleep(time.Second)
		first = s.ID()
		k.lab.Sleep(59 * time.Second)
		if !s.Connected() || s.ID() == first || s.Recovered() {
			t.Errorf("connected %v as %s, before as %s", s.Connected(), s.ID(), first)
		}
		m.Close()
	})
	for _, note := range k.notes("client", "reconnect") {
		var n int
		var wait string
		fmt.Sscanf(note, "attempt %d after %s", &n, &wait)
		d, err := time.ParseDuration(strings.TrimSuffix(wait, "timeout"))
		if err != nil {
			t.Error(err)
		}
		waits = append(waits, d)
	}
	want := 1 * time.Second
	for i, w := range waits {
		if w < want/2 || w > min(want*3/2, 5*time.Second) {
			t.Errorf("wait %d is %v, and should be half more or less than %v", i+1, w, want)
		}
		want = min(2*want, 5*time.Second)
	}
	if len(waits) < 5 || len(waits) > 12 {
		t.Errorf("%d attempts in 37 s", len(waits))
	}
	if e.list[0] != "60ms connect" || !strings.HasSuffix(e.list[1], "disconnect ping timeout") || !strings.HasSuffix(e.list[len(e.list)-2], " connect") {
		t.Errorf("it tells %q", e.list)
	}
	equal(t, "why it left", k.left, []string{engine.PingTimeout, "client namespace disconnect"})
}

// What is emitted while the client is away is gone; with recovery it comes when it
// comes back, if one event came before.
func TestWhatIsMissed(t *testing.T) {
	for _, c := range []struct {
		recovery time.Duration
		before   bool
		want     []string
	}{
		{0, true, []string{"before", "after"}},
		{time.Minute, true, []string{"before", "during 0", "during 1", "during 2", "after"}},
		{time.Minute, false, []string{"after"}},
	} {
		var heard []string
		cut := wire.Conditions{Cut: []time.Duration{3 * time.Second}, Restore: []time.Duration{20 * time.Second}}
		inLab(t, setting{wire: cut, o: Options{Recovery: c.recovery, Engine: engine.Options{PingInterval: time.Second, PingTimeout: time.Second}}}, func(k *talk) {
			m, s := k.visitor(ClientOptions{Engine: onlyWebSocket})
			s.On("news", func(args []any, _ func(...any)) { heard = append(heard, fmt.Sprint(args[0])) })
			m.Open()
			k.lab.Sleep(time.Second)
			to := k.sio.Of("/").To()
			if c.before {
				to.Emit("news", "before")
			}
			k.lab.Sleep(9 * time.Second)
			for i := range 3 {
				to.Emit("news", fmt.Sprint("during ", i))
			}
			k.lab.Sleep(40 * time.Second)
			if s.Recovered() != (c.recovery > 0 && c.before) {
				t.Errorf("%+v: recovered %v", c, s.Recovered())
			}
			to.Emit("news", "after")
			k.lab.Sleep(time.Second)
			m.Close()
		})
		equal(t, fmt.Sprintf("recovery %v, an event before: %v", c.recovery, c.before), heard, c.want)
	}
}

// A client that adds its handlers at each connect has them twice when it comes
// back: one event on the wire, two calls.
func TestHandlersThatAreAddedTwice(t *testing.T) {
	k := inLab(t, setting{}, func(k *talk) {
		m, s := k.visitor(ClientOptions{Engine: onlyWebSocket})
		s.OnConnect(func() { s.On("news", func([]any, func(...any)) {}) })
		m.Open()
		k.lab.Sleep(time.Second)
		m.Drop()
		k.lab.Sleep(5 * time.Second)
		k.sio.Of("/").To().Emit("news")
		k.lab.Sleep(time.Second)
		m.Close()
	})
	equal(t, "events", len(k.notes("client", "on")), 1)
	equal(t, "calls of a handler", len(k.notes("client", "handle")), 2)
}

// Where there is no WebSocket, a client that began with polling stays there;
// one that may poll falls back; one that may not gives up.
func TestWhereThereIsNoWebSocket(t *testing.T) {
	for _, c := range []struct {
		transports []string
		want       []string
	}{
		{[]string{engine.Polling, engine.WebSocket}, []string{"connect", "heard"}}, // the server offers no upgrade, so there is nothing to try
		{[]string{engine.WebSocket, engine.Polling}, []string{"connect", "heard"}},
		{[]string{engine.WebSocket}, []string{"failed", "failed", "failed", "gave up"}},
	} {
		var list []string
		inLab(t, setting{o: Options{Engine: engine.Options{Transports: []string{engine.Polling}}}, meet: echo}, func(k *talk) {
			m, s := k.visitor(ClientOptions{Attempts: 2, Engine: engine.ClientOptions{Transports: c.transports},
				Upgraded: func(error) { list = append(list, "not upgraded") },
				Failed:   func(error) { list = append(list, "failed") },
				GaveUp:   func() { list = append(list, "gave up") }})
			s.OnConnect(func() { list = append(list, "connect") })
			s.On("message-back", func([]any, func(...any)) { list = append(list, "heard") })
			m.Open()
			k.lab.Sleep(10 * time.Second)
			s.Emit("message")
			k.lab.Sleep(time.Second)
			m.Close()
		})
		equal(t, strings.Join(c.transports, " then "), list, c.want)
	}
}

// A loss while a connection is being opened starts no second attempt beside the
// first.
func TestOneAttemptAtATime(t *testing.T) {
	opening, most := 0, 0
	k := inLab(t, setting{o: Options{Engine: engine.Options{PingInterval: 200 * ms, PingTimeout: 200 * ms}},
		wire: wire.Conditions{Cut: []time.Duration{500 * ms, 2 * time.Second, 4 * time.Second}, Restore: []time.Duration{1200 * ms, 3 * time.Second, 5 * time.Second}}},
		func(k *talk) {
			m, s := k.visitor(ClientOptions{Reconnect: Backoff{Min: 50 * ms, Max: 200 * ms, Jitter: 0.5}, Engine: engine.ClientOptions{Timeout: 300 * ms}})
			m.o.Record = count(m.o.Record, &opening, &most)
			m.Open()
			k.lab.Sleep(10 * time.Second)
			if !s.Connected() {
				t.Error("it is not connected in the end")
			}
			m.Close()
		})
	if most != 1 || len(k.notes("client", "reconnect")) < 5 {
		t.Errorf("at most %d attempts at once, of %d", most, len(k.notes("client", "reconnect")))
	}
}

// count counts how many attempts are under way.
func count(r Recorder, now, most *int) Recorder {
	return func(what string, f func() (string, error)) error {
		if what != "reconnect" {
			return r(what, f)
		}
		*now++
		*most = max(*most, *now)
		defer func() { *now-- }()
		return r(what, f)
	}
}

func TestAClientThatIsNotLetIn(t *testing.T) {
	var e events
	inLab(t, setting{}, func(k *talk) {
		k.sio.Of("/closed").Admit(func(*Socket) error { return errors.New("no") })
		m, s := k.visitor(ClientOptions{Engine: onlyWebSocket})
		closed, random := m.Socket("/closed", nil), m.Socket("/random", nil)
		for _, s := range []*ClientSocket{s, closed, random} {
			e.watch(k, s)
		}
		m.Open()
		k.lab.Sleep(time.Second)
		m.Drop()
		k.lab.Sleep(10 * time.Second)
		if !s.Connected() || closed.Connected() {
			t.Error("who was not let in tries again, or who was does not")
		}
		m.Close()
	})
	var short []string
	for _, line := range e.list {
		short = append(short, line[strings.Index(line, " ")+1:])
	}
	equal(t, "it tells", short, []string{"connect", "refused no", "refused Invalid namespace", "disconnect forced close", "connect", "disconnect io client disconnect"})
}
