package socketio

// The audiences to which the first client says something, and what.
var tour = []struct{ audience, words string }{
	{"reply", "to myself"},
	{"all", "to all"},
	{"others", "to all but me"},
	{"room", "to room A"},
	{"room-others", "to A but me"},
}

// tour has the first client say something to every audience when all are there.
// The others listen until it has.
func (v *visitor) tour() {
	p := v.p
	v.await(func() bool { return v.gone || p.allHere() })
	if v != p.visitors[0] {
		v.await(func() bool { return v.gone || p.isToured() })
		return
	}
	for i, t := range tour {
		if i > 0 {
			p.b.Sleep(p.s.Time("interval"))
		}
		v.change(func() { v.asked++ })
		v.socket.EmitAck(0, func([]any, error) { v.change(func() { v.asked-- }) }, "say", t.audience, room(0), t.words)
	}
	v.await(func() bool { return v.gone || v.asked == 0 })
	p.mu.Lock()
	p.toured = true
	p.mu.Unlock()
	p.ringAll()
}

func (p *plan) isToured() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.toured
}
