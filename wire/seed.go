package wire

import (
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	mrand "math/rand"
	"math/rand/v2"
	"sync"
)

// A source is a stream of random bits that several goroutines may read. Stacks
// take their initial sequence numbers, ports and delays from one.
type source struct {
	mu sync.Mutex
	r  *rand.ChaCha8
}

func newSource(seed uint64, purpose string) *source {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	copy(key[8:], purpose)
	return &source{r: rand.NewChaCha8(key)}
}

// Int63 implements math/rand.Source.
func (s *source) Int63() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.r.Uint64() >> 1)
}

// Seed implements math/rand.Source. The seed was given when the source was made.
func (s *source) Seed(int64) {}

// Read implements io.Reader.
func (s *source) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.r.Read(b)
}

// oneRun keeps two runs of one process apart, because chance that programs
// take from Go's own packages is the whole process's.
var oneRun sync.Mutex

// seedChance makes math/rand and crypto/rand repeat themselves while a run
// lasts: gorilla/websocket takes its masks and keys from them. It needs
// //go:debug randseednop=0 (in go.mod). Nothing else of the process may count
// on secrets from crypto/rand until giveBack is called.
func seedChance(seed uint64) (giveBack func(), err error) {
	oneRun.Lock()
	if liveLabs > 0 {
		oneRun.Unlock()
		return nil, errLive
	}
	secure := crand.Reader
	crand.Reader = newSource(seed, "crypto/rand")
	//lint:ignore SA1019 the global source is the one that libraries use
	mrand.Seed(int64(seed))
	return func() {
		crand.Reader = secure
		var b [8]byte
		if _, err := io.ReadFull(secure, b[:]); err == nil {
			//lint:ignore SA1019 unpredictable again
			mrand.Seed(int64(binary.LittleEndian.Uint64(b[:])))
		}
		oneRun.Unlock()
	}, nil
}

// liveLabs is how many labs are on the real clock now. oneRun must be held.
var liveLabs int

// errLive is why no run with a seed can begin: real clients may be served, and
// the keys that they are given must not be foreseen.
var errLive = errors.New("a lab on the real clock serves others in this process, and a run in virtual time would make its secrets predictable; end it first")

// keepChance lets chance be as it is until giveBack is called.
func keepChance() (giveBack func()) {
	oneRun.Lock()
	liveLabs++
	oneRun.Unlock()
	return func() {
		oneRun.Lock()
		liveLabs--
		oneRun.Unlock()
	}
}

// source is where a stack of the lab takes its chance from. On the real clock
// nobody may foresee that.
func (l *Lab) source(purpose string) *source {
	if !l.opt.Real {
		return newSource(l.opt.Seed, purpose)
	}
	var key [32]byte
	crand.Read(key[:]) // never fails
	return &source{r: rand.NewChaCha8(key)}
}

// A condition's chance is keyed, so that adding one kind of mishap to a wire
// does not change where the others strike.
type purpose uint64

const (
	chanceLoss purpose = iota + 1
	chanceBurst
	chanceBurstEnd
	chanceCorrupt
	chanceBit
	chanceDuplicate
	chanceReorder
	chanceBehind
	chanceJitter
)

// chance returns a number in [0, 1) for the n-th frame in one direction of a
// cable; the same for the same arguments, and unrelated for others.
func chance(seed uint64, cable int, end int, what purpose, n uint64) float64 {
	x := mix(seed ^ mix(uint64(cable)<<8|uint64(end)+1))
	x = mix(x ^ mix(uint64(what)<<56|n))
	return float64(x>>11) / (1 << 53)
}

// mix is the finaliser of SplitMix64: every bit of the result depends on every
// bit of x.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
