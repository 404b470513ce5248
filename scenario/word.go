package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wirelab/wire"
)

// A Word is one setting under one name: the flag, the line of the text form
// and the key of a lesson are all made from this table.
type Word struct {
	Name  string
	Group Group
	Value string // what stands for the value in help: "time", "rate"; empty: it takes none
	Help  string

	set     func(s *Scenario, text string) error
	get     func(s *Scenario) string // empty: it says nothing
	nothing string                   // the value that is the same as not to say anything
	choices []string
}

// A Group puts words together in help.
type Group string

// The groups, in the order in which help and the text form show them.
const (
	ProgramGroup Group = "program"
	CableGroup   Group = "cable"
	StackGroup   Group = "stack"
	TouchGroup   Group = "touch"
	RunGroup     Group = "run"
)

// Set gives the word a value in s, from its text.
func (w *Word) Set(s *Scenario, text string) error {
	if err := w.set(s, text); err != nil {
		return fmt.Errorf("%s: %w", w.Name, err)
	}
	return nil
}

// Get returns the text of the word's value in s, and whether it says anything.
func (w *Word) Get(s *Scenario) (string, bool) {
	text := w.get(s)
	return text, text != ""
}

// Choices are the values that the word takes, if they are a few fixed ones.
func (w *Word) Choices() []string { return w.choices }

// Words are all words that a Scenario of exchange ex knows, in the order in
// which they are set: a word for one direction comes after the same for both.
func Words(ex Exchange) []Word {
	var words []Word
	for _, a := range ex.Args() {
		words = append(words, a.word())
	}
	words = append(words, cableWords()...)
	words = append(words, stackWords()...)
	words = append(words, touchWords()...)
	return append(words, runWords()...)
}

// cableWords are the conditions of the wire.
func cableWords() []Word {
	var words []Word
	for _, c := range conditions() {
		words = append(words, Word{Name: c.name, Group: CableGroup, Value: c.value, Help: c.help,
			set: func(s *Scenario, text string) error {
				if err := c.set(&s.Up, text); err != nil {
					return err
				}
				return c.set(&s.Down, text)
			},
			get: func(s *Scenario) string {
				if up := c.get(&s.Up); up == c.get(&s.Down) {
					return up
				}
				return "" // each direction says it
			}, nothing: c.nothing})
	}
	return append(words,
		directionWord("up", "the same for client to server only: loss=1%,delay=5ms", func(s *Scenario) (here, there *wire.Conditions) { return &s.Up, &s.Down }),
		directionWord("down", "the same for server to client only", func(s *Scenario) (here, there *wire.Conditions) { return &s.Down, &s.Up }))
}

// directionWord sets conditions of one direction: "loss=1%,delay=5ms".
func directionWord(name, help string, of func(*Scenario) (here, there *wire.Conditions)) Word {
	return Word{Name: name, Group: CableGroup, Value: "conditions", Help: help,
		set: func(s *Scenario, text string) error {
			here, _ := of(s)
			for part := range strings.SplitSeq(text, ",") {
				key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
				if !ok {
					return fmt.Errorf("%q is not a condition; write name=value, such as loss=1%%", part)
				}
				c, err := conditionNamed(strings.TrimSpace(key))
				if err != nil {
					return err
				}
				if err := c.set(here, strings.TrimSpace(value)); err != nil {
					return fmt.Errorf("%s: %w", key, err)
				}
			}
			return nil
		},
		get: func(s *Scenario) string {
			here, there := of(s)
			var parts []string
			for _, c := range conditions() {
				if v := c.get(here); v != c.get(there) {
					parts = append(parts, c.name+"="+v)
				}
			}
			return strings.Join(parts, ",")
		}}
}

// A condition is one property of one direction of the wire.
type condition struct {
	name, value, help string
	nothing           string // what it is if nothing is said
	set               func(*wire.Conditions, string) error
	get               func(*wire.Conditions) string
}

