package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"wirelab/wire"
)

// A Word is one setting under one name: the flag, the line of the text form
// and the key of a lesson are all made from this table.
type Word struct {
	Name   string
	Letter string // the short flag; empty: none
	Group  Group
	Value  string // what stands for the value in help: "time", "rate"; empty: it takes none
	Help   string
	// Hidden words are noted by the program itself: help and Command leave them
	// out, the text form has them.
	Hidden bool

	many    bool // it may be said several times, a line each
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
	words = append(words, stepWord())
	words = append(words, cableWords()...)
	words = append(words, stackWords()...)
	words = append(words, touchWords()...)
	return append(words, runWords()...)
}

func unless(nothing bool, text string) string {
	if nothing {
		return ""
	}
	return text
}

func stackWords() []Word {
	six := flag("ipv6", StackGroup, "IPv6 instead of IPv4", func(s *Scenario) *bool { return &s.Stack.IPv6 })
	six.Letter = "6"
	return []Word{
		six,
		{Name: "mtu", Group: StackGroup, Value: "bytes", Help: fmt.Sprintf("largest IP packet of a host's card (default %d)", wire.DefaultMTU),
			set: func(s *Scenario, t string) (err error) {
				s.Stack.MTU, err = parseCount(t, wire.MinMTU, wire.MaxMTU)
				return
			},
			get: func(s *Scenario) string { return unless(s.Stack.MTU == 0, strconv.Itoa(s.Stack.MTU)) }},
		flag("nagle", StackGroup, "hold small writes while data is unacknowledged", func(s *Scenario) *bool { return &s.Stack.Nagle }),
		flag("no-sack", StackGroup, "do not offer selective acknowledgements", func(s *Scenario) *bool { return &s.Stack.NoSACK }),
		{Name: "cc", Group: StackGroup, Value: "reno|cubic", Help: "congestion control (default reno)",
			set: func(s *Scenario, t string) error {
				if t != "reno" && t != "cubic" {
					return fmt.Errorf("%q is not known here; there are reno and cubic", short(t))
				}
				s.Stack.CongestionControl = t
				return nil
			},
			get:     func(s *Scenario) string { return s.Stack.CongestionControl },
			choices: []string{"reno", "cubic"}},
		{Name: "rcvbuf", Group: StackGroup, Value: "size", Help: fmt.Sprintf("receive buffer of a socket, at least %d (default the stack's own, which grows)", wire.MinReceiveBuffer),
			set: func(s *Scenario, t string) error {
				n, err := ParseSize(t)
				if err == nil && (n < wire.MinReceiveBuffer || n > wire.MaxReceiveBuffer) {
					err = fmt.Errorf("%q cannot be; this stack's buffers are from %d to %d bytes", short(t), wire.MinReceiveBuffer, wire.MaxReceiveBuffer)
				}
				s.Stack.ReceiveBuffer = int(n)
				return err
			},
			get: func(s *Scenario) string {
				return unless(s.Stack.ReceiveBuffer == 0, FormatSize(int64(s.Stack.ReceiveBuffer)))
			}},
		flag("cold", StackGroup, "the hosts do not know each other's card address yet: they ask first, with ARP or neighbour discovery", func(s *Scenario) *bool { return &s.Stack.Cold }),
	}
}

// flag is a word that takes no value.
func flag(name string, g Group, help string, of func(*Scenario) *bool) Word {
	return Word{Name: name, Group: g, Help: help,
		set: func(s *Scenario, t string) error {
			b, err := strconv.ParseBool(t)
			if err != nil {
				return fmt.Errorf("%q is neither true nor false", short(t))
			}
			*of(s) = b
			return nil
		},
		get: func(s *Scenario) string { return unless(!*of(s), "true") }}
}

func runWords() []Word {
	return []Word{
		{Name: "seed", Group: RunGroup, Value: "n", Help: "seed of chance: another seed, other losses",
			set: func(s *Scenario, t string) error {
				n, err := strconv.ParseUint(t, 10, 64)
				if err != nil {
					return fmt.Errorf("%q is not a whole number from 0 to 18446744073709551615", short(t))
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
		{Name: "limit-frames", Group: RunGroup, Value: "n", Help: fmt.Sprintf("end the run after so many frames (default %d)", wire.DefaultLimitFrames),
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

// stepWord is one line of a story; the whole story is its value.
func stepWord() Word {
	return Word{Name: "step", Group: ProgramGroup, Value: "step", many: true,
		Help: "one step of a story instead of the above, such as 'client sends \"hi\" at 1s'; may be given many times",
		set: func(s *Scenario, t string) error {
			step, err := ParseStep(t)
			if err == nil {
				s.Steps = append(s.Steps, step)
			}
			return err
		},
		get: func(s *Scenario) string {
			var lines []string
			for _, step := range s.Steps {
				lines = append(lines, step.String())
			}
			return strings.Join(lines, "\n")
		}}
}

// parseCount reads a whole number from lo to hi.
func parseCount(t string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(t)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("%q cannot be; it is a whole number from %d to %d", short(t), lo, hi)
	}
	return n, nil
}
