package scenario

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"wirelab/trace"
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
	// Network is who takes part in s, and how they are joined.
	Network(s *Scenario) Network
	// Check says what in the arguments of s cannot be, and notes in them what
	// follows from them.
	Check(s *Scenario) error
	// Start starts the programs of s on b.
	Start(b *Bench) error
}

// A Server is an exchange whose server program any client may use, also one that
// is not the exchange's own.
type Server interface {
	Exchange
	// Serve runs the server's program at host "server" of b for the connections
	// of ln, until that is closed.
	Serve(b *Bench, ln net.Listener) error
}

// A Dissected exchange says whether the messages of s are to be read from the
// bytes of its TCP connections, because they carry HTTP or what is built on it:
// see package trace/dissect. They stand in the trace beside those that its
// programs note.
type Dissected interface {
	Exchange
	Dissect(s *Scenario) bool
}

// An Arg is one of an exchange's own words.
type Arg struct {
	Name    string
	Kind    Kind
	Default string // canonical; empty: none
	Help    string
	Hidden  bool // noted by the exchange itself, not for people to give
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
	// Times are several, in their order: "1s,2.5s".
	Times = Kind{Value: "times", canonical: func(t string) (string, error) {
		list, err := parseTimes(t)
		return formatTimes(list), err
	}}
	Size = Kind{Value: "size", canonical: func(t string) (string, error) {
		n, err := ParseSize(t)
		return FormatSize(n), err
	}}
	Text = Kind{Value: "text", canonical: text}
	File = Kind{Value: "file", canonical: text}
	// Speed is bytes a second: "10kB/s".
	Speed = Kind{Value: "size/s", canonical: func(t string) (string, error) {
		n, err := parseSpeed(t)
		return FormatSize(n) + "/s", err
	}}
	// Flag is there or not.
	Flag = Kind{canonical: func(t string) (string, error) {
		b, err := strconv.ParseBool(t)
		if err != nil {
			return "", fmt.Errorf("%q is neither true nor false", short(t))
		}
		return unless(!b, "true"), nil
	}}
	Port = Kind{Value: "port", canonical: count(1, 65535)}
)

// text is any text that a command line can hold.
func text(t string) (string, error) {
	switch {
	case t == "":
		return "", fmt.Errorf("it is empty; leave it out, or say something")
	case strings.Contains(t, "\x00"):
		return "", fmt.Errorf("%q has a zero byte, which no command line can hold; use a file", short(t))
	}
	return t, nil
}

// Count is a whole number from lo to hi.
func Count(lo, hi int) Kind { return Kind{Value: "n", canonical: count(lo, hi)} }

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
		return "", fmt.Errorf("%q cannot be; write %s", short(t), value)
	}}
}

// Named is one of many words, for which one name stands in help.
func Named(name string, words ...string) Kind {
	k := OneOf(nil, words...)
	k.Value = name
	return k
}

func (a Arg) word() Word {
	return Word{Name: a.Name, Group: ProgramGroup, Value: a.Kind.Value, Help: a.Help, Hidden: a.Hidden, choices: a.Kind.choices,
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

// Speed is the value of a Speed argument in bytes a second; 0 if it has none.
func (s *Scenario) Speed(name string) int64 {
	n, _ := parseSpeed(s.Args[name]) // canonical since it was set
	return n
}

// Has says whether a Flag argument is there.
func (s *Scenario) Has(name string) bool { return s.Args[name] != "" }

func parseSpeed(t string) (int64, error) {
	size, ok := strings.CutSuffix(t, "/s")
	n, err := ParseSize(size)
	if !ok || err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a speed; write bytes a second, such as 10kB/s", short(t))
	}
	return n, nil
}

// Time is the value of a Time argument; 0 if it has none.
func (s *Scenario) Time(name string) time.Duration {
	d, _ := ParseDuration(s.Args[name]) // canonical since it was set
	return d
}

// Times is the value of a Times argument; nil if it has none.
func (s *Scenario) Times(name string) []time.Duration {
	if s.Args[name] == "" {
		return nil
	}
	list, _ := parseTimes(s.Args[name]) // canonical since it was set
	return list
}

// An InputError says that what a Scenario needs from outside, such as a file,
// cannot be had. The Scenario itself may be right.
type InputError struct{ Err error }

func (e InputError) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e InputError) Unwrap() error { return e.Err }

// A Bench is a lab made ready for an exchange: its hosts, joined by the wire of
// the Scenario.
type Bench struct {
	*wire.Lab
	Scenario *Scenario
	hosts    map[string]*wire.Host

	mu     sync.Mutex
	failed error
}

// Fail notes that a program did not succeed, and lets the others go on: the run
// then ends as it would, and Run returns the first such error.
func (b *Bench) Fail(program string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed == nil && err != nil {
		b.failed = fmt.Errorf("%s: %w", program, err)
	}
}

// Note records message m that one host sends another on span.
func (b *Bench) Note(kind string, from, to *wire.Host, span trace.Span, m []byte) {
	b.NoteAs(kind, from, to, span, len(m), string(m[:min(len(m), trace.TextLen)]))
}

// NoteAs records a message of size bytes in other words than its own.
func (b *Bench) NoteAs(kind string, from, to *wire.Host, span trace.Span, size int, text string) {
	b.Message(trace.Message{Parent: -1, Kind: kind, From: from.Number(), To: to.Number(), Conn: span.Stream.Conn(),
		Spans: []trace.Span{span}, Size: size, Text: text[:min(len(text), trace.TextLen)]})
}

// Host returns the host of that name, which must be one of the exchange's.
func (b *Bench) Host(name string) *wire.Host { return b.hosts[name] }
