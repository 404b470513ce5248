package export

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/exchanges"
	"wirelab/packets/capture"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/trace"
)

// run runs the TCP exchange with these lines of a Scenario.
func run(t testing.TB, lines ...string) *trace.Trace {
	t.Helper()
	tr, err := try(t, lines...)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// try is run, which may fail on the way. The first line may name another exchange.
func try(t testing.TB, lines ...string) (*trace.Trace, error) {
	t.Helper()
	text := strings.Join(lines, "\n")
	if !strings.HasPrefix(text, "exchange: ") {
		text = "exchange: tcp\n" + text
	}
	s, ex, err := exchanges.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := scenario.Run(t.Context(), ex, s)
	if tr == nil {
		t.Fatal(err)
	}
	return tr, err
}

// file is the pcapng file of a trace.
func file(t testing.TB, tr *trace.Trace, vantage string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Pcapng(&b, tr, story.Tell(tr), vantage); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func records(t testing.TB, b []byte) (cards []string, list []capture.Record) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Cards(), list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, rec)
	}
}

// runs are what a capture should be able to hold.
var runs = []struct {
	name  string
	lines []string
}{
	{"default", nil},
	{"hello", []string{"message: hello", "reply: none"}},
	{"loss", []string{"size: 60kB", "loss: 5%", "seed: 3"}},
	{"drops", []string{"size: 20kB", "drop: client:1,client:5,server:2,server:4"}},
	{"cold", []string{"cold: true", "message: hi"}},
	{"small packets", []string{"mtu: 576", "size: 20kB", "loss: 2%"}},
	{"smallest packets", []string{"mtu: 82", "size: 500", "reply: none"}},
	{"large packets", []string{"mtu: 65535", "size: 300kB", "rate: none"}},
	{"full queue", []string{"size: 100kB", "reply: none", "queue: 4p", "rate: 2mbit"}},
	{"no sack", []string{"size: 60kB", "reply: none", "no-sack: true", "drop: client:8,client:11"}},
	{"small window", []string{"size: 40kB", "rcvbuf: 4096"}},
	{"big", []string{"size: 1MB", "reply: none", "rate: 100mbit"}},
}

// What a card saw is what its host sent, when it sent it, and what came to it,
// when it came.
func TestAFileHasWhatItsCardsSaw(t *testing.T) {
	type seen struct {
		card      string
		at        time.Duration
		direction capture.Direction
		frame     string
	}
	for _, run1 := range runs {
		tr := run(t, run1.lines...)
		for _, vantage := range []string{"client", "server", Both} {
			want := map[seen]int{}
			for i := range tr.Packets {
				p := &tr.Packets[i]
				if from := tr.Name(p.From); vantage == Both || vantage == from {
					want[seen{from, p.Sent, capture.Outbound, string(tr.Bytes(p))}]++
				}
				if to := tr.Name(p.To); p.Arrived != trace.Never && (vantage == Both || vantage == to) {
					want[seen{to, p.Arrived, capture.Inbound, string(tr.Bytes(p))}]++
				}
			}
			cards, list := records(t, file(t, tr, vantage))
			if names := []string{vantage}; vantage != Both && !slices.Equal(cards, names) || vantage == Both && !slices.Equal(cards, []string{"client", "server"}) {
				t.Errorf("%s at %s: the cards are %v", run1.name, vantage, cards)
			}
			for i, r := range list {
				want[seen{cards[r.Card], r.At.Sub(tr.Start), r.Direction, string(r.Frame)}]--
				if i > 0 && r.At.Before(list[i-1].At) {
					t.Errorf("%s at %s: packet %d was captured before the one before it", run1.name, vantage, i+1)
				}
			}
			for s, n := range want {
				if n != 0 {
					t.Errorf("%s at %s: a frame of %d bytes at %v, %d too few in the file", run1.name, vantage, len(s.frame), s.at, n)
				}
			}
		}
	}
}

