package graph

import (
	"fmt"
	"slices"
	"time"

	"wirelab/story"
	"wirelab/trace"
)

// caption says what the graph shows at a moment: only what the samples and the
// packets up to then make certain. Its sentences stand by themselves, the most
// telling first.
func (g *Graphs) caption(now time.Duration) []string {
	ix := g.index()
	if now < ix.from {
		return []string{"Nothing has happened here yet."}
	}
	switch {
	case ix.conn < 0:
		return ix.echoWords(now)
	case !ix.tcp():
		return ix.datagramWords(now)
	}
	s := ix.at(now)
	switch {
	case len(ix.samples) == 0:
		return some("Nobody recorded the state of this end: only what it sent is drawn.", ix.lossWords(now))
	case s != nil && s.SndUna == 0 && s.State == trace.Closed:
		return []string{"This connection was never open: the " + g.sender() + " got no answer, or was refused."}
	case s == nil || s.SndUna == 0:
		return []string{"The handshake is not over: nothing of the " + g.sender() + "'s is acknowledged yet (RFC 9293 section 3.5)."}
	}
	switch closed := closedWords(s); g.kind {
	case Sequence:
		return some(closed, ix.sequenceWords(s), ix.roomWords(s, g.sender()), ix.repairWords(s), ix.lossWords(now))
	case Flight:
		return some(closed, ix.flightWords(s), ix.limitWords(s, g.sender()), ix.phaseWords(s))
	default:
		return some(closed, ix.timeoutWords(s), ix.backoffWords(s), ix.measuredWords(now))
	}
}

func closedWords(s *trace.Sample) string {
	if s.State != trace.Closed {
		return ""
	}
	return "The connection is closed."
}

func (g *Graphs) sender() string {
	from, _ := g.names()
	return from
}

// some are those of the sentences that say something.
func some(sentences ...string) []string {
	return slices.DeleteFunc(sentences, func(s string) bool { return s == "" })
}

// count writes a number of things: "1 segment", "2 segments".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(int64(n)) + " " + what + "s"
}

// data is how many bytes of data lie before a sequence number of a sample, where
// the SYN is 0, and behind the data there may be a FIN.
func (ix *index) data(number uint32) int64 { return min(max(int64(number)-1, 0), ix.total) }

func (ix *index) sequenceWords(s *trace.Sample) string {
	sent, acked := ix.data(s.SndNxt), ix.data(s.SndUna)
	switch {
	case sent == 0:
		return "The connection is open, and no data was sent yet."
	case sent == acked:
		return fmt.Sprintf("%s sent, and all is acknowledged.", count(int(sent), "byte"))
	}
	return fmt.Sprintf("%s sent, %s acknowledged: %s in flight.", count(int(sent), "byte"), grouped(acked), grouped(sent-acked))
}

func (ix *index) lossWords(now time.Duration) string {
	lost, again := countUntil(ix.losses, now), ix.sentUntil(ix.again, now)
	if lost == 0 && again == 0 {
		return ""
	}
	return fmt.Sprintf("So far %s lost, %s sent again.", count(lost, "segment"), grouped(int64(again)))
}

// shut says whether the receiver has announced that it has no room.
func shut(s *trace.Sample) bool {
	return s.SndWnd == 0 && (s.State == trace.Established || s.State == trace.CloseWait || s.State == trace.FinWait1 || s.State == trace.Closing || s.State == trace.LastAck)
}

func (ix *index) roomWords(s *trace.Sample, sender string) string {
	if !shut(s) {
		return ""
	}
	return "The receiver has no room: its window is 0, and the " + sender + " may send no new data (RFC 9293 section 3.8.6)."
}

func (ix *index) repairWords(s *trace.Sample) string {
	switch s.Recovery {
	case trace.FastRecovery:
		return "The sender is in fast recovery: duplicate acknowledgements told it of a loss (RFC 6582)."
	case trace.SACKRecovery:
		return "The sender is in SACK recovery: selective acknowledgements told it of a loss (RFC 6675)."
	case trace.RTORecovery:
		return "The retransmission timer ran out, and the sender began again at the oldest byte (RFC 6298 section 5.4)."
	}
	return ""
}

func (ix *index) flightWords(s *trace.Sample) string {
	switch n := int64(s.InFlight()); {
	case n == 0:
		return "Nothing is in flight: all that was sent is acknowledged."
	case ix.data(s.SndUna) == ix.data(s.SndNxt):
		return "Only the FIN is in flight: it takes a sequence number of its own, as a byte does."
	case n == 1:
		return "1 byte is in flight: sent, and not acknowledged."
	default:
		return fmt.Sprintf("%s bytes are in flight: sent, and not acknowledged.", grouped(n))
	}
}

