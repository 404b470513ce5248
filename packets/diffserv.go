package packets

import "fmt"

// diffserv is the byte that asks routers for a treatment and tells of
// congestion; IPv4 and IPv6 both have it.
func diffserv(key, name string, bit int, rfc string) *field {
	return &field{
		key: key, name: name, bit: bit, bits: 8,
		about: "How routers should treat the packet, and whether one was crowded.", rfc: rfc,
		value: func(r reading) string { return fmt.Sprintf("0x%02x", r.raw) },
		say: func(r reading) string {
			if r.raw == 0 {
				return "Zeros: no special treatment asked for, and no ECN."
			}
			return "Six bits ask for a treatment (DSCP), two are for congestion (ECN)."
		},
		kids: []*field{
			{
				key: key + ".dscp", name: "differentiated services codepoint", bit: 0, bits: 6,
				about: "The treatment asked of every router on the way.", rfc: "RFC 2474 section 3",
				value: func(r reading) string { return number(r) + ", " + dscpName(r.raw) },
				say: func(r reading) string {
					if r.raw == 0 {
						return "To every router: forward this as you do by default."
					}
					return "To every router: treat this as class " + dscpName(r.raw) + ", if you know it; you may also rewrite or ignore it."
				},
			},
			{
				key: key + ".ecn", name: "explicit congestion notification", bit: 6, bits: 2,
				about: "Lets a router mark a packet instead of dropping it.", rfc: "RFC 3168 section 5",
				value: func(r reading) string { return number(r) + ", " + ecnName(r.raw) },
				say:   sayECN,
			},
		},
	}
}

// dscpName names a codepoint (RFC 2474, RFC 2597, RFC 3246, RFC 5865, RFC 8622).
func dscpName(n uint64) string {
	switch {
	case n == 0:
		return "default (CS0)"
	case n == 1:
		return "LE, lower effort"
	case n == 44:
		return "VOICE-ADMIT"
	case n == 46:
		return "EF, expedited"
	case n%8 == 0:
		return fmt.Sprintf("CS%d", n/8)
	case n/8 >= 1 && n/8 <= 4 && n%2 == 0:
		return fmt.Sprintf("AF%d%d", n/8, n%8/2)
	}
	return "without a standard name"
}

// ecnName names an ECN codepoint (RFC 3168 section 5).
func ecnName(n uint64) string {
	return [4]string{"Not-ECT", "ECT(1)", "ECT(0)", "CE"}[n&3]
}

func sayECN(r reading) string {
	switch r.raw {
	case 0:
		return "To routers: I do not use ECN; if you are crowded, you can only drop this."
	case 1:
		return "To routers: I use ECN; mark this instead of dropping it. ECT(1) asks for the early marking of L4S (RFC 9331)."
	case 2:
		return "To routers: I use ECN; if you are crowded, mark this instead of dropping it."
	}
	return "A router on the way was crowded and marked this packet instead of dropping it. The receiver should tell the sender."
}
