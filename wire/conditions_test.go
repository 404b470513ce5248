package wire

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/trace"
)

// A stream of datagrams from the client, one every interval, and what the
// conditions of its direction make of it.
type drizzle struct {
	seed     uint64
	n, size  int
	interval time.Duration
	up       Conditions
	options  HostOptions
	touch    func(client *Host)
}

func (d drizzle) run(t testing.TB) *trace.Trace {
	t.Helper()
	return run(t, Options{Seed: d.seed}, func(l *Lab) error {
		client, server := pairOf(t, l, d.up, Conditions{}, d.options)
		sink(t, l, server)
		if d.touch != nil {
			d.touch(client)
		}
		l.Go(client, "client", func() error {
			c, err := client.Dial(context.Background(), "udp", "server:9")
			for i := range d.n {
				if i > 0 && d.interval > 0 {
					l.Sleep(d.interval)
				}
				if err == nil {
					_, err = c.Write(make([]byte, max(d.size, 1)))
				}
			}
			return err
		})
		return nil
	})
}

// sink starts a server that reads datagrams until the end.
func sink(t testing.TB, l *Lab, server *Host) {
	t.Helper()
	in, err := server.ListenPacket("udp", ":9")
	if err != nil {
		t.Fatal(err)
	}
	l.Background(server, "server", func() error {
		for {
			if _, _, err := in.ReadFrom(make([]byte, 70_000)); err != nil {
				return err
			}
		}
	})
}

// rows are the rows of the packets of which is says so.
func rows(tr *trace.Trace, is func(p *trace.Packet) bool) (list []int) {
	for i := range tr.Packets {
		if is(&tr.Packets[i]) {
			list = append(list, i)
		}
	}
	return list
}

func fated(tr *trace.Trace, f trace.Fate) []int {
	return rows(tr, func(p *trace.Packet) bool { return p.Fate == f })
}

// near fails unless got lies within five standard deviations of n draws of p.
func near(t *testing.T, what string, got int, n, p float64) {
	t.Helper()
	if dev := 5 * math.Sqrt(n*p*(1-p)); math.Abs(float64(got)-n*p) > dev {
		t.Errorf("%s: %d, want %.0f within %.0f", what, got, n*p, dev)
	}
}

func TestDelayIsExactAndAtLeastTheLeast(t *testing.T) {
	for _, delay := range []time.Duration{0, 1, MinDelay, MinDelay + 1, 20 * ms} {
		tr := drizzle{n: 1, up: Conditions{Delay: delay}}.run(t)
		if got, want := tr.Packets[0].Arrived, max(delay, MinDelay); got != want {
			t.Errorf("with a delay of %v the frame arrived at %v", delay, got)
		}
	}
}

func TestJitterStaysInItsBoundsAndKeepsTheOrder(t *testing.T) {
	const n, delay, jitter = 4000, 10 * ms, 8 * ms
	for _, interval := range []time.Duration{jitter, 100 * time.Microsecond} {
		tr := drizzle{seed: 3, n: n, interval: interval, up: Conditions{Delay: delay, Jitter: jitter}}.run(t)
		last, sum, late := time.Duration(0), time.Duration(0), 0
		for i := range tr.Packets {
			p := &tr.Packets[i]
			extra := p.Arrived - p.Left - delay
			if extra < 0 || extra >= jitter {
				t.Fatalf("frame %d took %v longer, of at most %v", i, extra, jitter)
			}
			if p.Arrived < last {
				t.Fatalf("frame %d arrived at %v, before the one before it at %v", i, p.Arrived, last)
			}
			last = p.Arrived
			sum += extra
			if extra >= jitter/2 {
				late++
			}
		}
		if interval < jitter {
			continue // each waits for the latest before it
		}
		// A uniform draw has a standard deviation of 1/sqrt(12).
		if mean, dev := float64(sum)/n/float64(jitter), 5/math.Sqrt(12*n); math.Abs(mean-0.5) > dev {
			t.Errorf("the mean is %.4f of the jitter, want half within %.4f", mean, dev)
		}
		near(t, "frames that took more than half of it", late, n, 0.5)
	}
}

