package sockets

import "time"

// A Backoff says how long to wait before the next attempt: Min the first time,
// twice as long each further time, Max at most; and then up to Jitter of that
// more or less, so that a thousand clients that lost one server do not all come
// back at once.
type Backoff struct {
	Min, Max time.Duration
	Jitter   float64 // from 0 to 1
}

// Wait is the wait before attempt n, counted from 0. chance is from 0 to 1. It
// is never more than Max.
func (b Backoff) Wait(n int, chance float64) time.Duration {
	wait := b.Min
	for ; n > 0 && wait < b.Max; n-- {
		wait *= 2
	}
	wait = min(wait, b.Max)
	wait += time.Duration(float64(wait) * b.Jitter * (2*chance - 1))
	return min(wait, b.Max)
}
