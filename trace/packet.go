package trace

import "time"

// A Fate is what became of a packet.
type Fate uint8

const (
	UnderWay     Fate = iota // not decided when the run ended
	Delivered                // handed to the other host's stack
	LostRandom               // by the wire's chance
	LostQueue                // the queue before the wire was full
	LostCut                  // the cable was cut
	LostByHand               // a touch dropped it
	LostBlocked              // a filter on the way did not let it pass
	BadChecksum              // it arrived damaged, and the stack threw it away
	SocketFull               // it arrived, and the socket had no room for it
	UnknownAfter             // seen from one vantage only: nobody here can know
)

var fateWords = [...]string{
	UnderWay: "under way", Delivered: "delivered", LostRandom: "lost", LostQueue: "queue full",
	LostCut: "cable cut", LostByHand: "dropped by hand", LostBlocked: "blocked",
	BadChecksum: "bad checksum", SocketFull: "socket buffer full", UnknownAfter: "unknown",
}

func (f Fate) String() string {
	if int(f) < len(fateWords) {
		return fateWords[f]
	}
	return "unknown"
}

// Lost says that the packet never came to the other host.
func (f Fate) Lost() bool { return f >= LostRandom && f <= LostBlocked }

// A Packet is one frame that a host sent. Its number is that of Trace.Number.
type Packet struct {
	Sent    time.Duration // handed to the wire by the host
	Left    time.Duration // its last bit left the host; Sent plus queueing and serialisation
	Arrived time.Duration // stamped at delivery; Never if it was not delivered
	Span    Span          // the bytes of the stream that it carries, SYN and FIN counted
	ref     ref           // where its bytes are
	Step    uint32        // of the run in which it was sent
	Landed  uint32        // step in which it arrived; 0: it did not
	Fresh   uint32        // it is the n-th segment of its stream with data that was not sent before; 0: it has none
	Nth     uint32        // it is the n-th IP packet that its sender sent: what a touch counts; 0: no IP
	From    uint16        // host
	To      uint16        // host
	Piece   int32         // row of the first fragment of the same IP datagram, those counted that were dropped; -1: not a fragment
	Flip    int32         // bit of the frame that was inverted on the way, counted from its first; -1: none
	Fate    Fate
	Copy    bool  // the wire made it: it arrives a second time
	Hop     bool  // its sender sent it on for another host: a router, or what else is on the way
	Cause   Cause // what made the host send it
	Again   bool  // some byte of Span was sent before on this stream
}

// Conn returns the connection to which the packet belongs, or -1.
func (p *Packet) Conn() int32 {
	if p.Span.Stream < 0 {
		return -1
	}
	return p.Span.Stream.Conn()
}

// Len is the length of the frame in bytes, its Ethernet header included.
func (p *Packet) Len() int { return int(p.ref.n) }

// Bytes returns the frame of packet p as it was sent. It must not be changed.
func (t *Trace) Bytes(p *Packet) []byte { return t.arena.bytes(p.ref) }

// Received returns the frame of packet p as it arrived.
func (t *Trace) Received(p *Packet) []byte {
	b := t.Bytes(p)
	if p.Flip < 0 || int(p.Flip/8) >= len(b) {
		return b
	}
	b = append([]byte(nil), b...)
	b[p.Flip/8] ^= 0x80 >> (p.Flip % 8)
	return b
}

// A ref is a place in the arena.
type ref struct{ chunk, off, n uint32 }

// An arena keeps the frames' bytes, once, in a few large pieces.
type arena struct {
	chunks [][]byte
	size   int
	gone   int     // how many pieces were before the first of these
	rows   []int32 // of a growing trace: how many rows have bytes in each
}

const chunkSize = 1 << 18

func (a *arena) bytes(r ref) []byte {
	if r.n == 0 {
		return nil
	}
	return a.chunks[int(r.chunk)-a.gone][r.off : r.off+r.n : r.off+r.n]
}

// keep copies the parts of a frame, one behind the other.
func (a *arena) keep(parts [][]byte) ref {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	k := len(a.chunks) - 1
	if k < 0 || len(a.chunks[k])+n > cap(a.chunks[k]) {
		// The first piece is small: most experiments are.
		size := chunkSize
		if k < 0 {
			size = chunkSize / 8
		}
		a.chunks = append(a.chunks, make([]byte, 0, max(size, n)))
		a.size += max(size, n)
		k++
	}
	r := ref{uint32(a.gone + k), uint32(len(a.chunks[k])), uint32(n)}
	for _, p := range parts {
		a.chunks[k] = append(a.chunks[k], p...)
	}
	return r
}

// hold counts one more row that has its bytes at r.
func (a *arena) hold(r ref) {
	for len(a.rows) < len(a.chunks) {
		a.rows = append(a.rows, 0)
	}
	a.rows[int(r.chunk)-a.gone]++
}

// release takes back a hold, and gives up the pieces at the front of which no
// row has bytes any more.
func (a *arena) release(r ref) {
	a.rows[int(r.chunk)-a.gone]--
	for len(a.chunks) > 1 && a.rows[0] == 0 {
		a.size -= cap(a.chunks[0])
		a.chunks[0] = nil
		a.chunks, a.rows = a.chunks[1:], a.rows[1:]
		a.gone++
	}
}
