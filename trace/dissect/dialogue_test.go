package dissect

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// A dialogue is the streams of connections between a client and a server, put
// into packets by hand.
type dialogue struct {
	tr  *trace.Trace
	rec *trace.Recorder
	now time.Duration

	next map[[2]int]int64 // by connection and end: what of it the other one has
}

var (
	clientAddr = netip.MustParseAddr("10.0.0.1")
	serverAddr = netip.MustParseAddr("10.0.0.2")
)

func newDialogue() *dialogue {
	d := &dialogue{tr: &trace.Trace{}, next: map[[2]int]int64{}}
	d.rec = trace.NewRecorder(d.tr)
	d.rec.Host(trace.Host{Name: "client", Addr: clientAddr})
	d.rec.Host(trace.Host{Name: "server", Addr: serverAddr})
	return d
}

// segment adds a TCP segment of connection n, of which data begins at a place of
// the sender's stream. The trace gets what a run would note.
func (d *dialogue) segment(n, end int, at int64, flags packets.Flags, data string) {
	d.lose(n, end, at, data)
	src, dst := clientAddr, serverAddr
	ports := [2]uint16{uint16(40000 + n), 80}
	if end == 1 {
		src, dst, ports = dst, src, [2]uint16{ports[1], ports[0]}
	}
	f := make([]byte, 54, 54+len(data))
	f[12], f[13] = 0x08, 0x00              // IPv4
	f[14] = 0x45                           // version, header length
	f[22], f[23] = 64, packets.ProtocolTCP // TTL
	binary.BigEndian.PutUint16(f[16:], uint16(40+len(data)))
	copy(f[26:], src.AsSlice())
	copy(f[30:], dst.AsSlice())
	binary.BigEndian.PutUint16(f[34:], ports[0])
	binary.BigEndian.PutUint16(f[36:], ports[1])
	binary.BigEndian.PutUint32(f[38:], isn(end)+1+uint32(at))
	binary.BigEndian.PutUint32(f[42:], isn(1-end)+1+uint32(d.next[[2]int{n, 1 - end}]))
	f[46], f[47] = 5<<4, byte(flags) // data offset
	binary.BigEndian.PutUint16(f[48:], 0xffff)
	d.now += time.Millisecond
	from, to := uint16(end), uint16(1-end)
	row, _ := d.rec.Packet(trace.Packet{Sent: d.now, From: from, To: to}, append(f, data...))
	p := &d.tr.Packets[row]
	p.Left, p.Arrived, p.Fate = d.now, d.now, trace.Delivered
	d.tr.End = d.now
}

// lose is a segment that the other end gets and the trace does not.
func (d *dialogue) lose(n, end int, at int64, data string) {
	key := [2]int{n, end}
	d.next[key] = max(d.next[key], at+int64(len(data)))
}

// isn is the initial sequence number of an end; that of end 1 wraps around soon.
func isn(end int) uint32 { return uint32(1000 + 0xfffffff0*end) }

// open adds the handshake of connection n.
func (d *dialogue) open(n int) {
	d.segment(n, 0, -1, packets.SYN, "")
	d.segment(n, 1, -1, packets.SYN|packets.ACK, "")
	d.segment(n, 0, 0, packets.ACK, "")
}

// close adds both FINs behind what the ends have sent.
func (d *dialogue) close(n int, sent [2]int) {
	d.segment(n, 0, int64(sent[0]), packets.FIN|packets.ACK, "")
	d.segment(n, 1, int64(sent[1]), packets.FIN|packets.ACK, "")
}

// whole is connection 0 with both streams in one segment each, or in as many as
// their length asks for.
func whole(client, server string) *trace.Trace {
	d := newDialogue()
	d.open(0)
	for end, text := range []string{client, server} {
		for at := 0; at < len(text); at += 1000 {
			d.segment(0, end, int64(at), packets.ACK, text[at:min(len(text), at+1000)])
		}
	}
	d.close(0, [2]int{len(client), len(server)})
	return d.tr
}

// cut is the same in segments of any size, in any order that a reader can take,
// and with some of them again.
func cut(rng *rand.Rand, client, server string) *trace.Trace {
	d := newDialogue()
	d.open(0)
	texts := [2]string{client, server}
	var sent [2]int
	for sent[0] < len(client) || sent[1] < len(server) {
		end := rng.IntN(2)
		text, at := texts[end], sent[end]
		if at > 0 && rng.IntN(4) == 0 { // again, and with other borders
			at -= 1 + rng.IntN(min(at, 40))
		}
		n := min(len(text)-at, 1+rng.IntN(1+rng.IntN(200)))
		if n > 0 {
			d.segment(0, end, int64(at), packets.ACK, text[at:at+n])
			sent[end] = max(sent[end], at+n)
		}
	}
	d.close(0, sent)
	return d.tr
}

// lines are the rows of a trace in words: what a test compares.
func lines(rows []trace.Message) (out []string) {
	for i, m := range rows {
		var b strings.Builder
		fmt.Fprintf(&b, "%d %s %s", i, []string{"client", "server"}[m.From], m.Kind)
		if m.What != "" {
			fmt.Fprintf(&b, " %s", m.What)
		}
		for _, s := range m.Spans {
			fmt.Fprintf(&b, " [%d,%d)", s.Lo, s.Hi)
		}
		fmt.Fprintf(&b, " size %d head %d", m.Size, m.Head)
		if m.Status != 0 {
			fmt.Fprintf(&b, " status %d", m.Status)
		}
		if m.Upgrade {
			b.WriteString(" upgrade")
		}
		if m.ID != "" {
			fmt.Fprintf(&b, " id %s", m.ID)
		}
		if m.Parent >= 0 {
			fmt.Fprintf(&b, " in %d", m.Parent)
		}
		fmt.Fprintf(&b, " %q", m.Text)
		if m.Trouble != "" {
			fmt.Fprintf(&b, " WRONG %s", m.Trouble)
		}
		out = append(out, b.String())
	}
	return out
}

// read is what a trace's streams say.
func read(t *testing.T, tr *trace.Trace) []string {
	t.Helper()
	Add(tr)
	return lines(tr.Messages)
}
