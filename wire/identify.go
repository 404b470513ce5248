package wire

import (
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// identify makes an IPv4 packet bear an identification if it has to be cut: one
// that a socket is about to send, with so many bytes behind the IP header. A
// receiver knows by it which pieces belong together, so packets under way must not
// share one (RFC 791 section 2.3, RFC 6864 section 4.3). This stack gives none to
// a packet that must not be cut (DF), and yet cuts it. So such a packet is sent
// without DF, as Linux sends it. IPv6 has the identification in the header that
// only pieces have.
//
// The stack's own answers to echo requests take identification and DF from the
// request, which has been put together before.
func (h *Host) identify(ep tcpip.Endpoint, size int) tcpip.Error {
	if h.addr.Is6() {
		return nil
	}
	strategy := tcpip.PMTUDiscoveryWant
	if h.pieces(size) > 1 {
		strategy = tcpip.PMTUDiscoveryDont
	}
	return ep.SetSockOptInt(tcpip.MTUDiscoverOption, int(strategy))
}

// pieces is how many packets it takes to send so many bytes behind the IP header.
func (h *Host) pieces(size int) int {
	room, more := h.options.MTU-header.IPv4MinimumSize, 0
	if h.addr.Is6() {
		room, more = h.options.MTU-header.IPv6MinimumSize, header.IPv6FragmentHeaderSize
	}
	if size <= room {
		return 1
	}
	each := (room - more) &^ 7 // offsets are counted in units of 8 bytes
	return (size + each - 1) / each
}
