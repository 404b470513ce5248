package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/wire"
)

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// harm says what in an output could harm a terminal: a control other than the
// line break, one that changes the direction of writing, an invalid byte.
func harm(b []byte) string {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return strconv.Quote(string(b[max(0, i-30):min(len(b), i+10)])) + ": invalid UTF-8"
		case r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'):
			return strconv.Quote(string(b[max(0, i-30):min(len(b), i+10)]))
		}
		i += n
	}
	return ""
}

// hostile is what a stranger may send: it clears the screen, sets the title of
// the window, writes backwards, and is not even text.
const hostile = "a\x1b[2J\x1b]0;owned\a\r\x08\x7f\u009b31m\u0085\u202e\u2066gnp.exe\u200f\u061c\u2028\u2029\ufeff\u200b\xff\xc3\x28\xed\xa0\x80\x9b"

func TestNoHostileByteReachesTheTerminal(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "bytes", []byte(hostile))
	write(t, hostile, []byte(hostile))
	write(t, "quoted", []byte("exchange: tcp\nmessage: "+strconv.Quote(hostile)+"\n"))
	write(t, "bare", []byte("exchange: tcp\nmessage: x"+strings.NewReplacer("\n", "", "\r", "").Replace(hostile)+"x\n"))
	write(t, "file", []byte("exchange: tcp\nfile: "+strconv.Quote(hostile)+"\n"))
	write(t, "bad", []byte("exchange: tcp\n"+hostile+": 1\n"))
	write(t, "worse", []byte(hostile+"\n"))
	write(t, "value", []byte("exchange: tcp\ndelay: "+hostile+"\n"))
	write(t, "worst", []byte("exchange: "+hostile+"\n"))
	for _, args := range [][]string{
		{"tcp", "--message", hostile},
		{"tcp", "--message", hostile, "--json"},
		{"tcp", "--message", hostile, "--packet", "4"},
		{"tcp", "--message", hostile, "--print"},
		{"tcp", "--message", hostile, "--zoom", "messages", "--save", "saved.pcapng"},
		{"replay", "saved.pcapng"},
		{"replay", "saved.pcapng", "--json"},
		{"tcp", "--message", hostile, "--save", hostile + ".pcapng"},
		{"replay", hostile + ".pcapng"},
		{"tcp", "--message", hostile, "--save", hostile + ".svg", "--save", hostile + ".html"},
		{"tcp", "--message", hostile, "--save", hostile},
		{"tcp", "--message", hostile, "--save", hostile + "/no.pcapng"},
		{"tcp", "--message", hostile, "--limit-time", "50ms"},
		{"tcp", "--file", "bytes"},
		{"tcp", "--file", "bytes", "--json"},
		{"tcp", "--file", "bytes", "--packet", "4"},
		{"tcp", "--file", hostile},
		{"tcp", "--file", hostile, "--print"},
		{"tcp", "--file", hostile + "none"},
		{"run", "quoted"}, {"run", "bare"}, {"run", "file"}, {"run", "bad"}, {"run", "worse"}, {"run", "value"}, {"run", "worst"},
		{"run", "quoted", "--json"}, {"run", "bare", "--packet", "4"},
		{"run", hostile}, {"run", hostile + "none"},
		{"replay", hostile}, {"replay", "bytes"},
		{hostile}, {"help", hostile}, {"osi", hostile}, {"completion", hostile}, {"tcp", hostile},
		{"tcp", "--" + hostile}, {"tcp", "-" + hostile}, {"--" + hostile},
		{"tcp", "--loss", hostile}, {"tcp", "--up", hostile}, {"tcp", "--up", "loss=" + hostile}, {"tcp", "--drop", hostile},
		{"tcp", "--drop", hostile + ":1"}, {"tcp", "--seed", hostile}, {"tcp", "--nagle=" + hostile}, {"tcp", "--cc", hostile},
		{"tcp", "--reply", hostile}, {"tcp", "--count", hostile}, {"tcp", "--zoom", hostile}, {"tcp", "--packet", hostile},
		{"tcp", "--vantage", hostile}, {"tcp", "--size", "5", "--message", hostile}, {"tcp", "--plain=" + hostile},
		{"tcp", "--message", hostile + "\x00"},
		{"tcp", "--step", hostile}, {"tcp", "--step", hostile + " closes"}, {"tcp", "--step", "client " + hostile}, {"tcp", "--step", "client sends " + hostile},
		{"tcp", "--step", "client closes on " + hostile}, {"tcp", "--step", "client closes after " + hostile + ":1"},
		{"tcp", "--step", "server listens on 80", "--step", "client connects to 80", "--step", "client sends " + strconv.Quote(hostile)},
		{"tcp", "--middlebox", hostile}, {"tcp", "--middlebox", "strip:" + hostile}, {"tcp", "--profile", hostile}, {"tcp", "--block", hostile}, {"tcp", "--cut", hostile},
		{"tcp", "--burst-loss", "1%:" + hostile}, {"tcp", "--hold", hostile + ":1=5ms"}, {"tcp", "--hold", "client:1=" + hostile}, {"tcp", "--read-rate", hostile},
		{"udp", "--message", hostile}, {"udp", "--timeout", hostile}, {"ping", "--size", hostile}, {"ping", hostile}, {"traceroute", "--hops", hostile},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), args, &stdout, &stderr)
		if h := harm(stdout.Bytes()); h != "" {
			t.Errorf("%q prints %s", args, h)
		}
		if h := harm(stderr.Bytes()); h != "" {
			t.Errorf("%q says %s", args, h)
		}
		if n := strings.Count(stderr.String(), "\n"); code != exitDone && n != 1 || n > 1 {
			t.Errorf("%q says %d lines", args, n)
		}
	}
}

