package flow_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/packets/flow"
)

// A script is a capture in a notation after packetdrill's, a line a packet,
// with what the analyser has to find at its end:
//
//	+0.02 < P. 1:1001(1000) ack 1 win 100 <sack 3:5,TS 7 8> id 9 # spurious certain by 4
//
// The time is since the line before. > is from the client, < from the server.
// Behind the flags (S F R P . for ACK) stand the numbers, relative to an ISN of
// 1,000 for the client and 5,000 for the server (@ before the flags: absolute,
// on ports of its own). Labels are separated by commas; sack and acknowledgment
// numbers are relative to the other end's ISN. bad says that the checksum is.
type script struct {
	packets []flow.Packet
	want    []string
	lines   []string
}

var line = regexp.MustCompile(`^\+([\d.]+) +([<>]) ([SFRP.]+) (\d+):(\d+)\((\d+)\)(?: ack (\d+))?(?: win (\d+))?(?: <(.*)>)?(?: id (\d+))?( bad)?(?: # (.*))?$`)

var isn = map[string]uint32{">": 1000, "<": 5000}

// ends are the addresses of a script.
type ends struct{ client, server netip.AddrPort }

var ipv4Ends = ends{netip.MustParseAddrPort("10.0.0.1:40000"), netip.MustParseAddrPort("10.0.0.2:80")}

func parse(t *testing.T, text string, e ends, isn map[string]uint32) script {
	t.Helper()
	var s script
	var at time.Duration
	for l := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		l = strings.TrimSpace(l)
		m := line.FindStringSubmatch(l)
		if m == nil {
			t.Fatalf("%q is no line of a script", l)
		}
		num := func(i int) uint32 {
			n, _ := strconv.ParseUint("0"+m[i], 10, 32)
			return uint32(n)
		}
		since, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		at += time.Duration(since * 1e9)
		src, dst, other := e.client, e.server, "<"
		if m[2] == "<" {
			src, dst, other = dst, src, ">"
		}
		h := &packets.Headers{EtherType: packets.EtherTypeIPv4, OK: true, Proto: packets.ProtocolTCP, TTL: 64,
			Src: src.Addr(), Dst: dst.Addr(), SrcPort: src.Port(), DstPort: dst.Port(),
			Seq: isn[m[2]] + num(4), Len: int(num(6)), Window: 10000, Datagram: num(10)}
		if m[8] != "" {
			h.Window = uint16(num(8))
		}
		for _, f := range m[3] {
			h.Flags |= map[rune]packets.Flags{'S': packets.SYN, 'F': packets.FIN, 'R': packets.RST, 'P': packets.PSH, '.': packets.ACK}[f]
		}
		if m[7] != "" {
			h.Ack = isn[other] + num(7)
		}
		s.packets = append(s.packets, flow.Packet{Number: uint32(len(s.packets) + 1), At: at, Headers: h,
			Options: options(t, m[9], isn[other]), Damaged: m[11] != ""})
		s.want = append(s.want, m[12])
		s.lines = append(s.lines, l)
	}
	return s
}

// options writes TCP options: mss 1460, sackOK, wscale 7, TS 1 2, sack 3:5 7:9.
func options(t *testing.T, text string, base uint32) (b []byte) {
	if text == "" {
		return nil
	}
	for o := range strings.SplitSeq(text, ",") {
		w := strings.Fields(o)
		n := make([]uint32, len(w))
		for i := range w {
			v, _ := strconv.ParseUint(w[i], 10, 32)
			n[i] = uint32(v)
		}
		switch w[0] {
		case "mss":
			b = binary.BigEndian.AppendUint16(append(b, 2, 4), uint16(n[1]))
		case "sackOK":
			b = append(b, 4, 2)
		case "wscale":
			b = append(b, 3, 3, byte(n[1]))
		case "TS":
			b = binary.BigEndian.AppendUint32(append(b, 1, 1, 8, 10), n[1])
			b = binary.BigEndian.AppendUint32(b, n[2])
		case "sack":
			b = append(b, 5, byte(2+8*len(w[1:])))
			for _, block := range w[1:] {
				for edge := range strings.SplitSeq(block, ":") {
					v, _ := strconv.ParseUint(edge, 10, 32)
					b = binary.BigEndian.AppendUint32(b, base+uint32(v))
				}
			}
		default:
			t.Fatalf("no option %s", w[0])
		}
	}
	return b
}

// run feeds the script and returns what was found of each packet in the end.
func (s script) run(a *flow.Analyser) (f *flow.Flow, got []string) {
	labels := make([]map[flow.Topic]flow.Finding, len(s.packets))
	for i := range s.packets {
		g, _, found := a.Add(&s.packets[i])
		if g != nil {
			f = g
		}
		for _, x := range found {
			if labels[x.Packet-1] == nil {
				labels[x.Packet-1] = map[flow.Topic]flow.Finding{}
			}
			labels[x.Packet-1][x.Label.Topic()] = x
		}
	}
	for _, m := range labels {
		var words []string
		for topic := flow.AboutSequence; topic <= flow.AboutConnection; topic++ {
			x, ok := m[topic]
			if !ok {
				continue
			}
			w := fmt.Sprintf("%v %v", x.Label, x.Sure)
			if x.Count > 0 {
				w += fmt.Sprintf(" x%d", x.Count)
			}
			if proof := slices.DeleteFunc(x.Proof[:], func(n uint32) bool { return n == 0 }); len(proof) > 0 {
				w += " by " + strings.Trim(fmt.Sprint(proof), "[]")
			}
			words = append(words, w)
		}
		got = append(got, strings.Join(words, ", "))
	}
	return f, got
}

// holds runs a script and compares.
func holds(t *testing.T, text string) *flow.Flow {
	t.Helper()
	return holdsWith(t, text, ipv4Ends, isn)
}

func holdsWith(t *testing.T, text string, e ends, isn map[string]uint32) *flow.Flow {
	t.Helper()
	s := parse(t, text, e, isn)
	f, got := s.run(new(flow.Analyser))
	for i := range got {
		if got[i] != s.want[i] {
			t.Errorf("packet %d: %s\n got # %s\nwant # %s", i+1, s.lines[i], got[i], s.want[i])
		}
	}
	return f
}
