package trace

import (
	"net/netip"
	"slices"

	"wirelab/packets"
)

// Datagrams keep their boundaries, so each is a unit of its own on its stream,
// numbered as the program writes them. They are sent in that order, but perhaps
// later, when the neighbour's card address is known, or never; they come to the
// other socket in any order, and are read from there in the order of arrival.

// A written datagram is one of which its host's stack has not sent anything yet.
type written struct {
	flow   flow
	unit   int32
	pieces int // packets that it takes
}

// unsent is what waits on a host to be sent, in the order in which it was written.
type unsent struct {
	waiting []written
	torn    int // packets of the datagram before the first of these, which lost its first one
}

// Offer notes that a program is about to write a datagram from local to remote,
// which takes so many packets, and returns its unit.
func (r *Recorder) Offer(host uint16, local, remote netip.AddrPort, pieces int) int32 {
	f := flow{packets.ProtocolUDP, local, remote}
	r.given[f]++
	u := &r.unsent[host]
	u.waiting = append(u.waiting, written{f, r.given[f], pieces})
	return r.given[f]
}

// Withdraw takes back the datagram from local to remote that was offered last, if
// the stack did not send it. On the real clock others may have been offered since,
// by other sockets of the host.
func (r *Recorder) Withdraw(host uint16, local, remote netip.AddrPort) {
	f := flow{packets.ProtocolUDP, local, remote}
	u := &r.unsent[host]
	i := slices.IndexFunc(u.waiting, func(w written) bool { return w.flow == f && w.unit == r.given[f] })
	if i < 0 {
		return
	}
	r.given[f]--
	u.waiting = slices.Delete(u.waiting, i, i+1)
}

// Lose notes that the stack of a host threw away the oldest n of the packets that
// waited there for a card address.
func (r *Recorder) Lose(host uint16, n int) {
	u := &r.unsent[host]
	for {
		lost := min(n, u.torn)
		u.torn -= lost
		n -= lost
		if n == 0 || len(u.waiting) == 0 {
			return
		}
		u.torn = u.waiting[0].pieces
		u.waiting = u.waiting[1:]
	}
}

// sending takes the oldest datagram of a flow that a host has not sent yet; 0:
// there is none.
func (r *Recorder) sending(host uint16, f flow) int32 {
	u := &r.unsent[host]
	i := slices.IndexFunc(u.waiting, func(w written) bool { return w.flow == f })
	if i < 0 {
		return 0
	}
	unit := u.waiting[i].unit
	u.waiting = slices.Delete(u.waiting, i, i+1)
	u.torn = 0 // what was left of it went before
	return unit
}

// Arrive notes that the datagram of the packet in row has come to a socket.
func (r *Recorder) Arrive(row int) {
	p := r.At(row)
	if p.Span.Stream < 0 {
		return
	}
	st := &r.streams[p.Span.Stream]
	st.inbox = append(st.inbox, p.Span.Unit)
}

// Take returns the unit of the oldest datagram that came on s and was not yet
// read; 0 if there is none.
func (r *Recorder) Take(s Stream) int32 {
	st := &r.streams[s]
	if len(st.inbox) == 0 {
		return 0
	}
	u := st.inbox[0]
	st.inbox = st.inbox[1:]
	return u
}
