package scenario

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestAStepIsReadAsItIsSaid(t *testing.T) {
	for line, want := range map[string]Step{
		"server listens on 80":                 {Host: "server", Verb: Listens, Port: 80},
		"server listens 80":                    {Host: "server", Verb: Listens, Port: 80},
		"server listens on 9000 over udp":      {Host: "server", Verb: Listens, Port: 9000, UDP: true},
		"client connects to 80 as two":         {Host: "client", Verb: Connects, Port: 80, Conn: "two"},
		"server accepts on two":                {Host: "server", Verb: Accepts, Conn: "two"},
		`client sends "hello" at 100ms`:        {Host: "client", Verb: Sends, Text: "hello", At: 100 * time.Millisecond},
		`client sends "a \"b\"\n: at 5s"`:      {Host: "client", Verb: Sends, Text: "a \"b\"\n: at 5s"},
		"client sends 30kB on two":             {Host: "client", Verb: Sends, Bytes: 30_000, Conn: "two"},
		"client sends 19 bytes after server:3": {Host: "client", Verb: Sends, Bytes: 19, After: StepRef{"server", 3}},
		"client sends 19 to 9000 over udp":     {Host: "client", Verb: Sends, Bytes: 19, Port: 9000, UDP: true},
		"server reads":                         {Host: "server", Verb: Reads},
		"server reads over udp":                {Host: "server", Verb: Reads, UDP: true},
		"server reads as two":                  {Host: "server", Verb: Reads, Conn: "two"},
		"server reads 5 bytes at 1s":           {Host: "server", Verb: Reads, Bytes: 5, At: time.Second},
		"server reads to the end on two":       {Host: "server", Verb: Reads, End: true, Conn: "two"},
		"client finishes over tcp":             {Host: "client", Verb: Finishes},
		"client waits 1m30s":                   {Host: "client", Verb: Waits, Wait: 90 * time.Second},
		"\tclient  closes\ton two ":            {Host: "client", Verb: Closes, Conn: "two"},
		"client resets":                        {Host: "client", Verb: Resets},
	} {
		if got, err := ParseStep(line); err != nil || got != want {
			t.Errorf("%q is read as %+v, %v; want %+v", line, got, err, want)
		}
	}
}

func TestWhatIsNoStepIsSaidSo(t *testing.T) {
	for line, want := range map[string]string{
		"":                                  `"" is not a step; write who does what, such as client connects to 80`,
		"client":                            `"client" is not a step; write who does what, such as client connects to 80`,
		"client conects to 80":              `"conects" is nothing that a host can do; did you mean connects?; there are listens, connects, accepts, sends, reads, finishes, closes, resets and waits`,
		"client dances":                     `"dances" is nothing that a host can do; there are listens, connects, accepts, sends, reads, finishes, closes, resets and waits`,
		"client connects":                   `connects: "" cannot be; it is a whole number from 1 to 65535`,
		"client connects to http":           `connects: "http" cannot be; it is a whole number from 1 to 65535`,
		"client sends":                      `sends: "" is not a size; write a number of bytes, such as 4380, 64kB or 1MiB`,
		`client sends ""`:                   `sends: there is nothing between the quotes`,
		`client sends "open`:                `the quoted text "open does not end, or has an unknown escape`,
		"client sends 0 bytes":              `sends: "0" cannot be; it is from 1 byte to 1GiB`,
		"client reads all":                  `reads: "all" is not a size; write a number of bytes, such as 4380, 64kB or 1MiB`,
		"client waits":                      `waits: "" is not a time; write a number with a unit, such as 20ms, 1.5s or 10m`,
		"client closes at noon":             `closes: "noon" is not a time; write a number with a unit, such as 20ms, 1.5s or 10m`,
		"client closes after server":        `closes: "server" is not a step; write whose and which, such as client:2`,
		"client closes after :2":            `closes: ":2" is not a step; write whose and which, such as client:2`,
		"client closes after a:0":           `closes: "a:0" is not a step; write whose and which, such as client:2`,
		"client closes on":                  `closes: on does not say which connection; write its name`,
		"client closes to 80":               `closes: to has no place here; it is for connects and sends`,
		"client sends 5 over icmp":          `over "icmp": there are tcp and udp`,
		"client closes quickly":             `closes: "quickly" is not understood; what may follow is on NAME, over udp, at TIME, after HOST:N`,
		"client " + strings.Repeat("x", 99): `"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" is nothing that a host can do; there are listens, connects, accepts, sends, reads, finishes, closes, resets and waits`,
	} {
		if _, err := ParseStep(line); err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", line, err, want)
		}
	}
}

