package packets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// needTshark skips where Wireshark's command line is not installed: it is a
// second opinion, not something the project depends on.
func needTshark(t *testing.T) string {
	path, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	return path
}

// ownKeys are the keys that Wireshark has no name for.
var ownKeys = map[string]bool{
	"padding.surplus": true, "foreign.bytes": true, "frame.cut": true, "icmp.rest": true,
	"ip.options": true, "ip.opt.data": true, "ip.options.end": true, "ip.options.nop": true,
	"ip.options.record_route": true, "ip.options.timestamp": true, "ip.options.lsr": true, "ip.options.ssr": true,
	"ip.options.router_alert": true, "ip.options.security": true, "ip.options.stream_id": true,
	"ip.options.unknown": true, "ip.options.malformed": true,
	"tcp.options.eol": true, "tcp.options.nop": true, "tcp.options.unknown": true, "tcp.options.malformed": true,
	"tcp.options.padding": true, "tcp.options.mptcp.data": true, "tcp.options.ao.data": true, "tcp.options.tfo.cookie": true,
	// Options as a whole are protocols in Wireshark, not fields.
	"tcp.options.mss": true, "tcp.options.wscale": true, "tcp.options.sack_perm": true, "tcp.options.sack": true,
	"tcp.options.timestamp": true, "tcp.options.md5": true, "tcp.options.ao": true, "tcp.options.user_to": true,
	"tcp.options.mptcp": true, "tcp.options.tfo": true,
}

func TestKeysAreWiresharksWhereItHasOne(t *testing.T) {
	out, err := exec.Command(needTshark(t), "-G", "fields").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := make(map[string]bool)
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(line, "\t"); f[0] == "F" {
			theirs[f[2]] = true
		}
	}
	for _, key := range Keys() {
		if !theirs[key] && !ownKeys[key] {
			t.Errorf("%s is no field of Wireshark, and not listed as our own", key)
		}
	}
}

// sharedKeys are compared with tshark, number for number.
var sharedKeys = []string{
	"eth.dst", "eth.src", "eth.type", "eth.len",
	"arp.hw.type", "arp.proto.type", "arp.hw.size", "arp.proto.size", "arp.opcode",
	"arp.src.hw_mac", "arp.src.proto_ipv4", "arp.dst.hw_mac", "arp.dst.proto_ipv4",
	"ip.version", "ip.hdr_len", "ip.dsfield", "ip.dsfield.dscp", "ip.dsfield.ecn", "ip.len", "ip.id",
	"ip.flags", "ip.flags.df", "ip.flags.mf", "ip.frag_offset", "ip.ttl", "ip.proto", "ip.checksum", "ip.src", "ip.dst",
	"icmp.type", "icmp.code", "icmp.checksum", "icmp.ident", "icmp.seq", "icmp.mtu", "icmp.redir_gw",
	"tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.hdr_len", "tcp.flags", "tcp.flags.syn",
	"tcp.flags.push", "tcp.window_size_value", "tcp.checksum", "tcp.urgent_pointer",
	"tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.sack_le", "tcp.options.sack_re",
	"tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr",
	"tcp.options.user_to_val", "tcp.options.mptcp.subtype",
	"udp.srcport", "udp.dstport", "udp.length", "udp.checksum",
}

func TestAgreesWithTshark(t *testing.T) {
	tshark := needTshark(t)
	var frames [][]byte
	var names []string
	for _, c := range corpus() {
		// Wireshark reports damage in ways of its own, and leaves fields of a
		// quote out, or reads them from bytes behind it.
		if _, _, quote := strings.Cut(shape(Decode(c.frame, LinkEthernet, Context{})), "("); !c.damaged && !quote {
			frames, names = append(frames, c.frame), append(names, c.name)
		}
	}
	file := filepath.Join(t.TempDir(), "frames.pcap")
	writePcap(t, file, frames)
	for i, row := range tsharkFields(t, tshark, file, sharedKeys) {
		t.Run(names[i], func(t *testing.T) {
			compareWithTshark(t, frames[i], row)
		})
	}
}

