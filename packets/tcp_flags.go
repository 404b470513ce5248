package packets

// What the control bits say: together, and those whose meaning depends on the
// others.

func sayFlags(r reading) string {
	f := tcpFlags(r.part)
	n, whole := tcpDataLen(r.part)
	switch {
	case f.Has(SYN | FIN), f.Has(SYN | RST):
		return "A segment cannot open a connection and end it: no honest sender sets these together."
	case f.Has(SYN | ACK):
		return "\"Yes, I heard you; may I talk to you too?\" The second step of opening a connection."
	case f.Has(SYN):
		return "\"May I talk to you?\" The first step of opening a connection."
	case f.Has(RST):
		return "\"There is no such connection here\", or \"I break it off\". Nothing more is sent or received on it."
	case f.Has(FIN | ACK):
		return "\"I have nothing more to send.\" The other direction stays open until its own FIN."
	case !f.Has(ACK):
		return "Without ACK, SYN or RST a receiver throws the segment away."
	case whole && n > 0:
		return "\"Here is data, and this is how far I have received yours.\""
	case whole:
		return "\"This is how far I have received your data.\" It carries none itself."
	}
	return "\"This is how far I have received your data.\""
}

func sayAE(r reading) string {
	f := tcpFlags(r.part)
	switch {
	case r.raw == 0:
		return "Not set."
	case f.Has(SYN):
		return "With CWR and ECE: an offer of, or an answer about, accurate ECN."
	}
	return "Part of a counter of congestion marks, if both sides agreed on accurate ECN."
}

func sayCWR(r reading) string {
	f := tcpFlags(r.part)
	switch {
	case r.raw == 0:
		return "Not set."
	case f.Has(SYN | ACK):
		return "In an answer to SYN: part of an answer about accurate ECN (RFC 9768)."
	case f.Has(SYN | ECE):
		return "Together with ECE in a SYN: \"I can do ECN; can you?\""
	}
	return "\"I heard of the congestion, and have slowed down.\" If both sides agreed on accurate ECN, part of its counter (RFC 9768)."
}

func sayECE(r reading) string {
	f := tcpFlags(r.part)
	switch {
	case r.raw == 0:
		return "Not set."
	case f.Has(SYN | ACK | CWR):
		return "In an answer to SYN, with CWR: part of an answer about accurate ECN (RFC 9768)."
	case f.Has(SYN | ACK):
		return "In an answer to SYN: \"Yes, let us use ECN.\""
	case f.Has(SYN | CWR):
		return "Together with CWR in a SYN: \"I can do ECN; can you?\""
	}
	return "\"A router marked a packet of yours: slow down.\" If both sides agreed on accurate ECN, part of its counter (RFC 9768)."
}

func sayACKBit(r reading) string {
	switch {
	case r.raw != 0:
		return "The acknowledgment number counts."
	case tcpFlags(r.part).Has(SYN):
		return "Not set: there is nothing to acknowledge yet. Every later segment has it set."
	}
	return "Not set: the acknowledgment number means nothing."
}

func sayPSH(r reading) string {
	n, whole := tcpDataLen(r.part)
	switch {
	case r.raw == 0:
		return "Not set: the receiver may wait for more before it wakes the program."
	case whole && n == 0:
		return "Set, although there is no data to hand on."
	}
	return "To the receiver: hand the data to the program now, do not wait for more."
}