func conditions() []condition {
	return []condition{
		{"delay", "time", "how long a frame takes from one end to the other, one way", "0",
			func(c *wire.Conditions, t string) (err error) { c.Delay, err = ParseDuration(t); return },
			func(c *wire.Conditions) string { return FormatDuration(c.Delay) }},
		{"rate", "rate", "bits a second that the wire takes, Ethernet headers counted, or none for no limit", "none",
			func(c *wire.Conditions, t string) (err error) { c.Rate, err = ParseRate(t); return },
			func(c *wire.Conditions) string { return FormatRate(c.Rate) }},
		{"queue", "size", "room for frames that wait for the wire: bytes (64kB) or packets (8p)", strconv.Itoa(wire.DefaultQueue) + "p",
			func(c *wire.Conditions, t string) (err error) { c.Queue, err = ParseQueue(t); return },
			func(c *wire.Conditions) string { return FormatQueue(c.Queue) }},
		{"loss", "percent", "chance that a frame is lost on the way", "0%",
			func(c *wire.Conditions, t string) (err error) { c.Loss, err = ParsePercent(t); return },
			func(c *wire.Conditions) string { return FormatPercent(c.Loss) }},
	}
}

func conditionNamed(name string) (condition, error) {
	var names []string
	for _, c := range conditions() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	return condition{}, fmt.Errorf("%q is no condition of a wire%s; there are %s", name, didYouMean(name, names), list(names))
}

func unless(nothing bool, text string) string {
	if nothing {
		return ""
	}
	return text
}

func stackWords() []Word {
	return []Word{
		{Name: "mtu", Group: StackGroup, Value: "bytes", Help: fmt.Sprintf("largest IP packet of a host's card (default %d)", wire.DefaultMTU),
			set: func(s *Scenario, t string) (err error) {
				s.Stack.MTU, err = parseCount(t, wire.MinMTU, wire.MaxMTU)
				return
			},
			get: func(s *Scenario) string { return unless(s.Stack.MTU == 0, strconv.Itoa(s.Stack.MTU)) }},
		flag("nagle", StackGroup, "hold small writes while data is unacknowledged", func(s *Scenario) *bool { return &s.Stack.Nagle }),
		flag("no-sack", StackGroup, "do not offer selective acknowledgements", func(s *Scenario) *bool { return &s.Stack.NoSACK }),
		{Name: "cc", Group: StackGroup, Value: "name", Help: "congestion control: reno (the default) or cubic",
			set: func(s *Scenario, t string) error {
				if t != "reno" && t != "cubic" {
					return fmt.Errorf("%q is not known here; there are reno and cubic", t)
				}
				s.Stack.CongestionControl = t
				return nil
			},
			get:     func(s *Scenario) string { return s.Stack.CongestionControl },
			choices: []string{"reno", "cubic"}},
		{Name: "rcvbuf", Group: StackGroup, Value: "size", Help: "receive buffer of a socket, at least 4096; without it the stack's own, which grows",
			set: func(s *Scenario, t string) error {
				n, err := ParseSize(t)
				if err == nil && (n < wire.MinReceiveBuffer || n > wire.MaxReceiveBuffer) {
					err = fmt.Errorf("%q cannot be; this stack's buffers are from %d to %d bytes", t, wire.MinReceiveBuffer, wire.MaxReceiveBuffer)
				}
				s.Stack.ReceiveBuffer = int(n)
				return err
			},
			get: func(s *Scenario) string {
				return unless(s.Stack.ReceiveBuffer == 0, FormatSize(int64(s.Stack.ReceiveBuffer)))
			}},
		flag("cold", StackGroup, "the hosts do not know each other's card address yet: ARP asks first", func(s *Scenario) *bool { return &s.Stack.Cold }),
	}
}

