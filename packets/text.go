package packets

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unprintable stands for what is not shown.
const unprintable = '·'

// Text makes a stranger's bytes safe for a terminal. Printable text in valid
// UTF-8 stays; every control, format, bidirectional, invisible or unassigned
// character and every invalid byte becomes "·", and so does a combining mark
// that has no letter before it to combine with. The result has at most max
// characters; "…" is the last one if more would have followed. It is empty if
// max is less than 1.
func Text(b []byte, max int) string {
	var out strings.Builder
	base := false // a letter that a mark may combine with came before
	for n := 0; len(b) > 0 && n < max; n++ {
		r, size := utf8.DecodeRune(b)
		b = b[size:]
		if n == max-1 && len(b) > 0 {
			out.WriteRune('…')
			break
		}
		mark := unicode.Is(unicode.M, r)
		switch {
		case r == utf8.RuneError && size == 1, !visible(r), mark && !base:
			out.WriteRune(unprintable)
			base = false
		default:
			out.WriteRune(r)
			base = true
		}
	}
	return out.String()
}

// visible says whether a terminal shows r as itself. unicode.IsPrint leaves
// out controls and format characters, the bidirectional ones among them, and
// separators other than the space; some letters and marks are invisible all
// the same (Hangul fillers, variation selectors).
func visible(r rune) bool {
	return unicode.IsPrint(r) &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Wrap breaks text into lines of at most w characters, between words where it can.
func Wrap(text string, w int) (lines []string) {
	if w <= 0 {
		return nil
	}
	for _, paragraph := range strings.Split(text, "\n") {
		line, n := "", 0
		for _, word := range strings.Fields(paragraph) {
			k := utf8.RuneCountInString(word)
			if n > 0 && n+1+k <= w {
				line, n = line+" "+word, n+1+k
				continue
			}
			if n > 0 {
				lines = append(lines, line)
			}
			for k > w { // longer than a line
				head := firstRunes(word, w)
				lines = append(lines, head)
				word, k = word[len(head):], k-w
			}
			line, n = word, k
		}
		lines = append(lines, line)
	}
	return lines
}

// firstRunes are the first n characters of text, which has as many.
func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
