package stage

import "wirelab/story"

// follow lets the moment choose: the packet of the step, and its connection.
func (s *Stage) follow() {
	if s.picked && s.chosen >= 0 && s.tell.Landed(s.chosen, s.at) && s.playing {
		s.picked = false
	}
	i := s.event()
	if !s.pinned {
		s.conn = s.connAt(i)
	}
	switch {
	case s.picked:
	case i < 0:
		s.chosen, s.row = -1, -1
	default:
		p := s.tell.Place(i)
		s.chosen, s.row = s.packetOf(i, &p), p.Row
	}
}

// connAt is the connection that is shown at event i: its own, or if it has none
// that of the event before it which has one. -1: there is no connection.
func (s *Stage) connAt(i int) int32 {
	if n := len(s.now.tr.Conns); n < 2 {
		return int32(n) - 1
	}
	for ; i >= 0; i-- {
		if c := s.tell.Place(i).Conn; c >= 0 {
			return c
		}
	}
	return 0
}

// packetOf is the packet that event i is about: of a change of state the one
// that brought it about, of a call or a message the first that carried bytes of
// it. What nothing was sent for has the packet that was sent last.
func (s *Stage) packetOf(i int, p *story.Place) int {
	switch p.Kind {
	case story.Sent, story.Arrived:
		return p.Row
	case story.State:
		for j := i - 1; j >= 0; j-- {
			q := s.tell.Place(j)
			if q.Step != p.Step {
				break
			}
			if q.Conn == p.Conn && (q.Kind == story.Sent || q.Kind == story.Arrived) {
				return q.Row
			}
		}
	case story.Mark:
	default:
		return s.firstPacketOf(p.Zoom, p.Row)
	}
	return s.latest()
}

// latest is the packet that was sent last of those that are shown; -1: none was.
func (s *Stage) latest() int {
	if row, ok := s.now.scene.Latest(s.which(), s.at); ok {
		return row
	}
	return -1
}
