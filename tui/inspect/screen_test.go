package inspect

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wirelab/exchanges"
	"wirelab/packets"
	"wirelab/scenario"
	"wirelab/trace"
	"wirelab/tui/keys"
	"wirelab/tui/paint"
)

var update = flag.Bool("update", false, "write the golden files anew")

// run runs an exchange with these lines of a Scenario.
func run(t testing.TB, lines ...string) *trace.Trace {
	t.Helper()
	s, ex, err := scenario.Parse(strings.Join(lines, "\n"), exchanges.Find)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := scenario.Run(t.Context(), ex, s)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func roleOf(host uint16) paint.Role { return []paint.Role{paint.Client, paint.Server}[host%2] }

// having opens the first packet of a trace whose layers and headers are as wanted.
func having(t testing.TB, tr *trace.Trace, is func([]packets.Layer) bool) Packet {
	t.Helper()
	for row := range tr.Packets {
		if p := Arrived(tr, row, roleOf); is(p.Layers) {
			return p
		}
	}
	t.Fatal("no such packet in the trace")
	return Packet{}
}

func has(keys ...string) func([]packets.Layer) bool {
	return func(layers []packets.Layer) bool {
		return !slices.ContainsFunc(keys, func(key string) bool { _, ok := packets.Find(layers, key); return !ok })
	}
}

// shown are the packets of the golden files, and what is chosen in them.
func shown(t testing.TB) map[string]func() *Pane {
	opened := func(p Packet, key string) func() *Pane {
		return func() *Pane {
			pane := New(p)
			if key != "" && !pane.Choose(key) {
				t.Fatalf("no %s", key)
			}
			return pane
		}
	}
	hello := run(t, "exchange: tcp", "message: hello")
	flags := func(layers []packets.Layer, key string) bool {
		f, ok := packets.Find(layers, key)
		return ok && f.Raw == 1
	}
	return map[string]func() *Pane{
		"segment": opened(having(t, hello, has("tcp.options", "data.data")), "tcp.window_size_value"),
		"syn":     opened(having(t, hello, func(l []packets.Layer) bool { return flags(l, "tcp.flags.syn") }), "tcp.options.mss_val"),
		"dns": opened(having(t, run(t, "exchange: dns", "type: MX"), func(l []packets.Layer) bool { return flags(l, "dns.flags.response") }),
			"dns.mx.preference"),
		"arp":   opened(having(t, run(t, "exchange: tcp", "cold: true", "message: hello"), has("arp.opcode")), "arp.opcode"),
		"ndp":   opened(having(t, run(t, "exchange: tcp", "cold: true", "ipv6: true", "message: hello"), has("icmpv6.nd.ns.target_address")), "icmpv6.nd.ns.target_address"),
		"quote": opened(having(t, run(t, "exchange: udp", "to-port: 81"), has("icmp.type")), "udp.dstport"),
		"piece": opened(having(t, run(t, "exchange: udp", "size: 3kB"), func(l []packets.Layer) bool {
			f, ok := packets.Find(l, "ip.frag_offset")
			return ok && f.Raw > 0
		}), "ip.frag_offset"),
		"extension": opened(having(t, run(t, "exchange: udp", "size: 3kB", "ipv6: true"), has("ipv6.fraghdr.offset")), "ipv6.fraghdr.more"),
		"damaged":   opened(damaged(t, hello), "tcp"),
		"jumbo":     opened(having(t, run(t, "exchange: tcp", "mtu: 9000", "size: 20kB"), func(l []packets.Layer) bool { return l[len(l)-1].Len > 8000 }), "data"),
	}
}

// damaged is a segment whose data offset is larger than the packet.
func damaged(t testing.TB, tr *trace.Trace) Packet {
	p := having(t, tr, has("tcp.options", "data.data"))
	p.Frame = slices.Clone(p.Frame)
	p.Frame[14+20+12] = 0xf0
	p.Layers = packets.Decode(p.Frame, packets.LinkEthernet, packets.Context{From: "client", To: "server"})
	return p
}

func draw(p *Pane, w, h int) *paint.Canvas {
	c := paint.NewCanvas(w, h)
	p.Draw(c.All())
	return c
}

func TestScreens(t *testing.T) {
	panes := shown(t)
	for name, open := range panes {
		for size, at := range map[string][2]int{"120x40": {120, 40}, "80x24": {80, 24}, "40x20": {40, 20}} {
			golden(t, name+"-"+size, draw(open(), at[0], at[1]).Text())
		}
	}
	for name, do := range map[string][]keys.Action{
		"bits":       {keys.Bits},
		"without":    {keys.Words},
		"bytes":      {keys.NextPane},
		"large-tree": {keys.Large},
		"large-bits": {keys.NextPane, keys.Bits, keys.Large},
	} {
		for size, at := range map[string][2]int{"120x40": {120, 40}, "80x24": {80, 24}, "40x20": {40, 20}} {
			p := panes["segment"]()
			draw(p, at[0], at[1])
			for _, a := range do {
				if !p.Do(a) {
					t.Errorf("%s: what is action %d?", name, a)
				}
			}
			golden(t, name+"-"+size, draw(p, at[0], at[1]).Text())
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != got {
		t.Errorf("%s is not what it was; with -update it is written anew\n%s", path, got)
	}
}
