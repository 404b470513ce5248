package scene_test

import (
	"cmp"
	"slices"
	"testing"

	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

// inOrder are the packets for which wanted says so, in the order of their sending.
func inOrder(tr *trace.Trace, wanted func(p *trace.Packet) bool) (rows []int) {
	for i := range tr.Packets {
		if wanted(&tr.Packets[i]) {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		p, q := &tr.Packets[a], &tr.Packets[b]
		return cmp.Or(cmp.Compare(p.Sent, q.Sent), cmp.Compare(p.Step, q.Step))
	})
	return rows
}

// linked are random traces of TCP, and one each of what has datagrams, pieces
// and packets of no connection.
func linked(t *testing.T) (trs []*trace.Trace) {
	for seed := range uint64(12) {
		trs = append(trs, run(t, anyTCP(seed+1)...))
	}
	for _, lines := range [][]string{
		{"exchange: udp", "size: 6000", "count: 3", "loss: 5%", "duplicate: 20%"},
		{"exchange: udp", "to-port: 81", "count: 3"},
		{"exchange: dns", "answers: 40", "cold: true"},
		{"exchange: ping", "hops: 2", "size: 3000"},
	} {
		trs = append(trs, run(t, lines...))
	}
	return trs
}

func TestFirstIsTheFirstOfTheLinks(t *testing.T) {
	found := 0
	for _, tr := range linked(t) {
		s := scene.New(story.NewTeller(tr))
		check := func(of trace.Ref) {
			links := s.Links(of).Packets
			want := inOrder(tr, func(p *trace.Packet) bool { return slices.Contains(links, rowOf(tr, p)) })
			row, ok := s.First(of)
			switch {
			case ok != (len(want) > 0):
				t.Errorf("%s: First of %+v: %v, and the links are %v", tr.Scenario, of, ok, want)
			case ok && row != want[0]:
				t.Errorf("%s: First of %+v is %d, want the first of %v", tr.Scenario, of, row, want)
			case ok:
				found++
			}
			for i := range tr.Packets {
				if s.Shares(of, i) != slices.Contains(links, i) {
					t.Errorf("%s: %+v shares bytes with packet %d: %v", tr.Scenario, of, i, s.Shares(of, i))
				}
			}
		}
		for i := range tr.Calls {
			check(trace.Ref{Table: trace.Calls, Row: i})
		}
		for i := range tr.Messages {
			check(trace.Ref{Table: trace.Messages, Row: i})
		}
	}
	if found < 100 {
		t.Errorf("only %d calls and messages had packets", found)
	}
}

func rowOf(tr *trace.Trace, p *trace.Packet) int {
	return slices.IndexFunc(tr.Packets, func(q trace.Packet) bool { return q.Sent == p.Sent && q == *p })
}

func TestBesideGoesThroughAllPacketsInTheOrderOfTheirSending(t *testing.T) {
	for _, tr := range linked(t) {
		s := scene.New(story.NewTeller(tr))
		end := s.Teller().After(s.Teller().Len() - 1)
		whiches := map[scene.Which]func(p *trace.Packet) bool{
			scene.All():         func(*trace.Packet) bool { return true },
			scene.OfConn(-1):    func(p *trace.Packet) bool { return p.Conn() < 0 },
			scene.Between(0, 1): func(p *trace.Packet) bool { return p.From == 0 && p.To == 1 || p.From == 1 && p.To == 0 },
		}
		for c := range int32(len(tr.Conns)) {
			whiches[scene.OfConn(c)] = func(p *trace.Packet) bool { return p.Conn() == c }
			whiches[scene.With(c)] = func(p *trace.Packet) bool { return p.Conn() == c || p.Conn() < 0 }
		}
		for w, has := range whiches {
			want := inOrder(tr, has)
			for i, row := range want {
				next, ok := s.Beside(w, end, row, 1)
				if ok != (i+1 < len(want)) || ok && next != want[i+1] {
					t.Errorf("%s: %+v: behind %d is %d, %v; all are %v", tr.Scenario, w, row, next, ok, want)
				}
				if before, ok := s.Beside(w, end, row, -1); ok != (i > 0) || ok && before != want[i-1] {
					t.Errorf("%s: %+v: before %d is %d, %v; all are %v", tr.Scenario, w, row, before, ok, want)
				}
				at := s.Teller().After(mustFind(t, s.Teller(), row))
				if last, ok := s.Latest(w, at); !ok || last != row {
					t.Errorf("%s: %+v: the last one sent when %d was is %d", tr.Scenario, w, row, last)
				}
				if next, ok := s.Beside(w, at, row, 1); ok {
					t.Errorf("%s: %+v: behind %d is %d, which was not sent yet", tr.Scenario, w, row, next)
				}
			}
		}
	}
}

// mustFind is the event of the sending of a packet.
func mustFind(t *testing.T, tell *story.Teller, row int) int {
	t.Helper()
	i, ok := tell.Find(story.Sent, row)
	if !ok {
		t.Fatalf("packet %d was never sent", row)
	}
	return i
}
