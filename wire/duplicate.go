package wire

// duplication lets a frame arrive twice, the copy right behind it.
type duplication struct {
	p    float64
	roll dice
}

func (c duplication) strike(p *passage) {
	if c.roll(p.n) < c.p {
		p.twice = true
	}
}
