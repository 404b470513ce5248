package export

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// wireshark runs one of Wireshark's programs, which must have nothing to say on
// standard error, and returns its output. Where it is not installed the test is
// skipped: it is a second opinion.
func wireshark(t *testing.T, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v: %s", program, err, &stderr)
	}
	for line := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(line, "Running as user ") { // of who runs it, not of the file
			t.Errorf("%s says: %s", program, line)
		}
	}
	return stdout.String()
}

// fields are what tshark is asked for, in this order.
var fields = []string{"frame.number", "frame.time_epoch", "frame.len", "frame.interface_name", "_ws.malformed", "ip.checksum.status", "tcp.checksum.status",
	"tcp.seq", "tcp.ack", "tcp.len", "frame.comment"}

func rows(t *testing.T, path string) (list []map[string]string) {
	t.Helper()
	// The programs do not speak HTTP on port 80, which Wireshark would look for.
	args := []string{"-n", "-r", path, "-d", "tcp.port==80,data", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "tcp.relative_sequence_numbers:TRUE",
		"-T", "fields", "-E", "separator=/t", "-E", "occurrence=a"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	for line := range strings.Lines(wireshark(t, "tshark", args...)) {
		row := map[string]string{}
		for i, v := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			row[fields[i]] = v
		}
		list = append(list, row)
	}
	return list
}

// expect is what the trace says that tshark must say of a packet.
func expect(tr *trace.Trace, p *trace.Packet, card string, at time.Duration) map[string]string {
	stamp := tr.Start.Add(at)
	want := map[string]string{
		"frame.time_epoch":     fmt.Sprintf("%d.%09d", stamp.Unix(), stamp.Nanosecond()),
		"frame.len":            strconv.Itoa(p.Len()),
		"frame.interface_name": card,
		"_ws.malformed":        "",
		"ip.checksum.status":   "1", // good
		"tcp.checksum.status":  "1",
	}
	h := packets.Scan(tr.Bytes(p))
	if p.Conn() < 0 { // ARP
		want["ip.checksum.status"], want["tcp.checksum.status"] = "", ""
		return want
	}
	data := p.Span
	if h.Flags.Has(packets.FIN) {
		data.Hi--
	}
	want["tcp.seq"] = strconv.FormatInt(p.Span.Lo+1, 10) // the SYN is byte -1 to us, 0 to Wireshark
	want["tcp.len"] = strconv.FormatInt(max(data.Hi, 0)-max(data.Lo, 0), 10)
	want["tcp.ack"] = "0"
	if h.Flags.Has(packets.ACK) {
		want["tcp.ack"] = strconv.FormatUint(uint64(h.Ack-tr.Conns[p.Conn()].ISN[1-p.Span.Stream.End()]), 10)
	}
	return want
}

// Wireshark opens every file without a word, decodes every frame, finds every
// checksum right, and counts as the trace does.
func TestWiresharkAgrees(t *testing.T) {
	for _, run1 := range runs {
		t.Run(run1.name, func(t *testing.T) {
			tr := run(t, run1.lines...)
			vantages := []string{Both, "client", "server"}
			if testing.Short() {
				vantages = vantages[:1]
			}
			for _, vantage := range vantages {
				path := save(t, tr, vantage)
				_, hosts, err := cardsOf(tr, vantage)
				if err != nil {
					t.Fatal(err)
				}
				got, seen := rows(t, path), sightings(tr, hosts)
				if len(got) != len(seen) {
					t.Fatalf("%s: Wireshark sees %d packets, the trace has %d", vantage, len(got), len(seen))
				}
				for i, s := range seen {
					p := &tr.Packets[s.row]
					card := p.To
					if s.out {
						card = p.From
					}
					for name, want := range expect(tr, p, tr.Name(card), s.at) {
						if got[i][name] != want {
							t.Errorf("%s: packet %d: %s is %q in Wireshark, %q in the trace", vantage, i+1, name, got[i][name], want)
						}
					}
					if lost := p.Fate.Lost(); (lost || p.Again) != (got[i]["frame.comment"] != "") {
						t.Errorf("%s: packet %d is %v, again %v, and its comment %q", vantage, i+1, p.Fate, p.Again, got[i]["frame.comment"])
					}
				}
			}
		})
	}
}

func save(t *testing.T, tr *trace.Trace, vantage string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), vantage+".pcapng")
	if err := os.WriteFile(path, file(t, tr, vantage), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCapinfosReadsTheFile(t *testing.T) {
	tr := run(t, "size: 60kB", "loss: 5%")
	_, list := records(t, file(t, tr, Both))
	out := wireshark(t, "capinfos", "-M", save(t, tr, Both))
	for _, want := range []string{
		"File type:           pcapng",
		"File encapsulation:  ether",
		"File timestamp precision:  nanoseconds (9)",
		fmt.Sprintf("Number of packets:   %d", len(list)),
		"Strict time order:   True",
		"Capture application: wirelab",
		"Capture comment:     exchange: tcp",
		"Number of interfaces in file: 2",
		"Name = client",
		"Name = server",
		"Time precision = nanoseconds (9)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("capinfos does not say %q in\n%s", want, out)
		}
	}
}

// A file that Wireshark has written anew holds the same.
func TestEditcapKeepsEverything(t *testing.T) {
	tr := run(t, "size: 60kB", "loss: 5%")
	before := save(t, tr, Both)
	after := filepath.Join(t.TempDir(), "after.pcapng")
	wireshark(t, "editcap", before, after)
	b, err := os.ReadFile(after)
	if err != nil {
		t.Fatal(err)
	}
	_, want := records(t, file(t, tr, Both))
	_, got := records(t, b)
	if len(got) != len(want) {
		t.Fatalf("there are %d packets, want %d", len(got), len(want))
	}
	for i := range want {
		if g, w := got[i], want[i]; g.Card != w.Card || !g.At.Equal(w.At) || g.Direction != w.Direction || g.Comment != w.Comment || !bytes.Equal(g.Frame, w.Frame) {
			t.Errorf("packet %d is now %+v, was %+v", i+1, g, w)
		}
	}
}
