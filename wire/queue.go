package wire

import "time"

// DefaultQueue is the queue before a wire that does not say otherwise: as many
// frames as Linux lets wait before a network card.
const DefaultQueue = 1000

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

// A lineUp is the frames that wait in a queue, oldest first from next on.
type lineUp struct {
	waiting []waitingFrame
	next    int
	bytes   int
}

// waitingFrame waits until the wire is free for it.
type waitingFrame struct {
	starts time.Duration
	bytes  int
}

// admit says whether q has room for a frame that would have to wait from now
// until starts, and lets it join.
func (w *lineUp) admit(q Queue, now, starts time.Duration, size int) bool {
	for w.next < len(w.waiting) && w.waiting[w.next].starts <= now {
		w.bytes -= w.waiting[w.next].bytes
		w.next++
	}
	if w.next == len(w.waiting) {
		w.waiting, w.next = w.waiting[:0], 0
	}
	if starts <= now {
		return true
	}
	if !q.room(len(w.waiting)-w.next, w.bytes, size) {
		return false
	}
	w.waiting = append(w.waiting, waitingFrame{starts, size})
	w.bytes += size
	return true
}
