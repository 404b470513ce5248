package packets

import "fmt"

// Options of IPv4 and of TCP have one shape (RFC 791 section 3.1, RFC 9293
// section 3.2): a kind byte, a length byte that counts the whole option, and
// the rest. Two kinds are a single byte: 0 ends the list, 1 is filler.
const (
	optionEnd = 0
	optionNop = 1
)

// optionOf tells what an option kind is: its entry in the table, and whether
// it may be n bytes long.
type optionOf func(kind uint8) (f *field, legal func(n int) bool)

// option is one option as it lies in the list of options.
type option struct {
	off, len int
	kind     uint8
	trouble  string // why it cannot be read; the list ends there
}

// optionsIn walks a list of options. What follows an end, or an option that
// cannot be read, is not walked.
func optionsIn(list []byte, of optionOf) []option {
	var out []option
	for off := 0; off < len(list); {
		o := option{off: off, len: 1, kind: list[off]}
		if o.kind != optionEnd && o.kind != optionNop {
			o.trouble = optionTrouble(list[off:], of)
			o.len = len(list) - off
			if o.trouble == "" {
				o.len = int(list[off+1])
			}
		}
		out = append(out, o)
		off += o.len
		if o.kind == optionEnd || o.trouble != "" {
			break
		}
	}
	return out
}

// optionTrouble says why the option that rest begins with cannot be read, or "".
func optionTrouble(rest []byte, of optionOf) string {
	kind := rest[0]
	if len(rest) < 2 {
		return fmt.Sprintf("option %d has no room for its length", kind)
	}
	n := int(rest[1])
	_, legal := of(kind)
	switch {
	case n < 2:
		return fmt.Sprintf("option %d says that it is %s long, but kind and length alone are 2", kind, bytesOf(n))
	case n > len(rest):
		return fmt.Sprintf("option %d says that it is %s long, but only %d are left", kind, bytesOf(n), len(rest))
	case !legal(n):
		return fmt.Sprintf("option %d cannot be %s long", kind, bytesOf(n))
	}
	return ""
}

// harmOptions notes in p what is wrong with the options of a header of n
// bytes, which stand behind its fixed bytes. Where the header is not whole, it
// says nothing of the option that the cut goes through.
func harmOptions(p *part, fixed, n int, of optionOf) {
	if p.size < n {
		return
	}
	for _, o := range optionsIn(p.here()[fixed:p.size], of) {
		if o.trouble != "" {
			p.harm("%s", o.trouble)
		}
	}
}

// findOptions finds the options in an options field: each one's entry in the
// table, bad for one that cannot be read, pad for what follows the end.
func findOptions(of optionOf, bad, pad *field) func(reading) []spot {
	return func(r reading) []spot {
		var spots []spot
		list := r.bytes()
		end := 0
		for _, o := range optionsIn(list, of) {
			f, _ := of(o.kind)
			if o.trouble != "" {
				f = bad
			}
			spots = append(spots, spot{f, o.off * 8, o.len * 8})
			end = o.off + o.len
		}
		if end < len(list) {
			spots = append(spots, spot{pad, end * 8, (len(list) - end) * 8})
		}
		return spots
	}
}

// optionsPlace is where options lie: behind the fixed bytes, to the header's end.
func optionsPlace(fixed int) func(*part) (bit, bits int) {
	return func(p *part) (int, int) { return fixed * 8, max(0, p.size-fixed) * 8 }
}

// badOption is the entry for an option that cannot be read.
func badOption(key, rfc string, of optionOf) *field {
	return &field{
		key: key, name: "malformed option", rfc: rfc,
		about: "An option whose length cannot be right; nothing behind it can be read either.",
		value: hexBytes,
		say: func(r reading) string {
			return "Malformed: " + optionTrouble(r.bytes(), of) + ". What follows cannot be read either."
		},
	}
}

// optionPad is the entry for what follows the end of the list.
func optionPad(key, rfc string) *field {
	return &field{
		key: key, name: "padding", rfc: rfc,
		about: "Fills the header up to a multiple of 4 bytes, behind the end of the list.",
		value: hexBytes,
		say:   always("Behind the end of the options; it only fills the header up to a multiple of 4 bytes."),
	}
}

// atLeast and exactly say how long an option may be.
func atLeast(min int) func(int) bool { return func(n int) bool { return n >= min } }
func exactly(len int) func(int) bool { return func(n int) bool { return n == len } }
