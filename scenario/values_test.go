package scenario

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"wirelab/wire"
)

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
		form string
	}{
		{"0", 0, "0s"},
		{"20ms", 20 * time.Millisecond, "20ms"},
		{"1.5s", 1500 * time.Millisecond, "1.5s"},
		{"90s", 90 * time.Second, "1m30s"},
		{"60s", time.Minute, "1m"},
		{"10m", 10 * time.Minute, "10m"},
		{"60m", time.Hour, "1h"},
		{"1h0m5s", time.Hour + 5*time.Second, "1h0m5s"},
		{"1h10m", 70 * time.Minute, "1h10m"},
		{"250us", 250 * time.Microsecond, "250us"},
		{"250µs", 250 * time.Microsecond, "250us"},
		{"1ns", 1, "1ns"},
		{"10000h", MaxTime, "10000h"},
	} {
		got, err := ParseDuration(c.text)
		if err != nil || got != c.want {
			t.Errorf("%q is read as %v, %v; want %v", c.text, got, err, c.want)
		}
		if form := FormatDuration(got); form != c.form {
			t.Errorf("%q is written %q, want %q", c.text, form, c.form)
		}
	}
	refuse(t, ParseDuration, map[string]string{
		"":         "is not a time",
		"20":       "is not a time",
		"20 ms":    "is not a time",
		"ms":       "is not a time",
		"-5ms":     "is negative",
		"1e3s":     "is not a time",
		"10001h":   "is too long; a time here is at most 10000h",
		"9999999h": "is not a time", // more than Go can count
	})
}

func TestRates(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
		form string
	}{
		{"none", 0, "none"},
		{"0", 0, "none"},
		{"1bit", 1, "1bit"},
		{"64kbit", 64_000, "64kbit"},
		{"10mbit", 10_000_000, "10mbit"},
		{"10Mbit/s", 10_000_000, "10mbit"},
		{"1500mbit", 1_500_000_000, "1500mbit"},
		{"1.5gbit", 1_500_000_000, "1500mbit"},
		{".5kbit", 500, "500bit"},
		{"1000kbit", 1_000_000, "1mbit"},
	} {
		got, err := ParseRate(c.text)
		if err != nil || got != c.want {
			t.Errorf("%q is read as %v, %v; want %v", c.text, got, err, c.want)
		}
		if form := FormatRate(got); form != c.form {
			t.Errorf("%q is written %q, want %q", c.text, form, c.form)
		}
	}
	refuse(t, ParseRate, map[string]string{
		"": "is not a rate", "10": "is not a rate", "-1mbit": "is not a rate", "mbit": "is not a rate", "1mbyte": "is not a rate",
		"0mbit": "is not a rate", "0.1bit": "is not a rate", "1.2.3mbit": "is not a rate", "99999999999gbit": "is not a rate",
		"9e18bit": "is not a rate", "1 mbit": "is not a rate", "0x10bit": "is not a rate",
	})
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
		form string
	}{
		{"0", 0, "0"},
		{"1", 1, "1"},
		{"4380", 4380, "4380"},
		{"4380B", 4380, "4380"},
		{"1000", 1000, "1kB"},
		{"64kB", 64_000, "64kB"},
		{"64kb", 64_000, "64kB"},
		{"128kB", 128_000, "128kB"}, // also 125KiB, which nobody wrote
		{"64KiB", 65_536, "64KiB"},
		{"1MiB", 1 << 20, "1MiB"},
		{"1.5MB", 1_500_000, "1500kB"},
		{"2GiB", 2 << 30, "2GiB"},
		{"2097152KiB", 2 << 30, "2GiB"},
	} {
		got, err := ParseSize(c.text)
		if err != nil || got != c.want {
			t.Errorf("%q is read as %v, %v; want %v", c.text, got, err, c.want)
		}
		if form := FormatSize(got); form != c.form {
			t.Errorf("%q is written %q, want %q", c.text, form, c.form)
		}
	}
	refuse(t, ParseSize, map[string]string{
		"": "is not a size", "-1": "is not a size", "+1": "is not a size", "kB": "is not a size", ".": "is not a size",
		"1 kB": "is not a size", "1e3": "is not a size", "1TB": "is not a size", "10p": "is not a size",
		"9999999999999999999": "is not a size", "9999999999GiB": "is not a size",
	})
}

