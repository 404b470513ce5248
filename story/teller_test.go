package story_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/trace"
)

// Whatever is asked of a Teller, and in whatever order, is what the list of all
// events says.
func TestATellerAgreesWithTheListOfAllEvents(t *testing.T) {
	for _, l := range listings {
		t.Run(l.name, func(t *testing.T) { agrees(t, l.run(t), 1) })
	}
	runs := 150
	if testing.Short() {
		runs = 30
	}
	for seed := range uint64(runs) {
		text := anyExchange(rand.New(rand.NewPCG(seed, 2)), seed)
		if agrees(t, played(t, text), seed); t.Failed() {
			t.Fatal(text)
		}
	}
}

// played is the trace of a Scenario, whether its run failed or not.
func played(t *testing.T, text string) *trace.Trace {
	t.Helper()
	s, ex, err := exchanges.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	tr, err := scenario.Run(t.Context(), ex, s)
	if tr == nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return tr
}

// anyExchange is the text of a random Scenario of any exchange, over wires that
// lose, repeat and damage.
func anyExchange(r *rand.Rand, seed uint64) string {
	b := &strings.Builder{}
	say := func(chance int, line string, args ...any) { // in so many of 10
		if r.IntN(10) < chance {
			fmt.Fprintf(b, line+"\n", args...)
		}
	}
	ex := []string{"tcp", "tcp", "tcp", "udp", "udp", "ping", "traceroute", "dns"}[r.IntN(8)]
	say(10, "exchange: %s\nseed: %d", ex, seed)
	switch ex {
	case "tcp":
		say(10, "limit-time: 10m")
		say(3, "clients: %d", 1+r.IntN(6))
		say(2, "no-sack: true")
		say(2, "rcvbuf: 4096")
		say(2, "half-close: true")
		fallthrough
	case "udp":
		say(8, "size: %d", 1+r.IntN(1<<(4+r.IntN(12))))
		say(5, "count: %d", 1+r.IntN(10))
		say(5, "reply: %s", []string{"echo", "none", "3000"}[r.IntN(3)])
	case "ping":
		say(5, "size: %d", r.IntN(5000))
	}
	if ex == "udp" {
		say(1, "to-port: 81")
		say(3, "read-size: 20")
	}
	say(3, "hops: %d", 1+r.IntN(3))
	say(3, "ipv6: true")
	say(3, "cold: true")
	say(3, "mtu: 1280")
	for _, way := range []string{"up", "down"} {
		say(5, "%s: loss=%d%%,duplicate=%d%%,corrupt=%d%%,reorder=%d%%,jitter=%dms", way, r.IntN(20), r.IntN(20), r.IntN(10), r.IntN(20), r.IntN(30))
	}
	say(2, "drop: client:%d,server:%d", 1+r.IntN(6), 1+r.IntN(6))
	return b.String()
}

func agrees(t *testing.T, tr *trace.Trace, seed uint64) {
	t.Helper()
	events, told := story.Tell(tr), story.NewTeller(tr)
	if told.Len() != len(events) || told.Trace() != tr {
		t.Fatalf("%d events, want %d", told.Len(), len(events))
	}
	r := rand.New(rand.NewPCG(seed, 3))
	for _, i := range r.Perm(len(events)) {
		e := events[i]
		if got := told.Event(i); got != e {
			t.Fatalf("event %d is %+v, and was %+v", i, got, e)
		}
		want := story.Place{At: e.At, Step: e.Step, Zoom: e.Zoom, Kind: e.Kind, Row: e.Row, Conn: e.Conn}
		if got := told.Place(i); got != want {
			t.Fatalf("event %d is at %+v, want %+v", i, got, want)
		}
		if got, ok := told.Find(e.Kind, e.Row); !ok || got != i {
			t.Fatalf("event %d, %v of row %d, is found at %d, %v", i, e.Kind, e.Row, got, ok)
		}
	}
	zooms(t, events, told)
	moments(t, events, told, r)
	landmarks(t, events, told)
	for row := range tr.Packets {
		if n := utf8.RuneCountInString(told.Label(row)); n == 0 || n > 24 {
			t.Errorf("packet %d is labelled %q", row, told.Label(row))
		}
	}
}

