package web

import "time"

// An Env is the world around a client or a server: its clock, and who keeps record of
// what it does. A lab is one, and Outside is the real one.
type Env interface {
	// Now is the time of the clock.
	Now() time.Time
	// AfterFunc starts f in a goroutine of its own after d, unless it is
	// stopped before. stop says whether it was in time.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
	// Call carries out f, which is one call of the program, and passes its
	// error on. The note says what came of it.
	Call(what string, f func() (note string, err error)) error
}

// Outside is the world outside of labs: the real clock, and no record.
type Outside struct{}

// Now implements Env.
func (Outside) Now() time.Time { return time.Now() }

// AfterFunc implements Env.
func (Outside) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

// Call implements Env.
func (Outside) Call(_ string, f func() (string, error)) error {
	_, err := f()
	return err
}
