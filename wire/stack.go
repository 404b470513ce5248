package wire

import (
	"fmt"
	"net/netip"
	"runtime"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/raw"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

// MTU limits, in bytes of an IP packet. Every IPv4 module must forward packets
// of 68 (RFC 791 section 3.2); but a header of 20 and a TCP header of up to 60
// leave such a packet nothing to carry. IPv6 asks of every link at least 1280
// (RFC 8200 section 5).
const (
	MinMTU     = 82
	MinMTU6    = 1280
	MaxMTU     = 65535
	DefaultMTU = 1500
)

// Limits of a TCP socket's receive buffer in this stack, in bytes.
const (
	MinReceiveBuffer = tcp.MinBufferSize
	MaxReceiveBuffer = tcp.MaxBufferSize
)

// HostOptions are how a host's stack is set up. The zero value is the stack's
// own defaults.
type HostOptions struct {
	MTU               int    // bytes of an IP packet; 0: DefaultMTU
	CongestionControl string // reno or cubic; empty: reno
	NoSACK            bool   // do not offer selective acknowledgement (RFC 2018)
	Nagle             bool   // hold small writes while data is unacknowledged (RFC 9293 section 3.7.4)
	ReceiveBuffer     int    // bytes of each socket's receive buffer; 0: the stack's own, which grows for TCP
	Forward           bool   // a router: send on what is for others
}

// check completes o for a host at addr, and says what in it cannot be.
func (o *HostOptions) check(addr netip.Addr) error {
	if o.MTU == 0 {
		o.MTU = DefaultMTU
	}
	least := MinMTU
	if addr.Is6() {
		least = MinMTU6
	}
	if o.MTU < least || o.MTU > MaxMTU {
		return fmt.Errorf("an MTU of %d bytes cannot work; it must be from %d to %d", o.MTU, least, MaxMTU)
	}
	return nil
}

// boot starts the host's stack.
func (h *Host) boot() {
	src := h.l.source("host " + h.name)
	// A stack starts one TCP worker a processor. One is enough, and it keeps
	// the cost of a frame the same on a machine with many.
	procs := runtime.GOMAXPROCS(1)
	h.stack = stack.New(stack.Options{
		NetworkProtocols: h.networkProtocols(),
		TransportProtocols: []stack.TransportProtocolFactory{
			tcp.NewProtocolProbe(h.l.probe), udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6},
		RawFactory: raw.EndpointFactory{},
		Clock:      h.clock, RandSource: src, SecureRNG: src,
	})
	runtime.GOMAXPROCS(procs)
	h.tcp = h.stack.TransportProtocolInstance(tcp.ProtocolNumber)
	if !h.l.opt.Real {
		h.tcp.Pause()
	}
}

// work lets f hand a frame to the stack, for endpoint e if not nil, and returns when all that a segment causes has been done. In virtual time the
// stack's TCP workers run only here. On the real clock they run always, because
// a program's call leaves them what comes while it holds the endpoint. Here they
// are waited for all the same, so that what the stack does about the frame is
// told from what programs do.
func (h *Host) work(e *endpoint, f func()) {
	if !h.l.opt.Real {
		h.tcp.Resume()
		f()
		h.tcp.Pause()
		return
	}
	f()
	for range turnsForWorkers {
		h.tcp.Pause()
		h.tcp.Resume()
		if e == nil || e.probed.Load() || !e.connected() {
			return
		}
		// A program held it.
		e.tcp.LockUser()
		e.tcp.UnlockUser()
	}
}

// turnsForWorkers is how often the clock goes back to an endpoint that a program
// holds, again and again, each time for the length of a call.
const turnsForWorkers = 200

// networkProtocols are those of the host's version of IP: the other would only
// add packets of its own.
func (h *Host) networkProtocols() []stack.NetworkProtocolFactory {
	if h.addr.Is4() {
		return []stack.NetworkProtocolFactory{ipv4.NewProtocol, arp.NewProtocol}
	}
	// No duplicate address detection and no looking for routers: the lab gives
	// addresses, and the first packet is the program's.
	return []stack.NetworkProtocolFactory{ipv6.NewProtocolWithOptions(ipv6.Options{})}
}

// tune sets what the options ask for.
func (h *Host) tune() error {
	o := h.options
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
	if o.Forward {
		if err := h.stack.SetForwardingDefaultAndAllNICs(netProto(h.addr), true); err != nil {
			return stackError(err)
		}
	}
	if o.ReceiveBuffer == 0 {
		return nil
	}
	size := max(o.ReceiveBuffer, MinReceiveBuffer)
	fixed := tcpip.TCPModerateReceiveBufferOption(false)
	if err := set(&fixed); err != nil {
		return err
	}
	// What is not TCP takes the stack's own default.
	if err := h.stack.SetOption(tcpip.ReceiveBufferSizeOption{Min: stack.MinBufferSize, Default: size, Max: size}); err != nil {
		return stackError(err)
	}
	return set(&tcpip.TCPReceiveBufferSizeRangeOption{Min: MinReceiveBuffer, Default: size, Max: size})
}

// netProto is the network protocol of an address.
func netProto(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Is6() {
		return ipv6.ProtocolNumber
	}
	return ipv4.ProtocolNumber
}

// everywhere is the network of all addresses of a's version of IP.
func everywhere(a netip.Addr) tcpip.Subnet {
	if a.Is6() {
		return header.IPv6EmptySubnet
	}
	return header.IPv4EmptySubnet
}
