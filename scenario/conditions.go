package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"wirelab/wire"
)

// cableWords are the conditions of the wire.
func cableWords() []Word {
	words := []Word{profileWord()}
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
	return append(words, middleboxWord(),
		directionWord("up", "the same for client to server only: loss=1%,delay=5ms", func(s *Scenario) (here, there *wire.Conditions) { return &s.Up, &s.Down }),
		directionWord("down", "the same for server to client only", func(s *Scenario) (here, there *wire.Conditions) { return &s.Down, &s.Up }))
}

func middleboxWord() Word {
	return Word{Name: "middlebox", Group: CableGroup, Value: "rule", Help: "something in the wire that sends packets on: forward, block:tcp:80 or strip:Upgrade (an HTTP field)",
		set: func(s *Scenario, t string) error {
			_, err := parseRule(t)
			if err == nil {
				s.Middlebox = t
			}
			return err
		},
		get: func(s *Scenario) string { return s.Middlebox }}
}

// directionWord sets conditions of one direction: "loss=1%,delay=5ms".
func directionWord(name, help string, of func(*Scenario) (here, there *wire.Conditions)) Word {
	return Word{Name: name, Group: CableGroup, Value: "conditions", Help: help,
		set: func(s *Scenario, text string) error {
			here, _ := of(s)
			for part := range strings.SplitSeq(text, ",") {
				key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
				if !ok {
					return fmt.Errorf("%q is not a condition; write name=value, such as loss=1%%", short(part))
				}
				c, err := conditionNamed(strings.TrimSpace(key))
				if err != nil {
					return err
				}
				if err := c.set(here, strings.TrimSpace(value)); err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
			}
			return nil
		},
		get: func(s *Scenario) string {
			here, there := of(s)
			var parts []string
			for _, c := range conditions() {
				if v := c.get(here); v != c.get(there) {
					parts = append(parts, c.name+"="+strings.ReplaceAll(v, ",", "+"))
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
		{"delay", "time", "how long a frame takes from one end to the other, one way", "0s",
			func(c *wire.Conditions, t string) (err error) { c.Delay, err = ParseDuration(t); return },
			func(c *wire.Conditions) string { return FormatDuration(c.Delay) }},
		{"jitter", "time", "up to so much longer, drawn for each frame; their order stays", "0s",
			func(c *wire.Conditions, t string) (err error) { c.Jitter, err = ParseDuration(t); return },
			func(c *wire.Conditions) string { return FormatDuration(c.Jitter) }},
		{"rate", "rate", "bits a second that the wire takes, Ethernet headers counted, or none for no limit", "none",
			func(c *wire.Conditions, t string) (err error) { c.Rate, err = ParseRate(t); return },
			func(c *wire.Conditions) string { return FormatRate(c.Rate) }},
		{"queue", "size", "room for frames that wait for the wire: bytes (64kB) or packets (8p)", strconv.Itoa(wire.DefaultQueue) + "p",
			func(c *wire.Conditions, t string) (err error) { c.Queue, err = ParseQueue(t); return },
			func(c *wire.Conditions) string { return FormatQueue(c.Queue) }},
		percent("loss", "chance that a frame is lost on the way", func(c *wire.Conditions) *float64 { return &c.Loss }),
		{"burst-loss", "percent[:frames]", "share of frames lost in bursts, and how long a burst is on average: 1%:5", "0%",
			func(c *wire.Conditions, t string) (err error) { c.Burst, err = parseBurst(t); return },
			func(c *wire.Conditions) string { return formatBurst(c.Burst) }},
		percent("duplicate", "chance that a frame arrives twice", func(c *wire.Conditions) *float64 { return &c.Duplicate }),
		percent("reorder", "chance that a frame is overtaken by one to three others", func(c *wire.Conditions) *float64 { return &c.Reorder }),
		percent("corrupt", "chance that a bit of an IP packet is inverted", func(c *wire.Conditions) *float64 { return &c.Corrupt }),
		moments("cut", "when the cable is cut; several with commas: 2s,9s", func(c *wire.Conditions) *[]time.Duration { return &c.Cut }),
		moments("restore", "when it is mended again, one for each cut", func(c *wire.Conditions) *[]time.Duration { return &c.Restore }),
		{"block", "packets", "what a filter on the way throws away: tcp:81, udp, icmp; several with commas", "none",
			func(c *wire.Conditions, t string) (err error) { c.Block, err = parseBlocks(t); return },
			func(c *wire.Conditions) string { return formatBlocks(c.Block) }},
	}
}

// percent is a condition that is a probability.
func percent(name, help string, of func(*wire.Conditions) *float64) condition {
	return condition{name, "percent", help, "0%",
		func(c *wire.Conditions, t string) (err error) { *of(c), err = ParsePercent(t); return },
		func(c *wire.Conditions) string { return FormatPercent(*of(c)) }}
}

// moments is a condition that happens at certain times.
func moments(name, help string, of func(*wire.Conditions) *[]time.Duration) condition {
	return condition{name, "time", help, "none",
		func(c *wire.Conditions, t string) error {
			var ds []time.Duration
			for part := range strings.SplitSeq(t, listSeparator(t)) {
				if part == "none" {
					continue
				}
				d, err := ParseDuration(strings.TrimSpace(part))
				if err != nil {
					return err
				}
				ds = append(ds, d)
			}
			*of(c) = ds
			return nil
		},
		func(c *wire.Conditions) string {
			var parts []string
			for _, d := range *of(c) {
				parts = append(parts, FormatDuration(d))
			}
			return orNone(parts)
		}}
}

// A list within the value of one condition of one direction is written with
// +, because commas part the conditions there: cut=2s+9s.
func listSeparator(t string) string {
	if strings.Contains(t, "+") {
		return "+"
	}
	return ","
}

func orNone(parts []string) string {
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ",")
}

// parseBurst reads "1%:5": a share of frames, and the mean length of a burst.
func parseBurst(t string) (wire.Burst, error) {
	share, length, given := strings.Cut(t, ":")
	p, err := ParsePercent(share)
	if err != nil {
		return wire.Burst{}, err
	}
	b := wire.Burst{Share: p, Length: defaultBurst}
	if given {
		b.Length, err = strconv.ParseFloat(length, 64)
		if err != nil || !(b.Length >= 1 && b.Length <= 1e6) {
			return wire.Burst{}, fmt.Errorf("%q cannot be the mean length of a burst; it is a number of frames, 1 or more", short(length))
		}
	}
	if p == 0 {
		return wire.Burst{}, nil
	}
	if most := b.Most(); p > most+1e-9 {
		return wire.Burst{}, fmt.Errorf("%q cannot be; bursts of %s frames lose at most %s of all: make them longer, or write --loss",
			short(t), strconv.FormatFloat(b.Length, 'f', -1, 64), FormatPercent(math.Floor(most*1000)/1000))
	}
	return b, nil
}

const defaultBurst = 5 // frames

func formatBurst(b wire.Burst) string {
	if b.Share == 0 {
		return "0%"
	}
	return FormatPercent(b.Share) + ":" + strconv.FormatFloat(b.Length, 'f', -1, 64)
}

// parseBlocks reads "tcp:81,udp,icmp".
func parseBlocks(t string) ([]wire.Block, error) {
	var blocks []wire.Block
	for part := range strings.SplitSeq(t, listSeparator(t)) {
		part = strings.TrimSpace(part)
		if part == "none" {
			continue
		}
		name, port, given := strings.Cut(part, ":")
		proto, known := wire.BlockNames()[name]
		n := 0
		if given {
			var err error
			if n, err = parseCount(port, 1, 65535); err != nil || name == "icmp" {
				known = false
			}
		}
		if !known {
			return nil, fmt.Errorf("%q cannot be blocked; write tcp, udp or icmp, or with a port from 1 to 65535, such as tcp:81", short(part))
		}
		blocks = append(blocks, wire.Block{Proto: proto, Port: uint16(n)})
	}
	return blocks, nil
}

func formatBlocks(blocks []wire.Block) string {
	var parts []string
	for _, b := range blocks {
		for name, proto := range wire.BlockNames() {
			if proto == b.Proto && b.Port != 0 {
				parts = append(parts, fmt.Sprintf("%s:%d", name, b.Port))
			} else if proto == b.Proto {
				parts = append(parts, name)
			}
		}
	}
	return orNone(parts)
}

func conditionNamed(name string) (condition, error) {
	var names []string
	for _, c := range conditions() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	return condition{}, fmt.Errorf("%q is no condition of a wire%s; there are %s", short(name), DidYouMean(name, names), list(names))
}
