package wire

import "wirelab/trace"

// loss loses frames on the way, each with the same probability and without
// regard to the others.
type loss struct {
	p    float64
	roll dice
}

func (c loss) strike(p *passage) {
	if p.fate == trace.UnderWay && c.roll(p.n) < c.p {
		p.fate = trace.LostRandom
	}
}
