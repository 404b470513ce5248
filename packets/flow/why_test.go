package flow_test

import (
	"wirelab/packets/flow"
	"wirelab/trace"
)

// trigger is what made a host send the packet at i again. The stack's state
// tells it; in two things the RFCs' words decide. The first packet that opens a
// recovery is the fast retransmission (RFC 5681 section 3.2), further ones of
// the same moment belong to the recovery. And after a timeout, until all that
// was under way then is acknowledged, what was not sent again yet goes because
// of the timeout (RFC 5681 section 3.1, RFC 6675 section 5.1), whatever name
// the stack has for its state; this one takes it for lost by RFC 8985.
func (v *view) trigger(i int) flow.Label {
	p := v.seen[i].p
	after := v.state(p)
	shaking := after.State == trace.SynSent || after.State == trace.SynReceived || p.Span.Lo == -1
	switch {
	case shaking && p.Cause == trace.AtTimer:
		return flow.Timeout
	case shaking:
		return flow.AnswersTheSYN
	case p.Cause == trace.AtTimer && after.Recovery == trace.RTORecovery:
		return flow.Timeout
	case p.Cause == trace.AtTimer && after.Recovery == trace.SACKRecovery:
		return flow.SACKRecovery
	case p.Cause == trace.AtTimer:
		return flow.TailLossProbe
	case v.afterTimeout(i, int64(after.SndUna)-1):
		return flow.AfterTimeout
	case v.first(i):
		return flow.Fast
	case after.Recovery == trace.SACKRecovery:
		return flow.SACKRecovery
	case after.Recovery == trace.FastRecovery:
		return flow.PartialACK
	}
	return flow.AfterTimeout
}

// state is that of the sender of p after it was sent.
func (v *view) state(p *trace.Packet) (state trace.Sample) {
	for _, s := range v.tr.Samples {
		if s.Step > p.Step {
			break
		}
		if s.Conn == p.Conn() && int(s.End) == p.Span.Stream.End() {
			state = s
		}
	}
	return state
}

// first says whether the packet at i opens a recovery: the sender is in one,
// and what was under way when it last began one is all acknowledged (RFC 6582
// section 3.2, RFC 6675 section 5).
func (v *view) first(i int) bool {
	p := v.seen[i].p
	opens := false
	var until, next int64
	for row := range v.tr.Packets[:v.seen[i].row+1] {
		o := &v.tr.Packets[row]
		if o.Span.Stream != p.Span.Stream || o.Copy || o.Span.Empty() {
			continue
		}
		opens = false
		if o.Again && o.Span.Lo >= 0 {
			s := v.state(o)
			opens = int64(s.SndUna)-1 >= until && (s.Recovery == trace.SACKRecovery || s.Recovery == trace.FastRecovery)
			if opens || s.Recovery == trace.RTORecovery && o.Cause == trace.AtTimer {
				until = next
			}
		}
		next = max(next, o.Span.Hi)
	}
	return opens
}

// afterTimeout says whether a timeout is not over, at which the packet at i was
// under way, and since when it was not sent. una is in the numbers of a Span.
func (v *view) afterTimeout(i int, una int64) bool {
	p := v.seen[i].p
	expired, last := -1, -1
	var until, next int64
	for row := range v.seen[i].row {
		o := &v.tr.Packets[row]
		if o.Span.Stream != p.Span.Stream || o.Copy || o.Span.Empty() {
			continue
		}
		if o.Span.Overlaps(p.Span) {
			last = row
		}
		next = max(next, o.Span.Hi)
		if o.Again && o.Cause == trace.AtTimer && v.state(o).Recovery == trace.RTORecovery {
			expired, until = row, next
		}
	}
	return expired >= 0 && una < until && last < expired
}
