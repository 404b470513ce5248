package inspect

import (
	"slices"
	"strconv"
	"strings"

	"wirelab/osi"
	"wirelab/packets"
	"wirelab/tui/paint"
)

// A node is a row that the tree can show: a layer, a field or a part of one.
// Nodes stand in the order of the frame, each before its own parts.
type node struct {
	layer  *packets.Layer
	field  *packets.Field // nil: the layer itself
	parent int            // -1: none
	depth  int
	end    int    // the node behind its last part
	lo, hi int    // its bits in the frame, [lo, hi)
	path   string // "tcp/tcp.options/tcp.options.nop#2": the same in every packet
}

// parted says whether the node at i has parts.
func (n *node) parted(i int) bool { return n.end > i+1 }

func (n *node) name() string {
	if n.field != nil {
		return n.field.Name
	}
	if n.layer.Quoted {
		return "quoted " + n.layer.Name
	}
	return n.layer.Name
}

// A layerNode is a node that is a layer.
type layerNode struct {
	node int
	role paint.Role // of its bytes
	osi  string     // "OSI 3", or empty
}

// placed is the node of a layer of this protocol.
func placed(node int, protocol string) layerNode {
	l := layerNode{node: node, role: paint.Quiet}
	place, ok := osi.Place(protocol)
	if !ok {
		return l
	}
	l.role = [...]paint.Role{paint.Quiet, paint.Link, paint.Good, paint.Client, paint.Plain}[place.TCPIP]
	l.osi = "OSI " + numbers(place.OSI)
	return l
}

// An index finds the fields of a packet by their place and by their path.
type index struct {
	nodes  []node
	layers []layerNode
	edges  []int          // every bit of the frame at which something begins or ends, in order
	byPath map[string]int // node
	bits   int            // of the frame
}

func newIndex(p Packet) *index {
	x := &index{byPath: map[string]int{}, bits: 8 * len(p.Frame)}
	seen := map[string]int{}
	for i := range p.Layers {
		l := &p.Layers[i]
		at := len(x.nodes)
		x.layers = append(x.layers, placed(at, l.Protocol))
		x.add(node{layer: l, parent: -1, lo: 8 * l.Off, hi: 8 * (l.Off + l.Len), path: l.Protocol}, seen)
		x.addFields(l, l.Fields, at, seen)
	}
	slices.Sort(x.edges)
	x.edges = slices.Compact(x.edges)
	return x
}

func (x *index) addFields(l *packets.Layer, fields []packets.Field, parent int, seen map[string]int) {
	for i := range fields {
		f := &fields[i]
		at, lo := len(x.nodes), 8*l.Off+f.Bit
		above := x.nodes[parent]
		x.add(node{layer: l, field: f, parent: parent, depth: above.depth + 1, lo: lo, hi: lo + f.Bits,
			path: above.path + "/" + f.Key}, seen)
		x.addFields(l, f.Kids, at, seen)
	}
	x.nodes[parent].end = len(x.nodes)
}

// add adds a node whose parts follow. The second of a path gets a number.
func (x *index) add(n node, seen map[string]int) {
	n.lo, n.hi = min(n.lo, x.bits), min(n.hi, x.bits)
	seen[n.path]++
	if k := seen[n.path]; k > 1 {
		n.path += "#" + strconv.Itoa(k)
	}
	x.byPath[n.path] = len(x.nodes)
	x.edges = append(x.edges, n.lo, n.hi)
	n.end = len(x.nodes) + 1
	x.nodes = append(x.nodes, n)
}

// layerAt is the layer that has a byte of the frame, or nil.
func (x *index) layerAt(at int) *layerNode {
	i, exact := slices.BinarySearchFunc(x.layers, 8*at, func(l layerNode, bit int) int { return x.nodes[l.node].lo - bit })
	if !exact {
		i--
	}
	if i < 0 || x.nodes[x.layers[i].node].hi <= 8*at {
		return nil
	}
	return &x.layers[i]
}

// layerOf is the layer of the node at i.
func (x *index) layerOf(i int) *layerNode {
	k, exact := slices.BinarySearchFunc(x.layers, i, func(l layerNode, i int) int { return l.node - i })
	if !exact {
		k--
	}
	return &x.layers[k]
}

// owner is the node of the field that has a byte of the frame: the innermost
// that has all of it or, if several fields share it, the one with its first
// bit. It is -1 if no layer has the byte.
func (x *index) owner(at int) int {
	l := x.layerAt(at)
	if l == nil {
		return -1
	}
	for i := l.node; ; {
		kid := -1
		for k := i + 1; k < x.nodes[i].end; k = x.nodes[k].end {
			if n := &x.nodes[k]; n.lo <= 8*at && 8*at < n.hi {
				kid = k
				break
			}
		}
		switch {
		case kid < 0:
			return i
		case x.nodes[kid].hi < 8*at+8: // the byte is shared
			if x.nodes[i].field == nil {
				return kid
			}
			return i
		}
		i = kid
	}
}

// edge says whether something begins or ends at a bit of the frame.
func (x *index) edge(bit int) bool {
	_, ok := slices.BinarySearch(x.edges, bit)
	return ok
}

// byKey is the first node with a field of that key, or a layer of that
// protocol; -1 without any. What an ICMP error quotes comes behind its own.
func (x *index) byKey(key string) int {
	return slices.IndexFunc(x.nodes, func(n node) bool {
		return n.field != nil && n.field.Key == key || n.field == nil && n.layer.Protocol == key
	})
}

// main is the layer that the packet is about: the innermost header of its own.
func (x *index) main() int {
	for _, l := range slices.Backward(x.layers) {
		switch layer := x.nodes[l.node].layer; {
		case layer.Quoted, layer.Protocol == "data", layer.Protocol == "padding":
		default:
			return l.node
		}
	}
	if len(x.layers) == 0 {
		return -1
	}
	return 0
}

// numbers lists numbers: "1, 2".
func numbers(ns []int) string {
	var list []string
	for _, n := range ns {
		list = append(list, strconv.Itoa(n))
	}
	return strings.Join(list, ", ")
}
