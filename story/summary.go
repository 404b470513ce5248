package story

import (
	"fmt"
	"strings"
	"time"

	"wirelab/trace"
)

// A Summary counts what a trace holds.
type Summary struct {
	Packets int // frames sent
	Bytes   int64
	Lost    int // of those that are still there
	Again   int // the same
	Calls   int
	Took    time.Duration // of lab time
	Dropped int           // packets that are not there any more
}

// Summarise counts.
func Summarise(tr *trace.Trace) Summary {
	d := tr.Dropped
	s := Summary{Packets: d.Packets + len(tr.Packets), Bytes: d.Bytes, Calls: d.Calls + len(tr.Calls), Took: tr.End, Dropped: d.Packets}
	for i := range tr.Packets {
		p := &tr.Packets[i]
		s.Bytes += int64(p.Len())
		if p.Fate.Lost() {
			s.Lost++
		}
		if p.Again {
			s.Again++
		}
	}
	return s
}

func (s Summary) String() string {
	words := fmt.Sprintf("%s (%s), %s lost, %s sent again, %s; %s of lab time",
		count(int64(s.Packets), "packet"), count(s.Bytes, "frame byte"), group(int64(s.Lost)), group(int64(s.Again)),
		count(int64(s.Calls), "call"), Shorter(s.Took))
	if s.Dropped > 0 {
		words += fmt.Sprintf("; the first %s were dropped, and what was lost or sent again among them is not counted", count(int64(s.Dropped), "packet"))
	}
	return words
}

// Overshoot says how precisely the real clock kept the time of a live trace;
// empty if the trace is of another kind.
func Overshoot(tr *trace.Trace) string {
	l := tr.Lateness
	switch {
	case tr.Origin != trace.Live:
		return ""
	case l.Events == 0:
		return "real clock: nothing was to happen at a time"
	}
	words := fmt.Sprintf("real clock: %s, on average %s late", count(int64(l.Events), "event"), microseconds(l.Mean))
	if l.Events >= 100 {
		words += fmt.Sprintf(", 99 of 100 at most %s", microseconds(l.P99))
	}
	return words + fmt.Sprintf(", at most %s; another run differs", microseconds(l.Max))
}

// microseconds is a short time, to the microsecond.
func microseconds(d time.Duration) string {
	return group(int64(d.Round(time.Microsecond)/time.Microsecond)) + " us"
}

// Waiting says what had not ended when the run did, a line each.
func Waiting(tr *trace.Trace) (lines []string) {
	for _, w := range tr.Waiting {
		line := fmt.Sprintf("%s: %s", tr.Name(w.Host), w.What)
		if w.Conn >= 0 {
			c := &tr.Conns[w.Conn]
			line += fmt.Sprintf(" (%s to %s)", c.Ends[0], c.Ends[1])
		}
		line += ", since " + Shorter(w.Since)
		if w.Until != trace.Never {
			line += ", would end at " + Shorter(w.Until)
		}
		lines = append(lines, line)
	}
	return lines
}

// Heading says who talked to whom.
func Heading(tr *trace.Trace) string {
	var hosts []string
	for _, h := range tr.Hosts {
		if h.Addr.IsValid() {
			hosts = append(hosts, fmt.Sprintf("%s %s", h.Name, h.Addr))
		} else { // a middlebox
			hosts = append(hosts, h.Name)
		}
	}
	return strings.Join(hosts, ", ")
}
