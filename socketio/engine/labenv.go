package engine

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"wirelab/wire"
)

// A LabEnv is the Env of one program on a host of a lab: the lab's clock, and
// chance from the run's seed and the program's name, so that what one program
// draws changes nothing for another.
type LabEnv struct {
	lab  *wire.Lab
	host *wire.Host
	name string

	mu     sync.Mutex
	chance *rand.ChaCha8
}

// InLab returns the Env of the program of that name.
func InLab(lab *wire.Lab, host *wire.Host, name string) *LabEnv {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], lab.Seed())
	copy(key[8:], "sio "+name)
	return &LabEnv{lab: lab, host: host, name: name, chance: rand.NewChaCha8(key)}
}

// Now implements Env.
func (e *LabEnv) Now() time.Time { return e.lab.Now() }

// Sleep implements Env.
func (e *LabEnv) Sleep(d time.Duration) { e.lab.Sleep(d) }

// AfterFunc implements Env.
func (e *LabEnv) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return e.lab.AfterFunc(d, func() { e.Go(f) })
}

// Go implements Env. The run does not wait for f: the program for which it works
// does, or has left.
func (e *LabEnv) Go(f func()) {
	e.lab.Background(e.host, e.name, func() error { f(); return nil })
}

// Uint64 implements Env.
func (e *LabEnv) Uint64() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.chance.Uint64()
}

// Record carries out f as one call of the program, a row of the trace. whose is
// put before the note, where several programs on one host could be meant.
func (e *LabEnv) Record(whose, what string, f func() (note string, err error)) error {
	return e.lab.Call(e.host, what, func() (string, error) {
		note, err := f()
		if note != "" {
			note = whose + note
		}
		return note, err
	})
}
