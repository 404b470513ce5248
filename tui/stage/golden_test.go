package stage

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wirelab/tui/paint"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sizes are those of the terminal.
var sizes = []struct{ w, h int }{{120, 40}, {80, 24}, {40, 20}}

// The screens, to be read by a person: testdata has a folder for each.
var pictures = []struct {
	name     string
	exchange string
	settings string // parted by spaces
	come     func(s *seat)
}{
	{"begin", "tcp", "", func(s *seat) {}},
	{"syn", "tcp", "", func(s *seat) { s.press("right") }},
	// A has arrived, its ack is under way: the strips disagree.
	{"disagree", "tcp", "rate=2mbit", func(s *seat) { s.press("@").enter("70ms") }},
	{"disagree-no-words", "tcp", "rate=2mbit", func(s *seat) { s.press("@").enter("70ms"); s.look.Words = false }},
	{"osi-only", "tcp", "rate=2mbit", func(s *seat) { s.press("@").enter("70ms").press("o") }},
	{"tcpip-only", "tcp", "rate=2mbit", func(s *seat) { s.press("@").enter("70ms").press("o o up up") }},
	{"chosen", "tcp", "rate=2mbit", func(s *seat) { s.press("@").enter("70ms").press("up up up") }},
	{"end", "tcp", "", func(s *seat) { s.press("G") }},
	{"lost", "tcp", "size=14kB drop=client:5 reply=none", func(s *seat) { s.press("L") }},
	{"hole", "tcp", "size=14kB drop=client:5 reply=none", func(s *seat) { s.find("out of order").times(3, "right") }},
	{"again", "tcp", "size=14kB drop=client:5 reply=none", func(s *seat) { s.press("R") }},
	{"filled", "tcp", "size=14kB drop=client:5 reply=none", func(s *seat) { s.find("fills the hole") }},
	{"timeout", "tcp", "size=100 reply=none drop=client:3", func(s *seat) { s.press("R") }},
	{"queue-full", "tcp", "size=60kB rate=1mbit queue=4p", func(s *seat) { s.press("L") }},
	{"damaged", "tcp", "flip=client:3", func(s *seat) { s.find("damaged") }},
	{"twice", "tcp", "dup=client:4", func(s *seat) { s.find("has that already") }},
	{"overtaken", "tcp", "hold=client:4=80ms", func(s *seat) { s.find("out of order").press("right right") }},
	{"zero-window", "tcp", "size=200kB rcvbuf=8kB read-after=2s reply=none", func(s *seat) { s.press("@").enter("1s").press("right right right") }},
	{"fin", "tcp", "", func(s *seat) { s.find("FIN").press("right right right") }},
	{"fin-last-ack", "tcp", "", func(s *seat) { s.find("LAST-ACK") }},
	{"half-close", "tcp", "half-close=true reply=19", func(s *seat) { s.find("CLOSE-WAIT").press("right right right") }},
	{"reset", "tcp", "reset=true", func(s *seat) { s.find("RST").press("right") }},
	{"refused", "tcp", "to-port=81", func(s *seat) { s.press("G") }},
	{"blocked", "tcp", "block=tcp:80", func(s *seat) { s.press("G") }},
	{"no-route", "tcp", "cold=true loss=100%", func(s *seat) { s.press("G") }},
	{"limit", "tcp", "limit-time=70ms", func(s *seat) { s.press("G") }},
	{"ipv6", "tcp", "ipv6=true rate=2mbit", func(s *seat) { s.press("@").enter("70ms") }},
	{"cold", "tcp", "cold=true", func(s *seat) { s.press("right right right") }},
	{"middlebox", "tcp", "middlebox=forward rate=2mbit", func(s *seat) { s.press("@").enter("80ms") }},
	{"clients", "tcp", "clients=3 rate=2mbit", func(s *seat) { s.press("@").enter("90ms").press("]") }},
	{"bulk", "tcp", "size=28MB rate=1gbit loss=1% reply=none", func(s *seat) { s.press("@").enter("1.2s") }},
	{"calls", "tcp", "rate=2mbit", func(s *seat) { s.press("z @").enter("70ms") }},
	{"calls-chosen", "tcp", "rate=2mbit", func(s *seat) { s.press("z @").enter("90ms").press("up up up") }},
	{"messages", "tcp", "count=3 rate=2mbit", func(s *seat) { s.press("z z G") }},
	{"message-sent", "tcp", "count=3 rate=2mbit", func(s *seat) { s.press("z z right") }},
	{"ladder-large", "tcp", "rate=2mbit", func(s *seat) { s.press("@").enter("70ms").press("\\") }},
	{"ladder-large-end", "tcp", "size=14kB drop=client:5 reply=none", func(s *seat) { s.find("fills the hole").press("\\") }},
	{"message-large", "tcp", "size=14kB drop=client:5 reply=none", func(s *seat) { s.find("out of order").press("right right right tab \\") }},
	{"message-large-bulk", "tcp", "size=10MB rate=1gbit loss=1% reply=none", func(s *seat) { s.press("@").enter("1.2s").press("tab \\") }},
	{"rows-large", "tcp", "rate=2mbit", func(s *seat) { s.press("z G \\") }},
	{"graph-sequence", "tcp", "size=100kB loss=3% reply=none", func(s *seat) { s.press("@").enter("400ms").press("v") }},
	{"graph-flight", "tcp", "size=100kB loss=3% reply=none", func(s *seat) { s.press("@").enter("400ms").press("v v") }},
	{"graph-round-trip", "tcp", "size=100kB loss=3% reply=none", func(s *seat) { s.press("@").enter("400ms").press("v v v") }},
	{"opened", "tcp", "rate=2mbit", func(s *seat) { s.press("@").enter("70ms").press("up up up enter") }},
	{"form", "tcp", "", func(s *seat) { s.press("e down down enter").enter("50ms") }},
	{"form-last", "tcp", "", func(s *seat) { s.press("e G enter") }},
	{"histories", "tcp", "size=14kB reply=none", func(s *seat) { s.find("B, bytes").press("x =") }},
	{"histories-calls", "tcp", "size=14kB reply=none", func(s *seat) { s.find("B, bytes").press("x = z") }},
	{"what-if", "tcp", "", func(s *seat) { s.find("B, bytes").press("x right right right") }},
	{"udp", "udp", "", func(s *seat) { s.press("right right") }},
	{"udp-many", "udp", "count=20 interval=5ms loss=20% reply=none", func(s *seat) { s.press("@").enter("60ms") }},
	{"udp-fragments", "udp", "size=6000 drop=client:2 rate=2mbit", func(s *seat) { s.press("@").enter("30ms") }},
	{"udp-fragments-end", "udp", "size=6000 drop=client:2 rate=2mbit", func(s *seat) { s.press("G") }},
	{"udp-socket-full", "udp", "count=99 reply=none rcvbuf=4096 read-after=1s", func(s *seat) { s.press("L") }},
	{"udp-closed-port", "udp", "to-port=81 count=2", func(s *seat) { s.find("unreachable").press("right") }},
	{"udp-messages", "udp", "count=20 interval=5ms loss=20% reply=none", func(s *seat) { s.press("z z G") }},
	{"ping", "ping", "", func(s *seat) { s.press("right right right") }},
	{"ping-routers", "ping", "hops=2", func(s *seat) { s.times(5, "right") }},
	{"ping-calls", "ping", "loss=20%", func(s *seat) { s.press("z G") }},
	{"ping-graph", "ping", "loss=10% jitter=10ms count=10", func(s *seat) { s.press("G v v v") }},
	{"traceroute", "traceroute", "", func(s *seat) { s.times(4, "right") }},
	{"traceroute-end", "traceroute", "", func(s *seat) { s.press("G") }},
	{"dns", "dns", "", func(s *seat) { s.times(3, "right") }},
	{"dns-messages", "dns", "", func(s *seat) { s.press("z z G") }},
	{"dns-truncated", "dns", "answers=40", func(s *seat) { s.find("SYN").press("right") }},
}

