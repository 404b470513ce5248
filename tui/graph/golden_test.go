package graph

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/tui/paint"
)

var update = flag.Bool("update", false, "write the golden files anew")

// run runs an exchange with settings: run(t, "tcp", "size=100kB").
func run(t testing.TB, name string, settings ...string) *trace.Trace {
	t.Helper()
	ex, _ := exchanges.Find(name)
	s := scenario.Default(ex)
	for _, set := range settings {
		name, value, _ := strings.Cut(set, "=")
		found := false
		for _, w := range scenario.Words(ex) {
			if w.Name == name {
				found = true
				if err := w.Set(&s, value); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !found {
			t.Fatalf("no word %q", name)
		}
	}
	tr, err := scenario.Run(context.Background(), ex, s)
	if tr == nil {
		t.Fatal(err)
	}
	return tr // of a run that ended in an error, too
}

var slow = []string{"size=60kB", "reply=none", "rcvbuf=16kB", "read-rate=50kB/s"}

// The pictures, to be read by a person.
var pictures = []struct {
	name     string
	exchange string
	settings []string
	kinds    []Kind
	moments  []time.Duration
}{
	{"transfer", "tcp", []string{"size=100kB", "reply=none"}, all, []time.Duration{ms(30), ms(110), ms(400)}},
	{"loss", "tcp", []string{"size=100kB", "reply=none", "loss=3%"}, all, []time.Duration{ms(150), ms(300), ms(10000)}},
	{"timeout", "tcp", []string{"size=60kB", "reply=none", "cut=100ms", "restore=1500ms"}, all, []time.Duration{ms(900), ms(10000)}},
	{"slow-reader", "tcp", slow, all, []time.Duration{ms(250), ms(900)}},
	{"hello", "tcp", []string{"message=hello"}, all, []time.Duration{0, ms(70), ms(1000)}},
	{"blocked", "tcp", []string{"message=hi", "block=tcp:80", "limit-time=10s"}, all, []time.Duration{ms(2000), ms(10000)}},
	{"reset", "tcp", []string{"size=30kB", "reply=none", "close-after=80ms"}, all, []time.Duration{ms(1000)}},
	{"udp", "udp", []string{"count=40", "interval=10ms", "reply=none", "loss=10%", "jitter=15ms"}, all, []time.Duration{ms(200), ms(1000)}},
	{"ping", "ping", []string{"count=10", "loss=10%", "jitter=10ms"}, all, []time.Duration{ms(4500), ms(20000)}},
}

var all = []Kind{Sequence, Flight, RoundTrip}

// sizes are those of a pane: of the whole screen, and of half of a large one.
var sizes = []struct{ w, h int }{{120, 36}, {80, 20}, {40, 16}, {59, 17}}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func TestPictures(t *testing.T) {
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			tr := run(t, p.exchange, p.settings...)
			g := New(tr)
			for _, k := range p.kinds {
				g.Show(k)
				for _, size := range sizes {
					var b strings.Builder
					for _, at := range p.moments {
						fmt.Fprintf(&b, "%s at %v\n", strings.Repeat("=", size.w-len(fmt.Sprintf(" at %v", at))), at)
						b.WriteString(draw(g, size.w, size.h, at))
						if !g.index().tcp() && k != RoundTrip {
							break // the same words at every moment
						}
					}
					if strings.Contains(b.String(), "…") {
						t.Errorf("%dx%d: something is cut off:\n%s", size.w, size.h, b.String())
					}
					name := fmt.Sprintf("%s-%s-%dx%d", p.name, []string{"sequence", "flight", "round-trip"}[k], size.w, size.h)
					golden(t, name, b.String())
				}
			}
		})
	}
}

func draw(g *Graphs, w, h int, at time.Duration) string {
	c := paint.NewCanvas(w, h)
	g.Draw(c.All(), at)
	return c.Text()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
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
