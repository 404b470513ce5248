package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelab/exchanges"
	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
)

// A fact is one thing to be seen in an experiment: the command line that shows
// it, what to look for, and what there is to see.
type fact struct {
	command string
	what    string
	look    func(*sight) any
	want    string // as fmt.Sprint writes it
}

// withLengths sends five messages, each with its length before it, and reads
// first a length and then as much.
const withLengths = `wirelab tcp --step 'server listens on 80' --step 'server accepts' --step 'server waits 1s'` +
	` --step 'server reads 2 bytes' --step 'server reads 5 bytes' --step 'server reads 2 bytes' --step 'server reads 3 bytes'` +
	` --step 'server reads 2 bytes' --step 'server reads 8 bytes' --step 'server reads 2 bytes' --step 'server reads 1 bytes'` +
	` --step 'server reads 2 bytes' --step 'server reads 4 bytes' --step 'server closes' --step 'client connects to 80'` +
	` --step 'client sends "05hello"' --step 'client sends "03and"' --step 'client sends "08good bye"'` +
	` --step 'client sends "01!"' --step 'client sends "04done"' --step 'client closes'`

// The first nine lessons are about TCP and UDP. Each of their experiments is one
// command line, and what the learner is to find in it is there.
func TestTheExperimentsOfTheLessons(t *testing.T) {
	for _, lesson := range []struct {
		title string
		facts []fact
	}{
		{"1 two programs and a wire", []fact{
			{"wirelab tcp --clients 2 --message ada", "port numbers of the server", serverPorts, "[80]"},
			{"wirelab tcp --clients 2 --message ada", "port numbers of the clients", func(s *sight) any { return len(s.ports("client")) }, "2"},
			{"wirelab tcp --clients 2 --message ada", "who speaks first on each", func(s *sight) any { return s.openers() }, "[client client]"},
			{"wirelab tcp --to-port 81", "answers of a closed port", func(s *sight) any { return s.from("server").flags() }, "[RST ACK]"},
			{"wirelab tcp --to-port 81", "what connect says", func(s *sight) any { return s.results("client", "connect") }, "[connection refused]"},
			{"wirelab tcp --to-port 81 --block tcp:81", "answers of a blocked port", func(s *sight) any { return s.from("server").flags() }, "[]"},
			{"wirelab tcp --to-port 81 --block tcp:81", "gaps between the SYNs", func(s *sight) any { return s.from("client").gaps() }, "[1s 2s 4s 8s 16s 32s]"},
			{"wirelab tcp --to-port 81 --block tcp:81", "what connect says", func(s *sight) any { return s.results("client", "connect") }, "[connection timed out]"},
		}},
		{"2 envelopes in envelopes", []fact{
			{"wirelab tcp --message hello", "frame bytes around 5 letters", func(s *sight) any { return s.from("client").data()[0].Packet.Len() }, "71"},
			{"wirelab udp --message hello", "the same with UDP", func(s *sight) any { return s.from("client").data()[0].Packet.Len() }, "47"},
			{"wirelab tcp --message hello", "its headers", layers, "[Ethernet IPv4 TCP Data]"},
			{"wirelab udp --message hello", "its headers with UDP", layers, "[Ethernet IPv4 UDP Data]"},
			{"wirelab tcp --message hello -6", "its headers with IPv6", layers, "[Ethernet IPv6 TCP Data]"},
		}},
		{"3 three packets before hello", []fact{
			{"wirelab tcp --message hello --delay 35ms", "packets before the first byte", func(s *sight) any { return s.all().data()[0].row }, "3"},
			{"wirelab tcp --message hello --delay 35ms --rate none", "when it leaves", func(s *sight) any { return s.all().data()[0].Sent }, "70ms"},
			{"wirelab tcp --message hello --delay 35ms", "what the SYN-ACK acknowledges", func(s *sight) any { return s.ack(1) }, "1"},
			{"wirelab tcp --message hello --delay 35ms", "connect returns when the SYN-ACK arrives", func(s *sight) any { return s.call("client", "connect").End == s.Packets[1].Arrived }, "true"},
			{"wirelab tcp --message hello --drop client:2", "the third packet lost: what the server reads", func(s *sight) any { return s.bytes("server", "read") }, "[5 0]"},
			{"wirelab tcp --message hello --drop client:2", "what is sent again", func(s *sight) any { return len(s.again()) }, "0"},
		}},
		{"4 bytes, not messages", []fact{
			{"wirelab tcp --message 0123456789 --count 5 --reply none --read-after 1s", "data packets of five writes", func(s *sight) any { return s.from("client").data().lens() }, "[10 10 10 10 10]"},
			{"wirelab tcp --message 0123456789 --count 5 --reply none --read-after 1s", "what the reads return", func(s *sight) any { return s.bytes("server", "read") }, "[50 0]"},
			{"wirelab tcp --message 0123456789 --count 5 --reply none --read-after 1s --nagle", "with small writes held back", func(s *sight) any { return s.from("client").data().lens() }, "[10 40]"},
			{"wirelab tcp --size 5000 --reply none", "5,000 bytes", func(s *sight) any { return s.from("client").data().lens() }, "[1420 1420 1420 740]"},
			{"wirelab tcp --size 5000 --reply none --no-sack", "without SACK", func(s *sight) any { return s.from("client").data().lens() }, "[1448 1448 1448 656]"},
			{"wirelab tcp --size 5000 --reply none --mtu 576", "with a small MTU", func(s *sight) any { return len(s.from("client").data()) }, "11"},
			{withLengths, "five messages with a length before each: what the reads return", func(s *sight) any { return s.bytes("server", "read") }, "[2 5 2 3 2 8 2 1 2 4]"},
			{withLengths + " --nagle", "in as many segments as TCP likes", func(s *sight) any { return s.from("client").data().lens() }, "[7 24]"},
		}},
		{"5 one send, one datagram", []fact{
			{"wirelab udp --count 20 --reply none", "packets before the first byte", func(s *sight) any { return s.all().data()[0].row }, "0"},
			{"wirelab udp --count 20 --reply none", "datagrams that arrive", func(s *sight) any { return len(s.bytes("server", "read")) }, "20"},
			{"wirelab udp --size 3000 --reply none", "IP bytes of 3,000 in pieces", func(s *sight) any { return s.from("client").ipLens() }, "[1500 1500 68]"},
			{"wirelab udp --size 3000 --reply none", "what the server reads", func(s *sight) any { return s.bytes("server", "read") }, "[3000]"},
			{"wirelab udp --size 3000 --reply none --drop client:2", "what it reads if a piece is lost", func(s *sight) any { return s.bytes("server", "read") }, "[]"},
			{"wirelab udp --to-port 81 --count 2 --interval 100ms --reply none", "two sends to a closed port", func(s *sight) any { return s.results("client", "write") }, "[done connection refused]"},
			{"wirelab udp --message 0123456789 --read-size 3 --reply none", "a read with room for 3 of 10 bytes", func(s *sight) any { return s.bytes("server", "read") }, "[3]"},
			{"wirelab udp --count 20 --reply none --reorder 20%", "on a wire that reorders, all are read in order", func(s *sight) any { return slices.IsSorted(s.units("server")) }, "false"},
			{"wirelab udp --count 20 --reply none --reorder 20%", "and how many", func(s *sight) any { return len(s.units("server")) }, "20"},
		}},
		{"6 when a packet is lost", []fact{
			{"wirelab tcp --size 30kB --rate 5mbit --reply none", "segments of 30 kB", func(s *sight) any { return len(s.from("client").data()) }, "22"},
			{"wirelab tcp --size 30kB --rate 5mbit --reply none --drop client:6", "the 4th lost: sent again", func(s *sight) any { return s.again().spans() }, "[4260-5680]"},
			{"wirelab tcp --size 30kB --rate 5mbit --reply none --drop client:6", "upon what: an ACK", func(s *sight) any { return s.again().causes() }, "[receive]"},
			{"wirelab tcp --size 30kB --rate 5mbit --reply none --drop client:6", "ACKs that repeat the hole's number", func(s *sight) any { return s.acksOf(4261) }, "13"},
			{"wirelab tcp --size 30kB --rate 5mbit --reply none --close-after 9s --drop client:24", "the last lost: upon what it is sent again", func(s *sight) any { return s.again().causes() }, "[timer]"},
			{"wirelab tcp --size 30kB --rate 5mbit --reply none --close-after 9s --drop client:24", "after how long", func(s *sight) any { return s.wait().Round(time.Millisecond) }, "346ms"},
			{"wirelab tcp --size 30kB --rate 5mbit --reply none --drop client:6", "after how long in the middle", func(s *sight) any { return s.wait().Round(time.Millisecond) }, "57ms"},
			{"wirelab tcp --size 30kB --rate 5mbit --reply none --close-after 9s --drop client:24,client:25,client:26,client:27", "lost four times: gaps", func(s *sight) any { return s.again().gaps() }, "[200ms 400ms 800ms]"},
			{"wirelab tcp --size 100kB --rate 5mbit --reply none --close-after 1s", "ACKs for 71 segments", func(s *sight) any { return fmt.Sprint(s.acks("server"), " for ", len(s.from("client").data())) }, "71 for 71"},
			{"wirelab udp --size 1400 --count 22 --reply none --drop client:4", "the same loss with UDP", func(s *sight) any { return fmt.Sprint(len(s.bytes("server", "read")), " read, again ", len(s.again())) }, "21 read, again 0"},
		}},
		{"7 saying goodbye", []fact{
			{"wirelab tcp --message hello", "packets to close both ways", func(s *sight) any { return len(s.all()) - s.fin("client") }, "4"},
			{"wirelab tcp --message hello --reply 19 --half-close", "bytes after the client's FIN", func(s *sight) any { return s.all()[s.fin("client"):].fromHost("server").data().lens() }, "[19]"},
			{"wirelab tcp --message hello --reply 10kB --close-after 200ms", "closing with unread data: the client's last word", func(s *sight) any { return s.from("client").last().flags() }, "[RST ACK]"},
			{"wirelab tcp --message hello --reply 10kB --close-after 200ms", "the server's next read", func(s *sight) any { return s.results("server", "read") }, "[done connection reset by peer]"},
			{"wirelab tcp --message hello", "who lingers, and how long", lingers, "[client 1m0s]"},
			{"wirelab tcp --message hello --reconnect 1", "who lingers after coming again at once", lingers, "[client 1m0s client 1m0s]"},
			{"wirelab tcp --message hello --reconnect 1", "the new port is another one", func(s *sight) any { return len(s.ports("client")) }, "2"},
			{"wirelab tcp --message hello --reset", "the client's last word with --reset", func(s *sight) any { return s.from("client").last().flags() }, "[RST ACK]"},
		}},
		{"8 the slow reader", []fact{
			{"wirelab tcp --size 300kB --rcvbuf 8kB --read-after 10s --reply none", "bytes that write accepted", func(s *sight) any { return s.bytes("client", "write") }, "[300000]"},
			{"wirelab tcp --size 300kB --rcvbuf 8kB --read-after 10s --reply none", "when write returned, and the first read", func(s *sight) any {
				return s.call("client", "write").End < time.Second && s.call("server", "read").End > 10*time.Second
			}, "true"},
			{"wirelab tcp --size 300kB --rcvbuf 8kB --read-after 10s --reply none", "segments before the window was shut", func(s *sight) any { return s.all()[:s.shut()].data().lens() }, "[1420 1420 1160]"},
			{"wirelab tcp --size 300kB --rcvbuf 8kB --read-after 10s --reply none", "probes while it was shut", func(s *sight) any { return s.probes().lens() }, "[1 1 1 1 1]"},
			{"wirelab tcp --size 300kB --rcvbuf 8kB --read-after 10s --reply none", "gaps between them", func(s *sight) any { return s.probes().gaps() }, "[400ms 800ms 1.6s 3.2s]"},
			{"wirelab tcp --size 300kB --rcvbuf 8kB --read-after 10s --reply none", "bytes read in the end", func(s *sight) any { return sum(s.bytes("server", "read")) }, "300000"},
		}},
		{"9 the crowded link", []fact{
			{"wirelab tcp --size 400kB --delay 25ms --rate 100mbit --reply none", "packets of each round trip", func(s *sight) any { return s.bursts() }, "[10 20 40 80 132]"},
			{"wirelab tcp --size 300kB --rate 2mbit --queue 8p --reply none", "packets that the bottleneck dropped, and any other way", func(s *sight) any { return s.fates(trace.LostQueue, trace.LostRandom) }, "[5 0]"},
			{"wirelab tcp --size 300kB --rate 2mbit --queue 8p --reply none", "every one was repaired", func(s *sight) any { return sum(s.bytes("server", "read")) }, "300000"},
			{"wirelab tcp --size 300kB --rate 2mbit --queue 8p --reply none", "the receiver's window ever shut", func(s *sight) any { return s.shut() < len(s.Packets) }, "false"},
			{"wirelab tcp --size 300kB --rate 2mbit --queue 8p --reply none --clients 2", "two share it: bytes read of both", func(s *sight) any { return sum(s.bytes("server", "read")) }, "600000"},
			{"wirelab tcp --size 300kB --rate 2mbit --queue 8p --reply none --clients 2", "dropped of each", func(s *sight) any { return s.dropped() }, "[8 15]"},
		}},
	} {
		t.Run(lesson.title, func(t *testing.T) {
			for _, f := range lesson.facts {
				if got := fmt.Sprint(f.look(perform(t, f.command))); got != f.want {
					t.Errorf("%s\n%s: %s, want %s", f.command, f.what, got, f.want)
				}
			}
		})
	}
}

