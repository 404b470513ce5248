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
	if header.IPv4MinimumSize+size > h.options.MTU {
		strategy = tcpip.PMTUDiscoveryDont
	}
	return ep.SetSockOptInt(tcpip.MTUDiscoverOption, int(strategy))
}
