package stage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"wirelab/story"
	"wirelab/tui/keys"
)

// anyRun is a random exchange over a wire on which things go wrong: small, so
// that many can be run.
func anyRun(r *rand.Rand) (exchange string, settings []string) {
	some := func(words ...string) string { return words[r.IntN(len(words))] }
	set := func(words ...string) {
		if w := some(words...); w != "" {
			settings = append(settings, w)
		}
	}
	exchange = some("tcp", "tcp", "tcp", "tcp", "udp", "udp", "ping", "traceroute", "dns")
	switch exchange {
	case "tcp":
		set("size=1", "size=100", "size=4380", "size=20kB", "message=hello")
		set("", "count=3", "reply=none", "reply=19", "half-close=true", "reset=true", "close-after=10ms")
		set("", "", "clients=2", "clients=5", "to-port=81", "rcvbuf=4096", "nagle=true", "no-sack=true", "hops=1", "middlebox=forward")
		set("", "", "read-after=500ms", "cc=cubic", "mtu=576")
	case "udp":
		set("size=1", "size=100", "size=3000", "size=6000")
		set("", "count=5", "count=20", "to-port=81", "hops=2", "reply=none")
	case "ping":
		set("", "size=3000", "hops=2", "ttl=1")
	case "dns":
		set("", "answers=40", "name=nobody.invalid", "type=TXT")
	}
	set("", "", "cold=true", "ipv6=true")
	set("", "", "loss=5%", "loss=20%", "duplicate=20%", "reorder=20%", "corrupt=5%", "loss=100%")
	set("", "", "rate=100kbit", "rate=1mbit", "rate=none", "queue=3p", "jitter=10ms", "delay=0s", "cut=50ms", "block=tcp:80")
	settings = append(settings, fmt.Sprintf("seed=%d", r.IntN(1000)), "limit-time="+some("70ms", "10s", "1m"))
	return exchange, settings
}

// somebody sits in front of a random run.
func somebody(t *testing.T, r *rand.Rand) *seat {
	for {
		exchange, settings := anyRun(r)
		if _, _, err := asked(exchange, settings); err == nil {
			return sit(t, exchange, settings...)
		}
	}
}

// TestAnyKeysAtAnySize presses keys and clicks at random, in windows of any size
// and one that changes, and holds what must always be so.
func TestAnyKeysAtAnySize(t *testing.T) {
	runs := 60
	if testing.Short() {
		runs = 10
	}
	all := keys.All()
	for seed := range runs {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		s := somebody(t, r)
		var pressed []string
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("seed %d, after %s: %v", seed, strings.Join(pressed, " "), p)
					panic(p)
				}
			}()
			for range 120 {
				w, h := 40+r.IntN(161), 20+r.IntN(51)
				if r.IntN(4) == 0 {
					w, h = r.IntN(80), r.IntN(30)
				}
				s.look.Words, s.look.Motion = r.IntN(4) > 0, r.IntN(4) == 0
				c := s.canvas(w, h)
				if lines := strings.Count(c.Text(), "\n"); lines != max(h-2, 0) {
					t.Fatalf("%d rows in a window of %d", lines, h)
				}
				for _, line := range strings.Split(c.Text(), "\n") {
					if n := utf8.RuneCountInString(line); n > w {
						t.Fatalf("a row of %d columns in a window of %d: %q", n, w, line)
					}
				}
				switch {
				case s.top().Input() != nil:
					pressed = append(pressed, "(typed)")
					s.enter([]string{"", "ack", "40ms", "20", "x", "-1", "none"}[r.IntN(7)])
					if in := s.top().Input(); in != nil {
						in.Key("esc")
					}
				case r.IntN(5) == 0:
					if target := c.Hit(r.IntN(w+1), r.IntN(h+1)); target != nil {
						pressed = append(pressed, fmt.Sprintf("click(%T %v)", target, target))
						s.apply(s.top().Click(target))
					}
				case r.IntN(5) == 0:
					pressed = append(pressed, "(tick)")
					if s.top().Moving() {
						s.top().Tick(time.Duration(r.IntN(100)) * time.Millisecond)
					}
				default:
					k := all[r.IntN(len(all))]
					pressed = append(pressed, k.Names[0])
					s.do(k.Action)
				}
				if wrong := s.stage.check(); wrong != "" {
					t.Fatalf("seed %d, after %s: %s", seed, strings.Join(pressed, " "), wrong)
				}
			}
		}()
	}
}