// perform reads a command line as the program does, and runs it.
func perform(t *testing.T, command string) *sight {
	t.Helper()
	var text, stderr bytes.Buffer
	if code := run(t.Context(), append(shellWords(t, command)[1:], "--print"), &text, &stderr); code != exitDone {
		t.Fatalf("%s: status %d, %s", command, code, &stderr)
	}
	s, ex, err := exchanges.Parse(text.String())
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	tr, err := scenario.Run(t.Context(), ex, s)
	if blocked := strings.Contains(command, "--block"); tr == nil || (err != nil) != blocked {
		t.Fatalf("%s: %v", command, err)
	}
	return &sight{tr}
}

// A sight is a trace to be looked at as a learner does.
type sight struct{ *trace.Trace }

// A sent is a packet with the headers that it was sent with.
type sent struct {
	*trace.Packet
	packets.Headers
	row  int
	from string
}

type sents []sent

func (s *sight) all() (all sents) {
	for i := range s.Packets {
		p := &s.Packets[i]
		all = append(all, sent{p, packets.Scan(s.Bytes(p)), i, s.Name(p.From)})
	}
	return all
}

func (ps sents) where(is func(sent) bool) (some sents) {
	for _, p := range ps {
		if is(p) {
			some = append(some, p)
		}
	}
	return some
}

