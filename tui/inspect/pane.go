// Package inspect shows one packet laid open: its layers as a tree, its bytes,
// and in plain words what the chosen field says to the other side. Choosing in
// one chooses in all.
package inspect

import (
	"slices"
	"strings"

	"wirelab/tui/paint"
)

// A Pane shows a packet.
type Pane struct {
	p  Packet
	ix *index

	chosen int    // node; -1 only if the packet has no layers
	wish   string // path of what was chosen last by hand: later packets may have it again
	at     int    // the byte of the frame that the byte cursor is on, inside of what is chosen

	open map[string]bool // by path, what was opened or closed by hand
	rows []int           // nodes that the tree shows, in order
	said *written        // about what is chosen; nil: not yet written

	focus                   part // see focused
	large                   bool // the focus has all the room
	quiet                   bool // without words
	bits                    bool // bits, not bytes
	treeTop, topByte, unrol int  // first row of the tree, first byte, first line of the words

	room layout // as last drawn
}

// New returns a pane that shows p.
func New(p Packet) *Pane {
	pane := &Pane{open: map[string]bool{}}
	pane.room = pane.plan(80, 24)
	pane.Set(p)
	return pane
}

// Set shows another packet. The field that was chosen stays chosen if the
// packet has it; if not, its layer is, and the next packet that has the field
// shows it again.
func (p *Pane) Set(packet Packet) {
	p.p, p.ix = packet, newIndex(packet)
	p.rows, p.treeTop, p.topByte = p.rows[:0], 0, 0
	wish := p.wish
	p.choose(p.find(wish))
	p.wish = wish
}

// find is the node of a path or of what comes nearest to it; -1 without layers.
func (p *Pane) find(path string) int {
	if path == "" {
		return p.ix.main()
	}
	if i, ok := p.ix.byPath[path]; ok {
		return i
	}
	last, _, _ := strings.Cut(path[strings.LastIndexByte(path, '/')+1:], "#")
	if i := p.ix.byKey(last); i >= 0 {
		return i
	}
	layer, _, _ := strings.Cut(path, "/")
	if i := p.ix.byKey(layer); i >= 0 {
		return i
	}
	return p.ix.main()
}

// Choose chooses the first field with a key such as "tcp.window_size_value", or
// the layer of a protocol such as "tcp", and says whether the packet has it.
func (p *Pane) Choose(key string) bool {
	i := p.ix.byKey(key)
	if i >= 0 {
		p.choose(i)
	}
	return i >= 0
}

// choose chooses the node at i, with the byte cursor at its start.
func (p *Pane) choose(i int) {
	if p.chosen = i; i < 0 {
		p.at, p.rows, p.said = 0, nil, nil
		return
	}
	n := &p.ix.nodes[i]
	p.wish = n.path
	p.at = min(n.lo/8, max(len(p.p.Frame)-1, 0))
	p.said, p.unrol = nil, 0
	stale := len(p.rows) == 0
	for up := n.parent; up >= 0; up = p.ix.nodes[up].parent {
		if !p.isOpen(up) {
			p.open[p.ix.nodes[up].path], stale = true, true
		}
	}
	if stale {
		p.fold()
	}
}

// chooseByte puts the byte cursor on a byte of the frame and chooses the field
// that has it.
func (p *Pane) chooseByte(at int) {
	if len(p.p.Frame) == 0 {
		return
	}
	at = min(max(at, 0), len(p.p.Frame)-1)
	if i := p.ix.owner(at); i >= 0 && i != p.chosen {
		p.choose(i)
	}
	p.at = at
}

// isOpen says whether the parts of the node at i are shown.
func (p *Pane) isOpen(i int) bool {
	n := &p.ix.nodes[i]
	if open, ok := p.open[n.path]; ok {
		return open
	}
	return n.field == nil && i == p.ix.main()
}

// setOpen opens or closes the node at i. What is chosen inside of a closed one
// gives way to it.
func (p *Pane) setOpen(i int, open bool) {
	n := &p.ix.nodes[i]
	p.open[n.path] = open
	if !open && i < p.chosen && p.chosen < n.end {
		p.choose(i)
		return
	}
	p.fold()
}

// fold lists the nodes that the tree shows.
func (p *Pane) fold() {
	p.rows = p.rows[:0]
	for i := 0; i < len(p.ix.nodes); {
		p.rows = append(p.rows, i)
		if p.isOpen(i) {
			i++
		} else {
			i = p.ix.nodes[i].end
		}
	}
}

// row is the row of the tree with what is chosen, which is always shown; -1
// without layers.
func (p *Pane) row() int {
	if p.chosen < 0 {
		return -1
	}
	i, _ := slices.BinarySearch(p.rows, p.chosen)
	return i
}

// chosenBits are the bits of the frame that are chosen, [lo, hi).
func (p *Pane) chosenBits() (lo, hi int) {
	if p.chosen < 0 {
		return 0, 0
	}
	n := &p.ix.nodes[p.chosen]
	return n.lo, n.hi
}

// Draw shows the packet in whatever room there is.
func (p *Pane) Draw(a paint.Area) {
	p.room = p.plan(a.W(), a.H())
	if p.room.head {
		p.drawHead(a)
	}
	for _, b := range p.room.boxes {
		a.Click(b.ruleX, b.y-1, b.ruleW, b.h+1, b.part)
		inside := a.Sub(b.x, b.y, b.w, b.h)
		var note string
		switch {
		case b.part == tree:
			note = p.drawTree(inside)
		case p.showsBits(b.part):
			note = p.drawBits(inside)
		case b.part == bytes:
			note = p.drawBytes(inside)
		default:
			note = p.drawWords(inside)
		}
		if b.titled {
			p.drawTitle(a, b, note)
		}
	}
	p.drawSplit(a)
}
