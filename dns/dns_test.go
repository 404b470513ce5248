package dns_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wirelab/dns"
	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
)

// resolve runs the exchange with some words set and returns the trace and what
// the resolver found.
func resolve(t *testing.T, set ...string) (*trace.Trace, string, error) {
	t.Helper()
	ex := dns.Exchange{}
	s := scenario.Default(ex)
	words := scenario.Words(ex)
	for _, w := range set {
		name, value, _ := strings.Cut(w, ": ")
		found := false
		for i := range words {
			if words[i].Name == name {
				found = true
				if err := words[i].Set(&s, value); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !found {
			t.Fatalf("there is no word %q", name)
		}
	}
	tr, err := scenario.Run(context.Background(), ex, s)
	if tr == nil {
		return nil, "", err
	}
	for _, c := range tr.Calls {
		if c.What == "resolve" {
			return tr, c.Note, err
		}
	}
	t.Fatal("the resolver did not resolve")
	return nil, "", nil
}

// took is the lab time that resolving took.
func took(tr *trace.Trace) time.Duration {
	for _, c := range tr.Calls {
		if c.What == "resolve" {
			return c.End - c.Start
		}
	}
	return trace.Never
}

const ms = time.Millisecond

func TestOneQuestionIsOneRoundTrip(t *testing.T) {
	tr, note, err := resolve(t, "delay: 10ms", "rate: none")
	if err != nil || note != "A 192.0.2.1, over UDP" {
		t.Fatalf("resolved %q, %v", note, err)
	}
	if len(tr.Packets) != 2 || took(tr) != 20*ms {
		t.Errorf("%d packets and %v; want 2, and a round trip of 20ms", len(tr.Packets), took(tr))
	}
	q, err := packets.ParseDNS(payload(tr, 0))
	if err != nil || q.Response || !q.RecursionDesired || q.Questions[0].String() != "A www.example.test" {
		t.Errorf("the first packet carries %+v, %v", q, err)
	}
	if tr.Messages[0].Kind != "dns.query" || tr.Messages[1].Kind != "dns.answer" || tr.Messages[1].Arrived != 20*ms {
		t.Errorf("the messages are %+v", tr.Messages)
	}
}

// payload is what packet row carries behind its headers.
func payload(tr *trace.Trace, row int) []byte {
	frame := tr.Bytes(&tr.Packets[row])
	h := packets.Scan(frame)
	return frame[h.Off : h.Off+h.Len]
}

func TestANameThatThereIsNot(t *testing.T) {
	if _, note, err := resolve(t, "name: nobody.invalid"); err != nil || note != "there is no name nobody.invalid, over UDP" {
		t.Errorf("resolved %q, %v", note, err)
	}
}

func TestAnotherTypeOfRecord(t *testing.T) {
	for kind, want := range map[string]string{"AAAA": "2001:db8::1", "MX": "mail1.example.test", "NS": "ns1.example.test", "TXT": "record 1"} {
		if _, note, err := resolve(t, "type: "+kind); err != nil || !strings.Contains(note, want) {
			t.Errorf("%s: resolved %q, %v; want %q in it", kind, note, err, want)
		}
	}
}

// A question that is lost is asked again after the timeout, and the answer then
// takes its round trip.
func TestALostQuestionIsAskedAgain(t *testing.T) {
	for lost, touch := range map[string]string{"question": "drop: client:1", "answer": "drop: server:1"} {
		tr, note, err := resolve(t, "delay: 10ms", "rate: none", "timeout: 3s", touch)
		if err != nil || note != "A 192.0.2.1, over UDP" {
			t.Fatalf("%s lost: resolved %q, %v", lost, note, err)
		}
		if want := 3*time.Second + 20*ms; took(tr) != want {
			t.Errorf("%s lost: took %v, want %v", lost, took(tr), want)
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	tr, _, err := resolve(t, "loss: 100%", "tries: 4", "timeout: 1s")
	if err == nil || !strings.Contains(err.Error(), "no answer to 4 questions") {
		t.Errorf("the error is %v", err)
	}
	if len(tr.Packets) != 4 || took(tr) != 4*time.Second {
		t.Errorf("%d packets in %v; want 4 in 4s", len(tr.Packets), took(tr))
	}
}

// An answer of more than 512 bytes is truncated, and had over TCP.
func TestALargeAnswerComesOverTCP(t *testing.T) {
	tr, note, err := resolve(t, "answers: 40", "delay: 10ms", "rate: none")
	if err != nil || !strings.HasPrefix(note, "40 records") || !strings.Contains(note, "over TCP") {
		t.Fatalf("resolved %q, %v", note, err)
	}
	a, err := packets.ParseDNS(payload(tr, 1))
	if err != nil || !a.Truncated || len(a.Answers) != 0 {
		t.Errorf("the answer over UDP is %+v, %v", a, err)
	}
	if want := 3 * 20 * ms; took(tr) != want { // UDP, handshake, question
		t.Errorf("took %v, want %v", took(tr), want)
	}
}

// With EDNS the resolver offers to take more, and the answer comes at once.
func TestEDNSMakesRoom(t *testing.T) {
	tr, note, err := resolve(t, "answers: 40", "edns: 4096", "delay: 10ms", "rate: none")
	if err != nil || !strings.HasPrefix(note, "40 records") || !strings.HasSuffix(note, "over UDP") {
		t.Fatalf("resolved %q, %v", note, err)
	}
	if took(tr) != 20*ms {
		t.Errorf("took %v, want one round trip", took(tr))
	}
}

func TestIPv6AndRouters(t *testing.T) {
	if _, note, err := resolve(t, "ipv6: true", "hops: 2", "type: AAAA"); err != nil || !strings.Contains(note, "2001:db8::1") {
		t.Errorf("resolved %q, %v", note, err)
	}
}

func TestANameThatCannotBeAsked(t *testing.T) {
	if _, _, err := resolve(t, "name: "+strings.Repeat("x", 64)+".test"); err == nil || !strings.HasPrefix(err.Error(), "name: ") {
		t.Errorf("the error is %v", err)
	}
}
