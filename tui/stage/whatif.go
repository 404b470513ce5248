package stage

import (
	"fmt"
	"slices"
	"time"

	"wirelab/scenario"
	"wirelab/story"
	"wirelab/trace"
	"wirelab/tui/keys"
	"wirelab/tui/screen"
)

// touches are what one's hand can do to the chosen packet: a word of the
// Scenario for each key.
var touches = []struct {
	key  keys.Action
	do   string
	done string // what was done to the packet
}{
	{keys.Lose, "drop", "lost"},
	{keys.Delay, "hold", "delayed"},
	{keys.Duplicate, "dup", "sent twice by the wire"},
	{keys.Corrupt, "flip", "damaged by one bit"},
	{keys.Swap, "swap", "overtaken by the next one"},
}

// touchOffers are the keys that change history, and why they cannot.
func (s *Stage) touchOffers() (offers []keys.Offer) {
	why := s.untouchable()
	for _, t := range touches {
		offers = append(offers, keys.Offer{Action: t.key, Not: why})
	}
	undo := ""
	if len(s.past) == 0 {
		undo = "nothing was changed yet"
	}
	compare := ""
	if s.before == nil {
		compare = "there is one history only, until something is changed"
	}
	run := s.cannotRun()
	return append(offers, keys.Offer{Action: keys.Undo, Not: undo}, keys.Offer{Action: keys.Conditions, Not: run},
		keys.Offer{Action: keys.Histories, Not: compare}, keys.Offer{Action: keys.Again, Not: run})
}

func (s *Stage) cannotRun() string {
	switch s.now.tr.Origin {
	case trace.Live:
		return "this ran on the real clock: no other run would be the same but for one change"
	case trace.Capture:
		return "this was captured and not run: its history cannot be changed"
	}
	return ""
}

// untouchable says why the chosen packet cannot be changed.
func (s *Stage) untouchable() string {
	if why := s.cannotRun(); why != "" {
		return why
	}
	if s.chosen < 0 {
		return "no packet is chosen yet: → goes to the first step"
	}
	switch p := &s.now.tr.Packets[s.chosen]; {
	case p.Copy:
		return "this is a copy that the wire made: choose the packet itself"
	case p.Nth == 0:
		return "only IP packets can be changed, and this is none"
	}
	return ""
}

// whatIf changes history in the way that a key names.
func (s *Stage) whatIf(a keys.Action) (screen.Effect, bool) {
	switch a {
	case keys.Undo:
		return s.undo(), true
	case keys.Histories:
		if s.before == nil {
			return nil, true
		}
		return screen.Push{Screen: newHistories(s)}, true
	case keys.Conditions:
		return screen.Push{Screen: newForm(s)}, true
	case keys.Again:
		next := clone(s.now.s)
		next.Seed++
		return s.change(next, fmt.Sprintf("seed %d", next.Seed)), true
	}
	for _, t := range touches {
		if t.key == a {
			return s.touch(t.do, t.done), true
		}
	}
	return nil, false
}

// touch changes what happens to the chosen packet, or takes that back.
func (s *Stage) touch(do, done string) screen.Effect {
	p := &s.now.tr.Packets[s.chosen]
	t := scenario.Touch{Do: do, Host: s.now.tr.Name(p.From), Nth: int(p.Nth)}
	if do == "hold" {
		t.For = holdFor(p)
	}
	next := clone(s.now.s)
	words := fmt.Sprintf("%s: %s", label(s.tell, s.chosen), done)
	same := func(o scenario.Touch) bool { return o.Do == t.Do && o.Host == t.Host && o.Nth == t.Nth }
	if slices.ContainsFunc(next.Touches, same) {
		next.Touches = slices.DeleteFunc(next.Touches, same)
		words = fmt.Sprintf("%s: no longer %s", label(s.tell, s.chosen), done)
	} else {
		// Whoever loses a packet that is held wants it lost, and the other way round.
		next.Touches = slices.DeleteFunc(next.Touches, func(o scenario.Touch) bool {
			return o.Host == t.Host && o.Nth == t.Nth && (o.Do == "drop" || do == "drop")
		})
		next.Touches = append(next.Touches, t)
	}
	return s.change(next, words)
}

// holdFor is how much longer a delayed packet takes: long enough to be overtaken.
func holdFor(p *trace.Packet) time.Duration {
	if p.Arrived == trace.Never {
		return 80 * time.Millisecond
	}
	return max(3*(p.Arrived-p.Sent), time.Millisecond).Round(time.Microsecond)
}

func clone(s scenario.Scenario) scenario.Scenario {
	c := s
	c.Args = make(map[string]string, len(s.Args))
	for k, v := range s.Args {
		c.Args[k] = v
	}
	c.Touches = slices.Clone(s.Touches)
	c.Steps = slices.Clone(s.Steps)
	return c
}

// change runs another Scenario and goes on at the same moment of its history.
func (s *Stage) change(next scenario.Scenario, words string) screen.Effect {
	was := s.now
	return s.rerun(next, func() {
		s.past = append(s.past, before{s: was.s, at: s.at, zoom: s.zoom, chosen: s.chosen, row: s.row, picked: s.picked})
		s.before = was
	}, func() {
		s.past[len(s.past)-1].then = s.at
	}, words+"; = shows both histories, u takes it back")
}

// undo goes back to the Scenario before the last change.
func (s *Stage) undo() screen.Effect {
	if len(s.past) == 0 {
		return nil
	}
	last := len(s.past) - 1
	was, moved := s.past[last], s.at != s.past[last].then || s.zoom != s.past[last].zoom
	return s.rerun(was.s, func() {
		s.past = s.past[:last]
		s.before = nil
	}, func() {
		if !moved { // all is as it was
			s.goTo(was.at)
			s.chosen, s.row, s.picked = was.chosen, was.row, was.picked
			s.follow()
		}
	}, "taken back")
}

// rerun runs a Scenario and puts it on the stage if it could be run; done is
// called before, and then after that.
func (s *Stage) rerun(next scenario.Scenario, done, then func(), words string) screen.Effect {
	if err := next.Validate(s.ex); err != nil {
		return screen.Say{Text: err.Error()}
	}
	s.playing = false
	s.settle()
	return screen.Run{Exchange: s.ex, Scenario: next, Then: func(tr *trace.Trace, err error) screen.Effect {
		if tr == nil {
			return screen.Say{Text: err.Error()}
		}
		chosen, at := s.chosen, s.at
		done()
		old := s.now
		s.show(newHistory(next, tr, err))
		s.goTo(sameMoment(old.tell, s.tell, at))
		s.picked = s.zoom == packetsZoom && chosen >= 0 && chosen < len(tr.Packets)
		s.follow()
		if s.picked {
			s.chosen = chosen
		}
		then()
		if err != nil {
			words += "; this run ends in an error"
		}
		return screen.Say{Text: words}
	}}
}

// sameMoment is the moment of another history that a moment of one is: the very
// same event, as long as nothing has happened otherwise, or the same time.
func sameMoment(was, is *story.Teller, m story.Moment) story.Moment {
	if m.Done <= is.Len() && was.Parting(is, m.Done) == m.Done && (m.Done == is.Len() || is.Place(m.Done).At >= m.At) {
		return m
	}
	return is.At(min(m.At, is.After(is.Len()-1).At))
}
