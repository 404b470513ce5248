package exchanges

import (
	"fmt"
	"strings"
	"testing"

	"wirelab/trace"
)

// TestAnyPacketsMayBeLost loses every single packet of small exchanges, every
// two and every three of them: each time every byte arrives in the end.
func TestAnyPacketsMayBeLost(t *testing.T) {
	most := 3
	if testing.Short() {
		most = 2
	}
	for _, text := range []string{
		"size: 5\nreply: none",
		"size: 5\nreply: none\nno-sack: true",
		"size: 3000\nreply: none",
		"size: 3000\nreply: 10\nhalf-close: true",
		"size: 4000\nreply: none\nrcvbuf: 4096\nmtu: 9000",
	} {
		all := append(packetsOf(t, text, "client"), packetsOf(t, text, "server")...)
		runs := 0
		lose := func(drops ...string) {
			runs++
			whole(t, text+"\ndrop: "+strings.Join(drops, ","))
		}
		for i := range all {
			lose(all[i])
			for j := range i {
				lose(all[i], all[j])
				for k := range j {
					if most > 2 {
						lose(all[i], all[j], all[k])
					}
				}
			}
		}
		t.Logf("%d runs of %q", runs, text)
	}
}

// TestAnyAnswerMayBeLate has each answer of a receiver with little room overtaken
// by later ones, so that it seems to take room back, and loses any packet of the
// sender's.
func TestAnyAnswerMayBeLate(t *testing.T) {
	const text = "size: 9000\nreply: none\nrcvbuf: 4096"
	for _, lost := range packetsOf(t, text, "client") {
		for _, late := range packetsOf(t, text, "server") {
			whole(t, fmt.Sprintf("%s\ndrop: %s\nhold: %s=5ms", text, lost, late))
		}
	}
}

// packetsOf are the packets of a host in an exchange in which nothing is lost,
// and two more that come if something is.
func packetsOf(t *testing.T, text, host string) (all []string) {
	t.Helper()
	tr, err := play(t, "exchange: tcp\nrate: none\n"+text)
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	for n := range sent(tr, host) + 2 {
		all = append(all, fmt.Sprintf("%s:%d", host, n+1))
	}
	return all
}

// whole runs an exchange and wants every byte to arrive.
func whole(t *testing.T, text string) {
	t.Helper()
	tr, err := play(t, "exchange: tcp\nrate: none\n"+text)
	if tr == nil || err != nil && !strings.Contains(err.Error(), "sent only") { // a touch may find no packet
		t.Errorf("%s\n%v", text, err)
		return
	}
	if _, lacks := inspect(tr); lacks != nil {
		t.Errorf("%s\n%v", text, lacks)
	}
}

// sent is how many IP packets a host sent.
func sent(tr *trace.Trace, host string) (n int) {
	for i := range tr.Packets {
		if p := &tr.Packets[i]; tr.Name(p.From) == host {
			n = max(n, int(p.Nth))
		}
	}
	return n
}
