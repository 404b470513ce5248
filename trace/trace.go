// Package trace is the record of an experiment: what the programs called,
// which messages they exchanged and which packets crossed the wire, all on one
// timeline and linked by the bytes that they have in common.
package trace

import (
	"fmt"
	"net/netip"
	"time"
)

// An Origin says where a trace comes from, and so what can be known and asked
// of it.
type Origin uint8

const (
	Run     Origin = iota // a Scenario was run: all is known, and it can be run again
	Live                  // on the real clock, perhaps with a peer outside of this process: it cannot be run again
	Capture               // a file: one vantage, and arrivals elsewhere are unknown
)

// Never is the time of what did not happen: a packet that did not arrive, a
// call that was still waiting when the run ended.
const Never time.Duration = -1

// A Trace is one timeline in lab time (nanoseconds since the run began), in
// three tables, with samples of the endpoints' state and marks. Rows are only
// ever appended.
//
// A live trace grows while it is read and is bounded: each Snapshot of it is a
// Trace that nothing changes any more, and its tables may begin later than the
// run did. A row is then an index into a table of this snapshot; its number, by
// which other rows name it (Parent, Piece), counts what was Dropped too and
// stays the same in all snapshots. In every other trace the two are the same.
//
// A run goes in steps: one event or one turn of a program, and all that it
// causes at once. Steps are counted from 1 and order what happens at the same
// moment.
type Trace struct {
	Origin   Origin
	Scenario string        // its text form, from which the run can be repeated; empty if there is none
	Start    time.Time     // lab time 0 on the hosts' own clocks
	End      time.Duration // lab time when the run ended

	Hosts    []Host
	Conns    []Conn
	Calls    []Call
	Messages []Message
	Packets  []Packet
	Samples  []Sample
	Marks    []Mark

	// Waiting is what was still to come when the run ended: timers that only
	// clean up, and, in a run that was stuck, the calls that had not returned.
	Waiting []Waiting

	Err string // why the run failed; empty if it did not

	Dropped  Dropped  // what came before the first rows
	Lateness Lateness // by how much the real clock was late; of a Live trace only

	arena arena
}

// A Host is a machine of the experiment.
type Host struct {
	Name string
	Addr netip.Addr
	MAC  [6]byte
}

// An Endpoint is one end of a connection: a socket's address on a host.
type Endpoint struct {
	Host uint16
	Addr netip.AddrPort
}

func (e Endpoint) String() string { return e.Addr.String() }

// A Conn is a TCP connection, or the datagrams that two UDP sockets exchange.
// Its end 0 is the one that spoke first.
type Conn struct {
	Proto  uint8 // packets.ProtocolTCP or ProtocolUDP
	Ends   [2]Endpoint
	Opened time.Duration

	// What the SYN of each end announced (TCP only).
	ISN   [2]uint32
	Known [2]bool // the ISN was seen
	Scale [2]int8 // window scale shift (RFC 7323 section 2); -1: none offered
	MSS   [2]uint16
}

// Scaled says whether windows on this connection are scaled: only if both SYNs
// offered it (RFC 7323 section 2.2).
func (c *Conn) Scaled() bool {
	return c.Known[0] && c.Known[1] && c.Scale[0] >= 0 && c.Scale[1] >= 0
}

// A Call is something that a program did: a socket call, or a call of the
// program's own that made socket calls (their Parent).
type Call struct {
	Parent     int32 // number of the program call that made this one, which may be one that was dropped; -1: none
	Host       uint16
	Conn       int32         // -1: none, or not yet known
	What       string        // listen, accept, connect, read, write, close, ... or the program's own word
	Span       Span          // the bytes it wrote or was given; empty if none
	Start, End time.Duration // End is Never if it was still waiting when the run ended
	Began      uint32        // step of the run in which it started
	Ended      uint32        // step in which it returned; 0: it did not
	Blocked    bool          // of a Live trace, where every call takes a while: it had to wait
	Result     string        // empty: it succeeded; otherwise the error's text
	Note       string        // what the program call says of itself
}

// A Message is what an application protocol carried: its own unit, whatever
// the segments were.
type Message struct {
	Parent        int32  // number of the message that carries this one; -1: none
	Kind          string // message, datagram, http.request, ws.frame, ...
	From, To      uint16
	Conn          int32
	Spans         []Span        // several if it was sent in pieces
	Size          int           // bytes
	Text          string        // its first bytes, at most TextLen, as they are: not safe for a terminal
	Sent, Arrived time.Duration // first byte written, last byte handed to the reader; Never if not
}

// TextLen is how many bytes of a message its row keeps.
const TextLen = 80

// A Mark is a named moment.
type Mark struct {
	At   time.Duration
	Step uint32
	Name string
}

// Waiting is something that had not ended when the run did.
type Waiting struct {
	Host  uint16
	Conn  int32  // -1: none
	What  string // "read", "TIME-WAIT", ...
	Since time.Duration
	Until time.Duration // when it would have ended by itself; Never if it would not
}

// Name returns the name of host h, or its number if it has none.
func (t *Trace) Name(h uint16) string {
	if int(h) < len(t.Hosts) && t.Hosts[h].Name != "" {
		return t.Hosts[h].Name
	}
	return fmt.Sprintf("host %d", h)
}

// Number is the number of the packet in a row, counted from 1: in a run's trace
// the row plus 1.
func (t *Trace) Number(row int) int { return t.Dropped.Packets + row + 1 }

// Row is where the packet of that number is; false if it is not in t.
func (t *Trace) Row(number int) (row int, ok bool) {
	row = number - 1 - t.Dropped.Packets
	return row, row >= 0 && row < len(t.Packets)
}

// Duration is the time from the first to the last thing that happened.
func (t *Trace) Duration() time.Duration { return t.End }
