package story

import (
	"wirelab/trace"
)

// states tells when an end of a connection changed its state.
func (t *teller) states(events []Event) []Event {
	for s, rows := range t.samples {
		was := trace.Closed
		for _, row := range rows {
			sample := &t.tr.Samples[row]
			if sample.State == was {
				continue
			}
			was = sample.State
			c := &t.tr.Conns[sample.Conn]
			why, order := stateRule(sample.State), stateBySending
			if sample.Cause == trace.AtReceive {
				order = stateByArrival
			}
			events = append(events, Event{At: sample.At, Step: sample.Step, Zoom: Packets, Kind: State, Row: int(row), Conn: sample.Conn,
				Who: t.tr.Name(c.Ends[trace.Stream(s).End()].Host), Text: "is now " + sample.State.String(), Why: why.text, RFC: why.rfc, rank: order})
		}
	}
	return events
}

// stateRule says what a state means (RFC 9293 section 3.3.2).
func stateRule(s trace.State) rule {
	text := ""
	switch s {
	case trace.SynSent:
		text = "It has sent its SYN and waits for the other's."
	case trace.SynReceived:
		text = "It has seen the other's SYN and sent its own, and waits for the acknowledgement of that."
	case trace.Established:
		text = "Its SYN was acknowledged and the other's was seen: data can flow both ways."
	case trace.FinWait1:
		text = "It has sent its FIN and waits for the acknowledgement."
	case trace.FinWait2:
		text = "Its FIN was acknowledged. It can still receive, until the other's FIN comes."
	case trace.CloseWait:
		text = "The other's FIN has come. It can still send, until its program closes."
	case trace.Closing:
		text = "Both sides sent a FIN at the same time; its own is not yet acknowledged."
	case trace.LastAck:
		text = "It has seen the other's FIN and sent its own, and waits for the last acknowledgement."
	case trace.TimeWait:
		text = "Both directions are closed. It stays for a while, in case its last ack was lost and the FIN comes again."
	case trace.Closed:
		text = "There is no connection any more."
	}
	return rule{text, "RFC 9293 section 3.3.2"}
}