// randomStep is one that could have been read.
func randomStep(r *rand.Rand, hosts ...string) Step {
	all := verbs()
	s := Step{Host: hosts[r.IntN(len(hosts))], Verb: Verb(all[r.IntN(len(all))])}
	switch s.Verb {
	case Listens, Connects:
		s.Port = 1 + r.IntN(65535)
	case Sends:
		if s.Text = randomText(r); s.Text == "" {
			s.Bytes = 1 + r.IntN(1<<20)
		}
		if s.UDP = r.IntN(2) == 0; s.UDP {
			s.Port = 1 + r.IntN(65535)
		}
	case Reads:
		switch r.IntN(3) {
		case 0:
			s.End = true
		case 1:
			s.Bytes = 1 + r.IntN(1<<20)
		}
		s.UDP = r.IntN(4) == 0
	case Waits:
		s.Wait = randomDuration(r)
	}
	s.Conn = []string{"", "two", "on", "at", "sieben"}[r.IntN(5)]
	if r.IntN(2) == 0 {
		s.At = randomDuration(r)
	}
	return s
}

func TestAnyStepIsReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		s := randomStep(r, "client", "server")
		if r.IntN(2) == 0 {
			s.After = StepRef{"server", 1 + r.IntN(99)}
		}
		line := s.String()
		if got, err := ParseStep(line); err != nil || got != s {
			t.Fatalf("%+v\nis written %q and read as\n%+v, %v", s, line, got, err)
		}
		if !showable(line) {
			t.Fatalf("%q is not safe to show", line)
		}
	}
}

// A story is a line for each step, whatever is in the texts.
func TestAnyStoryIsReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 1000 {
		s := Default(talk{})
		for range 1 + r.IntN(6) {
			s.Steps = append(s.Steps, randomStep(r, "client", "server"))
		}
		text := s.Text(talk{})
		got, _, err := Parse(text, findTalk)
		if err != nil {
			t.Fatalf("%v\nin\n%s", err, text)
		}
		if !reflect.DeepEqual(got, s) {
			t.Fatalf("%+v\nis written\n%sand read as\n%+v", s, text, got)
		}
	}
}

func TestAStoryThatCannotBePlayedIsRefused(t *testing.T) {
	for _, c := range []struct {
		steps []string
		want  string
	}{
		{[]string{"bob closes"}, `step 1: no host is called "bob" here; there are client and server`},
		{[]string{"client waits 1s", "server waits 1s after client:2"}, `step 2: it waits for step 2 of "client", which has 1`},
		{[]string{"client waits 1s after bob:1"}, `step 1: it waits for step 1 of "bob", which has 0`},
		{[]string{"client waits 1s after client:1"}, `step 1: it waits for client:1, which comes only after it`},
		{[]string{"client waits 1s after client:2", "client waits 1s"}, `step 1: it waits for client:2, which comes only after it`},
		{[]string{"client waits 1s after server:2", "server waits 1s", "server waits 1s after client:1"}, `step 1: it waits for server:2, which comes only after it`},
		{[]string{"client sends 5 over udp"}, `step 1: a datagram needs a port to go to: sends ... to PORT over udp; without one it answers what was read before`},
	} {
		text := "exchange: talk\nstep: " + strings.Join(c.steps, "\nstep: ")
		if _, _, err := Parse(text, findTalk); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v\nwant %s", c.steps, err, c.want)
		}
	}
}

// Whatever is read is written in a form that is read as the same.
func FuzzParseStep(f *testing.F) {
	for _, line := range []string{
		"server listens on 80", "client connects to 80 as two", `client sends "hello" at 100ms`, "server reads to the end",
		"client sends 19 bytes to 9000 over udp after client:3", "server reads over udp", "client waits 1.5s", `"a b" sends "\xff"`, "a\tcloses on\u2028b at 0s",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		s, err := ParseStep(line)
		if err != nil {
			return
		}
		if again, err := ParseStep(s.String()); err != nil || again != s {
			t.Errorf("%q is read as %+v, and its own line %q as %+v, %v", line, s, s.String(), again, err)
		}
	})
}
