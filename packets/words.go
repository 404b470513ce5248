package packets

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Number writes a number for people: 64256 as "64,256".
func Number(n int) string { return group(n) }

// group writes a number for people: 64256 as "64,256".
func group[N ~int | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	if n > 0 { // a uint64 may be larger than an int64
		s = strconv.FormatUint(uint64(n), 10)
	}
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bytesOf counts bytes for people: "1 byte", "1,420 bytes".
func bytesOf[N ~int | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64](n N) string {
	if n == 1 {
		return "1 byte"
	}
	return group(n) + " bytes"
}

// Bytes counts bytes for people: "1 byte", "1,420 bytes".
func Bytes[N ~int | ~int64 | ~uint64](n N) string { return bytesOf(n) }

// mac writes a link address as IEEE 802 does, with colons.
func mac(b []byte) string {
	s := make([]string, len(b))
	for i, c := range b {
		s[i] = fmt.Sprintf("%02x", c)
	}
	return strings.Join(s, ":")
}

// hexOf writes bytes in hex, the first max of them.
func hexOf(b []byte, max int) string {
	if len(b) > max {
		return fmt.Sprintf("% x…", b[:max])
	}
	return fmt.Sprintf("% x", b)
}

// end names one end of a packet: a name, or else the address, or else what
// anybody can say. A role takes the article ("the client"), a name does not.
func end(name string, addr netip.Addr, otherwise string) string {
	switch {
	case name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") == "":
		return "the " + name
	case name != "":
		return name
	case addr.IsValid():
		return addr.String()
	}
	return otherwise
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// bit01 says one of two sentences, as the bit is set or not.
func bit01(set, unset string) func(reading) string {
	return func(r reading) string {
		if r.raw != 0 {
			return set
		}
		return unset
	}
}

// setOrNot is the value of a single bit.
func setOrNot(r reading) string { return bit01("set", "not set")(r) }

// always is the sentence of a field that has only one.
func always(s string) func(reading) string { return func(reading) string { return s } }

// number is a value that is a name or a mark, not an amount: no separators.
func number(r reading) string { return strconv.FormatUint(r.raw, 10) }

// hexBytes is the value of bytes without further meaning here.
func hexBytes(r reading) string { return hexOf(r.bytes(), 16) }
