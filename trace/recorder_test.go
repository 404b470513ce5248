package trace

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"wirelab/packets"
)

const ms = time.Millisecond

var (
	addrA = netip.MustParseAddr("10.0.0.1")
	addrB = netip.MustParseAddr("10.0.0.2")
)

// A bench is a trace of two hosts that is recorded from hand-made frames.
type bench struct {
	*Trace
	rec *Recorder
}

func newBench() bench {
	t := &Trace{}
	r := NewRecorder(t)
	r.Host(Host{Name: "a", Addr: addrA})
	r.Host(Host{Name: "b", Addr: addrB})
	return bench{t, r}
}

// send records a frame of host from, a millisecond after the last one.
func (b bench) send(from uint16, frame []byte) *Packet {
	row, _ := b.rec.Packet(Packet{From: from, To: 1 - from, Sent: time.Duration(len(b.Packets)) * ms, Step: uint32(len(b.Packets))}, frame[:20], frame[20:])
	b.End = b.Packets[row].Sent
	return &b.Packets[row]
}

// ipv4 puts a header before an IP payload. offset and more say which fragment
// of datagram id it is.
func ipv4(from uint16, proto byte, id uint16, offset int, more bool, payload []byte) []byte {
	src, dst := addrA.As4(), addrB.As4()
	if from == 1 {
		src, dst = dst, src
	}
	f := make([]byte, 14+20, 14+20+len(payload))
	f[12], f[13] = 8, 0
	ip := f[14:]
	ip[0], ip[8], ip[9] = 0x45, 64, proto
	binary.BigEndian.PutUint16(ip[2:], uint16(20+len(payload)))
	binary.BigEndian.PutUint16(ip[4:], id)
	frag := uint16(offset / 8)
	if more {
		frag |= 0x2000
	}
	binary.BigEndian.PutUint16(ip[6:], frag)
	copy(ip[12:], src[:])
	copy(ip[16:], dst[:])
	return append(f, payload...)
}

// segment is a TCP segment from port 1000+from to port 1001-from.
func segment(from uint16, flags packets.Flags, seq, ack uint32, n int, options ...byte) []byte {
	s := make([]byte, 20, 20+len(options)+n)
	binary.BigEndian.PutUint16(s, 1000+from)
	binary.BigEndian.PutUint16(s[2:], 1001-from)
	binary.BigEndian.PutUint32(s[4:], seq)
	binary.BigEndian.PutUint32(s[8:], ack)
	s[12], s[13] = byte(20+len(options))/4<<4, byte(flags)
	binary.BigEndian.PutUint16(s[14:], 0xffff)
	s = append(append(s, options...), make([]byte, n)...)
	return ipv4(from, packets.ProtocolTCP, 0, 0, false, s)
}

// datagram is the first n bytes behind the header of a UDP datagram of size bytes.
func datagramOf(from uint16, size, n int) []byte {
	d := make([]byte, 8+n)
	binary.BigEndian.PutUint16(d, 2000+from)
	binary.BigEndian.PutUint16(d[2:], 2001-from)
	binary.BigEndian.PutUint16(d[4:], uint16(8+size))
	return d
}

func (p *Packet) words() string {
	return fmt.Sprintf("stream %d unit %d [%d,%d) again %v", p.Span.Stream, p.Span.Unit, p.Span.Lo, p.Span.Hi, p.Again)
}

type step struct {
	from  uint16
	frame []byte
	want  string
}

// play records frames and compares what is made of them.
func play(t *testing.T, steps []step) bench {
	t.Helper()
	b := newBench()
	for i, s := range steps {
		if got := b.send(s.from, s.frame).words(); got != s.want {
			t.Errorf("frame %d is %s, want %s", i, got, s.want)
		}
	}
	if err := b.Check(); err != nil {
		t.Errorf("the trace is not sound: %v", err)
	}
	return b
}

const (
	syn    = packets.SYN
	synACK = packets.SYN | packets.ACK
	ack    = packets.ACK
	finACK = packets.FIN | packets.ACK
	rst    = packets.RST | packets.ACK
)

