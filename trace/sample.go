package trace

import (
	"math"
	"time"
)

// A State is a state of a TCP connection (RFC 9293 section 3.3.2).
type State uint8

const (
	Closed State = iota
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
)

var stateWords = [...]string{"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED",
	"FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"}

func (s State) String() string {
	if int(s) < len(stateWords) {
		return stateWords[s]
	}
	return "unknown"
}

// A Cause is what made an endpoint send, or change its state.
type Cause uint8

const (
	AtReceive Cause = iota // something arrived
	AtSend                 // its program called
	AtTimer                // one of its timers ran out
)

func (c Cause) String() string {
	return [...]string{"receive", "send", "timer"}[min(c, AtTimer)]
}

// A Recovery says what a sender believes of its path (Linux's names for it).
type Recovery uint8

const (
	Open         Recovery = iota // nothing is missing
	FastRecovery                 // a loss was noticed by duplicate ACKs (RFC 6582)
	SACKRecovery                 // the same, with selective acknowledgements (RFC 6675, RFC 8985)
	RTORecovery                  // the retransmission timer ran out (RFC 6298)
	Disorder                     // segments seem to be out of order
)

func (r Recovery) String() string {
	return [...]string{"open", "fast recovery", "SACK recovery", "timeout recovery", "disorder"}[min(r, Disorder)]
}

// NoThreshold is the slow start threshold before any loss: there is none.
const NoThreshold = math.MaxUint32

// A Sample is the state of one end of a TCP connection at a moment, taken when
// all that the moment caused has come to rest. Numbers of bytes are relative:
// the SYN is 0, the first byte of data 1. They count modulo 2^32, as TCP does.
type Sample struct {
	At       time.Duration
	RTO      time.Duration // retransmission timeout (RFC 6298)
	SRTT     time.Duration // smoothed round-trip time; 0: not measured yet
	RTTVar   time.Duration
	SndUna   uint32 // oldest byte not acknowledged (RFC 9293: SND.UNA)
	SndNxt   uint32 // next byte to send for the first time (SND.NXT)
	SndWnd   uint32 // room that the peer has announced, in bytes (SND.WND)
	RcvNxt   uint32 // next byte wanted (RCV.NXT)
	RcvWnd   uint32 // room announced to the peer, in bytes (RCV.WND)
	Cwnd     uint32 // congestion window, in segments
	Ssthresh uint32 // slow start threshold, in segments; NoThreshold at first
	Step     uint32 // of the run
	Conn     int32
	End      uint8 // which end of the connection
	Cause    Cause
	State    State
	Recovery Recovery
}

// InFlight is the number of bytes (SYN and FIN counted) sent and not yet
// acknowledged.
func (s *Sample) InFlight() uint32 { return s.SndNxt - s.SndUna }

// same says whether s tells nothing that o, an earlier sample of the same end,
// did not.
func (s *Sample) same(o *Sample) bool {
	c := *s
	c.At, c.Step, c.Cause = o.At, o.Step, o.Cause
	return c == *o
}
