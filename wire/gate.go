package wire

// A gate holds a goroutine that is about to act on the network. The scheduler
// may run goroutines that are ready together in any order; so when all is at
// rest the lab lets one of them go, chosen by key and not by who came first.
type gate struct {
	key  uint64
	open chan struct{}
}

func newGate(key uint64) *gate { return &gate{key: key, open: make(chan struct{}, 1)} }

// pass returns when it is the caller's turn.
func (l *Lab) pass(g *gate) {
	l.mu.Lock()
	if l.over.Load() {
		l.mu.Unlock()
		return
	}
	if l.opt.Real { // it acts at once; others may act at the same time
		l.turn()
		l.mu.Unlock()
		return
	}
	l.gates = append(l.gates, g)
	l.poke()
	l.mu.Unlock()
	<-g.open
}

// nextGate takes the gate that opens next, with l.mu held.
func (l *Lab) nextGate() *gate {
	if len(l.gates) == 0 {
		return nil
	}
	next := 0
	for i, g := range l.gates {
		if g.key < l.gates[next].key {
			next = i
		}
	}
	g, last := l.gates[next], len(l.gates)-1
	l.gates[next] = l.gates[last]
	l.gates = l.gates[:last]
	return g
}

// newKeys reserves n keys for gates, in the order of the calls. l.mu must be held.
func (l *Lab) newKeys(n uint64) (first uint64) {
	first = l.nextKey + 1
	l.nextKey += n
	return first
}
