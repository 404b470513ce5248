package scene_test

import (
	"context"

	"strings"
	"testing"

	"wirelab/exchanges"
	"wirelab/scenario"
	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

func run(t testing.TB, lines ...string) *trace.Trace {
	t.Helper()
	s, ex, err := exchanges.Parse(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := scenario.Run(context.Background(), ex, s)
	if tr == nil {
		t.Fatal(err)
	}
	return tr
}

func TestSmoke(t *testing.T) {
	for _, lines := range [][]string{{"exchange: tcp", "size: 4380", "reply: none", "drop: client:4"}, {"exchange: udp", "size: 4000", "count: 2"}, {"exchange: ping"}, {"exchange: traceroute"}, {"exchange: dns"}} {
		tr := run(t, lines...)
		s := scene.New(story.NewTeller(tr))
		for i := range s.Teller().Len() {
			m := s.Teller().After(i)
			of, ok := s.Current(scene.All(), m)
			t.Logf("%v %s", m.At, s.Teller().Event(i).Text)
			if ok {
				v := s.Strip(of, m, 10)
				for _, p := range v.Pieces {
					t.Logf("   %s %d-%d %v x%d | %v lost %v", p.Name, p.Span.Lo, p.Span.Hi, p.Sent, p.Times, p.Got, p.Lost)
				}
			}
			for _, f := range s.UnderWay(scene.All(), m) {
				t.Logf("      %d %.2f wait %v lost %v %v", f.Row, f.Part, f.Waiting, f.Lost, f.Fate)
			}
			for c := range tr.Conns {
				for _, e := range s.Ends(int32(c), m) {
					if e.TCP != nil {
						t.Logf("      %+v", *e.TCP)
					}
					if e.UDP != nil {
						t.Logf("      %+v", *e.UDP)
					}
				}
			}
		}
		rungs, lanes := s.Ladder(scene.All(), s.Teller().After(s.Teller().Len()-1), 20)
		for _, r := range rungs {
			t.Logf("%+v", r)
		}
		t.Log(lanes)
	}
}
