package longpoll_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/longpoll"
	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/web"
)

const ms = time.Millisecond

// follow runs the exchange with some words set.
func follow(t *testing.T, set ...string) *trace.Trace {
	t.Helper()
	ex := longpoll.Exchange{}
	s := scenario.Default(ex)
	words := scenario.Words(ex)
	for _, w := range set {
		name, value, _ := strings.Cut(w, ": ")
		at := slices.IndexFunc(words, func(w scenario.Word) bool { return w.Name == name })
		if at < 0 {
			t.Fatalf("there is no word %q", name)
		}
		if err := words[at].Set(&s, value); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := scenario.Run(context.Background(), ex, s)
	if err != nil {
		t.Fatalf("%v: %v", set, err)
	}
	if wrong := tr.Check(); wrong != nil {
		t.Errorf("the trace is not sound: %v", wrong)
	}
	return tr
}

func calls(tr *trace.Trace, what string) (list []trace.Call) {
	for _, c := range tr.Calls {
		if c.What == what {
			list = append(list, c)
		}
	}
	return list
}

func notes(tr *trace.Trace, what string) (list []string) {
	for _, c := range calls(tr, what) {
		list = append(list, c.Note+c.Result)
	}
	return list
}

// Row 12 of the ground truth, on a wire that takes no time for bits: an event
// reaches the client in half a round trip if a request waits for it. The next
// one cannot before a new request is there: a round trip after the first event,
// and half of one more for its answer.
func TestAnEventComesInHalfARoundTripIfARequestWaits(t *testing.T) {
	const r = 40 * ms
	for _, c := range []struct {
		second time.Duration // after the first
		came   time.Duration // the second, after the first happened
	}{
		{0, r / 2}, // both go in one answer
		{1 * ms, r + r/2},
		{r / 2, r + r/2},
		{r - 1*ms, r + r/2},
		{r, r + r/2},
		{r + 5*ms, r + 5*ms + r/2},
		{10 * r, 10*r + r/2},
	} {
		const first = time.Second
		tr := follow(t, "rate: none", "delay: 20ms", fmt.Sprintf("at: %v,%v", first, first+c.second))
		polls := calls(tr, "poll")
		came := polls[0].End - first
		if came != r/2 {
			t.Errorf("the first event came after %v, want %v", came, r/2)
		}
		if last := polls[len(polls)-1].End - first; last != c.came {
			t.Errorf("an event %v after the first came after %v, want %v", c.second, last, c.came)
		}
	}
}

// The first request takes two round trips, each later one one.
func TestRequestsTakeRoundTrips(t *testing.T) {
	const r = 40 * ms
	tr := follow(t, "rate: none", "delay: 20ms", "every: 1s", "at: 2500ms")
	var took []time.Duration
	for _, p := range calls(tr, "poll") {
		took = append(took, p.End-p.Start)
	}
	if want := []time.Duration{2 * r, r, r, r}; !slices.Equal(took, want) {
		t.Errorf("polls took %v, want %v", took, want)
	}
	tr = follow(t, "rate: none", "delay: 20ms", "every: 1s", "at: 2500ms", "no-keep-alive: true")
	took = nil
	for _, p := range calls(tr, "poll") {
		took = append(took, p.End-p.Start)
	}
	if want := []time.Duration{2 * r, 2 * r, 2 * r, 2 * r}; !slices.Equal(took, want) {
		t.Errorf("polls over connections of their own took %v, want %v", took, want)
	}
}

// Row 14: what a poll costs, from the heads really sent: a request, its answer,
// and an acknowledgement of each.
func TestIPBytesOfAPoll(t *testing.T) {
	const (
		ipv4     = 20
		tcp      = 20 + 12 // with the timestamps option
		segments = 4
		request  = "GET /news?since=0 HTTP/1.1\r\nHost: server\r\nUser-Agent: Go-http-client/1.1\r\n\r\n"
		answer   = "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\nDate: Sat, 01 Jan 2000 00:00:01 GMT\r\n\r\n"
		want     = segments*(ipv4+tcp) + len(request) + len(answer)
	)
	tr := follow(t, "every: 1s", "at: 3s")
	n := 0
	for i := range tr.Packets {
		if p := &tr.Packets[i]; p.Sent >= time.Second && p.Sent < 2*time.Second {
			h := packets.Scan(tr.Bytes(p))
			n += h.IPLen
		}
	}
	if n != want {
		t.Errorf("a poll took %d IP bytes, want %d", n, want)
	}
}

// What is summed up is what the trace holds.
func TestTheSumIsRight(t *testing.T) {
	for _, words := range [][]string{{"every: 2s"}, {"every: 2s", "no-keep-alive: true"}, {"wait: 2s"}, {"wait: 2s", "clients: 3"}, {"every: 700ms", "hops: 2", "clients: 2"}} {
		tr := follow(t, append(words, "events: 5", "mean: 4s")...)
		var heard, answers, empty, bytes int
		var late, worst time.Duration
		born := map[string]time.Duration{}
		for _, m := range tr.Marks {
			born[m.Name] = m.At
		}
		for _, p := range calls(tr, "poll") {
			answers++
			if strings.HasPrefix(p.Note, "204") {
				empty++
				continue
			}
			var lo, hi int
			if _, err := fmt.Sscanf(p.Note, "200, events %d to %d", &lo, &hi); err != nil {
				fmt.Sscanf(p.Note, "200, event %d", &lo)
				hi = lo
			}
			for id := lo; id <= hi; id++ {
				d := p.End - born[fmt.Sprintf("event-%d", id)]
				heard, late, worst = heard+1, late+d, max(worst, d)
			}
		}
		sum := calls(tr, "sum up")
		for i := range tr.Packets {
			if p := &tr.Packets[i]; p.Step <= sum[0].Began && (tr.Name(p.From) == "client" || tr.Name(p.To) == "client") {
				h := packets.Scan(tr.Bytes(p))
				bytes += h.IPLen
			}
		}
		clients := heard / 5
		want := []string{
			fmt.Sprintf("%d of %d events heard of; %d of %d answers had no news (%d %%)", heard, 5*clients, empty, answers, (100*empty+answers/2)/answers),
			fmt.Sprintf("late by %s on average, by %s at worst", web.Took(late/time.Duration(heard)), web.Took(worst)),
			fmt.Sprintf("%s IP bytes both ways, %s for each event", packets.Number(bytes), packets.Number(bytes/heard)),
		}
		if got := notes(tr, "sum up"); !slices.Equal(got, want) {
			t.Errorf("%v\n%q\nwant\n%q", words, got, want)
		}
		if heard == 0 || heard%5 != 0 {
			t.Errorf("%v: %d events were heard of", words, heard)
		}
	}
}

// With numbers nothing is lost, whenever it happens and whatever the wire does.
func TestNothingIsLostBetweenTwoRequests(t *testing.T) {
	for seed := range 60 {
		words := []string{fmt.Sprintf("seed: %d", seed), "events: 30", "mean: 30ms", "clients: 2", "loss: 3%"}
		if seed%2 == 0 {
			words = append(words, "every: 100ms")
		}
		if seed%3 == 0 {
			words = append(words, "no-keep-alive: true")
		}
		if got := notes(follow(t, words...), "sum up")[0]; !strings.HasPrefix(got, "60 of 60 events heard of") {
			t.Errorf("%v: %s", words, got)
		}
	}
}

// Without, what happens while no request waits is lost.
func TestWithoutNumbersEventsAreLost(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"at: 1s,1050ms,1060ms"}, "2 of 3 events heard of"},
		{[]string{"at: 1s,1050ms,1060ms", "every: 5s"}, "1 of 3 events heard of"},
		{[]string{"at: 1s,3s,5s"}, "3 of 3 events heard of"},
	} {
		if got := notes(follow(t, append(c.words, "no-since: true")...), "sum up")[0]; !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: %s, want %s", c.words, got, c.want)
		}
		if got := notes(follow(t, c.words...), "sum up")[0]; !strings.HasPrefix(got, "3 of 3 events heard of") {
			t.Errorf("%v with numbers: %s", c.words, got)
		}
	}
}