func TestPercents(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
		form string
	}{
		{"0", 0, "0%"},
		{"0%", 0, "0%"},
		{"-0%", 0, "0%"},
		{"1%", 0.01, "1%"},
		{"0.1%", 0.001, "0.1%"},
		{"0.0001%", 0.000001, "0.0001%"},
		{"33.3%", 0.333, "33.3%"},
		{"5.50%", 0.055, "5.5%"},
		{"50%", 0.5, "50%"},
		{".5%", 0.005, "0.5%"},
		{"100%", 1, "100%"},
		{"99.99%", 0.9999, "99.99%"},
		{"33.33333333333333%", 1.0 / 3, "33.33333333333333%"},
	} {
		got, err := ParsePercent(c.text)
		if err != nil || got != c.want {
			t.Errorf("%q is read as %v, %v; want %v", c.text, got, err, c.want)
		}
		if form := FormatPercent(got); form != c.form {
			t.Errorf("%q is written %q, want %q", c.text, form, c.form)
		}
	}
	refuse(t, ParsePercent, map[string]string{
		"": "is not a percentage", "%": "is not a percentage", "1": "is not a percentage", "0.5": "is not a percentage",
		"1%%": "is not a percentage", "1e1%": "is not a percentage", "0x1p-2%": "is not a percentage", "1_0%": "is not a percentage",
		"NaN%": "is not a percentage", "inf%": "is not a percentage", "1 %": "is not a percentage",
		"120%": "is from 0% to 100%", "-1%": "is from 0% to 100%", "100.0001%": "is from 0% to 100%",
	})
}

func TestQueues(t *testing.T) {
	for _, c := range []struct {
		text string
		want wire.Queue
		form string
	}{
		{"8p", wire.Queue{Frames: 8}, "8p"},
		{"1p", wire.Queue{Frames: 1}, "1p"},
		{"1000p", wire.Queue{}, "1000p"}, // what a wire has by itself
		{"64kB", wire.Queue{Bytes: 64_000}, "64kB"},
		{"1500", wire.Queue{Bytes: 1500}, "1500"},
		{"1TB", wire.Queue{}, ""},
	} {
		got, err := ParseQueue(c.text)
		if c.form == "" {
			if err == nil {
				t.Errorf("%q is read as %+v", c.text, got)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%q is read as %+v, %v; want %+v", c.text, got, err, c.want)
		}
		if form := FormatQueue(got); form != c.form {
			t.Errorf("%q is written %q, want %q", c.text, form, c.form)
		}
	}
	refuse(t, ParseQueue, map[string]string{
		"": "is not the size of a queue", "0": "is not the size of a queue", "0p": "is not the size of a queue",
		"-1p": "is not the size of a queue", "p": "is not the size of a queue", "1.5p": "is not the size of a queue",
		"none": "is not the size of a queue", "2000GB": "is not the size of a queue",
	})
}

// refuse checks that each text is refused, with an error that shows it and says
// what is wrong.
func refuse[T any](t *testing.T, parse func(string) (T, error), bad map[string]string) {
	t.Helper()
	for text, why := range bad {
		got, err := parse(text)
		if err == nil {
			t.Errorf("%q is read as %v", text, got)
		} else if !strings.Contains(err.Error(), why) || !strings.HasPrefix(err.Error(), `"`+text+`"`) {
			t.Errorf("%q is refused with %q, want the text and %q in it", text, err, why)
		}
	}
}

// What is written is read back exactly, whatever the value.
func TestEveryValueIsReadBackExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		readBack(t, randomDuration(r), FormatDuration, ParseDuration)
		readBack(t, randomRate(r), FormatRate, ParseRate)
		readBack(t, randomSize(r), FormatSize, ParseSize)
		readBack(t, randomPercent(r), FormatPercent, ParsePercent)
		readBack(t, randomQueue(r), FormatQueue, ParseQueue)
	}
	for _, p := range []float64{math.SmallestNonzeroFloat64, math.Nextafter(1, 0), math.Nextafter(0.01, 1), 1.0 / 3} {
		readBack(t, p, FormatPercent, ParsePercent)
	}
}

func readBack[T comparable](t *testing.T, v T, format func(T) string, parse func(string) (T, error)) {
	t.Helper()
	text := format(v)
	if got, err := parse(text); err != nil || got != v {
		t.Errorf("%v is written %q and read as %v, %v", v, text, got, err)
	}
}

// The random values are of every size, and often round, as people's are.

func randomDuration(r *rand.Rand) time.Duration {
	unit := []time.Duration{1, time.Microsecond, time.Millisecond, time.Second, time.Minute, time.Hour}[r.IntN(6)]
	return min(time.Duration(r.Int64N(1000))*unit+time.Duration(r.Int64N(2)*r.Int64N(int64(time.Hour))), MaxTime)
}

func randomRate(r *rand.Rand) int64 { return randomSize(r) % 1e15 }

func randomSize(r *rand.Rand) int64 {
	unit := sizeUnits[r.IntN(len(sizeUnits))].n
	if r.IntN(2) == 0 {
		return r.Int64N(2000) * unit
	}
	return r.Int64() >> r.IntN(62)
}

func randomPercent(r *rand.Rand) float64 {
	switch r.IntN(3) {
	case 0:
		return float64(r.IntN(101)) / 100
	case 1:
		return float64(r.IntN(100_001)) / 1e6
	}
	return r.Float64() * math.Pow10(-r.IntN(12))
}

func randomQueue(r *rand.Rand) wire.Queue {
	switch r.IntN(3) {
	case 0:
		return wire.Queue{}
	case 1:
		if n := 1 + r.IntN(5000); n != wire.DefaultQueue {
			return wire.Queue{Frames: n}
		}
		return wire.Queue{}
	}
	return wire.Queue{Bytes: int(1 + randomSize(r)%(1<<40))}
}
