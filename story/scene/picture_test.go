package scene_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/story"
	"wirelab/story/scene"
	"wirelab/trace"
)

const ms = time.Millisecond

func sceneOf(t testing.TB, lines ...string) (*scene.Scene, *trace.Trace) {
	t.Helper()
	tr := run(t, lines...)
	return scene.New(story.NewTeller(tr)), tr
}

// after is the moment after a packet with that label has left or arrived.
func after(t *testing.T, s *scene.Scene, k story.Kind, label string) (story.Moment, int) {
	t.Helper()
	for row := range s.Teller().Trace().Packets {
		if s.Teller().Label(row) == label {
			if i, ok := s.Teller().Find(k, row); ok {
				return s.Teller().After(i), row
			}
		}
	}
	t.Fatalf("no packet %q was %v", label, k)
	return story.Moment{}, 0
}

// strip is the strip of a message in a line a piece.
func strip(s *scene.Scene, row int, m story.Moment, most int) string {
	var b strings.Builder
	v := s.Strip(trace.Ref{Table: trace.Messages, Row: row}, m, most)
	for _, p := range v.Pieces {
		fmt.Fprintf(&b, "%s %d-%d: %v, %v", p.Name, p.Span.Lo, p.Span.Hi, p.Sent, p.Got)
		if p.Times > 1 {
			fmt.Fprintf(&b, ", sent %d times", p.Times)
		}
		if p.Lost {
			b.WriteString(", lost")
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

// As long as the acknowledgement is under way the client cannot know what the
// server has: the lesson of the strip.
func TestTheTwoSidesDisagree(t *testing.T) {
	s, _ := sceneOf(t, "exchange: tcp", "size: 4380", "reply: none")
	for _, c := range []struct{ label, want string }{
		{"A", `
A 0-1420: no ack yet, read
B 1420-2840: no ack yet, wanted next
C 2840-4260: no ack yet, not yet
D 4260-4380: no ack yet, not yet`},
		{"ack 1,421", `
A 0-1420: acknowledged, read
B 1420-2840: no ack yet, read
C 2840-4260: no ack yet, read
D 4260-4380: no ack yet, read`},
	} {
		m, _ := after(t, s, story.Arrived, c.label)
		if got := strip(s, 0, s.Teller().At(m.At), 100); got != strings.TrimSpace(c.want) {
			t.Errorf("when %s has arrived:\n%s\nwant%s", c.label, got, c.want)
		}
	}
}

func TestAPieceThatIsLostAndThoseBehindIt(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "size: 4380", "reply: none", "drop: client:4")
	m := s.Teller().At(tr.Packets[6].Arrived) // D is there
	want := `
A 0-1420: no ack yet, read
B 1420-2840: no ack yet, wanted next, lost
C 2840-4260: no ack yet, kept
D 4260-4380: no ack yet, kept`
	if got := strip(s, 0, m, 100); got != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
	m, _ = after(t, s, story.Sent, "ack 4,381")
	if got := strip(s, 0, s.Teller().At(m.At), 100); !strings.Contains(got, "B 1420-2840: no ack yet, read, sent 2 times") {
		t.Errorf("when B has come again:\n%s", got)
	}
}

// Ten million bytes are seven thousand segments. A picture has room for a few.
func TestALongMessageIsSummedUp(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "size: 2MB", "reply: none", "rate: 100mbit")
	of := trace.Ref{Table: trace.Messages, Row: 0}
	all := len(s.Strip(of, s.Teller().At(0), 1<<20).Pieces)
	for i := range 50 {
		m := s.Teller().At(tr.End * time.Duration(i) / 50)
		v := s.Strip(of, m, 20)
		if n := v.Left.Pieces + len(v.Pieces) + v.Right.Pieces; len(v.Pieces) != 20 || n != all || v.Left.Bytes+v.Right.Bytes >= v.Size {
			t.Fatalf("at %v: %d pieces of %d, left %+v, right %+v", m.At, len(v.Pieces), n, v.Left, v.Right)
		}
		if v.Left.Acknowledged != v.Left.Pieces {
			t.Errorf("at %v: to the left not all is acknowledged: %+v", m.At, v.Left)
		}
		unacked := slices.IndexFunc(v.Pieces, func(p scene.Piece) bool { return p.Sent != scene.Acknowledged })
		if unacked < 0 && v.Right.Pieces > 0 {
			t.Errorf("at %v: the oldest piece without an acknowledgement is not to be seen", m.At)
		}
	}
	if v := s.Strip(of, s.Teller().At(tr.End), 0); len(v.Pieces) != 0 || v.Left.Pieces+v.Right.Pieces != all {
		t.Errorf("without room: %d pieces, left %+v, right %+v", len(v.Pieces), v.Left, v.Right)
	}
}

// What never left is lost at the sender's card, what the cable takes half way;
// the cross stays as long as the packet would have travelled.
func TestALostPacketStaysWhereItWasLost(t *testing.T) {
	for _, c := range []struct {
		lines []string
		part  float64
	}{
		{[]string{"drop: client:1"}, 0},
		{[]string{"cut: 0s", "restore: 100ms"}, 0.5},
	} {
		s, tr := sceneOf(t, append([]string{"exchange: tcp", "message: hi", "delay: 40ms", "rate: none"}, c.lines...)...)
		p := &tr.Packets[0]
		const travel = 40 * ms
		lost := p.Sent + time.Duration(c.part*float64(travel))
		for _, at := range []struct {
			when time.Duration
			want string
		}{
			{lost - 1, fmt.Sprintf("under way %.2f", c.part)},
			{lost, fmt.Sprintf("%v %.2f", p.Fate, c.part)},
			{lost + travel - 1, fmt.Sprintf("%v %.2f", p.Fate, c.part)},
			{lost + travel, "gone"},
		} {
			if at.when < 0 {
				continue
			}
			got := "gone"
			for _, f := range s.UnderWay(scene.All(), s.Teller().At(at.when)) {
				if f.Row == 0 {
					got = fmt.Sprintf("%v %.2f", f.Fate, f.Part)
				}
			}
			if got != at.want {
				t.Errorf("%v, at %v: %s, want %s", c.lines, at.when, got, at.want)
			}
		}
	}
}

// Segments that are sent at once wait for each other: each begins to leave when
// the one before it is out.
func TestABurstLeavesOneAfterTheOther(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "size: 10kB", "reply: none", "rate: 1mbit", "delay: 10ms")
	rungs, _ := s.Ladder(scene.All(), s.Teller().At(tr.End), 1000)
	waits := 0
	for i, r := range rungs {
		p := &tr.Packets[r.Row]
		if onTheWire := time.Duration(p.Len()) * 8 * time.Microsecond; p.Left-r.Starts != onTheWire {
			t.Errorf("packet %d of %d bytes is on the wire for %v, want %v", r.Row, p.Len(), p.Left-r.Starts, onTheWire)
		}
		if r.Starts > r.Sent {
			waits++
		}
		if r.Lands != p.Arrived || r.Part != 1 || r.Fate != trace.Delivered || !r.Landed || i > 0 && rungs[i-1].Sent > r.Sent {
			t.Errorf("%+v; it arrived at %v", r, p.Arrived)
		}
	}
	if waits < 5 {
		t.Errorf("only %d packets waited", waits)
	}
}

