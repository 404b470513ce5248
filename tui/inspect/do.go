package inspect

import "wirelab/tui/keys"

// Do does what a key asks for, and says whether it means something here.
func (p *Pane) Do(a keys.Action) bool {
	switch a {
	case keys.NextPane:
		p.nextPane(1)
	case keys.PrevPane:
		p.nextPane(-1)
	case keys.Large:
		p.focus = p.focused(p.room.boxes)
		p.large = !p.large
	case keys.Back:
		if !p.large {
			return false
		}
		p.large = false
	case keys.Bits:
		p.bits = !p.bits
	case keys.Words:
		p.quiet = !p.quiet
	default:
		return p.move(a)
	}
	p.room = p.plan(p.room.w, p.room.h)
	return true
}

// move does what moves in the pane that has the focus.
func (p *Pane) move(a keys.Action) bool {
	switch in := p.focused(p.room.boxes); {
	case in == tree:
		return p.doTree(a)
	case in == bytes || p.showsBits(in):
		return p.doBytes(a)
	}
	return p.doWords(a)
}

// nextPane moves the focus to the next pane that is shown; if one is large, it
// gives its room to the next.
func (p *Pane) nextPane(by int) {
	p.focus = p.focused(p.room.boxes)
	for range 3 {
		p.focus = part((int(p.focus) + by + 3) % 3)
		if _, shown := p.room.box(p.focus); shown || p.large {
			return
		}
	}
}

// page is how many rows a page key moves in the pane that has the focus.
func (p *Pane) page() int {
	b, _ := p.room.box(p.focused(p.room.boxes))
	return max(b.h-1, 1)
}

// step is by how much an action moves among n things, of which the one at i is
// chosen; ok is false if it does not move.
func (p *Pane) step(a keys.Action, i, n int) (to int, ok bool) {
	switch a {
	case keys.Up:
		i--
	case keys.Down:
		i++
	case keys.PageUp:
		i -= p.page()
	case keys.PageDown:
		i += p.page()
	case keys.First:
		i = 0
	case keys.Last:
		i = n - 1
	default:
		return i, false
	}
	return max(min(i, n-1), 0), true
}

func (p *Pane) doTree(a keys.Action) bool {
	if p.chosen < 0 {
		return false
	}
	if row, ok := p.step(a, p.row(), len(p.rows)); ok {
		p.choose(p.rows[row])
		return true
	}
	i := p.chosen
	n := &p.ix.nodes[i]
	switch a {
	case keys.Open:
		p.toggle(i)
	case keys.Right:
		if n.parted(i) && p.isOpen(i) {
			p.choose(i + 1)
		} else if n.parted(i) {
			p.setOpen(i, true)
		}
	case keys.Left:
		if n.parted(i) && p.isOpen(i) {
			p.setOpen(i, false)
		} else if n.parent >= 0 {
			p.choose(n.parent)
		}
	default:
		return false
	}
	return true
}

func (p *Pane) toggle(i int) {
	if p.ix.nodes[i].parted(i) {
		p.setOpen(i, !p.isOpen(i))
	}
}

func (p *Pane) doBytes(a keys.Action) bool {
	n := p.perRow()
	switch a {
	case keys.Left:
		p.chooseByte(p.at - 1)
	case keys.Right:
		p.chooseByte(p.at + 1)
	case keys.First:
		p.chooseByte(0)
	case keys.Last:
		p.chooseByte(len(p.p.Frame) - 1)
	case keys.Up, keys.PageUp, keys.Down, keys.PageDown:
		rows := (len(p.p.Frame) + n - 1) / n
		row, _ := p.step(a, p.at/n, rows)
		p.chooseByte(row*n + p.at%n)
	default:
		return false
	}
	return true
}

// perRow is how many bytes up and down move by.
func (p *Pane) perRow() int {
	b, _ := p.room.box(p.focused(p.room.boxes))
	if p.bits {
		return p.diagram(b.w).per / 8
	}
	return perLine(b.w)
}

func (p *Pane) doWords(a keys.Action) bool {
	b, _ := p.room.box(words)
	lines := len(p.write(b.w, b.h))
	top, ok := p.step(a, p.unrol, max(lines-b.h+1, 1))
	if ok {
		p.unrol = top
	}
	return ok
}

// Click chooses what the mouse means, and says whether it is something here.
func (p *Pane) Click(target any) bool {
	switch t := target.(type) {
	case part:
		p.focus = t
	case rowTarget:
		if !p.has(int(t)) {
			return false
		}
		p.focus = tree
		if int(t) == p.chosen {
			p.toggle(p.chosen)
		} else {
			p.choose(int(t))
		}
	case signTarget:
		if !p.has(int(t)) {
			return false
		}
		p.focus = tree
		p.toggle(int(t))
	case byteTarget:
		p.focus = bytes
		p.chooseByte(int(t))
	default:
		return false
	}
	return true
}

func (p *Pane) has(node int) bool { return 0 <= node && node < len(p.ix.nodes) }

// Offers are the keys that matter now, most important first.
func (p *Pane) Offers() []keys.Offer {
	offers := []keys.Offer{{Action: keys.Up, Short: "move"}, {Action: keys.Down, Short: "move"}}
	switch p.focused(p.room.boxes) {
	case tree:
		right, left := keys.Offer{Action: keys.Right, Short: "open"}, keys.Offer{Action: keys.Left, Short: "close"}
		if i := p.chosen; i < 0 || !p.ix.nodes[i].parted(i) {
			right.Not = "it has no parts"
		}
		if i := p.chosen; i < 0 || p.ix.nodes[i].parent < 0 && !p.isOpen(i) {
			left.Not = "it is closed"
		}
		offers = append(offers, right, left)
	case bytes:
		offers = append(offers, keys.Offer{Action: keys.Left, Short: "byte"}, keys.Offer{Action: keys.Right, Short: "byte"})
	case words:
		b, _ := p.room.box(words)
		if p.showsBits(words) {
			break
		}
		if len(p.write(b.w, b.h)) <= b.h {
			offers[0].Not, offers[1].Not = "all of it is shown", "all of it is shown"
		}
	}
	bits, wordy, large := keys.Offer{Action: keys.Bits}, keys.Offer{Action: keys.Words}, keys.Offer{Action: keys.Large}
	if p.bits {
		bits.Short = "bytes"
	}
	if p.large {
		large.Short = "all panes"
	}
	_, below := p.room.box(bytes)
	if _, beside := p.room.box(words); !below && !(beside && p.room.bitsInWords) {
		bits.Not = "the pane for them is not shown"
	}
	offers = append(offers, keys.Offer{Action: keys.NextPane}, bits, wordy, large)
	if p.focused(p.room.boxes) == tree {
		toggle := keys.Offer{Action: keys.Open, Short: "open"}
		switch i := p.chosen; {
		case i < 0 || !p.ix.nodes[i].parted(i):
			toggle.Not = "it has no parts"
		case p.isOpen(i):
			toggle.Short = "close"
		}
		offers = append(offers, toggle)
	}
	return append(offers, keys.Offer{Action: keys.PrevPane}, keys.Offer{Action: keys.First}, keys.Offer{Action: keys.Last},
		keys.Offer{Action: keys.PageUp, Short: "page"}, keys.Offer{Action: keys.PageDown, Short: "page"})
}