func TestScreens(t *testing.T) {
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			s := sit(t, p.exchange, strings.Fields(p.settings)...)
			p.come(s)
			for _, size := range sizes {
				c := s.canvas(size.w, size.h)
				golden(t, filepath.Join(p.name, fmt.Sprintf("%dx%d", size.w, size.h)), c.Text())
				mono(t, c)
			}
		})
	}
}

// mono holds that a screen without colours, and one of ASCII signs, has the same
// text, and no sign that ASCII has no partner for.
func mono(t *testing.T, c *paint.Canvas) {
	t.Helper()
	theme, _ := paint.ThemeOf("mono")
	colours := regexp.MustCompile(`\x1b\[0?[0-9;]*m`)
	plain := colours.ReplaceAllString(c.Render(theme), "")
	if got := trimmed(plain); got != c.Text() {
		t.Errorf("mono is another text:\n%s", got)
	}
	theme.ASCII = true
	ascii := colours.ReplaceAllString(c.Render(theme), "")
	for y, line := range strings.Split(ascii, "\n") {
		if n := paint.Width(line); n != paint.Width(strings.Split(plain, "\n")[y]) {
			t.Errorf("row %d has another width in ASCII", y)
		}
	}
	if strings.Count(ascii, "?") != strings.Count(plain, "?") {
		t.Errorf("a sign has no partner in ASCII:\n%s", ascii)
	}
}

// trimmed is text without spaces at the ends of lines.
func trimmed(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := string(b); got != want {
		t.Errorf("%s is not what it was; with -update it is written anew\nwas:\n%s\nis:\n%s", path, want, got)
	}
}