// A copy that the wire makes leaves with what it is a copy of.
func TestACopyLeavesWithItsOriginal(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "size: 10kB", "reply: none", "rate: 1mbit", "delay: 10ms", "dup: client:6")
	rungs, _ := s.Ladder(scene.All(), s.Teller().At(tr.End), 1000)
	i := slices.IndexFunc(rungs, func(r scene.Rung) bool { return r.Copy })
	if i < 1 {
		t.Fatal("there is no copy")
	}
	if a, b := rungs[i-1], rungs[i]; a.Starts != b.Starts || a.Starts == a.Sent || b.Copy == a.Copy {
		t.Errorf("one leaves at %v, its copy at %v", a.Starts, b.Starts)
	}
}

func TestTheLadderGrows(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "message: hi", "drop: client:3")
	for i := range s.Teller().Len() {
		m := s.Teller().After(i)
		rungs, lanes := s.Ladder(scene.OfConn(0), m, 4)
		sent := 0
		for row := range tr.Packets {
			if s.Teller().Sent(row, m) {
				sent++
			}
		}
		if len(rungs) != min(sent, 4) || !slices.Equal(lanes, []uint16{0, 1}) {
			t.Fatalf("at %+v: %d rungs of %d packets, lanes %v", m, len(rungs), sent, lanes)
		}
		flights := map[int]scene.Flight{}
		for _, f := range s.UnderWay(scene.OfConn(0), m) {
			flights[f.Row] = f
		}
		for k, r := range rungs {
			if want := sent - len(rungs) + k; r.Row != want || r.FromLane != int(r.From) || r.ToLane != int(r.To) || r.Label != s.Teller().Arrow(want) {
				t.Errorf("at %+v: rung %d: %+v, want packet %d", m, k, r, want)
			}
			if f, ok := flights[r.Row]; ok && f != r.Flight {
				t.Errorf("at %+v: the ladder has %+v, the cable %+v", m, r.Flight, f)
			}
			if p := &tr.Packets[r.Row]; r.Lost && !p.Fate.Lost() {
				t.Errorf("at %+v: %+v, and it is %v", m, r, p.Fate)
			}
		}
	}
}

