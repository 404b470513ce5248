package wire

import (
	"fmt"
	"net/netip"
	"runtime"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"

	"wirelab/trace"
)

// MTU limits: what an IPv4 module must be able to forward at least is 68 bytes
// (RFC 791 section 3.2), and a packet of that size leaves TCP with its options
// nothing to carry; and no IPv4 packet is longer than 65,535.
const (
	MinMTU     = 82
	MaxMTU     = 65535
	DefaultMTU = 1500
)

// Limits of a TCP socket's receive buffer in this stack, in bytes.
const (
	MinReceiveBuffer = tcp.MinBufferSize
	MaxReceiveBuffer = tcp.MaxBufferSize
)

const nicID = 1 // each host has one card

// HostOptions are how a host's stack is set up. The zero value is the stack's
// own defaults.
type HostOptions struct {
	MTU               int    // bytes of an IP packet; 0: DefaultMTU
	CongestionControl string // reno or cubic; empty: reno
	NoSACK            bool   // do not offer selective acknowledgement (RFC 2018)
	Nagle             bool   // hold small writes while data is unacknowledged (RFC 9293 section 3.7.4)
	ReceiveBuffer     int    // bytes of each TCP socket's receive buffer; 0: the stack's own, which grows
}

// A Host is a machine of the lab with a TCP/IP stack of its own.
type Host struct {
	l      *Lab
	number uint16
	name   string
	addr   netip.Addr
	stack  *stack.Stack
	tcp    stack.TransportProtocol
	card   *card
	drops  map[uint32]bool // IP packets that a touch drops, counted from 1
}

// Host adds a host with one card and one address.
func (l *Lab) Host(name string, addr netip.Addr, o HostOptions) (*Host, error) {
	h := &Host{l: l, name: name, addr: addr, drops: map[uint32]bool{}}
	if o.MTU == 0 {
		o.MTU = DefaultMTU
	}
	if o.MTU < MinMTU || o.MTU > MaxMTU {
		return nil, fmt.Errorf("host %s: an MTU of %d bytes cannot work; it must be from %d to %d", name, o.MTU, MinMTU, MaxMTU)
	}
	if !addr.Is4() {
		return nil, fmt.Errorf("host %s: %v is no IPv4 address", name, addr)
	}
	n := len(l.hosts) + 1
	mac := [6]byte{2, 0, 0, 0, byte(n >> 8), byte(n)} // 02: a locally administered address
	h.number = l.rec.Host(trace.Host{Name: name, Addr: addr, MAC: mac})
	h.card = &card{host: h, mac: tcpip.LinkAddress(mac[:]), mtu: uint32(o.MTU)}
	if err := h.boot(o); err != nil {
		return nil, fmt.Errorf("host %s: %w", name, err)
	}
	l.hosts = append(l.hosts, h)
	return h, nil
}

// boot starts the host's stack.
func (h *Host) boot(o HostOptions) error {
	src := newSource(h.l.opt.Seed, "host "+h.name)
	// A stack starts one TCP worker a processor. One is enough, and it keeps
	// the cost of a frame the same on a machine with many.
	procs := runtime.GOMAXPROCS(1)
	h.stack = stack.New(stack.Options{
		NetworkProtocols: []stack.NetworkProtocolFactory{ipv4.NewProtocol, arp.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{
			tcp.NewProtocolProbe(h.l.probe), udp.NewProtocol, icmp.NewProtocol4},
		Clock: stackClock{h.l}, RandSource: src, SecureRNG: src,
	})
	runtime.GOMAXPROCS(procs)
	h.tcp = h.stack.TransportProtocolInstance(tcp.ProtocolNumber)
	h.tcp.Pause()
	if err := h.stack.CreateNIC(nicID, h.card); err != nil {
		return stackError(err)
	}
	addr := tcpip.ProtocolAddress{Protocol: ipv4.ProtocolNumber,
		AddressWithPrefix: tcpip.AddrFromSlice(h.addr.AsSlice()).WithPrefix()}
	if err := h.stack.AddProtocolAddress(nicID, addr, stack.AddressProperties{}); err != nil {
		return stackError(err)
	}
	h.stack.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nicID}})
	return h.tune(o)
}

// tune sets what the options ask for.
func (h *Host) tune(o HostOptions) error {
	set := func(v tcpip.SettableTransportProtocolOption) error {
		if err := h.stack.SetTransportProtocolOption(tcp.ProtocolNumber, v); err != nil {
			return stackError(err)
		}
		return nil
	}
	if o.CongestionControl != "" {
		v := tcpip.CongestionControlOption(o.CongestionControl)
		if err := set(&v); err != nil {
			return fmt.Errorf("congestion control %q: %w; this stack has reno and cubic", o.CongestionControl, err)
		}
	}
	if o.NoSACK {
		v := tcpip.TCPSACKEnabled(false)
		if err := set(&v); err != nil {
			return err
		}
	}
	if o.Nagle {
		v := tcpip.TCPDelayEnabled(true)
		if err := set(&v); err != nil {
			return err
		}
	}
	if o.ReceiveBuffer > 0 {
		size := max(o.ReceiveBuffer, tcp.MinBufferSize)
		v := tcpip.TCPReceiveBufferSizeRangeOption{Min: tcp.MinBufferSize, Default: size, Max: size}
		if err := set(&v); err != nil {
			return err
		}
		fixed := tcpip.TCPModerateReceiveBufferOption(false)
		return set(&fixed)
	}
	return nil
}

// Know tells h the card addresses of all hosts, so that it need not ask with
// ARP before its first packet.
func (h *Host) Know() error {
	for _, o := range h.l.hosts {
		if o == h {
			continue
		}
		if err := h.stack.AddStaticNeighbor(nicID, ipv4.ProtocolNumber, tcpip.AddrFromSlice(o.addr.AsSlice()), o.card.mac); err != nil {
			return stackError(err)
		}
	}
	return nil
}

// Drop loses the n-th IP packet that h sends, counted from 1, on the way.
func (h *Host) Drop(n int) { h.drops[uint32(n)] = true }

// Name is the host's name.
func (h *Host) Name() string { return h.name }

// Addr is the host's address.
func (h *Host) Addr() netip.Addr { return h.addr }

// Number is the host's row in the trace.
func (h *Host) Number() uint16 { return h.number }

// close takes the stack down.
func (h *Host) close() {
	h.tcp.Resume()
	h.stack.Destroy()
}
