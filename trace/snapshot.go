package trace

import (
	"slices"
	"sort"
	"time"
)

// A Snapshot is a growing trace as it was at a moment. Nothing that the recorder
// does later changes it, and it costs no copy of the tables: taking one is
// cheap, and making a Trace of it may be done by another goroutine, while the
// recorder goes on.
type Snapshot struct {
	t        Trace // all but the tables that still change
	packets  frozen[Packet]
	calls    frozen[Call]
	messages frozen[noted]
	bytes    int64 // of the frames of all packets ever sent
}

// Freeze takes a snapshot of a growing trace, whose End is now. Whoever keeps
// the recorder's callers apart must keep this one apart from them too.
func (r *Recorder) Freeze(now time.Duration) *Snapshot {
	g := r.g
	s := &Snapshot{t: *r.t, packets: g.packets.freeze(), calls: g.calls.freeze(), messages: g.messages.freeze(), bytes: g.frames}
	g.shared = len(r.t.Conns)
	t := &s.t
	t.End = now
	// Only rows behind these will be added to.
	t.Hosts, t.Conns = slices.Clip(t.Hosts), slices.Clip(t.Conns)
	t.Samples, t.Marks = slices.Clip(t.Samples), slices.Clip(t.Marks)
	t.arena.chunks = slices.Clone(t.arena.chunks)
	t.arena.rows = nil
	return s
}

// Packets is how many packets were ever sent, those that were dropped among them.
func (s *Snapshot) Packets() int { return s.packets.n }

// Trace returns all that was kept.
func (s *Snapshot) Trace() *Trace { return s.Latest(s.packets.len()) }

// Latest returns the n packets that were sent last, and what else happened since
// the first of these was sent. It costs what it returns: a screen that shows the
// end of a long trace many times a second needs no more.
func (s *Snapshot) Latest(n int) *Trace {
	t := s.t
	packet, call, message := s.packets.first, s.calls.first, s.messages.first
	if n = max(n, 0); n < s.packets.len() {
		packet = s.packets.n - n
		since := t.End
		if n > 0 {
			since = s.packets.get(packet).Sent
		}
		call += sort.Search(s.calls.len(), func(i int) bool { return s.calls.get(call+i).Start >= since })
		message += sort.Search(s.messages.len(), func(i int) bool { return s.messages.get(message+i).at >= since })
		samples := sort.Search(len(t.Samples), func(i int) bool { return t.Samples[i].At >= since })
		marks := sort.Search(len(t.Marks), func(i int) bool { return t.Marks[i].At >= since })
		t.Samples, t.Marks = t.Samples[samples:], t.Marks[marks:]
		t.Dropped.Samples += samples
		t.Dropped.Marks += marks
	}
	t.Packets, t.Calls = s.packets.from(packet), s.calls.from(call)
	t.Dropped.Packets, t.Dropped.Calls, t.Dropped.Messages, t.Dropped.Bytes = packet, call, message, s.bytes
	for i := range t.Packets {
		t.Dropped.Bytes -= int64(t.Packets[i].Len())
	}
	for _, m := range s.messages.from(message) {
		t.Messages = append(t.Messages, m.Message)
	}
	return &t
}
