package flow_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"wirelab/scenario"
	"wirelab/tcp"
	"wirelab/trace"
)

// chance makes the experiment of a seed: words and their values.
func chance(seed uint64) (words []string) {
	r := rand.New(rand.NewPCG(seed, 0x666c6f77))
	say := func(p float64, name, format string, args ...any) {
		if r.Float64() < p {
			words = append(words, name, fmt.Sprintf(format, args...))
		}
	}
	pick := func(of ...any) any { return of[r.IntN(len(of))] }
	words = append(words, "seed", fmt.Sprint(seed))
	clients := 1
	if r.Float64() < 0.3 {
		clients = 2 + r.IntN(19)
		words = append(words, "clients", fmt.Sprint(clients))
	}
	words = append(words, "size", fmt.Sprint(1+r.IntN(200_000/clients)))
	say(0.3, "count", "%d", 1+r.IntN(6))
	say(0.2, "interval", "%v", pick("1ms", "30ms", "300ms", "2s"))
	say(0.5, "reply", "%v", pick("none", "100", "20000"))
	say(0.9, "delay", "%v", pick("0s", "100us", "1ms", "5ms", "20ms", "80ms", "300ms"))
	say(0.7, "rate", "%v", pick("none", "500kbit", "2mbit", "10mbit", "100mbit", "1gbit"))
	say(0.3, "queue", "%v", pick("5p", "20p", "30kB"))
	say(0.5, "loss", "%.1f%%", r.Float64()*20)
	say(0.2, "burst-loss", "%.1f%%:%d", r.Float64()*8, 2+r.IntN(6))
	say(0.4, "reorder", "%.1f%%", r.Float64()*20)
	say(0.3, "duplicate", "%.1f%%", r.Float64()*10)
	say(0.3, "jitter", "%v", pick("200us", "2ms", "15ms", "60ms"))
	say(0.2, "corrupt", "%.1f%%", r.Float64()*5)
	say(0.5, "mtu", "%v", pick(576, 1000, 1280, 1492, 4000, 9000))
	say(0.3, "no-sack", "true")
	say(0.3, "cc", "%v", pick("reno", "cubic"))
	say(0.3, "rcvbuf", "%v", pick("4096", "8kB", "30kB"))
	say(0.15, "read-after", "%v", pick("300ms", "3s"))
	say(0.2, "read-rate", "%v", pick("20kB/s", "100kB/s"))
	say(0.1, "half-close", "true")
	say(0.1, "nagle", "true")
	if r.Float64() < 0.1 {
		at := 50 + r.IntN(1500)
		words = append(words, "cut", fmt.Sprintf("%dms", at), "restore", fmt.Sprintf("%dms", at+50+r.IntN(3000)))
	}
	if i := slices.Index(words, "mtu"); r.Float64() < 0.3 && (i < 0 || words[i+1] != "576" && words[i+1] != "1000") {
		words = append(words, "ipv6", "true")
	}
	return append(words, "limit-time", "10m", "limit-frames", "6000")
}

// experiment runs what the words say; a run that ends in an error is a trace
// too.
func experiment(t testing.TB, words []string) *trace.Trace {
	t.Helper()
	ex := tcp.Exchange{}
	s := scenario.Default(ex)
	all := scenario.Words(ex)
	for ; len(words) > 0; words = words[2:] {
		i := slices.IndexFunc(all, func(w scenario.Word) bool { return w.Name == words[0] })
		if i < 0 {
			t.Fatalf("no word %s", words[0])
		}
		if err := all[i].Set(&s, words[1]); err != nil {
			t.Fatal(err)
		}
	}
	return runOf(t, ex, s)
}

// played runs a Scenario of TCP that is a text.
func played(t testing.TB, text string) *trace.Trace {
	t.Helper()
	ex := tcp.Exchange{}
	s, _, err := scenario.Parse(text, func(string) (scenario.Exchange, []string) { return ex, nil })
	if err != nil {
		t.Fatal(err)
	}
	return runOf(t, ex, s)
}

func runOf(t testing.TB, ex scenario.Exchange, s scenario.Scenario) *trace.Trace {
	t.Helper()
	tr, _ := scenario.Run(context.Background(), ex, s)
	if tr == nil {
		t.Fatal("no trace")
	}
	return tr
}
