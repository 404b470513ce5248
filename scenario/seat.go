package scenario

import (
	"time"

	"wirelab/wire"
)

// A Seat is a host of a Bench as a program on it sees the world: the lab's clock,
// and a record of what it calls.
type Seat struct {
	b    *Bench
	host *wire.Host
}

// At is the seat on a host.
func (b *Bench) At(h *wire.Host) Seat { return Seat{b, h} }

// Now is the lab's time.
func (s Seat) Now() time.Time { return s.b.Now() }

// AfterFunc starts f after d of lab time, as wire.Lab.AfterFunc does.
func (s Seat) AfterFunc(d time.Duration, f func()) (stop func() bool) { return s.b.AfterFunc(d, f) }

// Call records f as one call of a program on the host, as wire.Lab.Call does.
func (s Seat) Call(what string, f func() (note string, err error)) error {
	return s.b.Call(s.host, what, f)
}
