package packets

import (
	"encoding/binary"
	"strings"
	"testing"
)

// withFlags gives a sealed copy of frame, TCP in IPv4 without options, with other
// control bits.
func withFlags(frame []byte, f Flags) []byte { return seal(patch(frame, 47, byte(f))) }

func TestSYNTakesANumber(t *testing.T) {
	expect(t, synFrame, fromClient,
		said{"tcp.seq", "0, absolute 1,000,000,000", "SYN takes sequence number 0 for itself; so the first data byte will be number 1."},
		said{"tcp.ack", "0, not used", "ACK is not set, so this means nothing: the sender has heard nothing yet that it could acknowledge."})
	expect(t, synFrame, Context{},
		said{"tcp.seq", "1,000,000,000", "SYN takes sequence number 1,000,000,000 for itself; so the first data byte will be number 1,000,000,001."})
}

func TestSYNMayCarryData(t *testing.T) {
	expect(t, seal(join(synFrame, []byte("hello"))), fromClient,
		said{"tcp.seq", "", "SYN takes sequence number 0 for itself; the data that rides along is bytes 1 to 5."})
}

func TestSequenceNumbersOfData(t *testing.T) {
	expect(t, dataFrame, fromClient,
		said{"tcp.seq", "1, absolute 1,000,000,001", "The first data byte of this segment is number 1 of the stream; the segment carries bytes 1 to 5."})
	expect(t, dataFrame, Context{},
		said{"tcp.seq", "1,000,000,001", "The first data byte of this segment has sequence number 1,000,000,001, the last 1,000,000,005."})

	big := seal(join(dataFrame, make([]byte, 1415))) // 1,420 bytes, as this stack fills a segment
	binary.BigEndian.PutUint32(big[38:], clientISN+1421)
	expect(t, big, fromClient,
		said{"tcp.seq", "", "The first data byte of this segment is number 1,421 of the stream; the segment carries bytes 1,421 to 2,840."})

	again := fromClient
	again.Again = true
	expect(t, dataFrame, again,
		said{"tcp.seq", "", "The first data byte of this segment is number 1 of the stream; the segment carries bytes 1 to 5. Some of it was sent before."})
	expect(t, seal(dataFrame[:67]), fromClient,
		said{"tcp.seq", "", "The only data byte of this segment is number 1 of the stream."})
}

func TestNumbersGoOnPast2To32(t *testing.T) {
	b := seal(patch(sackFrame, 38, 0, 0, 0, 9)) // serverISN + 15
	expect(t, b, fromServer, said{"tcp.seq", "15, absolute 9", ""})
}

func TestFINTakesANumberAndRSTIsChecked(t *testing.T) {
	fin := withFlags(seal(dataFrame[:66]), FIN|ACK)
	expect(t, fin, fromClient,
		said{"tcp.seq", "", "FIN takes sequence number 1 for itself, so that it can be acknowledged. No byte comes after it."},
		said{"tcp.flags", "FIN, ACK", "\"I have nothing more to send.\" The other direction stays open until its own FIN."})
	expect(t, withFlags(dataFrame, FIN|ACK|PSH), fromClient,
		said{"tcp.seq", "", "The first data byte of this segment is number 1 of the stream; the segment carries bytes 1 to 5, and FIN takes number 6."})
	rst := withFlags(seal(dataFrame[:66]), RST)
	expect(t, rst, fromClient,
		said{"tcp.seq", "", "The receiver obeys this reset only if 1 is exactly the number it wants next."},
		said{"tcp.ack", "4,294,967,291, not used", "ACK is not set, so this means nothing."},
		said{"tcp.window_size_value", "", "A reset ends the connection, so its window means nothing."})
	refused := withFlags(patch(seal(dataFrame[:66]), 38, 0, 0, 0, 0), RST|ACK)
	expect(t, refused, Context{AckBase: serverISN, AckKnown: true},
		said{"tcp.seq", "0", "0 in the header: a reset that answers a SYN has no number of its own. Its acknowledgment number is what makes it believed."},
		said{"tcp.ack", "", "This reset answers a segment that ended before number 1, and shows by that that it is meant."})
}

func TestAnAcknowledgmentNamesTheNextByteWanted(t *testing.T) {
	expect(t, sackFrame, fromServer,
		said{"tcp.seq", "1, absolute 4,294,967,291", "No data here, so no number is used up; the sender names 1 as its place in the stream."},
		said{"tcp.ack", "6, absolute 1,000,000,006", "Every byte before 6 has arrived; the next one wanted is 6."})
	b := seal(patch(sackFrame, 42, 0x3b, 0x9a, 0xcf, 0x8d)) // the client's first, and 1,421
	expect(t, b, fromServer,
		said{"tcp.ack", "1,421, absolute 1,000,001,421", "Every byte before 1,421 has arrived; the next one wanted is 1,421."})
	expect(t, synAckFrame, fromServer,
		said{"tcp.ack", "1, absolute 1,000,000,001", "SYN, number 0, has arrived, and no data yet; the next byte wanted is 1."})
	expect(t, synAckFrame, Context{},
		said{"tcp.ack", "1,000,000,001", "Everything before 1,000,000,001 has arrived, the other side's SYN at least; the next number wanted is 1,000,000,001."})
}