func TestSpansOfAConnection(t *testing.T) {
	b := play(t, []step{
		{0, segment(0, syn, 1000, 0, 0, 2, 4, 0x05, 0xb4, 3, 3, 7, 0), "stream 0 unit 0 [-1,0) again false"},
		{0, segment(0, syn, 1000, 0, 0, 2, 4, 0x05, 0xb4, 3, 3, 7, 0), "stream 0 unit 0 [-1,0) again true"},
		{1, segment(1, synACK, 5000, 1001, 0, 2, 4, 0x02, 0x18), "stream 1 unit 0 [-1,0) again false"},
		{0, segment(0, ack, 1001, 5001, 0), "stream 0 unit 0 [0,0) again false"},
		{0, segment(0, ack, 1001, 5001, 100), "stream 0 unit 0 [0,100) again false"},
		{0, segment(0, ack, 1101, 5001, 50), "stream 0 unit 0 [100,150) again false"},
		{0, segment(0, ack, 1001, 5001, 100), "stream 0 unit 0 [0,100) again true"},
		{0, segment(0, ack, 1101, 5001, 100), "stream 0 unit 0 [100,200) again true"}, // half of it
		{0, segment(0, ack, 1000, 5001, 0), "stream 0 unit 0 [-1,-1) again false"},    // keep-alive
		{0, segment(0, finACK, 1201, 5001, 10), "stream 0 unit 0 [200,211) again false"},
		{1, segment(1, finACK, 5001, 1212, 0), "stream 1 unit 0 [0,1) again false"},
		{0, segment(0, ack, 1212, 5002, 0), "stream 0 unit 0 [211,211) again false"},
	})
	c := &b.Conns[0]
	if len(b.Conns) != 1 || c.ISN != [2]uint32{1000, 5000} || c.MSS != [2]uint16{1460, 536} || c.Scale != [2]int8{7, -1} || c.Scaled() {
		t.Errorf("connections %+v", b.Conns)
	}
	if b.Packets[5].Nth != 5 || b.Packets[10].Nth != 2 {
		t.Errorf("the sixth frame is number %d of its host, the eleventh %d", b.Packets[5].Nth, b.Packets[10].Nth)
	}
}

func TestNumbersWrapAround(t *testing.T) {
	const isn = 0xffffff00
	steps := []step{{0, segment(0, syn, isn, 0, 0), "stream 0 unit 0 [-1,0) again false"}}
	for i := range int64(5) {
		lo := i * 200
		seq := uint32(isn + 1 + lo)
		steps = append(steps, step{0, segment(0, ack, seq, 1, 200), fmt.Sprintf("stream 0 unit 0 [%d,%d) again false", lo, lo+200)})
	}
	isnWrapped := uint32(isn)
	steps = append(steps, step{0, segment(0, ack, isnWrapped+1+200, 1, 200), "stream 0 unit 0 [200,400) again true"})
	play(t, steps)
}

// TestStreamsLongerThanTheNumbers has a stream of more than 4 GiB, of which the
// recorder sees a segment at each GiB.
func TestStreamsLongerThanTheNumbers(t *testing.T) {
	b := newBench()
	b.send(0, segment(0, syn, 7, 0, 0))
	for gib := range int64(10) {
		lo := gib << 30
		if p := b.send(0, segment(0, ack, 8+uint32(lo), 1, 100)); p.Span.Lo != lo || p.Again {
			t.Fatalf("the segment at %d is %s", lo, p.words())
		}
	}
}

func TestPortsUsedAgainAreAnotherConnection(t *testing.T) {
	b := play(t, []step{
		{0, segment(0, syn, 1000, 0, 0), "stream 0 unit 0 [-1,0) again false"},
		{1, segment(1, synACK, 5000, 1001, 0), "stream 1 unit 0 [-1,0) again false"},
		{0, segment(0, ack, 1001, 5001, 10), "stream 0 unit 0 [0,10) again false"},
		{0, segment(0, syn, 9000, 0, 0), "stream 2 unit 0 [-1,0) again false"},
		{1, segment(1, synACK, 6000, 9001, 0), "stream 3 unit 0 [-1,0) again false"},
		{0, segment(0, ack, 9001, 6001, 10), "stream 2 unit 0 [0,10) again false"},
		{1, segment(1, syn, 77, 0, 0), "stream 4 unit 0 [-1,0) again false"}, // now the other opens
		{0, segment(0, synACK, 88, 78, 0), "stream 5 unit 0 [-1,0) again false"},
	})
	if len(b.Conns) != 3 || b.Conns[2].Ends[0].Host != 1 {
		t.Errorf("connections %+v", b.Conns)
	}
}

