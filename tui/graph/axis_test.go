package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestTicksAreRoundAndIncrease(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	round := func(step int64) bool {
		for step%10 == 0 {
			step /= 10
		}
		return step == 1 || step == 2 || step == 5
	}
	for range 20_000 {
		hi := int64(math.Exp(r.Float64() * 35))
		n := 3 + r.IntN(10)
		s := scale{hi: hi, name: bytesName}
		if r.IntN(2) == 0 {
			s.name = spanName
		}
		ts := s.ticks(n)
		if len(ts) < 2 || len(ts) > n || ts[0].value != 0 || !round(ts[1].value) {
			t.Fatalf("0..%d, %d ticks wanted: %v", hi, n, ts)
		}
		for i := 1; i < len(ts); i++ {
			if ts[i].value-ts[i-1].value != ts[1].value || ts[i].name == ts[i-1].name || ts[i].value > hi {
				t.Fatalf("0..%d: %v", hi, ts)
			}
		}

		from := time.Duration(r.Int64N(1e12))
		c := clock{from, from + time.Duration(hi), 50}
		ms := c.ticks(n)
		for i := 1; i < len(ms); i++ {
			if step := ms[i].value - ms[i-1].value; !round(step) || ms[i].value%step != 0 || ms[i].value > int64(c.to) || ms[0].value < int64(from) {
				t.Fatalf("%v..%v: %v", c.from, c.to, ms)
			}
		}
	}
}

func TestLogarithmicTicks(t *testing.T) {
	names := func(s scale, n int) (names []string) {
		for _, t := range s.ticks(n) {
			names = append(names, t.name)
		}
		return names
	}
	s := timeScale(int64(ms(40)), int64(3*time.Second))
	if got, want := names(s, 8), []string{"50 ms", "100 ms", "200 ms", "500 ms", "1 s", "2 s"}; !slices.Equal(got, want) {
		t.Errorf("ticks are %v, want %v", got, want)
	}
	if got, want := names(s, 4), []string{"100 ms", "300 ms", "1 s", "3 s"}; !slices.Equal(got, want) {
		t.Errorf("ticks are %v, want %v", got, want)
	}
}

func TestColumnsAndTheirFirstMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		from := time.Duration(r.Int64N(1e12))
		c := clock{from, from + 1 + time.Duration(math.Exp(r.Float64()*32)), 1 + r.IntN(130)}
		for i := range c.w {
			start := c.start(i)
			if start > c.to { // fewer nanoseconds than columns
				break
			}
			if got := c.column(start, c.w); got < i || c.start(i+1) > start && got != i {
				t.Fatalf("%+v: column %d begins at %v, which is in column %d", c, i, start, got)
			}
			if i > 0 && c.start(i-1) < start && c.column(start-1, c.w) != i-1 {
				t.Fatalf("%+v: the moment before column %d is in %d", c, i, c.column(start-1, c.w))
			}
		}
	}
}
