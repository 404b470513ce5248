package scenario

import (
	"fmt"
	"strings"
	"testing"

	"wirelab/trace"
)

// play plays a story.
func play(t *testing.T, story string, settings ...string) (*trace.Trace, error) {
	t.Helper()
	text := "exchange: talk\nrate: none\n" + strings.Join(settings, "\n")
	for line := range strings.Lines(strings.TrimSpace(story)) {
		text += "\nstep: " + strings.TrimSpace(line)
	}
	s, ex, err := Parse(text, findTalk)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	tr, err := Run(t.Context(), ex, s)
	if tr == nil {
		t.Fatal(err)
	}
	return tr, err
}

// told is what the programs did, a line each: when it returned, who, what, how
// many bytes, and what came of it.
func told(tr *trace.Trace) string {
	var b strings.Builder
	for i := range tr.Calls {
		c := &tr.Calls[i]
		fmt.Fprintf(&b, "%v %s %s %d", c.End, tr.Name(c.Host), c.What, c.Span.Len())
		if c.Result != "" {
			b.WriteString(" " + c.Result[strings.LastIndex(c.Result, ": ")+1:])
		}
		b.WriteString("\n")
	}
	return b.String()
}

func wantStory(t *testing.T, tr *trace.Trace, want string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(want)) {
		lines = append(lines, strings.TrimSpace(line)+"\n")
	}
	if got := told(tr); got != strings.Join(lines, "") {
		t.Errorf("the programs did\n%swant\n%s", got, strings.Join(lines, ""))
	}
	if err := tr.Check(); err != nil {
		t.Error(err)
	}
}

func TestAStoryIsPlayed(t *testing.T) {
	tr, err := play(t, `
		server listens on 80
		client connects to 80
		client sends "hello" at 100ms
		server reads to the end
		server sends 19 bytes after client:3
		client finishes
		client reads to the end
		server closes
		client closes`)
	if err != nil {
		t.Error(err)
	}
	wantStory(t, tr, `
		40ms client connect 1
		0s server listen 0
		60ms server accept 1
		120ms server read 5
		100ms client write 5
		100ms client shutdown 1
		140ms client read 19
		120ms server read 0 EOF
		120ms server write 19
		120ms server close 1
		140ms client read 0 EOF
		140ms client close 0`)
}

// A step with a time is not done before it, one after another's not before that.
func TestStepsWait(t *testing.T) {
	tr, err := play(t, `
		server listens on 80
		client waits 1s
		client connects to 80
		server reads 3 after client:4
		client sends 3 bytes at 5s
		client closes
		server closes at 7s`)
	if err != nil {
		t.Error(err)
	}
	wantStory(t, tr, `
		0s server listen 0
		1.04s client connect 1
		5s client write 3
		5s client close 1
		5s server accept 1
		5.02s server read 3
		7s server close 1`)
}

func TestAHostMayHaveSeveralConnections(t *testing.T) {
	tr, err := play(t, `
		server listens on 80
		client connects to 80 as a
		client connects to 80 as b
		server accepts as a
		server accepts as b
		client sends 1 byte on b
		client sends 2 bytes on a
		server reads on a
		server reads on b
		client closes
		client waits 50ms
		client resets on b`)
	if err != nil {
		t.Error(err)
	}
	wantStory(t, tr, `
		40ms client connect 1
		0s server listen 0
		60ms server accept 1
		80ms client connect 1
		100ms server accept 1
		80ms client write 1
		80ms client write 2
		80ms client close 1
		100ms server read 2
		100ms server read 1
		130ms client close 0`)
}