func TestWhatAnEndKnows(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "size: 4380", "reply: none", "drop: client:4")
	ends := s.Ends(0, s.Teller().At(tr.Packets[6].Arrived))
	if e := ends[0]; e.Name != "client" || e.Server || e.Addr.String() != tr.Conns[0].Ends[0].Addr.String() || e.TCP == nil {
		t.Fatalf("%+v", e)
	}
	c, v := ends[0].TCP, ends[1].TCP
	if c.Unacked != 1 || c.Next != 4382 || c.InFlight != 4381 || c.Segment != 1420 || c.CwndBytes != 10*1420 || c.Allowed != 14200 || c.Limit != scene.ByCongestion {
		t.Errorf("the client: %+v", c)
	}
	if v.Wanted != 1421 || v.Kept != 1540 || v.Given+v.Unread != 1420 {
		t.Errorf("the server: %+v", v)
	}
	ends = s.Ends(0, s.Teller().At(tr.End))
	for i, want := range [][]trace.State{
		{trace.Closed, trace.SynSent, trace.Established, trace.FinWait1, trace.FinWait2, trace.TimeWait},
		{trace.Closed, trace.Listen, trace.SynReceived, trace.Established, trace.CloseWait, trace.LastAck, trace.Closed},
	} {
		if got := ends[i].TCP; !slices.Equal(got.Passed, want) || got.State != want[len(want)-1] {
			t.Errorf("end %d passed %v, want %v", i, got.Passed, want)
		}
	}
	if first := s.Ends(0, story.Moment{}); len(first[0].TCP.Passed) != 1 || first[0].TCP.Known {
		t.Errorf("at the beginning: %+v", first[0].TCP)
	}
}

// A small receive buffer is what keeps the sender from sending more.
func TestTheReceiversRoomLimits(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "size: 30kB", "reply: none", "rcvbuf: 4096", "read-after: 300ms")
	e := s.Ends(0, s.Teller().At(tr.Packets[len(tr.Packets)/4].Sent))[0].TCP
	if e.Limit != scene.ByRoom || e.Allowed != e.PeerRoom {
		t.Errorf("%+v", e)
	}
}

