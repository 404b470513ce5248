package flow_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wirelab/packets/capture"
	"wirelab/packets/flow"
)

// analysis are Wireshark's fields that say the same as a label, or nearly.
func analysis() (fields []string) {
	for l := flow.NoLabel + 1; l <= flow.BadChecksum; l++ {
		if k := l.Key(); strings.HasPrefix(k, "tcp.analysis.") && !slices.Contains(fields, k) {
			fields = append(fields, k)
		}
	}
	return append(fields, "tcp.stream")
}

// wireshark returns for each packet of a view what tshark says of it.
func wireshark(t *testing.T, tshark string, v *view) []map[string]string {
	path := filepath.Join(t.TempDir(), "seen.pcapng")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := capture.NewWriter(file, capture.Section{Application: "test"}, "card")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range v.seen {
		if err := w.Write(capture.Record{At: v.tr.Start.Add(s.at()), Frame: v.tr.Bytes(s.p)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	file.Close()
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "separator=/t"}
	for _, f := range analysis() {
		args = append(args, "-e", f)
	}
	out, err := exec.Command(tshark, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for l := range strings.SplitSeq(strings.TrimSuffix(string(out), "\n"), "\n") {
		said := map[string]string{}
		for i, value := range strings.Split(l, "\t") {
			if value != "" {
				said[analysis()[i]] = value
			}
		}
		all = append(all, said)
	}
	return all
}

// again are the fields of Wireshark that say that numbers were seen before, or
// came out of order: which of them it is, is told apart by other rules here.
var again = []string{"retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order", "keep_alive", "rto"}

// TestBesideWireshark holds the labels against Wireshark's on captures at the
// clients' card. docs/FLOW.md says where the two differ, and why; beside that
// they are the same.
func TestBesideWireshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	if testing.Short() {
		t.Skip("long")
	}
	table := map[string]int{}
	for seed := range uint64(10) {
		v := look(experiment(t, append(chance(seed), "corrupt", "0%")), 0)
		said := wireshark(t, tshark, v)
		if len(said) != len(v.seen) {
			t.Fatalf("seed %d: %d packets, and tshark has %d", seed, len(v.seen), len(said))
		}
		for i := range v.seen {
			s := &v.seen[i]
			where := fmt.Sprintf("seed %d packet %d (here: %s; Wireshark: %v)", seed, i+1, s.words(), keys(said[i]))
			if n, _ := strconv.Atoi(said[i]["tcp.stream"]); s.flow != nil && n != s.flow.Number {
				t.Errorf("%s: stream %d, and Wireshark has %d", where, s.flow.Number, n)
			}
			theirs := func(field string) bool { _, ok := said[i]["tcp.analysis."+field]; return ok }
			if s.has(flow.ZeroWindow) != theirs("zero_window") {
				t.Errorf("%s: zero window", where)
			}
			if s.has(flow.DuplicateACK) && !s.has(flow.ZeroWindow) && !theirs("duplicate_ack") {
				t.Errorf("%s: duplicate ACK", where)
			}
			_, seq := s.label[flow.AboutSequence]
			if there := slices.ContainsFunc(again, theirs); s.p.Span.Empty() {
				// Wireshark does not look for bare acknowledgments out of order.
			} else if seq != there {
				table["seen before or out of order: only one of the two"]++
			} else if seq {
				table["seen before or out of order: both"]++
			}
			s.compare(said[i], table)
		}
	}
	var lines []string
	for k, n := range table {
		lines = append(lines, fmt.Sprintf("%s: %d", k, n))
	}
	slices.Sort(lines)
	t.Log("\n" + strings.Join(lines, "\n"))
	if both, one := table["seen before or out of order: both"], table["seen before or out of order: only one of the two"]; one > both/15 {
		t.Errorf("%d packets are called so by both, %d by one only", both, one)
	}
}

// compare counts, for each field of Wireshark, who says it.
func (s *sight) compare(said map[string]string, table map[string]int) {
	for _, key := range analysis() {
		_, theirs := said[key]
		ours := false
		for _, f := range s.label {
			ours = ours || f.Label.Key() == key
		}
		switch {
		case key == "tcp.stream":
		case theirs && ours:
			table[key+": both"]++
		case theirs:
			table[fmt.Sprintf("%s: only Wireshark (here: %s)", key, s.words())]++
		case ours:
			table[fmt.Sprintf("%s: only here (Wireshark: %v)", key, keys(said))]++
		}
	}
}

func keys(m map[string]string) (ks []string) {
	for k := range m {
		if k != "tcp.stream" {
			ks = append(ks, strings.TrimPrefix(k, "tcp.analysis."))
		}
	}
	slices.Sort(ks)
	return ks
}

// words are the labels of a packet.
func (s *sight) words() string {
	var ws []string
	for _, f := range s.label {
		ws = append(ws, f.Label.String())
	}
	slices.Sort(ws)
	return strings.Join(ws, ", ")
}
