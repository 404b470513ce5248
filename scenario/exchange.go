package scenario

import (
	"fmt"
	"strconv"
	"time"

	"wirelab/wire"
)

// An Exchange is a conversation between programs: what runs on the wire.
type Exchange interface {
	Name() string      // the command: tcp
	Aliases() []string // other names of the command
	Short() string     // one line of help
	Long() string      // what it shows and teaches
	Examples() string
	Args() []Arg
	Hosts() []string // in the order of their addresses; those of the default are client and server
	// Check says what in the arguments of s cannot be.
	Check(s *Scenario) error
	// Start starts the programs of s on b.
	Start(b *Bench) error
}

// An Arg is one of an exchange's own words.
type Arg struct {
	Name    string
	Kind    Kind
	Default string // canonical; empty: none
	Help    string
}

// A Kind is what values an Arg takes.
type Kind struct {
	Value string // what stands for the value in help; empty: a flag
	// canonical checks a value and returns its shortest form.
	canonical func(string) (string, error)
	choices   []string
}

// The kinds of values.
var (
	Time = Kind{Value: "time", canonical: func(t string) (string, error) {
		d, err := ParseDuration(t)
		return FormatDuration(d), err
	}}
	Size = Kind{Value: "size", canonical: func(t string) (string, error) {
		n, err := ParseSize(t)
		return FormatSize(n), err
	}}
	Text = Kind{Value: "text", canonical: func(t string) (string, error) { return t, nil }}
	Port = Kind{Value: "port", canonical: count(1, 65535)}
)

// Count is a whole number from lo to hi.
func Count(lo, hi int) Kind { return Kind{Value: "count", canonical: count(lo, hi)} }

func count(lo, hi int) func(string) (string, error) {
	return func(t string) (string, error) {
		n, err := parseCount(t, lo, hi)
		return strconv.Itoa(n), err
	}
}

// OneOf is one of a few words, or, if other is not nil, a value of that kind.
func OneOf(other *Kind, words ...string) Kind {
	value := words[0]
	for _, w := range words[1:] {
		value += "|" + w
	}
	if other != nil {
		value += "|" + other.Value
	}
	return Kind{Value: value, choices: words, canonical: func(t string) (string, error) {
		for _, w := range words {
			if t == w {
				return t, nil
			}
		}
		if other != nil {
			if c, err := other.canonical(t); err == nil {
				return c, nil
			}
		}
		return "", fmt.Errorf("%q cannot be; write %s", t, value)
	}}
}

func (a Arg) word() Word {
	return Word{Name: a.Name, Group: ProgramGroup, Value: a.Kind.Value, Help: a.Help, choices: a.Kind.choices,
		set: func(s *Scenario, text string) error {
			c, err := a.Kind.canonical(text)
			if err == nil {
				s.Args[a.Name] = c
			}
			return err
		},
		get: func(s *Scenario) string { return s.Args[a.Name] }}
}

// Int is the value of a Count or Port argument; 0 if it has none.
func (s *Scenario) Int(name string) int {
	n, _ := strconv.Atoi(s.Args[name]) // canonical since it was set
	return n
}

// Size is the value of a Size argument in bytes; 0 if it has none.
func (s *Scenario) Size(name string) int {
	n, _ := ParseSize(s.Args[name]) // canonical since it was set
	return int(n)
}

// Time is the value of a Time argument; 0 if it has none.
func (s *Scenario) Time(name string) time.Duration {
	d, _ := ParseDuration(s.Args[name]) // canonical since it was set
	return d
}

// A Bench is a lab made ready for an exchange: its hosts, joined by the wire of
// the Scenario.
type Bench struct {
	*wire.Lab
	Scenario *Scenario
	hosts    map[string]*wire.Host
}

// Host returns the host of that name, which must be one of the exchange's.
func (b *Bench) Host(name string) *wire.Host { return b.hosts[name] }
