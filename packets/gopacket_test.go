package packets

import (
	"net"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// reads collects the first value of each field that a decoder of gopacket has
// too, by our keys.
func gopacketReads(l gopacket.Layer) map[string]uint64 {
	address := func(ip net.IP) uint64 { return bitsOf(ip.To4(), 0, 32) }
	bit := func(set bool) uint64 {
		if set {
			return 1
		}
		return 0
	}
	switch l := l.(type) {
	case *layers.Ethernet:
		m := map[string]uint64{"eth.dst": bitsOf(l.DstMAC, 0, 48), "eth.src": bitsOf(l.SrcMAC, 0, 48)}
		if l.Length > 0 {
			m["eth.len"] = uint64(l.Length)
		} else {
			m["eth.type"] = uint64(l.EthernetType)
		}
		return m
	case *layers.ARP:
		return map[string]uint64{
			"arp.hw.type": uint64(l.AddrType), "arp.proto.type": uint64(l.Protocol), "arp.opcode": uint64(l.Operation),
			"arp.hw.size": uint64(l.HwAddressSize), "arp.proto.size": uint64(l.ProtAddressSize),
		}
	case *layers.IPv4:
		return map[string]uint64{
			"ip.version": uint64(l.Version), "ip.hdr_len": uint64(l.IHL), "ip.dsfield": uint64(l.TOS), "ip.len": uint64(l.Length),
			"ip.id": uint64(l.Id), "ip.flags": uint64(l.Flags), "ip.frag_offset": uint64(l.FragOffset), "ip.ttl": uint64(l.TTL),
			"ip.proto": uint64(l.Protocol), "ip.checksum": uint64(l.Checksum), "ip.src": address(l.SrcIP), "ip.dst": address(l.DstIP),
		}
	case *layers.IPv6:
		return map[string]uint64{
			"ipv6.version": uint64(l.Version), "ipv6.tclass": uint64(l.TrafficClass), "ipv6.flow": uint64(l.FlowLabel),
			"ipv6.plen": uint64(l.Length), "ipv6.nxt": uint64(l.NextHeader), "ipv6.hlim": uint64(l.HopLimit),
		}
	case *layers.IPv6Fragment:
		return map[string]uint64{
			"ipv6.fraghdr.nxt": uint64(l.NextHeader), "ipv6.fraghdr.offset": uint64(l.FragmentOffset),
			"ipv6.fraghdr.more": bit(l.MoreFragments), "ipv6.fraghdr.ident": uint64(l.Identification),
		}
	case *layers.ICMPv6:
		return map[string]uint64{
			"icmpv6.type": uint64(l.TypeCode.Type()), "icmpv6.code": uint64(l.TypeCode.Code()), "icmpv6.checksum": uint64(l.Checksum),
		}
	case *layers.ICMPv6RouterAdvertisement:
		return map[string]uint64{
			"icmpv6.nd.ra.cur_hop_limit": uint64(l.HopLimit), "icmpv6.nd.ra.router_lifetime": uint64(l.RouterLifetime),
			"icmpv6.nd.ra.reachable_time": uint64(l.ReachableTime), "icmpv6.nd.ra.retrans_timer": uint64(l.RetransTimer),
		}
	case *layers.DNS:
		return map[string]uint64{
			"dns.id": uint64(l.ID), "dns.flags.response": bit(l.QR), "dns.flags.opcode": uint64(l.OpCode), "dns.flags.rcode": uint64(l.ResponseCode),
			"dns.flags.truncated": bit(l.TC), "dns.count.queries": uint64(l.QDCount), "dns.count.answers": uint64(l.ANCount),
			"dns.count.auth_rr": uint64(l.NSCount), "dns.count.add_rr": uint64(l.ARCount),
		}
	case *layers.ICMPv4:
		return map[string]uint64{
			"icmp.type": uint64(l.TypeCode.Type()), "icmp.code": uint64(l.TypeCode.Code()), "icmp.checksum": uint64(l.Checksum),
		}
	case *layers.TCP:
		return map[string]uint64{
			"tcp.srcport": uint64(l.SrcPort), "tcp.dstport": uint64(l.DstPort), "tcp.seq": uint64(l.Seq), "tcp.ack": uint64(l.Ack),
			"tcp.hdr_len": uint64(l.DataOffset), "tcp.window_size_value": uint64(l.Window), "tcp.checksum": uint64(l.Checksum),
			"tcp.urgent_pointer": uint64(l.Urgent), "tcp.flags.ae": bit(l.NS), "tcp.flags.cwr": bit(l.CWR), "tcp.flags.ece": bit(l.ECE),
			"tcp.flags.urg": bit(l.URG), "tcp.flags.ack": bit(l.ACK), "tcp.flags.push": bit(l.PSH), "tcp.flags.reset": bit(l.RST),
			"tcp.flags.syn": bit(l.SYN), "tcp.flags.fin": bit(l.FIN),
		}
	case *layers.UDP:
		return map[string]uint64{
			"udp.srcport": uint64(l.SrcPort), "udp.dstport": uint64(l.DstPort), "udp.length": uint64(l.Length), "udp.checksum": uint64(l.Checksum),
		}
	}
	return nil
}

func TestNumbersAgreeWithGopacket(t *testing.T) {
	compared := 0
	for _, c := range corpus() {
		if c.damaged || c.name == "IPv4 in IPv4" { // there a key stands twice
			continue
		}
		p := Open(c.frame, LinkEthernet)
		for _, l := range gopacket.NewPacket(c.frame, layers.LinkTypeEthernet, gopacket.Default).Layers() {
			for key, want := range gopacketReads(l) {
				compared++
				got := uint64(1<<64 - 1)
				for v := range p.Read(key) {
					got = v.Uint
					break
				}
				if got != want {
					t.Errorf("%s: %s is %d, gopacket reads %d", c.name, key, got, want)
				}
			}
		}
	}
	if compared < 900 {
		t.Errorf("only %d numbers were compared", compared)
	}
}