// flag is a word that takes no value.
func flag(name string, g Group, help string, of func(*Scenario) *bool) Word {
	return Word{Name: name, Group: g, Help: help,
		set: func(s *Scenario, t string) error {
			b, err := strconv.ParseBool(t)
			if err != nil {
				return fmt.Errorf("%q is neither true nor false", t)
			}
			*of(s) = b
			return nil
		},
		get: func(s *Scenario) string { return unless(!*of(s), "true") }}
}

func touchWords() []Word {
	var words []Word
	for _, do := range []struct{ name, help string }{
		{"drop", "lose these packets: client:4 is the 4th IP packet that the client sends; client:4,server:2"},
	} {
		words = append(words, Word{Name: do.name, Group: TouchGroup, Value: "packets", Help: do.help,
			set: func(s *Scenario, t string) error {
				for part := range strings.SplitSeq(t, ",") {
					host, n, ok := strings.Cut(strings.TrimSpace(part), ":")
					nth, err := strconv.Atoi(n)
					if !ok || err != nil || nth < 1 || host == "" {
						return fmt.Errorf("%q is not a packet; write who sends it and which of its IP packets it is, such as client:4", part)
					}
					touch := Touch{Do: do.name, Host: host, Nth: nth}
					if !slices.Contains(s.Touches, touch) {
						s.Touches = append(s.Touches, touch)
					}
				}
				return nil
			},
			get: func(s *Scenario) string {
				var parts []string
				for _, t := range s.Touches {
					if t.Do == do.name {
						parts = append(parts, fmt.Sprintf("%s:%d", t.Host, t.Nth))
					}
				}
				return strings.Join(parts, ",")
			}})
	}
	return words
}

func runWords() []Word {
	return []Word{
		{Name: "seed", Group: RunGroup, Value: "number", Help: "of chance: another seed, other losses",
			set: func(s *Scenario, t string) error {
				n, err := strconv.ParseUint(t, 10, 64)
				if err != nil {
					return fmt.Errorf("%q is not a whole number from 0 to 18446744073709551615", t)
				}
				s.Seed = n
				return nil
			},
			get: func(s *Scenario) string { return strconv.FormatUint(s.Seed, 10) }},
		{Name: "limit-time", Group: RunGroup, Value: "time", Help: fmt.Sprintf("end the run at this lab time (default %s)", FormatDuration(wire.DefaultLimitTime)),
			set: func(s *Scenario, t string) (err error) {
				s.Limits.Time, err = ParseDuration(t)
				if err == nil && s.Limits.Time == 0 {
					err = fmt.Errorf("a run needs more than no time")
				}
				return
			},
			get: func(s *Scenario) string { return unless(s.Limits.Time == 0, FormatDuration(s.Limits.Time)) }},
		{Name: "limit-frames", Group: RunGroup, Value: "count", Help: fmt.Sprintf("end the run after so many frames (default %d)", wire.DefaultLimitFrames),
			set: func(s *Scenario, t string) (err error) { s.Limits.Frames, err = parseCount(t, 1, 1<<31-1); return },
			get: func(s *Scenario) string { return unless(s.Limits.Frames == 0, strconv.Itoa(s.Limits.Frames)) }},
		{Name: "limit-memory", Group: RunGroup, Value: "size", Help: fmt.Sprintf("end the run when its frames take so much (default %s)", FormatSize(wire.DefaultLimitBytes)),
			set: func(s *Scenario, t string) (err error) {
				s.Limits.Bytes, err = ParseSize(t)
				if err == nil && s.Limits.Bytes == 0 {
					err = fmt.Errorf("a run needs more than no memory")
				}
				return
			},
			get: func(s *Scenario) string { return unless(s.Limits.Bytes == 0, FormatSize(s.Limits.Bytes)) }},
	}
}

// parseCount reads a whole number from lo to hi.
func parseCount(t string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(t)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("%q cannot be; it is a whole number from %d to %d", t, lo, hi)
	}
	return n, nil
}