// TestBurstLoss counts bursts over a long run.
func TestBurstLoss(t *testing.T) {
	const n = 30_000
	for _, b := range []Burst{{0.01, 5}, {0.05, 1}, {0.2, 20}, {0.4, 1}, {0.5, 1}, {0.9, 2}, {1, 5}} {
		lost, bursts := 0, 0
		c := newBursts(b, diceOf(chanceBurst), diceOf(chanceBurstEnd))
		before := false
		for i := range uint64(n) {
			p := passage{n: i + 1}
			c.strike(&p)
			bad := p.fate == trace.LostRandom
			if bad {
				lost++
				if !before {
					bursts++
				}
			}
			before = bad
		}
		if b.Share == 1 {
			if lost != n {
				t.Errorf("%+v lost %d of %d", b, lost, n)
			}
			continue
		}
		// In a chain neighbours are related: the share varies as if there were
		// fewer frames, by (1+r)/(1-r) with r what is left after one step.
		in, out := c.enter, c.leave
		r := 1 - in - out
		dev := 5 * math.Sqrt(b.Share*(1-b.Share)/n*(1+r)/(1-r))
		if got := float64(lost) / n; math.Abs(got-b.Share) > dev {
			t.Errorf("%+v lost a share of %.4f, want it within %.4f", b, got, dev)
		}
		// A burst's length is geometric; a share over half needs longer ones.
		want := max(b.Length, b.Share/(1-b.Share))
		dev = 5 * math.Sqrt(want*(want-1)/float64(bursts))
		if got := float64(lost) / float64(bursts); math.Abs(got-want) > dev+1e-9 {
			t.Errorf("%+v lost %.3f frames a burst, want %.3f within %.3f", b, got, want, dev)
		}
	}
}

func diceOf(what purpose) dice {
	return func(n uint64) float64 { return chance(1, 0, 0, what, n) }
}

func TestBurstLossOnTheWire(t *testing.T) {
	tr := drizzle{seed: 2, n: 3000, interval: ms, up: Conditions{Burst: Burst{Share: 0.1, Length: 6}}}.run(t)
	lost := fated(tr, trace.LostRandom)
	bursts := 0
	for i, row := range lost {
		if i == 0 || lost[i-1] != row-1 {
			bursts++
		}
	}
	if len(lost) < 150 || len(lost) > 450 || len(lost)/bursts < 3 || len(lost)/bursts > 12 {
		t.Errorf("%d lost in %d bursts", len(lost), bursts)
	}
}

func TestDuplicatesArriveRightBehind(t *testing.T) {
	const n = 3000
	for _, c := range []Conditions{
		{Delay: 5 * ms, Duplicate: 0.1},
		{Delay: 5 * ms, Duplicate: 0.1, Rate: 10e6, Jitter: 3 * ms},
		{Delay: 5 * ms, Duplicate: 0.1, Reorder: 0.2, Corrupt: 0.1},
	} {
		tr := drizzle{seed: 4, n: n, interval: 100 * time.Microsecond, up: c}.run(t)
		copies := rows(tr, func(p *trace.Packet) bool { return p.Copy })
		near(t, "copies", len(copies), n, 0.1)
		if got := len(tr.Packets) - len(copies); got != n {
			t.Errorf("%+v: the client sent %d packets", c, got)
		}
		nth := uint32(0)
		order := arrivals(tr)
		for i := range tr.Packets {
			p := &tr.Packets[i]
			if p.Copy {
				o := &tr.Packets[i-1]
				if p.Nth != 0 || p.Arrived != o.Arrived || p.Fate != o.Fate || p.Flip != o.Flip || p.Sent != o.Sent || p.Span != o.Span {
					t.Fatalf("%+v: the copy is %+v, of %+v", c, p, o)
				}
				if at := slices.Index(order, i); order[at-1] != i-1 {
					t.Fatalf("%+v: packet %d arrived before the copy of %d", c, order[at-1], i-1)
				}
				continue
			}
			if nth++; p.Nth != nth {
				t.Fatalf("packet %d is the %d-th, want %d: copies are nobody's", i, p.Nth, nth)
			}
		}
	}
}

// arrivals are the rows of what arrived, in that order.
func arrivals(tr *trace.Trace) []int {
	list := rows(tr, func(p *trace.Packet) bool { return p.Landed > 0 })
	slices.SortStableFunc(list, func(a, b int) int { return int(tr.Packets[a].Landed) - int(tr.Packets[b].Landed) })
	return list
}

