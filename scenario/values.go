package scenario

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"wirelab/wire"
)

// Values are written as people write them, and each has one shortest form that
// parses back exactly.

// MaxTime is the longest time that a Scenario can name: more than a year, and
// short enough that no sum of such times overflows.
const MaxTime = 10_000 * time.Hour

// ParseDuration reads "20ms", "1.5s", "10m". A bare 0 needs no unit.
func ParseDuration(s string) (time.Duration, error) {
	if s == "0" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time; write a number with a unit, such as 20ms, 1.5s or 10m", short(s))
	}
	if d < 0 {
		return 0, fmt.Errorf("%q is negative; a time here is 0 or more", short(s))
	}
	if d > MaxTime {
		return 0, fmt.Errorf("%q is too long; a time here is at most %s", short(s), FormatDuration(MaxTime))
	}
	return d, nil
}

// FormatDuration is what ParseDuration reads back: "1m", not "1m0s", and "us",
// which every keyboard has.
func FormatDuration(d time.Duration) string {
	s := strings.Replace(d.String(), "µs", "us", 1)
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// maxTimes is how many times one value can name.
const maxTimes = 1000

// parseTimes reads "1s,2.5s", in any order.
func parseTimes(s string) (list []time.Duration, err error) {
	for part := range strings.SplitSeq(s, ",") {
		d, err := ParseDuration(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if list = append(list, d); len(list) > maxTimes {
			return nil, fmt.Errorf("these are more than %d times", maxTimes)
		}
	}
	slices.Sort(list)
	return list, nil
}

func formatTimes(list []time.Duration) string {
	texts := make([]string, len(list))
	for i, d := range list {
		texts[i] = FormatDuration(d)
	}
	return strings.Join(texts, ",")
}

// unit is a multiple by its name.
type unit struct {
	name string
	n    int64
}

// Rates are decimal, as links are sold: mbit is 1,000,000 bit/s.
var rateUnits = []unit{{"gbit", 1e9}, {"mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}}

// Sizes are decimal with kB, MB, GB and binary with KiB, MiB, GiB.
var sizeUnits = []unit{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}}

// ParseRate reads "10mbit", "64kbit", "1.5gbit": bits a second. "none" and 0
// are no limit.
func ParseRate(s string) (int64, error) {
	if s == "none" || s == "0" {
		return 0, nil
	}
	n, ok := parseUnits(strings.TrimSuffix(strings.ToLower(s), "/s"), rateUnits, "")
	if !ok || n <= 0 {
		return 0, fmt.Errorf("%q is not a rate; write a number with a unit, such as 64kbit, 10mbit or 1gbit, or none", short(s))
	}
	return n, nil
}

// FormatRate is what ParseRate reads back.
func FormatRate(n int64) string {
	if n == 0 {
		return "none"
	}
	return formatUnits(n, rateUnits)
}

// ParseSize reads a number of bytes: "4380", "64kB", "1MiB".
func ParseSize(s string) (int64, error) {
	n, ok := parseUnits(s, sizeUnits, "B")
	if !ok {
		return 0, fmt.Errorf("%q is not a size; write a number of bytes, such as 4380, 64kB or 1MiB", short(s))
	}
	return n, nil
}

// FormatSize is what ParseSize reads back: the shortest way to write it, in
// decimal units where a binary one is no shorter.
func FormatSize(n int64) string {
	best := strconv.FormatInt(n, 10)
	for _, binary := range []bool{false, true} {
		for _, u := range sizeUnits {
			if n == 0 || n%u.n != 0 || strings.Contains(u.name, "i") != binary {
				continue
			}
			if s := strconv.FormatInt(n/u.n, 10) + u.name; len(s) <= len(best) {
				best = s
			}
		}
	}
	return best
}

// parseUnits reads a number, with a fraction if need be, and one of the units.
// bare is the unit of a number without any; empty: there must be one.
func parseUnits(s string, units []unit, bare string) (int64, bool) {
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	name := bare
	if i >= 0 {
		s, name = s[:i], s[i:]
	}
	if s == "" || name == "" {
		return 0, false
	}
	for _, u := range units {
		if !strings.EqualFold(u.name, name) {
			continue
		}
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			if n > math.MaxInt64/u.n {
				return 0, false
			}
			return n * u.n, true
		}
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f*float64(u.n) >= 1<<62 {
			return 0, false
		}
		return int64(math.Round(f * float64(u.n))), true
	}
	return 0, false
}

func formatUnits(n int64, units []unit) string {
	for _, u := range units {
		if n%u.n == 0 {
			return strconv.FormatInt(n/u.n, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// ParsePercent reads a probability: "1%", "0.5%", or "0".
func ParsePercent(s string) (float64, error) {
	digits, ok := strings.CutSuffix(s, "%")
	if s == "0" {
		digits, ok = "0", true
	}
	// The exponent is shifted in the text, so that 1% is 0.01 and not a
	// hundredth of 1, which may differ in its last bit.
	p, err := strconv.ParseFloat(digits+"e-2", 64)
	switch {
	case !ok || err != nil || strings.ContainsAny(digits, "eExX_ ") || math.IsNaN(p):
		return 0, fmt.Errorf("%q is not a percentage; write a number with %%, such as 1%% or 0.5%%", short(s))
	case p < 0 || p > 1:
		return 0, fmt.Errorf("%q cannot be; a probability is from 0%% to 100%%", short(s))
	}
	return p, nil
}

// FormatPercent is what ParsePercent reads back: the shortest digits of p, with
// the point moved two places.
func FormatPercent(p float64) string {
	if p == 0 {
		return "0%"
	}
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(p, 'e', -1, 64), "e")
	e, _ := strconv.Atoi(exp)
	return digitsAt(mantissa, e+2) + "%"
}

// digitsAt writes the digits of a mantissa "d.ddd" times 10^e without exponent.
func digitsAt(mantissa string, e int) string {
	digits := strings.Replace(mantissa, ".", "", 1)
	switch point := 1 + e; {
	case point <= 0:
		return "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		return digits + strings.Repeat("0", point-len(digits))
	default:
		return digits[:point] + "." + digits[point:]
	}
}

// ParseQueue reads the room of a queue: "64kB" in bytes, "8p" in packets.
func ParseQueue(s string) (wire.Queue, error) {
	if digits, ok := strings.CutSuffix(s, "p"); ok {
		if n, err := strconv.Atoi(digits); err == nil && n > 0 {
			if n == wire.DefaultQueue {
				n = 0
			}
			return wire.Queue{Frames: n}, nil
		}
	} else if n, ok := parseUnits(s, sizeUnits, "B"); ok && n > 0 && n <= 1<<40 {
		return wire.Queue{Bytes: int(n)}, nil
	}
	return wire.Queue{}, fmt.Errorf("%q is not the size of a queue; write bytes, such as 64kB, or packets, such as 8p; at least 1", short(s))
}

// FormatQueue is what ParseQueue reads back.
func FormatQueue(q wire.Queue) string {
	switch {
	case q.Bytes > 0:
		return FormatSize(int64(q.Bytes))
	case q.Frames > 0:
		return strconv.Itoa(q.Frames) + "p"
	}
	return strconv.Itoa(wire.DefaultQueue) + "p"
}
