package scenario

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"wirelab/wire"
)

// talk is an exchange with an argument of every kind, which runs nothing.
type talk struct{}

func (talk) Name() string                { return "talk" }
func (talk) Aliases() []string           { return []string{"chat"} }
func (talk) Short() string               { return "" }
func (talk) Long() string                { return "" }
func (talk) Examples() string            { return "" }
func (talk) Network(s *Scenario) Network { return Chain(s.Int("hops")) }
func (talk) Start(*Bench) error          { return errors.New("nothing to run") }
func (talk) Args() []Arg {
	size := Size
	return []Arg{
		{Name: "message", Kind: Text},
		{Name: "file", Kind: File},
		{Name: "noted", Kind: Text, Hidden: true},
		{Name: "size", Kind: Size, Default: "4380"},
		{Name: "count", Kind: Count(1, 100), Default: "1"},
		{Name: "interval", Kind: Time, Default: "0s"},
		{Name: "reply", Kind: OneOf(&size, "echo", "none"), Default: "echo"},
		{Name: "way", Kind: OneOf(nil, "up", "down")},
		{Name: "port", Kind: Port, Default: "80"},
		HopsArg(0),
	}
}

func (talk) Check(s *Scenario) error {
	if s.Args["message"] == "refuse" {
		return errors.New("message: this one is refused")
	}
	return nil
}

func findTalk(name string) (Exchange, []string) {
	if name == "talk" || name == "chat" {
		return talk{}, nil
	}
	return nil, []string{"talk"}
}

func TestTheTextOfTheDefault(t *testing.T) {
	s := Default(talk{})
	const want = `exchange: talk
size: 4380
count: 1
interval: 0s
reply: echo
port: 80
delay: 20ms
rate: 10mbit
seed: 1
`
	if got := s.Text(talk{}); got != want {
		t.Errorf("the text is\n%s\nwant\n%s", got, want)
	}
}

func TestTheTextOfEverything(t *testing.T) {
	const text = `exchange: talk
message: "two\nlines"
size: 30kB
count: 5
interval: 10ms
reply: 100
way: down
port: 8080
delay: 5ms
queue: 64kB
up: rate=1mbit,loss=1%
down: rate=10mbit,loss=0%
mtu: 576
nagle: true
no-sack: true
cc: cubic
rcvbuf: 64KiB
cold: true
drop: client:4,server:2
seed: 7
limit-time: 10m
limit-frames: 1000
limit-memory: 1MB
`
	s, _, err := Parse(text, findTalk)
	if err != nil {
		t.Fatal(err)
	}
	want := Scenario{Exchange: "talk",
		Args: map[string]string{"message": "two\nlines", "size": "30kB", "count": "5", "interval": "10ms", "reply": "100", "way": "down", "port": "8080"},
		Up:   wire.Conditions{Delay: 5 * time.Millisecond, Rate: 1_000_000, Queue: wire.Queue{Bytes: 64_000}, Loss: 0.01},
		Down: wire.Conditions{Delay: 5 * time.Millisecond, Rate: 10_000_000, Queue: wire.Queue{Bytes: 64_000}},
		Stack: Stack{Cold: true,
			HostOptions: wire.HostOptions{MTU: 576, Nagle: true, NoSACK: true, CongestionControl: "cubic", ReceiveBuffer: 65536}},
		Touches: []Touch{{Do: "drop", Host: "client", Nth: 4}, {Do: "drop", Host: "server", Nth: 2}},
		Seed:    7,
		Limits:  wire.Limits{Time: 10 * time.Minute, Frames: 1000, Bytes: 1_000_000},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("it is read as\n%+v\nwant\n%+v", s, want)
	}
	if got := s.Text(talk{}); got != text {
		t.Errorf("it is written\n%s\nwant\n%s", got, text)
	}
}