func TestLanesGoFromTheClientToTheServer(t *testing.T) {
	for _, c := range []struct {
		lines []string
		which scene.Which
		want  string
	}{
		{[]string{"exchange: tcp", "message: hi"}, scene.All(), "client server"},
		{[]string{"exchange: tcp", "message: hi", "hops: 3"}, scene.OfConn(0), "client router1 router2 router3 server"},
		{[]string{"exchange: tcp", "message: hi", "hops: 3"}, scene.All(), "client router1 router2 router3 server"},
		{[]string{"exchange: tcp", "message: hi", "middlebox: forward"}, scene.OfConn(0), "client middlebox server"},
		{[]string{"exchange: tcp", "message: hi", "middlebox: forward"}, scene.All(), "client middlebox server"},
		{[]string{"exchange: tcp", "message: hi", "middlebox: block:tcp:80", "limit-time: 3s"}, scene.OfConn(0), "client middlebox server"},
		{[]string{"exchange: ping", "hops: 2"}, scene.All(), "client router1 router2 server"},
		{[]string{"exchange: traceroute", "hops: 2"}, scene.OfConn(-1), "client router1 router2 server"},
	} {
		s, tr := sceneOf(t, c.lines...)
		var names []string
		for _, h := range s.Lanes(c.which) {
			names = append(names, tr.Name(h))
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%v: %s, want %s", c.lines, got, c.want)
		}
		rungs, _ := s.Ladder(c.which, s.Teller().At(tr.End), 1000)
		for _, r := range rungs {
			if d := r.FromLane - r.ToLane; d != 1 && d != -1 {
				t.Errorf("%v: packet %d goes from lane %d to %d", c.lines, r.Row, r.FromLane, r.ToLane)
			}
		}
	}
}

func TestPacketsOfNoConnection(t *testing.T) {
	s, tr := sceneOf(t, "exchange: ping", "count: 3", "cold: true")
	last := s.Teller().At(tr.End)
	ends := s.Hosts(0, 1, last)
	want := len(tr.Packets) / 2
	for _, e := range ends {
		if e.Packets == nil || int(e.Packets.Sent) != want || int(e.Packets.Received) != want || e.Stream != -1 {
			t.Errorf("%s: %+v, want %d each way", e.Name, e.Packets, want)
		}
	}
	if ends := s.Hosts(0, 1, story.Moment{}); *ends[0].Packets != (scene.Traffic{}) {
		t.Errorf("at the beginning: %+v", ends[0].Packets)
	}
	if rungs, _ := s.Ladder(scene.OfConn(-1), last, 1000); len(rungs) != len(tr.Packets) {
		t.Errorf("%d rungs of %d packets", len(rungs), len(tr.Packets))
	}
	if _, ok := s.Current(scene.All(), last); ok {
		t.Error("nobody has said anything")
	}
}

func TestWhatIsSaidNow(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "message: hello", "count: 2", "interval: 1s", "reply: echo")
	for row, want := range tr.Messages {
		got, ok := s.Current(scene.OfConn(0), s.Teller().At(want.Sent))
		if !ok || got != (trace.Ref{Table: trace.Messages, Row: row}) {
			t.Errorf("when message %d is sent: %+v", row, got)
		}
	}
	if got, ok := s.Current(scene.All(), story.Moment{}); !ok || got.Row != 0 {
		t.Errorf("before anything is said: %+v", got)
	}
	for row := range tr.Packets {
		for _, of := range s.Carries(row) {
			if l := s.Links(of); !slices.Contains(l.Packets, row) {
				t.Errorf("packet %d carries bytes of %+v, whose packets are %v", row, of, l.Packets)
			}
		}
	}
	l := s.Links(trace.Ref{Table: trace.Messages, Row: 0})
	if len(l.Calls) != 2 || tr.Calls[l.Calls[0]].What == tr.Calls[l.Calls[1]].What || len(l.Packets) != 1 || len(l.Messages) != 0 {
		t.Errorf("the first message: %+v", l)
	}
	if back := s.Links(trace.Ref{Table: trace.Packets, Row: l.Packets[0]}); !slices.Equal(back.Messages, []int{0}) || !slices.Equal(back.Calls, l.Calls) {
		t.Errorf("and back: %+v", back)
	}
}