func TestReorderedFramesAreOvertakenByOneToThree(t *testing.T) {
	const n, interval, delay = 4000, ms, 20 * ms
	tr := drizzle{seed: 5, n: n, interval: interval, up: Conditions{Delay: delay, Reorder: 0.05}}.run(t)
	by := map[int]int{}
	overtaken := 0
	order := arrivals(tr)
	place := make([]int, len(tr.Packets))
	for at, row := range order {
		place[row] = at
	}
	for i := range tr.Packets {
		p, k := &tr.Packets[i], 0
		for j := i + 1; j < min(i+10, len(tr.Packets)); j++ {
			if place[j] < place[i] {
				k++
			}
		}
		late := p.Arrived - p.Left - delay
		if k > 0 {
			overtaken++
			by[k]++
			// It arrives with the last that passes it.
			if last := order[place[i]-1]; p.Arrived != tr.Packets[last].Arrived {
				t.Errorf("frame %d was overtaken by %d and arrived at %v, after frame %d at %v", i, k, p.Arrived, last, tr.Packets[last].Arrived)
			}
		} else if late != 0 && i < n-3 {
			t.Errorf("frame %d was overtaken by none and took %v longer", i, late)
		}
	}
	near(t, "overtaken", overtaken, n, 0.05)
	for k, times := range by {
		if k > mostBehind || times < overtaken/5 {
			t.Errorf("overtaken by so many, so often: %v", by)
		}
	}
	t.Logf("overtaken by so many, so often: %v", by)
}

func TestReorderedFrameIsPatientButNotForEver(t *testing.T) {
	for name, d := range map[string]drizzle{
		"nothing follows":                 {n: 1, up: Conditions{Delay: 5 * ms, Reorder: 1}},
		"what follows comes too late":     {n: 3, interval: 200 * ms, up: Conditions{Delay: 5 * ms, Reorder: 1}},
		"what follows takes long to send": {n: 2, size: 1000, up: Conditions{Delay: 5 * ms, Reorder: 1, Rate: 64e3}},
	} {
		tr := d.run(t)
		for i := range tr.Packets {
			p := &tr.Packets[i]
			if got := p.Arrived - p.Left; got != 5*ms+patience {
				t.Errorf("%s: packet %d took %v, want %v", name, i, got, 5*ms+patience)
			}
		}
	}
	// One that is released by hand is not kept by a frame that comes late.
	tr := drizzle{n: 2, size: 1000, up: Conditions{Delay: 5 * ms, Rate: 64e3}, touch: func(c *Host) { c.Touch(1, Swap, 0) }}.run(t)
	if p := &tr.Packets[0]; p.Arrived-p.Left != 5*ms+patience {
		t.Errorf("it took %v", p.Arrived-p.Left)
	}
}

func TestCorruptionInvertsOneBitOfAnIPPacket(t *testing.T) {
	const n = 2000
	tr := drizzle{seed: 6, n: n, size: 100, interval: ms, up: Conditions{Corrupt: 0.2}}.run(t)
	flipped, bitsSeen := 0, map[int32]bool{}
	for i := range tr.Packets {
		p := &tr.Packets[i]
		sent, got := tr.Bytes(p), tr.Received(p)
		differ := 0
		for k := range sent {
			differ += bits.OnesCount8(sent[k] ^ got[k])
		}
		if p.Flip < 0 {
			if differ != 0 || p.Fate != trace.Delivered {
				t.Fatalf("packet %d: %d bits differ, %v", i, differ, p.Fate)
			}
			continue
		}
		flipped++
		bitsSeen[p.Flip] = true
		if differ != 1 || p.Flip < packets.EthernetHeaderLen*8 || int(p.Flip) >= 8*len(sent) {
			t.Fatalf("packet %d: bit %d, and %d differ", i, p.Flip, differ)
		}
		// IPv4's and UDP's checksums cover all, but for a UDP checksum that
		// becomes 0, and a destination that becomes somebody else.
		where := int(p.Flip)/8 - packets.EthernetHeaderLen
		if p.Fate != trace.BadChecksum {
			t.Errorf("packet %d: bit %d of the IP packet's byte %d was inverted, and it is %v", i, p.Flip%8, where, p.Fate)
		}
	}
	near(t, "corrupted", flipped, n, 0.2)
	if len(bitsSeen) < 200 {
		t.Errorf("only %d different bits were inverted", len(bitsSeen))
	}
}

