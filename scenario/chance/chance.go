// Package chance makes random Scenarios, always the same for a seed, with which
// tests try what nobody would think of.
package chance

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// TCP is the text of the random Scenario of a seed: connections that send, answer
// and close, over wires that do everything wrong that a wire can do.
func TCP(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 0))
	b := &strings.Builder{}
	say := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	chance := func(p float64) bool { return r.Float64() < p }
	log := func(lo, hi int) int { // every order of magnitude as likely
		n := lo
		for n < hi && chance(0.85) {
			n += n/2 + 1
		}
		return min(n, hi)
	}
	// With an MTU of 82 this stack sends 2 bytes a segment, which takes its time.
	say("exchange: tcp\nseed: %d\nlimit-time: 48h", seed)
	six := chance(0.25)
	if six {
		say("ipv6: true")
		say("mtu: %d", []int{1280, 1500, 9000}[r.IntN(3)])
	} else if chance(0.6) {
		say("mtu: %d", []int{82, 100, 296, 576, 1500, 4000, 9000}[r.IntN(7)])
	}
	clients := 1
	if chance(0.3) {
		clients = 1 + r.IntN(20)
		say("clients: %d", clients)
	}
	say("size: %d", log(1, 60_000/clients))
	say("count: %d", 1+r.IntN(3))
	if chance(0.3) {
		say("interval: %dms", r.IntN(300))
	}
	say("reply: %s", []string{"echo", "none", "1", "3000"}[r.IntN(4)])
	for _, word := range []string{"no-sack", "nagle", "cold", "half-close"} {
		if chance(0.2) {
			say("%s: true", word)
		}
	}
	if chance(0.3) {
		say("cc: cubic")
	}
	if chance(0.25) {
		say("rcvbuf: %d", []int{4096, 8192, 16_384, 65_536}[r.IntN(4)])
	}
	if chance(0.15) {
		say("read-after: %dms", r.IntN(3000))
	}
	for _, direction := range []string{"up", "down"} {
		var cs []string
		add := func(p float64, format string, args ...any) {
			if chance(p) {
				cs = append(cs, fmt.Sprintf(format, args...))
			}
		}
		cs = append(cs, fmt.Sprintf("delay=%dms", r.IntN(120)))
		cs = append(cs, fmt.Sprintf("rate=%dkbit", []int{64, 256, 1000, 10_000, 100_000, 1_000_000}[r.IntN(6)]))
		add(0.5, "loss=%d%%", r.IntN(21))
		add(0.2, "burst-loss=%d%%:%d", 1+r.IntN(10), 1+r.IntN(6))
		add(0.3, "jitter=%dms", r.IntN(60))
		add(0.3, "reorder=%d%%", r.IntN(30))
		add(0.3, "duplicate=%d%%", r.IntN(30))
		add(0.3, "corrupt=%d%%", r.IntN(10))
		if chance(0.2) {
			add(1, "queue=%dp", 3+r.IntN(60))
		} else {
			add(0.2, "queue=%dkB", 20+r.IntN(100))
		}
		if chance(0.2) {
			at := r.IntN(4000)
			for_ := 1 + r.IntN(8000)
			if again := at + for_ + 1 + r.IntN(5000); chance(0.3) {
				add(1, "cut=%dms+%dms", at, again)
				add(1, "restore=%dms+%dms", at+for_, again+1+r.IntN(3000))
			} else {
				add(1, "cut=%dms", at)
				add(1, "restore=%dms", at+for_)
			}
		}
		say("%s: %s", direction, strings.Join(cs, ","))
	}
	if !six && chance(0.15) {
		say("hops: %d", 1+r.IntN(3))
	} else if chance(0.15) {
		say("middlebox: forward")
	}
	return b.String()
}
