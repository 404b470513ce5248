package home

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wirelab/exchanges"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sizes are those of the terminal, whose last two rows are the keys'.
var sizes = []struct{ w, h int }{{120, 40}, {80, 24}, {40, 20}}

func draw(h *Home, w, height int, motion bool) string {
	c := paint.NewCanvas(w, height-2)
	h.Draw(c.All(), screen.Look{Theme: "dark", Motion: motion, Words: true})
	return c.Text()
}

func TestScreens(t *testing.T) {
	for _, p := range []struct {
		name string
		come func(h *Home)
	}{
		{"home", func(*Home) {}},
		{"chosen", func(h *Home) { h.Do(keys.Down); h.Do(keys.Down) }},
		{"last", func(h *Home) { h.Do(keys.Last) }},
	} {
		for _, size := range sizes {
			h := New(exchanges.All())
			p.come(h)
			golden(t, filepath.Join(p.name, fmt.Sprintf("%dx%d", size.w, size.h)), draw(h, size.w, size.h, false))
		}
	}
}

// TestTheWordsTravelOnce holds that home moves for three seconds, and then never
// again.
func TestTheWordsTravelOnce(t *testing.T) {
	h := New(exchanges.All())
	begin := draw(h, 80, 24, true)
	if strings.Contains(begin, "hello") {
		t.Errorf("a word is there before it was sent:\n%s", begin)
	}
	seen := map[string]bool{begin: true}
	n := 0
	for ; h.Moving() && n < 1000; n++ {
		h.Tick(33 * time.Millisecond)
		seen[draw(h, 80, 24, true)] = true
	}
	if time.Duration(n)*33*time.Millisecond < 2*travel || n > 100 || len(seen) < 20 {
		t.Errorf("%d ticks, %d pictures", n, len(seen))
	}
	if end := draw(h, 80, 24, true); end != draw(New(exchanges.All()), 80, 24, false) {
		t.Errorf("in the end it is not what it is without motion:\n%s", end)
	}
}

// TestEveryItemIsReachedAndCanBeOpened goes down, up and over to the other list.
func TestEveryItemIsReachedAndCanBeOpened(t *testing.T) {
	h := New(exchanges.All())
	names := map[string]bool{}
	for range 20 {
		names[h.items[h.at].name] = true
		e, _ := h.Do(keys.Open)
		switch e := e.(type) {
		case screen.Run:
			if e.Exchange.Name() != h.items[h.at].name {
				t.Errorf("%s opens %s", h.items[h.at].name, e.Exchange.Name())
			}
		case screen.Push:
		default:
			t.Errorf("%s opens %T", h.items[h.at].name, e)
		}
		h.Do(keys.Down)
	}
	if want := len(exchanges.All()) + 1; len(names) < want {
		t.Errorf("only %v are reached, want %d", names, want)
	}
	if h.Do(keys.Left); h.items[h.at].lookUp {
		t.Errorf("the other list begins with %s", h.items[h.at].name)
	}
	if h.Do(keys.First); h.items[h.at].name != first {
		t.Errorf("the first is %s", h.items[h.at].name)
	}
}

// TestNoSizeIsTooSmall draws in windows of every size that is smaller.
func TestNoSizeIsTooSmall(t *testing.T) {
	h := New(exchanges.All())
	for w := range 130 {
		for height := range 45 {
			draw(h, w, height, w%2 == 0)
		}
	}
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
