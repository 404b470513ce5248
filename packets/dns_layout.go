package packets

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// dnsHeaderLen is the length in bytes of a DNS header.
const dnsHeaderLen = 12

// The four sections behind the header, in their order (RFC 1035 section 4.1).
const (
	dnsQuestions = iota
	dnsAnswers
	dnsAuthorities
	dnsAdditionals
)

// dnsLayout is where everything stands in a DNS message. Places are in bytes
// from its start.
type dnsLayout struct {
	msg     []byte // the message
	base    int    // where it begins in its layer: behind the two bytes of its length over TCP
	items   []dnsItem
	ends    [4]int // where each section ends, as far as it can be read
	end     int
	trouble string // why it cannot be read further; "" if it can to its end
}

// dnsItem is a question or a resource record.
type dnsItem struct {
	section            int
	off, nameEnd, data int // where it begins, its name ends, its data begins
	end                int
}

// layDNSMessage finds out where everything stands.
func layDNSMessage(msg []byte) (l dnsLayout) {
	if len(msg) < dnsHeaderLen {
		l.trouble = fmt.Sprintf("only %d of its %d header bytes are here", len(msg), dnsHeaderLen)
		return l
	}
	l.end = dnsHeaderLen
	l.ends = [4]int{dnsHeaderLen, dnsHeaderLen, dnsHeaderLen, dnsHeaderLen}
	for section := range l.ends {
		for n := range int(binary.BigEndian.Uint16(msg[4+2*section:])) {
			it, err := layDNSItem(msg, l.end, section)
			if err != nil {
				l.trouble = fmt.Sprintf("%s %d: %v", [4]string{"question", "answer", "authority record", "additional record"}[section], n+1, err)
				return l
			}
			l.items = append(l.items, it)
			l.end = it.end
			for i := section; i < len(l.ends); i++ {
				l.ends[i] = it.end
			}
		}
	}
	return l
}

func layDNSItem(msg []byte, off, section int) (it dnsItem, err error) {
	it = dnsItem{section: section, off: off}
	if it.nameEnd, err = readName(msg, off, nil); err != nil {
		return it, err
	}
	fixed := 10 // type, class, TTL, length
	if section == dnsQuestions {
		fixed = 4 // type, class
	}
	if it.data = it.nameEnd + fixed; it.data > len(msg) {
		return it, fmt.Errorf("it is not all here")
	}
	it.end = it.data
	if section != dnsQuestions {
		it.end += int(binary.BigEndian.Uint16(msg[it.data-2:]))
	}
	if it.end > len(msg) {
		return it, fmt.Errorf("its data is said to have %s, and %d are left", bytesOf(it.end-it.data), len(msg)-it.data)
	}
	return it, nil
}

// holding finds the item in which the byte at off lies.
func (l *dnsLayout) holding(off int) dnsItem {
	i, exact := slices.BinarySearchFunc(l.items, off, func(it dnsItem, off int) int { return it.off - off })
	if !exact {
		i--
	}
	return l.items[i]
}

// in are the items of a section.
func (l *dnsLayout) in(section int) []dnsItem {
	from, _ := slices.BinarySearchFunc(l.items, section, func(it dnsItem, s int) int { return it.section - s })
	to, _ := slices.BinarySearchFunc(l.items, section+1, func(it dnsItem, s int) int { return it.section - s })
	return l.items[from:to]
}

func (it dnsItem) kind(msg []byte) DNSType { return DNSType(binary.BigEndian.Uint16(msg[it.nameEnd:])) }
func (it dnsItem) class(msg []byte) uint16 { return binary.BigEndian.Uint16(msg[it.nameEnd+2:]) }
func (it dnsItem) ttl(msg []byte) uint32   { return binary.BigEndian.Uint32(msg[it.nameEnd+4:]) }
