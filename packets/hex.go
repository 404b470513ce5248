package packets

import (
	"fmt"
	"strings"
)

// HexWidth is how many bytes a line of a hex dump shows.
const HexWidth = 16

// HexLine is one line of a hex dump, its columns apart so that a screen may
// colour them.
type HexLine struct {
	Off  int    // of the line's first byte in the frame
	Hex  string // "00 01 00 50 c8 22 5b 1e  9c 02": a wider gap after the eighth
	Text string // the same bytes in ASCII, "·" for what is not printable
}

// String is the line as in a plain dump: offset, hex, text.
func (l HexLine) String() string {
	return fmt.Sprintf("%04x  %-*s   %s", l.Off, HexColumn(HexWidth-1)+2, l.Hex, l.Text)
}

// HexColumn is the column in HexLine.Hex where the two digits of the line's
// i-th byte begin, counted from 0.
func HexColumn(i int) int {
	if i >= HexWidth/2 {
		return 3*i + 1
	}
	return 3 * i
}

// Hex dumps a frame, sixteen bytes a line.
func Hex(frame []byte) []HexLine {
	var lines []HexLine
	for off := 0; off < len(frame); off += HexWidth {
		b := frame[off:min(off+HexWidth, len(frame))]
		var hex, text strings.Builder
		for i, c := range b {
			fmt.Fprintf(&hex, "%*s%02x", HexColumn(i)-hex.Len(), "", c)
			if c < 0x20 || c > 0x7e {
				text.WriteRune(unprintable)
			} else {
				text.WriteByte(c)
			}
		}
		lines = append(lines, HexLine{off, hex.String(), text.String()})
	}
	return lines
}
