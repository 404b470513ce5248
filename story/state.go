package story

import (
	"wirelab/trace"
)

// tellState tells that an end of a connection changed its state.
func (t *Teller) tellState(e *Event) {
	s := &t.tr.Samples[e.Row]
	e.Who = t.tr.Name(t.tr.Conns[s.Conn].Ends[s.End].Host)
	e.Text, e.Why, e.RFC = "is now "+s.State.String(), stateRule(s.State), "RFC 9293 section 3.3.2"
}

// stateRank puts a state behind the segment that brings it about: one that
// arrived, or one that the end sends itself.
func stateRank(s *trace.Sample) rank {
	switch s.State {
	case trace.SynSent, trace.SynReceived, trace.FinWait1, trace.LastAck:
		return stateBySending
	case trace.Closed:
		if s.Cause != trace.AtReceive {
			return stateBySending
		}
	}
	return stateByArrival
}

// stateRule says what a state means.
func stateRule(s trace.State) string {
	switch s {
	case trace.SynSent:
		return "It has sent its SYN and waits for the other's."
	case trace.SynReceived:
		return "It has seen the other's SYN and sent its own, and waits for the acknowledgement of that."
	case trace.Established:
		return "It has seen the other's SYN, and its own was acknowledged: data can flow both ways."
	case trace.FinWait1:
		return "Its program has nothing more to send. A FIN goes out behind the last byte, and it waits for the acknowledgement."
	case trace.FinWait2:
		return "Its FIN was acknowledged. It waits for the other's: until then the other may go on sending."
	case trace.CloseWait:
		return "The other's FIN has come. It can still send, until its program closes."
	case trace.Closing:
		return "Both sides are closing: the other's FIN has come, and its own is not acknowledged yet."
	case trace.LastAck:
		return "The other's FIN has come, and its own program has nothing more to send either. A FIN goes out, and it waits for the last acknowledgement."
	case trace.TimeWait:
		return "Both directions are closed. It stays for a while: its last ack may be lost, and then the FIN comes again; and old segments may still be on their way."
	case trace.Closed:
		return "There is no connection."
	}
	return ""
}