// check says what is not as it must be.
func (s *Stage) check() string {
	tr := s.now.tr
	within := func(n, of int) bool { return n >= -1 && n < of }
	rows := map[story.Zoom]int{story.Calls: len(tr.Calls), story.Messages: len(tr.Messages), story.Packets: 1 << 30}
	n, done := s.tell.Len(), s.at.Done
	switch {
	case !within(s.chosen, len(tr.Packets)):
		return fmt.Sprintf("packet %d of %d is chosen", s.chosen, len(tr.Packets))
	case !within(s.row, rows[s.zoom]):
		return fmt.Sprintf("row %d of %d %s is chosen", s.row, rows[s.zoom], s.zoom)
	case !within(int(s.conn), len(tr.Conns)), s.conn < 0 && len(tr.Conns) > 0:
		return fmt.Sprintf("connection %d of %d is shown", s.conn, len(tr.Conns))
	case done < 0 || done > n:
		return fmt.Sprintf("%d of %d events are done", done, n)
	case done > 0 && s.tell.Place(done-1).At > s.at.At:
		return fmt.Sprintf("event %d of later is done at %v", done-1, s.at.At)
	case done < n && s.tell.Place(done).At < s.at.At:
		return fmt.Sprintf("event %d of earlier is not done at %v", done, s.at.At)
	case s.chosen >= 0 && !s.picked && !s.tell.Sent(s.chosen, s.at):
		return fmt.Sprintf("the moment chose packet %d, which is not sent yet", s.chosen)
	}
	return ""
}

// TestForwardAndBackIsWhereItBegan goes some steps on and as many back, and
// there everything is as it was.
func TestForwardAndBackIsWhereItBegan(t *testing.T) {
	for seed := range 30 {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		s := somebody(t, r)
		for range 20 {
			s.press([]string{"z", "z", "]", "esc", "\\"}[r.IntN(5)])
			of := s.stage.tell.Count(s.stage.zoom)
			s.press("g").times(r.IntN(min(of, 40)+1), "right")
			k, after := 0, s.stage.at.Done
			want := r.IntN(30)
			for ; k < want; k++ { // as far as there are steps
				i := s.stage.next(after)
				if i < 0 {
					break
				}
				after = i + 1
			}
			before, at := s.draw(120, 40), s.stage.at
			s.times(k, "right")
			s.times(k, "left")
			if s.stage.at != at {
				t.Fatalf("seed %d: %s from %+v, %d on and %d back is %+v", seed, s.stage.zoom, at, k, k, s.stage.at)
			}
			if got := s.draw(120, 40); got != before {
				t.Fatalf("seed %d: after %d steps on and back\nwas:\n%s\nis:\n%s", seed, k, before, got)
			}
		}
	}
}

// TestStepsAreTheEventsOfTheZoomInOrder steps through whole runs.
func TestStepsAreTheEventsOfTheZoomInOrder(t *testing.T) {
	for seed := range 12 {
		s := somebody(t, rand.New(rand.NewPCG(uint64(seed), 3)))
		for range 3 {
			s.press("g")
			z := s.stage.zoom
			for n := range min(s.stage.tell.Count(z), 400) {
				s.press("right")
				if got, want := s.stage.event(), s.stage.tell.Nth(z, n); got != want {
					t.Fatalf("seed %d: step %d of %s is event %d, want %d", seed, n, z, got, want)
				}
			}
			s.press("z")
		}
	}
}

