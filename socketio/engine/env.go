package engine

import (
	crand "crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// An Env is where a session lives: its clock, its goroutines and its chance.
type Env interface {
	Now() time.Time
	Sleep(d time.Duration)
	// AfterFunc starts f in a goroutine of its own after d, unless it is
	// stopped before. Stop says whether it was in time.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
	// Go starts f in a goroutine of its own. In a lab that is an event: f
	// starts when all that is happening at this instant has happened.
	Go(f func())
	Uint64() uint64 // by chance
}

// System is the Env of an ordinary program: the machine's clock, and ids that
// nobody can guess.
type System struct{}

// Now implements Env.
func (System) Now() time.Time { return time.Now() }

// Sleep implements Env.
func (System) Sleep(d time.Duration) { time.Sleep(d) }

// AfterFunc implements Env.
func (System) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return time.AfterFunc(d, f).Stop
}

// Go implements Env.
func (System) Go(f func()) { go f() }

// Uint64 implements Env.
func (System) Uint64() uint64 {
	var b [8]byte
	crand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// NewID is an id of 128 bits by chance, as 22 characters that need no escaping
// in a URL.
func NewID(env Env) string {
	b := binary.LittleEndian.AppendUint64(nil, env.Uint64())
	return base64.RawURLEncoding.EncodeToString(binary.LittleEndian.AppendUint64(b, env.Uint64()))
}
