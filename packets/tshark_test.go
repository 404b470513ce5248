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
	"ipv6.hopopts.options": true, "ipv6.dstopts.options": true, "ipv6.opt.pad": true, "ipv6.opt.alert": true,
	"ipv6.opt.jumbogram": true, "ipv6.opt.unknown_option": true, "ipv6.opt.malformed": true,
	"icmpv6.unused": true, "icmpv6.opt.src": true, "icmpv6.opt.target": true, "icmpv6.opt.prefix_information": true,
	"icmpv6.opt.prefix.reserved2": true, "icmpv6.opt.redirected_header": true, "icmpv6.opt.redirected_reserved": true,
	"icmpv6.opt.mtu_option": true, "icmpv6.opt.mtu_reserved": true, "icmpv6.opt.unknown": true, "icmpv6.opt.data": true,
	"icmpv6.opt.malformed": true,
	"dns.questions":        true, "dns.answers": true, "dns.authorities": true, "dns.additionals": true, "dns.question": true, "dns.record": true,
	"dns.opt_record": true, "dns.options": true, "dns.texts": true, "dns.malformed": true, "dns.data.malformed": true,
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
	"ipv6.version", "ipv6.tclass", "ipv6.tclass.dscp", "ipv6.tclass.ecn", "ipv6.flow", "ipv6.plen", "ipv6.nxt", "ipv6.hlim", "ipv6.src", "ipv6.dst",
	"ipv6.hopopts.nxt", "ipv6.hopopts.len", "ipv6.dstopts.nxt", "ipv6.dstopts.len", "ipv6.opt.type",
	"ipv6.opt.length", "ipv6.opt.router_alert", "ipv6.routing.nxt", "ipv6.routing.len", "ipv6.routing.type", "ipv6.routing.segleft",
	"ipv6.fraghdr.nxt", "ipv6.fraghdr.offset", "ipv6.fraghdr.more", "ipv6.fraghdr.ident",
	"icmpv6.type", "icmpv6.code", "icmpv6.checksum", "icmpv6.echo.identifier", "icmpv6.echo.sequence_number", "icmpv6.mtu", "icmpv6.pointer",
	"icmpv6.nd.ra.cur_hop_limit", "icmpv6.nd.ra.flag", "icmpv6.nd.ra.flag.m", "icmpv6.nd.ra.flag.o", "icmpv6.nd.ra.flag.prf",
	"icmpv6.nd.ra.router_lifetime", "icmpv6.nd.ra.reachable_time", "icmpv6.nd.ra.retrans_timer",
	"icmpv6.nd.na.flag", "icmpv6.nd.na.flag.r", "icmpv6.nd.na.flag.s", "icmpv6.nd.na.flag.o",
	"icmpv6.nd.ns.target_address", "icmpv6.nd.na.target_address", "icmpv6.nd.rd.target_address", "icmpv6.rd.na.destination_address",
	"icmpv6.opt.type", "icmpv6.opt.length", "icmpv6.opt.src_linkaddr", "icmpv6.opt.target_linkaddr",
	"icmpv6.opt.prefix.length", "icmpv6.opt.prefix.flag", "icmpv6.opt.prefix.flag.l", "icmpv6.opt.prefix.flag.a",
	"icmpv6.opt.prefix.valid_lifetime", "icmpv6.opt.prefix.preferred_lifetime", "icmpv6.opt.prefix", "icmpv6.opt.mtu",
	"dns.length", "dns.id", "dns.flags", "dns.flags.response", "dns.flags.opcode", "dns.flags.truncated", "dns.flags.recdesired",
	"dns.count.queries", "dns.count.answers", "dns.count.auth_rr", "dns.count.add_rr",
	"dns.qry.type", "dns.qry.class", "dns.resp.type", "dns.resp.class", "dns.resp.ttl", "dns.resp.len", "dns.a", "dns.aaaa",
	"dns.mx.preference", "dns.srv.priority", "dns.srv.weight", "dns.srv.port", "dns.txt.length",
	"dns.soa.serial_number", "dns.soa.refresh_interval", "dns.soa.retry_interval", "dns.soa.expire_limit", "dns.soa.minimum_ttl",
	"dns.rr.udp_payload_size", "dns.resp.ext_rcode", "dns.resp.edns0_version", "dns.resp.z", "dns.resp.z.do", "dns.opt.code", "dns.opt.len",
	"ah.next_header", "ah.length", "ah.spi", "ah.sequence",
}