// TestStepsOfAConnectionAreItsOwnAndThoseOfNone steps through the connections of
// a run with several.
func TestStepsOfAConnectionAreItsOwnAndThoseOfNone(t *testing.T) {
	s := sit(t, "tcp", "clients=3", "cold=true", "loss=5%")
	for range 3 {
		s.press("] g")
		conn := s.stage.conn
		var want []int
		for i := range s.stage.tell.Len() {
			if p := s.stage.tell.Place(i); p.Zoom == story.Packets && (p.Conn == conn || p.Conn < 0) {
				want = append(want, i)
			}
		}
		for n, i := range want {
			s.press("right")
			if s.stage.at != s.stage.tell.After(i) || s.stage.conn != conn {
				t.Fatalf("step %d of connection %d is %+v of connection %d, want that after event %d", n, conn, s.stage.at, s.stage.conn, i)
			}
		}
		for n := len(want) - 2; n >= 0; n-- {
			if s.press("left"); s.stage.at != s.stage.tell.After(want[n]) {
				t.Fatalf("back to step %d of connection %d is %+v", n, conn, s.stage.at)
			}
		}
	}
}

// TestTimesAndLandmarksAreTheTellers goes to times and landmarks.
func TestTimesAndLandmarksAreTheTellers(t *testing.T) {
	for seed := range 20 {
		r := rand.New(rand.NewPCG(uint64(seed), 4))
		s := somebody(t, r)
		end := s.stage.end()
		for range 10 {
			at := time.Duration(r.Int64N(int64(end.At) + 1))
			if s.press("@").enter(at.String()); s.stage.at != s.stage.tell.At(at) {
				t.Errorf("seed %d: %v is %+v, want %+v", seed, at, s.stage.at, s.stage.tell.At(at))
			}
			for key, what := range map[string]story.Landmark{"L": story.Loss, "R": story.Again, "S": story.Change, "C": story.CallMark} {
				before := s.stage.at
				i, ok := s.stage.tell.Next(before.Done-1, 1, what)
				s.press(key)
				if ok && s.stage.at != s.stage.tell.After(i) || !ok && (s.stage.at != before || s.said == "") {
					t.Errorf("seed %d: %s from %+v is %+v (%q), want that after event %d", seed, key, before, s.stage.at, s.said, i)
				}
				// Some time later the last one is the one before; standing on it, another.
				if last, ok := s.stage.tell.Next(s.stage.at.Done, -1, what); ok && s.stage.at.At < end.At {
					at := s.stage.tell.At(s.stage.tell.After(last).At + 1)
					want, _ := s.stage.tell.Next(at.Done, -1, what)
					s.stage.stopAt(at)
					if s.press(map[string]string{"L": "ctrl+l", "R": "ctrl+r", "S": "ctrl+s", "C": "ctrl+k"}[key]); s.stage.at != s.stage.tell.After(want) {
						t.Errorf("seed %d: back with %s from %+v is %+v, want that after event %d", seed, key, at, s.stage.at, want)
					}
				}
			}
		}
	}
}

// TestUndoGivesTheSameScreen changes history in every way, and takes that back.
func TestUndoGivesTheSameScreen(t *testing.T) {
	changed := 0
	for seed := range 25 {
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		s := somebody(t, r)
		for _, key := range []string{"x", "d", "2", "c", "s", "r"} {
			s.press("g").times(r.IntN(min(30, s.stage.tell.Count(s.stage.zoom))+1), "right")
			s.times(r.IntN(4), "up")
			s.times(r.IntN(3), "z")
			before, command := s.draw(120, 40), s.stage.footer
			n := len(s.stage.past)
			s.press(key)
			if len(s.stage.past) == n {
				continue // it could not be done, and said why
			}
			if s.stage.footer == command {
				t.Errorf("seed %d: %s changes nothing: %s", seed, key, command)
			}
			changed++
			s.press("u")
			if after := s.draw(120, 40); after != before || s.stage.footer != command {
				t.Fatalf("seed %d: after %s and undo of %s\nwas:\n%s\nis:\n%s", seed, key, command, before, after)
			}
		}
	}
	if changed < 80 {
		t.Errorf("history was changed only %d times", changed)
	}
}

