package packets

import "fmt"

// icmpTypeName names a type (IANA ICMP parameters).
func icmpTypeName(t uint8) string {
	switch t {
	case icmpEchoReply:
		return "echo reply"
	case icmpUnreachable:
		return "destination unreachable"
	case icmpQuench:
		return "source quench"
	case icmpRedirect:
		return "redirect"
	case icmpEcho:
		return "echo request"
	case 9:
		return "router advertisement"
	case 10:
		return "router solicitation"
	case icmpTimeExceeded:
		return "time exceeded"
	case icmpParameter:
		return "parameter problem"
	case icmpTimestamp:
		return "timestamp"
	case icmpTimestampRep:
		return "timestamp reply"
	}
	return fmt.Sprintf("type %d", t)
}

// icmpReason is what a code says: its name and its meaning.
type icmpReason struct{ name, says string }

// icmpReasonOf gives the meaning of an error's code (RFC 792, RFC 1122
// section 3.2.2.1, RFC 1812 section 5.2.7.1); the zero value if it has none here.
func icmpReasonOf(typ, code uint8) icmpReason {
	var of []icmpReason
	switch typ {
	case icmpUnreachable:
		of = []icmpReason{
			{"network unreachable", "A router knows no way to that network."},
			{"host unreachable", "A router stands before the last link, and the host does not answer there."},
			{"protocol unreachable", "The host is there, but does not know that protocol."},
			{"port unreachable", "The host is there, but no program listens on that port."},
			{"fragmentation needed", "The packet is too big for the next link, and it says that it may not be cut."},
			{"source route failed", "The packet gives routers that it must pass, and that way does not work."},
			{"destination network unknown", "A router has never heard of that network."},
			{"destination host unknown", "A router has been told that there is no such host."},
			{"source host isolated", "Obsolete: the sender itself is cut off."},
			{"network prohibited", "That network is closed to this sender by an administrator."},
			{"host prohibited", "That host is closed to this sender by an administrator."},
			{"network unreachable for this service", "No way to that network gives the service asked for."},
			{"host unreachable for this service", "No way to that host gives the service asked for."},
			{"communication prohibited", "A filter on the way refuses the packet."},
			{"host precedence violation", "The precedence asked for is not allowed."},
			{"precedence cutoff", "The network demands a higher precedence."},
		}
	case icmpRedirect:
		of = []icmpReason{
			{"for the network", "There is a shorter way to that network."},
			{"for the host", "There is a shorter way to that host."},
			{"for the service and network", "There is a shorter way to that network for this service."},
			{"for the service and host", "There is a shorter way to that host for this service."},
		}
	case icmpTimeExceeded:
		of = []icmpReason{
			{"time to live exceeded", "A router took the last 1 off the packet's time to live, and threw it away."},
			{"fragment reassembly time exceeded", "Pieces of a datagram came, others did not in time; the receiver gave up on it."},
		}
	case icmpParameter:
		of = []icmpReason{
			{"pointer indicates the error", "A field of the header makes no sense; the pointer says which byte."},
			{"missing a required option", "An option that is demanded here is missing."},
			{"bad length", "A length in the header makes no sense."},
		}
	}
	if int(code) < len(of) {
		return of[code]
	}
	return icmpReason{}
}

func icmpCodeName(typ, code uint8) string { return icmpReasonOf(typ, code).name }

func sayICMPType(r reading) string {
	switch uint8(r.raw) {
	case icmpEcho:
		return "\"Are you there? Send this back.\""
	case icmpEchoReply:
		return "\"Yes, I am here; this is what you sent.\""
	case icmpUnreachable:
		return "\"Your packet, quoted below, could not be delivered.\" The code says why."
	case icmpTimeExceeded:
		return "\"Your packet, quoted below, took too long.\" The code says where."
	case icmpRedirect:
		return "\"Your packet, quoted below, has a shorter way.\" The next field names the router to use."
	case icmpParameter:
		return "\"The header of your packet, quoted below, has a mistake.\""
	case icmpQuench:
		return "\"You send too fast.\" Nobody may send this any more, and everybody ignores it (RFC 6633)."
	case icmpTimestamp:
		return "\"What time is it on your clock?\""
	case icmpTimestampRep:
		return "\"This is the time on my clock.\""
	}
	return fmt.Sprintf("A message of type %d, which is not opened here.", r.raw)
}

// sayReason is the sentence of a code.
func sayReason(reason icmpReason, code uint64) string {
	switch {
	case reason.says != "":
		return reason.says
	case code == 0:
		return "0: this type has no variants."
	}
	return fmt.Sprintf("Code %d of this type has no meaning here.", code)
}

func sayICMPCode(r reading) string { return sayReason(icmpReasonOf(r.u8(0), uint8(r.raw)), r.raw) }