func TestTextIsReadAsPeopleWriteIt(t *testing.T) {
	const text = "\ufeff# a remark\r\n\r\n  exchange : chat  \r\n\tloss:2%\r\n# delay: 7s\r\nup: delay = 1ms , loss=3%\r\nmessage: it's \"so\": yes # no remark"
	s, ex, err := Parse(text, findTalk)
	if err != nil {
		t.Fatal(err)
	}
	if ex != (talk{}) || s.Exchange != "talk" {
		t.Errorf("the alias is read as %q", s.Exchange)
	}
	if s.Up.Loss != 0.03 || s.Down.Loss != 0.02 || s.Up.Delay != time.Millisecond || s.Down.Delay != DefaultDelay {
		t.Errorf("the conditions are read as %+v and %+v", s.Up, s.Down)
	}
	if got := s.Args["message"]; got != `it's "so": yes # no remark` {
		t.Errorf("the message is read as %q", got)
	}
}

func TestWhatIsNotSaidIsAsTheDefault(t *testing.T) {
	s, _, err := Parse("exchange: talk", findTalk)
	if err != nil {
		t.Fatal(err)
	}
	if want := Default(talk{}); !reflect.DeepEqual(s, want) {
		t.Errorf("it is read as %+v, want %+v", s, want)
	}
}

// randomScenario is one that could have been read.
func randomScenario(r *rand.Rand) Scenario {
	s := Default(talk{})
	set := func(name, value string) {
		if r.IntN(2) == 0 {
			s.Args[name] = value
		}
	}
	set("message", randomText(r))
	set("file", randomText(r))
	set("noted", randomText(r))
	set("size", FormatSize(randomSize(r)))
	set("count", strconv.Itoa(1+r.IntN(100)))
	set("interval", FormatDuration(randomDuration(r)))
	set("reply", []string{"echo", "none", FormatSize(randomSize(r))}[r.IntN(3)])
	set("way", []string{"up", "down"}[r.IntN(2)])
	set("port", strconv.Itoa(1+r.IntN(65535)))
	for name, v := range s.Args {
		if v == "" {
			delete(s.Args, name)
		}
	}
	if hops := r.IntN(4); hops > 0 {
		s.Args["hops"] = strconv.Itoa(hops)
	} else {
		s.Middlebox = []string{"", "forward", "block:tcp:80,strip:Upgrade", "strip:Upgrade, block:udp"}[r.IntN(4)]
	}
	s.Up, s.Down = randomConditions(r), randomConditions(r)
	for i := range reflect.TypeOf(s.Up).NumField() {
		name := reflect.TypeOf(s.Up).Field(i).Name
		if r.IntN(2) == 0 && name != "Cut" && name != "Restore" { // these two belong together
			reflect.ValueOf(&s.Down).Elem().Field(i).Set(reflect.ValueOf(s.Up).Field(i))
		}
	}
	if r.IntN(2) == 0 {
		s.Down.Cut, s.Down.Restore = s.Up.Cut, s.Up.Restore
	}
	hosts := talk{}.Network(&s).Names()
	for _, kind := range touchKinds() { // in the order in which words are written
		for n := range r.IntN(3) {
			touch := Touch{Do: kind.name, Host: hosts[r.IntN(len(hosts))], Nth: 1 + n + 10*len(s.Touches)}
			if kind.timed {
				touch.For = 1 + randomDuration(r)/2
			}
			s.Touches = append(s.Touches, touch)
		}
	}
	for range r.IntN(4) {
		s.Steps = append(s.Steps, randomStep(r, hosts...))
	}
	if r.IntN(2) == 0 {
		s.Stack = Stack{Cold: r.IntN(2) == 0, IPv6: r.IntN(2) == 0, HostOptions: wire.HostOptions{
			MTU: wire.MinMTU6 + r.IntN(2000), Nagle: r.IntN(2) == 0, NoSACK: r.IntN(2) == 0,
			CongestionControl: []string{"", "reno", "cubic"}[r.IntN(3)], ReceiveBuffer: wire.MinReceiveBuffer + r.IntN(1<<20)}}
		s.Limits = wire.Limits{Time: 1 + randomDuration(r)/2, Frames: 1 + r.IntN(1000), Bytes: 1 + randomSize(r)/2}
	}
	s.Seed = r.Uint64() >> r.IntN(64)
	return s
}

