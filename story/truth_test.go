package story_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wirelab/packets"
	"wirelab/story"
	"wirelab/trace"
)

// Every sentence about random runs is checked against the frames themselves,
// by a reader that knows neither the samples of the stacks nor how the
// sentences are made.
func TestSentencesAreTrue(t *testing.T) {
	runs := 300
	if testing.Short() {
		runs = 60
	}
	seen := map[string]int{}
	for seed := range uint64(runs) {
		settings := randomSettings(rand.New(rand.NewPCG(seed, 1)))
		tr, err := runExchange(append(settings, fmt.Sprintf("seed=%d", seed))...)
		if tr == nil {
			t.Fatalf("%v: %v", settings, err)
		}
		r := newReader(t, tr, seen)
		r.read(story.Tell(tr))
		if t.Failed() {
			t.Fatalf("with %s --seed %d", strings.Join(settings, " "), seed)
		}
	}
	for _, claim := range []string{"in order", "kept", "not kept", "fills", "already", "acked", "duplicate", "room", "timeout",
		"tail loss probe", "fast retransmission", "fast recovery", "after the timeout", "reordering timer", "sacked", "message"} {
		if seen[claim] == 0 {
			t.Errorf("no run had a sentence with %q, so nothing was checked", claim)
		}
	}
	t.Log(seen)
}

func TestSentencesOfTheListingsAreTrue(t *testing.T) {
	for _, l := range listings {
		t.Run(l.name, func(t *testing.T) {
			tr := l.run(t)
			newReader(t, tr, map[string]int{}).read(story.Tell(tr))
		})
	}
}

func randomSettings(r *rand.Rand) []string {
	some := func(words ...string) string { return words[r.IntN(len(words))] }
	s := []string{
		"size=" + strconv.Itoa(1+r.IntN(1<<(4+r.IntN(12)))),
		"count=" + strconv.Itoa(1+r.IntN(3)),
		"reply=" + some("echo", "none", "1", "3kB"),
		"delay=" + some("1ms", "20ms", "80ms"),
		"rate=" + some("1mbit", "10mbit", "100mbit", "none"),
		"limit-time=10m",
	}
	maybe := func(words ...string) {
		if r.IntN(3) == 0 {
			s = append(s, some(words...))
		}
	}
	maybe("loss=2%", "loss=10%", "up=loss=20%", "down=loss=20%")
	maybe("mtu=576", "mtu=1280", "mtu=9000", "mtu=200")
	maybe("no-sack=true")
	maybe("nagle=true")
	maybe("rcvbuf=4096", "rcvbuf=8192", "rcvbuf=20000")
	maybe("queue=2p", "queue=5p", "queue=10kB")
	maybe("cc=cubic")
	maybe("cold=true")
	maybe("interval=50ms", "interval=1s")
	if r.IntN(2) == 0 {
		var drops []string
		for range 1 + r.IntN(4) {
			drops = append(drops, fmt.Sprintf("%s:%d", some("client", "client", "server"), 1+r.IntN(25)))
		}
		s = append(s, "drop="+strings.Join(drops, ","))
	}
	return s
}

// A reader follows the frames of a trace and checks each sentence.
type reader struct {
	t     *testing.T
	tr    *trace.Trace
	seen  map[string]int
	ways  []way // by stream
	sent  []int // lines, by packet
	ended []int
	names map[trace.Stream]map[string]trace.Span
}

// A way is what happened on one stream so far.
type way struct {
	came    numbers // what arrived at its receiver and was kept
	acked   int64   // the highest acknowledgement that came back to its sender
	window  int64   // that came with the last one
	dups    int
	top     int64         // one beyond the highest number sent
	timeout int64         // top when a retransmission timeout came last
	expired time.Duration // when that was
	newAck  time.Duration
	last    []int // rows of its packets with numbers, in order of sending
}

// numbers is a set of the numbers of a stream: SYN 0, first byte 1.
type numbers []bool

func (n *numbers) add(lo, hi int64) {
	for i := lo; i < hi; i++ {
		for int64(len(*n)) <= i {
			*n = append(*n, false)
		}
		(*n)[i] = true
	}
}

func (n numbers) has(lo, hi int64) bool {
	for i := lo; i < hi; i++ {
		if i >= int64(len(n)) || i < 0 || !n[i] {
			return false
		}
	}
	return true
}

