package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A Step is one line of a story: who does what, and when. The steps of one host
// happen one after the other; hosts go on side by side.
//
//	server listens on 80
//	client connects to 80
//	client sends "hello" at 100ms
//	server reads to the end
//	server sends 19 bytes after client:3
//	client closes
type Step struct {
	Host  string
	Verb  Verb
	Port  int    // of listens, connects, and of sends over UDP
	Text  string // of sends; empty: Bytes of the ruler
	Bytes int    // of sends and reads; 0 of reads: once, whatever comes
	End   bool   // of reads: to the end of the stream
	UDP   bool
	Conn  string // the socket's name, if the host has several
	Wait  time.Duration
	At    time.Duration // not before this lab time
	After StepRef       // not before that step is done
}

// A StepRef is the n-th step of a host, counted from 1; the zero value is none.
type StepRef struct {
	Host string
	N    int
}

// A Verb is what a host does in a step.
type Verb string

// The verbs.
const (
	Listens  Verb = "listens"  // on PORT
	Connects Verb = "connects" // to PORT
	Accepts  Verb = "accepts"
	Sends    Verb = "sends"    // "TEXT" or N bytes
	Reads    Verb = "reads"    // once, N bytes, or to the end
	Finishes Verb = "finishes" // it has no more to send
	Closes   Verb = "closes"
	Resets   Verb = "resets"
	Waits    Verb = "waits" // TIME
)

func verbs() []string {
	var names []string
	for _, v := range []Verb{Listens, Connects, Accepts, Sends, Reads, Finishes, Closes, Resets, Waits} {
		names = append(names, string(v))
	}
	return names
}

// words cuts a line into its words; a quoted text is one, quotes and all.
func words(line string) ([]string, error) {
	var ws []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		n := strings.IndexFunc(line, unicode.IsSpace)
		if n < 0 {
			n = len(line)
		}
		if line[0] == '"' {
			q, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("the quoted text %s does not end, or has an unknown escape", short(line))
			}
			n = len(q)
		}
		ws = append(ws, line[:n])
		line = line[n:]
	}
	return ws, nil
}

// A stepReader takes the words of a step one by one.
type stepReader struct{ words []string }

func (r *stepReader) next() string {
	if len(r.words) == 0 {
		return ""
	}
	w := r.words[0]
	r.words = r.words[1:]
	return w
}

// take says whether the next words are those, and takes them.
func (r *stepReader) take(ws ...string) bool {
	if len(r.words) < len(ws) {
		return false
	}
	for i, w := range ws {
		if r.words[i] != w {
			return false
		}
	}
	r.words = r.words[len(ws):]
	return true
}

// unit takes the word behind a number of bytes, which may be left out.
func (r *stepReader) unit() { _ = r.take("bytes") || r.take("byte") }

// ParseStep reads one line of a story.
func ParseStep(line string) (Step, error) {
	ws, err := words(line)
	if err != nil {
		return Step{}, err
	}
	r := &stepReader{ws}
	s := Step{Host: r.next(), Verb: Verb(r.next())}
	if s.Verb == "" {
		return s, fmt.Errorf("%q is not a step; write who does what, such as client connects to 80", short(line))
	}
	if err := s.object(r); err != nil {
		return s, err
	}
	return s, s.adverbs(r)
}

// object reads what the verb is about.
func (s *Step) object(r *stepReader) (err error) {
	switch s.Verb {
	case Listens:
		r.take("on")
		s.Port, err = parsePort(r.next())
	case Connects:
		r.take("to")
		s.Port, err = parsePort(r.next())
	case Sends:
		w := r.next()
		if strings.HasPrefix(w, `"`) {
			s.Text, err = strconv.Unquote(w)
			if err == nil && s.Text == "" {
				err = fmt.Errorf("sends: there is nothing between the quotes")
			}
			return err
		}
		s.Bytes, err = parseBytes(w)
		r.unit()
	case Reads:
		if r.take("to", "the", "end") {
			s.End = true
		} else if len(r.words) > 0 && !slices.Contains(adverbs, r.words[0]) {
			s.Bytes, err = parseBytes(r.next())
			r.unit()
		}
	case Waits:
		s.Wait, err = ParseDuration(r.next())
	case Accepts, Finishes, Closes, Resets:
	default:
		return fmt.Errorf("%q is nothing that a host can do%s; there are %s", short(string(s.Verb)), DidYouMean(string(s.Verb), verbs()), list(verbs()))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.Verb, err)
	}
	return nil
}

