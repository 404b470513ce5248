package packets

import "fmt"

// The options that two ends exchange in their SYNs, to agree on how the
// connection will work.
var (
	tcpMSS = withValue(tcpOption("tcp.options.mss", "maximum segment size", "RFC 9293 section 3.7.1",
		"The most data that its sender takes in one segment.", sayMSS,
		&field{
			key: "tcp.options.mss_val", name: "MSS value", bit: 16, bits: 16,
			about: "Bytes of data in a segment without IP or TCP options.", rfc: "RFC 9293 section 3.7.1",
			value: func(r reading) string { return bytesOf(r.raw) }, say: sayMSS,
		}), func(r reading) string { return bytesOf(optionNumber(r, 2)) })

	tcpScale = withValue(tcpOption("tcp.options.wscale", "window scale", "RFC 7323 section 2.2",
		"By how many bits its sender's later windows are to be shifted.", sayScale,
		&field{
			key: "tcp.options.wscale.shift", name: "shift count", bit: 16, bits: 8,
			about: "Bits to shift a window by, at most 14.", rfc: "RFC 7323 section 2.2", say: sayScale,
		}), func(r reading) string {
		n := optionNumber(r, 1)
		return fmt.Sprintf("shift %d: x %s", n, group(uint64(1)<<min(n, maxScale)))
	})

	tcpSACKPermitted = withValue(tcpOption("tcp.options.sack_perm", "SACK permitted", "RFC 2018 section 2",
		"Its sender understands selective acknowledgments.",
		func(r reading) string {
			if !tcpFlags(r.part).Has(SYN) {
				return "Outside a SYN this option means nothing."
			}
			return "\"You may tell me also what arrived behind a gap, not only where the gap begins.\""
		}), always("permitted"))

	tcpFastOpen = withValue(tcpOption("tcp.options.tfo", "TCP fast open", "RFC 7413 section 4.1.1",
		"A cookie that lets a later SYN carry data that is handed on at once.", sayFastOpen,
		tcpRest("tcp.options.tfo.cookie", "cookie", "RFC 7413 section 4.1.1")),
		func(r reading) string {
			if r.bits == 16 {
				return "cookie request"
			}
			return "cookie of " + bytesOf(r.bits/8-2)
		})

	tcpUserTimeout = withValue(tcpOption("tcp.options.user_to", "user timeout", "RFC 5482 section 3",
		"How long its sender waits for an acknowledgment before it gives up.", sayUserTimeout,
		&field{
			key: "tcp.options.user_to_granularity", name: "granularity", bit: 16, bits: 1,
			about: "Whether the time is in seconds or minutes.", rfc: "RFC 5482 section 3",
			value: bit01("minutes", "seconds"),
			say:   bit01("Set: the time is in minutes.", "Not set: the time is in seconds."),
		},
		&field{
			key: "tcp.options.user_to_val", name: "user timeout", bit: 17, bits: 15,
			about: "The time, in seconds or minutes.", rfc: "RFC 5482 section 3",
			value: userTimeout, say: sayUserTimeout,
		}), userTimeout)

	tcpMultipath = withValue(tcpOption("tcp.options.mptcp", "multipath TCP", "RFC 8684 section 3",
		"Lets one connection use several paths at once.",
		func(r reading) string {
			return "Multipath TCP, where one connection uses several paths: " + mptcpName(r.bytes()[2]>>4) + "."
		},
		&field{
			key: "tcp.options.mptcp.subtype", name: "subtype", bit: 16, bits: 4,
			about: "What the option is about.", rfc: "RFC 8684 section 3",
			value: func(r reading) string { return number(r) + ", " + mptcpName(uint8(r.raw)) },
			say: func(r reading) string {
				return "Subtype " + number(r) + " is " + mptcpName(uint8(r.raw)) + "."
			},
		},
		&field{
			key: "tcp.options.mptcp.data", name: "subtype data", bit: 20,
			about: "The subtype's own bits.", rfc: "RFC 8684 section 3", value: hexBytes,
			say: always("The subtype's own bits, not opened here."),
		}), func(r reading) string { return mptcpName(r.bytes()[2] >> 4) })
)

// withValue gives an option a value better than its length.
func withValue(f *field, value func(reading) string) *field {
	f.value = value
	return f
}

// optionNumber reads the n bytes behind kind and length, from the option
// itself and from a part of it alike.
func optionNumber(r reading, n int) uint64 {
	if r.bits > n*8 {
		return bitsOf(r.bytes(), 16, n*8)
	}
	return r.raw
}

func sayMSS(r reading) string {
	if !tcpFlags(r.part).Has(SYN) {
		return "Outside a SYN this option must not be sent, and means nothing."
	}
	n := bytesOf(optionNumber(r, 2))
	return fmt.Sprintf("\"Send me at most %s of data in one segment.\" IP and TCP options, where a segment has any, take their room from that.", n)
}

func sayScale(r reading) string {
	n := optionNumber(r, 1)
	switch {
	case !tcpFlags(r.part).Has(SYN):
		return "Outside a SYN this option means nothing."
	case n > maxScale:
		return fmt.Sprintf("A shift of %d is more than the 14 that are allowed; the other side uses 14.", n)
	case n == 0:
		return "\"You may scale your windows; mine count single bytes.\""
	}
	if tcpFlags(r.part).Has(ACK) {
		return fmt.Sprintf("\"From my next segment on, multiply my windows by %s.\"", group(uint64(1)<<n))
	}
	return fmt.Sprintf("\"If you send this option too: from my next segment on, multiply my windows by %s.\"", group(uint64(1)<<n))
}

func sayFastOpen(r reading) string {
	f := tcpFlags(r.part)
	switch {
	case !f.Has(SYN):
		return "Outside a SYN this option means nothing."
	case r.bits == 16 && f.Has(ACK):
		return "An answer to SYN has a cookie here, and this one has none: it means nothing."
	case r.bits == 16:
		return "\"Please give me a cookie, so that my next SYN to you can carry data.\""
	case f.Has(ACK):
		return "\"This is your cookie of " + bytesOf(r.bits/8-2) + ": show it in a later SYN, and its data is handed on at once.\""
	}
	return "\"You gave me this cookie of " + bytesOf(r.bits/8-2) + ": hand the data of this SYN on at once.\""
}

// userTimeout is the time of the option, or of its value alone.
func userTimeout(r reading) string {
	at := r.bit + 16
	if r.bits == 15 {
		at = r.bit - 1
	}
	n, unit := bitsOf(r.frame[r.off:], at+1, 15), "second"
	if bitsOf(r.frame[r.off:], at, 1) == 1 {
		unit = "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return group(n) + " " + unit
}

func sayUserTimeout(r reading) string {
	return "\"I give up if nothing is acknowledged for " + userTimeout(r) + "; you may want to wait as long.\""
}

// mptcpName names a subtype of multipath TCP (RFC 8684 section 8.3).
func mptcpName(subtype uint8) string {
	names := [...]string{"MP_CAPABLE", "MP_JOIN", "DSS", "ADD_ADDR", "REMOVE_ADDR", "MP_PRIO", "MP_FAIL", "MP_FASTCLOSE", "MP_TCPRST"}
	if int(subtype) < len(names) {
		return names[subtype]
	}
	return fmt.Sprintf("subtype %d", subtype)
}