func zooms(t *testing.T, events []story.Event, told *story.Teller) {
	t.Helper()
	for _, z := range story.Zooms() {
		n := 0
		for i, e := range events {
			if got := told.Before(z, i); got != n {
				t.Fatalf("%d events of %v before event %d, want %d", got, z, i, n)
			}
			if e.Zoom != z {
				continue
			}
			if got := told.Nth(z, n); got != i {
				t.Fatalf("event %d of %v is %d, want %d", n, z, got, i)
			}
			n++
		}
		if got := told.Before(z, len(events)); got != n || told.Count(z) != n {
			t.Fatalf("%d and %d events of %v, want %d", got, told.Count(z), z, n)
		}
	}
}

// moments compares every event with some moments, of those that are between
// events of one instant first.
func moments(t *testing.T, events []story.Event, told *story.Teller, r *rand.Rand) {
	t.Helper()
	tr := told.Trace()
	when := []int{-1, 0, len(events) - 1}
	for range 20 {
		when = append(when, r.IntN(len(events)))
	}
	for _, last := range when {
		m := told.After(last)
		if m.Done != last+1 || last >= 0 && m.At != events[last].At {
			t.Fatalf("after event %d is %+v", last, m)
		}
		done := map[story.Kind]map[int]bool{}
		for k := story.Arrived; k <= story.Mark; k++ {
			done[k] = map[int]bool{}
		}
		for _, e := range events[:m.Done] {
			done[e.Kind][e.Row] = true
			if e.Kind == story.Ended && tr.Calls[e.Row].Start == e.At { // it began, too
				done[story.Began][e.Row] = true
			}
		}
		for k, rows := range map[story.Kind]int{story.Sent: len(tr.Packets), story.Arrived: len(tr.Packets), story.State: len(tr.Samples),
			story.Began: len(tr.Calls), story.Ended: len(tr.Calls), story.MessageSent: len(tr.Messages), story.MessageArrived: len(tr.Messages)} {
			for row := range rows {
				if got := told.Happened(k, row, m); got != done[k][row] {
					t.Fatalf("after event %d: %v of row %d has happened: %v", last, k, row, got)
				}
			}
		}
		for row := range tr.Packets {
			if told.Sent(row, m) != done[story.Sent][row] || told.Landed(row, m) != done[story.Arrived][row] {
				t.Fatalf("after event %d: packet %d was sent: %v, landed: %v", last, row, told.Sent(row, m), told.Landed(row, m))
			}
		}
		at := m.At + time.Duration(r.IntN(3)-1)
		n, _ := slices.BinarySearchFunc(events, at+1, func(e story.Event, at time.Duration) int { return cmp.Compare(e.At, at) })
		if got := told.At(at); got != (story.Moment{At: at, Done: n}) {
			t.Fatalf("at %v: %+v, want %d", at, got, n)
		}
	}
}

func landmarks(t *testing.T, events []story.Event, told *story.Teller) {
	t.Helper()
	tr := told.Trace()
	is := map[story.Landmark]func(e *story.Event) bool{
		story.Loss: func(e *story.Event) bool {
			if e.Kind != story.Sent && e.Kind != story.Arrived {
				return false
			}
			p := &tr.Packets[e.Row]
			useless := p.Fate.Lost() || p.Fate == trace.BadChecksum || p.Fate == trace.SocketFull
			return useless && (e.Kind == story.Arrived) == (p.Arrived != trace.Never)
		},
		story.Again: func(e *story.Event) bool {
			return e.Kind == story.Sent && tr.Packets[e.Row].Again && !tr.Packets[e.Row].Copy && !tr.Packets[e.Row].Hop
		},
		story.Change:   func(e *story.Event) bool { return e.Kind == story.State },
		story.CallMark: func(e *story.Event) bool { return e.Zoom == story.Calls },
	}
	for what, is := range is {
		from := -1
		for i := range events {
			if !is(&events[i]) {
				continue
			}
			if got, ok := told.Next(from, 1, what); !ok || got != i {
				t.Fatalf("landmark %d behind event %d is %d, %v, want %d", what, from, got, ok, i)
			}
			if from >= 0 {
				if got, ok := told.Next(i, -1, what); !ok || got != from {
					t.Fatalf("landmark %d before event %d is %d, %v, want %d", what, i, got, ok, from)
				}
			}
			from = i
		}
		if got, ok := told.Next(from, 1, what); ok {
			t.Fatalf("landmark %d behind the last one, event %d, is %d", what, from, got)
		}
	}
}