func newReader(t *testing.T, tr *trace.Trace, seen map[string]int) *reader {
	return &reader{t: t, tr: tr, seen: seen, ways: make([]way, 2*len(tr.Conns)), sent: make([]int, len(tr.Packets)),
		ended: make([]int, len(tr.Packets)), names: map[trace.Stream]map[string]trace.Span{}}
}

func (r *reader) read(events []story.Event) {
	for i := range events {
		e := &events[i]
		if i > 0 && events[i-1].At > e.At {
			r.fail(e, "it comes before the line before it")
		}
		if e.RFC != "" != (e.Why != "") {
			r.fail(e, "it has only one of a rule and a place where that stands")
		}
		if e.RFC != "" && !rfcs.MatchString(e.RFC) {
			r.fail(e, "RFC text "+e.RFC)
		}
		switch e.Kind {
		case story.Sent:
			r.leaves(e)
		case story.Arrived:
			r.arrives(e)
		case story.State:
			r.state(e)
		case story.MessageSent, story.MessageArrived:
			r.message(e)
		case story.Ended:
			r.returned(e)
		}
	}
	for i := range r.tr.Packets {
		p := &r.tr.Packets[i]
		if r.sent[i] != 1 || r.ended[i] != 1 {
			r.t.Errorf("packet %d (%v) has %d lines of its sending and %d of its end", i+1, p.Fate, r.sent[i], r.ended[i])
		}
	}
	for i := range r.tr.Messages {
		m := &r.tr.Messages[i]
		lines := 0
		for j := range events {
			if e := &events[j]; e.Row == i && (e.Kind == story.MessageSent || e.Kind == story.MessageArrived) {
				lines++
			}
		}
		want := 0
		for _, at := range []time.Duration{m.Sent, m.Arrived} {
			if at != trace.Never {
				want++
			}
		}
		if lines != want {
			r.t.Errorf("message %d has %d lines, and should have %d", i, lines, want)
		}
	}
}

var (
	rfcs       = regexp.MustCompile(`^RFC \d+( section [\d.]+)?(, RFC \d+( section [\d.]+)?)*$`)
	sentBytes  = regexp.MustCompile(`^(part of )?([A-Za-z-]+)( again)?, bytes? ([\d,]+)(?: to ([\d,]+))?(, and FIN)?(?:: ([a-z ]+))?(?:; .*)?$`)
	sentCause  = regexp.MustCompile(`(?:\d|FIN): (timeout|tail loss probe|fast retransmission|fast recovery|after the timeout|reordering timer|waited for ARP)`)
	sacked     = regexp.MustCompile(`; has also bytes (.*?)(?:; .*)?$`)
	interval   = regexp.MustCompile(`([\d,]+)(?: to ([\d,]+))?`)
	itsArrived = regexp.MustCompile(`its (SYN)?(?: and )?(?:bytes? ([\d,]+)(?: to ([\d,]+))?)?(?: and )?(FIN)? (?:has|have) arrived`)
	wanted     = regexp.MustCompile(`; (byte|the FIN|the SYN) ?([\d,]*) ?is wanted first`)
	upTo       = regexp.MustCompile(`bytes up to ([\d,]+) are in order now`)
	duplicate  = regexp.MustCompile(`again, duplicate (\d+)$`)
	room       = regexp.MustCompile(`room for ([\d,]+)$`)
)

