package paint

import (
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// hidden stands for a character that is not drawn.
const hidden = '·'

// safe returns r if it is one visible character of one column, and "·" if not:
// controls, what changes the direction of writing, combining marks, letters that
// join, and what is two columns wide would move what stands beside it.
func safe(r rune) rune {
	switch {
	case r >= 0x20 && r < 0x7f:
		return r
	case r < 0xa0 || r == 0xad: // a soft hyphen may be drawn or not
		return hidden
	case r < 0x300, r >= 0x2500 && r < 0x25fd: // Latin letters; boxes, blocks and shapes
		return r
	case !unicode.IsPrint(r), unicode.Is(unicode.M, r), unicode.Is(unicode.Variation_Selector, r),
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), rightToLeft(r), unicode.Is(joining, r), displaywidth.Rune(r) != 1:
		return hidden
	}
	return r
}

// joining are letters that are written together with the one before or behind
// them (Unicode annex 29), so that two cells would become one: Thai and Lao AM,
// the vowels and finals of Hangul syllables, the sound marks of narrow Katakana,
// and Indic letters that stand before a consonant.
var joining = &unicode.RangeTable{
	R16: []unicode.Range16{{0x0d4e, 0x0d4e, 1}, {0x0e33, 0x0e33, 1}, {0x0eb3, 0x0eb3, 1}, {0x1160, 0x11ff, 1},
		{0xd7b0, 0xd7fb, 1}, {0xff9e, 0xff9f, 1}},
	R32: []unicode.Range32{{0x111c2, 0x111c3, 1}, {0x1193f, 0x1193f, 1}, {0x11941, 0x11941, 1}, {0x11a84, 0x11a89, 1},
		{0x11d46, 0x11d46, 1}, {0x11f02, 0x11f02, 1}},
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