// What an end knows is told with the events: its state never runs ahead of
// them, and is that of the trace when the last event of an instant is done.
func TestTheStateOfAnEndGoesWithTheEvents(t *testing.T) {
	tr := exchange("size=9kB", "drop=client:4", "seed=1")(t)
	told := story.NewTeller(tr)
	for s := range trace.Stream(2) {
		shown := trace.Closed
		for i := range told.Len() {
			m := told.After(i)
			if p := told.Place(i); p.Kind == story.State && trace.StreamOf(tr.Samples[p.Row].Conn, int(tr.Samples[p.Row].End)) == s {
				shown = tr.Samples[p.Row].State
			}
			got := told.State(s, m)
			if got == nil && shown != trace.Closed || got != nil && got.State != shown {
				t.Fatalf("after event %d, %+v: %+v, and the events say %v", i, told.Place(i), got, shown)
			}
			if i+1 < told.Len() && told.Place(i+1).At == m.At {
				continue
			}
			var want *trace.Sample
			for j := range tr.Samples {
				if o := &tr.Samples[j]; trace.StreamOf(o.Conn, int(o.End)) == s && o.At <= m.At {
					want = o
				}
			}
			if got != want {
				t.Fatalf("after event %d, the last of its instant: %+v, want %+v", i, got, want)
			}
		}
		if got := told.State(s, story.Moment{}); got != nil {
			t.Errorf("before anything: %+v", got)
		}
	}
}

// A trace in which nothing happened has nothing to tell.
func TestATellerOfNothing(t *testing.T) {
	told := story.NewTeller(&trace.Trace{})
	if _, ok := told.Next(-1, 1, story.Change); ok || told.Len() != 0 || told.Count(story.Packets) != 0 || told.Before(story.Calls, 0) != 0 ||
		told.At(time.Second) != (story.Moment{At: time.Second}) {
		t.Errorf("something happened: %d events", told.Len())
	}
}

// The letters of a long stream skip those that TCP calls a segment.
func TestNamesOfManyPieces(t *testing.T) {
	told := story.NewTeller(bulk(t, "size=1MB"))
	seen := map[string]bool{}
	var last string
	for row := range told.Trace().Packets {
		if p := &told.Trace().Packets[row]; p.Span.Stream == 0 && !p.Again {
			name := told.Name(row)
			if name != "" && seen[name] || name == "ACK" {
				t.Fatalf("packet %d is called %q", row, name)
			}
			seen[name] = true
			last = max(last, name)
		}
	}
	// 1,000,000 bytes are 705 segments; the 705th letters are AAC without ACK.
	if !seen["ZZ"] || !seen["AAC"] || seen["AAD"] {
		t.Errorf("the last names are not those of 705 pieces")
	}
	if n := told.Total(0); n != 1_000_000 {
		t.Errorf("%d bytes on the stream", n)
	}
	if n := told.Total(1); n != 0 {
		t.Errorf("%d bytes on the other stream", n)
	}
}

// Of calls that return in one step of the run the inner one does so first.
func TestTheInnerCallReturnsFirst(t *testing.T) {
	call := func(parent int32, what string, end time.Duration) trace.Call {
		return trace.Call{Parent: parent, Conn: -1, What: what, Began: 1, Ended: 2, End: end}
	}
	tr := &trace.Trace{Hosts: []trace.Host{{Name: "client"}}, Calls: []trace.Call{call(-1, "get", 5), call(0, "read", 5), call(0, "close", 5)}}
	var order []int
	for _, e := range story.Tell(tr) {
		order = append(order, e.Row)
	}
	if want := []int{0, 1, 2, 2, 1, 0}; !slices.Equal(order, want) {
		t.Errorf("calls begin and return in the order %v, want %v", order, want)
	}
}

// What a frame is called on the cable is short, whatever it is.
func TestLabels(t *testing.T) {
	labels := map[string]bool{}
	label := func(tr *trace.Trace) {
		told := story.NewTeller(tr)
		for row := range tr.Packets {
			labels[told.Label(row)] = true
		}
	}
	for _, l := range listings {
		label(l.run(t))
	}
	label(played(t, "exchange: ping\nipv6: true\ncold: true\n"))
	label(played(t, "exchange: traceroute\n"))
	for _, want := range []string{"SYN", "SYN and ACK", "ack 1", "A", "FIN", "RST", "window probe", "ARP question", "ARP answer",
		"datagram 1", "piece of datagram 1", "ICMP port unreachable", "ICMP time exceeded", "ICMPv6 echo request", "ICMPv6 who has fd00::2?", "neighbor advertisement"} {
		if !labels[want] {
			t.Errorf("nothing is labelled %q: %v", want, slices.Sorted(maps.Keys(labels)))
		}
	}
}
