package dissect_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wirelab/export"
	"wirelab/packets"
	"wirelab/packets/capture"
	"wirelab/scenario"
	"wirelab/socketio"
	"wirelab/story"
	"wirelab/trace"
	"wirelab/trace/dissect"
)

// sockets is a run of Socket.IO, over a wire that loses so many of the packets.
func sockets(t *testing.T, seed uint64, loss float64) *trace.Trace {
	t.Helper()
	ex := socketio.Exchange{}
	s := scenario.Default(ex)
	s.Seed, s.Up.Loss, s.Down.Loss = seed, loss, loss
	s.Args["count"], s.Args["ack"], s.Args["size"], s.Args["binary"] = "3", "1", "3kB", "1"
	tr, err := scenario.Run(t.Context(), ex, s)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// saved is the file of what one host's card saw.
func saved(t *testing.T, tr *trace.Trace, vantage string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := export.Pcapng(&b, tr, story.Tell(tr), vantage); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// captured is a trace that knows no more than a file.
func captured(t *testing.T, file []byte, like *trace.Trace, skip func(n int) bool) *trace.Trace {
	t.Helper()
	tr := &trace.Trace{Origin: trace.Capture}
	rec := trace.NewRecorder(tr)
	for _, h := range like.Hosts {
		rec.Host(h)
	}
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		p, err := r.Next()
		if err == io.EOF {
			return tr
		}
		if err != nil {
			t.Fatal(err)
		}
		if skip != nil && skip(n) {
			continue
		}
		h := packets.Scan(p.Frame)
		from := uint16(slices.IndexFunc(like.Hosts, func(o trace.Host) bool { return o.Addr == h.Src }))
		at := p.At.Sub(like.Start)
		rec.Packet(trace.Packet{Sent: at, From: from, To: 1 - from}, p.Frame)
	}
}

// rows are messages without their times, in an order that does not need these.
func rows(tr *trace.Trace) (out []string) {
	number := map[int32]string{} // connections may be numbered otherwise
	for i := range tr.Conns {
		c := &tr.Conns[i]
		number[int32(i)] = fmt.Sprint(min(c.Ends[0].String(), c.Ends[1].String()))
	}
	for _, m := range tr.Messages {
		line := fmt.Sprintf("%s %s %s %q size %d head %d status %d id %q trouble %q", tr.Name(m.From), m.Kind, m.What, m.Text, m.Size, m.Head, m.Status, m.ID, m.Trouble)
		for _, s := range m.Spans {
			line += fmt.Sprintf(" %s[%d,%d)", number[s.Stream.Conn()], s.Lo, s.Hi)
		}
		if m.Parent >= 0 {
			line += " in " + tr.Messages[m.Parent].Text
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// A file has the same messages as the run, although it was made at one card, in
// another order and with copies.
func TestAFileHasTheMessagesOfTheRun(t *testing.T) {
	for _, loss := range []float64{0, 0.05} {
		for seed := range uint64(3) {
			run := sockets(t, seed+1, loss)
			want := rows(run)
			if len(want) < 20 {
				t.Fatalf("the run has only %d messages", len(want))
			}
			// What is lost on the way to the other card was sent all the same, so the
			// sender's card has it; the receiver's has it when it was sent again.
			for _, vantage := range []string{"client", "server"} {
				tr := captured(t, saved(t, run, vantage), run, nil)
				dissect.Add(tr)
				if got := rows(tr); !slices.Equal(got, want) {
					t.Errorf("loss %v, seed %d, at the %s:\n got %s\nwant %s", loss, seed+1, vantage, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
				}
			}
		}
	}
}

// A packet that the file does not have leaves a gap, and the rest of its
// direction is read if the gap is within content.
func TestAFileWithoutOneOfItsPackets(t *testing.T) {
	run := sockets(t, 1, 0)
	file := saved(t, run, "client")
	whole := len(rows(run))
	for skip := 1; skip <= len(run.Packets); skip++ {
		tr := captured(t, file, run, func(n int) bool { return n == skip })
		dissect.Add(tr)
		for i := range tr.Messages {
			if m := &tr.Messages[i]; m.Parent >= 0 && tr.Messages[m.Parent].Conn != m.Conn {
				t.Errorf("without packet %d: message %d is in one of another connection", skip, i)
			}
		}
		if n := len(tr.Messages); n > whole {
			t.Errorf("without packet %d there are %d messages, more than the %d of all", skip, n, whole)
		}
	}
}

// tshark's fields of the packets of a file that a filter lets pass, a line a
// value; what has several in a packet has several lines.
func fields(t *testing.T, tshark, file, filter string, keys ...string) (lines []string) {
	t.Helper()
	args := []string{"-r", file, "-Y", filter, "-T", "fields", "-E", "separator=\t", "-E", "aggregator=\x01"}
	for _, k := range keys {
		args = append(args, "-e", k)
	}
	out, err := exec.Command(tshark, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i := range strings.Split(columns[0], "\x01") {
			var row []string
			for _, c := range columns {
				values := strings.Split(c, "\x01")
				row = append(row, values[min(i, len(values)-1)])
			}
			lines = append(lines, strings.Join(row, " "))
		}
	}
	return lines
}

func TestAgreesWithTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	run := sockets(t, 1, 0)
	file := filepath.Join(t.TempDir(), "sockets.pcapng")
	if err := os.WriteFile(file, saved(t, run, "client"), 0o666); err != nil {
		t.Fatal(err)
	}
	x := dissect.NewIndex(run)
	var requests, responses, frames []string
	for i := range run.Messages {
		m := &run.Messages[i]
		switch m.Kind {
		case "http.request":
			line, _, _ := strings.Cut(string(x.Open(i).Bytes), " HTTP/1.1\r\n")
			requests = append(requests, line)
		case "http.response":
			responses = append(responses, fmt.Sprint(m.Status, " ", m.Size-m.Head))
		case "ws.frame":
			masked := 0
			if run.Name(m.From) == "client" {
				masked = 1
			}
			opcode := map[string]int{"text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}[m.What]
			frames = append(frames, fmt.Sprintf("%d %d %d", opcode, masked, m.Size-m.Head))
		}
	}
	for _, c := range []struct {
		name        string
		ours, their []string
	}{
		{"requests", requests, fields(t, tshark, file, "http.request", "http.request.method", "http.request.uri")},
		{"responses", responses, withZero(fields(t, tshark, file, "http.response", "http.response.code", "http.content_length"))},
		{"frames", frames, frameLines(fields(t, tshark, file, "websocket", "websocket.opcode", "websocket.mask", "websocket.payload_length", "websocket.payload_length_ext_16"))},
	} {
		slices.Sort(c.ours) // the file has what arrives at its card when it arrives
		slices.Sort(c.their)
		if len(c.ours) == 0 || !slices.Equal(c.ours, c.their) {
			t.Errorf("%s: here\n%s\ntshark\n%s", c.name, strings.Join(c.ours, "\n"), strings.Join(c.their, "\n"))
		}
	}
}

// withZero is a 0 where tshark names no length.
func withZero(lines []string) []string {
	for i, l := range lines {
		if strings.HasSuffix(l, " ") {
			lines[i] = l + "0"
		}
	}
	return lines
}

// frameLines takes the longer length where there is one.
func frameLines(lines []string) []string {
	for i, l := range lines {
		columns := strings.Split(l, " ")
		if columns[2] == "126" {
			columns[2] = columns[3]
		}
		mask := map[string]string{"True": "1", "False": "0"}
		if m, ok := mask[columns[1]]; ok {
			columns[1] = m
		}
		lines[i] = strings.Join(columns[:3], " ")
	}
	return lines
}
