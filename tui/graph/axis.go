package graph

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A tick is a place on an axis with its name.
type tick struct {
	value int64
	name  string
}

// A clock is the axis of time: the moments from..to over w columns.
type clock struct {
	from, to time.Duration
	w        int
}

func (c clock) span() int64 { return int64(c.to-c.from) + 1 }

// column is where a moment stands, in n parts of the width; n is at least 1.
func (c clock) column(t time.Duration, n int) int {
	return int(scaled(int64(t-c.from), n, c.span()))
}

// start is the first moment of a column.
func (c clock) start(column int) time.Duration {
	n := int64(c.w)
	whole, rest := c.span()/n, c.span()%n
	return c.from + time.Duration(whole*int64(column)+(rest*int64(column)+n-1)/n)
}

// scaled is v*n/of, rounded down, without an overflow for what a trace can hold.
func scaled(v int64, n int, of int64) int64 {
	if v < 0 {
		return -1
	}
	whole, rest := v/of, v%of
	if rest > math.MaxInt64/int64(max(n, 1)) {
		return whole*int64(n) + int64(float64(rest)/float64(of)*float64(n))
	}
	return whole*int64(n) + rest*int64(n)/of
}

// ticks are round moments on the axis, at most n of them.
func (c clock) ticks(n int) (ts []tick) {
	step := roundStep(int64(c.to-c.from), n)
	first := (int64(c.from) + step - 1) / step * step
	for t := first; t <= int64(c.to); t += step {
		ts = append(ts, tick{t, momentName(time.Duration(t), c.to)})
	}
	return ts
}

// A scale is the axis of values: lo..hi from the bottom to the top. The lowest
// value of a linear one is 0.
type scale struct {
	lo, hi int64
	log    float64 // of hi/lo, if the scale is logarithmic; then lo > 0
	name   func(int64) string
}

// logarithmic makes a scale on which a value is as far from its double everywhere.
func logarithmic(lo, hi int64, name func(int64) string) scale {
	return scale{lo: lo, hi: hi, log: math.Log(float64(hi+1) / float64(lo)), name: name}
}

// level is how high a value stands, from 0 at the bottom to n-1 at the top; what
// lies beyond the ends of the scale is below 0, or n and more.
func (s scale) level(v int64, n int) int {
	if s.log == 0 {
		if v < 0 {
			return -1
		}
		return int(min(scaled(v, n, s.hi+1), int64(n)))
	}
	if v < s.lo {
		return -1
	}
	return int(min(math.Log(float64(v)/float64(s.lo))/s.log*float64(n), float64(n)))
}

// ticks are round values on the scale, the lowest first, at most n of them.
func (s scale) ticks(n int) (ts []tick) {
	if s.log == 0 {
		step := roundStep(s.hi, n)
		for v := int64(0); v <= s.hi; v += step {
			ts = append(ts, tick{v, s.name(v)})
		}
		return ts
	}
	for _, digits := range [][]int64{{1, 2, 5}, {1, 3}, {1}} {
		ts = ts[:0]
		for power := int64(1); power <= s.hi; power *= 10 {
			for _, d := range digits {
				if v := d * power; v >= s.lo && v <= s.hi {
					ts = append(ts, tick{v, s.name(v)})
				}
			}
			if power > math.MaxInt64/100 {
				break
			}
		}
		if len(ts) <= n {
			break
		}
	}
	return ts[:min(len(ts), max(n, 0))]
}

// roundStep is the least of 1, 2, 5, 10, 20, ... of which no more than n, 0
// counted, fit into length.
func roundStep(length int64, n int) int64 {
	n = max(n, 2)
	for power := int64(1); ; power *= 10 {
		for _, d := range []int64{1, 2, 5} {
			if length/(d*power) < int64(n) {
				return d * power
			}
		}
		if power > math.MaxInt64/100 {
			return math.MaxInt64
		}
	}
}

// momentName names a moment in the unit that suits the last one of its axis.
func momentName(t, last time.Duration) string {
	switch {
	case t == 0:
		return "0"
	case last >= time.Second:
		return number(float64(t)/1e9) + " s"
	case last >= time.Millisecond:
		return number(float64(t)/1e6) + " ms"
	case last >= time.Microsecond:
		return number(float64(t)/1e3) + " us"
	}
	return number(float64(t)) + " ns"
}

// spanName names a length of time for an axis: "50 ms".
func spanName(ns int64) string { return momentName(time.Duration(ns), time.Duration(ns)) }

// bytesName names a number of bytes for an axis: "10 kB".
func bytesName(n int64) string {
	switch {
	case n >= 1e9:
		return number(float64(n)/1e9) + " GB"
	case n >= 1e6:
		return number(float64(n)/1e6) + " MB"
	case n >= 1e3:
		return number(float64(n)/1e3) + " kB"
	}
	return number(float64(n))
}

// number writes a round number with no more places than it needs.
func number(f float64) string {
	s := strconv.FormatFloat(f, 'f', 6, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	whole, rest, _ := strings.Cut(s, ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
		whole = grouped(n)
	}
	if rest != "" {
		return whole + "." + rest
	}
	return whole
}

// grouped writes a number with a comma at each thousand.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