func TestCorruptionSparesWhatIsNoIPPacket(t *testing.T) {
	tr := run(t, Options{Seed: 1}, func(l *Lab) error {
		client := mustHost(t, l, "client", "10.0.0.1", HostOptions{})
		server := mustHost(t, l, "server", "10.0.0.2", HostOptions{})
		l.Cable(client, server, Conditions{Corrupt: 1}, Conditions{Corrupt: 1})
		sink(t, l, server)
		l.Go(client, "client", func() error { return burst(client, "server:9", 1, 10) })
		return nil
	})
	arp := rows(tr, func(p *trace.Packet) bool { return p.Nth == 0 })
	if len(arp) != 2 || len(tr.Packets) != 3 {
		t.Fatalf("%d of %d frames are ARP; want a question, an answer and a datagram", len(arp), len(tr.Packets))
	}
	for _, i := range arp {
		if p := &tr.Packets[i]; p.Flip >= 0 || p.Fate != trace.Delivered {
			t.Errorf("an ARP frame: bit %d, %v", p.Flip, p.Fate)
		}
	}
	if p := &tr.Packets[2]; p.Flip < 0 {
		t.Errorf("the datagram was not corrupted")
	}
}

func TestTCPLivesWithCorruption(t *testing.T) {
	tr := run(t, Options{Seed: 2}, func(l *Lab) error {
		client, server := pair(t, l, Conditions{Delay: 5 * ms, Rate: 10e6, Corrupt: 0.05}, HostOptions{})
		return transfer(l, client, server, 200_000)
	})
	if bad := fated(tr, trace.BadChecksum); len(bad) < 3 {
		t.Errorf("%d packets were thrown away", len(bad))
	}
}

func TestCutLosesWhatIsUnderWay(t *testing.T) {
	const delay, interval = 10 * ms, ms
	c := Conditions{Delay: delay, Cut: []time.Duration{100 * ms, 300 * ms, 500 * ms}, Restore: []time.Duration{150 * ms, 310*ms + 1}}
	tr := drizzle{n: 600, interval: interval, up: c}.run(t)
	for i := range tr.Packets {
		p := &tr.Packets[i]
		at := time.Duration(i) * interval
		// Sent while it is cut, or still on the cable when it is cut.
		lost := at > 90*ms-1 && at < 150*ms || at >= 290*ms && at < 310*ms+1 || at >= 490*ms
		if p.Sent != at || (p.Fate == trace.LostCut) != lost || !lost && p.Arrived != at+delay {
			t.Errorf("the packet sent at %v is %v, arrived %v", p.Sent, p.Fate, p.Arrived)
		}
	}
}

// What waits for the wire while the cable is cut, and is sent when it is
// mended, passes; what is held by hand over the cut does not.
func TestCutAndWhatWaits(t *testing.T) {
	tr := drizzle{n: 3, size: 1000 - 42, up: Conditions{Delay: ms, Rate: 80e3, Cut: []time.Duration{50 * ms}, Restore: []time.Duration{150 * ms}}}.run(t)
	for i, want := range []trace.Fate{trace.LostCut, trace.LostCut, trace.Delivered} {
		if got := tr.Packets[i].Fate; got != want { // 100 ms each on the wire
			t.Errorf("packet %d is %v, want %v", i, got, want)
		}
	}
	for hold, want := range map[time.Duration]trace.Fate{39*ms - 1: trace.Delivered, 39 * ms: trace.LostCut, time.Second: trace.LostCut} {
		tr := drizzle{n: 1, up: Conditions{Delay: ms, Cut: []time.Duration{40 * ms}, Restore: []time.Duration{41 * ms}},
			touch: func(c *Host) { c.Touch(1, Hold, hold) }}.run(t)
		if got := tr.Packets[0].Fate; got != want {
			t.Errorf("held for %v it is %v, want %v", hold, got, want)
		}
	}
}

