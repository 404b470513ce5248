package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The text form of a Scenario has one line a thing, `name: value`, under the
// same names as the flags; the first names the exchange. Lines that begin with
// # are remarks. What is not said is as Default has it; but Text says all that
// makes the experiment, so that another version with other defaults runs the
// same. A value that would not survive on a line of its own (line breaks,
// blanks at its ends) or is not safe to show is quoted as in Go.
//
//	exchange: tcp
//	size: 4380
//	delay: 20ms
//	drop: client:4
//	seed: 1

// Text returns the text form of s, an experiment with ex. Parse reads it back.
func (s *Scenario) Text(ex Exchange) string {
	var b strings.Builder
	fmt.Fprintf(&b, "exchange: %s\n", s.Exchange)
	def := Default(ex)
	for _, w := range Words(ex) {
		v, said := w.Get(s)
		d, _ := w.Get(&def)
		if said && (v != w.nothing || d != w.nothing) {
			for _, line := range w.lines(v) {
				fmt.Fprintf(&b, "%s: %s\n", w.Name, quote(line))
			}
		}
	}
	return b.String()
}

// Wire returns the conditions of the wire in s in the words of their flags:
// "delay 20ms, rate 10mbit, loss 3%".
func (s *Scenario) Wire(ex Exchange) string {
	var said []string
	for _, w := range Words(ex) {
		if v, ok := w.Get(s); ok && w.Group == CableGroup && v != w.nothing {
			for _, line := range w.lines(v) {
				said = append(said, w.Name+" "+shellQuote(line))
			}
		}
	}
	return strings.Join(said, ", ")
}

// Command returns the command line that gives s: the flags that differ from
// the default, on one line and safe to show.
func (s *Scenario) Command(ex Exchange) string {
	def := Default(ex)
	words := []string{"wirelab", s.Exchange}
	for _, w := range Words(ex) {
		v, said := w.Get(s)
		d, _ := w.Get(&def)
		switch {
		case v == d || !said || w.Hidden:
		case w.Value == "":
			words = append(words, "--"+w.Name)
		case strings.HasPrefix(v, "-"):
			words = append(words, "--"+w.Name+"="+shellQuote(v))
		default:
			for _, line := range w.lines(v) {
				words = append(words, "--"+w.Name, shellQuote(line))
			}
		}
	}
	return strings.Join(words, " ")
}

// lines are the lines that say a value: one, or one for each thing of many.
func (w *Word) lines(v string) []string {
	if w.many {
		return strings.Split(v, "\n")
	}
	return []string{v}
}

// shellQuote writes one argument so that a POSIX shell reads it back: bare, in
// quotes, or, if it would not be safe on a terminal, with its bytes in octal.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_=+,.:/%@", r))
	}
	switch {
	case s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0:
		return s
	case showable(s):
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'") // POSIX.1-2024, Shell Command Language, section 2.2.4
	for _, r := range split(s) {
		switch {
		case r == "'", r == `\`:
			b.WriteString(`\` + r)
		case showable(r):
			b.WriteString(r)
		default:
			for i := range len(r) {
				fmt.Fprintf(&b, `\%03o`, r[i])
			}
		}
	}
	return b.String() + "'"
}

// split cuts s into its characters and invalid bytes.
func split(s string) (parts []string) {
	for len(s) > 0 {
		_, n := utf8.DecodeRuneInString(s)
		parts = append(parts, s[:n])
		s = s[n:]
	}
	return parts
}

// showable says that all of s is safe to show on one line: valid UTF-8 without
// controls, line breaks and what changes the direction of writing.
func showable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) < 0
}

func quote(v string) string {
	if strings.TrimSpace(v) != v || strings.HasPrefix(v, `"`) || !showable(v) {
		return strconv.Quote(v)
	}
	return v
}

// Parse reads the text form of a Scenario; find returns the exchange of a name,
// and names are those that there are. An error names the line.
func Parse(text string, find func(name string) (ex Exchange, names []string)) (Scenario, Exchange, error) {
	var s Scenario
	var ex Exchange
	var words []Word
	type said struct {
		word, line int
		value      string
	}
	var lines []said
	seen := map[string]int{}
	text = strings.TrimPrefix(text, "\ufeff") // some editors begin a file with it
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fail := func(format string, args ...any) (Scenario, Exchange, error) {
			return Scenario{}, nil, fmt.Errorf("line %d: %w", n+1, fmt.Errorf(format, args...))
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return fail("%q is not of the form `name: value`", short(line))
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if ex == nil && name != "exchange" {
			return fail("a Scenario begins with `exchange: NAME`, not with %q", short(name))
		}
		w, names := wordNamed(words, name)
		if before, twice := seen[name]; twice && (w == nil || !w.many) {
			return fail("%s stands already in line %d", short(name), before)
		}
		seen[name] = n + 1
		if w == nil && ex != nil {
			return fail("%q is not known%s", short(name), DidYouMean(name, names))
		}
		if strings.HasPrefix(value, `"`) {
			v, err := strconv.Unquote(value)
			if err != nil {
				return fail("%s: the quoted text %s does not end, or has an unknown escape", name, short(value))
			}
			value = v
		}
		if ex == nil {
			var names []string
			if ex, names = find(value); ex == nil {
				return fail("exchange: %q is not known%s; there are %s", short(value), DidYouMean(value, names), list(names))
			}
			s = Default(ex)
			words = Words(ex)
			continue
		}
		lines = append(lines, said{slices.Index(names, name), n + 1, value})
	}
	if ex == nil {
		return Scenario{}, nil, fmt.Errorf("the Scenario is empty; it begins with `exchange: NAME`")
	}
	// As with flags, the order of the lines does not matter: a profile does not
	// undo a delay that stands before it.
	slices.SortStableFunc(lines, func(a, b said) int { return cmp.Compare(a.word, b.word) })
	for _, l := range lines {
		if err := words[l.word].Set(&s, l.value); err != nil {
			return Scenario{}, nil, fmt.Errorf("line %d: %w", l.line, err)
		}
	}
	if err := s.Validate(ex); err != nil {
		return Scenario{}, nil, err
	}
	return s, ex, nil
}

func wordNamed(words []Word, name string) (w *Word, names []string) {
	for i := range words {
		if words[i].Name == name {
			w = &words[i]
		}
		names = append(names, words[i].Name)
	}
	return w, names
}

// short cuts what a stranger wrote to what an error has room for.
func short(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
