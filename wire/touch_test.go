package wire

import (
	"bytes"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// TestTouches does each touch to the third of six datagrams, and looks at who
// arrives when.
func TestTouches(t *testing.T) {
	const delay, interval, third = 10 * ms, 5 * ms, 2
	at := func(i int) time.Duration { return time.Duration(i)*interval + delay }
	for name, v := range map[string]struct {
		do    Touch
		hold  time.Duration
		order []int // rows as they arrive; a copy is the row behind the third
		when  time.Duration
	}{
		"drop":              {Drop, 0, []int{0, 1, 3, 4, 5}, trace.Never},
		"duplicate":         {Duplicate, 0, []int{0, 1, 2, 3, 4, 5, 6}, at(third)},
		"flip":              {Flip, 0, []int{0, 1, 2, 3, 4, 5}, at(third)},
		"hold a little":     {Hold, ms, []int{0, 1, 2, 3, 4, 5}, at(third) + ms},
		"hold 12 ms":        {Hold, 12 * ms, []int{0, 1, 3, 4, 2, 5}, at(third) + 12*ms},
		"hold to the end":   {Hold, time.Second, []int{0, 1, 3, 4, 5, 2}, at(third) + time.Second},
		"swap with another": {Swap, 0, []int{0, 1, 3, 2, 4, 5}, at(third + 1)},
	} {
		tr := drizzle{n: 6, size: 100, interval: interval, up: Conditions{Delay: delay}, touch: func(c *Host) { c.Touch(third+1, v.do, v.hold) }}.run(t)
		order := arrivals(tr)
		if len(order) != len(v.order) {
			t.Fatalf("%s: %v arrived, want %v", name, order, v.order)
		}
		for i := range order {
			if order[i] != v.order[i] {
				t.Errorf("%s: they arrived as %v, want %v", name, order, v.order)
				break
			}
		}
		for i := range tr.Packets {
			p := &tr.Packets[i]
			switch {
			case i == third:
				if p.Arrived != v.when {
					t.Errorf("%s: it arrived at %v, want %v", name, p.Arrived, v.when)
				}
			case p.Copy:
				if i != third+1 || v.do != Duplicate || p.Arrived != v.when {
					t.Errorf("%s: row %d is a copy that arrived at %v", name, i, p.Arrived)
				}
			case p.Arrived != at(int(p.Nth)-1) || p.Flip >= 0 || p.Fate != trace.Delivered:
				t.Errorf("%s: another packet, the %d-th, arrived at %v: %v", name, p.Nth, p.Arrived, p.Fate)
			}
		}
		p := &tr.Packets[third]
		switch v.do {
		case Drop:
			if p.Fate != trace.LostByHand {
				t.Errorf("%s: it is %v", name, p.Fate)
			}
		case Flip:
			h := packets.Scan(tr.Bytes(p))
			if want := h.IPOff*8 + h.IPLen*4; int(p.Flip) != want || p.Fate != trace.BadChecksum {
				t.Errorf("%s: bit %d, want %d in the middle; %v", name, p.Flip, want, p.Fate)
			}
		}
	}
}

// The hand has the last word: a packet that chance lost too is dropped by hand.
func TestTheHandComesAfterChance(t *testing.T) {
	tr := drizzle{n: 2, interval: ms, up: Conditions{Loss: 1}, touch: func(c *Host) { c.Drop(2) }}.run(t)
	if a, b := tr.Packets[0].Fate, tr.Packets[1].Fate; a != trace.LostRandom || b != trace.LostByHand {
		t.Errorf("they are %v and %v", a, b)
	}
}

// With nothing behind it the packet comes alone, when its patience ends.
func TestSwapOfTheLastPacket(t *testing.T) {
	tr := drizzle{n: 2, interval: ms, up: Conditions{Delay: 5 * ms}, touch: func(c *Host) { c.Touch(2, Swap, 0) }}.run(t)
	if got, want := tr.Packets[1].Arrived, ms+5*ms+patience; got != want {
		t.Errorf("it arrived at %v, want %v", got, want)
	}
}

// Every touch on every packet of a transfer leaves what was sent before as it was.
func TestNoTouchChangesThePast(t *testing.T) {
	play := func(nth int, do Touch) *trace.Trace {
		return run(t, Options{Seed: 3}, func(l *Lab) error {
			c := Conditions{Delay: 10 * ms, Rate: 10e6, Jitter: 2 * ms, Loss: 0.02, Duplicate: 0.05, Reorder: 0.05}
			client, server := pair(t, l, c, HostOptions{})
			if nth > 0 {
				client.Touch(nth, do, 30*ms)
			}
			return transfer(l, client, server, 30_000)
		})
	}
	plain := play(0, Drop)
	for _, do := range []Touch{Drop, Duplicate, Flip, Hold, Swap} {
		for row := range plain.Packets {
			p := &plain.Packets[row]
			if p.From != 0 || p.Nth == 0 || p.Nth%4 != 1 {
				continue
			}
			touched := play(int(p.Nth), do)
			for i := range row + 1 {
				a, b := plain.Packets[i], touched.Packets[i]
				if i == row || a.Arrived > p.Sent || b.Arrived > p.Sent {
					a.Arrived, a.Landed, a.Fate, a.Flip = b.Arrived, b.Landed, b.Fate, b.Flip
				}
				if a != b || !bytes.Equal(plain.Bytes(&a), touched.Bytes(&b)) {
					t.Fatalf("with touch %d on packet %d, packet %d is %+v; it was %+v", do, row, i, b, a)
				}
			}
		}
	}
}