// The verdicts of Wireshark, by the number in its *.checksum.status fields.
var tsharkVerdicts = map[string]string{"0": "wrong", "1": "right", "2": "not checked", "3": "not used", "": ""}

func TestChecksumVerdictsAgreeWithTshark(t *testing.T) {
	tshark := needTshark(t)
	var frames [][]byte
	var names []string
	for _, c := range corpus() {
		// Of a piece or a quote that does not have all the bytes, tshark 4.0
		// says "bad" where nothing can be known.
		if !c.damaged && !c.partial {
			frames, names = append(frames, c.frame), append(names, c.name)
		}
	}
	file := filepath.Join(t.TempDir(), "frames.pcap")
	writePcap(t, file, frames)
	keys := []string{"ip.checksum", "icmp.checksum", "tcp.checksum", "udp.checksum"}
	var statuses []string
	for _, key := range keys {
		statuses = append(statuses, key+".status")
	}
	rows := tsharkFields(t, tshark, file, statuses,
		"-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE")
	for i, row := range rows {
		layers := Decode(frames[i], LinkEthernet, Context{})
		for j, key := range keys {
			f, _ := Find(layers, key)
			status, _, _ := strings.Cut(row[j], ",") // the outermost, as Find gives it
			if want := tsharkVerdicts[status]; !strings.Contains(f.Value, want) || want == "" && f.Value != "" {
				t.Errorf("%s: %s: ours %q, tshark's %q", names[i], key, f.Value, want)
			}
		}
	}
}

func compareWithTshark(t *testing.T, frame []byte, row []string) {
	t.Helper()
	p := Open(frame, LinkEthernet)
	for i, key := range sharedKeys {
		if key == "ip.version" && p.Has("ipv6") {
			continue // one key for both versions in Wireshark
		}
		var ours []uint64
		for v := range p.Read(strings.TrimSuffix(key, "_raw")) {
			ours = append(ours, v.Uint)
		}
		var theirs []uint64
		if row[i] != "" {
			for text := range strings.SplitSeq(row[i], ",") {
				theirs = append(theirs, tsharkNumber(t, key, text))
			}
		}
		if fmt.Sprint(ours) != fmt.Sprint(theirs) {
			t.Errorf("%s: ours %d, tshark's %d", key, ours, theirs)
		}
	}
}

// tsharkNumber turns tshark's text into the number that stands in the header.
func tsharkNumber(t *testing.T, key, text string) uint64 {
	t.Helper()
	if hw, err := net.ParseMAC(text); err == nil {
		return bitsOf(hw, 0, 48)
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return bitsOf(a.AsSlice(), 0, 32)
	}
	switch text {
	case "True":
		return 1
	case "False":
		return 0
	}
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	switch key {
	case "ip.hdr_len", "tcp.hdr_len": // tshark counts bytes
		n /= 4
	}
	return n
}

func tsharkFields(t *testing.T, tshark, file string, keys []string, options ...string) [][]string {
	t.Helper()
	args := []string{"-n", "-r", file, "-o", "ip.defragment:FALSE", "-o", "tcp.relative_sequence_numbers:FALSE", "-T", "fields", "-E", "occurrence=a", "-E", "separator=/t"}
	args = append(args, options...)
	for _, key := range keys {
		args = append(args, "-e", key)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(tshark, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var rows [][]string
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// writePcap writes a pcap file by hand: a header of 24 bytes, and 16 before
// every frame.
func writePcap(t *testing.T, file string, frames [][]byte) {
	t.Helper()
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0xa1b2c3d4) // microseconds
	b = le.AppendUint16(b, 2)             // version 2.4
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, 1) // Ethernet
	for i, frame := range frames {
		b = le.AppendUint32(b, 946684800+uint32(i))
		b = le.AppendUint32(b, 0)
		b = le.AppendUint32(b, uint32(len(frame)))
		b = le.AppendUint32(b, uint32(len(frame)))
		b = append(b, frame...)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
