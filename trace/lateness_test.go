package trace

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestLatenessIsWhatWasCounted(t *testing.T) {
	var c LatenessCount
	if got := c.Lateness(); got != (Lateness{}) {
		t.Errorf("of nothing: %+v", got)
	}
	for _, d := range []time.Duration{3, -5, 10, 7} { // a clock that is early is in time
		c.Add(d)
	}
	if got, want := c.Lateness(), (Lateness{Events: 4, Mean: 5, P99: 10, Max: 10}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for range 996 {
		c.Add(2)
	}
	if got, want := c.Lateness(), (Lateness{Events: 1000, Mean: 2, P99: 2, Max: 10}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestLatenessPercentileIsNeverTooSmall(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var c LatenessCount
		var all []time.Duration
		for range 1 + r.IntN(500) {
			d := time.Duration(r.Int64() >> r.IntN(63))
			all = append(all, d)
			c.buckets[bucketOf(d)]++
			c.n++
			c.max = max(c.max, d)
		}
		slices.Sort(all)
		exact := all[len(all)-len(all)/100-1]
		if got := c.Lateness().P99; got < exact || got-exact > exact/16 {
			t.Fatalf("of %d the 99th percentile is %d, stated is %d", len(all), exact, got)
		}
	}
}

func TestLatenessBucketsAreOneBehindTheOther(t *testing.T) {
	for i := range (63 - fineBits) << fineBits {
		if end := endOf(i); bucketOf(end) != i || bucketOf(end+1) != i+1 {
			t.Fatalf("bucket %d ends at %d, which is in bucket %d; the next number in %d", i, end, bucketOf(end), bucketOf(end+1))
		}
	}
}