func TestALongArgumentLeavesTheErrorShort(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for _, args := range [][]string{{long}, {"tcp", "--" + long}, {"tcp", "--delay", long}, {"run", long}, {"tcp", long}, {"osi", long}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code == exitDone || stderr.Len() > 4000 {
			t.Errorf("%.20q ends with status %d and %d bytes", args, code, stderr.Len())
		}
	}
}

// full is a disk that takes so many bytes and no more.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if n := f.room; n < len(b) {
		f.room = 0
		return n, errors.New("no space left on device")
	}
	f.room -= len(b)
	return len(b), nil
}

func TestAFullDiskIsAnError(t *testing.T) {
	for _, args := range [][]string{{"tcp"}, {"tcp", "--json"}, {"tcp", "--packet", "1"}, {"tcp", "--print"}, {"osi"}, {"osi", "4"}} {
		for _, room := range []int{0, 100} {
			var stderr bytes.Buffer
			code := run(t.Context(), args, &full{room}, &stderr)
			if code != exitFailed || stderr.String() != "wirelab: no space left on device\n" {
				t.Errorf("%v with room for %d ends with status %d and %q", args, room, code, &stderr)
			}
		}
	}
}

// shellWords reads a command line as a POSIX shell does, in so far as Command
// makes use of it.
func shellWords(t *testing.T, line string) (words []string) {
	t.Helper()
	var word []byte
	open := false
	for i := 0; i < len(line); i++ {
		rest := line[i:]
		switch {
		case strings.HasPrefix(rest, "$'"):
			open = true
			for i += 2; line[i] != '\''; i++ {
				if line[i] != '\\' {
					word = append(word, line[i])
					continue
				}
				i++
				if line[i] == '\\' || line[i] == '\'' {
					word = append(word, line[i])
					continue
				}
				n, err := strconv.ParseUint(line[i:i+3], 8, 8)
				if err != nil {
					t.Fatal(err)
				}
				word = append(word, byte(n))
				i += 2
			}
		case line[i] == '\'':
			open = true
			end := strings.IndexByte(rest[1:], '\'')
			word = append(word, rest[1:1+end]...)
			i += end + 1
		case line[i] == '\\':
			i++
			word, open = append(word, line[i]), true
		case line[i] == ' ':
			if open {
				words, word, open = append(words, string(word)), nil, false
			}
		default:
			word, open = append(word, line[i]), true
		}
	}
	if open {
		words = append(words, string(word))
	}
	return words
}

// The command line that a listing shows gives the same experiment again.
func TestTheCommandGivesTheSameScenario(t *testing.T) {
	ex, _ := exchanges.Find("tcp")
	bash, noBash := exec.LookPath("bash")
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 100 {
		s := scenario.Default(ex)
		vary(r, &s)
		if err := s.Validate(ex); err != nil {
			t.Fatal(err)
		}
		command := s.Command(ex)
		if h := harm([]byte(command)); h != "" {
			t.Fatalf("the command is not safe: %s", h)
		}
		words := shellWords(t, command)
		if noBash == nil && i%20 == 0 { // ask a real one whether the test reads it rightly
			out, err := exec.Command(bash, "-c", `printf '%s\0' `+command).Output()
			if err != nil || string(out) != strings.Join(words, "\x00")+"\x00" {
				t.Fatalf("bash reads %s as %q, %v; the test as %q", command, out, err, words)
			}
		}
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), append(words[1:], "--print"), &stdout, &stderr); code != exitDone {
			t.Fatalf("%s: status %d, %s", command, code, &stderr)
		}
		if want := s.Text(ex); stdout.String() != want {
			t.Fatalf("%s\ngives\n%s\nwant\n%s", command, &stdout, want)
		}
	}
}