// A server that gave its answer up, and then gets the SYN again, has forgotten
// it, and begins anew.
func TestSYNAnsweredAnewIsAnotherConnection(t *testing.T) {
	b := play(t, []step{
		{0, segment(0, syn, 1000, 0, 0, 2, 4, 0x05, 0xb4), "stream 0 unit 0 [-1,0) again false"},
		{1, segment(1, synACK, 5000, 1001, 0, 2, 4, 0x02, 0x18), "stream 1 unit 0 [-1,0) again false"},
		{0, segment(0, syn, 1000, 0, 0, 2, 4, 0x05, 0xb4), "stream 0 unit 0 [-1,0) again true"},
		{1, segment(1, synACK, 900, 1001, 0, 3, 3, 2, 0), "stream 3 unit 0 [-1,0) again false"},
		{1, segment(1, synACK, 900, 1001, 0, 3, 3, 2, 0), "stream 3 unit 0 [-1,0) again true"},
		{0, segment(0, ack, 1001, 901, 10), "stream 2 unit 0 [0,10) again false"},
		{1, segment(1, ack, 901, 1011, 20), "stream 3 unit 0 [0,20) again false"},
		{0, segment(0, finACK, 1001, 921, 10), "stream 2 unit 0 [0,11) again true"},
	})
	old, c := &b.Conns[0], &b.Conns[1]
	if c.Ends != old.Ends || c.ISN != [2]uint32{1000, 900} || c.MSS != [2]uint16{1460, 536} || c.Scale != [2]int8{-1, 2} {
		t.Errorf("connections %+v", b.Conns)
	}
	if was, ok := b.rec.Renews(2); !ok || was != 0 {
		t.Errorf("stream 2 goes on from %d: %v", was, ok)
	}
	if _, ok := b.rec.Renews(3); ok {
		t.Error("stream 3 goes on from another")
	}
}

func TestResetTellsNoNumbers(t *testing.T) {
	b := play(t, []step{
		{0, segment(0, syn, 1000, 0, 0), "stream 0 unit 0 [-1,0) again false"},
		{1, segment(1, rst, 0, 1001, 0), "stream 1 unit 0 [-1,-1) again false"},
		{0, segment(0, syn, 1000, 0, 0), "stream 0 unit 0 [-1,0) again true"},
		{1, segment(1, synACK, 5000, 1001, 0), "stream 1 unit 0 [-1,0) again false"},
		{1, segment(1, rst, 5001, 1001, 0), "stream 1 unit 0 [0,0) again false"},
		{0, segment(0, rst, 77, 0, 0), "stream 0 unit 0 [0,0) again false"}, // of an ACK that was never sent so
		{0, segment(0, rst, 2000, 0, 0), "stream 0 unit 0 [0,0) again false"},
		{0, segment(0, ack, 1001, 5001, 9), "stream 0 unit 0 [0,9) again false"},
	})
	if c := &b.Conns[0]; !c.Known[1] || c.ISN[1] != 5000 {
		t.Errorf("the server's number: %+v", c)
	}
}

func TestConnectionSeenFromTheMiddle(t *testing.T) {
	play(t, []step{
		{0, segment(0, ack, 1001, 5001, 10), "stream 0 unit 0 [0,10) again false"},
		{1, segment(1, ack, 5001, 1011, 20), "stream 1 unit 0 [0,20) again false"},
		{0, segment(0, ack, 1001, 5021, 10), "stream 0 unit 0 [0,10) again true"},
	})
}