// TestAZoomKeepsTheMoment looks from further away and comes back.
func TestAZoomKeepsTheMoment(t *testing.T) {
	for seed := range 20 {
		r := rand.New(rand.NewPCG(uint64(seed), 6))
		s := somebody(t, r)
		for range 10 {
			s.stage.stopAt(s.stage.tell.After(r.IntN(s.stage.tell.Len()+1) - 1))
			before, at := s.draw(120, 40), s.stage.at
			for range 3 {
				if s.press("z"); s.stage.at != at {
					t.Errorf("seed %d: at %s it is %+v, and was %+v", seed, s.stage.zoom, s.stage.at, at)
				}
			}
			if after := s.draw(120, 40); after != before {
				t.Fatalf("seed %d: the zooms and back\nwas:\n%s\nis:\n%s", seed, before, after)
			}
		}
	}
}

// TestNowAndWhyAreTheWordsOfTheListing holds that every step says what the plain
// listing says of it, the rule, and where that stands.
func TestNowAndWhyAreTheWordsOfTheListing(t *testing.T) {
	for _, of := range []struct {
		exchange string
		settings []string
	}{
		{"tcp", nil},
		{"tcp", []string{"size=14kB", "drop=client:5", "clients=2"}},
		{"tcp", []string{"size=30kB", "rcvbuf=8kB", "read-after=1s", "ipv6=true", "cold=true"}},
		{"udp", []string{"size=3000", "count=5", "loss=20%"}},
		{"udp", []string{"to-port=81"}},
		{"dns", []string{"answers=40"}},
		{"ping", []string{"hops=2", "cold=true"}},
		{"traceroute", nil},
	} {
		s := sit(t, of.exchange, of.settings...)
		var plain strings.Builder
		if err := story.Plain(&plain, s.stage.now.tr, story.Tell(s.stage.now.tr), 0, story.Zooms()...); err != nil {
			t.Fatal(err)
		}
		for _, z := range story.Zooms() {
			s.stage.setZoom(z)
			s.press("g")
			for n := range s.stage.tell.Count(z) {
				s.press("right")
				e := s.stage.tell.Event(s.stage.tell.Nth(z, n))
				if !strings.Contains(plain.String(), e.Text) {
					t.Fatalf("the listing does not say %q", e.Text)
				}
				seen := strings.Join(strings.Fields(s.draw(120, 40)), " ")
				_, seen, ok := strings.Cut(seen, " Now ")
				now := strings.Join(strings.Fields(e.Who+" "+e.Text), " ")
				said, why, _ := strings.Cut(seen, " Why ")
				// "Client to server: SYN", or "Server receives SYN".
				who := strings.ToLower(said + " " + strings.Replace(said, ": ", " ", 1))
				if !ok || !strings.Contains(who, strings.ToLower(now)) {
					t.Errorf("%s %v, %s step %d: Now is %q, want the words %q", of.exchange, of.settings, z, n+1, said, now)
				}
				if want := strings.Join(strings.Fields(e.Why+" "+strings.ReplaceAll(e.RFC, " section ", " §")), " "); e.Why != "" && why != want {
					t.Errorf("%s %v, %s step %d: Why is %q, want %q", of.exchange, of.settings, z, n+1, why, want)
				}
			}
		}
	}
}

// TestFindGoesToTheNextLineWithTheText finds every line of a listing by its own
// words, on and back.
func TestFindGoesToTheNextLineWithTheText(t *testing.T) {
	s := sit(t, "tcp", "size=14kB", "drop=client:5")
	for i := range s.stage.tell.Len() {
		e := s.stage.tell.Event(i)
		s.stage.stopAt(s.stage.tell.After(i - 1))
		s.find(e.Text)
		if s.stage.at != s.stage.tell.After(i) || s.stage.zoom != e.Zoom {
			t.Errorf("%q from the event before: %+v at %s, want event %d", e.Text, s.stage.at, s.stage.zoom, i)
		}
		s.stage.stopAt(s.stage.tell.After(min(i+1, s.stage.tell.Len()-1)))
		if i+1 < s.stage.tell.Len() {
			if s.press("N").settle(); s.stage.at != s.stage.tell.After(i) {
				t.Errorf("%q from the event behind: %+v, want event %d", e.Text, s.stage.at, i)
			}
		}
	}
	s.press("/").enter("nobody says this").settle()
	if !strings.Contains(s.top().Footer(), "not found") {
		t.Errorf("the footer says %q", s.top().Footer())
	}
	if s.press("left"); s.top().Footer() != s.stage.footer {
		t.Errorf("after another key the footer says %q", s.top().Footer())
	}
}