func TestTheWindowIsScaledAsTheSYNSaid(t *testing.T) {
	expect(t, dataFrame, fromClient,
		said{"tcp.window_size_value", "502 x 128 = 64,256", "The client has room for 64,256 bytes from number 1 on: so far the server may send before it must wait. Its SYN said to multiply by 128."})
	one := fromClient
	one.Scale = 0
	expect(t, dataFrame, one,
		said{"tcp.window_size_value", "502", "The client has room for 502 bytes from number 1 on: so far the server may send before it must wait."})
	expect(t, dataFrame, Context{},
		said{"tcp.window_size_value", "502, scale unknown", "10.0.0.1 has room for 502 units. How many bytes a unit is was said in its SYN, which is not known here; without scaling it is 1."})
	expect(t, synFrame, fromClient,
		said{"tcp.window_size_value", "64,240", "The client has room for 64,240 bytes to begin with. In a SYN the window is never scaled (RFC 7323 section 2.2)."})
	expect(t, seal(patch(dataFrame, 48, 0, 0)), fromClient,
		said{"tcp.window_size_value", "0", "No room: the server must stop sending, and ask again from time to time with a window probe."})
	over := fromClient
	over.Scale = 15
	expect(t, dataFrame, over, said{"tcp.window_size_value", "502 x 16,384 = 8,224,768", ""})
}

func TestControlBitsSayWhatTheSegmentIs(t *testing.T) {
	empty := seal(dataFrame[:66])
	expect(t, synFrame, Context{}, said{"tcp.flags", "SYN", "\"May I talk to you?\" The first step of opening a connection."},
		said{"tcp.flags.ack", "not set", "Not set: there is nothing to acknowledge yet. Every later segment has it set."})
	expect(t, synAckFrame, Context{}, said{"tcp.flags", "SYN, ACK", "\"Yes, I heard you; may I talk to you too?\" The second step of opening a connection."})
	expect(t, dataFrame, Context{}, said{"tcp.flags", "PSH, ACK", "\"Here is data, and this is how far I have received yours.\""},
		said{"tcp.flags.push", "set", "To the receiver: hand the data to the program now, do not wait for more."})
	expect(t, withFlags(empty, ACK), Context{}, said{"tcp.flags", "ACK", "\"This is how far I have received your data.\" It carries none itself."})
	expect(t, withFlags(empty, 0), Context{}, said{"tcp.flags", "none", "Without ACK, SYN or RST a receiver throws the segment away."})
	expect(t, withFlags(empty, SYN|FIN), Context{}, said{"tcp.flags", "SYN, FIN", "A segment cannot open a connection and end it: no honest sender sets these together."})
	expect(t, withFlags(synFrame, SYN|ECE|CWR), Context{}, said{"tcp.flags.ece", "set", "Together with CWR in a SYN: \"I can do ECN; can you?\""})
	expect(t, withFlags(synAckFrame, SYN|ACK|ECE), Context{}, said{"tcp.flags.ece", "set", "In an answer to SYN: \"Yes, let us use ECN.\""})
}

func TestTheUrgentPointerCountsOnlyWithURG(t *testing.T) {
	expect(t, dataFrame, Context{}, said{"tcp.urgent_pointer", "0, not used", "URG is not set, so this means nothing."})
	expect(t, withFlags(patch(dataFrame, 52, 0, 3), URG|ACK), Context{},
		said{"tcp.urgent_pointer", "3", "Urgent data ends 3 after the sequence number. New programs should not use this (RFC 6093)."})
}

func TestOptionsOfASYN(t *testing.T) {
	expect(t, synFrame, fromClient,
		said{"tcp.hdr_len", "10 x 4 = 40 bytes", "The data begins after 40 bytes: 20 that every header has, and 20 of options."},
		said{"tcp.options.mss", "1,460 bytes", "\"Send me at most 1,460 bytes of data in one segment.\" IP and TCP options, where a segment has any, take their room from that."},
		said{"tcp.options.mss_val", "1,460 bytes", ""},
		said{"tcp.options.sack_perm", "permitted", "\"You may tell me also what arrived behind a gap, not only where the gap begins.\""},
		said{"tcp.options.wscale", "shift 7: x 128", "\"If you send this option too: from my next segment on, multiply my windows by 128.\""},
		said{"tcp.options.timestamp", "sent at 1,000", ""},
		said{"tcp.options.timestamp.tsecr", "0, not used", "ACK is not set, so this means nothing."},
		said{"tcp.option_kind", "2", "Kind 2: maximum segment size."})
	expect(t, synAckFrame, fromServer,
		said{"tcp.options.wscale.shift", "7", "\"From my next segment on, multiply my windows by 128.\""},
		said{"tcp.options.timestamp", "sent at 2,000, heard 1,000", ""},
		said{"tcp.options.timestamp.tsecr", "1,000", "\"Your clock showed 1,000 in a segment that I had from you.\" If this acknowledges new data, the clock now less that number is a round trip (RFC 7323 section 4)."})
}