func TestDatagramsAreUnits(t *testing.T) {
	udp := func(from uint16, n int) []byte {
		return ipv4(from, packets.ProtocolUDP, 0, 0, false, datagramOf(from, n, n))
	}
	b := play(t, []step{
		{0, udp(0, 10), "stream 0 unit 1 [0,10) again false"},
		{0, udp(0, 0), "stream 0 unit 2 [0,0) again false"},
		{1, udp(1, 7), "stream 1 unit 1 [0,7) again false"},
		{0, udp(0, 5), "stream 0 unit 3 [0,5) again false"},
	})
	// They are read in the order of their arrival.
	for _, row := range []int{3, 0} {
		b.rec.Arrive(row)
	}
	for i, want := range []int32{3, 1, 0} {
		if got := b.rec.Take(0); got != want {
			t.Errorf("read %d takes datagram %d, want %d", i+1, got, want)
		}
	}
}

// What a stack holds back until it knows a card address may never be sent.
func TestDatagramsThatAreNeverSent(t *testing.T) {
	b := newBench()
	here, there := netip.MustParseAddrPort("10.0.0.1:2000"), netip.MustParseAddrPort("10.0.0.2:2001")
	other := netip.MustParseAddrPort("10.0.0.1:9")
	send := func(want int32) {
		t.Helper()
		if p := b.send(0, ipv4(0, packets.ProtocolUDP, 0, 0, false, datagramOf(0, 5, 5))); p.Span.Unit != want {
			t.Errorf("it is %s, want unit %d", p.words(), want)
		}
	}
	offer := func(local netip.AddrPort, want int32) {
		t.Helper()
		if got := b.rec.Offer(0, local, there, 1); got != want {
			t.Errorf("unit %d, want %d", got, want)
		}
	}
	offer(here, 1)
	offer(other, 1)
	offer(here, 2)
	offer(here, 3)
	offer(other, 2) // by another program, at the same moment
	b.rec.Withdraw(0, here, there)
	b.rec.Withdraw(0, other, there)
	b.rec.Lose(0, 2)
	send(2)
	offer(here, 3)
	offer(here, 4)
	send(3)
	send(4)
	offer(here, 5)
	b.rec.Lose(0, 9)
	send(5) // nobody offered this one
	for range 5 {
		b.rec.Offer(0, here, there, 3)
	}
	b.rec.Lose(0, 1)
	b.rec.Lose(0, 3) // the rest of the same one, and the first piece of the next
	send(8)
	b.rec.Lose(0, 1) // the two pieces that were left have gone
	send(10)
}

func TestFragmentsTileTheirDatagram(t *testing.T) {
	piece := func(from uint16, id uint16, offset int, more bool, b []byte) []byte {
		return ipv4(from, packets.ProtocolUDP, id, offset, more, b)
	}
	b := play(t, []step{
		{0, piece(0, 9, 0, true, datagramOf(0, 3000, 1472)), "stream 0 unit 1 [0,1472) again false"},
		{1, piece(1, 9, 0, true, datagramOf(1, 3000, 1472)), "stream 1 unit 1 [0,1472) again false"},
		{0, piece(0, 9, 1480, true, make([]byte, 1480)), "stream 0 unit 1 [1472,2952) again false"},
		{1, piece(1, 9, 2960, false, make([]byte, 48)), "stream 1 unit 1 [2952,3000) again false"}, // out of order
		{0, piece(0, 9, 2960, false, make([]byte, 48)), "stream 0 unit 1 [2952,3000) again false"},
		{0, piece(0, 10, 1480, false, make([]byte, 48)), "stream -1 unit 0 [0,0) again false"}, // its first was not seen
		{0, ipv4(0, packets.ProtocolUDP, 0, 0, false, datagramOf(0, 4, 4)), "stream 0 unit 2 [0,4) again false"},
	})
	for i, want := range []int32{0, 1, 0, 1, 0, -1, -1} {
		if got := b.Packets[i].Piece; got != want {
			t.Errorf("frame %d is a piece of row %d, want %d", i, got, want)
		}
	}
}