// Without messages what is written is the message.
func TestWritesWhereThereAreNoMessages(t *testing.T) {
	tr := run(t, "exchange: tcp", "step: server listens on 80", "step: client connects to 80", "step: server accepts",
		`step: client sends "one"`, `step: client sends 3000 bytes at 500ms`, "step: server reads 3003 bytes", "step: client closes")
	tr.Messages = nil
	s := scene.New(story.NewTeller(tr))
	of, ok := s.Current(scene.All(), s.Teller().At(500*ms))
	if !ok || of.Table != trace.Calls || tr.Calls[of.Row].Span.Len() != 3000 {
		t.Fatalf("%+v", of)
	}
	v := s.Strip(of, s.Teller().At(tr.End), 10)
	if v.Size != 3000 || len(v.Pieces) != 3 || v.Pieces[0].Name != "B" || v.Pieces[0].Sent != scene.Acknowledged || v.Pieces[2].Got != scene.Read ||
		tr.Name(v.From) != "client" || tr.Name(v.To) != "server" {
		t.Errorf("%+v", v)
	}
}

// Two short messages may leave in one segment: the piece is a part of it.
func TestASegmentWithTwoMessages(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "size: 500", "count: 4", "reply: none", "nagle: true")
	var parts []string
	for row := range tr.Messages {
		for _, p := range s.Strip(trace.Ref{Table: trace.Messages, Row: row}, s.Teller().At(tr.End), 10).Pieces {
			parts = append(parts, fmt.Sprintf("%s %d-%d %v", p.Name, p.Span.Lo, p.Span.Hi, p.Part))
		}
	}
	want := "A 0-500 false; B 500-1000 true; B 1000-1500 true"
	if got := strings.Join(parts, "; "); !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

// A run that was given up leaves bytes that were never sent.
func TestWhatWasNeverSent(t *testing.T) {
	s, tr := sceneOf(t, "exchange: tcp", "size: 100kB", "reply: none", "cut: 60ms", "limit-time: 5s")
	v := s.Strip(trace.Ref{Table: trace.Messages, Row: 0}, s.Teller().At(tr.End), 1000)
	if len(v.Pieces) == 0 {
		t.Fatal("no pieces")
	}
	last := v.Pieces[len(v.Pieces)-1]
	if last.Row != -1 || last.Name != "" || last.Sent != scene.Unsent || last.Got != scene.NotHere || last.Span.Hi != v.Spans[0].Hi {
		t.Errorf("%+v", last)
	}
}

// A capture knows of no arrivals, no states and no programs.
func TestWhatOnlyACaptureKnows(t *testing.T) {
	tr := run(t, "exchange: tcp", "size: 4380")
	tr.Origin, tr.Calls, tr.Messages, tr.Samples = trace.Capture, nil, nil, nil
	for i := range tr.Packets {
		p := &tr.Packets[i]
		p.Left, p.Arrived, p.Landed, p.Fate = trace.Never, trace.Never, 0, trace.UnknownAfter
	}
	s := scene.New(story.NewTeller(tr))
	m := s.Teller().At(tr.Packets[3].Sent)
	if n := len(s.UnderWay(scene.All(), m)); n == 0 || s.UnderWay(scene.All(), m)[n-1].Lost {
		t.Errorf("under way: %+v", s.UnderWay(scene.All(), m))
	}
	if e := s.Ends(0, m)[0].TCP; e.Known || e.State != trace.Closed || e.Segment != 1420 {
		t.Errorf("%+v", e)
	}
	if _, ok := s.Current(scene.All(), m); ok {
		t.Error("nobody knows what was said")
	}
}

func TestAnEmptyTrace(t *testing.T) {
	s := scene.New(story.NewTeller(&trace.Trace{}))
	rungs, lanes := s.Ladder(scene.All(), story.Moment{}, 10)
	if len(rungs)+len(lanes)+len(s.UnderWay(scene.All(), s.Teller().At(ms))) > 0 {
		t.Errorf("%v %v", rungs, lanes)
	}
}
