package wire

import (
	"net/netip"
	"slices"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"wirelab/packets"
	"wirelab/trace"
)

// A card is a host's network card: a link endpoint of its stack that frames
// leave and reach as Ethernet, and where every one of them is recorded.
type card struct {
	host  *Host
	nic   tcpip.NICID
	addr  netip.Addr
	mac   tcpip.LinkAddress
	mtu   uint32
	stack stack.NetworkDispatcher
	out   *direction
	parts [][]byte // of the frame being recorded
}

// MTU implements stack.LinkEndpoint.
func (c *card) MTU() uint32 { return c.mtu }

// SetMTU implements stack.LinkEndpoint.
func (c *card) SetMTU(mtu uint32) { c.mtu = mtu }

// MaxHeaderLength implements stack.LinkEndpoint.
func (c *card) MaxHeaderLength() uint16 { return header.EthernetMinimumSize }

// LinkAddress implements stack.LinkEndpoint.
func (c *card) LinkAddress() tcpip.LinkAddress { return c.mac }

// SetLinkAddress implements stack.LinkEndpoint.
func (c *card) SetLinkAddress(a tcpip.LinkAddress) { c.mac = a }

// Capabilities implements stack.LinkEndpoint. The card computes no checksums
// and cuts no segments: what the stack sends is what crosses the wire. A router
// must not compute one either for what it sends on, or a damaged packet would
// come out of it sound; this stack would, if it did not believe that its card
// does.
func (c *card) Capabilities() stack.LinkEndpointCapabilities {
	if id := c.host.passing.Load(); id != 0 && id == goroutine() {
		return stack.CapabilityResolutionRequired | stack.CapabilityTXChecksumOffload
	}
	return stack.CapabilityResolutionRequired
}

// Attach implements stack.LinkEndpoint.
func (c *card) Attach(d stack.NetworkDispatcher) { c.stack = d }

// IsAttached implements stack.LinkEndpoint.
func (c *card) IsAttached() bool { return c.stack != nil }

// Wait implements stack.LinkEndpoint.
func (c *card) Wait() {}

// Close implements stack.LinkEndpoint.
func (c *card) Close() {}

// SetOnCloseAction implements stack.LinkEndpoint.
func (c *card) SetOnCloseAction(func()) {}

// ARPHardwareType implements stack.LinkEndpoint.
func (c *card) ARPHardwareType() header.ARPHardwareType { return header.ARPHardwareEther }

// AddHeader implements stack.LinkEndpoint.
func (c *card) AddHeader(p *stack.PacketBuffer) {
	header.Ethernet(p.LinkHeader().Push(header.EthernetMinimumSize)).Encode(&header.EthernetFields{
		SrcAddr: p.EgressRoute.LocalLinkAddress, DstAddr: p.EgressRoute.RemoteLinkAddress, Type: p.NetworkProtocolNumber})
}

// ParseHeader implements stack.LinkEndpoint.
func (c *card) ParseHeader(p *stack.PacketBuffer) bool {
	_, ok := p.LinkHeader().Consume(header.EthernetMinimumSize)
	return ok
}

// WritePackets implements stack.LinkEndpoint: it records what the stack sends
// and hands it to the cable.
func (c *card) WritePackets(list stack.PacketBufferList) (int, tcpip.Error) {
	l := c.host.l
	if c.out == nil || l.over.Load() {
		return list.Len(), nil
	}
	for _, p := range list.AsSlice() {
		c.send(l, p)
	}
	return list.Len(), nil
}

func (c *card) send(l *Lab, p *stack.PacketBuffer) {
	f := frame{buf: p.ToBuffer()}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.catchUp()
	l.turn()
	c.parts = c.parts[:0]
	f.buf.Apply(c.part)
	var mac [6]byte
	copy(mac[:], p.EgressRoute.RemoteLinkAddress)
	c.host.lose()
	from, to := c.host.number, c.out.to.receiver(mac)
	now := l.elapsed()
	f.row, f.h = l.rec.Packet(trace.Packet{From: from, To: to, Sent: now, Step: l.step, Cause: l.cause}, c.parts...)
	rec := l.rec.At(f.row)
	l.bytes += int64(rec.Len())
	c.host.clock.frame(now)
	if f.h.Proto == packets.ProtocolTCP && rec.Span.Stream >= 0 && !rec.Hop {
		l.endpoint(rec.Span.Stream).sent(&f.h)
	}
	if rec.Nth > 0 {
		f.touches = c.host.touches[rec.Nth]
	}
	c.out.send(f)
}

// neighbours are the cards that c reaches without a router.
func (c *card) neighbours() []*card {
	if c.out == nil {
		return nil
	}
	switch to := c.out.to.(type) {
	case *card:
		return []*card{to}
	case *plug:
		return []*card{to.far.card}
	case *socket:
		var cards []*card
		for _, q := range to.s.sockets {
			if q != to {
				cards = append(cards, q.card)
			}
		}
		return cards
	}
	return nil
}

