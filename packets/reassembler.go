package packets

import (
	"container/list"
	"time"
)

// A Reassembler puts the pieces of IP datagrams together, as a receiver does
// (RFC 791 section 3.2, RFC 8200 section 4.5). The zero value is ready for use.
//
// Where pieces overlap, an IPv4 datagram has the bytes that came first. An IPv6
// datagram whose pieces overlap is given up (RFC 5722), unless one only came
// twice.
type Reassembler struct {
	// Timeout is how long after its first piece a datagram is given up; 0: 60
	// seconds (RFC 8200 section 4.5, RFC 1122 section 3.3.2).
	Timeout time.Duration

	// Limit is how many bytes of memory are spent on datagrams that are not
	// whole yet; 0: 4 MiB. The oldest are given up first.
	Limit int

	open  map[datagramKey]*list.Element
	queue list.List // of *assembly, oldest first
	held  int       // bytes spent
}

// A Datagram is an IP packet that came in pieces.
type Datagram struct {
	// Packet is the packet as it was before it was cut, IP header first: open
	// it with LinkIP, or ScanIP. Its lengths and IPv4's header checksum are made
	// new, and the fragment header of IPv6 is gone.
	Packet []byte

	Pieces []int // the numbers of the frames that brought it, in the order of their arrival
}

// Add takes a frame that was seen at a time, counted from anywhere. Where it
// holds the last missing piece of a datagram, it returns that. A frame that is
// no piece, or not whole, or cannot be right, changes nothing. number is the
// caller's own, for Datagram.Pieces.
func (r *Reassembler) Add(frame []byte, number int, at time.Duration) (Datagram, bool) {
	r.expire(at)
	p, ok := pieceOf(frame)
	if !ok {
		return Datagram{}, false
	}
	a := r.assembly(p.key, at)
	if a.given {
		return Datagram{}, false
	}
	if a.take(p) {
		a.pieces = append(a.pieces, number)
	}
	r.charge(a)
	if a.given || a.total == 0 || a.bytes < a.total {
		r.evict()
		return Datagram{}, false
	}
	r.drop(a)
	packet := a.packet()
	return Datagram{packet, a.pieces}, packet != nil
}

// Waiting counts the datagrams that are not whole yet.
func (r *Reassembler) Waiting() int {
	n := 0
	for e := r.queue.Front(); e != nil; e = e.Next() {
		if !e.Value.(*assembly).given {
			n++
		}
	}
	return n
}

func (r *Reassembler) assembly(key datagramKey, at time.Duration) *assembly {
	if e := r.open[key]; e != nil {
		return e.Value.(*assembly)
	}
	if r.open == nil {
		r.open = make(map[datagramKey]*list.Element)
	}
	a := &assembly{key: key, first: at}
	r.open[key] = r.queue.PushBack(a)
	return a
}

// charge counts what an assembly has come to cost.
func (r *Reassembler) charge(a *assembly) {
	r.held -= a.charged
	a.charged = assemblyCost + len(a.head) + a.bytes + chunkCost*len(a.chunks)
	r.held += a.charged
}

func (r *Reassembler) drop(a *assembly) {
	r.held -= a.charged
	r.queue.Remove(r.open[a.key])
	delete(r.open, a.key)
}

// expire gives up what has waited too long.
func (r *Reassembler) expire(at time.Duration) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	for e := r.queue.Front(); e != nil && at-e.Value.(*assembly).first > timeout; e = r.queue.Front() {
		r.drop(e.Value.(*assembly))
	}
}

// evict gives up the oldest datagrams until there is room.
func (r *Reassembler) evict() {
	limit := r.Limit
	if limit == 0 {
		limit = 4 << 20
	}
	for r.held > limit {
		r.drop(r.queue.Front().Value.(*assembly))
	}
}
