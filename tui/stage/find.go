package stage

import (
	"fmt"
	"strings"

	"wirelab/tui/screen"
)

// A search looks for a text in the words of the events. Words are made when they
// are asked for, so a large trace is gone through in several goes.
type search struct {
	want string // in small letters
	next int    // event to look at
	dir  int    // 1: on from there; -1: back
}

// atOnce is how many events are looked at in one go: some milliseconds.
const atOnce = 8000

// askText lets a text be typed to look for.
func (s *Stage) askText() {
	s.input = screen.NewInput("find", s.found)
	s.input.Cancel = func() { s.input = nil }
	s.input.Done = func(text string) screen.Effect {
		s.input = nil
		s.found = text
		return s.find(1)
	}
}

// find goes to the next event whose words have the text that was looked for, or
// to the one before.
func (s *Stage) find(dir int) screen.Effect {
	if s.found == "" {
		return screen.Say{Text: "nothing was looked for yet: / asks what"}
	}
	s.settle()
	s.playing = false
	next := s.at.Done
	if dir < 0 {
		next = s.at.Done - 2 // the one before this
	}
	s.search = &search{strings.ToLower(s.found), next, dir}
	s.lookOn()
	return nil
}

// lookOn goes on looking.
func (s *Stage) lookOn() {
	f := s.search
	for range atOnce {
		if f.next < 0 || f.next >= s.tell.Len() {
			s.search = nil
			s.note = fmt.Sprintf("%q is not found %s this", s.found, map[int]string{1: "after", -1: "before"}[f.dir])
			return
		}
		e := s.tell.Event(f.next)
		if strings.Contains(strings.ToLower(e.Who+" "+e.Text), f.want) {
			s.search = nil
			s.zoom = e.Zoom
			s.stopAt(s.tell.After(f.next))
			return
		}
		f.next += f.dir
	}
	s.note = fmt.Sprintf("looking for %q: %s of %s events", s.found, group(int64(f.next)), group(int64(s.tell.Len())))
}