func (ps sents) fromHost(name string) sents {
	return ps.where(func(p sent) bool { return p.from == name })
}
func (ps sents) data() sents { return ps.where(func(p sent) bool { return p.Headers.Len > 0 }) }
func (ps sents) last() sents { return ps[len(ps)-1:] }

func (s *sight) from(name string) sents { return s.all().fromHost(name) }
func (s *sight) again() sents           { return s.all().where(func(p sent) bool { return p.Again }) }

// openers are the hosts that sent the first packet of each connection.
func (s *sight) openers() (list []string) {
	for i := range s.Conns {
		first := s.all().where(func(p sent) bool { return p.Conn() == int32(i) })[0]
		list = append(list, first.from)
	}
	return list
}

func (ps sents) lens() (list []int) {
	for _, p := range ps {
		list = append(list, p.Headers.Len)
	}
	return list
}

func (ps sents) ipLens() (list []int) {
	for _, p := range ps {
		list = append(list, p.IPLen)
	}
	return list
}

func (ps sents) spans() (list []string) {
	for _, p := range ps {
		list = append(list, fmt.Sprintf("%d-%d", p.Span.Lo, p.Span.Hi))
	}
	return list
}

func (ps sents) causes() (list []string) {
	for _, p := range ps {
		list = append(list, p.Cause.String())
	}
	return list
}