// vary changes some of what a Scenario can say.
func vary(r *rand.Rand, s *scenario.Scenario) {
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	for _, change := range []func(){
		func() {
			s.Args["message"] = pick("hello", "two words", "-x", "--seed", "it's", `"quoted"`, `back\slash`, "$HOME `id` $(id)", "tab\tline\n", "é日本", "#", "~", "!", "*",
				strings.ReplaceAll(hostile, "\x00", ""))
		},
		func() { s.Args["count"] = strconv.Itoa(1 + r.IntN(9)) },
		func() { s.Args["interval"] = pick("1ms", "1m", "250us") },
		func() { s.Args["reply"] = pick("none", "100", "64kB") },
		func() { s.Args["port"] = strconv.Itoa(1 + r.IntN(65535)) },
		func() { s.Up.Delay = wire.MinDelay },
		func() { s.Down.Rate = 0 },
		func() { s.Up.Loss, s.Down.Loss = 0.015, 0.015 },
		func() { s.Down.Queue = wire.Queue{Frames: 8} },
		func() {
			s.Touches = []scenario.Touch{{Do: "drop", Host: "client", Nth: 1 + r.IntN(9)}, {Do: "drop", Host: "server", Nth: 2}}
		},
		func() {
			s.Touches = append(s.Touches, scenario.Touch{Do: "hold", Host: "server", Nth: 30, For: 1500 * time.Microsecond}, scenario.Touch{Do: "swap", Host: "client", Nth: 31})
		},
		func() { s.Args["hops"] = pick("1", "30") },
		func() { s.Args["read-rate"], s.Args["read-size"] = "10kB/s", "3" },
		func() { s.Args[pick("reset", "half-close")] = "true" },
		func() { s.Args["clients"], s.Args["reconnect"], s.Args["to-port"] = "3", "2", "81" },
		func() { s.Up.Jitter, s.Down.Jitter, s.Down.Burst = 5e6, 5e6, wire.Burst{Share: 0.01, Length: 2.5} },
		func() { s.Up.Duplicate, s.Up.Reorder, s.Down.Corrupt = 0.01, 0.02, 1e-4 },
		func() {
			s.Up.Cut, s.Up.Restore = []time.Duration{1e9, 3e9}, []time.Duration{2e9}
			s.Down.Cut = []time.Duration{5e9}
		},
		func() {
			s.Up.Block = []wire.Block{{Proto: 6, Port: 81}, {Proto: 17}}
			if r.IntN(2) == 0 {
				s.Down.Block = s.Up.Block
			}
		},
		func() {
			if s.Args["hops"] == "" {
				s.Middlebox = pick("forward", "block:tcp:80,strip:Upgrade")
			}
		},
		func() { s.Stack.IPv6 = s.Stack.MTU == 0 },
		func() {
			s.Steps = []scenario.Step{{Host: "server", Verb: scenario.Listens, Port: 80},
				{Host: "client", Verb: scenario.Sends, Text: pick("it's", "two\nlines", "-x", `"`, strings.ReplaceAll(hostile, "\x00", "")), At: 1e6, After: scenario.StepRef{Host: "server", N: 1}}}
		},
		func() { s.Stack.Cold, s.Stack.Nagle = true, true },
		func() {
			if s.Stack.CongestionControl = "cubic"; !s.Stack.IPv6 {
				s.Stack.MTU = 576
			}
		},
		func() { s.Stack.ReceiveBuffer, s.Stack.NoSACK = 65536, true },
		func() { s.Seed = r.Uint64() },
		func() { s.Limits = wire.Limits{Time: 1e9, Frames: 1000, Bytes: 1e6} },
	} {
		if r.IntN(3) == 0 {
			change()
		}
	}
	if len(s.Steps) > 0 { // a story takes no flags of the programs that it replaces
		hops := s.Args["hops"]
		ex, _ := exchanges.Find(s.Exchange)
		if s.Args = scenario.Default(ex).Args; hops != "" {
			s.Args["hops"] = hops
		}
	}
}
