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

// A written datagram is one that its host's stack has not sent yet.
type written struct {
	flow flow
	unit int32
}

// Offer notes that a program is about to write a datagram from local to remote,
// and returns its unit.
func (r *Recorder) Offer(host uint16, local, remote netip.AddrPort) int32 {
	f := flow{packets.ProtocolUDP, local, remote}
	r.given[f]++
	r.unsent[host] = append(r.unsent[host], written{f, r.given[f]})
	return r.given[f]
}

// Withdraw takes back the datagram from local to remote that was offered last, if
// the stack did not send it. On the real clock others may have been offered since,
// by other sockets of the host.
func (r *Recorder) Withdraw(host uint16, local, remote netip.AddrPort) {
	f := flow{packets.ProtocolUDP, local, remote}
	i := slices.Index(r.unsent[host], written{f, r.given[f]})
	if i < 0 {
		return
	}
	r.given[f]--
	r.unsent[host] = slices.Delete(r.unsent[host], i, i+1)
}

// Lose notes that the stack of a host threw away the oldest n of the datagrams
// that waited there for a card address.
func (r *Recorder) Lose(host uint16, n int) {
	r.unsent[host] = r.unsent[host][min(n, len(r.unsent[host])):]
}

// sending takes the oldest datagram of a flow that a host has not sent yet; 0:
// there is none.
func (r *Recorder) sending(host uint16, f flow) int32 {
	i := slices.IndexFunc(r.unsent[host], func(w written) bool { return w.flow == f })
	if i < 0 {
		return 0
	}
	unit := r.unsent[host][i].unit
	r.unsent[host] = slices.Delete(r.unsent[host], i, i+1)
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
