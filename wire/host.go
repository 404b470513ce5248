package wire

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"wirelab/trace"
)

// A Host is a machine of the lab with a TCP/IP stack of its own.
type Host struct {
	l       *Lab
	number  uint16
	name    string
	addr    netip.Addr // of its first card
	options HostOptions
	stack   *stack.Stack
	tcp     stack.TransportProtocol
	clock   *stackClock
	cards   []*card
	dealing sync.Mutex          // on the real clock: held while it deals with a frame that came
	passing atomic.Uint64       // the goroutine that deals with a packet for somebody else; 0: none
	touches map[uint32][]*touch // by the IP packet that they touch, counted from 1
	unsent  uint64              // packets that the stack could not send so far, as the recorder knows
}

// Host adds a host with one card and one address, IPv4 or IPv6.
func (l *Lab) Host(name string, addr netip.Addr, o HostOptions) (*Host, error) {
	h := &Host{l: l, name: name, addr: addr, options: o, clock: &stackClock{l: l}, touches: map[uint32][]*touch{}}
	if err := h.options.check(addr); err != nil {
		return nil, fmt.Errorf("host %s: %w", name, err)
	}
	l.mu.Lock()
	h.number = l.rec.Host(trace.Host{Name: name, Addr: addr, MAC: h.mac(0, len(l.hosts)+1)})
	l.mu.Unlock()
	h.boot()
	if err := h.addCard(addr); err != nil {
		h.close()
		return nil, fmt.Errorf("host %s: %w", name, err)
	}
	if err := h.tune(); err != nil {
		h.close()
		return nil, fmt.Errorf("host %s: %w", name, err)
	}
	l.mu.Lock()
	l.hosts = append(l.hosts, h)
	l.mu.Unlock()
	return h, nil
}

// mac is the address of a host's card: locally administered (02).
func (h *Host) mac(card, host int) [6]byte {
	return [6]byte{2, 0, 0, byte(card), byte(host >> 8), byte(host)}
}

// AddCard gives the host one more card, with an address of its own: a router
// has a card on each of its networks.
func (h *Host) AddCard(addr netip.Addr) error {
	if addr.Is4() != h.addr.Is4() {
		return fmt.Errorf("host %s: %v and %v are of two versions of IP", h.name, h.addr, addr)
	}
	h.l.mu.Lock()
	h.l.rec.Address(h.number, addr)
	h.l.mu.Unlock()
	return h.addCard(addr)
}

func (h *Host) addCard(addr netip.Addr) error {
	mac := h.mac(len(h.cards), int(h.number)+1)
	c := &card{host: h, nic: tcpip.NICID(len(h.cards) + 1), addr: addr, mac: tcpip.LinkAddress(mac[:]), mtu: uint32(h.options.MTU)}
	h.cards = append(h.cards, c)
	if err := h.stack.CreateNIC(c.nic, c); err != nil {
		return stackError(err)
	}
	at := tcpip.ProtocolAddress{Protocol: netProto(addr), AddressWithPrefix: tcpip.AddrFromSlice(addr.AsSlice()).WithPrefix()}
	if err := h.stack.AddProtocolAddress(c.nic, at, stack.AddressProperties{}); err != nil {
		return stackError(err)
	}
	if len(h.cards) == 1 {
		// With one card everybody is on the link, until routes say otherwise.
		h.stack.SetRouteTable([]tcpip.Route{{Destination: everywhere(addr), NIC: c.nic}})
	}
	return nil
}

// free is the first card that no cable leads to.
func (h *Host) free() *card {
	for _, c := range h.cards {
		if c.out == nil {
			return c
		}
	}
	panic(fmt.Sprintf("host %s has no card left for one more cable", h.name))
}

// A Route says over which neighbour packets to a network go; the zero Via means
// that the network is on the link itself.
type Route struct {
	To  netip.Prefix
	Via netip.Addr
	On  int // the card, counted from 0
}

// Routes sets where the host sends what; the first that fits counts.
func (h *Host) Routes(routes ...Route) error {
	var table []tcpip.Route
	for _, r := range routes {
		to, err := tcpip.NewSubnet(tcpip.AddrFromSlice(r.To.Masked().Addr().AsSlice()), mask(r.To))
		if err != nil {
			return fmt.Errorf("host %s: route to %v: %w", h.name, r.To, err)
		}
		route := tcpip.Route{Destination: to, NIC: h.cards[r.On].nic}
		if r.Via.IsValid() {
			route.Gateway = tcpip.AddrFromSlice(r.Via.AsSlice())
		}
		table = append(table, route)
	}
	h.stack.SetRouteTable(table)
	return nil
}

func mask(p netip.Prefix) tcpip.AddressMask {
	m := make([]byte, p.Addr().BitLen()/8)
	for i := range p.Bits() {
		m[i/8] |= 0x80 >> (i % 8)
	}
	return tcpip.MaskFromBytes(m)
}

// Know tells h the card addresses of its neighbours, so that it need not ask
// with ARP, or neighbour discovery, before its first packet.
func (h *Host) Know() error {
	for _, c := range h.cards {
		for _, o := range c.neighbours() {
			if err := h.stack.AddStaticNeighbor(c.nic, netProto(o.addr), tcpip.AddrFromSlice(o.addr.AsSlice()), o.mac); err != nil {
				return stackError(err)
			}
		}
	}
	return nil
}

// Drop loses the n-th IP packet that h sends, counted from 1, on the way.
func (h *Host) Drop(n int) { h.Touch(n, Drop, 0) }

// Sent is how many IP packets the host has sent.
func (h *Host) Sent() int {
	h.l.mu.Lock()
	defer h.l.mu.Unlock()
	return h.l.rec.SentBy(h.number)
}

// Name is the host's name.
func (h *Host) Name() string { return h.name }

// Addr is the host's address.
func (h *Host) Addr() netip.Addr { return h.addr }

// Number is the host's row in the trace.
func (h *Host) Number() uint16 { return h.number }

// close takes the stack down.
func (h *Host) close() {
	if !h.l.opt.Real {
		h.tcp.Resume()
	}
	h.stack.Destroy()
}