// adverbs are the words that say how and when; what stands behind reads and is
// none of them is how much to read.
var adverbs = []string{"over", "on", "as", "at", "after"}

// adverbs reads how and when.
func (s *Step) adverbs(r *stepReader) (err error) {
	for len(r.words) > 0 {
		switch w := r.next(); w {
		case "over":
			if p := r.next(); p != "udp" && p != "tcp" {
				return fmt.Errorf("over %q: there are tcp and udp", short(p))
			} else if p == "udp" {
				s.UDP = true
			}
		case "on", "as":
			if s.Conn = r.next(); s.Conn == "" {
				return fmt.Errorf("%s: %s does not say which connection; write its name", s.Verb, w)
			}
		case "to":
			if s.Verb != Sends {
				return fmt.Errorf("%s: to has no place here; it is for connects and sends", s.Verb)
			}
			s.Port, err = parsePort(r.next())
		case "at":
			s.At, err = ParseDuration(r.next())
		case "after":
			s.After, err = parseStepRef(r.next())
		default:
			return fmt.Errorf("%s: %q is not understood; what may follow is on NAME, over udp, at TIME, after HOST:N", s.Verb, short(w))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.Verb, err)
		}
	}
	return nil
}

func parsePort(t string) (int, error) { return parseCount(t, 1, 65535) }

func parseBytes(t string) (int, error) {
	n, err := ParseSize(t)
	if err == nil && (n < 1 || n > 1<<30) {
		err = fmt.Errorf("%q cannot be; it is from 1 byte to 1GiB", short(t))
	}
	return int(n), err
}

func parseStepRef(t string) (StepRef, error) {
	host, n, ok := strings.Cut(t, ":")
	k, err := strconv.Atoi(n)
	if !ok || err != nil || k < 1 || host == "" {
		return StepRef{}, fmt.Errorf("%q is not a step; write whose and which, such as client:2", short(t))
	}
	return StepRef{host, k}, nil
}

// String is the line of s, which ParseStep reads back.
func (s Step) String() string {
	ws := []string{s.Host, string(s.Verb)}
	add := func(w ...string) { ws = append(ws, w...) }
	switch s.Verb {
	case Listens:
		add("on", strconv.Itoa(s.Port))
	case Connects:
		add("to", strconv.Itoa(s.Port))
	case Sends:
		if s.Text != "" {
			add(strconv.Quote(s.Text))
		} else {
			add(bytesWords(s.Bytes)...)
		}
		if s.Port != 0 {
			add("to", strconv.Itoa(s.Port))
		}
	case Reads:
		if s.End {
			add("to", "the", "end")
		} else if s.Bytes > 0 {
			add(bytesWords(s.Bytes)...)
		}
	case Waits:
		add(FormatDuration(s.Wait))
	}
	if s.UDP {
		add("over", "udp")
	}
	if s.Conn != "" {
		add("on", s.Conn)
	}
	if s.At > 0 {
		add("at", FormatDuration(s.At))
	}
	if s.After.N > 0 {
		add("after", fmt.Sprintf("%s:%d", s.After.Host, s.After.N))
	}
	return strings.Join(ws, " ")
}

func bytesWords(n int) []string {
	if n == 1 {
		return []string{"1", "byte"}
	}
	return []string{strconv.Itoa(n), "bytes"}
}
