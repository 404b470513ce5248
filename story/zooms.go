package story

import "sort"

// Zoom is the zoom at which events of a kind are seen.
func (k Kind) Zoom() Zoom {
	switch k {
	case Began, Ended:
		return Calls
	case MessageSent, MessageArrived:
		return Messages
	}
	return Packets
}

// A tally counts the events of each zoom.
type tally [3]int32

// stretchLen is how many events lie between two tallies.
const stretchLen = 64

// tally counts the events before each stretch, and all.
func (t *Teller) tally() {
	var so tally
	t.zooms = make([]tally, 0, len(t.places)/stretchLen+2)
	for i, p := range t.places {
		if i%stretchLen == 0 {
			t.zooms = append(t.zooms, so)
		}
		so[p.kind.Zoom()]++
	}
	t.zooms = append(t.zooms, so)
}

// Count is how many events there are of a zoom.
func (t *Teller) Count(z Zoom) int { return int(t.zooms[len(t.zooms)-1][z]) }

// Before is how many events of a zoom are among the first i events.
func (t *Teller) Before(z Zoom, i int) int {
	s := i / stretchLen
	n := int(t.zooms[s][z])
	for _, p := range t.places[s*stretchLen : i] {
		if p.kind.Zoom() == z {
			n++
		}
	}
	return n
}

// Nth is the n-th event of a zoom, from 0; there must be so many.
func (t *Teller) Nth(z Zoom, n int) int {
	s := sort.Search(len(t.zooms), func(s int) bool { return int(t.zooms[s][z]) > n }) - 1
	left := n - int(t.zooms[s][z])
	for i := s * stretchLen; ; i++ {
		if t.places[i].kind.Zoom() == z {
			if left == 0 {
				return i
			}
			left--
		}
	}
}