// randomConditions has some of all that can happen in one direction.
func randomConditions(r *rand.Rand) wire.Conditions {
	c := wire.Conditions{Delay: randomDuration(r), Rate: randomRate(r), Queue: randomQueue(r), Loss: randomPercent(r),
		Duplicate: randomPercent(r), Reorder: randomPercent(r), Corrupt: randomPercent(r)}
	if r.IntN(2) == 0 {
		c.Jitter = randomDuration(r)
	}
	if share := randomPercent(r) / 2; share > 0 && r.IntN(2) == 0 {
		c.Burst = wire.Burst{Share: share, Length: []float64{1, 5, 1.5, 1000}[r.IntN(4)]}
	}
	at := time.Duration(0)
	for range r.IntN(4) {
		at += time.Duration(1 + r.IntN(1e6))
		c.Cut = append(c.Cut, at)
		at += time.Duration(1 + r.IntN(1e6))
		c.Restore = append(c.Restore, at)
	}
	if len(c.Cut) > 0 && r.IntN(2) == 0 { // the last cut is for ever
		if c.Restore = c.Restore[:len(c.Restore)-1]; len(c.Restore) == 0 {
			c.Restore = nil
		}
	}
	for range r.IntN(3) {
		c.Block = append(c.Block, []wire.Block{{Proto: 6, Port: 80}, {Proto: 17}, {Proto: 1}, {Proto: 6, Port: 65535}}[r.IntN(4)])
	}
	return c
}

