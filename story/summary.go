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
	Lost    int
	Again   int
	Calls   int
	Took    time.Duration // of lab time
}

// Summarise counts.
func Summarise(tr *trace.Trace) Summary {
	s := Summary{Packets: len(tr.Packets), Calls: len(tr.Calls), Took: tr.End}
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
	return fmt.Sprintf("%s (%s), %s lost, %s sent again, %s; %s of lab time",
		count(int64(s.Packets), "packet"), count(s.Bytes, "frame byte"), group(int64(s.Lost)), group(int64(s.Again)),
		count(int64(s.Calls), "call"), Shorter(s.Took))
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