func TestFramesWithoutAStream(t *testing.T) {
	b := newBench()
	arp := make([]byte, 14+28)
	arp[12], arp[13] = 0x08, 0x06
	for name, frame := range map[string][]byte{
		"ARP": arp, "ICMP": ipv4(0, packets.ProtocolICMP, 0, 0, false, make([]byte, 8)),
		"cut off": segment(0, syn, 1, 0, 0)[:40], "short": make([]byte, 21),
	} {
		if p := b.send(0, frame); p.Conn() != -1 || !p.Span.Empty() {
			t.Errorf("%s: %s", name, p.words())
		}
	}
}

func TestBytesAreKept(t *testing.T) {
	b := newBench()
	var want [][]byte
	for i := range 2000 {
		f := segment(0, ack, uint32(i), 0, i%1500)
		f[40] = byte(i)
		want = append(want, f)
		b.send(0, f)
	}
	for i := range want {
		p := &b.Packets[i]
		if got := b.Bytes(p); string(got) != string(want[i]) || p.Len() != len(want[i]) || cap(got) != len(got) {
			t.Fatalf("frame %d is not as it was", i)
		}
	}
}

func TestSamplesThatTellNothingAreNotKept(t *testing.T) {
	b := newBench()
	s := Sample{At: ms, Step: 1, SndNxt: 5}
	row := b.rec.Sample(s, -1)
	s.At, s.Step, s.Cause = 2*ms, 2, AtTimer
	if again := b.rec.Sample(s, row); again != row || len(b.Samples) != 1 {
		t.Errorf("the same once more is row %d of %d", again, len(b.Samples))
	}
	s.SndNxt++
	if next := b.rec.Sample(s, row); next != 1 || len(b.Samples) != 2 {
		t.Errorf("another one is row %d of %d", next, len(b.Samples))
	}
}

// FuzzRecorder feeds frames of all kinds, cut into pieces, from two hosts: each
// is recorded as it was, in no more than its own connection.
func FuzzRecorder(f *testing.F) {
	add := func(frames ...[]byte) {
		var b []byte
		for _, frame := range frames {
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(frame))), frame...)
		}
		f.Add(b)
	}
	add(segment(0, syn, 1, 0, 0), segment(1, synACK, 1, 2, 0), segment(0, finACK, 2, 2, 9))
	add(segment(0, syn, 1, 0, 0), segment(0, syn, 2, 0, 0), segment(1, rst, 0, 0, 0))
	add(ipv4(0, packets.ProtocolUDP, 1, 0, true, datagramOf(0, 3000, 1472)), ipv4(0, packets.ProtocolUDP, 1, 1480, false, make([]byte, 9)))
	add(ipv4(1, packets.ProtocolTCP, 1, 0, true, make([]byte, 20)), ipv4(1, packets.ProtocolTCP, 1, 8, false, nil))
	add(segment(0, syn, 1, 0, 0, 2, 4), nil, make([]byte, 14))
	f.Fuzz(func(t *testing.T, b []byte) {
		bench := newBench()
		for i := 0; len(b) >= 2; i++ {
			n := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			frame := b[2 : 2+n]
			b = b[2+n:]
			row, _ := bench.rec.Packet(Packet{From: uint16(n & 1), To: uint16(1 - n&1), Sent: time.Duration(i)}, frame[:n/2], frame[n/2:])
			p := &bench.Packets[row]
			if row != i || string(bench.Bytes(p)) != string(frame) {
				t.Fatalf("frame %d is row %d", i, row)
			}
			if c := p.Conn(); int(c) >= len(bench.Conns) || p.Span.Hi < p.Span.Lo {
				t.Fatalf("frame %d: %s of %d connections", i, p.words(), len(bench.Conns))
			}
			bench.Layers(p)
			for r := range bench.On(p.Span) {
				if r.Table != Packets || r.Row > row {
					t.Fatalf("frame %d is on %+v", i, r)
				}
			}
			bench.rec.Arrive(row)
			if s := p.Span.Stream; s >= 0 {
				bench.rec.Take(s)
			}
		}
	})
}