func TestAgreesWithTshark(t *testing.T) {
	tshark := needTshark(t)
	var frames [][]byte
	var names []string
	for _, c := range corpus() {
		// Wireshark reports damage in ways of its own, and leaves fields of a
		// quote out, or reads them from bytes behind it.
		if _, _, quote := strings.Cut(shape(Decode(c.frame, LinkEthernet, Context{})), "("); !c.damaged && !quote && c.name != "DNS update" { // whose counts tshark calls otherwise
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

// Names stand in a message in pieces, and are compared as text. (tshark writes
// no backslashes, and no owner's name of an SRV record.)
func TestNamesOfDNSAgreeWithTshark(t *testing.T) {
	tshark := needTshark(t)
	keys := []string{"dns.qry.name", "dns.resp.name", "dns.cname", "dns.ns", "dns.mx.mail_exchange", "dns.srv.target", "dns.soa.mname", "dns.soa.rname"}
	var frames [][]byte
	var names []string
	for _, c := range corpusDNS() {
		if _, _, quote := strings.Cut(shape(Decode(c.frame, LinkEthernet, Context{})), "("); !c.damaged && !c.partial && !quote {
			frames, names = append(frames, c.frame), append(names, c.name)
		}
	}
	file := filepath.Join(t.TempDir(), "frames.pcap")
	writePcap(t, file, frames)
	for i, row := range tsharkFields(t, tshark, file, keys) {
		ours := make(map[string][]string)
		for _, l := range Decode(frames[i], LinkEthernet, Context{}) {
			eachField(l.Fields, func(f Field) { ours[f.Key] = append(ours[f.Key], f.Value) })
		}
		for j, key := range keys {
			got, want := strings.Join(ours[key], ","), strings.ReplaceAll(row[j], "<Root>", ".")
			if key == "dns.resp.name" && ours["dns.srv.target"] != nil {
				continue
			}
			if got != want {
				t.Errorf("%s: %s: ours %q, tshark's %q", names[i], key, got, want)
			}
		}
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
	keys := []string{"ip.checksum", "icmp.checksum", "icmpv6.checksum", "tcp.checksum", "udp.checksum"}
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
		var ours, theirs []string
		for v := range p.Read(strings.TrimSuffix(key, "_raw")) {
			if strings.HasSuffix(key, ".class") && p.Has("dns") { // tshark takes mDNS's bit out
				v.Uint &^= dnsTopBit
			}
			if v.Bits > 64 {
				ours = append(ours, hexOf(v.Bytes, len(v.Bytes)))
			} else {
				ours = append(ours, strconv.FormatUint(v.Uint, 10))
			}
		}
		if row[i] != "" {
			for text := range strings.SplitSeq(row[i], ",") {
				theirs = append(theirs, tsharkNumber(t, key, text))
			}
		}
		for range p.Read("icmpv6.opt.redirected_packet") { // tshark opens what is quoted in this option
			if strings.HasPrefix(key, "ipv6.") {
				theirs = theirs[:min(len(ours), len(theirs))]
			}
		}
		if fmt.Sprint(ours) != fmt.Sprint(theirs) {
			t.Errorf("%s: ours %s, tshark's %s", key, ours, theirs)
		}
	}
}

// tsharkNumber turns tshark's text into what stands in the header: a number,
// or the bytes of an IPv6 address.
func tsharkNumber(t *testing.T, key, text string) string {
	t.Helper()
	if hw, err := net.ParseMAC(text); err == nil {
		return strconv.FormatUint(bitsOf(hw, 0, 48), 10)
	}
	if a, err := netip.ParseAddr(text); err == nil {
		if a.Is6() {
			return hexOf(a.AsSlice(), 16)
		}
		return strconv.FormatUint(bitsOf(a.AsSlice(), 0, 32), 10)
	}
	switch text {
	case "True":
		return "1"
	case "False":
		return "0"
	}
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	switch key {
	case "ip.hdr_len", "tcp.hdr_len": // tshark counts bytes
		n /= 4
	}
	return strconv.FormatUint(n, 10)
}

func tsharkFields(t *testing.T, tshark, file string, keys []string, options ...string) [][]string {
	t.Helper()
	args := []string{"-n", "-r", file, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "tcp.relative_sequence_numbers:FALSE", "-T", "fields", "-E", "occurrence=a", "-E", "separator=/t"}
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