// TestASearchThroughManyEventsGoesOnByItself looks for something far away, and
// stops looking at a key.
func TestASearchThroughManyEventsGoesOnByItself(t *testing.T) {
	s := sit(t, "tcp", "size=6MB", "reply=none", "rate=1gbit")
	if n := s.stage.tell.Len(); n < 2*atOnce {
		t.Fatalf("only %d events", n)
	}
	s.press("/").enter("is now last-ack")
	if !s.top().Moving() || s.stage.at.Done != 0 {
		t.Fatalf("it was found at once: %+v", s.stage.at)
	}
	s.top().Tick(0)
	s.press("+")
	if s.top().Moving() {
		t.Error("a key does not end it")
	}
	s.press("n").settle()
	if e := s.stage.tell.Event(s.stage.at.Done - 1); e.Text != "is now LAST-ACK" {
		t.Errorf("found %q", e.Text)
	}
}

// TestHistoriesPartWithTheFirstEventThatIsNotTheSame changes history and looks
// for that event the long way.
func TestHistoriesPartWithTheFirstEventThatIsNotTheSame(t *testing.T) {
	parted := 0
	for seed := range 25 {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		s := somebody(t, r)
		for _, key := range []string{"x", "d", "2", "c", "r"} {
			s.press("g").times(r.IntN(30)+1, "right").press(key)
			if s.stage.before == nil {
				continue
			}
			was, is := s.stage.before, s.stage.now
			want := 0
			for n := min(was.tell.Len(), is.tell.Len()); want < n; want++ {
				p, q := was.tell.Place(want), is.tell.Place(want)
				if p != q {
					break
				}
				if p.Kind == story.Sent {
					if a, b := &was.tr.Packets[p.Row], &is.tr.Packets[p.Row]; a.Fate != b.Fate || a.Flip != b.Flip {
						break
					}
				}
			}
			if got := parting(was, is); got != want {
				t.Errorf("seed %d, %s: they part at event %d, want %d", seed, key, got, want)
			}
			if want < was.tell.Len() {
				parted++
			}
		}
	}
	if parted < 50 {
		t.Errorf("only %d histories parted", parted)
	}
}

// TestTheChosenPacketIsInTheLadderAndOnTheCable holds that nobody has to look
// for it, however many there are.
func TestTheChosenPacketIsInTheLadderAndOnTheCable(t *testing.T) {
	flying := 0
	for _, s := range []*seat{
		sit(t, "tcp", "size=1MB", "rate=1gbit", "loss=2%", "reply=none"),
		sit(t, "tcp", "clients=20", "size=20kB"),
		sit(t, "udp", "count=200", "reply=none", "loss=10%"),
		sit(t, "udp", "size=6000", "count=3"),
	} {
		r := rand.New(rand.NewPCG(uint64(s.stage.tell.Len()), 8))
		for range 150 {
			s.stage.stopAt(s.stage.tell.After(r.IntN(s.stage.tell.Len())))
			s.times(r.IntN(3), "up")
			if s.stage.chosen < 0 {
				continue // nothing has been sent yet
			}
			c := s.canvas(120, 40)
			at, ok := c.Cursor()
			rows := strings.Split(c.Text(), "\n")
			if !ok {
				t.Fatalf("%s: packet %d is nowhere:\n%s", s.stage.footer, s.stage.chosen, c.Text())
			}
			if f, there := s.stage.flight(s.stage.chosen); there && !f.Lost && s.stage.shows(f.Row) {
				flying++
				name := label(s.stage.tell, f.Row)
				if !strings.HasPrefix(string([]rune(rows[at.Y])[at.X:]), strings.TrimSpace(s.stage.wagonOn(f, f.From != s.stage.way()[0], 102))) {
					t.Fatalf("%s: %s is not on the cable at %v:\n%s", s.stage.footer, name, at, c.Text())
				}
			}
		}
	}
	if flying < 100 {
		t.Errorf("only %d packets were on a cable", flying)
	}
}
