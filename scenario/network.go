package scenario

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"wirelab/wire"
)

// A Network is who is there and how they are joined.
type Network struct {
	Nodes []Node
	Links []Link
}

// A Node is a host.
type Node struct {
	Name   string
	Router bool       // it sends on what is for others
	Box    *wire.Rule // it is a middlebox between the client and the server, and no host
}

// A Link is a wire between two hosts, with the conditions of the Scenario: Up
// from Near to Far.
type Link struct{ Near, Far string }

// maxHops is how many routers a network may have between its ends.
const maxHops = 30

// HopsArg is the word for how many routers are on the way, with a default.
func HopsArg(hops int) Arg {
	a := Arg{Name: "hops", Kind: Count(0, maxHops), Help: "routers on the way to the server, each link a wire of its own"}
	if hops > 0 {
		a.Default = strconv.Itoa(hops)
	}
	return a
}

// Chain is a client and a server with so many routers between them.
func Chain(routers int) Network {
	n := Network{Nodes: []Node{{Name: "client"}}}
	last := "client"
	for i := range routers {
		r := fmt.Sprintf("router%d", i+1)
		n.Nodes = append(n.Nodes, Node{Name: r, Router: true})
		n.Links = append(n.Links, Link{last, r})
		last = r
	}
	n.Nodes = append(n.Nodes, Node{Name: "server"})
	n.Links = append(n.Links, Link{last, "server"})
	return n
}

// WithMiddlebox is n with a middlebox in the one wire between its two hosts, if
// the Scenario has one.
func (n Network) WithMiddlebox(s *Scenario) Network {
	if s.Middlebox == "" || len(n.Nodes) != 2 {
		return n
	}
	rule, err := parseRule(s.Middlebox)
	if err != nil {
		return n // it was checked when it was set
	}
	n.Nodes = []Node{n.Nodes[0], {Name: "middlebox", Box: &rule}, n.Nodes[1]}
	return n
}

// parseRule reads what a middlebox does: "forward", "block:tcp:80", "strip:Upgrade";
// several with commas.
func parseRule(t string) (r wire.Rule, err error) {
	for part := range strings.SplitSeq(t, ",") {
		do, what, _ := strings.Cut(strings.TrimSpace(part), ":")
		switch {
		case do == "forward" && what == "":
		case do == "block" && what != "":
			blocks, err := parseBlocks(what)
			if err != nil {
				return r, err
			}
			r.Block = append(r.Block, blocks...)
		case do == "strip" && what != "":
			r.Strip = append(r.Strip, what)
		default:
			return r, fmt.Errorf("%q is nothing that a middlebox does; write forward, block:tcp:80 or strip:Upgrade", short(part))
		}
	}
	return r, nil
}

// Names are the names of the hosts.
func (n Network) Names() []string {
	var names []string
	for _, h := range n.Nodes {
		names = append(names, h.Name)
	}
	return names
}

// prefix is the network of the k-th link, and address one end of it: 10.0.k.1
// near and 10.0.k.2 far, or fd00:0:0:k::1 and ::2.
func prefix(k int, v6 bool) netip.Prefix {
	if v6 {
		return netip.PrefixFrom(netip.AddrFrom16([16]byte{0: 0xfd, 6: byte(k >> 8), 7: byte(k)}), 64)
	}
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(k >> 8), byte(k), 0}), 24)
}

func address(k int, far, v6 bool) netip.Addr {
	a := prefix(k, v6).Addr().Next()
	if far {
		a = a.Next()
	}
	return a
}

// place is one end of a link at a host.
type place struct {
	link int
	addr netip.Addr
	next string     // the host at the other end
	via  netip.Addr // its address
}

// places are the ends of links at the host of that name, a card each.
func (n Network) places(name string, v6 bool) (ps []place) {
	for k, l := range n.Links {
		near, far := address(k, false, v6), address(k, true, v6)
		switch name {
		case l.Near:
			ps = append(ps, place{k, near, l.Far, far})
		case l.Far:
			ps = append(ps, place{k, far, l.Near, near})
		}
	}
	return ps
}

// build sets up hosts, wires, routes and, unless the hosts are cold, who knows
// whom.
func (n Network) build(lab *wire.Lab, s *Scenario) (map[string]*wire.Host, error) {
	hosts := map[string]*wire.Host{}
	if len(n.Nodes) == 3 && n.Nodes[1].Box != nil {
		return hosts, n.boxed(lab, s, hosts)
	}
	for _, node := range n.Nodes {
		o := s.Stack.HostOptions
		o.Forward = node.Router
		ps := n.places(node.Name, s.Stack.IPv6)
		h, err := lab.Host(node.Name, ps[0].addr, o)
		if err != nil {
			return nil, err
		}
		for _, p := range ps[1:] {
			if err := h.AddCard(p.addr); err != nil {
				return nil, err
			}
		}
		hosts[node.Name] = h
	}
	for _, l := range n.Links {
		lab.Cable(hosts[l.Near], hosts[l.Far], s.Up, s.Down)
	}
	for _, node := range n.Nodes {
		if len(n.Links) > 1 {
			if err := hosts[node.Name].Routes(n.routes(node.Name, s.Stack.IPv6)...); err != nil {
				return nil, err
			}
		}
		if !s.Stack.Cold {
			if err := hosts[node.Name].Know(); err != nil {
				return nil, err
			}
		}
	}
	return hosts, nil
}

// boxed sets up a client and a server with a middlebox in the wire between.
func (n Network) boxed(lab *wire.Lab, s *Scenario, hosts map[string]*wire.Host) (err error) {
	for i, node := range []Node{n.Nodes[0], n.Nodes[2]} {
		if hosts[node.Name], err = lab.Host(node.Name, address(0, i == 1, s.Stack.IPv6), s.Stack.HostOptions); err != nil {
			return err
		}
	}
	near, far := hosts[n.Nodes[0].Name], hosts[n.Nodes[2].Name]
	lab.Middlebox(n.Nodes[1].Name, *n.Nodes[1].Box, near, far, s.Up, s.Down)
	if s.Stack.Cold {
		return nil
	}
	return cmp.Or(near.Know(), far.Know())
}

// routes are the ways from a host to the network of every link.
func (n Network) routes(name string, v6 bool) []wire.Route {
	var routes []wire.Route
	for k := range n.Links {
		for card, p := range n.places(name, v6) {
			switch {
			case p.link == k:
				routes = append(routes, wire.Route{To: prefix(k, v6), On: card})
			case n.leads(p.next, name, k, nil):
				routes = append(routes, wire.Route{To: prefix(k, v6), Via: p.via, On: card})
			}
		}
	}
	return routes
}

// leads says whether link k can be reached from a host without going back over
// the host from which one comes.
func (n Network) leads(from, without string, k int, seen []string) bool {
	if slices.Contains(seen, from) {
		return false
	}
	seen = append(seen, from, without)
	for i, l := range n.Links {
		if l.Near != from && l.Far != from || l.Near == without || l.Far == without {
			continue
		}
		other := l.Near
		if other == from {
			other = l.Far
		}
		if i == k || n.leads(other, without, k, seen) {
			return true
		}
	}
	return false
}