// randomText has all that could go wrong in a line of text.
func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(8) {
		pieces := []string{"hello", " ", "\n", "\r", "\t", `"`, "'", "`", `\`, ":", "#", "$x", "\x1b[31m", "\x7f", "\u0085", "\u009b",
			"\u202e", "\u2028", "\ufeff", "é", "日本", "e\u0301", "\U0001f600", "\xff", "\xc3", "=", ",", "--seed", "\ufffd"}
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestAnyScenarioIsReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		s := randomScenario(r)
		text := s.Text(talk{})
		got, _, err := Parse(text, findTalk)
		if err != nil {
			t.Fatalf("%v\nin\n%s", err, text)
		}
		if !reflect.DeepEqual(got, s) {
			t.Fatalf("%+v\nis written\n%sand read as\n%+v", s, text, got)
		}
		if !showable(strings.ReplaceAll(text, "\n", "")) {
			t.Fatalf("%q is not safe to show", text)
		}
	}
}

func TestErrorsNameTheLineAndWhatWasMeant(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, c := range []struct{ text, want string }{
		{"", "the Scenario is empty; it begins with `exchange: NAME`"},
		{"# nothing\n\n", "the Scenario is empty; it begins with `exchange: NAME`"},
		{"delay: 5ms", "line 1: a Scenario begins with `exchange: NAME`, not with \"delay\""},
		{"hello", "line 1: \"hello\" is not of the form `name: value`"},
		{"exchange: talk\n\n# remark\nloss", "line 4: \"loss\" is not of the form `name: value`"},
		{"exchange: tlak", `line 1: exchange: "tlak" is not known; did you mean talk?; there are talk`},
		{"exchange: carrier-pigeon", `line 1: exchange: "carrier-pigeon" is not known; there are talk`},
		{"exchange:", `line 1: exchange: "" is not known; there are talk`},
		{"exchange: talk\ndely: 5ms", `line 2: "dely" is not known; did you mean delay?`},
		{"exchange: talk\nmut: 576", `line 2: "mut" is not known; did you mean cut?`},
		{"exchange: talk\nbandwidth: 5mbit", `line 2: "bandwidth" is not known`},
		{"exchange: talk\nLoss: 1%", `line 2: "Loss" is not known; did you mean loss?`},
		{"exchange: talk\n: 1%", `line 2: "" is not known`},
		{"exchange: talk\nexchange: talk", "line 2: exchange stands already in line 1"},
		{"exchange: talk\nloss: 1%\nseed: 2\nloss: 2%", "line 4: loss stands already in line 2"},
		{"exchange: talk\nloss: 120%", `line 2: loss: "120%" cannot be; a probability is from 0% to 100%`},
		{"exchange: talk\ndelay: -5ms", `line 2: delay: "-5ms" is negative; a time here is 0 or more`},
		{"exchange: talk\nup: loss=1%,dealy=3ms", `line 2: up: "dealy" is no condition of a wire; did you mean delay?; there are delay, jitter, rate, queue, loss, burst-loss, duplicate, reorder, corrupt, cut, restore and block`},
		{"exchange: talk\nup: loss", `line 2: up: "loss" is not a condition; write name=value, such as loss=1%`},
		{"exchange: talk\nup: loss=5", `line 2: up: loss: "5" is not a percentage; write a number with %, such as 1% or 0.5%`},
		{"exchange: talk\nmtu: 20", `line 2: mtu: "20" cannot be; it is a whole number from 82 to 65535`},
		{"exchange: talk\nnagle: perhaps", `line 2: nagle: "perhaps" is neither true nor false`},
		{"exchange: talk\ncc: vegas", `line 2: cc: "vegas" is not known here; there are reno and cubic`},
		{"exchange: talk\ndrop: client", `line 2: drop: "client" is not a packet; write who sends it and which of its IP packets it is, such as client:4`},
		{"exchange: talk\ndrop: client:0", `line 2: drop: "client:0" is not a packet; write who sends it and which of its IP packets it is, such as client:4`},
		{"exchange: talk\ndrop: client:4294967300", `line 2: drop: "client:4294967300" is not a packet; write who sends it and which of its IP packets it is, such as client:4`},
		{"exchange: talk\ndrop: router:1", `drop: no host is called "router" in this exchange; its hosts are client and server`},
		{"exchange: talk\ndrop: client:5\nhold: client:5=1ms", `drop and hold: client:5 cannot be both; a packet that is dropped goes nowhere`},
		{"exchange: talk\nhold: client:5=1ms,client:5=2ms", `hold: client:5 is held twice, for 1ms and for 2ms; choose one`},
		{"exchange: talk\nhold: client:5", `line 2: hold: "client:5" does not say how long; write client:5=80ms`},
		{"exchange: talk\nhold: client:5=0s", `line 2: hold: "client:5=0s" holds for no time; write client:5=80ms`},
		{"exchange: talk\nhold: client:5=soon", `line 2: hold: "soon" is not a time; write a number with a unit, such as 20ms, 1.5s or 10m`},
		{"exchange: talk\nswap: client:5=1ms", `line 2: swap: "client:5=1ms": only a hold takes a time`},
		{"exchange: talk\nhops: 2\ndup: router3:1", `dup: no host is called "router3" in this exchange; its hosts are client, router1, router2 and server`},
		{"exchange: talk\nhops: 31", `line 2: hops: "31" cannot be; it is a whole number from 0 to 30`},
		{"exchange: talk\nhops: 2\nmiddlebox: forward", `middlebox: there is none with routers on the way; leave out hops or the middlebox`},
		{"exchange: talk\nmiddlebox: brick", `line 2: middlebox: "brick" is nothing that a middlebox does; write forward, block:tcp:80 or strip:Upgrade`},
		{"exchange: talk\nmiddlebox: block:http", `line 2: middlebox: "http" cannot be blocked; write tcp, udp or icmp, or with a port from 1 to 65535, such as tcp:81`},
		{"exchange: talk\nprofile: wfi", `line 2: profile: "wfi" is not known; did you mean wifi?; there are lan, wifi, 4g, satellite and bad`},
		{"exchange: talk\nipv6: true\nmtu: 576", `mtu: 576 bytes cannot work with IPv6; it must be at least 1280`},
		{"exchange: talk\njitter: some", `line 2: jitter: "some" is not a time; write a number with a unit, such as 20ms, 1.5s or 10m`},
		{"exchange: talk\nburst-loss: 1%:0", `line 2: burst-loss: "0" cannot be the mean length of a burst; it is a number of frames, 1 or more`},
		{"exchange: talk\nburst-loss: 90%", `line 2: burst-loss: "90%" cannot be; bursts of 5 frames lose at most 83.3% of all: make them longer, or write --loss`},
		{"exchange: talk\nduplicate: 101%", `line 2: duplicate: "101%" cannot be; a probability is from 0% to 100%`},
		{"exchange: talk\nreorder: 1", `line 2: reorder: "1" is not a percentage; write a number with %, such as 1% or 0.5%`},
		{"exchange: talk\ncorrupt: x", `line 2: corrupt: "x" is not a percentage; write a number with %, such as 1% or 0.5%`},
		{"exchange: talk\ncut: 2s\nrestore: 1s", `restore: 1s is not after the cut at 2s`},
		{"exchange: talk\nrestore: 1s", `restore: there is no cut before it; give a cut for each restore`},
		{"exchange: talk\ncut: 1s,2s", `cut: the cable is cut twice without a restore between`},
		{"exchange: talk\nup: cut=1s,2s", `line 2: up: "2s" is not a condition; write name=value, such as loss=1%`},
		{"exchange: talk\nblock: icmp:8", `line 2: block: "icmp:8" cannot be blocked; write tcp, udp or icmp, or with a port from 1 to 65535, such as tcp:81`},
		{"exchange: talk\nstep: client jumps", `line 2: step: "jumps" is nothing that a host can do; there are listens, connects, accepts, sends, reads, finishes, closes, resets and waits`},
		{"exchange: talk\nrcvbuf: 10", `line 2: rcvbuf: "10" cannot be; this stack's buffers are from 4096 to 4194304 bytes`},
		{"exchange: talk\nseed: -1", `line 2: seed: "-1" is not a whole number from 0 to 18446744073709551615`},
		{"exchange: talk\nlimit-time: 0", `line 2: limit-time: a run needs more than no time`},
		{"exchange: talk\nlimit-memory: 0", `line 2: limit-memory: a run needs more than no memory`},
		{"exchange: talk\ncount: 101", `line 2: count: "101" cannot be; it is a whole number from 1 to 100`},
		{"exchange: talk\nport: 65536", `line 2: port: "65536" cannot be; it is a whole number from 1 to 65535`},
		{"exchange: talk\nreply: maybe", `line 2: reply: "maybe" cannot be; write echo|none|size`},
		{"exchange: talk\nway: left", `line 2: way: "left" cannot be; write up|down`},
		{"exchange: talk\nmessage: \"open", `line 2: message: the quoted text "open does not end, or has an unknown escape`},
		{"exchange: talk\nmessage: \"bad \\q\"", `line 2: message: the quoted text "bad \q" does not end, or has an unknown escape`},
		{"exchange: talk\nmessage: \"a\\x00b\"", `line 2: message: "a\x00b" has a zero byte, which no command line can hold; use a file`},
		{"exchange: talk\nmessage:", `line 2: message: it is empty; leave it out, or say something`},
		{"exchange: talk\nmessage: refuse", "message: this one is refused"},
		// What is long is cut: the error must still say what is wrong.
		{long, "line 1: \"" + long[:40] + "…\" is not of the form `name: value`"},
		{"exchange: " + long, `line 1: exchange: "` + long[:40] + `…" is not known; there are talk`},
		{"exchange: talk\n" + long + ": 1", `line 2: "` + long[:40] + `…" is not known`},
		{"exchange: talk\ndelay: " + long, `line 2: delay: "` + long[:40] + `…" is not a time; write a number with a unit, such as 20ms, 1.5s or 10m`},
		{"exchange: talk\nup: " + long + "=1", `line 2: up: "` + long[:40] + `…" is no condition of a wire; there are delay, jitter, rate, queue, loss, burst-loss, duplicate, reorder, corrupt, cut, restore and block`},
	} {
		_, _, err := Parse(c.text, findTalk)
		if err == nil || err.Error() != c.want {
			t.Errorf("%.80q gives\n  %v\nwant\n  %s", c.text, err, c.want)
		}
	}
}

