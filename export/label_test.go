package export

import (
	"math"
	"slices"
	"testing"
)

func TestATextIsMadeToFit(t *testing.T) {
	const size = 10 // so that a character is 6 wide
	for _, c := range []struct {
		text   string
		places int
		marks  string
		want   string
	}{
		{"B again, bytes 1,421 to 2,840: reordering timer", 60, ",;:", "B again, bytes 1,421 to 2,840: reordering timer"},
		{"B again, bytes 1,421 to 2,840: reordering timer", 40, ",;:", "B again, bytes 1,421 to 2,840"},
		{"B again, bytes 1,421 to 2,840: reordering timer", 20, ",;:", "B again"},
		{"B again, bytes 1,421 to 2,840: reordering timer", 5, ",;:", "B ag…"},
		{"B again, bytes 1,421 to 2,840: reordering timer", 1, ",;:", ""},
		{"connect returns: connection refused", 30, ",;", "connect returns: connection r…"},
		{"日本語, 日本語", 10, ",", "日本語"},
		{"日本語", 5, ",", "日本…"},
		{"", 5, ",", ""},
	} {
		if got := short(c.text, size, 6*float64(c.places), c.marks); got != c.want {
			t.Errorf("%q in %d places is %q, not %q", c.text, c.places, got, c.want)
		}
	}
}

func TestATextIsBrokenIntoLines(t *testing.T) {
	for _, c := range []struct {
		text   string
		places float64
		most   int
		want   []string
	}{
		{"one two three", 20, 3, []string{"one two three"}},
		{"one two three", 8, 3, []string{"one two", "three"}},
		{"one two three four five", 8, 2, []string{"one two", "three f…"}},
		{"unbreakable", 4, 3, []string{"unbr", "eaka", "ble"}},
		{"日本語日本語", 4, 3, []string{"日本", "語日", "本語"}},
		{"", 4, 3, []string{""}},
	} {
		if got := wrap(c.text, 10, 6*c.places, c.most); !slices.Equal(got, c.want) {
			t.Errorf("%q in %v places is %q, not %q", c.text, c.places, got, c.want)
		}
	}
}

func TestBoxesThatOnlyTouchAreApart(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b box
		want bool
	}{
		{"the same", boxOf(point{0, 0}, 0, 50, false), boxOf(point{0, 0}, 0, 50, false), true},
		{"one row apart", boxOf(point{0, 0}, 0, 50, false), boxOf(point{0, 15}, 0, 50, false), false},
		{"less than a row apart", boxOf(point{0, 0}, 0, 50, false), boxOf(point{0, 14.9}, 0, 50, false), true},
		{"side by side", boxOf(point{0, 0}, 0, 50, false), boxOf(point{50, 0}, 0, 50, false), false},
		{"from both sides", boxOf(point{0, 0}, 0, 50, false), boxOf(point{99, 0}, 0, 50, true), true},
		{"turned by the same, 15 across", boxOf(point{0, 0}, 0.3, 50, false), boxOf(point{-15 * math.Sin(0.3), 15 * math.Cos(0.3)}, 0.3, 50, false), false},
		{"turned by the same, 15 down", boxOf(point{0, 0}, 0.3, 50, false), boxOf(point{0, 15}, 0.3, 50, false), true},
		{"it comes down upon it", boxOf(point{0, 0}, 0.3, 80, false), boxOf(point{0, 30}, 0, 80, false), true},
		// Their corners' rectangles overlap, they do not.
		{"diagonals side by side", boxOf(point{0, 0}, math.Pi/4, 100, false), boxOf(point{40, 0}, math.Pi/4, 100, false), false},
	} {
		if got := c.a.overlaps(c.b); got != c.want || c.b.overlaps(c.a) != c.want {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}
