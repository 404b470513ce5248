package packets

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTextKeepsWhatIsPrintable(t *testing.T) {
	for _, s := range []string{"hello, world", "Zürich", "日本語", "नमस्ते", "e\u0301", "😀", "~!@#"} {
		if got := Text([]byte(s), 100); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestTextHidesWhatCouldHarmATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[31mb":           "a·[31mb",
		"a\x00\t\r\nb":         "a····b",
		"a\x7fb":               "a·b",
		"a\u0080\u009bb":       "a··b",
		"a\x9bb":               "a·b", // invalid UTF-8, and CSI in Latin-1
		"a\xff\xfeb":           "a··b",
		"\xe2\x82":             "··",
		"a\u202eb\u2066c":      "a·b·c",
		"a\u200e\u200f\u061cb": "a···b",
		"a\u200b\u200db":       "a··b",
		"\ufeffa":              "·a",
		"a\u00adb":             "a·b",
		"\u0301a":              "·a", // a mark with nothing before it would sit on what is beside
		"a\u034f\u3164\ufe0fb": "a···b",
		"a\u2028b":             "a·b",
		"a\u00a0b":             "a·b",
		"\ue000":               "·",
		"\U000e0041":           "·",
	} {
		if got := Text([]byte(in), 100); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestTextIsCutWithAnEllipsis(t *testing.T) {
	for max, want := range map[int]string{-1: "", 0: "", 1: "…", 4: "hel…", 5: "hello", 6: "hello"} {
		if got := Text([]byte("hello"), max); got != want {
			t.Errorf("max %d: %q, want %q", max, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("a\x1b[31m\u202e\xffé日"), 5)
	f.Fuzz(func(t *testing.T, b []byte, max int) {
		s := Text(b, max%1000)
		if n := utf8.RuneCountInString(s); n > max%1000 && n > 0 {
			t.Errorf("%d characters, at most %d allowed", n, max%1000)
		}
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("unsafe: %q", s)
		}
	})
}

func TestHexShowsOffsetBytesAndSafeASCII(t *testing.T) {
	lines := Hex(dataFrame)
	want := []string{
		"0000  02 00 00 00 00 02 02 00  00 00 00 01 08 00 45 00   ··············E·",
		"0040  07 d0 68 65 6c 6c 6f                               ··hello",
	}
	if len(lines) != 5 || lines[0].String() != want[0] || lines[4].String() != want[1] {
		t.Errorf("%d lines:\n%s\n%s\nwant\n%s", len(lines), lines[0], lines[4], strings.Join(want, "\n"))
	}
	if len(Hex(nil)) != 0 {
		t.Error("no bytes have lines")
	}
}

func TestHexColumnFindsTheDigitsOfAByte(t *testing.T) {
	line := Hex(synFrame)[1]
	for i := range HexWidth {
		at := HexColumn(i)
		if got, want := line.Hex[at:at+2], hexOf(synFrame[16+i:17+i], 1); got != want {
			t.Errorf("byte %d: %q, want %q", i, got, want)
		}
	}
}

func TestNumbersAreGroupedForPeople(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 64256: "64,256", 1<<64 - 1: "18,446,744,073,709,551,615"} {
		if got := group(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	if got := group(-1234); got != "-1,234" {
		t.Errorf("got %q", got)
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
			t.Errorf("%q in %d characters is %q, want %q", c.text, c.w, got, c.want)
		}
	}
	if got := Wrap("text", 0); got != nil {
		t.Errorf("in no characters there is %q", got)
	}
}

func FuzzWrapFits(f *testing.F) {
	f.Add("one two three", 5)
	f.Add("\xff\xfe ü\n\n  漢字", 1)
	f.Fuzz(func(t *testing.T, text string, w int) {
		w %= 200
		lines := Wrap(text, w)
		for _, line := range lines {
			if utf8.RuneCountInString(line) > w {
				t.Errorf("%q in %d characters has a line %q", text, w, line)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if all := strings.Join(lines, ""); w > 0 && squeeze(all) != squeeze(text) {
			t.Errorf("%q in %d characters is %q", text, w, all)
		}
	})
}