// limitWords names what holds the sender back, where that is certain: at the end
// of which of the two windows it stands.
func (ix *index) limitWords(s *trace.Sample, sender string) string {
	n, cwnd, room := int64(s.InFlight()), int64(s.Cwnd)*ix.segment, int64(s.SndWnd)
	segments := count(int(s.Cwnd), "segment")
	switch {
	case shut(s):
		return ix.roomWords(s, sender)
	case s.Cwnd == 0:
		return ""
	case n > cwnd:
		return fmt.Sprintf("The congestion window allows less: %s.", segments)
	case n+ix.segment > cwnd && cwnd <= room: // no segment carries more, so it takes this many for n bytes
		return fmt.Sprintf("The congestion window is full: it allows %s.", segments)
	case n >= room:
		return fmt.Sprintf("The receiver's window is full: it has room for %s bytes, and the congestion window would allow %s.", grouped(room), segments)
	}
	return fmt.Sprintf("The congestion window allows %s, the receiver %s bytes.", segments, grouped(room))
}

func (ix *index) phaseWords(s *trace.Sample) string {
	switch {
	case s.Recovery != trace.Open && s.Recovery != trace.Disorder:
		return ix.repairWords(s)
	case s.Cwnd == 0:
		return ""
	case s.Ssthresh == trace.NoThreshold:
		return "Slow start: the congestion window may double each round trip, and there is no threshold yet (RFC 5681 section 3.1)."
	case s.Cwnd < s.Ssthresh:
		return fmt.Sprintf("Slow start up to the threshold of %s (RFC 5681 section 3.1).", count(int(s.Ssthresh), "segment"))
	}
	return fmt.Sprintf("Congestion avoidance: from the threshold of %s on, the window grows slowly (RFC 5681 section 3.1).", count(int(s.Ssthresh), "segment"))
}

func (ix *index) timeoutWords(s *trace.Sample) string {
	if s.RTO == 0 {
		return ""
	}
	if s.SRTT == 0 {
		return fmt.Sprintf("No round trip is measured yet: the retransmission timeout is %s (RFC 6298 section 2.1).", story.Shorter(s.RTO))
	}
	return fmt.Sprintf("Smoothed round trip %s, variation %s: the retransmission timeout is %s (RFC 6298 section 2).",
		story.Shorter(s.SRTT), story.Shorter(s.RTTVar), story.Shorter(s.RTO))
}

func (ix *index) backoffWords(s *trace.Sample) string {
	if s.Recovery != trace.RTORecovery {
		return ""
	}
	return "The timer ran out: each time it does, the timeout is doubled (RFC 6298 section 5.5)."
}

func (ix *index) measuredWords(now time.Duration) string {
	n := ix.measuredUntil(now)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("The last segment that was timed was acknowledged after %s.", story.Shorter(ix.took(n-1)))
}

func (ix *index) datagramWords(now time.Duration) []string {
	return some(ix.tally(now, "datagram", "arrived", "under way"), ix.lastWords(now, "The latest that arrived took %s, one way."))
}

func (ix *index) echoWords(now time.Duration) []string {
	return some(ix.tally(now, "echo request", "answered", "not answered yet"), ix.lastWords(now, "The latest that was answered took %s, there and back (RFC 792)."))
}

// tally counts what was sent up to now, and what became of it.
func (ix *index) tally(now time.Duration, what, well, open string) string {
	sent, came, lost := ix.sentUntil(ix.sent, now), countUntil(ix.arrivals, now), countUntil(ix.losses, now)
	text := fmt.Sprintf("%s sent, %s %s", count(sent, what), grouped(int64(came)), well)
	if lost > 0 {
		text += fmt.Sprintf(", %s lost", grouped(int64(lost)))
	}
	if n := sent - came - lost; n > 0 {
		text += fmt.Sprintf(", %s %s", grouped(int64(n)), open)
	}
	return text + "."
}

// lastWords tells of the last thing sent that has arrived.
func (ix *index) lastWords(now time.Duration, form string) string {
	for i := ix.sentUntil(ix.sent, now) - 1; i >= 0; i-- {
		if arrived, _ := ix.ended(i); arrived != trace.Never && arrived <= now {
			return fmt.Sprintf(form, story.Shorter(ix.took(i)))
		}
	}
	return ""
}
