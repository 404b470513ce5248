package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"wirelab/wire"
)

// A Touch changes one packet by hand.
type Touch struct {
	Do   string        // a word of touches: drop, dup, flip, hold, swap
	Host string        // who sends the packet
	Nth  int           // which of the IP packets that it sends, counted from 1
	For  time.Duration // of a hold
}

func (t Touch) String() string {
	s := fmt.Sprintf("%s:%d", t.Host, t.Nth)
	if t.For > 0 {
		s += "=" + FormatDuration(t.For)
	}
	return s
}

// touchKind is one thing that one's hand can do.
type touchKind struct {
	name, help string
	do         wire.Touch
	timed      bool
}

func touchKinds() []touchKind {
	return []touchKind{
		{"drop", "lose these packets: client:4 is the 4th IP packet that the client sends; client:4,server:2", wire.Drop, false},
		{"dup", "let these packets arrive twice", wire.Duplicate, false},
		{"flip", "invert a bit in the middle of these packets", wire.Flip, false},
		{"hold", "let these packets take so much longer, and be overtaken: client:5=80ms", wire.Hold, true},
		{"swap", "let the next packet overtake these", wire.Swap, false},
	}
}

func touchWords() []Word {
	var words []Word
	for _, k := range touchKinds() {
		words = append(words, Word{Name: k.name, Group: TouchGroup, Value: "packets", Help: k.help,
			set: func(s *Scenario, text string) error {
				for part := range strings.SplitSeq(text, ",") {
					t, err := k.parse(strings.TrimSpace(part))
					if err != nil {
						return err
					}
					if !slices.Contains(s.Touches, t) {
						s.Touches = append(s.Touches, t)
					}
				}
				return nil
			},
			get: func(s *Scenario) string {
				var parts []string
				for _, t := range s.Touches {
					if t.Do == k.name {
						parts = append(parts, t.String())
					}
				}
				return strings.Join(parts, ",")
			}})
	}
	return words
}

// parse reads "client:4", and for a hold "client:5=80ms".
func (k touchKind) parse(text string) (Touch, error) {
	packet, hold, given := strings.Cut(text, "=")
	host, n, ok := strings.Cut(packet, ":")
	nth, err := strconv.Atoi(n)
	t := Touch{Do: k.name, Host: host, Nth: nth}
	switch {
	case !ok || err != nil || nth < 1 || nth > 1<<31-1 || host == "":
		return t, fmt.Errorf("%q is not a packet; write who sends it and which of its IP packets it is, such as client:4", short(text))
	case k.timed && !given:
		return t, fmt.Errorf("%q does not say how long; write client:5=80ms", short(text))
	case !k.timed && given:
		return t, fmt.Errorf("%q: only a hold takes a time", short(text))
	case k.timed:
		if t.For, err = ParseDuration(hold); err == nil && t.For == 0 {
			err = fmt.Errorf("%q holds for no time; write client:5=80ms", short(text))
		}
	}
	return t, err
}

// checkTouches says which packet cannot be touched so: one that is dropped
// neither waits nor arrives twice, and a hold has one length.
func checkTouches(touches []Touch) error {
	for i, a := range touches {
		for _, b := range touches[i+1:] {
			if a.Host != b.Host || a.Nth != b.Nth || a.Do != "drop" && b.Do != "drop" && a.Do != b.Do {
				continue
			}
			if a.Do == b.Do {
				return fmt.Errorf("%s: %s:%d is held twice, for %s and for %s; choose one", a.Do, a.Host, a.Nth, FormatDuration(a.For), FormatDuration(b.For))
			}
			return fmt.Errorf("%s and %s: %s:%d cannot be both; a packet that is dropped goes nowhere", a.Do, b.Do, a.Host, a.Nth)
		}
	}
	return nil
}

// touch tells the hosts of b what the hand does to their packets.
func (b *Bench) touch(touches []Touch) {
	for _, t := range touches {
		for _, k := range touchKinds() {
			if k.name == t.Do {
				b.hosts[t.Host].Touch(t.Nth, k.do, t.For)
			}
		}
	}
}

// missed says which packet of a touch never came.
func (b *Bench) missed(touches []Touch) error {
	for _, t := range touches {
		if sent := b.hosts[t.Host].Sent(); t.Nth > sent {
			return fmt.Errorf("%s %s: the %s sent only %d IP packets in this run; choose one of them", t.Do, t, t.Host, sent)
		}
	}
	return nil
}
