package wire

import (
	"time"

	"gvisor.dev/gvisor/pkg/buffer"

	"wirelab/trace"
)

// MinDelay is the least time that a frame takes from one end of a cable to the
// other. A wire that takes no time would let two stacks talk for ever within
// one instant.
const MinDelay = time.Microsecond

// DefaultQueue is the queue before a wire that does not say otherwise: as many
// frames as Linux lets wait before a network card.
const DefaultQueue = 1000

// Conditions are what one direction of a cable does to the frames on it. The
// zero value is as fast as a wire can be and loses nothing.
type Conditions struct {
	Delay time.Duration // one way; at least MinDelay
	Rate  int64         // bit/s, counting the bytes of frames with their Ethernet header; 0: no limit
	Queue Queue         // before the wire, while it is busy
	Loss  float64       // probability that a frame is lost on the way
}

// A Queue holds frames that wait until the wire is free; the one being sent is
// no longer in it. A frame that finds it full is lost. The zero value holds
// DefaultQueue frames.
type Queue struct {
	Bytes  int // room in bytes; 0: counted in frames
	Frames int // room in frames; 0 with Bytes 0: DefaultQueue
}

// room says whether a frame of size bytes may join n frames of b bytes.
func (q Queue) room(n, b, size int) bool {
	switch {
	case q.Bytes > 0:
		return b+size <= q.Bytes
	case q.Frames > 0:
		return n < q.Frames
	}
	return n < DefaultQueue
}

// A Cable joins the cards of two hosts.
type Cable struct {
	number     int
	directions [2]*direction
}

// Cable joins two hosts, with conditions for each direction.
func (l *Lab) Cable(a, b *Host, fromA, fromB Conditions) *Cable {
	c := &Cable{number: len(l.cables)}
	l.cables = append(l.cables, c)
	c.directions[0] = &direction{l: l, cable: c.number, end: 0, cond: fromA, to: b.card}
	c.directions[1] = &direction{l: l, cable: c.number, end: 1, cond: fromB, to: a.card}
	a.card.out, b.card.out = c.directions[0], c.directions[1]
	return c
}

// A direction carries frames one way: queue, then rate, then what may go wrong
// on the way, then delay.
type direction struct {
	l       *Lab
	cable   int
	end     int
	cond    Conditions
	to      *card
	n       uint64        // frames sent so far
	busy    time.Duration // until then the wire is taken
	waiting []queued      // oldest first, from next on
	next    int
	bytes   int
	idle    *flight // flights to use again
}

// queued is a frame that waits for the wire to be free.
type queued struct {
	starts time.Duration
	bytes  int
}

// send takes a frame of the host that sends in this direction. Packet row of
// the trace is its record.
func (d *direction) send(buf buffer.Buffer, row int, dropped bool) {
	l := d.l
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Elapsed()
	p := &l.tr.Packets[row]
	size := p.Len()
	d.n++
	starts := max(d.busy, now)
	if !d.admit(now, starts, size) {
		p.Fate = trace.LostQueue
		buf.Release()
		return
	}
	p.Left = starts + d.transmission(size)
	d.busy = p.Left
	switch {
	case dropped:
		p.Fate = trace.LostByHand
	case d.cond.Loss > 0 && chance(l.opt.Seed, d.cable, d.end, chanceLoss, d.n) < d.cond.Loss:
		p.Fate = trace.LostRandom
	default:
		d.fly(buf, row, p.Left+max(d.cond.Delay, MinDelay)-now)
		return
	}
	buf.Release()
}

// transmission is the time that the wire is taken by size bytes.
func (d *direction) transmission(size int) time.Duration {
	if d.cond.Rate <= 0 {
		return 0
	}
	return time.Duration(int64(size) * 8 * int64(time.Second) / d.cond.Rate)
}

// admit says whether the queue has room for a frame that would have to wait
// until starts, and lets it join.
func (d *direction) admit(now, starts time.Duration, size int) bool {
	for d.next < len(d.waiting) && d.waiting[d.next].starts <= now {
		d.bytes -= d.waiting[d.next].bytes
		d.next++
	}
	if d.next == len(d.waiting) {
		d.waiting, d.next = d.waiting[:0], 0
	}
	if starts <= now {
		return true
	}
	if !d.cond.Queue.room(len(d.waiting)-d.next, d.bytes, size) {
		return false
	}
	d.waiting = append(d.waiting, queued{starts, size})
	d.bytes += size
	return true
}

// A flight is a frame on its way.
type flight struct {
	event
	d    *direction
	buf  buffer.Buffer
	row  int
	next *flight
}

// fly lets a frame arrive after wait. l.mu must be held.
func (d *direction) fly(buf buffer.Buffer, row int, wait time.Duration) {
	f := d.idle
	if f == nil {
		f = &flight{d: d}
		f.call = f.land
		f.cause = trace.AtReceive
	} else {
		d.idle = f.next
	}
	f.buf, f.row = buf, row
	d.l.flying++
	d.l.schedule(&f.event, wait)
}

// land hands the frame to the card at the other end.
func (f *flight) land() {
	l, d := f.d.l, f.d
	p := &l.tr.Packets[f.row]
	p.Arrived, p.Landed, p.Fate = l.Elapsed(), l.step, trace.Delivered
	d.to.arrive(f.buf, p.Span.Stream, f.row)
	l.mu.Lock()
	l.flying--
	f.buf = buffer.Buffer{}
	f.next, d.idle = d.idle, f
	l.mu.Unlock()
}