func TestTheSectionSaysWhatWasRun(t *testing.T) {
	tr := run(t, `message: "two\nlines"`, "loss: 1%")
	r, err := capture.NewReader(bytes.NewReader(file(t, tr, "client")))
	if err != nil {
		t.Fatal(err)
	}
	if r.Section.Application != "wirelab" || r.Section.Comment != tr.Scenario || !strings.HasPrefix(tr.Scenario, "exchange: tcp\n") {
		t.Errorf("it says %+v", r.Section)
	}
}

// A packet that was lost is in the sender's file alone, with a comment, and one
// that was sent again has one everywhere; no other packet has any.
func TestCommentsAreOnWhatWasLostOrSentAgain(t *testing.T) {
	words := map[trace.Fate]string{trace.LostRandom: "lost", trace.LostByHand: "lost by your hand", trace.LostQueue: "queue"}
	met := map[trace.Fate]bool{}
	for _, run1 := range runs {
		tr := run(t, run1.lines...)
		for _, vantage := range []string{"client", "server"} {
			_, list := records(t, file(t, tr, vantage))
			comments := map[string]string{} // by time and frame, which no two share
			for _, r := range list {
				comments[r.At.Sub(tr.Start).String()+string(r.Frame)] = r.Comment
			}
			for i := range tr.Packets {
				p := &tr.Packets[i]
				at := p.Sent
				if tr.Name(p.From) != vantage {
					at = p.Arrived
				}
				comment, there := comments[at.String()+string(tr.Bytes(p))]
				if there != (tr.Name(p.From) == vantage || !p.Fate.Lost()) {
					t.Errorf("%s at %s: packet %d is %v, and that it is there is %v", run1.name, vantage, i+1, p.Fate, there)
				}
				if !there {
					continue
				}
				if p.Fate.Lost() {
					met[p.Fate] = true
					if words[p.Fate] == "" || !strings.Contains(comment, words[p.Fate]) {
						t.Errorf("%s at %s: packet %d is %v, and its comment says %q", run1.name, vantage, i+1, p.Fate, comment)
					}
				}
				if p.Again && !strings.Contains(comment, "again") {
					t.Errorf("%s at %s: packet %d was sent again, and its comment says %q", run1.name, vantage, i+1, comment)
				}
				if !p.Again && !p.Fate.Lost() && comment != "" {
					t.Errorf("%s at %s: packet %d has the comment %q", run1.name, vantage, i+1, comment)
				}
			}
		}
	}
	for fate := range words {
		if !met[fate] {
			t.Errorf("no packet was %v: the test does not test it", fate)
		}
	}
}

func TestTheSameRunGivesTheSameFile(t *testing.T) {
	one := file(t, run(t, "size: 60kB", "loss: 5%"), Both)
	if !bytes.Equal(one, file(t, run(t, "size: 60kB", "loss: 5%"), Both)) {
		t.Error("the files differ")
	}
	if bytes.Equal(one, file(t, run(t, "size: 60kB", "loss: 5%", "seed: 2"), Both)) {
		t.Error("with another seed the file is the same")
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	tr := run(t)
	const unknown = `no host is called "router" here; the vantages are client, server and both`
	if err := Pcapng(io.Discard, tr, nil, "router"); err == nil || err.Error() != unknown {
		t.Errorf("an unknown vantage gives %v, want %s", err, unknown)
	}
	tr.Scenario = strings.Repeat("x", capture.MaxComment+1)
	if err := Pcapng(io.Discard, tr, nil, Both); err == nil || !strings.Contains(err.Error(), "its Scenario takes 65536 bytes") {
		t.Errorf("a Scenario that is too long gives %v", err)
	}
	tr = run(t)
	if err := Pcapng(full{}, tr, nil, Both); !errors.Is(err, errFull) {
		t.Errorf("a full disk gives %v", err)
	}
}

var errFull = errors.New("no space left on device")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
