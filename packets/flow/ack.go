package flow

import "time"

// acknowledge takes what g, sent by end, says of the numbers that the other end
// has sent.
func (a *Analyser) acknowledge(f *Flow, end int, g *segment) {
	d, s := &f.Sides[1-end], &f.Sides[end]
	if !d.started {
		d.start(g.h.Ack-1, 1)
		d.unaBy = g.number
		g.ack, g.acks, g.stamp.ack = 1, true, 1
		return
	}
	ack := g.ack
	if far(ack - d.nxt) {
		return
	}
	if ack > d.nxt {
		a.unseen(d, g, ack)
	}
	fresh := a.selective(d, g, ack)
	switch {
	case ack > d.una:
		a.advance(f, end, g, ack)
	case ack < d.una:
		if g.takes() == 0 {
			a.find(Finding{Packet: g.number, Label: OldACK, Sure: Certain, Proof: [4]uint32{d.unaBy}})
		}
	case g.takes() == 0 && s.number != 0:
		fresh = a.repeated(d, s, g) || fresh
	}
	if fresh {
		d.sign(g)
	}
}

// unseen notes that numbers up to ack were received which the capture does not
// have.
func (a *Analyser) unseen(d *Side, g *segment, ack int64) {
	if d.seen {
		a.find(Finding{Packet: g.number, Label: ACKOfUnseen, Sure: Certain, Proof: [4]uint32{d.number}})
		d.sent.add(piece{lo: d.nxt, hi: ack, at: g.at, lastAt: g.at}, &a.spare)
	}
	d.nxt = ack
}

// advance takes an acknowledgment of more than any before.
func (a *Analyser) advance(f *Flow, end int, g *segment, ack int64) {
	d := &f.Sides[1-end]
	ps := &d.sent
	if i := ps.acked; i < len(ps.all) && ps.all[i].lo == d.una && ps.all[i].hi <= ack {
		a.echo(d, &ps.all[i], g)
	}
	clean, newest, flight := true, (*piece)(nil), len(ps.all)-ps.acked
	for ; ps.acked < len(ps.all) && ps.all[ps.acked].hi <= ack; ps.acked++ {
		p := &ps.all[ps.acked]
		switch {
		case p.hole():
			clean = false
			a.missed(p, g)
		case p.sacked:
			p.sacked = false
			d.sacked--
		default:
			if p.times > 1 || p.opener != 0 {
				clean = false
			}
			newest = p
		}
		d.holds(p, g)
	}
	if newest != nil {
		d.measure(g, newest, clean, flight)
	}
	if ps.acked == len(ps.all) {
		d.sacked = 0
		ps.shrink(&a.spare)
	}
	d.una, d.unaBy, d.dups = ack, g.number, 0
	d.progress(g)
}

// holds notes that g says that p has arrived.
func (d *Side) holds(p *piece, g *segment) {
	if p.held == 0 {
		p.held = g.number
	}
	d.delivered = max(d.delivered, p.lastAt)
}

// measure takes a round trip from p and the acknowledgment g that came for it.
// If something was sent again, nobody can tell for which of the two it came
// (Karn's algorithm, RFC 6298 section 3), except by the echoed timestamp (RFC
// 7323 section 4); the time may then include that of a hole, so it tells what
// the sender measures, and not how near it is.
func (d *Side) measure(g *segment, p *piece, clean bool, flight int) {
	many := 1
	if d.stamp.ts != 0 {
		many = (flight + 1) / 2 // every second segment is acknowledged
	}
	switch {
	case clean:
		d.rtt.add(g.at-p.at, many)
		if p.lo == 0 {
			d.rtt.syn = g.at - p.at
		}
	case p.lo == 0 && p.times > 1 && g.opt.hasTS && g.opt.tsEcr == p.lastStamp.ts && p.lastStamp.ts != p.stamp.ts:
		d.rtt.add(g.at-p.lastAt, many)
		d.rtt.syn = g.at - p.lastAt
	case g.opt.hasTS && p.stamp.ts != 0 && g.opt.tsEcr == p.stamp.ts:
		d.rtt.smooth(g.at-p.at, many)
	case g.opt.hasTS && d.stamp.ts != 0:
		ticks := max(int64(int32(d.stamp.ts-g.opt.tsEcr)), 0)
		if t := g.at - d.at + time.Duration(ticks)*d.period(); ticks < mostTicks {
			d.rtt.smooth(t, many)
		}
	}
}

// mostTicks is how old an echoed timestamp may be to tell a round trip.
const mostTicks = 100_000

// echo looks whether the acknowledgment of p, which was sent again, came for
// what was sent first: if it echoes that packet's timestamp, nothing was lost
// (the Eifel detection algorithm, RFC 3522 section 3.2). A bare FIN does not
// count: there are stacks that answer one before they note its timestamp.
func (a *Analyser) echo(d *Side, p *piece, g *segment) {
	if p.lo == d.fin || p.times < 2 || p.opener != 0 || !g.opt.hasTS || p.stamp.ts == 0 || g.opt.tsEcr != p.stamp.ts || p.lastStamp.ts == p.stamp.ts {
		return
	}
	a.find(Finding{Packet: p.last, Label: Spurious, Sure: Certain, Proof: [4]uint32{g.number, p.first}})
}