// receiver implements port.
func (c *card) receiver([6]byte) uint16 { return c.host.number }

func (c *card) part(v *buffer.View) { c.parts = append(c.parts, v.AsSlice()) }

// landed notes that the packet in a row has come to the end of a cable, and says
// whether a bit of it was inverted on the way. l.mu must be held.
func (l *Lab) landed(row int) (damaged bool) {
	rec := l.rec.At(row)
	rec.Arrived, rec.Landed, rec.Fate = l.elapsed(), l.step, trace.Delivered
	return rec.Flip >= 0
}

// arrive hands a frame to the stack and returns when it has dealt with it.
func (c *card) arrive(f frame) {
	l := c.host.l
	if l.opt.Real {
		c.host.dealing.Lock()
		defer c.host.dealing.Unlock()
	}
	l.mu.Lock()
	damaged := l.landed(f.row)
	e := l.delivering(&f, c.host.number)
	l.mu.Unlock()
	if c.atTheEnd(&f.h) {
		f.buf = spent(f.buf, f.h.IPOff)
	}
	p := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: f.buf})
	defer p.DecRef()
	v, ok := p.LinkHeader().Consume(header.EthernetMinimumSize)
	if !ok {
		return
	}
	eth := header.Ethernet(v)
	switch dst := eth.DestinationAddress(); {
	case dst == c.mac:
		p.PktType = tcpip.PacketHost
	case dst == header.EthernetBroadcastAddress:
		p.PktType = tcpip.PacketBroadcast
	case header.IsMulticastEthernetAddress(dst):
		p.PktType = tcpip.PacketMulticast
	default:
		p.PktType = tcpip.PacketOtherHost
	}
	before := c.host.counts()
	own := c.host.has(f.h.Dst)
	if c.host.options.Forward && !own {
		c.host.passing.Store(goroutine())
	}
	c.host.work(e, func() { c.stack.DeliverNetworkPacket(eth.Type(), p) })
	c.host.passing.Store(0)
	l.judge(f.row, own && damaged, before, c.host.counts())
}

// counts are what a stack counts of the packets that it was handed.
type counts struct{ badChecksum, socketFull, datagrams uint64 }

func (h *Host) counts() counts {
	s := h.stack.Stats()
	return counts{
		badChecksum: s.TCP.ChecksumErrors.Value() + s.UDP.ChecksumErrors.Value() + s.IP.MalformedPacketsReceived.Value() +
			s.TCP.InvalidSegmentsReceived.Value() + s.UDP.MalformedPacketsReceived.Value() +
			s.ICMP.V4.PacketsReceived.Invalid.Value() + s.ICMP.V6.PacketsReceived.Invalid.Value(),
		socketFull: s.UDP.ReceiveBufferErrors.Value(),
		datagrams:  s.UDP.PacketsReceived.Value(),
	}
}

// has says whether addr is one of h's.
func (h *Host) has(addr netip.Addr) bool {
	return slices.ContainsFunc(h.cards, func(c *card) bool { return c.addr == addr })
}

// judge notes what the stack of a host did with the packet in row. damaged says
// that a bit of it was inverted and that the host is its own end; a router is
// not, and sends on what is damaged behind the IP header.
func (l *Lab) judge(row int, damaged bool, before, after counts) {
	if before == after && !damaged {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case after.badChecksum > before.badChecksum, damaged && l.spoiled(row):
		l.rec.At(row).Fate = trace.BadChecksum
	case after.socketFull > before.socketFull:
		l.rec.At(row).Fate = trace.SocketFull
	case after.datagrams > before.datagrams:
		l.rec.Arrive(row)
	}
}

// spoiled says whether the bits that were inverted in the packet in row make a
// checksum wrong: a stack may find another fault first, and count that. Of IPv6,
// whose header has no checksum of its own, nobody misses some bits; and of a
// piece of a packet only the whole can tell.
func (l *Lab) spoiled(row int) bool {
	p := l.rec.At(row)
	if p.Flip < 0 {
		return false
	}
	frame := l.tr.Bytes(p)
	h := packets.Scan(frame)
	if h.Fragment() {
		return false
	}
	if p.Hop && !intact(frame) {
		return !intact(l.tr.Received(p)) // a bit was inverted on an earlier cable too
	}
	if h.EtherType != packets.EtherTypeIPv6 {
		return true
	}
	const version, flow, hopLimit = 4, 32, 7 // bits, bits, byte
	bit := int(p.Flip) - h.IPOff*8
	return bit < version || bit >= flow && bit/8 != hopLimit
}
