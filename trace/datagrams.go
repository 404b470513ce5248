package trace

// Datagrams keep their boundaries, so each is a unit of its own on its stream.
// The recorder numbers them three times over: as the program writes them, as
// they are sent, and as they come to the other socket, from which they are
// read in the order of their arrival.

// Give returns the unit of the datagram that a program has just written to s.
func (r *Recorder) Give(s Stream) int32 {
	r.streams[s].given++
	return r.streams[s].given
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
