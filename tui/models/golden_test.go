package models

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"wirelab/osi"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
	"wirelab/tui/screen"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sizes are those of the terminal, whose last two rows are the keys'.
var sizes = []struct{ w, h int }{{120, 40}, {80, 24}, {40, 20}}

func draw(m *Map, w, h int) string {
	c := paint.NewCanvas(w, h-2)
	m.Draw(c.All(), screen.Look{Theme: "dark", Words: true})
	return c.Text()
}

func TestScreens(t *testing.T) {
	for _, p := range []struct {
		name string
		keys []keys.Action
	}{
		{"application", nil},
		{"transport", []keys.Action{keys.Down, keys.Down, keys.Down}},
		{"link", []keys.Action{keys.Right, keys.Last}},
	} {
		for _, size := range sizes {
			m := New()
			for _, a := range p.keys {
				m.Do(a)
			}
			golden(t, filepath.Join(p.name, fmt.Sprintf("%dx%d", size.w, size.h)), draw(m, size.w, size.h))
		}
	}
}

// TestTheOtherModelHasTheLayerThatDoesTheSame crosses over at each layer, and
// lands on one of those that the other model has for it.
func TestTheOtherModelHasTheLayerThatDoesTheSame(t *testing.T) {
	for i, l := range layers(osi.TCPIP) {
		m := &Map{model: osi.TCPIP, at: i}
		m.Do(keys.Left)
		there := layers(osi.OSI)[m.at]
		found := false
		for _, same := range l.Across() {
			found = found || same.Number == there.Number
		}
		if !found {
			t.Errorf("from TCP/IP %s one comes to OSI %s", l.Name, there.Name)
		}
		if m.Do(keys.NextPane); m.model != osi.TCPIP || m.at != i {
			t.Errorf("from TCP/IP %s over and back is %v, %d", l.Name, m.model, m.at)
		}
	}
}

// TestNoSizeIsTooSmall draws every layer in windows of every size.
func TestNoSizeIsTooSmall(t *testing.T) {
	m := New()
	for w := range 130 {
		for h := range 45 {
			m.Do(keys.Down)
			if m.at == len(layers(m.model))-1 {
				m.Do(keys.NextPane)
				m.Do(keys.First)
			}
			draw(m, w, h)
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