func TestBlockStopsItsProtocolAndPort(t *testing.T) {
	for _, v := range []struct {
		block   Block
		blocked bool
	}{
		{Block{packets.ProtocolUDP, 9}, true}, {Block{packets.ProtocolUDP, 0}, true},
		{Block{packets.ProtocolUDP, 10}, false}, {Block{packets.ProtocolTCP, 9}, false},
		{Block{packets.ProtocolTCP, 0}, false}, {Block{packets.ProtocolICMP, 0}, false},
	} {
		want := trace.Delivered
		if v.blocked {
			want = trace.LostBlocked
		}
		tr := drizzle{n: 1, up: Conditions{Block: []Block{v.block}}}.run(t)
		if got := tr.Packets[0].Fate; got != want {
			t.Errorf("%+v: the datagram is %v", v.block, got)
		}
	}
	// From the port too: the answers.
	tr := run(t, Options{}, func(l *Lab) error {
		client, server := pairOf(t, l, Conditions{}, Conditions{Block: []Block{{Proto: packets.ProtocolTCP, Port: 80}}}, HostOptions{})
		listen(t, server)
		l.Go(client, "client", func() error {
			if _, err := client.Dial(context.Background(), "tcp", "server:80"); err == nil {
				return fmt.Errorf("it connected")
			}
			return nil
		})
		return nil
	})
	for i := range tr.Packets {
		p := &tr.Packets[i]
		if want := [...]trace.Fate{trace.Delivered, trace.LostBlocked}[p.From]; p.Fate != want {
			t.Errorf("packet %d of host %d is %v", i, p.From, p.Fate)
		}
	}
}

func TestQueueHoldsFramesOrBytes(t *testing.T) {
	for _, v := range []struct {
		queue Queue
		fit   int // behind the one that is being sent
	}{{Queue{Frames: 8}, 8}, {Queue{Frames: 1}, 1}, {Queue{Bytes: 8000}, 8}, {Queue{Bytes: 7999}, 7}, {Queue{Bytes: 10}, 0}} {
		tr := drizzle{n: 20, size: 1000 - 42, up: Conditions{Rate: 1e6, Queue: v.queue}}.run(t)
		for i := range tr.Packets {
			want := trace.Delivered
			if i > v.fit {
				want = trace.LostQueue
			}
			if got := tr.Packets[i].Fate; got != want {
				t.Errorf("%+v: packet %d is %v", v.queue, i, got)
			}
		}
	}
}

func TestMTUCutsDatagrams(t *testing.T) {
	for _, mtu := range []int{MinMTU, 576, 1500, 9000} {
		tr := drizzle{n: 1, size: 20_000, up: Conditions{Rate: 1e9}, options: HostOptions{MTU: mtu}}.run(t)
		each := (mtu - 20) / 8 * 8
		if got, want := len(tr.Packets), (20_008+each-1)/each; got != want {
			t.Errorf("MTU %d: %d pieces, want %d", mtu, got, want)
		}
		for i := range tr.Packets {
			if n := tr.Packets[i].Len() - packets.EthernetHeaderLen; n > mtu {
				t.Errorf("MTU %d: piece %d is a packet of %d bytes", mtu, i, n)
			}
		}
	}
}

func TestEachDirectionHasItsOwnConditions(t *testing.T) {
	tr := run(t, Options{Seed: 1}, func(l *Lab) error {
		client, server := pairOf(t, l, Conditions{Delay: 5 * ms, Loss: 0.1}, Conditions{Delay: 30 * ms, Duplicate: 0.5}, HostOptions{})
		return transfer(l, client, server, 100_000)
	})
	for i := range tr.Packets {
		p := &tr.Packets[i]
		switch {
		case p.From == 0 && p.Copy, p.From == 1 && p.Fate == trace.LostRandom:
			t.Errorf("packet %d of host %d has what the other direction does: %v, copy %v", i, p.From, p.Fate, p.Copy)
		case p.Arrived != trace.Never && p.Arrived-p.Left != [2]time.Duration{5 * ms, 30 * ms}[p.From]:
			t.Errorf("packet %d of host %d took %v", i, p.From, p.Arrived-p.Left)
		}
	}
	if len(fated(tr, trace.LostRandom)) == 0 || len(rows(tr, func(p *trace.Packet) bool { return p.Copy })) == 0 {
		t.Error("nothing was lost, or nothing came twice")
	}
}

