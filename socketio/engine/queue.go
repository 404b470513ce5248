package engine

import (
	"slices"

	"wirelab/packets/engineio"
)

// A queue is what waits to be sent to the other side, in order.
type queue struct {
	packets []engineio.Packet
	bytes   int
}

func (q *queue) add(ps ...engineio.Packet) {
	q.packets = append(q.packets, ps...)
	for _, p := range ps {
		q.bytes += size(p)
	}
}

// size is what a packet takes while it waits, in bytes; one without data is not
// for nothing either.
func size(p engineio.Packet) int {
	const header = 48
	return header + len(p.Data)
}

func (q *queue) empty() bool { return len(q.packets) == 0 }

// take takes what fits into a payload of so many bytes.
func (q *queue) take(most int) []engineio.Packet {
	return q.cut(engineio.Batch(q.packets, most))
}

// all takes all of it.
func (q *queue) all() []engineio.Packet { return q.cut(len(q.packets)) }

func (q *queue) cut(n int) []engineio.Packet {
	ps := slices.Clone(q.packets[:n])
	for _, p := range ps {
		q.bytes -= size(p)
	}
	if q.packets = q.packets[n:]; len(q.packets) == 0 {
		q.packets = nil
	}
	return ps
}
