package stage

import (
	"fmt"

	"wirelab/story"
	"wirelab/trace"
	"wirelab/tui/paint"
)

const (
	callsZoom    = story.Calls
	messagesZoom = story.Messages
	packetsZoom  = story.Packets
)

// shows says whether the packet in a row belongs to what is shown: to the chosen
// connection, or to none.
func (s *Stage) shows(row int) bool {
	c := s.now.tr.Packets[row].Conn()
	return c < 0 || s.conn < 0 || c == s.conn
}

// choice is what is chosen; its row is -1 if nothing is.
func (s *Stage) choice() trace.Ref {
	if s.zoom != packetsZoom {
		return trace.Ref{Table: table(s.zoom), Row: s.row}
	}
	return trace.Ref{Table: trace.Packets, Row: s.chosen}
}

func table(z story.Zoom) trace.Table {
	return [...]trace.Table{story.Calls: trace.Calls, story.Messages: trace.Messages, story.Packets: trace.Packets}[z]
}

// linked says whether a packet has bytes in common with what is chosen.
func (s *Stage) linked(row int) bool {
	of := s.choice()
	return of.Row >= 0 && s.now.scene.Shares(of, row)
}

// firstPacketOf is the first packet that carries bytes of a call or message, or
// the one that was sent last if none has been sent yet; -1: there is none.
func (s *Stage) firstPacketOf(z story.Zoom, row int) int {
	if p, ok := s.now.scene.First(trace.Ref{Table: table(z), Row: row}); ok && s.tell.Sent(p, s.at) {
		return p
	}
	return s.latest()
}

// choose goes to the one before or behind of what is listed.
func (s *Stage) choose(d int) {
	switch {
	case s.pane == stripPane:
		s.choosePiece(d)
	case s.zoom == packetsZoom:
		s.choosePacket(d)
	default:
		s.chooseRow(d)
	}
}

func (s *Stage) choosePacket(d int) {
	if s.chosen < 0 || !s.tell.Sent(s.chosen, s.at) {
		s.chosen = s.latest()
	} else if row, ok := s.now.scene.Beside(s.which(), s.at, s.chosen, d); ok {
		s.chosen = row
	}
	s.picked = s.chosen >= 0
}

func (s *Stage) choosePiece(d int) {
	ref, ok := s.said()
	if !ok {
		return
	}
	const reach = 2000 // pieces on both sides of the first that is not acknowledged
	v := s.now.scene.Strip(ref, s.at, reach)
	at := -1
	for i := range v.Pieces {
		if s.piecePicked(&v.Pieces[i]) {
			at = i
			break
		}
	}
	for at += d; at >= 0 && at < len(v.Pieces); at += d {
		if row := v.Pieces[at].Row; row >= 0 {
			s.chosen, s.picked = row, true
			return
		}
	}
}

// chooseRow goes to another call or message of those that there were.
func (s *Stage) chooseRow(d int) {
	i := s.at.Done
	switch {
	case s.row >= 0:
		i = s.lastTold(s.row)
	case d > 0:
		return // nothing comes after what there was
	}
	for {
		if d < 0 {
			i = s.preceding(i, s.conn)
		} else {
			i = s.following(i+1, s.conn)
		}
		if i < 0 || i >= s.at.Done {
			return
		}
		if row := s.tell.Place(i).Row; row != s.row {
			s.row, s.picked = row, true
			s.chosen = s.firstPacketOf(s.zoom, row)
			return
		}
	}
}

// lastTold is the last event about a call or message that has happened.
func (s *Stage) lastTold(row int) int {
	first, last := story.MessageSent, story.MessageArrived
	if s.zoom == callsZoom {
		first, last = story.Began, story.Ended
	}
	if i, ok := s.tell.Find(last, row); ok && i < s.at.Done {
		return i
	}
	i, _ := s.tell.Find(first, row)
	return i
}

// drawRows draws what was told at this zoom, the last at the bottom: the lines
// of the plain listing.
func (s *Stage) drawRows(a paint.Area) {
	y := 0
	if a.H() > 4 {
		a.Cut(0, 0, a.W(), paint.In(paint.Quiet), s.zoom.String()+": "+s.zoom.Title())
		y = 1
	}
	var lines []int
	for i := s.preceding(s.at.Done, s.conn); i >= 0 && len(lines) < a.H()-y; i = s.preceding(i, s.conn) {
		lines = append(lines, i)
	}
	if len(lines) == 0 {
		a.Put(1, y, paint.In(paint.Quiet), "nothing yet")
	}
	for k := len(lines) - 1; k >= 0; k-- {
		e := s.tell.Event(lines[k])
		chosen := e.Row == s.row
		text, who := paint.Style{}, paint.In(s.roleOfWho(&e))
		if chosen {
			text, who = text.R(), who.R()
			a.Put(0, y, paint.In(paint.Client), "▌")
			a.Cursor(0, y)
		}
		a.Right(9, y, paint.In(paint.Quiet), milliseconds(e.At))
		x := a.Cut(11, y, a.W()-11, who, e.Who)
		a.Cut(x+2, y, a.W()-x-2, text, e.Text)
		a.Click(0, y, a.W(), 1, rowTarget(e.Row))
		y++
	}
}

// roleOfWho is the identity of who did what an event tells.
func (s *Stage) roleOfWho(e *story.Event) paint.Role {
	var host uint16
	switch e.Zoom {
	case story.Calls:
		host = s.now.tr.Calls[e.Row].Host
	case story.Messages:
		host = s.now.tr.Messages[e.Row].From
		if e.Kind == story.MessageArrived {
			host = s.now.tr.Messages[e.Row].To
		}
	}
	return s.roleOf(host)
}

// Targets of the mouse.
type (
	packetTarget int // a packet's row
	rowTarget    int // a row of the zoom's table
	timeTarget   struct{ w, x int }
	openChosen   struct{} // the wagon
)

func (s *Stage) connWords() string {
	if n := len(s.now.tr.Conns); n > 1 {
		return fmt.Sprintf("connection %d of %d", s.conn+1, n)
	}
	return ""
}