// A request for which nothing happens is answered when its time is over, and
// asked again at once.
func TestARequestIsNotHeldForEver(t *testing.T) {
	tr := follow(t, "rate: none", "delay: 20ms", "wait: 10s", "at: 25s")
	answers := calls(tr, "answer")
	for i, want := range []string{"204, nothing new, after 10.000 s", "204, nothing new, after 10.000 s", "200, event 1, after 4.860 s"} {
		if answers[i].Note != want {
			t.Errorf("answer %d: %s, want %s", i+1, answers[i].Note, want)
		}
	}
	if gap := answers[1].Start - answers[0].End; len(answers) != 3 || gap != 40*ms {
		t.Errorf("%d answers, the second request %v after the first answer", len(answers), gap)
	}
}

func TestPollingForSoLong(t *testing.T) {
	tr := follow(t, "every: 5s", "for: 30s", "at: 1s,2s")
	if got := notes(tr, "sum up")[0]; got != "2 of 2 events heard of; 5 of 6 answers had no news (83 %)" {
		t.Errorf("in 30 s, every 5 s: %s", got)
	}
}

// The moments are the seed's: the same for the same seed, and others for others.
func TestTheSeedDecidesWhen(t *testing.T) {
	when := map[string]int{}
	for seed := range 20 {
		for range 2 {
			tr := follow(t, fmt.Sprintf("seed: %d", seed))
			when[fmt.Sprint(tr.Marks[0].At, tr.Marks[1].At, tr.Marks[2].At)]++
		}
	}
	for at, n := range when {
		if n != 2 {
			t.Errorf("%s came in %d runs, want the 2 of one seed", at, n)
		}
	}
}
