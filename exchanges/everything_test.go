package exchanges

import (
	"bytes"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/scenario/chance"
	"wirelab/trace"
)

var (
	everythingFrom = flag.Uint64("everything.from", 1, "first seed of TestNothingIsLost")
	everythingRuns = flag.Int("everything.runs", 500, "how many random Scenarios TestNothingIsLost runs")
)

// TestNothingIsLost runs random Scenarios of TCP over wires that do everything
// wrong that a wire can do. Every byte arrives in order and as it was sent, or
// the run ends with an error that says why.
func TestNothingIsLost(t *testing.T) {
	runs := *everythingRuns
	if testing.Short() {
		runs = min(runs, 60)
	}
	before := runtime.NumGoroutine()
	whole, frames, bytes := 0, 0, 0
	ends := map[string]int{}
	for i := range runs {
		seed := *everythingFrom + uint64(i)
		text := chance.TCP(seed)
		tr, err := play(t, text)
		if tr == nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if wrong := tr.Check(); wrong != nil && len(deceived(tr)) == 0 {
			t.Errorf("seed %d: the trace is not sound: %v\n%s", seed, wrong, text)
		}
		frames += len(tr.Packets)
		n, lacks := inspect(tr)
		bytes += n
		switch {
		case err == nil && lacks == nil:
			whole++
		case err == nil && len(deceived(tr)) > 0:
			ends["two inverted bits made up for each other"]++
		case err == nil:
			t.Errorf("seed %d: %v\n%s", seed, lacks, text)
		default:
			word := clear(tr, err)
			if word == "" {
				t.Errorf("seed %d: %v (%v)\n%s", seed, err, lacks, text)
			}
			ends[word]++
		}
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			break
		}
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
	t.Logf("%d of %d runs delivered every byte; %d bytes in %d frames; the others: %v", whole, runs, bytes, frames, ends)
	if whole < runs*95/100 {
		t.Errorf("only %d of %d runs delivered everything; the others: %v", whole, runs, ends)
	}
	if ends[slow] > 1+runs/500 {
		t.Errorf("%d runs were too slow; that is seen with hardly any", ends[slow])
	}
}

func play(t *testing.T, text string) (*trace.Trace, error) {
	s, ex, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return scenario.Run(t.Context(), ex, s)
}

// slow is the end of a run that did not finish within its lab time, but came
// nearer to it all the time.
const slow = "it was still going on at its limit"

// clear names the clear error with which a run ended; empty if it was none.
func clear(tr *trace.Trace, err error) string {
	for _, words := range []string{
		"connection timed out",                            // a stack sent something again and again, and had no answer,
		"connection reset by peer",                        // and what its peer then hears of it,
		"no route to host",                                // and ARP or neighbour discovery,
		"bytes may be lost that were sent before a close", // and what its program no longer hears
	} {
		if strings.Contains(err.Error(), words) {
			return words
		}
	}
	switch {
	case abandoned(tr):
		return "its peer gave up, and the reset was lost"
	case moving(tr):
		return slow
	}
	return ""
}

// moving says whether a run was ended at its limit while each connection on
// which a call waits came further in its last hours. After a long cut, and where
// many answers are lost, this stack waits for minutes between two timeouts, and
// each of them sends only two segments (docs/STACK.md).
func moving(tr *trace.Trace) bool {
	if !strings.Contains(tr.Err, "the run was ended at its limit") {
		return false
	}
	const hours = 6 * time.Hour
	came := map[int32]time.Duration{} // when an end last had something acknowledged
	una := map[trace.Stream]uint32{}
	for i := range tr.Samples {
		s := &tr.Samples[i]
		if st := trace.StreamOf(s.Conn, int(s.End)); s.SndUna != una[st] {
			una[st], came[s.Conn] = s.SndUna, s.At
		}
	}
	for _, w := range tr.Waiting {
		if w.What == "read" && w.Conn >= 0 && came[w.Conn] < tr.End-hours {
			return false
		}
	}
	return true
}

