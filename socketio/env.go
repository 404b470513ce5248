package socketio

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"wirelab/scenario"
	"wirelab/socketio/sockets"
	"wirelab/wire"
)

// A benchEnv is the engine.Env of one program on a host of the lab: the lab's
// clock, and chance from the run's seed and the program's name, so that what one
// program draws changes nothing for another.
type benchEnv struct {
	b    *scenario.Bench
	host *wire.Host
	name string

	mu     sync.Mutex
	chance *rand.ChaCha8
}

func newEnv(b *scenario.Bench, host *wire.Host, name string) *benchEnv {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], b.Seed())
	copy(key[8:], "sio "+name)
	return &benchEnv{b: b, host: host, name: name, chance: rand.NewChaCha8(key)}
}

// Now implements engine.Env.
func (e *benchEnv) Now() time.Time { return e.b.Now() }

// Sleep implements engine.Env.
func (e *benchEnv) Sleep(d time.Duration) { e.b.Sleep(d) }

// AfterFunc implements engine.Env.
func (e *benchEnv) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	return e.b.AfterFunc(d, func() { e.Go(f) })
}

// Go implements engine.Env. The run does not wait for f: the program for which it
// works does, or has left.
func (e *benchEnv) Go(f func()) {
	e.b.Background(e.host, e.name, func() error { f(); return nil })
}

// Uint64 implements engine.Env.
func (e *benchEnv) Uint64() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.chance.Uint64()
}

// record makes the program's calls rows of the trace. whose is put before the
// notes, where several programs on one host could be meant.
func (e *benchEnv) record(whose string) sockets.Recorder {
	return func(what string, f func() (string, error)) error {
		return e.b.Call(e.host, what, func() (string, error) {
			note, err := f()
			if note != "" {
				note = whose + note
			}
			return note, err
		})
	}
}
