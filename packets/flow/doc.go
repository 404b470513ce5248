// Package flow teaches what a capture taken at one place tells, and what it
// cannot: which connections there were, what each segment was sent for, and
// how sure that is.
//
// # One vantage
//
// Whoever reads a capture has the frames that one network card saw, and when.
// What became of a frame behind the card, and why a host sent it, was not
// captured: it is inferred, and each [Finding] names the packets that prove it
// and how sure it is. A trace of the lab knows instead; the tests of this
// package hold the one against the other.
//
// # One pass
//
// An [Analyser] is fed packets in the order in which they were captured. It
// keeps a bounded number of bytes for each connection and allocates nothing for
// a packet of a known one. Some things only later packets prove: so a finding
// may be about an earlier packet, and it replaces what was said of that packet
// before under the same [Topic].
//
// # How order is decided
//
// A segment that arrives below others may be late (reordered) or sent again,
// and the first is no loss. Its sender's own order decides, by what never runs
// backwards at a sender: the timestamp clock (RFC 7323 section 5.3), its
// acknowledgment numbers (RFC 9293 section 3.10.7.4), and the IP
// identification where that sender counts with it. Where these are silent
// there is the clock of the capture: nobody can answer a hole sooner than a
// round trip after it opened.
//
// # How the cause of a retransmission is decided
//
// Near the sender a retransmission either follows at once on an
// acknowledgment, or it follows on nothing, and then a timer ran out. What the
// acknowledgments had said until then tells the rest. Far from the sender the
// same is told from the time since the acknowledgments passed, less surely.
package flow
