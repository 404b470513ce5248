package wire

import (
	"slices"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"

	"wirelab/packets"
	"wirelab/trace"
)

// A Cable joins two cards, or a card and a switch.
type Cable struct {
	number     int
	directions [2]*direction
}

// A port is where frames arrive: a card, a socket of a switch, or a middlebox.
type port interface {
	// arrive takes a frame. The clock calls it, without l.mu.
	arrive(f frame)
	// receiver is the host that will get a frame for a card address; all others
	// too if it is a broadcast.
	receiver(mac [6]byte) uint16
}

// Cable joins two hosts, with conditions for each direction.
func (l *Lab) Cable(a, b *Host, fromA, fromB Conditions) *Cable {
	return l.join(a.free(), b.free(), fromA, fromB)
}

// join lays a cable between a card and a port that is a card or leads to more.
func (l *Lab) join(a *card, b port, fromA, fromB Conditions) *Cable {
	c := &Cable{number: len(l.cables)}
	l.cables = append(l.cables, c)
	c.directions[0] = l.direction(c.number, 0, fromA, b)
	c.directions[1] = l.direction(c.number, 1, fromB, a)
	a.out = c.directions[0]
	switch b := b.(type) {
	case *card:
		b.out = c.directions[1]
	case *socket:
		b.out = c.directions[1]
	case *plug:
		b.out = c.directions[1]
	}
	return c
}

// A frame is what is sent: its bytes, and its record in the trace.
type frame struct {
	buf     buffer.Buffer
	row     int
	h       packets.Headers
	touches []*touch
}

// A direction carries frames one way: queue, then rate, then what may happen
// to them on the way, then delay.
type direction struct {
	l          *Lab
	cond       Conditions
	conditions []condition
	outages    outages
	to         port
	n          uint64        // frames sent so far
	busy       time.Duration // until then the wire is taken
	line       lineUp
	overtaken  []*flight // those that wait for others to pass
	idle       *flight   // flights to use again
	passage    passage   // of the frame that is being sent
}

func (l *Lab) direction(cable, end int, c Conditions, to port) *direction {
	d := &direction{l: l, cond: c, to: to, outages: outages{c.Cut, c.Restore}}
	d.conditions = c.build(func(what purpose) dice {
		return func(n uint64) float64 { return chance(l.opt.Seed, cable, end, what, n) }
	})
	return d
}

// send takes a frame. l.mu must be held.
func (d *direction) send(f frame) {
	l := d.l
	now := l.elapsed()
	rec := l.rec.At(f.row)
	d.n++
	p := &d.passage
	*p = passage{n: d.n, h: f.h, starts: max(d.busy, now), flip: -1}
	if !d.line.admit(d.cond.Queue, now, p.starts, rec.Len()) {
		rec.Fate = trace.LostQueue
		f.buf.Release()
		return
	}
	p.left = p.starts + d.transmission(rec.Len())
	p.arrives = p.left + max(d.cond.Delay, MinDelay)
	d.busy = p.left
	for _, c := range d.conditions {
		c.strike(p)
	}
	for _, t := range f.touches {
		t.by(p)
	}
	d.outages.strike(p)
	if rec.Left == trace.Never {
		rec.Left = p.left
	}
	d.dispatch(f, p)
}

// dispatch lets a frame fly, or not, as its passage says. l.mu must be held.
func (d *direction) dispatch(f frame, p *passage) {
	rec := d.l.rec.At(f.row)
	if p.fate != trace.UnderWay {
		rec.Fate = p.fate
		f.buf.Release()
		return
	}
	if p.flip >= 0 && rec.Flip < 0 { // once: a record tells of one bit, also on a way of several cables
		rec.Flip = int32(p.flip)
		f.buf = inverted(f.buf, p.flip)
	}
	var again frame
	if p.twice {
		again = frame{buf: f.buf.Clone(), h: f.h, row: d.l.rec.Copy(f.row)}
	}
	at := p.arrives + p.held
	fl := d.fly(f, at, p.behind)
	if p.twice {
		fl.twin = d.fly(again, at, p.behind)
	}
	if p.behind > 0 {
		d.overtaken = append(d.overtaken, fl)
	} else {
		d.overtake(at, len(d.overtaken))
	}
}

// inverted is a frame with one bit the other way round.
func inverted(buf buffer.Buffer, bit int) buffer.Buffer {
	b := buf.Flatten()
	buf.Release()
	if bit/8 < len(b) {
		b[bit/8] ^= 0x80 >> (bit % 8)
	}
	return buffer.MakeWithData(b)
}

// transmission is the time that the wire is taken by size bytes.
func (d *direction) transmission(size int) time.Duration {
	if d.cond.Rate <= 0 {
		return 0
	}
	return time.Duration(int64(size) * 8 * int64(time.Second) / d.cond.Rate)
}

// A flight is a frame on its way.
type flight struct {
	event
	frame
	d      *direction
	at     time.Duration // when it comes to the end of the wire
	behind int           // how many others must still overtake it
	twin   *flight       // its copy, which arrives right behind it
	next   *flight
}

// fly lets a frame arrive at a moment; if it is to be overtaken, when its
// patience ends. l.mu must be held.
func (d *direction) fly(f frame, at time.Duration, behind int) *flight {
	l := d.l
	fl := d.idle
	if fl == nil {
		fl = &flight{d: d}
		fl.call = fl.land
		fl.cause = trace.AtReceive
	} else {
		d.idle = fl.next
	}
	fl.frame, fl.at, fl.behind, fl.twin = f, at, behind, nil
	l.flying++
	if behind > 0 {
		at += patience
	}
	l.scheduleAt(&fl.event, at)
	return fl
}

// overtake lets a frame that arrives at a moment pass the first n of those that
// wait for it, which are those that were sent before it. It comes too late for
// one whose patience ends earlier.
func (d *direction) overtake(at time.Duration, n int) {
	for i := 0; i < n; {
		fl := d.overtaken[i]
		if at <= fl.at+patience {
			fl.behind--
		}
		if fl.behind > 0 {
			i++
			continue
		}
		d.overtaken = slices.Delete(d.overtaken, i, i+1)
		free := max(at, fl.at)
		for _, f := range []*flight{fl, fl.twin} {
			if f != nil && f.place != 0 { // else it lands just now
				f.behind = 0
				d.l.cancel(&f.event)
				d.l.scheduleAt(&f.event, free)
			}
		}
		// It now passes those that were sent before it and wait still.
		left := len(d.overtaken)
		d.overtake(free, i)
		left -= len(d.overtaken)
		i, n = i-left, n-1-left
	}
}

// land hands the frame to what is at the other end.
func (fl *flight) land() {
	l, d := fl.d.l, fl.d
	d.to.arrive(fl.frame)
	l.mu.Lock()
	if fl.behind > 0 { // nothing came to overtake it
		d.forget(fl)
	}
	l.flying--
	fl.frame = frame{}
	fl.next, d.idle = d.idle, fl
	l.mu.Unlock()
}

func (d *direction) forget(fl *flight) {
	d.overtaken = slices.DeleteFunc(d.overtaken, func(o *flight) bool { return o == fl })
}
