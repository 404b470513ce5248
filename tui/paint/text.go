package paint

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// hidden stands for a character that is not drawn.
const hidden = '·'

// safe returns r if it is one visible character of one column, and "·" if not:
// controls, what changes the direction of writing, combining marks, and what is
// two columns wide would move what stands beside it.
func safe(r rune) rune {
	switch {
	case r >= 0x20 && r < 0x7f:
		return r
	case r < 0xa0 || r == 0xad: // a soft hyphen may be drawn or not
		return hidden
	case r < 0x300, r >= 0x2500 && r < 0x2600: // Latin letters; boxes and blocks
		return r
	case !unicode.IsPrint(r), unicode.Is(unicode.M, r), unicode.Is(unicode.Variation_Selector, r),
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), rightToLeft(r), displaywidth.Rune(r) != 1:
		return hidden
	}
	return r
}

// rightToLeft says whether r belongs to a script that is written from right to
// left: terminals that know of it would reorder the row.
func rightToLeft(r rune) bool {
	return r >= 0x590 && r <= 0x8ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff ||
		r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
}

// Width is how many columns a text takes.
func Width(text string) int { return utf8.RuneCountInString(text) }

// Shorten returns text in at most w columns; "…" is the last if there was more.
func Shorten(text string, w int) string {
	if w <= 0 {
		return ""
	}
	if len(text) <= w {
		return text
	}
	n := 0
	cut := 0 // bytes that leave room for the "…"
	for i := range text {
		if n == w-1 {
			cut = i
		}
		if n++; n > w {
			return text[:cut] + "…"
		}
	}
	return text
}

// Wrap breaks text into lines of at most w columns, between words where it can.
func Wrap(text string, w int) (lines []string) {
	if w <= 0 {
		return nil
	}
	for _, paragraph := range strings.Split(text, "\n") {
		line, n := "", 0
		for _, word := range strings.Fields(paragraph) {
			k := Width(word)
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