// flags are the control bits of TCP, a word each.
func (ps sents) flags() (list []string) {
	for _, p := range ps {
		for _, f := range []struct {
			bit  packets.Flags
			name string
		}{{packets.SYN, "SYN"}, {packets.FIN, "FIN"}, {packets.RST, "RST"}, {packets.ACK, "ACK"}} {
			if p.Flags.Has(f.bit) {
				list = append(list, f.name)
			}
		}
	}
	return list
}

func (ps sents) gaps() (list []time.Duration) {
	for i := 1; i < len(ps); i++ {
		list = append(list, ps[i].Sent-ps[i-1].Sent)
	}
	return list
}

// ports are the different port numbers that a host sent from.
func (s *sight) ports(name string) (list []uint16) {
	for _, p := range s.from(name) {
		if !slices.Contains(list, p.SrcPort) {
			list = append(list, p.SrcPort)
		}
	}
	return list
}

func serverPorts(s *sight) any { return s.ports("server") }

// layers are those of the first packet with data.
func layers(s *sight) any {
	var names []string
	for _, l := range s.Layers(s.all().data()[0].Packet) {
		names = append(names, l.Name)
	}
	return names
}

// ack is what the packet of a row acknowledges, counted from the SYN.
func (s *sight) ack(row int) uint32 {
	p := s.all()[row]
	return p.Ack - s.Conns[0].ISN[1-p.Span.Stream.End()]
}