// abandoned says whether every call that still waits in a run that is stuck
// reads from a peer which is no more: it sent something again and again, had no
// answer, and its reset was lost or never sent. A reader that has nothing to
// send cannot know, in any TCP.
func abandoned(tr *trace.Trace) bool {
	if !strings.Contains(tr.Err, "the run is stuck") || !strings.Contains(tr.Err, "neither side will send again") {
		return false
	}
	for _, w := range tr.Waiting {
		if w.What != "read" || w.Conn < 0 {
			continue
		}
		for _, o := range tr.Waiting {
			if o.Conn == w.Conn && o.Host != w.Host {
				return false
			}
		}
	}
	return true
}

// inspect looks at every connection of a trace: what its ends wrote was read,
// all of it and in order, and the packets that arrived put together are what
// was written. It returns how many bytes were read, and what is wrong.
func inspect(tr *trace.Trace) (n int, err error) {
	s, _, err := Parse(tr.Scenario)
	if err != nil {
		return 0, err
	}
	one := scenario.Ruler(s.Size("size"))
	answer := scenario.Reply(&s, one)
	written, read := map[trace.Stream]int64{}, map[trace.Stream]int64{}
	for i := range tr.Calls {
		c := &tr.Calls[i]
		switch {
		case c.Span.Len() == 0:
		case c.What == "write":
			written[c.Span.Stream] = c.Span.Hi
		case c.What == "read":
			if c.Span.Lo != read[c.Span.Stream] {
				return n, fmt.Errorf("call %d reads %+v after byte %d", i, c.Span, read[c.Span.Stream])
			}
			read[c.Span.Stream] = c.Span.Hi
		}
	}
	came := delivered(tr)
	talks := map[trace.Stream]bool{}
	for st, total := range written {
		talks[st] = true
		n += int(read[st])
		got := came[st]
		of := one
		if st.End() == 1 {
			of = answer
		}
		want := bytes.Repeat(of, int(total)/max(len(of), 1))
		switch {
		case int64(len(want)) != total:
			return n, fmt.Errorf("stream %d: %d bytes were written, no whole messages of %d", st, total, len(of))
		case got.clash != "":
			return n, fmt.Errorf("stream %d: %s", st, got.clash)
		case !bytes.Equal(got.bytes, want):
			return n, fmt.Errorf("stream %d: what arrived, %d bytes, is not the %d that were written", st, len(got.bytes), total)
		case read[st] != total:
			return n, fmt.Errorf("stream %d: %d bytes were read of %d", st, read[st], total)
		}
	}
	conns := max(s.Int("clients"), 1)
	if want := conns; len(talks) < want {
		return n, fmt.Errorf("%d streams carried something; there were %d clients", len(talks), want)
	}
	if len(answer) > 0 && len(talks) != 2*conns {
		return n, fmt.Errorf("%d streams carried something, want %d", len(talks), 2*conns)
	}
	return n, nil
}

// arrived is what the packets of a stream carried, put together.
type arrived struct {
	bytes []byte
	have  []bool
	clash string
}

// delivered puts together what each stream's packets brought to its end.
func delivered(tr *trace.Trace) map[trace.Stream]*arrived {
	all := map[trace.Stream]*arrived{}
	for i := range tr.Packets {
		p := &tr.Packets[i]
		st := p.Span.Stream
		if st < 0 {
			continue
		}
		a := all[st]
		if a == nil {
			a = &arrived{}
			all[st] = a
		}
		if p.Fate != trace.Delivered || p.To != tr.Conns[st.Conn()].Ends[1-st.End()].Host {
			continue
		}
		frame := tr.Received(p)
		h := packets.Scan(frame)
		if at := int(p.Span.Lo); h.Len == 1 && p.Span.Lo >= 0 && at < len(a.have) && a.have[at] {
			continue // a probe of a shut window: its byte came before, and is now nobody's (RFC 9293 section 3.8.4)
		}
		for k, v := range frame[h.Off : h.Off+h.Len] {
			at := int(p.Span.Lo) + k
			for len(a.bytes) <= at {
				a.bytes, a.have = append(a.bytes, 0), append(a.have, false)
			}
			if a.have[at] && a.bytes[at] != v {
				a.clash = fmt.Sprintf("packet %d brought byte %d as %#x, another one as %#x", i, at, v, a.bytes[at])
			}
			a.bytes[at], a.have[at] = v, true
		}
	}
	for _, a := range all {
		if i := slices.Index(a.have, false); i >= 0 && a.clash == "" {
			a.clash = fmt.Sprintf("byte %d never arrived", i)
		}
	}
	return all
}
