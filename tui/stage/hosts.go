package stage

import (
	"slices"
	"strings"
	"time"

	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
	"wirelab/tui/paint"
)

// ends are the two hosts that are shown, and what they know at this moment.
func (s *Stage) ends() [2]scene.End {
	if s.conn >= 0 {
		return s.now.scene.Ends(s.conn, s.at)
	}
	way := s.way()
	return s.now.scene.Hosts(way[0], way[len(way)-1], s.at)
}

// A number is a line of a panel.
type number struct{ name, value string }

// sending and receiving are the numbers of one end as the one who sends what is
// looked at, or as the one who gets it; the most important first.
func numbersOf(e *scene.End, sends bool) (title string, ns []number) {
	switch {
	case e.TCP != nil && (!e.TCP.Known || e.TCP.State == trace.Closed):
		// RFC 9293 section 3.3.2: CLOSED is the state in which nothing is kept.
		return map[bool]string{true: "sending", false: "receiving"}[sends], nil
	case e.TCP != nil && sends:
		return "sending", sendingNumbers(e.TCP)
	case e.TCP != nil:
		return "receiving", receivingNumbers(e.TCP)
	case e.UDP != nil && sends:
		return "sending", []number{
			{"datagrams sent", group(e.UDP.Sent)}, {"bytes sent", group(e.UDP.SentBytes)},
			{"arrived here", group(e.UDP.Arrived)}, {"read by the app", group(e.UDP.Read)}}
	case e.UDP != nil:
		return "receiving", []number{
			{"datagrams arrived", group(e.UDP.Arrived)}, {"read by the app", group(e.UDP.Read)},
			{"waiting in socket", group(e.UDP.Waiting)}, {"datagrams sent", group(e.UDP.Sent)}}
	case e.Packets != nil:
		return "packets", []number{{"sent", group(e.Packets.Sent)}, {"received", group(e.Packets.Received)}}
	}
	return "", nil
}

func sendingNumbers(t *scene.TCP) []number {
	ns := []number{
		{"oldest unacked", group(t.Unacked)}, {"next to send", group(t.Next)},
		{"in flight", group(t.InFlight)}, {"allowed in flight", group(t.Allowed)},
		{"cwnd", segments(t.Cwnd)}, {"room there", group(t.PeerRoom)},
		{"RTO", short(t.RTO)},
	}
	if t.SRTT > 0 {
		ns = append(ns, number{"SRTT round trip", short(t.SRTT)})
	}
	if t.Recovery != trace.Open {
		ns = slices.Insert(ns, 3, number{"loss", t.Recovery.String()})
	}
	return ns
}

func receivingNumbers(t *scene.TCP) []number {
	return []number{
		{"wants byte", group(t.Wanted)}, {"kept out of order", group(t.Kept)},
		{"given to the app", group(t.Given)}, {"room for", group(t.Room)},
		{"not read yet", group(t.Unread)},
	}
}

func segments(n int64) string {
	if n == 1 {
		return "1 segment"
	}
	return group(n) + " segments"
}

// short is a time for a narrow place: "1.2 s", "204 ms".
func short(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return story.Shorter(d)
}

// drawPanels draws both hosts as panels, with what is between them.
func (s *Stage) drawPanels(a paint.Area, w int) (between paint.Area) {
	ends := s.ends()
	sender := s.sender()
	for i := range ends {
		x := 1
		if i == 1 {
			x = a.W() - w - 1
		}
		s.drawPanel(a.Sub(x, 0, w, a.H()), &ends[i], i == sender)
	}
	return a.Sub(w+2, 0, a.W()-2*w-4, a.H())
}

// sender is which end sends what is looked at: what the strip shows.
func (s *Stage) sender() int {
	if ref, ok := s.said(); ok {
		v := s.now.scene.Strip(ref, s.at, 0)
		if v.Conn == s.conn && len(v.Spans) > 0 {
			return v.Spans[0].Stream.End()
		}
	}
	return 0
}

func (s *Stage) drawPanel(a paint.Area, e *scene.End, sends bool) {
	role := paint.In(endRole(e))
	title := strings.ToUpper(e.Name)
	inner := a.Box(role, "")
	end := a.Put(2, 0, role.B(), " "+paint.Shorten(title, a.W()-6)+" ")
	a.Cut(end, 0, a.W()-end-2, paint.Style{}, address(e)+" ")
	y := 0
	if e.TCP != nil {
		y = drawStates(inner, e, inner.H()-5)
	}
	name, ns := numbersOf(e, sends)
	if y > 0 && y < inner.H() {
		a.Fill(0, y+1, a.W(), role, '─')
		a.Put(0, y+1, role, "├")
		a.Put(a.W()-1, y+1, role, "┤")
		a.Put(1, y+1, role, "─ "+name+" ")
		y++
	}
	drawNumbers(inner.Rows(y, inner.H()-y), ns)
	if y += max(len(ns), 1) + 1; len(ns) > 0 && e.TCP != nil && y+2 < inner.H() { // room for the other half of what it knows
		other, more := numbersOf(e, !sends)
		a.Fill(0, y+1, a.W(), role, '─')
		a.Put(0, y+1, role, "├")
		a.Put(a.W()-1, y+1, role, "┤")
		a.Put(1, y+1, role, "─ "+other+" ")
		drawNumbers(inner.Rows(y+1, inner.H()-y-1), more)
	}
}