// A server of datagrams answers whom it heard.
func TestAStoryOfDatagrams(t *testing.T) {
	tr, err := play(t, `
		server listens on 9000 over udp
		server reads over udp
		server sends "yes" over udp
		client sends "there?" to 9000 over udp
		client reads over udp
		client closes
		client sends 5 to 9000 over udp`)
	if err == nil || err.Error() != `client, step 4 (client sends 5 bytes to 9000 over udp): write udp 10.0.0.1:45619: use of closed network connection` {
		t.Error(err)
	}
	wantStory(t, tr, `
		0s client write 6
		40ms client read 3
		20ms server read 6
		20ms server write 3
		40ms client close 0
		40ms client write 0  use of closed network connection`)
}

// The server is beyond the routers, and they take no part.
func TestAStoryAcrossRouters(t *testing.T) {
	s, ex, err := Parse("exchange: far\nrate: none\nstep: server listens on 80\nstep: client connects to 80\nstep: server sends 5\nstep: client reads 5",
		func(string) (Exchange, []string) { return far{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Run(t.Context(), ex, s)
	if err != nil {
		t.Error(err)
	}
	wantStory(t, tr, `
		120ms client connect 1
		0s server listen 0
		180ms server accept 1
		240ms client read 5
		180ms server write 5`)
	for _, m := range tr.Messages {
		if tr.Name(m.From) != "server" || tr.Name(m.To) != "client" {
			t.Errorf("a message goes from %s to %s", tr.Name(m.From), tr.Name(m.To))
		}
	}
}

// far is talk with two routers on the way.
type far struct{ talk }

func (far) Name() string              { return "far" }
func (far) Network(*Scenario) Network { return Chain(2) }

// A step that fails is told, and the others go on, and those that waited for it.
func TestAStepThatFailsEndsNothingElse(t *testing.T) {
	for _, c := range []struct{ story, fails, want string }{
		{`server listens on 80
		client connects to 81
		client connects to 80 at 1s
		client sends 5
		server reads after client:1`,
			`client, step 1 (client connects to 81): dial tcp 10.0.0.2:81: connection refused`, `
		40ms client connect 1  connection refused
		0s server listen 0
		1.06s server accept 1
		1.04s client connect 1
		1.04s client write 5
		1.06s server read 5`},
		{`client closes
		server listens on 80`,
			`client, step 1 (client closes): it has no connection`, `
		0s server listen 0`},
		{`client accepts`,
			`client, step 1 (client accepts): it does not listen`, `
		`},
		{`server listens on 80
		client connects to 80
		client connects to 80
		client closes
		server closes`,
			`client, step 2 (client connects to 80): it has a connection already; give this one a name: as NAME`, `
		40ms client connect 1
		0s server listen 0
		60ms server accept 1
		40ms client close 1
		60ms server close 1`},
		{`server listens on 80
		client connects to 80 as a
		client connects to 80 as a`,
			`client, step 2 (client connects to 80 on a): it has a connection "a" already; give this one another name`, `
		40ms client connect 1
		0s server listen 0`},
		{`server listens on 80
		client connects to 80
		server sends 5
		client closes on b
		client resets
		server reads at 1s`,
			`client, step 2 (client closes on b): it has no connection "b"`, `
		40ms client connect 1
		0s server listen 0
		60ms server accept 1
		40ms client close 0
		60ms server write 0  connection reset by peer
		1s server read 0 EOF`},
		{`client sends 5 to 9 over udp
		client finishes over udp
		client reads over udp at 1s`,
			`client, step 2 (client finishes over udp): finishes is nothing for UDP: it has no connection; and then the run is stuck: after 1s nothing was left to happen; still waiting: client read since 1s`, `
		0s client write 5
		-1ns client read 0`},
		{`client reads over udp
		client closes
		server sends 5 to 9 over udp`,
			`the run is stuck: after 40ms nothing was left to happen; still waiting: client read since 0s`, `
		-1ns client read 0
		0s server write 5`},
	} {
		tr, err := play(t, c.story)
		if fmt.Sprint(err) != c.fails {
			t.Errorf("%s\nfails with %v, want %s", c.story, err, c.fails)
		}
		wantStory(t, tr, c.want)
	}
}
