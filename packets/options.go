package packets

import "fmt"

// Options of IPv4 and of TCP have one shape (RFC 791 section 3.1, RFC 9293
// section 3.2): a kind byte, a length byte that counts the whole option, and
// the rest. Two kinds are a single byte: 0 ends the list, 1 is filler.
const (
	optionEnd = 0
	optionNop = 1
)

// optionList is how a protocol lays out its options. All begin with a kind,
// and nearly all have a length behind it.
type optionList struct {
	of   optionOf
	lone uint8 // kinds below this one are a single byte, without a length
	ends bool  // kind 0 ends the list
	unit int   // the length counts in units of so many bytes
	plus int   // and leaves out so many bytes
}

// optionOf tells what an option kind is: its entry in the table, and whether
// it may be n bytes long.
type optionOf func(kind uint8) (f *field, legal func(n int) bool)

// size is the length in bytes that an option gives of itself.
func (l optionList) size(option []byte) int { return int(option[1])*l.unit + l.plus }

// option is one option as it lies in the list of options.
type option struct {
	off, len int
	kind     uint8
	trouble  string // why it cannot be read; the list ends there
}

// in walks a list of options. What follows an end, or an option that
// cannot be read, is not walked.
func (l optionList) in(list []byte) []option {
	var out []option
	for off := 0; off < len(list); {
		o := option{off: off, len: 1, kind: list[off]}
		if o.kind >= l.lone {
			o.trouble = l.trouble(list[off:])
			o.len = len(list) - off
			if o.trouble == "" {
				o.len = l.size(list[off:])
			}
		}
		out = append(out, o)
		off += o.len
		if l.ends && o.kind == optionEnd || o.trouble != "" {
			break
		}
	}
	return out
}

// trouble says why the option that rest begins with cannot be read, or "".
func (l optionList) trouble(rest []byte) string {
	kind := rest[0]
	if len(rest) < 2 {
		return fmt.Sprintf("option %d has no room for its length", kind)
	}
	n := l.size(rest)
	_, legal := l.of(kind)
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

// harm notes in p what is wrong with the options of a header of n
// bytes, which stand behind its fixed bytes. Where the header is not whole, it
// says nothing of the option that the cut goes through.
func (l optionList) harm(p *part, fixed, n int) {
	if p.size < n {
		return
	}
	for _, o := range l.in(p.here()[fixed:p.size]) {
		if o.trouble != "" {
			p.harm("%s", o.trouble)
		}
	}
}

// find finds the options in an options field: each one's entry in the table,
// bad for one that cannot be read, pad for what follows the end.
func (l optionList) find(bad, pad *field) func(reading) []spot {
	return func(r reading) []spot {
		var spots []spot
		list := r.bytes()
		end := 0
		for _, o := range l.in(list) {
			f, _ := l.of(o.kind)
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

// malformed is the entry for an option that cannot be read.
func (l optionList) malformed(key, rfc string) *field {
	return &field{
		key: key, name: "malformed option", rfc: rfc,
		about: "An option whose length cannot be right; nothing behind it can be read either.",
		value: hexBytes,
		say: func(r reading) string {
			return "Malformed: " + l.trouble(r.bytes()) + ". What follows cannot be read either."
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