func number(s string) int64 {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (r *reader) fail(e *story.Event, why string) {
	r.t.Helper()
	r.t.Errorf("%v %s %q: %s", e.At, e.Who, e.Text, why)
}

// segment reads the frame of a row: the relative numbers that it takes, and
// its acknowledgement.
func (r *reader) segment(row int) (p *trace.Packet, h packets.Headers, lo, hi, ack int64, ok bool) {
	p = &r.tr.Packets[row]
	h = packets.Scan(r.tr.Bytes(p))
	if h.Proto != packets.ProtocolTCP || p.Conn() < 0 {
		return p, h, 0, 0, 0, false
	}
	c, end := &r.tr.Conns[p.Conn()], p.Span.Stream.End()
	lo = int64(h.Seq - c.ISN[end])
	hi = lo + int64(h.Len)
	for _, f := range []packets.Flags{packets.SYN, packets.FIN} {
		if h.Flags.Has(f) {
			hi++
		}
	}
	return p, h, lo, hi, int64(h.Ack - c.ISN[1-end]), true
}

func (r *reader) leaves(e *story.Event) {
	r.sent[e.Row]++
	p, h, lo, hi, ack, ok := r.segment(e.Row)
	if want := r.tr.Name(p.From) + " to " + r.tr.Name(p.To); e.Who != want || e.At != p.Sent {
		r.fail(e, "it was sent by "+want)
	}
	if lost := strings.Contains(e.Text, "lost") || strings.Contains(e.Text, "under way"); lost != (p.Arrived == trace.Never) {
		r.fail(e, "its fate is "+p.Fate.String())
	}
	if p.Arrived == trace.Never {
		r.ended[e.Row]++
	}
	if e.Why == "" {
		r.fail(e, "nothing says why")
	}
	if !ok || h.Flags.Has(packets.RST) {
		return
	}
	w := &r.ways[p.Span.Stream]
	pure := hi == lo
	if pure != strings.HasPrefix(e.Text, "ack ") {
		r.fail(e, "it is not told by what it carries")
	}
	if !pure && strings.Contains(e.Text, " again") != p.Again {
		r.fail(e, fmt.Sprintf("again is %v", p.Again))
	}
	if !pure && p.Again != (lo < w.top) {
		r.fail(e, "the trace is wrong about again")
	}
	if m := sentBytes.FindStringSubmatch(e.Text); m != nil {
		first, last := number(m[4]), number(m[5])
		if last < 0 {
			last = first
		}
		if data := lo + int64(h.Len) - 1; first != lo || last != data {
			r.fail(e, fmt.Sprintf("it carries bytes %d to %d", lo, data))
		}
		r.named(e, p, m[1] != "", m[2])
	} else if h.Len > 0 && !strings.HasPrefix(e.Text, "window probe") {
		r.fail(e, "it does not say which bytes")
	}
	if m := sacked.FindStringSubmatch(e.Text); m != nil {
		r.seen["sacked"]++
		for _, iv := range interval.FindAllStringSubmatch(m[1], -1) {
			first, last := number(iv[1]), number(iv[2])
			if last < 0 {
				last = first
			}
			if !r.ways[p.Span.Stream^1].came.has(first, last+1) {
				r.fail(e, "those bytes never came")
			}
		}
	}
	if strings.Contains(e.Why, "not yet read") && r.readUpTo(p) >= int64(len(r.ways[p.Span.Stream^1].came)) {
		r.fail(e, "its program has read all: "+e.Why)
	}
	if pure {
		if n := number(strings.TrimRight(strings.Fields(e.Text)[1], ",;:")); n != ack {
			r.fail(e, fmt.Sprintf("it acknowledges %d", ack))
		}
		if strings.Contains(e.Text, "it has that already") && !r.ways[p.Span.Stream^1].came.has(1, ack) {
			r.fail(e, "it does not have all before that")
		}
	} else if p.Again {
		r.resent(e, p, w, lo, hi)
	}
	if !pure {
		w.last = append(w.last, e.Row)
		w.top = max(w.top, hi)
	}
}

// readUpTo is one beyond the last byte that the program which sends p had read.
func (r *reader) readUpTo(p *trace.Packet) (n int64) {
	for i := range r.tr.Calls {
		if c := &r.tr.Calls[i]; c.What == "read" && c.Span.Stream == p.Span.Stream^1 && c.Ended > 0 && c.Ended <= p.Step {
			n = max(n, c.Span.Hi+1)
		}
	}
	return n
}

// named checks that a name stands for the same bytes everywhere.
func (r *reader) named(e *story.Event, p *trace.Packet, part bool, name string) {
	names := r.names[p.Span.Stream]
	if names == nil {
		names = map[string]trace.Span{}
		r.names[p.Span.Stream] = names
	}
	if upper := strings.ToUpper(name) == name; upper != (p.Span.Stream.End() == 0) {
		r.fail(e, "a name of the other end")
	}
	_, h, lo, _, _, _ := r.segment(e.Row)
	data := trace.Span{Lo: lo, Hi: lo + int64(h.Len)}
	was, known := names[name]
	switch {
	case strings.Contains(name, "-"):
	case !known && p.Again, part && !known:
		r.fail(e, "a new name for old bytes")
	case !known:
		names[name] = data
	case part && (data.Lo < was.Lo || data.Hi > was.Hi), !part && data != was:
		r.fail(e, fmt.Sprintf("%s was bytes %d to %d", name, was.Lo, was.Hi-1))
	}
}

// resent checks what is said of the cause of a segment sent again.
func (r *reader) resent(e *story.Event, p *trace.Packet, w *way, lo, hi int64) {
	if strings.HasPrefix(e.Text, "window probe") {
		r.seen["window probe"]++
		if hi != lo+1 || hi > w.acked || w.window != 0 {
			r.fail(e, "it is no probe of a window that is shut")
		}
		return
	}
	var cause string
	if m := sentCause.FindStringSubmatch(e.Text); m != nil {
		cause = m[1]
	} else if !strings.HasPrefix(e.Text, "SYN and ACK") {
		r.fail(e, "nothing says what made it come again")
	}
	r.seen[cause]++
	first, before := time.Duration(-1), time.Duration(-1) // when these numbers were sent first, and last before this moment
	for _, row := range w.last {
		q := r.tr.Packets[row]
		if !q.Span.Overlaps(p.Span) {
			continue
		}
		if first < 0 {
			first = q.Sent
		}
		if q.Sent < p.Sent {
			before = q.Sent
		}
	}
	later := func() bool { // something sent no earlier came to the other end, and an acknowledgement back
		for _, row := range w.last {
			if q := r.tr.Packets[row]; q.Sent >= before && q.Landed > 0 && q.Landed < p.Step && q.Arrived < p.Sent {
				return true
			}
		}
		return false
	}
	if strings.Contains(e.Why, "the oldest segment without") && cause != "timeout" {
		if lo != w.acked {
			r.fail(e, fmt.Sprintf("not the oldest: %d is", w.acked))
		}
		// Any that is missing will do.
		sent := map[int64]time.Duration{} // when what is not acknowledged was sent last, by its first number
		for _, row := range w.last {
			if q := r.tr.Packets[row]; q.Span.Hi+1 > w.acked && q.Step < p.Step {
				sent[q.Span.Lo] = q.Sent
			}
		}
		for _, at := range sent {
			before = min(before, at)
		}
	}
	timer := p.Cause == trace.AtTimer
	switch cause {
	case "waited for ARP":
		if first != p.Sent {
			r.fail(e, fmt.Sprintf("it was sent before at %v", first))
		}
	case "timeout":
		if wait := p.Sent - max(first, w.newAck, w.expired); !timer || wait < 200*time.Millisecond {
			r.fail(e, fmt.Sprintf("a timeout after %v", wait))
		}
		if lo > max(w.acked, 0) {
			r.fail(e, fmt.Sprintf("not the oldest: %d is", w.acked))
		}
		w.timeout, w.expired = w.top, p.Sent
	case "tail loss probe":
		if !timer || hi != w.top {
			r.fail(e, "not the last segment")
		}
		if wait := p.Sent - max(before, w.newAck); wait < 2*time.Millisecond {
			r.fail(e, fmt.Sprintf("a probe after %v", wait))
		}
	case "reordering timer":
		if !timer || !later() {
			r.fail(e, "nothing sent later was acknowledged")
		}
	case "fast recovery":
		if timer || lo != w.acked || w.newAck != p.Sent {
			r.fail(e, "no new acknowledgement came for what lies before it")
		}
	case "fast retransmission":
		if timer || w.dups < 3 && !later() {
			r.fail(e, fmt.Sprintf("%d duplicates, and nothing sent later was acknowledged", w.dups))
		}
	case "after the timeout":
		if timer || w.timeout <= lo {
			r.fail(e, "no timeout was before it")
		}
	}
}

func (r *reader) arrives(e *story.Event) {
	r.ended[e.Row]++
	p, h, lo, hi, ack, ok := r.segment(e.Row)
	if e.Who != r.tr.Name(p.To) || e.At != p.Arrived {
		r.fail(e, "it arrived elsewhere")
	}
	if !ok || h.Flags.Has(packets.RST) || p.Fate != trace.Delivered {
		return
	}
	in, back := &r.ways[p.Span.Stream], &r.ways[p.Span.Stream^1]
	r.taken(e, p, in, lo, hi)
	if !strings.Contains(e.Text, "not kept") && !strings.Contains(e.Text, "thrown away") {
		in.came.add(lo, hi)
	}
	m := itsArrived.FindStringSubmatch(e.Text)
	if fresh := h.Flags.Has(packets.ACK) && ack > back.acked; fresh != (m != nil) {
		// The very first sample of an end comes with the segment that opens it.
		if !(h.Flags.Has(packets.SYN) && !h.Flags.Has(packets.ACK)) {
			r.fail(e, fmt.Sprintf("it acknowledges %d, and %d was known", ack, back.acked))
		}
	}
	if m != nil {
		r.seen["acked"]++
		r.learned(e, back, m, ack)
	}
	r.counted(e, p, back, h, ack, hi == lo)
	if h.Flags.Has(packets.ACK) && ack > back.acked {
		back.acked, back.newAck = ack, e.At
	}
}

// taken checks what is said of the bytes that arrived.
func (r *reader) taken(e *story.Event, p *trace.Packet, in *way, lo, hi int64) {
	answer := int64(-1) // the acknowledgement sent back in the same step
	for i := e.Row + 1; i < len(r.tr.Packets); i++ {
		if q := &r.tr.Packets[i]; q.Step > p.Landed {
			break
		} else if q.Step == p.Landed && q.Span.Stream == p.Span.Stream^1 && answer < 0 {
			_, _, _, _, answer, _ = r.segment(i)
		}
	}
	words := e.Text
	if strings.Contains(words, " again: it has that already") || strings.Contains(words, "probe: it has that already") {
		r.seen["already"]++
		if !in.came.has(lo, hi) {
			r.fail(e, "it came for the first time")
		}
	} else if hi > lo && strings.HasPrefix(words, "receives") && strings.Contains(strings.Split(words, ":")[0], " again") {
		r.fail(e, "again, and yet it is not there")
	}
	if m := wanted.FindStringSubmatch(words); m != nil {
		if n := number(m[2]); m[1] == "byte" && (in.came.has(n, n+1) || n >= lo || answer >= 0 && n != answer) {
			r.fail(e, fmt.Sprintf("not wanted: the answer is ack %d", answer))
		}
		switch {
		case strings.Contains(words, "not kept"):
			r.seen["not kept"]++
			if !r.comesAgain(e.Row, lo) {
				r.fail(e, "it did not come again")
			}
		case strings.Contains(words, "kept"):
			r.seen["kept"]++
			if r.comesAgain(e.Row, lo) && !r.ackedBeforeAgain(e.Row, lo) {
				r.fail(e, "it was wanted again")
			}
		}
	}
	if strings.Contains(words, "in order") && !strings.Contains(words, "hole") && !strings.Contains(words, "out of order") {
		r.seen["in order"]++
		if !in.came.has(0, lo) || answer >= 0 && answer != hi {
			r.fail(e, fmt.Sprintf("something before it is missing, or more is there: the answer is ack %d", answer))
		}
	}
	if m := upTo.FindStringSubmatch(words); m != nil {
		r.seen["fills"]++
		if n := number(m[1]); !in.came.has(0, lo) || n < hi || answer >= 0 && answer != n+1 {
			r.fail(e, fmt.Sprintf("the answer is ack %d", answer))
		}
	}
}

// comesAgain says whether number n arrives on the stream of a packet after it.
func (r *reader) comesAgain(row int, n int64) bool {
	p := &r.tr.Packets[row]
	for i := range r.tr.Packets {
		if q := &r.tr.Packets[i]; q.Landed > p.Landed && q.Span.Stream == p.Span.Stream && q.Span.Contains(n-1) {
			return true
		}
	}
	return false
}

// ackedBeforeAgain says whether the receiver of the packet in row acknowledged
// number n before it came again.
func (r *reader) ackedBeforeAgain(row int, n int64) bool {
	p := &r.tr.Packets[row]
	again := ^uint32(0)
	for i := range r.tr.Packets {
		if q := &r.tr.Packets[i]; q.Landed > p.Landed && q.Span.Stream == p.Span.Stream && q.Span.Contains(n-1) {
			again = min(again, q.Landed)
		}
	}
	for i := range r.tr.Packets {
		q := &r.tr.Packets[i]
		if q.Span.Stream != p.Span.Stream^1 || q.Step < p.Landed {
			continue
		}
		if _, h, _, _, ack, _ := r.segment(i); h.Flags.Has(packets.ACK) && ack > n && (q.Step < again) {
			return true
		}
	}
	// Or another copy behind the hole came while it was still open.
	return slices.ContainsFunc(r.tr.Packets, func(q trace.Packet) bool {
		return q.Landed == again && q.Span.Lo+1 > 0 && q.Span.Contains(n-1)
	})
}

// learned checks what the sender is said to learn from an acknowledgement.
func (r *reader) learned(e *story.Event, back *way, m []string, ack int64) {
	if !back.came.has(max(back.acked, 0), ack) {
		r.fail(e, "not all of that has arrived")
	}
	first, last := number(m[2]), number(m[3])
	if last < 0 {
		last = first
	}
	lowest := back.acked
	if m[1] == "" && lowest == 0 {
		r.fail(e, "the SYN is not named")
	}
	from, to := max(lowest, 1), ack-1
	if m[4] != "" {
		to--
	}
	if first < 0 && from <= to || first >= 0 && (first != from || last != to) {
		r.fail(e, fmt.Sprintf("acknowledged are %d to %d", from, to))
	}
}

// counted checks duplicates and windows.
func (r *reader) counted(e *story.Event, p *trace.Packet, back *way, h packets.Headers, ack int64, pure bool) {
	if !h.Flags.Has(packets.ACK) {
		return
	}
	c, end := &r.tr.Conns[p.Conn()], p.Span.Stream.End()
	window := int64(h.Window)
	if c.Scaled() && !h.Flags.Has(packets.SYN) {
		window <<= c.Scale[end]
	}
	if pure && ack == back.acked && window == back.window && back.top > back.acked {
		back.dups++
	} else if ack > back.acked || window != back.window {
		back.dups = 0
	}
	if m := duplicate.FindStringSubmatch(e.Text); m != nil {
		r.seen["duplicate"]++
		if number(m[1]) != int64(back.dups) {
			r.fail(e, fmt.Sprintf("it is number %d", back.dups))
		}
	}
	if m := room.FindStringSubmatch(e.Text); m != nil {
		r.seen["room"]++
		if number(m[1]) != window {
			r.fail(e, fmt.Sprintf("the window is %d", window))
		}
	}
	if strings.Contains(e.Text, "no room") && window != 0 && !strings.Contains(e.Text, "no room for it") {
		r.fail(e, fmt.Sprintf("the window is %d", window))
	}
	if ack >= back.acked {
		back.window = window
	}
}

func (r *reader) state(e *story.Event) {
	s := &r.tr.Samples[e.Row]
	if e.Text != "is now "+s.State.String() || e.Who != r.tr.Name(r.tr.Conns[s.Conn].Ends[s.End].Host) {
		r.fail(e, "the sample says "+s.State.String())
	}
}

func (r *reader) message(e *story.Event) {
	r.seen["message"]++
	m := &r.tr.Messages[e.Row]
	if e.Kind == story.MessageSent {
		if want := fmt.Sprintf("%s of ", m.Kind); !strings.HasPrefix(e.Text, want) || e.At != m.Sent {
			r.fail(e, "it is "+want)
		}
		return
	}
	n, again := 0, 0
	for i := range r.tr.Packets {
		p := &r.tr.Packets[i]
		if !p.Span.Empty() && slices.ContainsFunc(m.Spans, p.Span.Overlaps) {
			n++
			if p.Again {
				again++
			}
		}
	}
	want := fmt.Sprintf("one way %s, in %d packet", story.Milliseconds(m.Arrived-m.Sent), n)
	if !strings.Contains(strings.ReplaceAll(e.Text, ",", ""), strings.ReplaceAll(want, ",", "")) || e.At != m.Arrived ||
		(again > 0) != strings.Contains(e.Text, fmt.Sprintf("%d of them sent again", again)) {
		r.fail(e, fmt.Sprintf("it should say %q, %d again", want, again))
	}
}

// returned checks the bytes that a call says it read or wrote.
func (r *reader) returned(e *story.Event) {
	c := &r.tr.Calls[e.Row]
	at := c.End
	if r.tr.Origin == trace.Live && !c.Blocked {
		at = c.Start // one line tells of its beginning and its end
	}
	if at != e.At {
		r.fail(e, "it returned at another time")
	}
	if c.Result == "" && (c.What == "read" || c.What == "write") && c.Span.Stream >= 0 && c.Span.Unit == 0 && e.Conn >= 0 {
		m := regexp.MustCompile(`bytes? ([\d,]+)(?: to ([\d,]+))?`).FindStringSubmatch(e.Text)
		if m == nil {
			return
		}
		if first := number(m[1]); first != c.Span.Lo+1 {
			r.fail(e, fmt.Sprintf("the first byte is %d", c.Span.Lo+1))
		}
	}
}
