package story

import "wirelab/trace"

// again says why the sender of p repeats what it sent before: in a few words
// for the line, and the rule. A segment may be sent twice at once: by the loss
// detection, and as the next one after a timeout; and a SYN that waited for ARP
// leaves together with the one that its timer sent meanwhile.
func (t *Teller) again(p *trace.Packet, twice bool) (string, rule) {
	before, after, ok := t.around(p.Span.Stream, p.Step)
	switch {
	case twice && p.Span.Lo < 0:
		return ": waited for ARP", rule{"A timer had it sent again while the first still waited for the other's card address. Now ARP has the answer, and both leave.", "RFC 1122 section 2.3.2.2"}
	case !ok:
	case p.Cause == trace.AtTimer:
		return timerRule(after, oldestFirst(p, after))
	case p.Cause == trace.AtReceive && twice:
		return timeoutGoesOn()
	case p.Cause == trace.AtReceive:
		return ackRule(before, after, oldestFirst(p, after))
	}
	return "", rule{"It was not acknowledged, and the sender takes it for lost.", "RFC 9293 section 3.8.1"}
}

// oldestFirst says whether p is the oldest segment without an acknowledgement:
// it is sent first when a recovery begins, whichever segment was found lost.
func oldestFirst(p *trace.Packet, after *trace.Sample) bool {
	return after.Recovery == trace.SACKRecovery && p.Span.Lo+1 == int64(after.SndUna)
}

// timerRule says which timer it was, by the state that it left.
func timerRule(after *trace.Sample, oldest bool) (string, rule) {
	switch {
	case after.State == trace.SynSent || after.State == trace.SynReceived:
		return ": timeout",
			rule{"No answer came in time, so it is sent again. The next wait is twice as long.", "RFC 6298 section 5"}
	case after.Recovery == trace.RTORecovery:
		return ": timeout",
			rule{"No acknowledgement came within the retransmission timeout. The oldest segment without one is sent again, and the timeout doubles.", "RFC 6298 section 5"}
	case oldest:
		return ": reordering timer",
			rule{"Something was acknowledged, and something sent at the same moment or before was not, even after waiting a little in case the two had changed places. That is taken for a loss, and the oldest segment without an acknowledgement is sent again.", "RFC 8985 section 6.3"}
	case after.Recovery == trace.SACKRecovery:
		return ": reordering timer",
			rule{"Something sent at the same moment or later was acknowledged, and this was not, even after waiting a little in case the two had changed places. So it is taken for lost.", "RFC 8985 section 6.3"}
	}
	return ": tail loss probe",
		rule{"Acknowledgements are late. The last segment is sent once more, so that the receiver answers and shows what is missing, sooner than the retransmission timeout would.", "RFC 8985 section 7"}
}

// ackRule says what in the acknowledgement that came made the sender send again.
func ackRule(before, after *trace.Sample, oldest bool) (string, rule) {
	switch {
	case after.State == trace.SynSent || after.State == trace.SynReceived:
		return "", rule{"The other's SYN came, so it repeats its own, now with an acknowledgement.", "RFC 9293 section 3.5"}
	case oldest:
		return ": fast retransmission",
			rule{"Something was acknowledged, and something sent at the same moment or before was not. That is taken for a loss, and the oldest segment without an acknowledgement is sent again. No timer need run out.", "RFC 6675 section 5, RFC 8985 section 6.2"}
	case after.Recovery == trace.SACKRecovery:
		return ": fast retransmission",
			rule{"Something sent at the same moment or later was acknowledged, and this was not. So it is taken for lost, and no timer need run out.", "RFC 6675 section 5, RFC 8985 section 6.2"}
	case after.Recovery == trace.FastRecovery && before.Recovery != trace.FastRecovery:
		return ": fast retransmission",
			rule{"The third duplicate acknowledgement in a row is taken for a sign that the segment is lost. No timer need run out.", "RFC 5681 section 3.2"}
	case after.Recovery == trace.FastRecovery:
		return ": fast recovery",
			rule{"The acknowledgement covers a part only of what was under way when the loss was noticed. So the segment behind it is taken for lost too.", "RFC 6582 section 3.2"}
	}
	return timeoutGoesOn()
}

func timeoutGoesOn() (string, rule) {
	return ": after the timeout",
		rule{"After a timeout the sender begins anew behind what was acknowledged: one segment at first, and with each acknowledgement more.", "RFC 5681 section 3.1"}
}
