package stage

import (
	"fmt"
	"time"

	"wirelab/story"
)

// A player is a place in a trace that is complete: it goes on by itself, or by
// steps, and back as easily.
type player struct {
	tell    *story.Teller
	zoom    story.Zoom // whose events are the steps
	at      story.Moment
	playing bool
	speed   int // which of speeds

	// A step glides from one moment to the next.
	gliding bool
	from    time.Duration // lab time where it began
	to      story.Moment
	glided  time.Duration // real time since
	glide   time.Duration // that it takes
}

// A pace is how fast lab time passes: num/den of real time.
type pace struct{ num, den int64 }

var speeds = []pace{{1, 1000}, {1, 500}, {1, 200}, {1, 100}, {1, 50}, {1, 20}, {1, 10}, {1, 5}, {1, 2}, {1, 1}, {2, 1}, {5, 1}, {10, 1}}

func (p pace) String() string {
	if p.den > 1 {
		return fmt.Sprintf("%d/%d", p.num, p.den)
	}
	return fmt.Sprintf("%d×", p.num)
}

// of is how much lab time passes in real time d.
func (p pace) of(d time.Duration) time.Duration {
	return time.Duration(int64(d) / p.den * p.num)
}

const (
	maxGlide = 580 * time.Millisecond // of a step; it ends with a frame, before 600 ms
	flight   = time.Second            // real time that a usual packet should take when playing
	fold     = 800 * time.Millisecond // real time for which nothing may happen
	lead     = 300 * time.Millisecond // real time that is left of a folded stretch
)

// setPace chooses the speed at which a packet that takes so long can be watched.
func (p *player) setPace(usual time.Duration) {
	for i := range speeds {
		p.speed = i
		if speeds[i].of(flight) >= usual {
			return
		}
	}
}

func (p *player) pace() pace { return speeds[p.speed] }

// step is how many steps have been done, of how many.
func (p *player) step() (done, of int) {
	return p.tell.Before(p.zoom, p.at.Done), p.tell.Count(p.zoom)
}

// goTo goes to a moment at once.
func (p *player) goTo(m story.Moment) {
	p.gliding = false
	p.at = m
}

// settle ends a glide at its goal.
func (p *player) settle() {
	if p.gliding {
		p.goTo(p.to)
	}
}

// forward goes on to the event that next names, of those from one on, and glides
// there if motion is wanted. It returns false at the end.
func (p *player) forward(next func(i int) int, motion bool) bool {
	p.settle()
	i := next(p.at.Done)
	if i < 0 {
		return false
	}
	to := p.tell.After(i)
	if d := to.At - p.at.At; motion && d > 0 {
		p.gliding, p.from, p.to, p.glided = true, p.at.At, to, 0
		// A short way takes less time, as it would when playing.
		p.glide = min(maxGlide, max(100*time.Millisecond, time.Duration(int64(d)/p.pace().num*p.pace().den)))
	} else {
		p.goTo(to)
	}
	return true
}

// back goes to the event that previous names, of those before one, at once. It
// returns false at the beginning.
func (p *player) back(previous func(i int) int) bool {
	if p.gliding { // back to where the glide began
		p.gliding = false
	}
	for i := previous(p.at.Done); i >= 0; i = previous(i) {
		if m := p.tell.After(i); m.Done < p.at.Done || m.At < p.at.At {
			p.goTo(m)
			return true
		}
	}
	if begin := p.tell.After(-1); p.at != begin {
		p.goTo(begin)
		return true
	}
	return false
}

// end is the moment after everything.
func (p *player) end() story.Moment {
	m := p.tell.After(p.tell.Len() - 1)
	m.At = max(m.At, p.tell.Trace().End)
	return m
}

// jump goes to the next landmark in a direction; ok is false if there is none.
func (p *player) jump(dir int, what story.Landmark) (i int, ok bool) {
	p.settle()
	from := p.at.Done - 1 // the event that has happened last
	if dir < 0 && p.at != p.tell.After(from) {
		from = p.at.Done // and some time has gone by since
	}
	if i, ok = p.tell.Next(from, dir, what); ok {
		p.goTo(p.tell.After(i))
	}
	return i, ok
}

// tick lets real time d pass. busy says whether a packet is under way, so that
// the time till the next event must not be folded.
func (p *player) tick(d time.Duration, busy bool) {
	if p.gliding {
		p.glided += d
		if p.glided >= p.glide {
			p.settle()
			return
		}
		f := float64(p.glided) / float64(p.glide)
		f = f * f * (3 - 2*f) // slowly away, slowly there
		p.towards(p.from + time.Duration(f*float64(p.to.At-p.from)))
		return
	}
	if !p.playing {
		return
	}
	p.at = p.tell.At(p.at.At + p.pace().of(d))
	end := p.end()
	if p.at.Done >= p.tell.Len() {
		p.at = end
		p.playing = false
		return
	}
	if next := p.tell.Place(p.at.Done).At; !busy && next-p.at.At > p.pace().of(fold) {
		p.at = p.tell.At(next - p.pace().of(lead))
	}
}

// towards is on the way of a glide: no event beyond its goal has happened.
func (p *player) towards(t time.Duration) {
	m := p.tell.At(t)
	m.Done = max(min(m.Done, p.to.Done-1), p.at.Done)
	m.At = t
	p.at = m
}