func TestConditionsThatContradictThemselves(t *testing.T) {
	s := time.Second
	for _, v := range []struct {
		cut, restore []time.Duration
		says         string
	}{
		{nil, nil, ""}, {[]time.Duration{s}, nil, ""}, {[]time.Duration{0}, []time.Duration{1}, ""},
		{[]time.Duration{s, 3 * s}, []time.Duration{2 * s}, ""},
		{[]time.Duration{s, 3 * s}, []time.Duration{2 * s, 4 * s}, ""},
		{nil, []time.Duration{s}, "restore: there is no cut before it"},
		{[]time.Duration{s, 2 * s}, nil, "cut: the cable is cut twice without a restore between"},
		{[]time.Duration{2 * s}, []time.Duration{s}, "restore: 1s is not after the cut at 2s"},
		{[]time.Duration{s}, []time.Duration{s}, "restore: 1s is not after the cut at 1s"},
		{[]time.Duration{s, 2 * s}, []time.Duration{2 * s}, "cut: 2s is not after the restore at 2s"},
		{[]time.Duration{3 * s, s}, []time.Duration{4 * s}, "cut: 1s is not after the restore at 4s"},
	} {
		err := (&Conditions{Cut: v.cut, Restore: v.restore}).Check()
		if (err == nil) != (v.says == "") || err != nil && !strings.Contains(err.Error(), v.says) {
			t.Errorf("cut %v, restore %v: %v, want %q", v.cut, v.restore, err, v.says)
		}
	}
}

func TestBurstsHaveFramesBetweenThem(t *testing.T) {
	for _, v := range []struct {
		burst Burst
		says  string
	}{
		{Burst{}, ""}, {Burst{0.5, 1}, ""}, {Burst{0.5, 0}, ""}, {Burst{5. / 6, 5}, ""},
		{Burst{0.51, 1}, "burst loss: bursts of 1 frames lose at most 50.0 % of all, and not 51.0 %"},
		{Burst{1, 5}, "bursts of 5 frames lose at most 83.3 % of all, and not 100.0 %"},
	} {
		err := (&Conditions{Burst: v.burst}).Check()
		if (err == nil) != (v.says == "") || err != nil && !strings.Contains(err.Error(), v.says) {
			t.Errorf("%+v: %v, want %q", v.burst, err, v.says)
		}
	}
}

// TestConditionsLeaveEachOtherAlone adds every other condition, one by one and
// all together: the same frames are lost, corrupted, come twice, are held up.
func TestConditionsLeaveEachOtherAlone(t *testing.T) {
	const n = 1000
	base := Conditions{Delay: 10 * ms, Loss: 0.05, Burst: Burst{Share: 0.03, Length: 3}}
	more := map[string]func(c *Conditions){
		"jitter":    func(c *Conditions) { c.Jitter = 5 * ms },
		"duplicate": func(c *Conditions) { c.Duplicate = 0.2 },
		"reorder":   func(c *Conditions) { c.Reorder = 0.2 },
		"corrupt":   func(c *Conditions) { c.Corrupt = 0.2 },
		"rate":      func(c *Conditions) { c.Rate = 10e6 },
		"block":     func(c *Conditions) { c.Block = []Block{{Proto: packets.ProtocolTCP}} },
		"cut":       func(c *Conditions) { c.Cut = []time.Duration{time.Hour} },
	}
	nth := func(tr *trace.Trace, is func(p *trace.Packet) bool) string {
		var list []uint32
		for _, i := range rows(tr, is) {
			list = append(list, tr.Packets[i].Nth)
		}
		return fmt.Sprint(list)
	}
	lost := func(p *trace.Packet) bool { return p.Fate == trace.LostRandom }
	flipped := func(p *trace.Packet) bool { return p.Flip >= 0 && !p.Copy }
	play := func(c Conditions) *trace.Trace {
		return drizzle{seed: 8, n: n, interval: ms, up: c}.run(t)
	}
	want := nth(play(base), lost)
	all := base
	for name, add := range more {
		c := base
		add(&c)
		add(&all)
		if got := nth(play(c), lost); got != want {
			t.Errorf("with %s other packets are lost: %s, not %s", name, got, want)
		}
	}
	tr := play(all)
	if got := nth(tr, lost); got != want {
		t.Errorf("with all conditions other packets are lost: %s, not %s", got, want)
	}
	// Of those that were not lost the same are corrupted as without loss.
	c := Conditions{Delay: 10 * ms, Corrupt: 0.2}
	alone := play(c)
	var left []int32
	for _, i := range rows(tr, flipped) {
		left = append(left, tr.Packets[i].Flip)
		if a := &alone.Packets[tr.Packets[i].Nth-1]; a.Flip != tr.Packets[i].Flip {
			t.Errorf("packet %d has bit %d inverted, and alone bit %d", tr.Packets[i].Nth, tr.Packets[i].Flip, a.Flip)
		}
	}
	if len(left) < n/10 {
		t.Errorf("only %d were corrupted", len(left))
	}
}