// Every value that a person can give is cut in an error.
func TestNoErrorIsLong(t *testing.T) {
	long := strings.Repeat("9", 1<<16)
	for _, w := range Words(talk{}) {
		for _, value := range []string{long, "x=" + long, "loss=" + long, "client:" + long} {
			s := Default(talk{})
			if err := w.Set(&s, value); err != nil && len(err.Error()) > 300 {
				t.Errorf("%s: the error has %d bytes", w.Name, len(err.Error()))
			}
		}
	}
}

func TestCommandHasWhatDiffers(t *testing.T) {
	for _, c := range []struct {
		change func(*Scenario)
		want   string
	}{
		{func(*Scenario) {}, "wirelab talk"},
		{func(s *Scenario) { s.Args["message"] = "hello" }, "wirelab talk --message hello"},
		{func(s *Scenario) { s.Args["message"] = "it's me" }, `wirelab talk --message 'it'\''s me'`},
		{func(s *Scenario) { s.Args["message"] = "-x" }, `wirelab talk --message=-x`},
		{func(s *Scenario) { s.Args["message"] = "a\n\x1b'\u202e" }, `wirelab talk --message $'a\012\033\'\342\200\256'`},
		{func(s *Scenario) { s.Args["noted"] = "by itself" }, "wirelab talk"},
		{func(s *Scenario) { s.Up.Loss, s.Down.Loss = 0.01, 0.01 }, "wirelab talk --loss 1%"},
		{func(s *Scenario) { s.Up.Loss = 0.01 }, "wirelab talk --up loss=1% --down loss=0%"},
		{func(s *Scenario) { s.Up.Rate, s.Down.Rate = 0, 0 }, "wirelab talk --rate none"},
		{func(s *Scenario) { s.Stack.Cold = true }, "wirelab talk --cold"},
		{func(s *Scenario) {
			s.Touches = []Touch{{Do: "drop", Host: "client", Nth: 4}, {Do: "drop", Host: "server", Nth: 2}}
		}, "wirelab talk --drop client:4,server:2"},
		{func(s *Scenario) { s.Seed = 0 }, "wirelab talk --seed 0"},
	} {
		s := Default(talk{})
		c.change(&s)
		if got := s.Command(talk{}); got != c.want {
			t.Errorf("the command is %s, want %s", got, c.want)
		}
	}
}