func TestOptionsThatBelongInASYNMeanNothingElsewhere(t *testing.T) {
	ack := withFlags(synFrame, ACK)
	for _, key := range []string{"tcp.options.mss", "tcp.options.wscale", "tcp.options.sack_perm"} {
		if s := says(ack, Context{}, key); !strings.HasPrefix(s, "Outside a SYN") {
			t.Errorf("%s: %q", key, s)
		}
	}
}

func TestEveryOptionIsNamed(t *testing.T) {
	for _, c := range corpus() {
		switch c.name {
		case "every TCP option":
			expect(t, c.frame, Context{},
				said{"tcp.options.wscale", "shift 15: x 16,384", "A shift of 15 is more than the 14 that are allowed; the other side uses 14."},
				said{"tcp.options.user_to", "5 minutes", "\"I give up if nothing is acknowledged for 5 minutes; you may want to wait as long.\""},
				said{"tcp.options.user_to_val", "5 minutes", ""},
				said{"tcp.options.tfo", "cookie of 4 bytes", "\"You gave me this cookie of 4 bytes: hand the data of this SYN on at once.\""},
				said{"tcp.options.mptcp", "MP_CAPABLE", "Multipath TCP, where one connection uses several paths: MP_CAPABLE."},
				said{"tcp.options.unknown", "4 bytes", "Option 253 is not opened here. A receiver that does not know it skips its 4 bytes."})
		case "fast open request":
			expect(t, c.frame, Context{},
				said{"tcp.options.tfo", "cookie request", "\"Please give me a cookie, so that my next SYN to you can carry data.\""},
				said{"tcp.options.padding", "00", ""})
		case "MD5 signature":
			expect(t, c.frame, Context{}, said{"tcp.options.md5", "18 bytes", ""})
		}
	}
}

func TestMalformedOptionsAreSaid(t *testing.T) {
	want := map[string]string{
		"option past the header": "option 2 says that it is 40 bytes long, but only 2 are left",
		"option of no length":    "option 2 says that it is 0 bytes long, but kind and length alone are 2",
		"MSS of five bytes":      "option 2 cannot be 5 bytes long",
	}
	for _, c := range corpus() {
		w, ok := want[c.name]
		if !ok {
			continue
		}
		if got := Decode(c.frame, LinkEthernet, Context{})[2].Damage; got != w {
			t.Errorf("%s: damage %q, want %q", c.name, got, w)
		}
		expect(t, c.frame, Context{}, said{"tcp.options.malformed", "", "Malformed: " + w + ". What follows cannot be read either."})
	}
}

func TestSACKNamesTheBlocksBehindTheGap(t *testing.T) {
	expect(t, sackFrame, fromServer,
		said{"tcp.options.sack", "1,426 to 2,845, 4,266 to 5,685", "Bytes 1,426 to 2,845 and 4,266 to 5,685 have arrived too, behind a gap that begins at 6: no need to send them again."},
		said{"tcp.options.sack_le", "1,426, absolute 1,000,001,426", "The block begins with number 1,426."},
		said{"tcp.options.sack_re", "2,846, absolute 1,000,002,846", "The block ends before number 2,846: its last is 2,845."})
}

func TestAFirstBlockBeforeTheAckTellsOfARepeat(t *testing.T) {
	before := seal(patch(sackFrame, 58, 0x3b, 0x9a, 0xca, 0x01, 0x3b, 0x9a, 0xca, 0x06))
	expect(t, before, fromServer,
		said{"tcp.options.sack", "1 to 5, 4,266 to 5,685", "Bytes 1 to 5 arrived once more; they were here already. Bytes 4,266 to 5,685 have arrived too, behind a gap that begins at 6: no need to send them again."})
	inside := seal(patch(sackFrame, 58, 0x3b, 0x9a, 0xda, 0xaa, 0x3b, 0x9a, 0xda, 0xab)) // one byte of the second block
	if s := says(inside, fromServer, "tcp.options.sack"); !strings.HasPrefix(s, "Byte 4,266 arrived once more; it was here already. ") {
		t.Error(s)
	}
}
