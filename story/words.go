package story

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// group writes a number for people: 4,380.
func group(n int64) string {
	var digits, b [32]byte
	s := strconv.AppendInt(digits[:0], n, 10)
	out := b[:0]
	for i, c := range s {
		if left := len(s) - i; i > 0 && left%3 == 0 && s[i-1] != '-' {
			out = append(out, ',')
		}
		out = append(out, c)
	}
	return string(out)
}

// count counts things: "1 byte", "4,380 bytes".
func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return group(n) + " " + thing + "s"
}

// bytes names bytes [lo, hi) of a stream with the word before.
func bytes(lo, hi int64) string {
	if hi == lo+1 {
		return "byte " + interval(lo, hi)
	}
	return "bytes " + interval(lo, hi)
}

// interval names bytes [lo, hi), which count from 0, as people do: from 1, and
// with the last one.
func interval(lo, hi int64) string {
	if hi == lo+1 {
		return group(lo + 1)
	}
	return group(lo+1) + " to " + group(hi)
}

// Milliseconds writes a time in milliseconds with three places, so that
// microseconds show: "40.118 ms". What is finer is rounded.
func Milliseconds(d time.Duration) string {
	us := d.Round(time.Microsecond).Microseconds()
	sign := ""
	if us < 0 {
		sign, us = "-", -us
	}
	return fmt.Sprintf("%s%s.%03d ms", sign, group(us/1000), us%1000)
}

// Shorter writes a time in the unit that suits it: "40.1 ms", "1.3 s".
func Shorter(d time.Duration) string {
	trim := func(v float64, unit string) string {
		s := strconv.FormatFloat(v, 'f', 1, 64)
		return strings.TrimSuffix(s, ".0") + " " + unit
	}
	switch {
	case d >= time.Second:
		return trim(d.Seconds(), "s")
	case d >= time.Millisecond:
		return trim(float64(d)/1e6, "ms")
	case d >= time.Microsecond:
		return trim(float64(d)/1e3, "us")
	}
	return fmt.Sprintf("%d ns", d)
}

// textLen is how many characters of a program's own words a line shows.
const textLen = 80
