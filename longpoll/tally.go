package longpoll

import (
	"fmt"
	"sync"
	"time"

	"wirelab/packets"
	"wirelab/web"
)

// A tally counts what asking brought, for one client or for all.
type tally struct {
	mu      sync.Mutex
	clients int // that are still asking
	last    int // number of the last event that there will be
	newest  int // that it has heard of
	seen    map[int]bool
	answers int
	empty   int // answers without news
	heard   int // events, each once for a client
	late    time.Duration
	worst   time.Duration
}

// learn notes an event that is so much late, and says whether it is news.
func (t *tally) learn(id int, late time.Duration) bool {
	if t.seen[id] {
		return false
	}
	if t.seen == nil {
		t.seen = map[int]bool{}
	}
	t.seen[id] = true
	t.newest = max(t.newest, id)
	t.heard++
	t.late += late
	t.worst = max(t.worst, late)
	return true
}

// answer notes an answer.
func (t *tally) answer(news bool) {
	t.answers++
	if !news {
		t.empty++
	}
}

// add adds what one client has counted, which has come to its end, and says
// whether that was the last.
func (t *tally) add(o *tally) (all bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clients--
	t.last += o.last
	t.answers += o.answers
	t.empty += o.empty
	t.heard += o.heard
	t.late += o.late
	t.worst = max(t.worst, o.worst)
	return t.clients == 0
}

// words are what was counted, where asking took so many bytes.
func (t *tally) words(ipBytes int64) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := []string{fmt.Sprintf("%d of %d events heard of; %d of %d answers had no news (%d %%)",
		t.heard, t.last, t.empty, t.answers, (100*t.empty+t.answers/2)/t.answers)}
	if t.heard > 0 {
		lines = append(lines,
			fmt.Sprintf("late by %s on average, by %s at worst", web.Took(t.late/time.Duration(t.heard)), web.Took(t.worst)),
			fmt.Sprintf("%s IP bytes both ways, %s for each event", packets.Number(int(ipBytes)), packets.Number(int(ipBytes)/t.heard)))
	}
	return lines
}
