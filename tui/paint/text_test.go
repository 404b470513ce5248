package paint

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/uax29/v2/graphemes"
)

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		text string
		w    int
		want string
	}{
		{"", 5, ""}, {"text", 5, "text"}, {"text", 4, "text"}, {"text", 3, "te…"}, {"text", 1, "…"}, {"text", 0, ""}, {"text", -1, ""},
		{"äöü", 3, "äöü"}, {"äöü", 2, "ä…"}, {"äöüß", 3, "äö…"}, {"\xff\xfe\xfd", 3, "\xff\xfe\xfd"}, {"\xff\xfe\xfd", 2, "\xff…"},
	} {
		if got := Shorten(c.text, c.w); got != c.want {
			t.Errorf("%q in %d columns is %q, want %q", c.text, c.w, got, c.want)
		}
	}
}

func FuzzShortenFits(f *testing.F) {
	f.Add("one two three", 5)
	f.Add("\xff\xfe ü\n\n  漢字", 1)
	f.Fuzz(func(t *testing.T, text string, w int) {
		if w %= 200; Width(Shorten(text, w)) > max(w, 0) {
			t.Errorf("%q in %d columns is %q", text, w, Shorten(text, w))
		}
	})
}

// Whatever stands in a cell is one column wide, also to a terminal that puts
// together what belongs together: it is a grapheme of its own beside any other
// that may be drawn.
func TestWhatIsDrawnStandsAlone(t *testing.T) {
	var drawn []rune
	for r := range rune(utf8.MaxRune + 1) {
		if s := safe(r); s == r {
			drawn = append(drawn, r)
		} else if s != hidden {
			t.Fatalf("%U is drawn as %U", r, s)
		}
	}
	if len(drawn) < 10_000 {
		t.Fatalf("only %d characters are drawn", len(drawn))
	}
	split := func(text string) (n int) {
		for g := graphemes.FromString(text); g.Next(); {
			n++
		}
		return n
	}
	for _, r := range drawn {
		switch s := string(r); {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r >= 0x80 && r < 0xa0:
			t.Errorf("%U is drawn", r)
		case ansi.StringWidth(s) != 1, ansi.StringWidthWc(s) != 1:
			t.Errorf("%U %q is %d or %d columns wide", r, r, ansi.StringWidth(s), ansi.StringWidthWc(s))
		case split("a"+s) != 2, split(s+"a") != 2, split(s+s) != 2, split("क"+s) != 2:
			t.Errorf("%U %q joins what stands beside it", r, r)
		}
	}
}

func TestAStrangersTextTakesAColumnACharacter(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[2Jb":         "a·[2Jb",
		"a\x9b31mb":         "a\ufffd31mb", // not UTF-8
		"a\u009b31mb":       "a·31mb",
		"a\u202eb\u2066c":   "a·b·c",
		"e\u0301":           "e·",
		"漢字":                "··",
		"👨‍👩‍👧":             "·····",
		"\xff\xc3\x28":      "\ufffd\ufffd(",
		"שלום":              "····",
		"a\tb\r\n":          "a·b··",
		"\u00ad\ufeff":      "··",
		"\U000e0041\ufe0fx": "··x",
		"ｶﾞ":                "ｶ·",
		"é ▐ A ▌▸ ✓":        "é ▐ A ▌▸ ✓",
	} {
		c := NewCanvas(20, 1)
		if x := c.All().Put(0, 0, Style{}, text); x != Width(text) {
			t.Errorf("%q takes %d columns, %d were said", text, x, Width(text))
		}
		wantText(t, c, want)
	}
}