// drawNumbers draws as many numbers as there are rows, or why there are none.
func drawNumbers(a paint.Area, ns []number) {
	if len(ns) == 0 {
		a.Put(1, 0, paint.In(paint.Quiet), "no connection here")
	}
	for i, n := range ns[:min(len(ns), a.H())] {
		end := a.Right(a.W()-1, i, paint.Style{}, n.value)
		a.Cut(1, i, end-2, paint.In(paint.Quiet), n.name)
	}
}

// address is that of an end, without a port that says nothing.
func address(e *scene.End) string {
	if e.Addr.Port() == 0 {
		return e.Addr.Addr().String()
	}
	return e.Addr.String()
}

func endRole(e *scene.End) paint.Role {
	if e.Server {
		return paint.Server
	}
	return paint.Client
}

// drawStates draws the state machine of an end as the path that a connection
// usually takes: where it is, is reversed; where it has been, is plain. It
// returns how many rows that took.
func drawStates(a paint.Area, e *scene.End, most int) int {
	states := statePath(e)
	if len(states) > most {
		at := slices.Index(states, e.TCP.State)
		from := max(0, min(at-most/2, len(states)-most))
		states = states[from : from+max(most, 0)]
	}
	for y, st := range states {
		style := paint.In(paint.Quiet)
		name := strings.ToLower(st.String())
		switch {
		case st == e.TCP.State:
			style = paint.Strong.R()
			name = st.String()
			a.Put(1, y, style, " "+name+" ")
			continue
		case slices.Contains(e.TCP.Passed, st) && (st != trace.Closed || y == 0):
			style = paint.Style{} // every end was closed once; the last CLOSED is still to come
		}
		a.Put(2, y, style, name)
	}
	return len(states)
}

// statePath are the states on the way of an end (RFC 9293 figure 5): of an end
// that opened actively or passively, and that closes first or second.
func statePath(e *scene.End) []trace.State {
	been := func(s trace.State) bool { return slices.Contains(e.TCP.Passed, s) }
	var path []trace.State
	if e.Server {
		path = []trace.State{trace.Listen, trace.SynReceived, trace.Established}
	} else {
		path = []trace.State{trace.Closed, trace.SynSent, trace.Established}
		if been(trace.SynReceived) { // both opened at once
			path = slices.Insert(path, 2, trace.SynReceived)
		}
	}
	first := !e.Server
	if been(trace.CloseWait) {
		first = false
	} else if been(trace.FinWait1) {
		first = true
	}
	switch {
	case first && been(trace.Closing):
		path = append(path, trace.FinWait1, trace.Closing, trace.TimeWait)
	case first:
		path = append(path, trace.FinWait1, trace.FinWait2, trace.TimeWait)
	default:
		path = append(path, trace.CloseWait, trace.LastAck, trace.Closed)
	}
	if e.Server && len(e.TCP.Passed) == 1 { // nothing has begun
		path = append([]trace.State{trace.Closed}, path[:len(path)-1]...)
	}
	if e.TCP.State == trace.Closed && !slices.Contains(path, trace.Closed) {
		path = append(path, trace.Closed)
	}
	// An end that is closed and has been somewhere else is at the last of two.
	if e.TCP.State == trace.Closed && path[0] == trace.Closed && len(e.TCP.Passed) > 1 {
		path = append(path[1:], trace.Closed)
	}
	return slices.CompactFunc(path, func(a, b trace.State) bool { return a == b })
}

// drawHostLines draws both hosts in two lines, for windows without room for panels.
func (s *Stage) drawHostLines(a paint.Area) {
	ends := s.ends()
	sender := s.sender()
	half := a.W() / 2
	for i := range ends {
		e := &ends[i]
		role := paint.In(endRole(e)).B()
		name, state := strings.ToUpper(e.Name), ""
		if e.TCP != nil {
			state = e.TCP.State.String()
		}
		_, ns := numbersOf(e, i == sender)
		text := ""
		if len(ns) > 1 {
			one := ns[0].name + " " + ns[0].value
			both := one + "   " + ns[1].name + " " + ns[1].value
			text = fitting(half-2, both, smallNames.Replace(both), one)
		}
		if i == 0 {
			x := a.Put(1, 0, role, name)
			x = a.Cut(x+1, 0, half-x-1, paint.Style{}, address(e))
			a.Cut(x+2, 0, half-x-2, paint.Strong, state)
			a.Put(1, 1, paint.Style{}, text)
			continue
		}
		x := a.Right(a.W()-1, 0, role, name)
		addr := paint.Shorten(address(e), x-half-2)
		x = a.Right(x-1, 0, paint.Style{}, addr)
		if x-2-paint.Width(state) > half {
			a.Right(x-2, 0, paint.Strong, state)
		}
		a.Right(a.W()-1, 1, paint.Style{}, text)
	}
}

var smallNames = strings.NewReplacer("oldest ", "", "wants byte", "wants")

// drawHostWords draws both hosts in a line each, for the smallest windows.
func (s *Stage) drawHostWords(a paint.Area) {
	ends := s.ends()
	sender := s.sender()
	for i := range ends {
		e := &ends[i]
		x := a.Put(1, i, paint.In(endRole(e)).B(), e.Name)
		if e.TCP != nil {
			x = a.Put(x+1, i, paint.Strong, e.TCP.State.String())
		}
		if _, ns := numbersOf(e, i == sender); len(ns) > 0 {
			text := ns[0].name + " " + ns[0].value
			if e.TCP != nil { // there is little room: "unacked 1", "wants 1,421"
				text = smallNames.Replace(text)
			}
			a.Cut(x+2, i, a.W()-x-3, paint.Style{}, text)
		}
	}
}
