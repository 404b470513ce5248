package wire

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// Limits end a run that would not end by itself. A zero field means its default,
// or no limit at all on the real clock.
type Limits struct {
	Time   time.Duration // of the lab; 1 h
	Frames int           // sent by all hosts; 5,000,000
	Bytes  int64         // of all frames and the record of all calls together; 2 GiB
}

// Defaults of Limits.
const (
	DefaultLimitTime   = time.Hour
	DefaultLimitFrames = 5_000_000
	DefaultLimitBytes  = 2 << 30
)

// WithDefaults puts the defaults in the place of what is zero.
func (m Limits) WithDefaults() Limits {
	return m.or(Limits{DefaultLimitTime, DefaultLimitFrames, DefaultLimitBytes})
}

// unreachable are limits that no run reaches.
var unreachable = Limits{math.MaxInt64, math.MaxInt, math.MaxInt64}

func (m Limits) or(o Limits) Limits {
	return Limits{cmp.Or(max(m.Time, 0), o.Time), cmp.Or(max(m.Frames, 0), o.Frames), cmp.Or(max(m.Bytes, 0), o.Bytes)}
}

// exceeded says which limit the run has reached. l.mu must be held.
func (l *Lab) exceeded() error {
	switch lim := l.opt.Limits; {
	case l.rec.Packets() > lim.Frames:
		return fmt.Errorf("the run was ended at %v: it sent more than %d frames%s", l.elapsed(), lim.Frames, l.stillWaiting())
	case l.bytes+l.calls.size() > lim.Bytes:
		return fmt.Errorf("the run was ended at %v: its record took more than %d bytes of memory%s", l.elapsed(), lim.Bytes, l.stillWaiting())
	}
	return nil
}

// stuck says why nothing more happens.
func (l *Lab) stuck() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.events.first() == nil {
		l.now.Store(int64(l.last))
		return fmt.Errorf("the run is stuck: after %v nothing was left to happen%s%s", l.last, l.silent(), l.stillWaiting())
	}
	return fmt.Errorf("the run was ended at its limit of %v of lab time%s", l.opt.Limits.Time, l.stillWaiting())
}
