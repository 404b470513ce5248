package paint

import (
	"strings"
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

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		w    int
		want string
	}{
		{"", 5, ""}, {"one two three", 7, "one two|three"}, {"one two three", 8, "one two|three"}, {"one  two", 20, "one two"},
		{"one two three", 3, "one|two|thr|ee"}, {"longer", 6, "longer"}, {"a longest", 4, "a|long|est"}, {"ab", 1, "a|b"},
		{"one\ntwo", 9, "one|two"}, {"one\n\ntwo", 9, "one||two"}, {"ü ö", 1, "ü|ö"}, {"xxxx y", 2, "xx|xx|y"},
	} {
		if got := strings.Join(Wrap(c.text, c.w), "|"); got != c.want {
			t.Errorf("%q in %d columns is %q, want %q", c.text, c.w, got, c.want)
		}
	}
	if got := Wrap("text", 0); got != nil {
		t.Errorf("in no columns there is %q", got)
	}
}

func FuzzShortenAndWrapFit(f *testing.F) {
	f.Add("one two three", 5)
	f.Add("\xff\xfe ü\n\n  漢字", 1)
	f.Fuzz(func(t *testing.T, text string, w int) {
		w %= 200
		if s := Shorten(text, w); Width(s) > max(w, 0) {
			t.Errorf("%q in %d columns is %q", text, w, s)
		}
		for _, line := range Wrap(text, w) {
			if Width(line) > w {
				t.Errorf("%q in %d columns has a line %q", text, w, line)
			}
		}
		if w > 0 {
			all := strings.Join(Wrap(text, w), "")
			squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
			if squeeze(all) != squeeze(text) {
				t.Errorf("%q in %d columns is %q", text, w, all)
			}
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