// acks is how many bare acknowledgements a host sent before the client's FIN.
func (s *sight) acks(name string) int {
	before := s.all()[:s.fin("client")].fromHost(name)
	return len(before.where(func(p sent) bool { return p.Flags == packets.ACK && p.Headers.Len == 0 }))
}

// acksOf is how many acknowledgements of the server name the byte n.
func (s *sight) acksOf(n uint32) int {
	return len(s.from("server").where(func(p sent) bool { return s.ack(p.row) == n }))
}

// wait is the time from the sending of what was lost to the sending again.
func (s *sight) wait() time.Duration {
	lost := s.all().where(func(p sent) bool { return p.Fate.Lost() })
	return s.again()[0].Sent - lost[0].Sent
}

// fin is the row of a host's FIN.
func (s *sight) fin(name string) int {
	return s.from(name).where(func(p sent) bool { return p.Flags.Has(packets.FIN) })[0].row
}

// shut is the row of the packet of the server that shuts its window; behind the
// last if there is none.
func (s *sight) shut() int {
	for _, p := range s.from("server") {
		if p.Flags.Has(packets.ACK) && p.Window == 0 {
			return p.row
		}
	}
	return len(s.Packets)
}

// probes are the packets of one byte.
func (s *sight) probes() sents {
	return s.from("client").where(func(p sent) bool { return p.Headers.Len == 1 })
}

// bursts are the data packets of each round trip, which a quiet wire parts.
func (s *sight) bursts() (counts []int) {
	data := s.from("client").data()
	for i, p := range data {
		if i == 0 || p.Sent-data[i-1].Sent > 10*time.Millisecond {
			counts = append(counts, 0)
		}
		counts[len(counts)-1]++
	}
	return counts
}

// fates is how many packets had each of these.
func (s *sight) fates(which ...trace.Fate) (counts []int) {
	for _, f := range which {
		counts = append(counts, len(s.all().where(func(p sent) bool { return p.Fate == f })))
	}
	return counts
}

// dropped is how many packets each connection lost.
func (s *sight) dropped() []int {
	counts := make([]int, len(s.Conns))
	for _, p := range s.all() {
		if p.Fate.Lost() {
			counts[p.Conn()]++
		}
	}
	return counts
}

// calls are those of one kind on a host that returned.
func (s *sight) calls(host, what string) (list []*trace.Call) {
	for i := range s.Calls {
		if c := &s.Calls[i]; s.Name(c.Host) == host && c.What == what && c.End != trace.Never {
			list = append(list, c)
		}
	}
	return list
}

func (s *sight) call(host, what string) *trace.Call { return s.calls(host, what)[0] }

func (s *sight) bytes(host, what string) (list []int64) {
	for _, c := range s.calls(host, what) {
		list = append(list, c.Span.Len())
	}
	return list
}

func sum(list []int64) (n int64) {
	for _, v := range list {
		n += v
	}
	return n
}

func (s *sight) results(host, what string) (list []string) {
	for _, c := range s.calls(host, what) {
		if !strings.Contains(c.Result, ": ") {
			list = append(list, cmp.Or(c.Result, "done"))
		} else {
			list = append(list, c.Result[strings.LastIndex(c.Result, ": ")+2:]) // without the addresses
		}
	}
	return list
}

// units are the datagrams that a host read, in that order.
func (s *sight) units(host string) (list []int32) {
	for _, c := range s.calls(host, "read") {
		list = append(list, c.Span.Unit)
	}
	return list
}

// lingers is who is in TIME-WAIT, and for how long.
func lingers(s *sight) any {
	var list []string
	for _, w := range s.Waiting {
		if strings.HasPrefix(w.What, "TIME-WAIT") {
			list = append(list, fmt.Sprint(s.Name(w.Host), " ", w.Until-w.Since))
		}
	}
	return list
}
