package trace

import (
	"math/bits"
	"time"
)

// A Lateness says by how much what was to happen at a moment of the real clock
// happened after it: arrivals of frames, timers of the stacks, ends of sleeps.
// The zero Lateness is that of nothing.
type Lateness struct {
	Events int // how many things happened
	Mean   time.Duration
	P99    time.Duration // 99 of 100 were no later than this, which is up to 1/16 too large
	Max    time.Duration
}

// A LatenessCount adds up how late things were. The zero value has counted none.
type LatenessCount struct {
	n        int
	sum, max time.Duration
	buckets  [64 << fineBits]uint64 // by the place of the first bit that is set, and the fineBits behind it
}

const fineBits = 4

// Add counts something that was late by d nanoseconds, or in time.
func (c *LatenessCount) Add(d time.Duration) {
	d = max(d, 0)
	c.n++
	c.sum += d
	c.max = max(c.max, d)
	c.buckets[bucketOf(d)]++
}

// Lateness is what was counted so far.
func (c *LatenessCount) Lateness() Lateness {
	if c.n == 0 {
		return Lateness{}
	}
	l := Lateness{Events: c.n, Mean: c.sum / time.Duration(c.n), Max: c.max}
	rank := uint64(c.n) - uint64(c.n)/100 // so many are no later
	for i, n := range c.buckets {
		if n >= rank {
			l.P99 = min(endOf(i), c.max)
			break
		}
		rank -= n
	}
	return l
}

// bucketOf is the place of d: below 1<<fineBits its own, above by 16 of one
// size for each power of two.
func bucketOf(d time.Duration) int {
	n := bits.Len64(uint64(d))
	if n <= fineBits {
		return int(d)
	}
	shift := n - fineBits - 1
	return shift<<fineBits + int(uint64(d)>>shift)
}

// endOf is the largest time that has its place in bucket i.
func endOf(i int) time.Duration {
	if i < 2<<fineBits {
		return time.Duration(i)
	}
	shift := i>>fineBits - 1
	return time.Duration((i-shift<<fineBits+1)<<shift) - 1
}