// missed notes that the bytes of a hole were received: they passed, and the
// capture does not have them.
func (a *Analyser) missed(p *piece, g *segment) {
	if p.opener != 0 {
		a.find(Finding{Packet: p.opener, Label: GapNotCaptured, Sure: Certain, Proof: [4]uint32{g.number}})
	}
}

// repeated takes a bare acknowledgment of nothing new, and reports whether it
// is a duplicate: it carries no data, data is outstanding, and the number and
// the window are those of the one before (RFC 5681 section 2).
func (a *Analyser) repeated(d, s *Side, g *segment) bool {
	same := g.h.Window == s.raw
	switch {
	case s.asked == KeepAlive && same:
		a.find(Finding{Packet: g.number, Label: KeepAliveACK, Sure: Likely, Proof: [4]uint32{s.askedBy}})
	case s.asked == WindowProbe && g.room == 0:
		a.find(Finding{Packet: g.number, Label: ProbeACK, Sure: Likely, Proof: [4]uint32{s.askedBy}})
	case same && d.nxt > d.una:
		d.dups++
		if d.dups <= int32(len(d.dup)) {
			d.dup[d.dups-1] = g.number
		}
		a.find(Finding{Packet: g.number, Label: DuplicateACK, Sure: Certain, Count: d.dups, Proof: [4]uint32{d.unaBy, d.dup[0]}})
		return true
	case g.room > s.room:
		a.find(Finding{Packet: g.number, Label: WindowUpdate, Sure: Certain, Proof: [4]uint32{s.number}})
	}
	return false
}

// board is what selective acknowledgments have said (RFC 2018, RFC 6675
// section 4).
type board struct {
	sacked int         // pieces beyond una that the other end has
	high   int64       // one beyond the highest number that it has said it has
	blocks [4][2]int64 // of the last segment: most of the next one's are the same
	sackBy [2]uint32   // the first and the latest packets that told of those
	agreed bool        // a SACK was seen
}

// selective takes the SACK blocks of g, and reports whether they tell anything
// new.
func (a *Analyser) selective(d *Side, g *segment, ack int64) (fresh bool) {
	var blocks [4][2]int64
	for i := range g.opt.nSACK {
		blocks[i] = [2]int64{d.rel(g.opt.sack[i][0]), d.rel(g.opt.sack[i][1])}
	}
	for i := range g.opt.nSACK {
		b := blocks[i]
		if b[1] <= b[0] || b[1] > d.nxt || far(b[0]-d.nxt) {
			continue
		}
		if i == 0 && (b[1] <= ack || g.opt.nSACK > 1 && blocks[1][0] <= b[0] && b[1] <= blocks[1][1]) {
			a.twice(d, g, b) // RFC 2883 section 4
			continue
		}
		if b[0] <= ack || ack < d.una {
			continue
		}
		for _, part := range d.beyond(b) {
			fresh = a.sack(d, g, part) || fresh
		}
		d.high = max(d.high, b[1])
	}
	if g.opt.nSACK > 0 {
		d.blocks = blocks
	}
	return fresh
}

// beyond is the part of block b that the blocks of the last segment do not
// have: below the one that it overlaps, and above. A block that is empty stands
// for nothing.
func (d *board) beyond(b [2]int64) [2][2]int64 {
	for _, o := range d.blocks {
		if o[0] < o[1] && o[0] < b[1] && b[0] < o[1] {
			return [2][2]int64{{b[0], o[0]}, {o[1], b[1]}}
		}
	}
	return [2][2]int64{b}
}

// sack marks the pieces within b.
func (a *Analyser) sack(d *Side, g *segment, b [2]int64) (fresh bool) {
	if b[0] >= b[1] {
		return false
	}
	ps := &d.sent
	for i := ps.find(b[0]); i < len(ps.all) && ps.all[i].lo < b[1]; i++ {
		p := &ps.all[i]
		if p.sacked || i < ps.acked || p.hi > b[1] {
			continue
		}
		fresh = true
		p.sacked = true
		d.sacked++
		d.holds(p, g)
		if p.hole() {
			a.missed(p, g)
		}
	}
	if fresh {
		if d.sackBy[0] == 0 {
			d.sackBy[0] = g.number
		}
		d.sackBy[1], d.agreed = g.number, true
	}
	return fresh
}

// threshold is how many signs that later segments arrived make a sender take
// one for lost (DupThresh, RFC 5681 section 3.2 and RFC 6675 section 2).
const threshold = 3

// twice takes a block that says what arrived a second time (RFC 2883). If it
// was sent again, that was not needed; if it was not, the network made a copy.
func (a *Analyser) twice(d *Side, g *segment, b [2]int64) {
	ps := &d.sent
	for i := ps.find(b[0]); i < len(ps.all) && ps.all[i].lo < b[1]; i++ {
		if p := &ps.all[i]; p.times > 1 && !p.copied {
			a.find(Finding{Packet: p.last, Label: Spurious, Sure: Certain, Proof: [4]uint32{g.number, p.first}})
		}
	}
}