func TestValidateRefusesWhatNobodyCouldWrite(t *testing.T) {
	for _, c := range []struct {
		change func(*Scenario)
		want   string
	}{
		{func(s *Scenario) { s.Exchange = "shout" }, `this Scenario is of exchange "shout", not of talk`},
		{func(s *Scenario) { s.Args["volume"] = "11" }, `"volume" is no argument of talk`},
		{func(s *Scenario) { s.Args["count"] = "none" }, `count: "none" cannot be; it is a whole number from 1 to 100`},
		{func(s *Scenario) { s.Up.Delay = -1 }, `up: delay: "-1ns" is negative; a time here is 0 or more`},
		{func(s *Scenario) { s.Up.Loss, s.Down.Loss = 1.5, 1.5 }, `loss: "150%" cannot be; a probability is from 0% to 100%`},
		{func(s *Scenario) { s.Down.Rate = -8 }, `down: rate: "-8bit" is not a rate; write a number with a unit, such as 64kbit, 10mbit or 1gbit, or none`},
		{func(s *Scenario) { s.Stack.MTU = 81 }, `mtu: "81" cannot be; it is a whole number from 82 to 65535`},
		{func(s *Scenario) { s.Stack.ReceiveBuffer = 1 }, `rcvbuf: "1" cannot be; this stack's buffers are from 4096 to 4194304 bytes`},
		{func(s *Scenario) { s.Stack.CongestionControl = "vegas" }, `cc: "vegas" is not known here; there are reno and cubic`},
		{func(s *Scenario) { s.Touches = []Touch{{Do: "drop", Host: "router", Nth: 1}} }, `drop: no host is called "router" in this exchange; its hosts are client and server`},
		{func(s *Scenario) { s.Touches = []Touch{{Do: "drop", Host: "client", Nth: 0}} }, `drop: "client:0" is not a packet; write who sends it and which of its IP packets it is, such as client:4`},
		{func(s *Scenario) { s.Limits.Time = -1 }, `limit-time: "-1ns" is negative; a time here is 0 or more`},
		{func(s *Scenario) { s.Limits.Frames = -1 }, `limit-frames: "-1" cannot be; it is a whole number from 1 to 2147483647`},
		{func(s *Scenario) { s.Args["message"] = "refuse" }, "message: this one is refused"},
	} {
		s := Default(talk{})
		c.change(&s)
		if err := s.Validate(talk{}); err == nil || err.Error() != c.want {
			t.Errorf("it gives\n  %v\nwant\n  %s", err, c.want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	names := []string{"loss", "delay", "mtu", "no-sack", "limit-time", "cc"}
	for word, want := range map[string]string{
		"los": "loss", "lsos": "loss", "losss": "loss", "deley": "delay", "mut": "mtu", "nosack": "no-sack", "limittime": "limit-time",
		"c": "cc", "foo": "", "x": "", "": "", "limits": "", strings.Repeat("loss", 1000): "",
	} {
		if want != "" {
			want = fmt.Sprintf("; did you mean %s?", want)
		}
		if got := DidYouMean(word, names); got != want {
			t.Errorf("%q gives %q, want %q", word, got, want)
		}
	}
}

// What is read is written as a text that is read as the same, and nothing
// panics on the way.
func FuzzParse(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		s := randomScenario(r)
		f.Add(s.Text(talk{}))
	}
	for _, text := range []string{"", "exchange: talk", "exchange: talk\nup: loss=1%,loss=2%\ndrop: client:1,client:1", "exchange:\"talk\"\r\nmessage: \"\\xff\"",
		"exchange: talk\nloss: 0.000000000000000000001%", "exchange: chat\n# remark\nqueue: 1000p\ndelay: 0", "exchange: talk\nrate: .0005mbit\nsize: 1.5kB"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, ex, err := Parse(text, findTalk)
		if err != nil {
			if len(err.Error()) > 500 {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		written := s.Text(ex)
		again, _, err := Parse(written, findTalk)
		if err != nil {
			t.Fatalf("%v\nin\n%s", err, written)
		}
		if !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v\nis written\n%sand read as\n%+v", s, written, again)
		}
		if twice := again.Text(ex); twice != written {
			t.Fatalf("%q is then written %q", written, twice)
		}
	})
}

// A profile is no more than its conditions, each of which can be changed, in
// whatever order they are said.
func TestAProfileIsItsConditions(t *testing.T) {
	for _, p := range profiles() {
		s, _, err := Parse("exchange: talk\ndelay: 7ms\nup: loss=9%\nprofile: "+p.name, findTalk)
		if err != nil {
			t.Fatal(err)
		}
		want := Default(talk{})
		want.Up, want.Down = p.up, p.down
		want.Up.Delay, want.Down.Delay, want.Up.Loss = 7*time.Millisecond, 7*time.Millisecond, 0.09
		if !reflect.DeepEqual(s, want) {
			t.Errorf("%s is read as %+v, want %+v", p.name, s, want)
		}
		text := s.Text(talk{})
		if again, _, err := Parse(text, findTalk); err != nil || !reflect.DeepEqual(again, s) || strings.Contains(text, "profile") {
			t.Errorf("%s is written\n%sand read as %+v, %v", p.name, text, again, err)
		}
	}
}
