package packets

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// The options that travel with data and acknowledgments.
var (
	tcpTimestamps = withValue(tcpOption("tcp.options.timestamp", "timestamps", "RFC 7323 section 3",
		"When the segment was sent, and the last such time heard from the other side.",
		func(r reading) string {
			if tcpFlags(r.part).Has(ACK) {
				return "\"This is when I sent it, and this is the time that I last noted from you.\" So both sides can measure round trips."
			}
			return "\"This is when I sent it: send the number back.\" So a round trip can be measured."
		},
		&field{
			key: "tcp.options.timestamp.tsval", name: "TS value (TSval)", bit: 16, bits: 32,
			about: "The sender's timestamp clock; only differences mean something.", rfc: "RFC 7323 section 3.2",
			say: func(r reading) string {
				return "The sender's clock showed " + group(r.raw) + " when this left. Where it started and how fast it ticks is its own affair; the other side only sends it back."
			},
		},
		&field{
			key: "tcp.options.timestamp.tsecr", name: "TS echo reply (TSecr)", bit: 48, bits: 32,
			about: "The TSval last heard from the other side.", rfc: "RFC 7323 section 3.2",
			value: func(r reading) string {
				if !tcpFlags(r.part).Has(ACK) {
					return group(r.raw) + ", not used"
				}
				return group(r.raw)
			},
			say: func(r reading) string {
				if !tcpFlags(r.part).Has(ACK) {
					return "ACK is not set, so this means nothing."
				}
				return fmt.Sprintf("\"Your clock showed %s in a segment that I had from you.\" If this acknowledges new data, the clock now less that number is a round trip (RFC 7323 section 4).", group(r.raw))
			},
		}), timestampsValue)

	tcpSACK = sackOption()

	tcpSACKLeft = &field{
		key: "tcp.options.sack_le", name: "left edge of block", bit: 16, bits: 32,
		about: "The first number of the block.", rfc: "RFC 2018 section 3",
		value: func(r reading) string { return ackNumbers(r.ctx).value(uint32(r.raw)) },
		say: func(r reading) string {
			return "The block begins with number " + ackNumbers(r.ctx).people(uint32(r.raw)) + "."
		},
	}
	tcpSACKRight = &field{
		key: "tcp.options.sack_re", name: "right edge of block", bit: 48, bits: 32,
		about: "The number behind the block's last.", rfc: "RFC 2018 section 3",
		value: func(r reading) string { return ackNumbers(r.ctx).value(uint32(r.raw)) },
		say: func(r reading) string {
			c := ackNumbers(r.ctx)
			return fmt.Sprintf("The block ends before number %s: its last is %s.", c.people(uint32(r.raw)), c.people(uint32(r.raw)-1))
		},
	}
)

func timestampsValue(r reading) string {
	b := r.bytes()
	val, ecr := group(binary.BigEndian.Uint32(b[2:])), group(binary.BigEndian.Uint32(b[6:]))
	if !tcpFlags(r.part).Has(ACK) {
		return "sent at " + val
	}
	return "sent at " + val + ", heard " + ecr
}

// sackOption has as many pairs of edges as its length gives it.
func sackOption() *field {
	f := withValue(tcpOption("tcp.options.sack", "SACK", "RFC 2018 section 3",
		"Blocks that arrived behind a gap.", saySACK, tcpSACKLeft, tcpSACKRight), sackValue)
	f.find = func(r reading) []spot {
		spots := []spot{{tcpKind, 0, 8}, {tcpLen, 8, 8}}
		for at := 16; at+64 <= r.bits; at += 64 {
			spots = append(spots, spot{tcpSACKLeft, at, 32}, spot{tcpSACKRight, at + 32, 32})
		}
		return spots
	}
	return f
}

// sackBlock is one block: the numbers from left to right, right not included.
type sackBlock struct{ left, right uint32 }

func sackBlocks(r reading) []sackBlock {
	var blocks []sackBlock
	for b := r.bytes()[2:]; len(b) >= 8; b = b[8:] {
		blocks = append(blocks, sackBlock{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])})
	}
	return blocks
}

// repeats says whether the first block tells of bytes that arrived twice: it
// lies before the acknowledgment number, or inside the second block (RFC 2883
// section 4).
func repeats(blocks []sackBlock, ack uint32) bool {
	first := blocks[0]
	if !less(ack, first.right) {
		return true
	}
	return len(blocks) > 1 && !less(first.left, blocks[1].left) && !less(blocks[1].right, first.right)
}

func (b sackBlock) single() bool { return b.right-b.left == 1 }

func (b sackBlock) people(c numbers) string {
	if b.single() {
		return c.people(b.left)
	}
	return c.people(b.left) + " to " + c.people(b.right-1)
}

func sackValue(r reading) string {
	var s []string
	for _, b := range sackBlocks(r) {
		s = append(s, b.people(ackNumbers(r.ctx)))
	}
	return strings.Join(s, ", ")
}

func saySACK(r reading) string {
	c, ack, blocks := ackNumbers(r.ctx), r.u32(8), sackBlocks(r)
	var s []string
	if repeats(blocks, ack) {
		if b := blocks[0]; b.single() {
			s = append(s, "Byte "+b.people(c)+" arrived once more; it was here already.")
		} else {
			s = append(s, "Bytes "+b.people(c)+" arrived once more; they were here already.")
		}
		blocks = blocks[1:]
	}
	var list []string
	for _, b := range blocks {
		list = append(list, b.people(c))
	}
	behind := ", behind a gap that begins at " + c.people(ack) + ": no need to send "
	switch {
	case len(blocks) == 1 && blocks[0].single():
		s = append(s, "Byte "+list[0]+" has arrived too"+behind+"it again.")
	case len(blocks) > 0:
		s = append(s, "Bytes "+strings.Join(list, " and ")+" have arrived too"+behind+"them again.")
	}
	return strings.Join(s, " ")
}
