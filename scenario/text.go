package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The text form of a Scenario has one line a thing, `name: value`, under the
// same names as the flags; the first names the exchange. Lines that begin with
// # are remarks. What is not said is as Default has it; but Text says all that
// makes the experiment, so that another version with other defaults runs the
// same. A value that would not survive on a line of its own (line
// breaks, blanks at its ends) is quoted as in Go.
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
			fmt.Fprintf(&b, "%s: %s\n", w.Name, quote(v))
		}
	}
	return b.String()
}

// Command returns the command line that gives s: the flags that differ from
// the default.
func (s *Scenario) Command(ex Exchange) string {
	def := Default(ex)
	words := []string{"wirelab", s.Exchange}
	for _, w := range Words(ex) {
		v, said := w.Get(s)
		d, _ := w.Get(&def)
		switch {
		case v == d || !said:
		case w.Value == "":
			words = append(words, "--"+w.Name)
		default:
			words = append(words, "--"+w.Name, shellQuote(v))
		}
	}
	return strings.Join(words, " ")
}

// shellQuote writes one argument so that a POSIX shell reads it back.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_=+,.:/%@", r))
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func quote(v string) string {
	odd := func(r rune) bool {
		return r < ' ' || r == 0x7f || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' || r == '\u0085'
	}
	if strings.TrimSpace(v) != v || strings.HasPrefix(v, `"`) || strings.IndexFunc(v, odd) >= 0 || !utf8.ValidString(v) {
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
	seen := map[string]int{}
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
		if strings.HasPrefix(value, `"`) {
			v, err := strconv.Unquote(value)
			if err != nil {
				return fail("%s: the quoted text %s does not end, or has an unknown escape", name, short(value))
			}
			value = v
		}
		if before, twice := seen[name]; twice {
			return fail("%s stands already in line %d", short(name), before)
		}
		seen[name] = n + 1
		if ex == nil {
			if name != "exchange" {
				return fail("a Scenario begins with `exchange: NAME`, not with %q", short(name))
			}
			var names []string
			if ex, names = find(value); ex == nil {
				return fail("exchange: %q is not known%s; there are %s", short(value), didYouMean(short(value), names), list(names))
			}
			s = Default(ex)
			words = Words(ex)
			continue
		}
		w, names := wordNamed(words, name)
		if w == nil {
			return fail("%q is not known%s", short(name), didYouMean(short(name), names))
		}
		if err := w.Set(&s, value); err != nil {
			return fail("%w", err)
		}
	}
	if ex == nil {
		return Scenario{}, nil, fmt.Errorf("the Scenario is empty; it begins with `exchange: NAME`")
	}
	if err := s.Validate(ex); err != nil {
		return Scenario{}, nil, err
	}
	return s, ex, nil
}

func wordNamed(words []Word, name string) (*Word, []string) {
	var names []string
	for i := range words {
		if words[i].Name == name {
			return &words[i], nil
		}
		names = append(names, words[i].Name)
	}
	return nil, names
}

// short cuts what a stranger wrote to what an error has room for.
func short(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
